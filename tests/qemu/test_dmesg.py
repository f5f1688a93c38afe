"""What Debian's kernel says in its log under Corbel, and what it says on the same machine without.

Time passes with instructions (-icount): a busy host would make the kernel warn of what the host did.
"""

import functools
import re

import harness
import pytest

RUN = "quiet corbel.run=ticks,hotplug,dmesg,poweroff"
WARNING = 4
TRAPS = harness.ROOT / "docs" / "traps.md"
# What the kernel found in the CPU, the firmware and the GIC.
FOUND = re.compile(r"CPU features: |GICv?\d?m?: |ITS|arch_timer: |SVE: |SME: |hw perfevents: |hw-breakpoint: |psci: |arm-pv: |smccc: |SMCCC: |setend |Registered setend")


def log_of(console):
    """[(level, text)]; numbers that mean nothing for a comparison are N."""
    text = re.search(r"dmesg: begin\n(.*?)^dmesg: end", console, re.S | re.M)[1]
    lines = re.findall(r"^<(\d+)>\[ *\d+\.\d+\] (.*)$", text, re.M)
    assert len(lines) > 100, "hardly a log"
    return [(int(level) & 7, re.sub(r"(@|0x|mem )[0-9a-f]+(-0x[0-9a-f]+)?|\bCPU\d+\b", r"\1N", line)) for level, line in lines]


def warnings(log):
    return {re.sub(r"\d+", "N", line) for level, line in log if level <= WARNING}


def found(log):
    return {line for _, line in log if FOUND.match(line)}


@functools.lru_cache(maxsize=None)
def native(gic, cpu):
    """The log without Corbel: Debian at EL1 of QEMU's own machine."""
    args = harness.machine_args(gic, cpu, 2, "256M", virtualization=False, icount=True)
    args += ["-kernel", harness.DEBIAN_KERNEL, "-initrd", harness.DEBIAN_INITRD, "-append", f"console=ttyAMA0 {RUN}"]
    with harness.qemu(args) as machine:
        machine.wait_end(90)
        return log_of(machine.console())


def differences_told():
    """(words, always) of the table in docs/traps.md: the kernel's words, and whether no guest has them."""
    section = TRAPS.read_text().split("## What Debian's log says\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.*?`) \| ([^|]*) \|", section, re.M)
    return [(words, natively == "detected") for cell, natively in rows for words in re.findall(r"`([^`]+)`", cell)]


def unexplained(one, other, told):
    return sorted(line for line in found(one) - found(other) if not any(words in line for words, _ in told))


def check_found(machine, guest, control):
    """What one has and the other has not is in the paper; what a guest has is not in it as hidden."""
    told = differences_told()
    assert len(told) > 5
    missing, more = unexplained(control, guest, told), unexplained(guest, control, told)
    shown = [words for words, always in told if always and any(words in line for line in found(guest))]
    if missing or more or shown:
        machine.fail(f"docs/traps.md, \"What Debian's log says\": not seen by the guest: {missing}; by it alone: {more}; told as hidden, but seen: {shown}")


@pytest.mark.long
@pytest.mark.parametrize("gic", [2, 3])
@pytest.mark.parametrize("cpu", ["cortex-a57", "cortex-a72", harness.CPU_MAX])
def test_no_warning(gic, cpu):
    """No line of level warning or worse that the kernel does not print natively; CPUs went off and on before. On GICv3
    also: what it found in the machine differs in what docs/traps.md says, and in nothing else."""
    with harness.boot_debian(bootargs=RUN, gic=gic, cpu=cpu, smp=2, icount=True) as machine:
        machine.expect(r"CORBEL-TEST ticks ends with 0", 60, absent="CORBEL-TEST ticks ends with [^0]")
        machine.expect(r"hotplug: cpus=2\r*\n", 60, absent="CORBEL-TEST hotplug ends")
        machine.wait_end(60)
        guest = log_of(machine.console())
        # A log without a warning needs nothing to compare it with.
        if warnings(guest) and warnings(guest) - warnings(native(gic, cpu)):
            machine.fail(f"warnings that no native boot has: {sorted(warnings(guest) - warnings(native(gic, cpu)))}")
        if gic == 3:
            check_found(machine, guest, native(gic, cpu))
