"""The monitor as a person at a terminal meets it: keys as a terminal sends them, and what stands on the screen then, while
guests print; and as a script meets it: JSON."""

import json
import re
import termios
import time

import harness
import pexpect
import pytest
from screen import Screen
from test_monitor import PREFIX, PROMPT, guest_vm, heard, late_us, paste_vm

UP, DOWN, RIGHT, LEFT, DELETE, HOME, END = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[3~", "\x1b[H", "\x1b[F"


class Terminal:
    """What the machine prints, on a screen. The machine's own log and expect() see the same bytes."""

    def __init__(self, machine):
        self.machine, self.screen, self.seen = machine, Screen(), 0
        settings = termios.tcgetattr(machine.child.child_fd)
        settings[3] &= ~termios.ISIG  # Ctrl-C is for Corbel, not for QEMU
        termios.tcsetattr(machine.child.child_fd, termios.TCSANOW, settings)

    def look(self):
        """Brings the screen up to what has come so far."""
        try:
            self.machine.child.expect(pexpect.TIMEOUT, timeout=0.05)
        except pexpect.EOF:
            self.machine.fail("QEMU ended")
        text = self.machine.log.getvalue()
        self.screen.feed(text[self.seen :])
        self.seen = len(text)

    def wait(self, wanted, what, timeout=20):
        __tracebackhide__ = True
        deadline = time.monotonic() + timeout * harness.PATIENCE
        while True:
            self.look()
            if wanted(self.screen):
                return
            if time.monotonic() > deadline:
                self.machine.fail(f"{what}; the screen is\n{self.screen.text()}\nwith the cursor in {self.screen.with_cursor()!r}\n")

    def type(self, keys, row):
        """Types; the cursor's row must become this one, a | where the cursor is."""
        __tracebackhide__ = True
        self.machine.send(keys)
        self.wait(lambda screen: screen.with_cursor() == row, f"{keys!r} does not make the row {row!r}")

    def wait_text(self, pattern):
        __tracebackhide__ = True
        self.wait(lambda screen: re.search(pattern, screen.text(), re.M), f"not on the screen: {pattern!r}")

    def wait_lines_of(self, name, nr=3):
        """The guest prints so many lines more."""
        __tracebackhide__ = True
        count = self.machine.log.getvalue().count(f"[{name}]")
        self.wait(lambda _: self.machine.log.getvalue().count(f"[{name}]") >= count + nr, f"{name} prints nothing")


def open_monitor(machine):
    """The prompt, at the bottom of a screen."""
    terminal = Terminal(machine)
    machine.send(PREFIX + "m")
    terminal.wait(lambda screen: screen.with_cursor() == PROMPT + "|", "no prompt")
    return terminal


@pytest.fixture(name="terminal", params=["", "guest-console=prefix"], ids=["focus", "prefix"])
def terminal_fixture(request):
    """The monitor beside a guest that prints a line every 20 ms, which in prefix mode come past the prompt."""
    vms = [guest_vm("alive", "periods=1000000 period-us=20000"), paste_vm("one")]
    with harness.corbel(harness.bundle(*vms), request.param) as machine:
        machine.expect("vm: one: running", 20)
        if request.param:
            machine.expect(r"\[alive\] alive", 20)
        yield open_monitor(machine)


def test_editing(terminal):
    """Each key makes the row what it must be, and what a guest prints in between leaves it so."""
    for keys, row in [
        ("lxst", "lxst|"),
        (LEFT + LEFT, "lx|st"),
        ("\x7f", "l|st"),
        ("i", "li|st"),
        (HOME, "|list"),
        (DELETE + "L" + DELETE + "I", "LI|st"),
        (END + "zz", "LIstzz|"),
        ("\x02\x02\x0b", "LIst|"),
        ("\x01" + RIGHT + "\x06\x04", "LI|t"),
        ("\x15", "|t"),
        ("\x05 one two", "t one two|"),
        ("\x17", "t one |"),
        ("\x17\x17", "|"),
    ]:
        terminal.type(keys, PROMPT + row)
        if "[alive]" in terminal.screen.text():
            terminal.wait_lines_of("alive")
            terminal.type("", PROMPT + row)
    terminal.machine.send("list\r")
    terminal.wait_text(r"^2 +one +running")
    terminal.wait(lambda screen: screen.with_cursor() == PROMPT + "|", "no prompt")
    assert terminal.screen.wraps == 0


def test_split_escape_sequences(terminal):
    """A key's bytes come one by one, with a guest's lines between."""
    terminal.type("list", PROMPT + "list|")
    for key, row in [(LEFT, "lis|t"), ("\x1bOD", "li|st"), ("\x1b[1;5D", "l|ist"), ("\x1b[15~", "l|ist"), (DELETE, "l|st")]:
        for byte in key:
            terminal.machine.send(byte)
            time.sleep(0.05)
            terminal.look()
        terminal.type("", PROMPT + row)


def test_history(terminal):
    for line in ("log", "keys", "keys", "", "mem"):
        terminal.machine.send(line + "\r")
    terminal.wait_text("MiB of RAM")
    terminal.wait(lambda screen: screen.with_cursor() == PROMPT + "|", "no prompt")
    terminal.type("half", PROMPT + "half|")
    for key, row in [(UP, "mem|"), (UP, "keys|"), ("\x10", "log|"), (DOWN, "keys|"), ("\x0e", "mem|"), (DOWN, "half|")]:
        terminal.type(key, PROMPT + row)
    bells = terminal.screen.bells
    terminal.machine.send(DOWN)
    terminal.wait(lambda screen: screen.bells == bells + 1, "no bell at the end of the history")


def test_completion(terminal):
    terminal.type("con\t", PROMPT + "console |")
    terminal.type("o\t", PROMPT + "console one |")
    terminal.type("\x15h\t", PROMPT + "h|")
    terminal.machine.send("\t")
    terminal.wait_text(r"^help +host-reboot$")
    terminal.wait(lambda screen: screen.with_cursor() == PROMPT + "h|", "the line is not there again")
    terminal.type("e\t", PROMPT + "help |")
    terminal.type("lis\t", PROMPT + "help list |")


def test_full_line_and_control_keys(terminal):
    """A line ends before the screen does, with a bell; Ctrl-C drops it, Ctrl-L clears the screen, Ctrl-D leaves."""
    terminal.type("x" * 71, PROMPT + "x" * 71 + "|")
    bells = terminal.screen.bells
    terminal.machine.send("yy")
    terminal.wait(lambda screen: screen.bells == bells + 2, "no bell")
    terminal.type(HOME, PROMPT + "|" + "x" * 71)
    terminal.type("\x03", PROMPT + "|")
    terminal.type("list", PROMPT + "list|")
    terminal.machine.send("\x02\x0c")
    terminal.wait(lambda screen: screen.line(0) == PROMPT + "list" or "[alive]" in screen.text(), "Ctrl-L does not clear")
    terminal.type("", PROMPT + "lis|t")
    terminal.machine.send("\x03\x04")
    terminal.wait_text(r"^--- alive \(Ctrl-\] \? tells the keys\) ---$")


def test_log_lines_leave_the_line(terminal):
    """VMs come and go meanwhile: log lines stand above the half-typed line."""
    terminal.machine.send("reset one\r")
    terminal.type("list\x02\x02", PROMPT + "li|st")
    terminal.wait_text(r"vm: one: running")
    terminal.type("", PROMPT + "li|st")


# --- what Ctrl-] and its keys show -----------------------------------------------------------------


def loop_vm():
    return harness.Vm("loop", harness.BUILD / "demo" / "loop.bin", memory_mib=16)


def test_list_of_keys_stays():
    """A guest that redraws its screen each second does not wipe Ctrl-] ?; the next key, which it does not get, shows it again."""
    with harness.corbel(harness.bundle(loop_vm(), paste_vm("one"))) as machine:
        terminal = Terminal(machine)
        terminal.wait_text("^periods [1-9]")
        machine.send(PREFIX + "?")
        terminal.wait_text("^  any key goes back to loop")
        frames = machine.log.getvalue().count("control loop on")
        time.sleep(3)
        terminal.wait_text(r"^  Ctrl-\] n        the next VM that runs$")
        assert machine.log.getvalue().count("control loop on") == frames
        machine.send("q")  # the loop would power off
        machine.expect(r"--- loop \(Ctrl-\] \? tells the keys\) ---", 20)
        terminal.wait(lambda _: machine.log.getvalue().count("control loop on") >= frames + 3, "no frame any more")
        machine.send(PREFIX + "?")
        terminal.wait_text("^  any key goes back to loop")
        machine.send(PREFIX + "2ab.")  # Ctrl-] works from there as ever
        machine.expect(heard("ab."), 20)


@pytest.mark.long
def test_shell_prompt_comes_again():
    """Debian's prompt stands there again after a while at another VM, at the monitor, and behind a log line."""
    with harness.corbel(harness.bundle(harness.debian_vm(bootargs="quiet"), paste_vm("one"))) as machine:
        machine.expect("debian# ", 60)
        machine.send("echo half")
        machine.expect("echo half", 20)
        machine.send(PREFIX + "2ab.")
        machine.expect(heard("ab."), 20)
        machine.send(PREFIX + "1")
        machine.expect(r"--- debian \(Ctrl-\] \? tells the keys\) ---\r*\ndebian# echo half$", 20)
        # a log line in the middle of an edited line: both stand there, and the cursor is where it was
        terminal = Terminal(machine)
        terminal.type(LEFT * 3 + "x" + LEFT, "debian# echo h|xalf")
        machine.send(PREFIX + "m")
        terminal.wait(lambda screen: screen.with_cursor() == PROMPT + "|", "no prompt")
        machine.send("reset one\r\x04")
        terminal.wait_text(r"vm: one: running")
        terminal.type("", "debian# echo h|xalf")
        terminal.type("\x05", "debian# echo hxalf|")
        machine.send("\x15echo $((6 * 7))\r")
        machine.expect(r"\n42\r*\n", 20)
        machine.expect("debian# ", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        machine.send("reset one\r\x04")
        machine.expect(r"--- debian \(Ctrl-\] \? tells the keys\) ---\r*\ndebian# ", 20)
        machine.expect(r"vm: one: running.*\r*\ndebian# $", 20)
        machine.send("echo $((6 * 8))\r")
        machine.expect(r"\n48\r*\n", 20)


def test_a_vm_that_is_off():
    """It is told that it is off, when it gets the keys and once more when somebody types; nothing typed comes in its next life."""
    off = harness.Vm("off", harness.GUESTS / "paste.bin", bootargs=harness.guest_bootargs(), memory_mib=16, extra="corbel,autostart = <0>;")
    with harness.corbel(harness.bundle(paste_vm("one"), off)) as machine:
        machine.expect("deaf", 20)
        machine.send(PREFIX + "2")
        machine.expect(r'--- off, which is off: Ctrl-\] m, then "start off" ---', 20)
        machine.send("typed in vain.")
        machine.expect(r'--- off is off and hears nothing: Ctrl-\] m, then "start off" ---', 20)
        machine.send(PREFIX + "3")
        machine.expect(r"--- there is no VM 3: there are 2", 20, absent="hears nothing")
        machine.send(PREFIX + "mstart off\r" + PREFIX + "2ab.")
        machine.expect(heard("ab."), 30)


# --- scripts ---------------------------------------------------------------------------------------


def answer(machine, command):
    """What stands between the command and the next prompt, as one JSON value."""
    machine.send(command + "\r")
    machine.expect(re.escape(command) + r"\r*\n", 20)
    machine.expect(r"(?s)([\[{].*?)\r*\n(?=[^\n]*corbel> )", 20)
    return json.loads(machine.child.match[1].replace("\r", ""))


@pytest.mark.parametrize("options", ["", "guest-console=prefix"], ids=["focus", "prefix"])
def test_json(options):
    """Each answer is one JSON value, in one piece beside guests that print all the time, be it data or what is wrong."""
    bad = guest_vm("hello", extra='corbel,nonsense = "x";')
    flood = guest_vm("alive", "periods=1000000 period-us=1000")
    with harness.corbel(harness.bundle(flood, paste_vm("one"), bad), options) as machine:
        machine.expect("vm: one: running", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        for _ in range(5):
            vms = answer(machine, "list --json")
            assert [(vm["id"], vm["name"], vm["state"], vm["vcpus"], vm["memory_mib"]) for vm in vms] == [
                (1, "alive", "running", 1, 16),
                (2, "one", "running", 1, 16),
            ]
            assert [vm["had_keys_last"] for vm in vms] == [True, False]
            log = answer(machine, "log --json")
            assert any('"hello"' in line for line in log) and any("vm: one: running" in line for line in log)
            memory = answer(machine, "mem --json")
            assert 0 < memory["free_pages"] < memory["total_pages"]
            assert answer(machine, "--json lsit") == {"error": 'unknown command "lsit"; did you mean "list"?'}
            assert answer(machine, "list all --json")["error"].startswith('"all" is one word too many')
            assert answer(machine, 'start "x --json')["error"] == 'there is no VM ""x"; the VMs are 1 alive, 2 one'
            assert answer(machine, "start 1 --json")["error"] == "start has no --json; usage: start VM"


def test_typing_delays_nobody():
    """A VM of priority beside somebody who pastes, edits, completes, goes through the history, mistypes, and asks for JSON:
    its timer comes on time, on the one CPU that does all of it."""
    timer = guest_vm("alive", "periods=2000 period-us=100", priority=5)
    with harness.corbel(harness.bundle(timer, paste_vm("one")), smp=1, icount=True) as machine:
        machine.expect("vm: one: running", 20)
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        for keys in ("x" * 71 + HOME + "y\x17\x0b", "\t\t\tcon\t\t\t\x15", UP * 5 + DOWN * 5, "hsot-reboto\r", "list --json\r", "console nobody\r") * 2:
            machine.send(keys)
            machine.child.expect(pexpect.TIMEOUT, timeout=0.1)
        machine.send("\x15help\r")
        machine.expect("starts a VM that is off", 60)
        machine.send(PREFIX + "1")
        machine.expect("# done", 60)
        assert late_us(machine) < 40, machine.fail("its timer came late")
