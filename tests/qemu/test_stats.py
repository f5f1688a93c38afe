"""The monitor's `stats`: exits that a guest is known to make are counted, and timed where that is on, and stops nobody."""

import re
import time

import harness
from test_monitor import PREFIX, PROMPT, ask, guest_vm, paste_vm, wait_state
from test_why import check_good, good_vm, silent_vm

ROW = r"^  {} +(\d+)(?:  timed +(\d+): p50 ([\d.]+) p99 ([\d.]+) max ([\d.]+) us)?$"


def stats(machine, vcpu):
    """Each reason's numbers: count, timed, p50, p99, max."""
    text = re.sub(r"\[\w+\] [^\n]*\n", "", ask(machine, f"stats {vcpu.split('.')[0]}"))
    part = re.search(rf"^{re.escape(vcpu)}: (\d+) exits since its VM was started; [^\n]*\n((?:  [^\n]*\n)*)", text, re.M)
    rows = {name: re.search(ROW.format(name), part[2], re.M).groups() for name in re.findall(r"^  (\w+)", part[2], re.M)}
    assert int(part[1]) <= sum(int(row[0]) for row in rows.values()), machine.fail("the sum is more than its parts, which are counted later")
    return rows


def test_stats():
    """One that polls its UART, one that never leaves its loop, one whose timer fires."""
    vms = [silent_vm("poll"), silent_vm("loop"), good_vm(160, "corbel,priority = <1>;")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", smp=2) as machine:
        machine.expect(r"\[poll\] silent: about to", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        first = stats(machine, "poll.0")
        time.sleep(0.5)
        second = stats(machine, "poll.0")
        assert int(second["MMIO_READ"][0]) > int(first["MMIO_READ"][0]) > 100
        assert second["MMIO_READ"][1] is None, machine.fail("nobody has asked for times")
        loop = stats(machine, "loop.0")
        assert int(stats(machine, "loop.0")["MMIO_READ"][0]) == int(loop["MMIO_READ"][0])
        ask(machine, "stats on")
        time.sleep(1)
        timed = stats(machine, "poll.0")["MMIO_READ"]
        assert 100 < int(timed[1]) < int(timed[0])
        assert 0 < float(timed[2]) <= float(timed[3]) <= float(timed[4]), machine.fail(f"{timed}: not in their order")
        assert "they are timed" in ask(machine, "stats poll")
        ask(machine, "stats off")
        still = stats(machine, "poll.0")["MMIO_READ"]
        time.sleep(0.5)
        later = stats(machine, "poll.0")["MMIO_READ"]
        assert still[1] == later[1] and int(still[0]) < int(later[0]), machine.fail("it is still timed")
        check_good(machine)


def test_stats_of_all():
    """By itself for every vCPU of every VM; a start begins anew; a VM that is off has none."""
    with harness.corbel(harness.bundle(paste_vm("one"), guest_vm("hello", extra="corbel,autostart = <0>;")), smp=2) as machine:
        machine.expect("deaf", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        ask(machine, "stats on")
        text = ask(machine, "stats")
        assert re.findall(r"^(\S+): (\d+|0) exits", text, re.M)[1:] == [("hello.0", "0")]
        machine.send("start hello\r")
        machine.expect("vm: hello: powered off", 20)
        wait_state(machine, "hello", "off")
        before = stats(machine, "hello.0")
        assert int(before["SYSTEM_DOWN"][0]) == 1 and int(before["MMIO_WRITE"][1]) > 0, machine.fail("a start has forgotten that times are on")
        machine.send("start hello\r")
        machine.expect("vm: hello: powered off", 20)
        wait_state(machine, "hello", "off")
        assert stats(machine, "hello.0")["MMIO_WRITE"][0] == before["MMIO_WRITE"][0]
        assert 'there is no VM "nobody"' in ask(machine, "stats nobody")
