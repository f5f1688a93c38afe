"""Guests that do their worst, and what of it their neighbours notice."""

import re

import harness
import pytest

STORM_MAX = 32 * 100  # kernel/irq_storm.h: in a second


def vm(name, guest, keys="", vcpus=1, args=""):
    return harness.Vm(name, harness.GUESTS / f"{guest}.bin", bootargs=f"{harness.guest_bootargs()} {args}",
                      memory_mib=16, vcpus=vcpus, extra=keys)


@pytest.mark.parametrize("gic", [2, 3])
def test_interrupt_storm(gic):
    """A VM on two pCPUs ends a host interrupt on one of them to have it come on the other, where a more important VM
    runs: it comes as often as it may there, and not as often as it could."""
    keys = 'corbel,passthrough = "/pl061@9030000"; corbel,affinity = <3>;'
    itb = harness.bundle(vm("storm", "storm", keys, vcpus=2),
                         vm("victim", "storm", "corbel,priority = <5>; corbel,affinity = <1>;", args="victim=1"))
    with harness.corbel(itb, "guest-console=prefix", gic=gic, smp=2, icount=True) as machine:
        for _ in range(3):
            machine.expect(r"storm: its victim lives\r*\n", 120)
        text = machine.console()
    rounds = [int(n) for n in re.findall(r"storm: (\d+) rounds in a second", text)]
    # In the first second the victim sleeps for a while: what comes then costs nobody.
    assert rounds[0] > 2 * STORM_MAX, machine.fail(f"{rounds}: no storm")
    assert all(0.5 * STORM_MAX < n < 1.05 * STORM_MAX for n in rounds[1:]), machine.fail(f"{rounds} rounds")
    assert len(re.findall(r"vm: storm: host interrupt 39 and its like come more than", text)) == 1, machine.fail("no word")


# Name, vCPUs, and what tests/guests/rage does on each of them without a rest.
RESTLESS = [("spins", 1, "spin"), ("prints", 1, "console"), ("sgis", 2, "sgi"), ("timers", 2, "timer"), ("holes", 1, "nowhere")]
FITFUL = [("sleeps", 2, "sleep"), ("mixed", 2, "all")]
SHORT_TURNS = "corbel,weight = <64>;"  # 2.5 ms


def ragers(kinds):
    return [vm(name, "rage", SHORT_TURNS, vcpus, f"how={how}") for name, vcpus, how in kinds]


def victims(turns):
    # The more important one lives longer: what is left of it is cleaned away before others run.
    return [vm("share", "share", SHORT_TURNS, args=f"begin-ms=50 turns={turns}"),
            vm("alive", "alive", "corbel,priority = <5>;", args="period-us=1700 periods=180 late-ms=1 speak-ms=10000")]


def outcome(machine, names):
    """What part of the time `share` had, once it, `alive` and all who rage have said what they have to say."""
    ends = [r"\[share\] share: ran \d+ of \d+ us", r"\[alive\] (# done|Bail out)"]
    ends += [rf"\[{name}\] rage: well at work" for name in names]
    while not all(re.search(end, machine.console()) for end in ends):
        machine.expect(r"\n", 60)
    text = machine.console()
    harness.check_tap(machine, harness.of_vm(text, "alive"))
    late_us = int(re.search(r"none came more than 1 ms late \((\d+) us at most\)", text)[1])
    assert late_us <= 30, machine.fail(f"a more important VM's timer was {late_us} us late")
    ran, time = re.search(r"share: ran (\d+) of (\d+) us", text).groups()
    return int(ran) / int(time)


@pytest.mark.parametrize("gic", [2, pytest.param(3, marks=pytest.mark.soak)])
def test_share_beside_the_restless(gic):
    """VMs that spin, flood the console, storm SGIs and timers, and touch what is not there, all together: an equal gets
    its share all the same, and a more important one is on time."""
    itb = harness.bundle(*ragers(RESTLESS), *victims(8))
    with harness.corbel(itb, "guest-console=prefix", gic=gic, smp=1, icount=True) as machine:
        share = outcome(machine, [name for name, _, _ in RESTLESS])
        due = 1 / (sum(vcpus for _, vcpus, _ in RESTLESS) + 1)
        assert share == pytest.approx(due, rel=0.02), machine.fail(f"it had {share:.4f}, not {due:.4f}")


@pytest.mark.parametrize("gic", [pytest.param(2, marks=pytest.mark.soak), 3])
def test_neighbours_of_all_that_is_bad(gic):
    """The same, and one that crashes on purpose and comes back, ones that sleep for a microsecond each time, and ones that
    do all of it by turns: who sleeps or is off leaves his time to others, so an equal has its share or more."""
    crashes = vm("crashes", "crash", SHORT_TURNS + 'corbel,on-crash = "restart";', args="how=nowhere")
    itb = harness.bundle(*ragers(RESTLESS + FITFUL), crashes, *victims(4))
    with harness.corbel(itb, "guest-console=prefix", gic=gic, smp=1, icount=True) as machine:
        share = outcome(machine, [name for name, _, _ in RESTLESS + FITFUL])
        due = 1 / (sum(vcpus for _, vcpus, _ in RESTLESS + FITFUL) + 2)
        assert share > 0.98 * due, machine.fail(f"it had {share:.4f}, not {due:.4f}")
        assert "vm: crashes: stopped after a crash" in machine.console(), machine.fail("nobody crashed")


@pytest.mark.parametrize("gic", [2, 3])
def test_timer_that_is_kept_back(gic):
    """A timer that is due and cannot be signalled ends no WFI, and does as soon as it can be."""
    tap = harness.run_tap("kept", gic, smp=1, vcpus=2, icount=True)
    assert tap.passed == (2 if gic == 2 else 6)


@pytest.mark.parametrize("gic", [2, 3])
def test_timer_that_is_kept_back_costs_nobody(gic):
    """Nor does it take its more important vCPU back to the CPU, again and again."""
    itb = harness.bundle(vm("kept", "kept", "corbel,priority = <9>;", args="burn=1"), vm("share", "share", args="ms=200"))
    with harness.corbel(itb, "guest-console=prefix", gic=gic, smp=1, icount=True) as machine:
        machine.expect(r"\[kept\] kept: waits", 60)
        ran, time = map(int, machine.expect(r"\[share\] share: ran (\d+) of (\d+) us", 60).groups())
        assert ran > 0.99 * time, machine.fail(f"its neighbour ran {ran} of {time} us")
