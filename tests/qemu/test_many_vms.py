"""Several VMs on few CPUs: registers that move, errors that stay with their VM, resets, load. What each guest promises
stands in docs/testing.md."""

import re

import harness
import pytest


def guest_vm(guest, name=None, bootargs="", vcpus=1, priority=0, memory_mib=16, extra=""):
    text = f"{harness.guest_bootargs()} {bootargs}".strip()
    extra += f" corbel,priority = <{priority}>;"
    return harness.Vm(name or guest, harness.GUESTS / f"{guest}.bin", bootargs=text, vcpus=vcpus, memory_mib=memory_mib, extra=extra)


def check_all(machine, names, timeout):
    """The machine ends by itself, and each of these VMs has passed. Returns what each printed."""
    __tracebackhide__ = True
    machine.wait_end(timeout)
    texts = {name: harness.of_vm(machine.console(), name) for name in names}
    for text in texts.values():
        assert harness.check_tap(machine, text).passed > 0
    return texts


# --- registers and translations that move ----------------------------------------------------------


def sleeps_together(console, names):
    """How many sleeps of each fell between the first and the last word of the other: those are switches."""
    at = {name: [(m.start(), int(m[1])) for m in re.finditer(rf"\[{name}\] # seed \d, (\d+) sleeps", console)] for name in names}
    begin, end = max(words[0][0] for words in at.values()), min(words[-1][0] for words in at.values())
    within = {name: [n for place, n in words if begin <= place <= end] for name, words in at.items()}
    return {name: counts[-1] - counts[0] for name, counts in within.items()}


@pytest.mark.long
@pytest.mark.parametrize("gic,cpu", [(2, "cortex-a57"), pytest.param(3, "cortex-a57", marks=pytest.mark.soak), pytest.param(2, "max", marks=pytest.mark.soak), (3, "max")])
def test_patterns(gic, cpu):
    """Two VMs hold other values in every register that EL1 can write, through 10,000 switches and more."""
    names = ["left", "right"]
    vms = [guest_vm("patterns", name, f"seed={n}") for n, name in enumerate(names, 1)]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", gic=gic, cpu=cpu, smp=1) as machine:
        check_all(machine, names, 90)
        together = sleeps_together(machine.console(), names)
        assert min(together.values()) >= 8000, machine.fail(f"they were at it together for {together} sleeps only")


@pytest.mark.parametrize("gic,cpu,smp", [(2, "cortex-a57", 1), (3, "max", 1), (3, "cortex-a57", 2)])
def test_same_asid(gic, cpu, smp):
    """Two vCPUs with one ASID and other tables: each reads its own page."""
    assert harness.run_tap("asid", gic, cpu, smp, 2).passed > 0


@pytest.mark.long
def test_power_races():
    """CPU_ON, CPU_OFF and AFFINITY_INFO where all run at a time; test_guests.py has them on fewer CPUs, and the GICv2."""
    assert harness.run_tap("smp", 3, "cortex-a57", 4, 4, timeout=90).passed > 0


# --- errors that stay with their VM ----------------------------------------------------------------

# kind, host CPUs, GIC
CRASHES = [
    ("nowhere", 1, 3),
    ("access", 1, 2),
    ("handler", 2, 3),
    ("stack", 1, 3),
    ("vectors", 2, 2),
    ("zeros", 1, 2),
    ("zeros", 2, 3),
    ("smpaccess", 1, 3),
    ("smpaccess", 2, 2),
]


def beside_a_good_one(kind, smp, gic):
    vcpus = 2 if kind.startswith("smp") else 1
    good = guest_vm("alive", "good", f"late-ms={harness.late_ms(smp)}")
    itb = harness.bundle(guest_vm("crash", "bad", f"how={kind}", vcpus), good)
    return harness.corbel(itb, "guest-console=prefix", gic=gic, smp=smp, icount=smp == 1)


@pytest.mark.parametrize("kind,smp,gic", CRASHES)
def test_crash(kind, smp, gic):
    """A VM that makes no progress is stopped with a report; its neighbour does not notice."""
    with beside_a_good_one(kind, smp, gic) as machine:
        machine.expect(rf"\[bad\] crash: about to {kind}\r*\n", 20)
        machine.expect(r"\[cpu\d\] report: bad\.\d: stops: ", 30, absent=r"\[good\] # done")
        machine.expect(r"vm: bad: stopped after a crash\r*\n", 10)
        machine.expect(r"\[good\] alive \d+\r*\n", 10)
        check_all(machine, ["good"], 30)


@pytest.mark.parametrize("kind,says,gic", [("probe", "probe: 200000 aborts taken", 3), ("flaky", "flaky: recovered after 500 aborts", 2)])
def test_no_crash(kind, says, gic):
    """Many aborts at one instruction are no crash where something comes of them."""
    with beside_a_good_one(kind, 1, gic) as machine:
        check_all(machine, ["good"], 40)
        assert f"[bad] {says}\n" in machine.console(), machine.fail(f"not seen: {says}")
        assert "vm: bad: powered off" in machine.console(), machine.fail("bad did not end by itself")


@pytest.mark.parametrize("gic", [2, 3])
def test_restarts_after_crashes(gic):
    """One that crashes at once comes back after longer and longer pauses, by its own clock, and in the end no more."""
    pauses_ms = [100, 200, 400, 800, 1600, 3200, 6400, 10000, 10000, 10000]
    bad = guest_vm("crash", "bad", "how=access", extra='corbel,on-crash = "restart";')
    good = guest_vm("alive", "good", "periods=5000 period-us=10000 late-ms=20")
    with harness.corbel(harness.bundle(bad, good), "guest-console=prefix", gic=gic, smp=1, icount=True) as machine:
        machine.expect(r"vm: bad: stopped after a crash, and stays off: it was restarted 10 times in a row\r*\n", 120)
        begins_ms = [int(ms) for ms in re.findall(r"\[bad\] crash: begins at (\d+) ms", machine.console())]
        gaps_ms = [after - before for before, after in zip(begins_ms, begins_ms[1:])]
        assert len(gaps_ms) == len(pauses_ms), machine.fail(f"it began at {begins_ms} ms")
        assert all(pause <= gap < pause + 100 for pause, gap in zip(pauses_ms, gaps_ms)), machine.fail(f"pauses of {gaps_ms} ms")
        told = re.findall(r"bad: stopped after a crash, starting again in (\d+) ms \(restart (\d+) of 10\)", machine.console())
        assert told == [(str(ms), str(n)) for n, ms in enumerate(pauses_ms, 1)]
        check_all(machine, ["good"], 90)


def test_operator_ends_the_pause():
    """While a VM waits to be started again, start and reset do it at once, destroy keeps it from it; then it all begins anew."""
    bad = guest_vm("crash", "bad", "how=access", extra='corbel,on-crash = "restart";')
    with harness.corbel(harness.bundle(bad), "guest-console=prefix on-idle=monitor") as machine:
        machine.expect("crash: begins", 20)
        machine.send("\x1dm")
        for order in ["start", "reset"]:
            machine.expect(r"starting again in 6400 ms \(restart 7 of 10\)", 30)
            machine.send("list\r")
            machine.expect(r"bad +waiting", 6)
            machine.send(f"{order} bad\r")
            machine.expect(r"\[bad\] crash: begins", 6)
            machine.expect(r"starting again in 100 ms \(restart 1 of 10\)", 20)
        machine.expect(r"starting again in 6400 ms \(restart 7 of 10\)", 30)
        machine.send("destroy bad\r")
        machine.expect("vm: bad: destroyed\r*\n", 6)
        machine.expect("Corbel monitor", 20)  # it is off: no VM is on
        machine.send("start bad\r")
        machine.expect(r"starting again in 100 ms \(restart 1 of 10\)", 20)


@pytest.mark.parametrize("gic", [2, 3])
def test_reset_between_ack_and_eoi(gic):
    """Nothing of an interrupt that a VM had acknowledged outlives its reset; all the time another VM preempts it."""
    ticker = guest_vm("alive", bootargs=f"periods=20000 period-us=250 late-ms={harness.late_ms(2)}", priority=1)
    with harness.corbel(harness.bundle(guest_vm("active"), ticker), "guest-console=prefix", gic=gic, smp=1) as machine:
        machine.expect("life 1 or 2", 20)
        machine.send("1")
        machine.expect("active: in the handler of 27", 20)
        machine.expect(r"\[alive\] alive", 20)
        machine.send("\x1dm")
        machine.expect("corbel> ", 20)
        machine.send("reset active\r")
        machine.send("\x1d1")
        machine.expect("life 1 or 2", 20)
        machine.send("2")
        machine.wait_end(60)
        console = machine.console()
        second_life = console[console.rindex("life 1 or 2") :]
        harness.check_tap(machine, harness.of_vm(second_life, "active"))
        harness.check_tap(machine, harness.of_vm(console, "alive"))


def test_refused_vm_leaves_no_priority():
    """Corbel's own chores stay on the CPU where no VM of priority lives: one that was not created does not live there."""
    refused = guest_vm("paste", "refused", priority=9, extra='corbel,affinity = <1>; fdt = "kernel-0";')
    good = guest_vm("paste", "good", priority=5, extra="corbel,affinity = <2>;")
    with harness.corbel(harness.bundle(refused, good), smp=2) as machine:
        machine.expect('vm "refused" was not created: fdt: ', 20)
        machine.expect("vm: good: running", 20)
        machine.send("\x1dmpoweroff\r")
        machine.expect(r"\[cpu0\] system: powering off", 20)


# --- guests of many kinds --------------------------------------------------------------------------


@pytest.mark.long
@pytest.mark.parametrize("gic", [2, pytest.param(3, marks=pytest.mark.soak)])
def test_three_vms_one_cpu(gic):
    """Each passes what it passes alone."""
    vms = [guest_vm("patterns", bootargs="seed=3"), guest_vm("gic", vcpus=2), guest_vm("mmio")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", gic=gic, smp=1) as machine:
        check_all(machine, [vm.name for vm in vms], 90)


def test_turns_beside_a_frequent_one():
    """Two of equal priority share the CPU by time slices, also when a third of higher priority comes every 500 us."""
    spinner = guest_vm("paste", memory_mib=16)
    ticker = harness.Vm("ticker", harness.GUESTS / "alive.bin", bootargs="periods=1000000 period-us=500", memory_mib=16, extra="corbel,priority = <9>;")
    itb = harness.bundle(spinner, guest_vm("alive", bootargs="periods=50 period-us=20000"), ticker)
    with harness.corbel(itb, "guest-console=prefix", smp=1, icount=True) as machine:
        machine.expect(r"\[alive\] # done", 120)
        harness.check_tap(machine, harness.of_vm(machine.console(), "alive"))
        late_us = int(re.search(r"\[alive\].*\((\d+) us at most\)", machine.console())[1])
        assert late_us < 20000, machine.fail("later than its neighbour's time slice of 10 ms explains")


# test_debian.py has them on a GICv3
@pytest.mark.soak
@pytest.mark.long
def test_two_debians_gic2():
    vms = [harness.debian_vm(name, bootargs="quiet corbel.run=load,poweroff") for name in ("left", "right")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", gic=2) as machine:
        machine.wait_end(120)
        for name in ("left", "right"):
            text = harness.of_vm(machine.console(), name)
            assert "CORBEL-GUEST-UP cpus=2" in text, machine.fail(f"{name} did not come up")
            assert len(re.findall(r"^load: ", text, re.M)) == 2, machine.fail(f"{name}: not two loads")


COMPLAINTS = r"rcu: INFO|detected[^\n]*stall|soft lockup|BUG:|Oops|WARNING:|wrong sum|forkpipe: the kernel complains"


@pytest.mark.soak
@pytest.mark.parametrize("smp,gic", [(1, 2), (2, 3)])
def test_debian_4vcpus(smp, gic):
    """More vCPUs than CPUs, fork and exec and pipes on all of them for 15 s: the kernel has nothing to complain about.
    test_torture.py has that load each day, and more beside it."""
    bootargs = "rcupdate.rcu_cpu_stall_timeout=5 corbel.run=forkpipe,poweroff"
    with harness.boot_debian(vcpus=4, bootargs=bootargs, gic=gic, smp=smp) as machine:
        machine.expect(r"CORBEL-TEST forkpipe ends with 0", 90, absent=f"CORBEL-TEST forkpipe ends with [^0]|{COMPLAINTS}")
        assert len(re.findall(r"forkpipe: [1-9]\d* rounds", machine.console())) == 4, machine.fail("not four CPUs at work")
        machine.wait_end(30)


@pytest.mark.parametrize("gic,smp", [(3, 1), (2, 2)])
def test_vmid_rollover(gic, smp):
    """Five VMs and two bits of VMID, in the debug image: numbers run out all the time, and nobody reads another's pages."""
    vms = [guest_vm("asid", f"asid{n}", vcpus=2) for n in range(4)] + [guest_vm("mmio")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", variant="debug-vmid2", gic=gic, smp=smp) as machine:
        check_all(machine, [vm.name for vm in vms], 120)
