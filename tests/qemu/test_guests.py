"""The EL1 test guests under Corbel, and as a control without it. What each promises stands in docs/testing.md."""

import harness
import pytest

# guest, vCPUs
GUESTS = [("smp", 4), ("gic", 3), ("timer", 3), ("wfi", 3), ("mmio", 1), ("regs", 2), ("undef", 1), ("gicsmp", 2), ("insns", 2)]
# Of QEMU's own GICv2, gicsmp asks more than it has: natively it runs on a GICv3.
# QEMU makes one access of a pair, which its devices refuse: natively that guest shows nothing of the test's.
NOT_NATIVE = {"insns"}
LONG = {"timer", "wfi"}


def rows():
    """Each guest on both GICs; host CPUs as many as vCPUs, and fewer; processors in turn."""
    cpus = ["cortex-a57", "max", "cortex-a72"]
    n = 0
    for guest, vcpus in GUESTS:
        for gic in (2, 3):
            for smp in (1, 2) if vcpus > 1 else (1,):
                marks = [pytest.mark.long] if guest in LONG else []
                yield pytest.param(guest, gic, cpus[n % 3], smp, vcpus, id=f"{guest}-gic{gic}-{cpus[n % 3]}-{smp}cpu-{vcpus}vcpu", marks=marks)
                n += 1


@pytest.mark.parametrize("guest,gic,cpu,smp,vcpus", rows())
def test_guest(guest, gic, cpu, smp, vcpus):
    tap = harness.run_tap(guest, gic, cpu, smp, vcpus, timeout=90)
    assert tap.passed > 0


# More host CPUs than vCPUs, and as many as there can be.
@pytest.mark.parametrize("guest,gic,smp,vcpus", [("gic", 3, 4, 4), ("smp", 2, 8, 8), ("regs", 3, 1, 4), ("wfi", 3, 4, 2)])
def test_guest_cpus(guest, gic, smp, vcpus):
    assert harness.run_tap(guest, gic, "cortex-a57", smp, vcpus, timeout=90).passed > 0


# Asserts, lock ranks and UBSan's traps, where most happens at a time: vCPUs that share CPUs.
@pytest.mark.parametrize("guest,gic,smp,vcpus", [("smp", 3, 2, 4), ("gic", 2, 2, 3), ("gicsmp", 3, 2, 2), ("regs", 3, 1, 2), ("insns", 3, 2, 2)])
def test_guest_debug(guest, gic, smp, vcpus):
    assert harness.run_tap(guest, gic, "max", smp, vcpus, timeout=90, variant="debug").passed > 0


@pytest.mark.native
@pytest.mark.parametrize("guest,gic", [(guest, 2 + n % 2) for n, (guest, _) in enumerate(GUESTS) if guest not in NOT_NATIVE])
def test_native(guest, gic):
    smp = dict(GUESTS)[guest]
    assert harness.run_tap_native(guest, gic, "cortex-a57", smp).passed > 0


def test_two_vms_side_by_side():
    """Two guests at a time, each with all that it has alone."""
    itb = harness.bundle(
        harness.Vm("one", harness.GUESTS / "gic.bin", bootargs=harness.guest_bootargs(), vcpus=2),
        harness.Vm("two", harness.GUESTS / "regs.bin", bootargs=harness.guest_bootargs(), vcpus=2),
    )
    with harness.corbel(itb, "guest-console=prefix", smp=2) as machine:
        machine.wait_end(90)
        for name in ("one", "two"):
            harness.check_tap(machine, harness.of_vm(machine.console(), name))


@pytest.mark.parametrize("gic,vcpus", [(3, 1), (3, 2), (2, 2)])
def test_reset(gic, vcpus):
    """SYSTEM_RESET starts the VM from the bundle's bytes, its devices as new; from a secondary too."""
    itb = harness.bundle(harness.Vm("reset", harness.GUESTS / "reset.bin", vcpus=vcpus))
    line = "BOOT cpu=0 word=pristine ram=[a-z-]* gic=reset uart=reset timer=off tpidr=reset"
    with harness.corbel(itb, "guest-console=prefix", gic=gic) as machine:
        for _ in range(4):
            machine.expect(r"\[reset\] " + line + r"\r*\n", 20, absent=r"BOOT cpu=.*\n")


def test_reset_stops_when_told():
    itb = harness.bundle(harness.Vm("reset", harness.GUESTS / "reset.bin", extra='corbel,on-reset = "stop";'))
    with harness.corbel(itb, "guest-console=prefix") as machine:
        machine.wait_end(20)
        assert machine.console().count("BOOT cpu=0") == 1
