"""Devices of a Raspberry Pi 4 in guests' hands: the card with Debian's own driver, and the mini UART with the loop's."""

import contextlib
import hashlib
import random
import re
import socket
import threading
import time

import harness
import pytest
from rpi4 import needs_raspi4b
from rpi4_direct import MINI_UART, PL011, by_kernel

pytestmark = needs_raspi4b

CARD = "/soc/mmc@7e300000"  # where QEMU has its card
AUX = "/soc/aux@7e215000"  # what is in the mini UART's page besides
CARD_BYTES = 4 << 20
LOOP = harness.BUILD / "demo" / "loop.bin"
HELLO = harness.Vm("good", harness.GUESTS / "hello.bin")
# of a plain frame: the head, then all rows
FRAME = r"1000 us control loop[^\n]*\nperiods (\d+)   missed \d+ [^\n]*\n[^\n]*\n\r\n[^\n]*\n(?:[^|\n]+\|[# ]{40}\|[^|\n]+\n){13}\r\n"


def given(*paths):
    return "corbel,passthrough = " + ", ".join(f'"{path}"' for path in paths) + ";"


def loop(bootargs="plain", extra=given(MINI_UART, AUX)):
    return harness.Vm("loop", LOOP, bootargs=bootargs, memory_mib=16, extra=f"corbel,priority = <10>; {extra}")


class Line:
    """The other end of a serial line. A thread reads: a QEMU whose line is full stands still as a whole."""

    def __init__(self, machine, connection):
        self.machine, self.connection = machine, connection
        self.text, self.seen, self.more = "", 0, threading.Condition()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self):
        with contextlib.suppress(OSError):
            while data := self.connection.recv(4096):
                with self.more:
                    self.text += data.decode("utf-8", "replace")
                    self.more.notify()

    def expect(self, pattern, timeout=30):
        """Waits for a regular expression behind the one before."""
        __tracebackhide__ = True

        def find():
            return re.compile(pattern).search(self.text, self.seen)

        with self.more:
            match = self.more.wait_for(find, timeout * harness.PATIENCE)
            if not match:
                self.machine.fail(f"not seen on the other line: {pattern!r}; it ends: {self.text[-2000:]!r}")
            self.seen = match.end()
            return match

    def send(self, text):
        self.connection.sendall(text.encode())


@contextlib.contextmanager
def two_lines(folder, *vms, options=""):
    """Corbel's console is on the PL011; the mini UART is a line of its own."""
    path = folder / "line"
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        listener.listen()
        listener.settimeout(20 * harness.PATIENCE)
        with by_kernel(harness.bundle(*vms), f"guest-console=prefix {options}", PL011, other=path) as machine:
            connection, _ = listener.accept()
            with connection:
                yield machine, Line(machine, connection)


def wait_off(machine, name):
    """At the monitor's prompt."""
    deadline = time.monotonic() + 30 * harness.PATIENCE
    while True:
        machine.send("list\r")
        if machine.expect(rf"\d+ +{name} +(\w+) ", 20)[1] == "off":
            return
        if time.monotonic() > deadline:
            machine.fail(f"{name} does not go off")


@pytest.fixture
def card(tmp_path):
    path = tmp_path / "card.img"
    path.write_bytes(random.Random(4).randbytes(CARD_BYTES))
    return path


def debian_with(card, *vms, bootargs="quiet", **kwargs):
    """Debian's own sdhci driver reads all of it, writes its last sector, and the VM ends."""
    debian = harness.debian_vm(bootargs=f"{bootargs} corbel.disk=sdhci corbel.run=disk,poweroff", extra=given(CARD))
    return by_kernel(harness.bundle(debian, *vms), devices=["-drive", f"if=sd,format=raw,file={card}"], **kwargs)


def expect_read(machine, md5):
    machine.expect(rf"disk: sectors={CARD_BYTES // 512} md5={md5}\r*\n", 120, absent=rf"md5=(?!{md5})[0-9a-f]{{32}}|there is no /dev")
    machine.expect(r"disk: last sector: written by the guest\r*\n", 30)
    assert int(machine.expect(r"disk: interrupts=(\d+)\r*\n", 30)[1]) > 5


@pytest.mark.long
@pytest.mark.parametrize("uart", [pytest.param(PL011, marks=pytest.mark.soak), MINI_UART])
def test_sdhci(uart, card):
    """What Debian's sdhci driver reads is what is on the card, and what it writes is there when it is gone."""
    md5 = hashlib.md5(card.read_bytes()).hexdigest()
    with debian_with(card, HELLO, options="guest-console=prefix", uart=uart) as machine:
        expect_read(machine, md5)
        machine.wait_end(30)
    assert card.read_bytes()[-512:].startswith(b"written by the guest\n")


@pytest.mark.soak
@pytest.mark.long
def test_power_cut_from_the_card(card):
    """`destroy` while the card is read; after `start` it is read whole."""
    md5 = hashlib.md5(card.read_bytes()).hexdigest()
    with debian_with(card, bootargs="loglevel=7", options="guest-console=prefix on-idle=monitor") as machine:
        machine.expect("mmcblk0: mmc0", 60)
        machine.send("\x1dm")
        machine.expect("corbel> ", 20)
        time.sleep(1)  # all of it takes 4 s and more
        machine.send("destroy debian\r")
        machine.expect("vm: debian: destroyed", 20, absent="md5=")
        wait_off(machine, "debian")
        machine.send("start debian\r")
        expect_read(machine, md5)


def test_loop_on_its_own_line(tmp_path):
    """Frames and keys are on the mini UART, keys by its interrupt, while Debian has the console; nothing gets mixed."""
    debian = harness.debian_vm(bootargs="quiet corbel.run=ticks,poweroff")
    with two_lines(tmp_path, loop(), debian) as (machine, line):
        machine.expect(r"\[loop\] loop: frames and keys are on the mini UART\r*\n", 30)
        seconds = [int(line.expect(FRAME, 30)[1]) for _ in range(4)]
        assert seconds == sorted(set(seconds)) and seconds[-1] > 2000
        line.send("r")
        # up to one frame may be on its way
        assert min(int(line.expect(FRAME, 30)[1]) for _ in range(2)) < seconds[-1]
        machine.expect(r"\[debian\] .*arch_timer", 60)
        line.send("xyzq")
        summary = line.expect(r"loop: periods=(\d+) [^\n]*\n(?:loop: bucket [^\n]*\n)+loop: done\r\n", 30)
        assert int(summary[1]) > 0
        machine.expect(r"vm: loop: powered off", 30)
        machine.wait_end(60)
        assert "control loop" not in machine.console()
        assert "debian" not in line.text and "[cpu" not in line.text


REFUSALS = [
    ("console", MINI_UART, (MINI_UART, AUX), f"{MINI_UART} has a page, 0xfe215000, with registers that Corbel itself uses"),
    ("alone", PL011, (MINI_UART,), f"{MINI_UART} shares the page at 0xfe215000 with {AUX}: a VM needs both or neither"),
    ("neighbour", PL011, (AUX,), f"{AUX} shares the page at 0xfe215000 with {MINI_UART}: a VM needs both or neither"),
]


@pytest.mark.parametrize("uart,paths,sentence", [row[1:] for row in REFUSALS], ids=[row[0] for row in REFUSALS])
def test_mini_uart_refused(uart, paths, sentence):
    """A sentence says why, and the other VM runs."""
    with by_kernel(harness.bundle(loop(extra=given(*paths)), HELLO), "guest-console=prefix", uart) as machine:
        machine.expect(re.escape(f'vm "loop" was not created: corbel,passthrough: {sentence}'), 20)
        machine.expect(r"\[good\] hello from EL1", 20, absent=r"\[loop\]")
        machine.wait_end(20)


def device_vm(name="device", kind="given"):
    bootargs = f"{harness.guest_bootargs()} device={kind}"
    extra = given(MINI_UART, AUX) if kind == "given" else ""
    return harness.Vm(name, harness.GUESTS / "device.bin", bootargs=bootargs, memory_mib=16, extra=extra)


def check_last_life(machine):
    """The TAP of the life that came to its end; those before have none."""
    text = harness.of_vm(machine.console(), "device")
    harness.check_tap(machine, text[text.rindex("ok 1 - below the page") :])


def test_lives_of_a_device(tmp_path):
    """Its VM is reset while its interrupt is active, active and pending, or pending: the next life gets what is due once."""
    with two_lines(tmp_path, device_vm()) as (machine, line):
        machine.expect("device: ready", 30)
        for first, rest in [("a", "x"), ("p", "y"), ("a", "")] * 2:
            line.send(first)
            if first == "p":
                machine.expect("device: masked", 20)
            line.send(rest)
            machine.expect("vm: device: reset", 20)
            machine.expect("device: ready", 30)
            for key in rest:
                machine.expect(f"device: key {key}", 20, absent=f"device: key [^{key}]")
        line.send("zq")
        machine.expect("device: key z", 20)
        machine.expect("# done", 20)
        machine.wait_end(20)
        check_last_life(machine)


def test_power_cut_from_a_device(tmp_path):
    """`destroy` in the middle of its interrupt; after `start` it comes again."""
    with two_lines(tmp_path, device_vm(), options="on-idle=monitor") as (machine, line):
        machine.expect("device: ready", 30)
        line.send("s")
        machine.expect("device: key s", 20)
        machine.send("\x1dm")
        machine.expect("corbel> ", 20)
        machine.send("destroy device\r")
        machine.expect("vm: device: destroyed", 20)
        line.send("x")
        wait_off(machine, "device")
        machine.send("start device\r")
        machine.expect("device: key x", 20)
        line.send("q")
        machine.expect("# done", 20)
        check_last_life(machine)


def test_device_of_another_vm():
    """Who was not given the device cannot reach it."""
    with by_kernel(harness.bundle(device_vm(kind="foreign")), "guest-console=prefix", PL011) as machine:
        machine.expect("# done", 20)
        machine.wait_end(20)
        harness.check_tap(machine, harness.of_vm(machine.console(), "device"))
