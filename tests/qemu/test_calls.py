"""PSCI 1.1 and SMCCC 1.2 beyond what every kernel uses: the guest `calls`, which docs/testing.md describes."""

import harness
import pytest


@pytest.mark.parametrize("gic,cpu,smp,vcpus", [(2, "cortex-a57", 1, 2), (3, "max", 2, 2), (3, "cortex-a72", 1, 1)])
def test_calls(gic, cpu, smp, vcpus):
    assert harness.run_tap("calls", gic, cpu, smp, vcpus).passed > 0


def test_calls_debug():
    assert harness.run_tap("calls", 3, "max", 2, 3, variant="debug").passed > 0


@pytest.mark.parametrize("gic", [2, 3])
def test_suspend_beside_another(gic):
    """Two VMs suspend themselves on one CPU: each is loaded again only for its own interrupt."""
    vms = [harness.Vm(name, harness.GUESTS / "calls.bin", bootargs=harness.guest_bootargs(), vcpus=2, memory_mib=16) for name in ("one", "two")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", gic=gic, smp=1) as machine:
        machine.wait_end(60)
        for vm in vms:
            assert harness.check_tap(machine, harness.of_vm(machine.console(), vm.name)).passed > 0
