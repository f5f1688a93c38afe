"""Exceptions and aborts by Corbel's hand: the guest `faults`, whose tables and accesses are everywhere that they must not
be, beside one that must not notice."""

import harness
import pytest


@pytest.mark.parametrize("gic,cpu,smp,variant", [(2, "cortex-a72", 2, ""), (3, "max", 2, ""), (2, "cortex-a57", 1, "debug")])
def test_faults(gic, cpu, smp, variant):
    itb = harness.bundle(
        harness.Vm("faults", harness.GUESTS / "faults.bin", bootargs=harness.guest_bootargs(), vcpus=2, memory_mib=16),
        harness.Vm("alive", harness.GUESTS / "alive.bin", bootargs=f"late-ms={harness.late_ms(smp)}", memory_mib=16),
    )
    with harness.corbel(itb, "guest-console=prefix", variant, gic=gic, cpu=cpu, smp=smp, icount=smp == 1) as machine:
        machine.wait_end(60)
        for name in ("faults", "alive"):
            assert harness.check_tap(machine, harness.of_vm(machine.console(), name)).passed > 0


@pytest.mark.native
@pytest.mark.parametrize("gic,cpu", [(2, "cortex-a57"), (3, "max")])
def test_faults_native(gic, cpu):
    """The control: what the guest expects is what the CPU does without Corbel."""
    assert harness.run_tap_native("faults", gic, cpu, 2).passed > 0
