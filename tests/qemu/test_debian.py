"""Debian's own kernel, unmodified, with busybox: what its init and its shell say."""

import re

import harness
import pytest

# Each GIC with each processor, on one CPU or on four; the other half is make soak's. On two host CPUs: test_dmesg.py.
MATRIX = [
    pytest.param(gic, cpu, smp, marks=[] if (n + (gic == 3) + (smp == 4)) % 2 else [pytest.mark.soak])
    for smp in (4, 1)
    for n, cpu in enumerate(("cortex-a57", "cortex-a72", harness.CPU_MAX))
    for gic in (2, 3)
]


@pytest.mark.long
@pytest.mark.parametrize("gic,cpu,smp", MATRIX, ids=lambda value: str(value))
def test_boots(gic, cpu, smp):
    """Up with 2 vCPUs; CPUs go off and on, timer interrupts come on both, and it powers the machine off."""
    with harness.boot_debian(bootargs="quiet corbel.run=ticks,hotplug,poweroff", gic=gic, cpu=cpu, smp=smp) as machine:
        machine.expect(r"CORBEL-TEST ticks ends with 0", 30, absent="CORBEL-TEST ticks ends with [^0]")
        machine.expect(r"hotplug: cpus=2\r*\n", 60, absent="CORBEL-TEST hotplug ends")
        machine.wait_end(30)


@pytest.mark.long
def test_backports_kernel():
    with harness.boot_debian(harness.BACKPORTS_KERNEL, bootargs="quiet corbel.run=ticks,load,poweroff", cpu=harness.CPU_MAX) as machine:
        sums = {machine.expect(r"load: ([0-9a-f]{32})", 60)[1] for _ in range(2)}
        assert len(sums) == 1
        machine.wait_end(30)


def timer_counts(machine):
    machine.send("cat /proc/interrupts; echo end-of-$((1+1))\n")
    machine.expect(r"end-of-2", 20)
    line = re.findall(r"^ *\d+: +(\d+) +(\d+) .*arch_timer", machine.child.before, re.M)
    if not line:
        machine.fail("no arch_timer in /proc/interrupts")
    return [int(n) for n in line[-1]]


@pytest.mark.long
@pytest.mark.parametrize("gic", [2, pytest.param(3, marks=pytest.mark.soak)])
def test_shell(gic):
    """What a user does first: nproc, /proc/interrupts that moves, reboot that comes back, poweroff."""
    with harness.boot_debian(gic=gic) as machine:
        machine.send("\n")
        machine.expect(r"[#$] ", 20)
        machine.send("echo cpus-$(nproc)\n")
        machine.expect(r"cpus-2\r*\n", 20)
        first = timer_counts(machine)
        machine.send("sleep 1\n")
        second = timer_counts(machine)
        assert second[0] > first[0] and sum(second) > sum(first) + 2, (first, second)
        machine.send("reboot\n")
        machine.expect(r"CORBEL-GUEST-UP cpus=2\r*\n", 60)
        machine.send("\n")
        machine.expect(r"[#$] ", 20)
        machine.send("poweroff\n")
        machine.wait_end(30)


@pytest.mark.long
def test_two_debians():
    """Two at once on two host CPUs; lines led by their names; the machine ends with the second."""
    vms = [harness.debian_vm(name, bootargs="quiet corbel.run=load,poweroff") for name in ("left", "right")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix") as machine:
        machine.wait_end(120)
        for name in ("left", "right"):
            text = harness.of_vm(machine.console(), name)
            assert "CORBEL-GUEST-UP cpus=2" in text, machine.fail(f"{name} did not come up")
            assert len(re.findall(r"^load: ", text, re.M)) == 2


def test_pasted_text():
    """A long line typed at once arrives whole, although the UART's FIFO holds 32 bytes."""
    text = "".join(f"{n:03d}." for n in range(50))
    with harness.boot_debian() as machine:
        machine.send("\n")
        machine.expect(r"[#$] ", 20)
        machine.send(f"echo {text} | md5sum\n")
        machine.expect(__import__("hashlib").md5((text + "\n").encode()).hexdigest(), 20)
