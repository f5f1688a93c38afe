"""The monitor's `why`: guests that say nothing, each for another reason, and what it says of them, while others go on."""

import re
import time

import harness
import pytest
from test_monitor import PREFIX, PROMPT, ask, late_us, wait_state
from test_monitor_prompt import answer
from test_shares import share_vm


def silent_vm(how, name=None, vcpus=1, mmu=False, extra=""):
    bootargs = f"{harness.guest_bootargs()} how={how}" + (" mmu=on" if mmu else "")
    return harness.Vm(name or how, harness.GUESTS / "silent.bin", bootargs=bootargs, vcpus=vcpus, memory_mib=8, extra=extra)


def good_vm(periods=200, extra="", period_us=50000):
    """Its own checks at the end, and no word before: what guests print at the prompt makes echoes hard to read."""
    bootargs = f"{harness.guest_bootargs()} periods={periods} period-us={period_us} speak-ms=1000000 late-ms=2000"
    return harness.Vm("good", harness.GUESTS / "alive.bin", bootargs=bootargs, memory_mib=8, extra=extra)


def machine_of(vms, **machine):
    return harness.corbel(harness.bundle(*vms, good_vm()), "guest-console=prefix", **machine)


def open_monitor(machine, names):
    """When all of them have said what they are about to do."""
    missing = set(names)
    while missing:
        missing.discard(machine.expect(r"\[([a-z0-9]+)\] silent: about to", 30)[1])
    time.sleep(0.5)  # what they do is short, and says no more
    machine.send(PREFIX + "m")
    machine.expect(PROMPT, 20)


def why(machine, name):
    """The report, without what guests print meanwhile: of each vCPU what stands under its name."""
    text = re.sub(r"\[\w+\] [^\n]*\n", "", ask(machine, f"why {name}"))
    parts = re.split(rf"^{name}\.(\d): ", text, flags=re.M)
    return {int(parts[n]): parts[n + 1] for n in range(1, len(parts), 2)}


def hint(report):
    return re.search(r"^  hint: (.*)$", report, re.M)[1]


def check_good(machine):
    """The other VM's own checks."""
    if "[good] # done" not in machine.console():
        machine.expect(r"\[good\] # done", 60)
    harness.check_tap(machine, harness.of_vm(machine.console(), "good"))


SLEEPERS = {
    "wfi": r"waits in WFI for an interrupt that nobody raises: its timers are off and nothing is pending$",
    "idle": r"waits in WFI; its virtual timer is due in \d+ us: it seems idle$",
    "intid": r"waits in WFI, and INTID 27, which is pending, does not wake it: it is not enabled",
    "imask": r"waits in WFI; nothing is pending, and its virtual timer, due for \d+ us, is kept from it: its IMASK is set$",
    "pmr": r"INTID 27, which is pending, does not wake it: it is not urgent enough for its priority mask$",
    "eoi": r"INTID 40, which is pending, does not wake it: it is not urgent enough beside one that is active",
}

SPINNERS = {
    "wfe": r"waits in WFE for an event that nobody sends",
    "masked": r"interrupts are masked \(PSTATE.I\) while INTID 27 is pending, and it spins between [0-9a-f]+ and [0-9a-f]+$",
    "loop": r"spins between [0-9a-f]+ and [0-9a-f]+: \d+ looks in \d+ us found it nowhere else$",
    "el0": r"spins between [0-9a-f]+ and [0-9a-f]+: \d+ looks",
    "poll": r"makes the same exit again and again: MMIO_READ at PC [0-9a-f]+$",
    "vectors": r"faults at its vector table again and again: BRK, ESR_EL1 f2000001, at [0-9a-f]+204, VBAR_EL1 [0-9a-f]+$",
}


@pytest.mark.parametrize("gic,smp,mmu", [(2, 1, False), (3, 2, True)])
@pytest.mark.parametrize("kinds", [SLEEPERS, SPINNERS], ids=["sleepers", "spinners"])
def test_why_it_is_silent(kinds, gic, smp, mmu):
    """Each way to be silent has its sentence, whatever else is on its CPU."""
    with machine_of([silent_vm(how, mmu=mmu) for how in kinds], gic=gic, smp=smp) as machine:
        open_monitor(machine, kinds)
        for how, expected in kinds.items():
            report = why(machine, how)[0]
            if not re.search(expected, hint(report)):
                machine.fail(f"{how}: {hint(report)!r} is not {expected!r}")
            pc = int(re.search(r"^  PC ([0-9a-f]+) at (EL\d)", report, re.M)[1], 16)
            where = f"stage 1: L1 [0-9a-f]+=[0-9a-f]+3, L2 [0-9a-f]+=[0-9a-f]+1, IPA {pc:x}$" if mmu else f"stage 1 is off: IPA {pc:x}$"
            assert re.search(where, report, re.M), machine.fail(f"no {where!r}")
            assert re.search(r"stage 2: PA [0-9a-f]+, \d+ KiB from there in one piece, rwx$", report, re.M)
        check_good(machine)


@pytest.mark.parametrize("gic", [2, 3])
def test_alone_on_its_cpu(gic):
    """Where nobody else wants the CPU, WFI waits in the machine: the report is the same."""
    kinds = ["wfi", "loop"]
    vms = [silent_vm(how, extra=f"corbel,affinity = <{2 << n}>;") for n, how in enumerate(kinds)]
    with harness.corbel(harness.bundle(*vms, good_vm(extra="corbel,affinity = <1>;")), "guest-console=prefix", gic=gic, smp=3) as machine:
        open_monitor(machine, kinds)
        report = why(machine, "wfi")[0]
        assert report.startswith("waits for an interrupt (WFI), on CPU 1\n"), machine.fail(report)
        assert re.search(SLEEPERS["wfi"], hint(report))
        report = why(machine, "loop")[0]
        assert report.startswith("runs, on CPU 2\n"), machine.fail(report)
        assert re.search(SPINNERS["loop"], hint(report))
        check_good(machine)


def test_why_of_a_suspended_one():
    """It says so, and where each vCPU stands; resumed, it is what it was."""
    with machine_of([silent_vm("loop"), silent_vm("wfi")], smp=1) as machine:
        open_monitor(machine, ["loop", "wfi"])
        for how in ("loop", "wfi"):
            ask(machine, f"suspend {how}")
        for how in ("loop", "wfi"):
            report = why(machine, how)[0]
            assert "its VM is suspended" in hint(report), machine.fail(f"{how}: {report}")
            assert re.search(r"^  stage 2: PA [0-9a-f]+, .*, rwx$", report, re.M), machine.fail(report)
        ask(machine, "resume loop")
        assert re.search(SPINNERS["loop"], hint(why(machine, "loop")[0]))
        check_good(machine)


def test_timer_of_a_suspended_one():
    """Its clock stands: its timer, which was far away, does not come nearer, however long that takes."""
    # beside one that never rests: where all sleep, the machine's clock leaps to the timer
    with machine_of([silent_vm("idle"), silent_vm("loop")], smp=1, icount=True) as machine:
        open_monitor(machine, ["idle", "loop"])
        order = r"  virtual timer: due in (\d+) us{} \(INTID 27 enabled\)$"
        machine.send("suspend idle\r")
        machine.expect("vm: idle: suspended", 20)
        stands = [re.search(order.format(", but its clock stands"), why(machine, "idle")[0], re.M) for _ in range(2)]
        assert stands[0] and stands[1] and stands[0][1] == stands[1][1], machine.fail("its clock goes on")
        machine.send("resume idle\r")
        machine.expect("vm: idle: resumed", 20)
        goes_on = [re.search(order.format(""), why(machine, "idle")[0], re.M) for _ in range(2)]
        assert int(stands[0][1]) >= int(goes_on[0][1]) > int(goes_on[1][1]), machine.fail("its clock stands")


@pytest.mark.parametrize("gic", [2, 3])
def test_a_look_leaves_list_registers_empty(gic):
    """Of a vCPU without budget, whose interrupts went back into the model so that nobody waits for it: they stay there."""
    keys = "corbel,affinity = <1 2>; corbel,budget-us = <20000>; corbel,period-us = <1000000>;"
    with harness.corbel(harness.bundle(share_vm("asks", keys, 2, "ask=100000")), "guest-console=prefix", gic=gic, smp=2) as machine:
        machine.expect(r"\[asks\] share: asks", 120)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 60)
        deadline = time.monotonic() + 60 * harness.PATIENCE
        while True:
            report = why(machine, "asks")[1]
            irq = re.search(r"^  INTID 200: active, enabled.*$", report, re.M)
            if report.startswith("has used up its budget") and irq:
                break
            assert time.monotonic() < deadline, machine.fail(report)
        assert "in a list register" not in irq[0], machine.fail(irq[0])


def test_vcpus_that_are_off():
    """Never turned on, and gone; after a reset what was in an earlier life counts no more."""
    vms = [silent_vm("wfi", vcpus=3), silent_vm("gone", vcpus=2)]
    with machine_of(vms, smp=2) as machine:
        open_monitor(machine, ["wfi", "gone"])
        for life in range(2):
            never = why(machine, "wfi")
            assert [report.split("\n")[0] for report in never.values()][1:] == ["off", "off"]
            assert hint(never[1]) == hint(never[2]) == "never turned on by CPU_ON"
            gone = why(machine, "gone")
            assert hint(gone[1]).startswith("it turned itself off by CPU_OFF"), machine.fail(hint(gone[1]))
            assert "spins between" in hint(gone[0])
            assert "  exit: CPU_OFF, at PC " in gone[1], machine.fail("what it did last is not told")
            if life == 0:
                machine.send("reset gone\rreset wfi\r")
                machine.expect(r"\[gone\] silent: about to", 20)
                time.sleep(1)
                ask(machine, "list")
        check_good(machine)


def test_not_its_fault():
    """One without budget, one below another of higher priority, and VMs that do not run."""
    vms = [
        silent_vm("loop", "spent", extra="corbel,affinity = <1>; corbel,budget-us = <1000>; corbel,period-us = <1000000>;"),
        silent_vm("loop", "high", extra="corbel,affinity = <2>; corbel,priority = <3>;"),
        silent_vm("loop", "low", extra="corbel,affinity = <2>; corbel,priority = <2>; corbel,autostart = <0>;"),
        silent_vm("tables", extra="corbel,affinity = <1>;"),
    ]
    with harness.corbel(harness.bundle(*vms, good_vm(200, "corbel,affinity = <1>; corbel,priority = <1>;")), "guest-console=prefix", smp=2) as machine:
        open_monitor(machine, ["spent", "high"])
        assert "it was never started" in ask(machine, "why low")
        machine.send("start low\r")
        wait_state(machine, "low", "running")
        report = why(machine, "low")[0]
        assert report.startswith("wants to run; CPU 1 is at high.0\n"), machine.fail(report)
        assert hint(report) == "it wants to run, but CPU 1 is at high.0"
        report = why(machine, "spent")[0]
        assert report.startswith("has used up its budget"), machine.fail(report)
        assert re.match(r"it has used up its budget \(corbel,budget-us\) and goes on in \d{2,6} us$", hint(report)), machine.fail(hint(report))
        # nothing of its own can be read, not even its vectors: any look at it ends it, by its own fault
        ask(machine, "why tables")
        wait_state(machine, "tables", "off")
        assert "it has crashed: its exception vector raises the exception that enters it" in ask(machine, "why tables")
        assert 'there is no VM "nobody"' in ask(machine, "why nobody")
        check_good(machine)


def test_why_of_a_debian():
    """A healthy kernel, with its own tables: where it is can be told, again and again, and it goes on."""
    with harness.corbel(harness.bundle(harness.debian_vm(bootargs="quiet"), good_vm(400)), "guest-console=prefix", smp=2) as machine:
        machine.expect(r"CORBEL-GUEST-UP", 90)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        for _ in range(3):
            reports = why(machine, "debian")
            assert list(reports) == [0, 1]
            for report in reports.values():
                assert re.search(r"stage 1:( L\d [0-9a-f]+=[0-9a-f]+,)+ IPA [0-9a-f]+$", report, re.M), machine.fail(report)
                assert re.search(r"stage 2: PA [0-9a-f]+, \d+ KiB from there in one piece, rwx$", report, re.M), machine.fail(report)
                assert re.search(r"seems idle|nothing tells of a hang|spins|wakes it|exit", hint(report)), machine.fail(hint(report))
        machine.send(PREFIX + "1")
        machine.send("\recho it goes $((40 + 2))\r")
        machine.expect("it goes 42", 30)
        check_good(machine)


@pytest.mark.parametrize("gic", [pytest.param(2, marks=pytest.mark.soak), 3])
def test_makes_nobody_late(gic):
    """While it is asked of its neighbour, and of itself, and while exits are timed, a timer of 10 kHz on that CPU is late by no more than a look."""
    good = good_vm(10000, "corbel,priority = <5>;", period_us=100)
    with harness.corbel(harness.bundle(silent_vm("masked"), good), "guest-console=prefix", gic=gic, smp=1, icount=True) as machine:
        open_monitor(machine, ["masked"])
        ask(machine, "stats on")
        for _ in range(3):
            assert "masked (PSTATE.I)" in hint(why(machine, "masked")[0])
            assert "timer is due in" in hint(why(machine, "good")[0])
            ask(machine, "mem")
            ask(machine, "stats")
            ask(machine, "irq")
            # for scripts, a piece of the value a step
            for command in ("why good", "dominfo good", "vcpuinfo good", "stats", "irq"):
                answer(machine, f"{command} --json")
        assert "[good] # done" not in machine.console()
        check_good(machine)
        assert late_us(machine) < 20, machine.fail("its timer came late")


def test_while_it_comes_and_goes():
    """Asked at any moment of its life, in the debug image, of a VM that always resets itself."""
    coming = harness.Vm("reset", harness.GUESTS / "reset.bin", bootargs=harness.guest_bootargs(), memory_mib=128)
    with harness.corbel(harness.bundle(coming, good_vm(200)), "guest-console=prefix", variant="debug", smp=2) as machine:
        machine.expect(r"(?s)(reset, starting again.*){2}", 30)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        for _ in range(40):
            assert re.search(r"^  hint: ", ask(machine, "why reset"), re.M)
        check_good(machine)
