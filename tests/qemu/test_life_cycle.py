"""The life of a VM by the operator's orders and its own: many lives in a row, suspend and resume. What each guest promises
stands in docs/testing.md."""

import re
import time

import harness
import pytest
from test_monitor import PREFIX, PROMPT, ask, free_pages, guest_vm, heard, late_us, paste_vm, wait_state
from test_shares import share_vm
from test_why import silent_vm


def open_monitor(machine):
    machine.send(PREFIX + "m")
    machine.expect(PROMPT, 20)


def order(machine, what, name, told):
    """An order that is carried out a moment later, and told then."""
    machine.send(f"{what} {name}\r")
    machine.expect(rf"vm: {name}: {told}\r*\n", 20)


# --- many lives ------------------------------------------------------------------------------------


def next_life(machine):
    """The guest `lives` has found the bundle's image, by its FNV-1a; returns how many words of its RAM are not zero, and
    how many there are."""
    __tracebackhide__ = True
    value = 0xCBF29CE484222325
    for byte in (harness.GUESTS / "lives.bin").read_bytes():
        value = (value ^ byte) * 0x100000001B3 & 0xFFFF_FFFF_FFFF_FFFF
    life = machine.expect(rf"\[lives\] life: image {value:x}, (\d+) of (\d+) words are not zero\r*\n", 20, absent=r"life: .*\n")
    return int(life[1]), int(life[2])


def switch_off(machine, name):
    machine.send(f"destroy {name}\r")
    machine.expect(f"vm: {name}: destroyed", 20)
    wait_state(machine, name, "off")


def lives_under_monitor(then, gic, smp, variant):
    vms = [guest_vm("lives", f"then={then}", extra="corbel,autostart = <0>;"), paste_vm("one")]
    return harness.corbel(harness.bundle(*vms), "guest-console=prefix", variant=variant, gic=gic, smp=smp)


@pytest.mark.parametrize("gic,smp,variant", [pytest.param(2, 1, "", marks=pytest.mark.soak), (2, 2, "debug"), pytest.param(3, 1, "debug", marks=pytest.mark.soak), (3, 2, "")])
def test_reboots_100_times(gic, smp, variant):
    """A guest that overwrites its image, its device tree and all else, and resets itself, 100 times: each life begins from
    the bundle's bytes, and once it is off no page is missing."""
    with lives_under_monitor("reset", gic, smp, variant) as machine:
        machine.expect("deaf", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        before = free_pages(machine)
        machine.send("start lives\r")
        assert next_life(machine)[0] == 0
        for _ in range(100):
            nr_kept, nr_words = next_life(machine)
            assert nr_kept == nr_words, machine.fail("a reset keeps what is in RAM")
        switch_off(machine, "lives")
        assert free_pages(machine) == before


@pytest.mark.parametrize("gic,smp,variant", [(2, 2, ""), (3, 1, "debug")])
def test_off_and_on_100_times(gic, smp, variant):
    """The same when its power is cut each time: what it has left in its RAM is gone, and no page is missing."""
    with lives_under_monitor("wait", gic, smp, variant) as machine:
        machine.expect("deaf", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        before = free_pages(machine)
        for _ in range(100):
            machine.send("start lives\r")
            assert next_life(machine)[0] == 0, machine.fail("its RAM was not scrubbed")
            switch_off(machine, "lives")
        assert free_pages(machine) == before


# --- suspend and resume ----------------------------------------------------------------------------


@pytest.mark.parametrize("gic", [2, 3])
def test_time_stands_while_suspended(gic):
    """A guest that is suspended prints nothing, and notices nothing: its timer's periods all come, none late by its own clock."""
    alive = guest_vm("alive", "periods=3000 period-us=2000")
    other = harness.Vm("other", harness.GUESTS / "alive.bin", bootargs="periods=1000000", memory_mib=16)
    with harness.corbel(harness.bundle(alive, other), "guest-console=prefix", gic=gic, smp=1, icount=True) as machine:
        machine.expect(r"\[alive\] alive", 20)
        open_monitor(machine)
        for turn in range(10):
            # On a slow host its periods are over before the tenth order.
            machine.send("suspend alive\r")
            if machine.expect(r"vm: alive: suspended\r*\n|(it cannot be suspended)", 20)[1]:
                assert turn > 0
                break
            for _ in range(10):  # half a second of its neighbour's
                machine.expect(r"\[other\] alive \d+", 20, absent=r"\[alive\]")
            assert re.search(r"^1 +alive +paused ", ask(machine, "list"), re.M)
            order(machine, "resume", "alive", "resumed")
            machine.expect(r"\[alive\] (alive|# done)", 20)
        if "[alive] # done" not in machine.console():
            machine.expect(r"\[alive\] # done", 60)
        harness.check_tap(machine, harness.of_vm(machine.console(), "alive"))
        assert late_us(machine) < 1000, machine.fail("it saw the time that it was suspended")


def test_suspended_time_is_not_stolen():
    """A guest that never rests, on a CPU of its own, is suspended: neither its counter nor its record of stolen time tells."""
    steal = guest_vm("steal", "stolen=none busy-ms=2000", extra="corbel,affinity = <2>;")
    other = harness.Vm("other", harness.GUESTS / "alive.bin", bootargs="periods=1000000", memory_mib=16, extra="corbel,affinity = <1>;")
    with harness.corbel(harness.bundle(steal, other), "guest-console=prefix", smp=2, icount=True) as machine:
        machine.expect(r"\[steal\] ok 7", 20)
        open_monitor(machine)
        order(machine, "suspend", "steal", "suspended")
        for _ in range(10):
            machine.expect(r"\[other\] alive \d+", 20, absent=r"\[steal\]")
        order(machine, "resume", "steal", "resumed")
        machine.expect(r"\[steal\] # done", 60)
        harness.check_tap(machine, harness.of_vm(machine.console(), "steal"))
        away_us = int(re.search(r"away for (\d+) us by its own counter", machine.console())[1])
        assert away_us < 5000, machine.fail("its counter went on")


def test_what_suspend_and_resume_say():
    with harness.corbel(harness.bundle(paste_vm("one"), guest_vm("hello", extra="corbel,autostart = <0>;"))) as machine:
        machine.expect("deaf", 20)
        open_monitor(machine)
        assert "one is running: it cannot be resumed now" in ask(machine, "resume one")
        assert "hello is off: it cannot be suspended now" in ask(machine, "suspend hello")
        order(machine, "suspend", "one", "suspended")
        assert "one is paused: it cannot be suspended now" in ask(machine, "suspend one")
        assert "one is paused: it cannot be started now" in ask(machine, "start one")
        machine.send(PREFIX + "1ab." + PREFIX + "m")
        machine.expect(PROMPT, 20, absent="heard")
        order(machine, "resume", "one", "resumed")
        machine.send(PREFIX + "1")
        machine.expect(heard("ab."), 20)


@pytest.mark.parametrize("gic,smp", [pytest.param(2, 2, marks=pytest.mark.soak), (3, 1)])
def test_debian_suspended(gic, smp):
    """Debian, suspended for longer than its watchdogs wait: no complaint, its clock has stood, and keys typed meanwhile arrive."""
    with harness.boot_debian(gic=gic, smp=smp) as machine:
        machine.send("\n")
        machine.expect(r"# ", 20)
        machine.send("while :; do :; done & cut -d. -f1 /proc/uptime\n")
        before = int(machine.expect(r"\n(\d+)\r*\n", 20)[1])
        open_monitor(machine)
        order(machine, "suspend", "debian", "suspended")
        machine.send(PREFIX + "1cut -d. -f1 /proc/uptime | sed s/^/up-/\n" + PREFIX + "m")
        time.sleep(30)
        machine.expect(PROMPT, 20)
        began = time.monotonic()
        order(machine, "resume", "debian", "resumed")
        machine.send(PREFIX + "1")
        after = int(machine.expect(r"up-(\d+)\r*\n", 20)[1])
        assert after - before < 15 + time.monotonic() - began, machine.fail("its clock went on")
        machine.send("sleep 5; dmesg | grep -ciE 'stall|lockup|hung|unstable|rcu.*self-detected'\n")
        machine.expect(r"\n0\r*\n", 30, absent=r"\n[1-9]\d*\r*\n")


# guest, GIC, host CPUs, vCPUs
RACES = [
    ("smp", 2, 4, 4),
    ("smp", 3, 2, 4),
    ("gicsmp", 3, 2, 2),
    ("gicsmp", 2, 2, 2),
    ("calls", 3, 2, 2),
    ("setway", 3, 2, 2),
    ("wfi", 2, 2, 2),
    pytest.param("timer", 3, 1, 2, marks=pytest.mark.soak),
]


@pytest.mark.parametrize("guest,gic,smp,vcpus", RACES)
def test_suspended_again_and_again(guest, gic, smp, vcpus):
    """What a guest does is right however often it is suspended in the middle of it: CPU_ON and CPU_OFF, SYSTEM_SUSPEND,
    register accesses that wait for another vCPU, cleaning its RAM, going to sleep. On one CPU by -icount, so that what the
    guest sees of the orders' way to it is not the host's business."""
    vm = harness.Vm(guest, harness.GUESTS / f"{guest}.bin", bootargs=harness.guest_bootargs(), vcpus=vcpus)
    with harness.corbel(harness.bundle(vm), "guest-console=prefix", variant="debug", gic=gic, smp=smp, icount=smp == 1) as machine:
        machine.expect(rf"\[{guest}\] ", 20)
        machine.send(PREFIX + "m")
        # Some are on their way all the time, so that it is suspended soon again however slow the reader here is.
        machine.send(f"suspend {guest}\rresume {guest}\r" * 8)
        nr_resumed = 0
        while True:
            machine.send(f"suspend {guest}\rresume {guest}\r")
            if machine.expect(rf"vm: {guest}: (resumed|powered off)", 60)[1] == "powered off":
                break
            nr_resumed += 1
        machine.wait_end(20)
        assert harness.check_tap(machine, harness.of_vm(machine.console(), guest)).passed > 0
        assert nr_resumed > 5, machine.fail("it was hardly ever suspended")


@pytest.mark.parametrize("gic,smp", [(2, 1), (3, 2)])
def test_suspended_vm_stops(gic, smp):
    """Reset, destroy and start of one that is suspended, and suspended at once: as of one that runs, and no page is lost."""
    with harness.corbel(harness.bundle(paste_vm("one"), paste_vm("two")), "guest-console=prefix", variant="debug", gic=gic, smp=smp) as machine:
        machine.expect(r"(?s)(\[(one|two)\] deaf.*){2}", 20)
        open_monitor(machine)
        running = free_pages(machine)
        for _ in range(5):
            order(machine, "suspend", "one", "suspended")
            machine.send("reset one\r")
            machine.expect(r"vm: one: reset by the operator, starting again", 20)
            machine.expect(r"\[one\] deaf", 20)
            order(machine, "suspend", "one", "suspended")
            order(machine, "destroy", "one", "destroyed")
            wait_state(machine, "one", "off")
            machine.send("start one\r")
            machine.expect(r"\[one\] deaf", 20)
            machine.send("suspend one\rdestroy one\r")
            machine.expect(r"vm: one: destroyed", 20)
            wait_state(machine, "one", "off")
            machine.send("start one\r")
            machine.expect(r"\[one\] deaf", 20)
        assert free_pages(machine) == running


# --- shutdown and reboot, which ask ----------------------------------------------------------------


@pytest.mark.parametrize("gic,smp,variant", [pytest.param(2, 1, "debug", marks=pytest.mark.soak), (3, 2, "")])
def test_debian_is_asked(gic, smp, variant):
    """shutdown and reboot press the power key: Debian's own gpio-keys driver, evdev and acpid hear it, each time."""
    debian = harness.debian_vm(bootargs="quiet", extra="corbel,power-key = <1>;")
    with harness.corbel(harness.bundle(debian, paste_vm("one")), "guest-console=prefix", variant=variant, gic=gic, smp=smp) as machine:
        machine.expect("built-in shell", 60)
        open_monitor(machine)
        machine.send("reboot debian\r")
        machine.expect(r"The power key was pressed\.", 30)
        machine.expect(r"vm: debian: powered off, starting again", 30)
        machine.expect("built-in shell", 60, absent="vm: one: ")
        machine.send("shutdown debian\r")
        machine.expect(r"The power key was pressed\.", 30)
        machine.expect(r"vm: debian: powered off\r*\n", 30)
        wait_state(machine, "debian", "off")
        assert "debian is off: it cannot be asked now" in ask(machine, "shutdown debian")
        assert "one has no power key" in ask(machine, "shutdown one")
        assert "one has no power key" in ask(machine, "reboot one")


def test_a_reboot_that_nobody_hears_lapses():
    """A guest without a driver for the key: told after two minutes of its own clock, and its power-off after that is one.

    Once the other VM is off nobody runs, and the clock goes from timer to timer."""
    deaf = share_vm("sleeps", "corbel,power-key = <1>;", args="sleep=1", ms=130000)
    with harness.corbel(harness.bundle(deaf, silent_vm("loop")), "guest-console=prefix on-idle=monitor", smp=1, icount=True) as machine:
        machine.expect(r"\[loop\] silent: about to", 60)
        open_monitor(machine)
        machine.send("reboot sleeps\rdestroy loop\r")
        machine.expect(r'vm: sleeps: did not power off within 120 s of "reboot", which lapses; "reset sleeps" does not ask', 60)
        machine.expect(r"vm: sleeps: powered off\r*\n", 60, absent="starting again")


def test_a_reboot_is_called_off():
    """Powering off in time, it comes back; a shutdown behind the reboot takes that back."""
    deaf = harness.Vm("deaf", harness.GUESTS / "paste.bin", bootargs=harness.guest_bootargs(), memory_mib=16, extra="corbel,power-key = <1>;")
    with harness.corbel(harness.bundle(deaf, paste_vm("one")), "guest-console=prefix") as machine:
        machine.expect(r"\[deaf\] deaf", 60)
        open_monitor(machine)
        ask(machine, "reboot deaf")
        machine.send(PREFIX + "1!")
        machine.expect(r"vm: deaf: powered off, starting again", 60)
        machine.expect(r"\[deaf\] deaf", 60)
        open_monitor(machine)
        ask(machine, "reboot deaf")
        ask(machine, "shutdown deaf")
        machine.send(PREFIX + "1!")
        machine.expect(r"vm: deaf: powered off\r*\n", 60, absent="starting again")
