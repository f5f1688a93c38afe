"""vCPUs that move between CPUs: an idle one takes who waits elsewhere. By what the guests themselves find."""

import harness
import pytest


def share_vm(name, keys, args):
    bootargs = f"{harness.guest_bootargs()} {args}"
    return harness.Vm(name, harness.GUESTS / "share.bin", bootargs=bootargs, memory_mib=16, extra=keys)


@pytest.mark.parametrize("gic", [2, 3])
def test_idle_cpu_takes(gic):
    """Behind one of a higher priority that never rests it would wait for ever: CPU 1 has nothing to do and takes it."""
    # Homes by the fewest vCPUs: CPU 1 for the first, CPU 0 for the second.
    itb = harness.bundle(
        harness.Vm("filler", harness.GUESTS / "hello.bin", bootargs=harness.guest_bootargs(), extra="corbel,affinity = <2>;"),
        share_vm("waits", "corbel,affinity = <3>;", "ms=300"),
        share_vm("spins", "corbel,affinity = <1>; corbel,priority = <9>;", "ms=300"),
    )
    with harness.corbel(itb, "guest-console=prefix", gic=gic, smp=2) as machine:
        machine.expect(r"\[waits\] share: ran", 60)


@pytest.mark.parametrize("guest,vcpus,smp", [("timer", 4, 2), ("timer", 4, 4), ("wfi", 2, 2), ("smp", 4, 2), ("gicsmp", 2, 2), ("gic", 4, 2)])
@pytest.mark.parametrize("gic", [2, 3])
def test_chased(guest, vcpus, smp, gic):
    """More important VMs, one on each of two CPUs, that spin and sleep in turns: so its vCPUs move all the time."""
    chaser = "corbel,priority = <9>; corbel,affinity = <{}>;"
    itb = harness.bundle(
        harness.Vm(guest, harness.GUESTS / f"{guest}.bin", bootargs=harness.guest_bootargs(), vcpus=vcpus),
        share_vm("chaser0", chaser.format(1), "burst=1500"),
        share_vm("chaser1", chaser.format(2), "burst=1900"),
    )
    with harness.corbel(itb, "guest-console=prefix", gic=gic, smp=smp) as machine:
        machine.expect(rf"\[{guest}\] (# done|Bail out!.*)\r*\n", 120)
        harness.check_tap(machine, harness.of_vm(machine.console(), guest))
