"""Each way by which Corbel gets onto a Raspberry Pi 4, and virt by U-Boot: the real image, the demo's guests to their markers,
power-off. And a card that lacks something, or has too much: a sentence, and what is left goes on."""

import re

import harness
import pytest
import rpi4

HELLO = harness.GUESTS / "hello.bin"


def check_demo(machine, cpus, timeout=60):
    """Debian with its 2 CPUs, their timers and hotplug; the loop's 5000 periods; then the machine goes off."""
    machine.expect(rf"{cpus} of {cpus} CPUs online", timeout)
    machine.wait_end(150)
    debian, loop = (harness.of_vm(machine.console(), name) for name in ("debian", "loop"))
    for text, pattern in (
        (debian, r"^CORBEL-GUEST-UP cpus=2$"),
        (debian, r"^CORBEL-TEST ticks ends with 0$"),
        (debian, r"^hotplug: cpus=2$"),
        (loop, r"^loop: periods=5\d\d\d missed="),
        (loop, r"^loop: done$"),
    ):
        if not re.search(pattern, text, re.M):
            machine.fail(f"a guest did not print {pattern!r}")


@pytest.mark.soak
@pytest.mark.long
@rpi4.needs_raspi4b
def test_direct():
    """QEMU's own loader; the other CPUs by its spin table."""
    with rpi4.direct(harness.bundle(*rpi4.demo_vms())) as machine:
        check_demo(machine, 4)


@pytest.mark.long
@rpi4.needs_raspi4b
def test_stub(tmp_path):
    """EL3 code that makes SMC undefined, U-Boot, boot.scr, booti; the other CPUs by the stub's spin table."""
    folder = rpi4.card(tmp_path, harness.bundle(*rpi4.demo_vms()))
    with rpi4.by_stub(folder) as machine:
        machine.expect("Found U-Boot script /boot.scr", 60, absent="BL31")
        machine.expect("Starting kernel", rpi4.READ_CARD_SECONDS)
        check_demo(machine, 4)


@pytest.mark.long
@rpi4.needs_raspi4b
def test_tf_a(tmp_path):
    """Debian's TF-A, U-Boot, boot.scr, booti; CPU_ON and SYSTEM_OFF are TF-A's, and so are the answers to those SMCs of a
    guest that corbel,smc-allow names, and the workarounds that this CPU needs: Debian uses one."""
    smc = harness.Vm("smc", harness.GUESTS / "smc.bin", bootargs="under=corbel smc=tf-a", memory_mib=16, extra="corbel,smc-allow = <0x8400ff01 0x8400ff03>;")
    calls = harness.Vm("calls", harness.GUESTS / "calls.bin", bootargs="under=corbel workarounds=firmwares trng=absent", memory_mib=16)
    folder = rpi4.card(tmp_path, harness.bundle(*rpi4.demo_vms("ticks,spectre,hotplug,poweroff"), smc, calls), bl31=rpi4.BL31)
    assert "armstub=bl31.bin\n" in (folder / "config.txt").read_text()
    with rpi4.by_run_script(folder) as machine:
        machine.expect("BL31: v[0-9.]+", 30)
        machine.expect("Changed device tree to advertise PSCI", 30)
        machine.expect("Found U-Boot script /boot.scr", 60)
        machine.expect("Starting kernel", rpi4.READ_CARD_SECONDS)
        check_demo(machine, 4)
        for name in ("smc", "calls"):
            assert harness.check_tap(machine, harness.of_vm(machine.console(), name)).passed > 5
        # Linux says what it found, not that it asked: the hardening is there only where WORKAROUND_1 is.
        if "Mitigation: Branch predictor hardening" not in harness.of_vm(machine.console(), "debian"):
            machine.fail("Debian did not find ARCH_WORKAROUND_1")


@pytest.mark.long
@rpi4.needs_raspi4b
def test_run_command_without_tf_a(tmp_path):
    """What `make run PLATFORM=rpi4` starts: keys reach the guest."""
    folder = rpi4.card(tmp_path, harness.bundle(harness.Vm("hello", rpi4.LOOP, memory_mib=16)), options="")
    with rpi4.by_run_script(folder) as machine:
        machine.expect("Starting kernel", 90)
        machine.expect("periods [0-9]+", 60)
        machine.send("q")
        machine.wait_end(30)


@pytest.mark.long
@pytest.mark.parametrize("gic", [pytest.param(2, marks=pytest.mark.soak), 3])
def test_virt_u_boot(tmp_path, gic):
    """U-Boot as the firmware of virt, the same card as a virtio disk."""
    folder = rpi4.card(tmp_path, harness.bundle(*rpi4.demo_vms()))
    with rpi4.virt_by_u_boot(folder, gic) as machine:
        machine.expect("Starting kernel", 60)
        check_demo(machine, 2)


# --- cards with something wrong --------------------------------------------------------------------


def hello_bundle():
    return harness.bundle(harness.Vm("hello", HELLO))


def power_off_by_monitor(machine):
    machine.expect("corbel> ", 30)
    machine.send("poweroff\r")
    machine.wait_end(30)


def test_card_without_bundle(tmp_path):
    with rpi4.virt_by_u_boot(rpi4.card(tmp_path)) as machine:
        machine.expect(r"boot\.scr: there is no vms\.uimg on virtio 0:1; going on without it", 60)
        machine.expect(r"\[cpu0\] [^\r\n]*(bundle|initrd)[^\r\n]*\r*\n", 30)
        power_off_by_monitor(machine)


def test_card_with_truncated_bundle(tmp_path):
    folder = rpi4.card(tmp_path, hello_bundle())
    rpi4.patch_file(folder, "vms.uimg", (folder / "vms.uimg").read_bytes()[:-1000])
    with rpi4.virt_by_u_boot(folder) as machine:
        machine.expect(r"boot\.scr: vms\.uimg on virtio 0:1 cannot be read, does not fit into memory, or is not whole", 60)
        power_off_by_monitor(machine)


def test_card_without_image(tmp_path):
    folder = rpi4.card(tmp_path, hello_bundle())
    rpi4.patch_file(folder, "corbel.img", None)
    with rpi4.virt_by_u_boot(folder) as machine:
        machine.expect(r"boot\.scr: there is no corbel\.img on virtio 0:1", 60)
        machine.expect(r"nothing to boot\. Ctrl-C gives the prompt", 10)
        machine.send("\x03")
        machine.expect("=> ", 30)


def test_card_with_something_else_as_image(tmp_path):
    folder = rpi4.card(tmp_path, hello_bundle())
    rpi4.patch_file(folder, "corbel.img", b"not an image" * 100)
    with rpi4.virt_by_u_boot(folder) as machine:
        machine.expect(r"boot\.scr: booti refused corbel\.img", 60)


@rpi4.needs_raspi4b
def test_bundle_that_reaches_over_the_device_tree(tmp_path):
    """Of QEMU's loader the tree lies at 128 MiB: a bundle of 100 MiB does not fit below it."""
    folder = rpi4.card(tmp_path, hello_bundle())
    with open(folder / "vms.uimg", "r+b") as file:
        file.truncate(100 << 20)
    rpi4.patch_file(folder, "vms.uimg", (folder / "vms.uimg").read_bytes())
    with rpi4.by_u_boot(folder) as machine:
        machine.expect(r"boot\.scr: vms\.uimg does not fit: [^\r\n]* reach over the device tree at 0?x?8000000", 90)
        power_off_by_monitor(machine)


@pytest.mark.parametrize("options,line", [("frobnicate=7", "frobnicate"), ("", None)])
def test_options_of_the_card(tmp_path, options, line):
    """corbel.txt reaches Corbel as it is; an empty one leaves nothing of another's bootargs."""
    with rpi4.virt_by_u_boot(rpi4.card(tmp_path, hello_bundle(), options)) as machine:
        machine.expect("Starting kernel", 60)
        machine.expect("hello from EL1: 1 cpus", 30)
        machine.wait_end(30)
        told = re.findall(r"options?:? [^\n]*|frobnicate[^\n]*", machine.console().split("Starting kernel")[1])
        assert (line is None and not told) or (line is not None and line in " ".join(told)), told


def test_windows_line_ends_in_the_options(tmp_path):
    folder = rpi4.card(tmp_path, hello_bundle())
    rpi4.patch_file(folder, "corbel.txt", b"options=guest-console=prefix\r\n")
    with rpi4.virt_by_u_boot(folder) as machine:
        machine.expect(r"\[hello\] hello from EL1: 1 cpus", 60, absent="corbel> ")
        machine.wait_end(30)
