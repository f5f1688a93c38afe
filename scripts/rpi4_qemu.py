"""QEMU's raspi4b, started as the board's firmware starts a Pi 4: all four CPUs at EL3 from address 0, where a stub or TF-A
lies, with the kernel at 0x80000 and a filled-in device tree."""
import shutil
import struct
import subprocess

from kernel_file import Mistake, read_file

KERNEL_AT = 0x80000
DTB_AT = 0x2EFF0000
MAGIC_AT, DTB_POINTER_AT, KERNEL_POINTER_AT = 0xF0, 0xF8, 0xFC  # in any armstub
STUB_MAGIC = 0x5AFE570B

# Banked registers of the GIC, as on the board: without them what firmware does to the groups has other consequences.
MACHINE = ["-M", "raspi4b", "-global", "arm_gic.has-security-extensions=true", "-display", "none"]

# QEMU has no model of these, and an access ends in an external abort: U-Boot must not try. -kernel and -dtb see to it themselves.
ABSENT = ["/scb/pcie@7d500000", "/scb/ethernet@7d580000", "/soc/rng@7e104000", "/soc/avs-monitor@7d5d2000/thermal"]
# 2 GiB as the board's firmware tells them: below the VideoCore's part, and from 1 GiB on.
MEMORY = "0 0 3b400000 0 40000000 40000000".split()


def firmware_dtb(dtb, path):
    """What the board's firmware makes of the device tree, and what QEMU needs."""
    shutil.copyfile(dtb, path)
    try:
        for node in ABSENT:
            subprocess.run(["fdtput", "-t", "s", path, node, "status", "disabled"], check=True, capture_output=True)
        subprocess.run(["fdtput", "-t", "x", path, "/memory@0", "reg", *MEMORY], check=True, capture_output=True)
    except FileNotFoundError:
        raise Mistake("there is no fdtput here; it comes with the package device-tree-compiler") from None
    except subprocess.CalledProcessError as error:
        raise Mistake(f"{dtb}: {error.stderr.decode().strip()}") from None


def firmware_stub(stub, path, kernel_at=KERNEL_AT):
    """What the board's firmware writes into an armstub before it lets the CPUs go. [armstub8.S of the Pi's tools]"""
    data = bytearray(read_file(stub))
    if len(data) < KERNEL_POINTER_AT + 4 or struct.unpack_from("<I", data, MAGIC_AT)[0] != STUB_MAGIC:
        raise Mistake(f"{stub} is no armstub: it lacks the magic word {STUB_MAGIC:#x} at {MAGIC_AT:#x}")
    struct.pack_into("<I", data, MAGIC_AT, 0)
    struct.pack_into("<II", data, DTB_POINTER_AT, DTB_AT, kernel_at)
    path.write_bytes(data)


def loaders(stub, kernel, dtb):
    """QEMU's arguments for a prepared stub and tree."""
    args = []
    for file, at in ((stub, 0), (kernel, KERNEL_AT), (dtb, DTB_AT)):
        args += ["-device", f"loader,file={file},addr={at:#x},force-raw=on"]
    return args


def card_drive(path):
    """The card, which keeps nothing of what the guests write."""
    return ["-drive", f"if=sd,format=raw,file={path},snapshot=on"]
