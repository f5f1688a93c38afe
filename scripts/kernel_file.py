"""The file of a guest's kernel: what is in it, unpacked, and where it wants to be."""
import dataclasses
import gzip
import os
import pathlib
import struct
import zlib

RAM_BASE = 0x40000000  # of every guest [docs/bundle.md, "Where things go"]
ELF_SPAN_MAX_BYTES = 1 << 30


class Mistake(Exception):
    """Something that the user can mend, in one sentence."""


@dataclasses.dataclass
class Kernel:
    data: bytes
    load: int | None = None  # None: nothing says where
    entry: int | None = None


def read_file(path):
    if not os.path.exists(path):
        raise Mistake(f"there is no file {path}")
    try:
        data = pathlib.Path(path).read_bytes()
    except OSError as error:
        raise Mistake(f"{path} cannot be read: {error.strerror}") from None
    if not data:
        raise Mistake(f"{path} is empty")
    return data


def unpack(data):
    """Takes off gzip; also in the EFI program that a kernel with CONFIG_EFI_ZBOOT is. [Linux zboot-header.S]"""
    if data[:2] == b"MZ" and data[4:8] == b"zimg" and len(data) >= 32:
        start, size = struct.unpack_from("<II", data, 8)
        method = data[24:32].rstrip(b"\0").decode("ascii", "replace")
        data = data[start : start + size]
        if method != "gzip":
            raise Mistake(f"is an EFI zboot image packed by {method}: only gzip is known here, so unpack it first")
    if data[:2] != b"\x1f\x8b":
        return data
    try:
        return gzip.decompress(data)
    except (OSError, EOFError, zlib.error) as error:
        raise Mistake(f"is packed by gzip and cannot be unpacked: {error}") from None


ELF_HEADER, ELF_SEGMENT = struct.Struct("<16xHHIQQQIHHHHHH"), struct.Struct("<IIQQQQQQ")
ET_EXEC, ET_DYN, PT_LOAD, EM_AARCH64 = 2, 3, 1, 183


def elf_segments(data):
    """The entry, and the PT_LOAD segments as (vaddr, paddr, bytes in the file, bytes in memory)."""
    if data[4:6] != b"\x02\x01":
        raise Mistake("is an ELF of 32 bits or big-endian; AArch64, little-endian, is possible")
    if len(data) < ELF_HEADER.size:
        raise Mistake("is an ELF cut off in its header")
    kind, machine, _, entry, table, _, _, _, entry_bytes, nr_entries, *_ = ELF_HEADER.unpack_from(data)
    if machine != EM_AARCH64:
        known = {3: "x86", 62: "x86-64", 243: "RISC-V"}.get(machine, f"machine {machine}")
        raise Mistake(f"is an ELF for {known}, not for AArch64")
    if kind not in (ET_EXEC, ET_DYN):
        raise Mistake(f"is an ELF that is not linked yet (its type is {kind})")
    segments = []
    for at in range(table, table + nr_entries * entry_bytes, max(entry_bytes, 1)):
        if at + ELF_SEGMENT.size > len(data):
            raise Mistake("is an ELF cut off in its program headers")
        kind, _, offset, vaddr, paddr, file_bytes, memory_bytes, _ = ELF_SEGMENT.unpack_from(data, at)
        if kind != PT_LOAD or memory_bytes == 0:
            continue
        if offset + file_bytes > len(data) or file_bytes > memory_bytes:
            raise Mistake("is an ELF with a segment that reaches past its end")
        segments.append((vaddr, paddr, data[offset : offset + file_bytes], memory_bytes))
    if not segments:
        raise Mistake("is an ELF with nothing to load")
    return entry, segments


def elf_to_raw(data):
    """The segments by physical address. Gaps and BSS become zeros, so that nothing else is put where they are."""
    entry, segments = elf_segments(data)
    load = min(paddr for _, paddr, _, _ in segments)
    span = max(paddr + memory_bytes for _, paddr, _, memory_bytes in segments) - load
    if span > ELF_SPAN_MAX_BYTES:
        raise Mistake(f"is an ELF whose segments span {span >> 20} MiB, {ELF_SPAN_MAX_BYTES >> 20} are possible")
    raw = bytearray(span)
    physical_entry = None
    for vaddr, paddr, contents, memory_bytes in segments:
        raw[paddr - load : paddr - load + len(contents)] = contents
        if vaddr <= entry < vaddr + memory_bytes:
            physical_entry = entry - vaddr + paddr
    if physical_entry is None:
        raise Mistake(f"is an ELF whose entry {entry:#x} lies in none of its segments")
    return Kernel(bytes(raw), load, physical_entry)


def header_load(data):
    """Where Corbel puts a kernel with an arm64 Image header; None when it has none. [Linux booting.rst]"""
    if len(data) < 64 or data[56:60] != b"ARM\x64":
        return None
    text_offset, image_size = struct.unpack_from("<QQ", data, 8)
    return RAM_BASE + (text_offset if image_size else 0x80000)
