"""Stolen time: the record that Corbel keeps says what a busy guest sees itself, and Debian shows it in /proc/stat."""

import re

import harness
import pytest


def steal_vm(name, bootargs="", vcpus=1):
    return harness.Vm(name, harness.GUESTS / "steal.bin", bootargs=f"{harness.guest_bootargs()} {bootargs}", vcpus=vcpus, memory_mib=16)


@pytest.mark.parametrize("gic,cpu", [(2, "cortex-a57"), (3, "max")])
def test_two_busy_vms(gic, cpu):
    """On one CPU: what the other has had, and nothing else, was stolen. By instructions, so that no host is in it."""
    itb = harness.bundle(steal_vm("one", vcpus=3), steal_vm("two", "busy-ms=310"))
    with harness.corbel(itb, "guest-console=prefix", gic=gic, cpu=cpu, smp=1, icount=True) as machine:
        machine.wait_end(90)
        for name in ("one", "two"):
            assert harness.check_tap(machine, harness.of_vm(machine.console(), name)).passed > 0


def test_alone():
    with harness.corbel(harness.bundle(steal_vm("one", "stolen=none")), "guest-console=prefix", smp=1, icount=True) as machine:
        machine.wait_end(90)
        assert harness.check_tap(machine, harness.of_vm(machine.console(), "one")).passed > 0


@pytest.mark.long
def test_debian_steal():
    """Two busy Debians on one CPU: each sees in /proc/stat that the other had a good part of 5 s."""
    vms = [harness.debian_vm(name, vcpus=1, bootargs="quiet corbel.run=steal,poweroff") for name in ("left", "right")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", smp=1) as machine:
        machine.wait_end(120)
        for vm in vms:
            stolen = re.search(r"^steal: (\d+)$", harness.of_vm(machine.console(), vm.name), re.M)
            assert stolen and 100 <= int(stolen[1]) <= 500, machine.fail(f"{vm.name} saw another share than 1 to 5 s")
