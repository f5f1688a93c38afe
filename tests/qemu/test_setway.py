"""Cache maintenance by set/way: cleans the VM's RAM by address, when it means something, and nobody waits for ever."""

import harness
import pytest


def setway_vm(bootargs=""):
    return harness.Vm("one", harness.GUESTS / "setway.bin", bootargs=f"{harness.guest_bootargs()} {bootargs}", vcpus=3, memory_mib=16)


@pytest.mark.parametrize("gic,cpu", [(2, "cortex-a57"), (3, "max")])
def test_set_way(gic, cpu):
    """Time by instructions; a neighbour of a higher priority has its own, all the while."""
    alive = harness.Vm("alive", harness.GUESTS / "alive.bin", bootargs="periods=400 period-us=250 late-ms=1", memory_mib=16, extra="corbel,priority = <5>;")
    with harness.corbel(harness.bundle(setway_vm("slow-us=100"), alive), "guest-console=prefix", gic=gic, cpu=cpu, smp=1, icount=True) as machine:
        machine.wait_end(90)
        for name in ("one", "alive"):
            assert harness.check_tap(machine, harness.of_vm(machine.console(), name)).passed > 0


def test_set_way_on_several_cpus():
    with harness.corbel(harness.bundle(setway_vm()), "guest-console=prefix", smp=3) as machine:
        machine.wait_end(60)
        assert harness.check_tap(machine, harness.of_vm(machine.console(), "one")).passed > 0
