"""What the operator has: Ctrl-] and its keys, the monitor and its commands, and what they do to the VMs."""

import re
import time

import harness
import pytest

PREFIX = "\x1d"  # Ctrl-]
PROMPT = "corbel> "


def paste_vm(name):
    """Says how much was typed, and its sum, at each full stop; "!" ends it."""
    return harness.Vm(name, harness.GUESTS / "paste.bin", bootargs=harness.guest_bootargs(), memory_mib=16)


def guest_vm(guest, bootargs="", priority=0, memory_mib=16, extra=""):
    return harness.Vm(
        guest,
        harness.GUESTS / f"{guest}.bin",
        bootargs=f"{harness.guest_bootargs()} {bootargs}",
        memory_mib=memory_mib,
        extra=f"corbel,priority = <{priority}>; {extra}",
    )


def checksum(text):
    return sum(n * byte for n, byte in enumerate(text.encode(), 1)) & 0xFFFF_FFFF


def heard(text):
    return rf"heard {len(text)} bytes, sum {checksum(text)}\r*\n"


def ask(machine, command):
    """Types a command at the prompt; returns what stands between it and the next prompt."""
    machine.send(command + "\r")
    machine.expect(re.escape(command) + r"\r*\n", 20)
    machine.expect(PROMPT, 20)
    return machine.child.before.replace("\r", "")


def free_pages(machine):
    return int(re.search(r"\((\d+) of \d+ pages", ask(machine, "mem"))[1])


def wait_state(machine, name, state):
    deadline = time.monotonic() + 30 * harness.PATIENCE
    while not re.search(rf"^\d+ +{name} +{state} ", ask(machine, "list"), re.M):
        if time.monotonic() > deadline:
            machine.fail(f"{name} does not become {state}")
        time.sleep(0.1)


def late_us(machine):
    return int(re.search(r"\((\d+) us at most\)", machine.console())[1])


@pytest.mark.parametrize("options", ["", "guest-console=prefix"], ids=["focus", "prefix"])
def test_keys(options):
    """Each VM gets what is typed for it, and nothing that is meant for Corbel; Ctrl-] twice is a Ctrl-] for the guest."""
    with harness.corbel(harness.bundle(paste_vm("one"), paste_vm("two")), options) as machine:
        machine.expect(r"vm: two: running", 20)
        machine.send(PREFIX + "1ab.")
        machine.expect(heard("ab."), 20)
        machine.send(PREFIX + "2xyz" + PREFIX + PREFIX + ".")
        machine.expect(heard("xyz" + PREFIX + "."), 20)
        machine.send(PREFIX + "nc.")
        machine.expect(heard("ab.c."), 20)
        machine.send(PREFIX + "?")
        machine.expect(r"1 one, running: has the keys\r*\n", 20)
        machine.send(PREFIX + "9")
        machine.expect(r"there is no VM 9: there are 2", 20)
        machine.send("x" + PREFIX + "1d.")  # x only ends Ctrl-] ?
        machine.expect(heard("ab.c.d."), 20)
        machine.send("!")
        machine.expect("the keys are two's now", 20)
        machine.send("!")
        machine.wait_end(20)


def test_unfocused_output_is_kept():
    """What a VM prints while nobody looks comes when it gets the focus, and not before."""
    alive = guest_vm("alive", f"periods=40 late-ms={harness.late_ms(2)}")
    with harness.corbel(harness.bundle(paste_vm("one"), alive)) as machine:
        machine.expect("vm: alive: running", 20)
        machine.send(PREFIX + "1.")
        machine.expect(heard("."), 20)
        machine.expect(r"vm: alive: powered off", 30, absent=r"alive \d+\r*\n")
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        wait_state(machine, "alive", "off")
        machine.send(PREFIX + "2")
        machine.expect(r"--- alive, which is off", 20)
        machine.expect(r"# done\r*\n", 20)
        harness.check_tap(machine, machine.console().split("which is off")[1])


def test_monitor_opens_in_one_piece():
    """What the focused VM has still to show waits for Ctrl-] and its number; none of it comes between the monitor's words."""
    alive = guest_vm("alive", f"periods=60 late-ms={harness.late_ms(2)}")
    with harness.corbel(harness.bundle(paste_vm("one"), alive)) as machine:
        machine.expect(r"vm: alive: powered off", 30)
        machine.send(PREFIX + "2" + PREFIX + "m")
        machine.expect(r'\nCorbel monitor: "help" lists the commands; Ctrl-\] (2 or Ctrl-D goes back to alive|n goes to a VM that runs)\r*\ncorbel> ', 20)
        wait_state(machine, "alive", "off")
        machine.send(PREFIX + "2")
        machine.expect(r"# done\r*\n", 20)


def test_deaf_guest_does_not_take_the_keys():
    """A VM that never reads: after a while what is typed for it is dropped, and Ctrl-] works."""
    deaf = guest_vm("leftover")
    with harness.corbel(harness.bundle(deaf, paste_vm("other"))) as machine:
        machine.expect("leftover: found", 20)
        machine.send(PREFIX + "1" + "x" * 5000)
        machine.expect("leftover reads nothing", 30)
        machine.send(PREFIX + "2ab.")
        machine.expect(heard("ab."), 20)


def test_prompt_stops_nobody():
    """With the monitor open, and while it answers, a VM's timer goes on as before."""
    with harness.corbel(harness.bundle(guest_vm("alive", "periods=2000 period-us=1000"), paste_vm("one")), "guest-console=prefix", smp=1, icount=True) as machine:
        machine.expect(r"\[alive\] alive", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        for command in ("list", "help", "log", "mem", "keys", "nonsense", "console nobody", "start 1", "destroy 7"):
            ask(machine, command)
        if "[alive] # done" not in machine.console():
            machine.expect(r"\[alive\] # done", 90)
        harness.check_tap(machine, harness.of_vm(machine.console(), "alive"))
        assert late_us(machine) < 15000, machine.fail("later than its neighbour's time slice of 10 ms explains")


def test_what_the_monitor_says():
    with harness.corbel(harness.bundle(paste_vm("one"), guest_vm("hello", extra="corbel,autostart = <0>;"))) as machine:
        machine.expect("deaf", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        assert re.search(r"^1 +one +running +1 +16 MiB", ask(machine, "list"), re.M)
        assert re.search(r"^2 +hello +off ", ask(machine, "list"), re.M)
        assert 'there is no VM "three"' in ask(machine, "destroy three")
        assert "a VM is missing; usage: reset VM; the VMs are 1 one, 2 hello" in ask(machine, "reset")
        assert "hello is off" in ask(machine, "destroy hello")
        assert "one is running: it cannot be started now" in ask(machine, "start one")
        assert 'unknown command "hepl"; did you mean "help"?' in ask(machine, "hepl")
        assert '"all" is one word too many; usage: list [--json]' in ask(machine, "list all")
        for alias in ("ls", "vm-list"):
            assert ask(machine, alias) == ask(machine, "list")
        assert re.search(r"^ +start VM: .*\n +create is the same", ask(machine, "help create"), re.M)
        assert "stats [VM|on|off] [--json]: " in ask(machine, "help stats")
        assert max(len(line) for line in ask(machine, "help").splitlines()) < 80, machine.fail("help wraps")
        assert max(len(line) for line in ask(machine, "keys").splitlines()) < 80
        assert ask(machine, "   list  ") == ask(machine, "list")
        assert "vm: one: running" in ask(machine, "log")
        machine.send("lisx\x7ft\r")
        machine.expect(r"one +running", 20)
        machine.expect(PROMPT, 20)
        machine.send("start hello\r")
        machine.expect("vm: hello: powered off", 20)
        wait_state(machine, "hello", "off")
        machine.send("console hello\r")
        machine.expect("hello, which is off", 20)
        machine.expect("hello from EL1: 1 cpus", 20)
        machine.send(PREFIX + "mpoweroff\r")
        machine.wait_end(20)


@pytest.mark.parametrize("gic", [pytest.param(2, marks=pytest.mark.soak), 3])
def test_reset_100_times(gic):
    """One VM is reset again and again: it comes up each time, no page is lost, and the other's timer never stops."""
    alive = guest_vm("alive", "periods=6000 period-us=100", priority=5)
    with harness.corbel(harness.bundle(paste_vm("one"), alive), "guest-console=prefix", gic=gic, smp=1, icount=True) as machine:
        up = r"(?s)\[one\] deaf.*vm: one: running|vm: one: running.*\[one\] deaf"
        machine.expect(up, 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        before = free_pages(machine)
        for _ in range(100):
            machine.send("reset one\r")
            machine.expect(up, 20)
        assert free_pages(machine) == before
        assert "[alive] # done" not in machine.console()
        assert machine.console().count("vm: one: reset by the operator, starting again") == 100
        machine.expect(r"\[alive\] # done", 90)
        harness.check_tap(machine, harness.of_vm(machine.console(), "alive"))
        assert late_us(machine) < 20, machine.fail("its timer came late")


@pytest.mark.parametrize("gic,smp", [pytest.param(2, 1, marks=pytest.mark.soak), (3, 2)])
def test_destroy_and_start(gic, smp):
    """A VM that is off has no pages; each start takes what the first one took, in the debug image, too."""
    vms = [guest_vm("alive", "periods=1000000"), harness.debian_vm(bootargs="quiet")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", variant="debug", gic=gic, smp=smp) as machine:
        machine.expect(r"CORBEL-GUEST-UP", 60)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        running = free_pages(machine)
        for _ in range(10):
            machine.send("destroy debian\r")
            machine.expect("vm: debian: destroyed", 20)
            wait_state(machine, "debian", "off")
            assert free_pages(machine) >= running + (256 << 8)
            machine.send("start debian\r")
            machine.expect("vm: debian: running", 20)
            machine.expect(PROMPT, 20)
            assert free_pages(machine) == running
        machine.expect(r"CORBEL-GUEST-UP", 60)
        machine.send("destroy debian\rdestroy 1\r")
        machine.wait_end(30)


def test_destroy_while_it_loads():
    """Stops at any moment of a start: nothing is lost, and the next start is whole."""
    with harness.corbel(harness.bundle(paste_vm("one"), harness.debian_vm(bootargs="quiet")), "guest-console=prefix", variant="debug") as machine:
        machine.expect(r"CORBEL-GUEST-UP", 60)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        running = free_pages(machine)
        for order in ["destroy debian\rstart debian\r", "reset debian\rreset debian\r", "reset debian\rdestroy debian\r", "start debian\rdestroy debian\r"] * 2:
            machine.send(order)
        machine.send("help\r")
        machine.expect("starts a VM that is off", 60)
        machine.expect(PROMPT, 20)
        machine.send("destroy debian\r")
        wait_state(machine, "debian", "off")
        machine.send("start debian\r")
        machine.expect(r"\[debian\] CORBEL-GUEST-UP cpus=2", 60)
        machine.send("\r")
        assert free_pages(machine) == running


def test_memory_comes_back_scrubbed():
    """A reset keeps what a VM left in its RAM, as a board does; a VM that was off finds nothing of it."""
    with harness.corbel(harness.bundle(guest_vm("leftover", memory_mib=300), paste_vm("one")), "guest-console=prefix", memory="512M") as machine:
        left = int(machine.expect(r"leftover: found 0, left (\d+)\r*\n", 60)[1])
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        machine.send("reset leftover\r")
        machine.expect(rf"leftover: found {left}, left {left}\r*\n", 60)
        machine.send("destroy leftover\r")
        machine.expect("vm: leftover: destroyed", 20)
        machine.expect(PROMPT, 20)
        wait_state(machine, "leftover", "off")
        machine.send("start leftover\r")
        machine.expect(rf"leftover: found 0, left {left}\r*\n", 60, absent="leftover: found [1-9]")


def test_monitor_comes_again():
    """on-idle=monitor: whenever the last VM goes off, also one that the operator has started."""
    with harness.corbel(harness.bundle(guest_vm("hello")), "on-idle=monitor") as machine:
        machine.expect("vm: hello: powered off", 20)
        machine.expect("Corbel monitor", 20)
        machine.send("start hello\r")
        machine.expect("vm: hello: powered off", 20)
        machine.expect("Corbel monitor", 20)
        assert re.search(r"^1 +hello +off ", ask(machine, "list"), re.M)


def test_half_a_line_stays():
    """What is typed at the prompt is what the prompt shows: Ctrl-] ? in between hides nothing."""
    with harness.corbel(harness.bundle(paste_vm("one"))) as machine:
        machine.expect("deaf", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        machine.send("lis" + PREFIX + "?")
        machine.expect(r"1 one, running: had the keys last\r*\n", 20)
        machine.expect(PROMPT + "lis$", 20)
        machine.send("t\r")
        machine.expect(r"1 +one +running", 20)


def test_destroy_of_one_that_always_comes_back():
    with harness.corbel(harness.bundle(guest_vm("reset", memory_mib=128), paste_vm("one")), "guest-console=prefix", smp=1) as machine:
        machine.expect(r"(?s)(reset, starting again.*){3}", 30)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        machine.send("destroy reset\r")
        wait_state(machine, "reset", "off")


def test_destroy_beside_one_that_never_rests():
    """A VM of higher priority that spins keeps the CPU; the operator can still get rid of the one below it."""
    spinner = harness.Vm("spinner", harness.GUESTS / "paste.bin", memory_mib=16, extra="corbel,priority = <10>;")
    with harness.corbel(harness.bundle(spinner, guest_vm("hello", memory_mib=8)), smp=1) as machine:
        machine.expect("vm: spinner: running", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        machine.send("destroy hello\r")
        wait_state(machine, "hello", "off")
