#!/usr/bin/python3
"""Makes tests/vectors/traps.txt and taken.txt anew: `make vectors`. tests/qemu/test_vectors.py asks whether they still hold.

The cases (cases.py) are assembled, put into a table beside capture.c and start.S, and run at EL2 of QEMU's virt, which
prints what each trap leaves in the registers of EL2. objdump says what the instructions are, and expect.py what that
means. Nothing of this reads Corbel's sources.
"""

import os
import pathlib
import re
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import cases as cases_module  # noqa: E402
import expect  # noqa: E402

ROOT = HERE.parents[1]
WORK = ROOT / "build" / "vectors"
TRAPS, TAKEN = HERE / "traps.txt", HERE / "taken.txt"
CPUS = ("cortex-a57", "cortex-a72", "max")
CROSS = os.environ.get("CROSS") or "aarch64-linux-gnu-"
QEMU = os.environ.get("QEMU_RPI4") or os.environ.get("QEMU") or "qemu-system-aarch64"
ARCH = ".arch armv8.8-a+sve+sme+crypto"
SLOT = 8  # bytes between instructions in what is disassembled

HEAD = """# What CPUs of QEMU {version} put into EL2's registers when an instruction traps: made by `make vectors`, read by
# tests/unit/test_vectors.c. One line a trap, columns apart by ';':
#
#   CPUs that agree (57, 72: Cortex-A57, A72) ; where it ran ; its bytes as a little-endian number ; objdump's text
#   ESR_EL2 ; FAR_EL2 ; HPFAR_EL2 ; ELR_EL2 ; SPSR_EL2 ; PAR_EL1 of the guest's stage 1 after a permission fault
#   x0 before it ; what it must come to, by the text (expect.py) ; what it did to registers and memory when memory was there
#
# Before each: xN is x0 + N * 0x110 up to x27, then 16, -16, 3; SP is x0 + 0x4000. Of AArch32: the low halves.
# Byte n of V0-V31 is n.
# Memory: byte n from x0's page on is n * 37 + 0x85. Addresses are hexadecimal, values too.
"""

TAKEN_HEAD = """# What EL1 finds when it takes an exception itself, on CPUs of QEMU {version}: made by `make vectors`, read by
# tests/unit/test_vectors_taken.c. As traps.txt up to the text; then
#
#   offset of the vector ; ESR_EL1 ; FAR_EL1 ; ELR_EL1 ; SPSR_EL1 ; PSTATE at the vector, as an SPSR has it
#   SCTLR_EL1 ; ID_AA64MMFR1_EL1 ; ID_AA64PFR1_EL1 ; what it is, by the text (expect.py:taken())
"""


def run(*command, **kwargs):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **kwargs)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))}: status {done.returncode}\n{done.stderr}")
    return done.stdout


# --- from text to words and back -------------------------------------------------------------------------------------


def assemble(chosen, name):
    """The instructions of one instruction set, each in a slot of its own; what it is made of follows by disassembly."""
    source, objects, binary = WORK / f"{name}.s", WORK / f"{name}.o", WORK / f"{name}.bin"
    lines = [f".balign {SLOT}\n" + (case.text or "nop") for case in chosen]
    source.write_text((ARCH if name == "a64" else "") + "\n" + "\n".join(lines) + f"\n.balign {SLOT}\n")
    if name == "a64":
        run(CROSS + "as", source, "-o", objects)
        machine = ["-m", "aarch64"]
    else:
        # ISV, WFI and the rest: what an ARMv8 CPU has
        triple = "armv8-none-eabi" if name == "a32" else "thumbv8-none-eabi"
        run("llvm-mc", f"--triple={triple}", "--mattr=+neon,+vfp4,+fp-armv8", "-filetype=obj", source, "-o", objects)
        machine = ["-m", "arm"] + (["-M", "force-thumb"] if name == "t32" else [])
    run(CROSS + "objcopy", "-O", "binary", "-j", ".text", objects, binary)
    return run(CROSS + "objdump", "-D", "-z", "-b", "binary", *machine, binary)


def disassemble(cases):
    """Adds word, nr_bytes and disassembly to each case."""
    for name in ("a64", "a32", "t32"):
        chosen = [case for case in cases if (case.mode if case.aarch32 else "a64") == name]
        listing = {}
        for line in assemble(chosen, name).splitlines():
            match = re.match(r"\s*([0-9a-f]+):\t([0-9a-f ]+?)\s*\t(.*)", line)
            if match:
                listing[int(match[1], 16)] = (match[2].split(), match[3])
        for n, case in enumerate(chosen):
            parts, text = listing[SLOT * n]
            case.nr_bytes = sum(len(part) for part in parts) // 2
            case.word = sum(int(part, 16) << (16 * i) for i, part in enumerate(parts))
            text = re.sub(r"\s+", " ", re.split(r"\s*(?://|;|@)", text)[0]).strip()
            case.disassembly = "-" if "fetch" in case.flags else text


# --- the program ------------------------------------------------------------------------------------------------------


def build(cases):
    rows = []
    for case in cases:
        flags = sum(1 << cases_module.FLAGS.index(flag) for flag in case.all_flags())
        spsr = cases_module.MODES[case.mode] ^ case.spsr
        rows.append(f"\t.quad {case.pc:#x}, {case.x0():#x}\n\t.word {case.word:#x}, {case.nr_bytes}, {spsr:#x}, {flags:#x}")
    table = WORK / "table.S"
    table.write_text("\t.section .rodata\n\t.balign 8\n\t.globl cases\ncases:\n" + "\n".join(rows) + f"\n\t.globl nr_cases\nnr_cases:\n\t.word {len(rows)}\n")
    flags = "-std=c11 -O2 -ffreestanding -fno-pic -mgeneral-regs-only -mstrict-align -mno-outline-atomics -fno-stack-protector -Wall -Wextra -Werror"
    link = "-nostdlib -static -no-pie -Wl,--build-id=none,-z,noexecstack,-z,max-page-size=4096,-Ttext=0x40200000"
    elf = WORK / "capture.elf"
    run(CROSS + "gcc", *flags.split(), "-march=armv8-a", f"-I{ROOT}", *link.split(), "-D__ASSEMBLY__=1", "-x", "assembler-with-cpp", HERE / "start.S", table, "-x", "none", compile_c(flags), "-o", elf)
    return elf


def compile_c(flags):
    out = WORK / "capture.o"
    run(CROSS + "gcc", *flags.split(), "-march=armv8-a", f"-I{ROOT}", "-c", HERE / "capture.c", "-o", out)
    return out


def capture(elf, cpu):
    machine = ["-M", "virt,virtualization=on,gic-version=3", "-cpu", cpu, "-smp", "1", "-m", "128M", "-display", "none", "-monitor", "none", "-nic", "none"]
    text = run(QEMU, *machine, "-serial", "stdio", "-kernel", elf, timeout=120)
    (WORK / f"{cpu}.raw").write_text(text)
    if not text.endswith("END\n") or "BAD" in text or "CHANGED" in text:
        raise RuntimeError(f"capture on {cpu} went wrong; the end of {WORK / cpu}.raw:\n" + "\n".join(text.splitlines()[-5:]))
    return text


# --- rows ---------------------------------------------------------------------------------------------------------------


def row_start(case):
    where = "+".join((case.mode, *(flag for flag in case.flags if flag not in ("on_ram", "fetch"))))
    return [where, f"{case.word:08x}" if case.disassembly != "-" else "-", case.disassembly]


def rows_of(cases, text):
    """The columns of each case that trapped, or that was to be taken at EL1, by its number."""
    rows = {}
    for line in text.splitlines():
        kind, number, *values = line.split() if line[:2] in ("T ", "A ", "E ") else ("", "0")
        number, case = int(number, 16), cases[int(number, 16)]
        if kind == "T":
            rows[number] = [*row_start(case), *values[1:], f"{case.x0():x}", expect.expectation(case), "-"]
        elif kind == "A":
            rows[number][-1] = " ".join(values)
        elif kind == "E" and case.el1:
            rows[number] = [*row_start(case), *values, expect.taken(case)]
        if kind == "T" and case.el1:
            raise RuntimeError(f"comes to EL2: {case}")
    return rows


def table(cases, per_cpu, el1):
    """Lines of one file, with the CPUs that agree on one together."""
    lines = []
    for number in (n for n, case in enumerate(cases) if case.el1 == el1):
        seen = {}
        for cpu, rows in per_cpu.items():
            if number in rows:
                seen.setdefault("; ".join(rows[number]), []).append(cpu.removeprefix("cortex-a"))
        for row, cpus in seen.items():
            lines.append(("all" if len(cpus) == len(per_cpu) else ",".join(cpus)) + "; " + row)
    return lines


def version():
    return re.search(r"version (\d+\.\d+)", run(QEMU, "--version"))[1]


def today():
    WORK.mkdir(parents=True, exist_ok=True)
    cases = cases_module.all_cases()
    disassemble(cases)
    elf = build(cases)
    per_cpu = {cpu: rows_of(cases, capture(elf, cpu)) for cpu in CPUS}
    return {TRAPS: table(cases, per_cpu, False), TAKEN: table(cases, per_cpu, True)}


def of_one_cpu(lines):
    """Each row once for each CPU, without what depends on the disassembler's version."""
    rows = set()
    for line in lines:
        columns = re.sub(r" name=\S+", "", line).rstrip("\n").split("; ")
        for cpu in CPUS if columns[0] == "all" else columns[0].split(","):
            rows.add("; ".join([cpu.removeprefix("cortex-a"), *columns[1:3], *columns[4:]]))
    return rows


def differences():
    """What the golden files and the CPUs of today do not share, as lines; None where another QEMU made the files."""
    found = []
    if f"QEMU {version()} " not in TRAPS.read_text().splitlines()[0]:
        return None
    for path, lines in today().items():
        old = of_one_cpu(line for line in path.read_text().splitlines() if not line.startswith("#"))
        new = of_one_cpu(lines)
        found += [f"- {row}" for row in sorted(old - new)] + [f"+ {row}" for row in sorted(new - old)]
    return found


def main():
    for path, lines in today().items():
        head = (HEAD if path == TRAPS else TAKEN_HEAD).format(version=version())
        path.write_text(head + "\n".join(lines) + "\n")
        print(f"{path.relative_to(ROOT)}: {len(lines)} rows")


if __name__ == "__main__":
    main()
