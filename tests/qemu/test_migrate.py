"""vCPUs that move between CPUs: an idle one takes who waits elsewhere. By what the guests themselves find."""

import time

import harness
import pytest
from test_monitor import PREFIX, PROMPT

WRONG = r"FAILED[^\n]*\n|PANIC|stopped after a crash"


def roam_vms(nr, vcpus):
    """Guests that work, sleep and talk at random, and look at all that is theirs."""
    bootargs = harness.guest_bootargs()
    return {f"roam{n}": harness.Vm(f"roam{n}", harness.GUESTS / "roam.bin", bootargs=f"{bootargs} seed={n + 1}", vcpus=vcpus, memory_mib=16) for n in range(nr)}


def moves_of(machine, name, vcpus):
    machine.send(f"vcpuinfo {name}\r")
    return sum(int(machine.expect(r"Moves: +(\d+)\r*\n", 60, absent=WRONG)[1]) for _ in range(vcpus))


def roam(machine, names, vcpus, wanted):
    """Until they have moved so often, and each has gone on after that: whoever a wake-up did not reach would not."""
    machine.expect(r"roam: \d+ rounds", 60, absent=WRONG)
    machine.send(PREFIX + "m")
    machine.expect(PROMPT, 60, absent=WRONG)
    deadline = time.monotonic() + 300 * harness.PATIENCE
    while (moved := sum(moves_of(machine, name, vcpus) for name in names)) < wanted:
        for name in names:
            machine.expect(rf"\[{name}\] roam: \d+ rounds", 120, absent=WRONG)
        if time.monotonic() > deadline:
            machine.fail(f"{moved} moves only")
    for name in names:
        for _ in range(2):
            machine.expect(rf"\[{name}\] roam: \d+ rounds", 120, absent=WRONG)
    return moved


@pytest.mark.parametrize("gic,smp,nr,vcpus,variant", [(2, 4, 3, 3, "debug"), (3, 2, 3, 2, "")])
def test_roam(gic, smp, nr, vcpus, variant):
    """Registers, pages of one's own, timers and SGIs of guests whose vCPUs move all the time; with the asserts, too."""
    vms = roam_vms(nr, vcpus)
    with harness.corbel(harness.bundle(*vms.values()), "guest-console=prefix", gic=gic, smp=smp, variant=variant) as machine:
        roam(machine, list(vms), vcpus, 300)


@pytest.mark.soak
@pytest.mark.parametrize("gic,smp,nr,vcpus", [(2, 4, 3, 4), (3, 4, 3, 4), (2, 4, 3, 2), (2, 2, 3, 2), (3, 2, 3, 2)])
@pytest.mark.parametrize("variant", ["", "debug"])
def test_roam_for_long(variant, gic, smp, nr, vcpus):
    """The same for thousands of moves; with the asserts, too."""
    vms = roam_vms(nr, vcpus)
    with harness.corbel(harness.bundle(*vms.values()), "guest-console=prefix", gic=gic, smp=smp, variant=variant) as machine:
        roam(machine, list(vms), vcpus, 2000)


@pytest.mark.soak
@pytest.mark.parametrize("gic", [2, 3])
def test_roam_held(gic):
    """VMs that are suspended and resumed, and asked about, and reset, while their vCPUs move."""
    vms = roam_vms(3, 3)
    with harness.corbel(harness.bundle(*vms.values()), "guest-console=prefix", gic=gic, smp=4) as machine:
        roam(machine, list(vms), 3, 100)
        for _ in range(5):
            machine.send("suspend roam0\r")
            machine.expect("vm: roam0: suspended", 60, absent=WRONG)
            machine.send("why roam1\r")
            machine.expect(r"roam1\.2: .*\n", 60, absent=WRONG)
            machine.send("resume roam0\r")
            machine.expect(r"\[roam0\] roam: \d+ rounds", 120, absent=WRONG)
            machine.send("reset roam2\r")
            machine.expect(r"vm: roam2: running", 120, absent=WRONG)
            machine.expect(r"\[roam2\] roam: \d+ rounds", 120, absent=WRONG)


# --- who is taken, and who comes first --------------------------------------------------------------


def share_vm(name, keys, args, vcpus=1):
    bootargs = f"{harness.guest_bootargs()} {args}"
    return harness.Vm(name, harness.GUESTS / "share.bin", bootargs=bootargs, memory_mib=16, vcpus=vcpus, extra=keys)


def spins_and_waits():
    """Behind one of a higher priority that never rests, `waits` would wait for ever. Its home is CPU 0 for CPU 1 has two."""
    return (
        share_vm("spins", "corbel,affinity = <1>; corbel,priority = <9>;", "ms=300"),
        share_vm("waits", "corbel,affinity = <3>; corbel,autostart = <0>;", "ms=300"),
    )


@pytest.mark.parametrize("gic", [2, 3])
def test_idle_cpu_takes(gic):
    """CPU 1 has nothing to do: its VM is off."""
    off = share_vm("off", "corbel,affinity = <2>; corbel,autostart = <0>;", "ms=300", vcpus=2)
    with harness.corbel(harness.bundle(off, *spins_and_waits()), "guest-console=prefix", gic=gic, smp=2) as machine:
        start_waits(machine)


@pytest.mark.parametrize("gic", [2, 3])
def test_sleeping_cpu_takes(gic):
    """CPU 1 has nothing to do, and does not know it: its guest sleeps in a WFI that does not trap."""
    sleeps = share_vm("sleeps", "corbel,affinity = <2>;", "sleep=1 ms=100000000", vcpus=2)
    with harness.corbel(harness.bundle(sleeps, *spins_and_waits()), "guest-console=prefix", gic=gic, smp=2) as machine:
        start_waits(machine)


def start_waits(machine):
    machine.expect(r"\[spins\] share: ran", 60)
    machine.send(PREFIX + "m")
    machine.expect(PROMPT, 60)
    machine.send("start waits\r")
    machine.expect(r"\[waits\] share: ran", 120)


@pytest.mark.parametrize("gic", [2, 3])
def test_twice_the_work(gic):
    """Two that never rest live on CPU 0, CPU 1's guest sleeps: neither of the two waits, so each does twice the work."""
    sleeps = harness.Vm("sleeps", harness.GUESTS / "silent.bin", bootargs=f"{harness.guest_bootargs()} how=wfi", memory_mib=16, vcpus=2, extra="corbel,affinity = <2>;")
    bootargs = f"{harness.guest_bootargs()} stolen=none busy-ms=150"
    busy = [harness.Vm(name, harness.GUESTS / "steal.bin", bootargs=bootargs, memory_mib=16, extra="corbel,affinity = <3>;") for name in ("left", "right")]
    with harness.corbel(harness.bundle(sleeps, *busy), "guest-console=prefix", gic=gic, smp=2, icount=True) as machine:
        for _ in busy:
            machine.expect(r"ok \d+ - nobody else was there: less than 1 ms was stolen", 120, absent="not ok")


@pytest.mark.parametrize("gic", [2, 3])
def test_residents_come_first(gic):
    """Two that never rest live on CPU 1; on CPU 0 one that sleeps now and then. Whoever of the two is there as a visitor
    is more important, and would stay for ever; but goes when the resident wakes."""
    resident = harness.Vm("resident", harness.GUESTS / "roam.bin", bootargs=f"{harness.guest_bootargs()} seed=1", vcpus=2, memory_mib=16, extra="corbel,affinity = <1>;")
    names = ("left", "right")
    busy = [share_vm(name, "corbel,affinity = <3>; corbel,priority = <5>;", "ms=100000") for name in names]
    with harness.corbel(harness.bundle(resident, *busy), "guest-console=prefix", gic=gic, smp=2) as machine:
        machine.expect(r"roam: \d+ rounds", 60, absent=WRONG)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 60)
        while sum(moves_of(machine, name, 1) for name in names) < 20:
            machine.expect(r"roam: \d+ rounds", 60, absent=WRONG)
        for _ in range(3):
            machine.expect(r"roam: \d+ rounds", 60, absent=WRONG)
