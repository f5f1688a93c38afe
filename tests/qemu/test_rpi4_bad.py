"""A Raspberry Pi 4 that is given something bad: each time a sentence on its serial line, and what is good goes on."""

import subprocess

import harness
import pytest
from rpi4 import DTB, U_BOOT, needs_raspi4b
from rpi4_direct import MINI_UART, PL011, STUB_INITRD, by_kernel, by_stub, make_tree, put, rpi4

pytestmark = needs_raspi4b

PROMPT = "corbel> "
BANKS = [0, 0, 0x3B400000, 0, 0x40000000, 0x40000000]


def has_a_monitor(machine):
    """What stands at the prompt answers, and ends the machine."""
    machine.expect(PROMPT, 20)
    machine.send("mem\r")
    machine.expect(r"MiB of RAM, \d+ MiB free", 20)
    machine.send("poweroff\r")
    machine.wait_end(20)


def test_no_memory(tmp_path):
    tree = make_tree(tmp_path / "pi.dtb", [0, 0, 0])  # as it ships: the firmware fills it in
    other = tmp_path / "other.txt"
    with by_stub(tmp_path, tree, other=other) as machine:
        machine.expect(r"Corbel cannot start: host device tree: it has no memory\.\r*\n", 20)
    assert "Corbel" not in other.read_text(errors="replace")  # stdout-path says which UART


def test_no_stdout_path(tmp_path):
    """Nobody knows which UART has a listener: both get the sentence."""
    tree = make_tree(tmp_path / "pi.dtb", [0, 0, 0])
    subprocess.run(["fdtput", "-d", tree, "/chosen", "stdout-path"], check=True)
    for uart in (PL011, MINI_UART):
        with by_stub(tmp_path, tree, uart) as machine:
            machine.expect(r"Corbel cannot start: host device tree: it has no memory\.\r*\n", 20)


@pytest.mark.parametrize("uart", [PL011, MINI_UART])
def test_no_bundle(uart):
    with by_kernel(None, uart=uart) as machine:
        machine.expect("bundle: no bundle: /chosen has no linux,initrd-start", 20)
        has_a_monitor(machine)


def test_truncated_bundle(tmp_path):
    whole = harness.bundle(harness.Vm("hello", harness.GUESTS / "hello.bin")).read_bytes()
    cut = tmp_path / "cut.itb"
    cut.write_bytes(whole[: len(whole) // 2])
    with by_kernel(cut) as machine:
        machine.expect(rf"bundle: .*{len(cut.read_bytes())} bytes", 20)
        has_a_monitor(machine)


@pytest.mark.parametrize("where", ["beyond RAM", "no-map"])
def test_bundle_nowhere(tmp_path, where):
    """An address that EL2 does not map: reading it would be the end of everybody."""
    tree = make_tree(tmp_path / "pi.dtb", BANKS)
    start = STUB_INITRD if where == "no-map" else 0x3C000000
    put(tree, "/chosen", "linux,initrd-start", start)
    put(tree, "/chosen", "linux,initrd-end", start + 0x100000)
    if where == "no-map":
        put(tree, f"/reserved-memory/secret@{start:x}", "reg", 0, start + 0x80000, 0x1000)
        put(tree, f"/reserved-memory/secret@{start:x}", "no-map")
    with by_stub(tmp_path, tree) as machine:
        machine.expect(rf"no bundle: linux,initrd-start of /chosen is {start:x}, and from there to -end is not all RAM", 20)
        has_a_monitor(machine)


def test_cpus_that_do_not_start(tmp_path):
    """Each for another reason; the fourth is the boot CPU."""
    tree = make_tree(tmp_path / "pi.dtb", BANKS)
    put(tree, "/cpus/cpu@1", "enable-method", "psci")  # without a node that says how
    put(tree, "/cpus/cpu@2", "enable-method", "brcm,bcm2836-smp")
    put(tree, "/cpus/cpu@3", "cpu-release-addr", 0, 0x5000)  # nobody looks there
    with by_stub(tmp_path, tree) as machine:
        machine.expect("CPU 1 wants PSCI, but no firmware here answers SMC", 20)
        machine.expect("CPU 2 has no enable-method psci or spin-table", 20)
        machine.expect("CPU 3 did not come up", 20)
        machine.expect("1 of 4 CPUs online", 20)
        has_a_monitor(machine)


def test_go_instead_of_booti(tmp_path):
    """U-Boot's go leaves its MMU and caches on and hands over no device tree."""
    script, card = tmp_path / "boot.cmd", tmp_path / "card.img"
    script.write_text("load mmc 0:1 ${kernel_addr_r} corbel.img\ngo ${kernel_addr_r}\n")
    subprocess.run(["mkimage", "-A", "arm64", "-T", "script", "-C", "none", "-d", script, tmp_path / "boot.scr"], check=True, capture_output=True)
    with card.open("wb") as image:
        image.truncate(64 << 20)
    subprocess.run(["mformat", "-i", card, "-F", "::"], check=True)
    subprocess.run(["mcopy", "-i", card, tmp_path / "boot.scr", harness.image(), "::"], check=True)
    with rpi4(["-kernel", U_BOOT, "-dtb", DTB, "-drive", f"if=sd,format=raw,file={card}"]) as machine:
        machine.expect("Starting application", 60)
        machine.expect(r"Corbel cannot start: it was entered with the MMU on; [^\n]*booti, not go\)\.\r*\n", 20)
