"""Corbel's own platform code on a Raspberry Pi 4: GIC-400, both UARTs, memory in banks, spin table, the power block."""

import harness
import pytest
from rpi4 import needs_raspi4b
from rpi4_direct import MINI_UART, PL011, STUB_INITRD, by_kernel, by_stub, make_tree, put

pytestmark = needs_raspi4b

PROMPT = "corbel> "
BANKS = [0, 0, 0x3B400000, 0, 0x40000000, 0x40000000]
BANKS_MIB = 0x3B4 + 0x400


@pytest.mark.parametrize("guest, vcpus", [("gic", 2), ("insns", 2), ("mmio", 1), ("smp", 4), ("undef", 1), pytest.param("timer", 2, marks=pytest.mark.soak), pytest.param("wfi", 2, marks=pytest.mark.soak)])
def test_guests(guest, vcpus):
    """No EL3 firmware: the SMCs that smp and undef try would hang the CPU if one of them went on to EL3."""
    itb = harness.bundle(harness.Vm(guest, harness.GUESTS / f"{guest}.bin", bootargs="under=corbel", vcpus=vcpus))
    with by_kernel(itb, "guest-console=prefix") as machine:
        machine.expect("4 of 4 CPUs online", 20)
        machine.expect(rf"\[{guest}\] (# done|Bail out!.*)\r*\n", 120)
        machine.wait_end(20)
        harness.check_tap(machine, harness.of_vm(machine.console(), guest))


@pytest.mark.parametrize("uart", [PL011, MINI_UART])
def test_typing(uart):
    """What is typed comes to a guest whole, and to the monitor while it still answers."""
    text = "".join(chr(ord("a") + n % 26) for n in range(400)) + "."
    total = sum(n * byte for n, byte in enumerate(text.encode(), 1)) & 0xFFFF_FFFF
    itb = harness.bundle(harness.Vm("paste", harness.GUESTS / "paste.bin", bootargs="under=corbel"))
    with by_kernel(itb, "on-idle=monitor", uart) as machine:
        machine.expect("deaf", 20)
        machine.send(text)
        machine.expect(rf"heard {len(text)} bytes, sum {total}\r*\n", 60)
        machine.send("!\x1dm")
        machine.expect(PROMPT, 20)
        machine.send("help\rmem\rlist\rhelp\rpoweroff\r")
        machine.expect(r"MiB of RAM, \d+ MiB free", 20)
        machine.expect("poweroff +powers", 20)
        machine.wait_end(20)


def test_reboot_and_poweroff():
    """By the watchdog: there is no PSCI."""
    with by_kernel(None) as machine:
        machine.expect(PROMPT, 20)
        machine.send("host-reboot\r")
        machine.expect("boot: Corbel on Raspberry Pi 4", 20)
        machine.expect(PROMPT, 20)
        machine.send("poweroff\r")
        machine.wait_end(20)
        assert "no way" not in machine.console()


def pages_of(folder, tree):
    with by_stub(folder, tree) as machine:
        machine.expect("4 of 4 CPUs online", 20)
        machine.expect(PROMPT, 20)
        machine.send("mem\r")
        pages = int(machine.expect(r"of (\d+) pages", 20)[1])
        machine.send("poweroff\r")
        machine.wait_end(20)
        return pages


def test_memory_adds_up(tmp_path):
    """2 GiB in two banks with a hole: all of it but a little is there, and a no-map region is exactly what is missing."""
    tree = make_tree(tmp_path / "pi.dtb", BANKS)
    pages = pages_of(tmp_path, tree)
    assert 0 < BANKS_MIB * 256 - pages < 3 * 256
    region = "/reserved-memory/secret@50100000"
    put(tree, region, "reg", 0, 0x50100000, 0x0FF00000)
    put(tree, region, "no-map")
    assert pages - pages_of(tmp_path, tree) == 0x0FF00


def test_counter_at_54_mhz(tmp_path):
    """CNTFRQ as the board has it: a guest's timers fire when they are due by it, and so do those that Corbel keeps."""
    tree = make_tree(tmp_path / "pi.dtb", BANKS, "guest-console=prefix")
    itb = harness.bundle(harness.Vm("timer", harness.GUESTS / "timer.bin", bootargs="under=corbel"))
    put(tree, "/chosen", "linux,initrd-start", STUB_INITRD)
    put(tree, "/chosen", "linux,initrd-end", STUB_INITRD + itb.stat().st_size)
    with by_stub(tmp_path, tree, initrd=itb) as machine:
        machine.expect(r"\[timer\] (# done|Bail out!.*)\r*\n", 120)
        machine.wait_end(20)
        harness.check_tap(machine, harness.of_vm(machine.console(), "timer"))
    assert "CNTFRQ_EL0 is believable (54000000)" in machine.console()
