"""PSCI 1.1 and SMCCC 1.2 beyond what every kernel uses: the guest `calls`, which docs/testing.md describes."""

import harness
import pytest


def run_calls(bootargs, vcpus, devices=(), **machine_kwargs):
    vm = harness.Vm("calls", harness.GUESTS / "calls.bin", bootargs=f"{harness.guest_bootargs()} {bootargs}", vcpus=vcpus)
    with harness.corbel(harness.bundle(vm), "guest-console=prefix", devices=devices, **machine_kwargs) as machine:
        machine.wait_end(60)
        assert harness.check_tap(machine, harness.of_vm(machine.console(), "calls")).passed > 0


# Which CPU needs which workaround, Corbel has to find out; the guest is told what is right for it.
@pytest.mark.parametrize(
    "gic,cpu,smp,vcpus,workarounds",
    [(2, "cortex-a57", 1, 2, "none"), (3, "max", 2, 2, "unknown"), (3, "cortex-a72", 1, 1, "none"), (2, "cortex-a53", 2, 2, "not-needed")],
)
def test_calls(gic, cpu, smp, vcpus, workarounds):
    run_calls(f"workarounds={workarounds}", vcpus, gic=gic, cpu=cpu, smp=smp)


def test_calls_without_entropy():
    """A host without rng-seed and FEAT_RNG: Corbel says so, and does not pretend to its guests."""
    run_calls("trng=absent", 1, devices=("-machine", "dtb-randomness=off"))


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


@pytest.mark.long
@pytest.mark.parametrize("gic,smp", [pytest.param(3, 2, marks=pytest.mark.soak), (2, 1)])
def test_debian_suspends(gic, smp):
    """Debian suspends to RAM, by SYSTEM_SUSPEND, and goes on with all its CPUs when its clock's alarm comes."""
    commands = [
        "cd /sys/class/rtc/rtc0",
        "echo deep >/sys/power/mem_sleep",
        "before=$(cat since_epoch)",
        "echo +3 >wakealarm",
        "echo mem >/sys/power/state",
        "cd /sys/power",
        "echo slept-$(($(cat /sys/class/rtc/rtc0/since_epoch) - before)) cpus-$(nproc) times-$(cat suspend_stats/success) $(cat mem_sleep)",
    ]
    with harness.boot_debian(gic=gic, smp=smp) as machine:
        machine.send("\n")
        machine.expect(r"[#$] ", 20)
        machine.send("; ".join(commands) + "\n")
        slept = int(machine.expect(r"slept-(\d+) cpus-2 times-1 s2idle \[deep\]", 40, absent="Kernel panic|Oops")[1])
        assert slept >= 3, machine.fail("woken before its alarm")
        machine.send("poweroff\n")
        machine.wait_end(30)
