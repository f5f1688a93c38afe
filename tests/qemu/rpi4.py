"""The ways to Corbel by way of a card: QEMU's raspi4b and virt, U-Boot, TF-A, and the stub of tests/firmware.

QEMU_RPI4 names a QEMU that has raspi4b; else the one that the build fetched is taken, else the system's.
"""

import contextlib
import functools
import os
import pathlib
import subprocess
import sys

import harness
import pytest

SCRIPTS = harness.ROOT / "scripts"
sys.path.insert(0, str(SCRIPTS))
sys.dont_write_bytecode = True
import rpi4_qemu  # noqa: E402

DEPS = harness.BUILD / "deps"
FETCHED_QEMU = DEPS / "qemu-rpi4" / "qemu-system-aarch64"
QEMU = os.environ.get("QEMU_RPI4") or (str(FETCHED_QEMU) if FETCHED_QEMU.exists() else harness.QEMU)
U_BOOT = DEPS / "u-boot-rpi" / "u-boot.bin"
U_BOOT_VIRT = DEPS / "u-boot-qemu" / "u-boot.bin"
BL31 = DEPS / "tf-a" / "bl31.bin"
DTB = DEPS / "linux" / "bcm2711-rpi-4-b.dtb"
STUB = harness.BUILD / "firmware" / "armstub.bin"
LOOP = harness.BUILD / "demo" / "loop.bin"

READ_CARD_SECONDS = 180  # the emulated controller of raspi4b reads 1 MiB in a second, on a busy host less


@functools.lru_cache(maxsize=None)
def has_raspi4b():
    machines = subprocess.run([QEMU, "-M", "help"], capture_output=True, text=True)
    return "\nraspi4b " in machines.stdout


def reason_to_skip():
    skipped = DEPS / "qemu-rpi4" / "skipped"
    return f"{QEMU} has no raspi4b" + (f": {skipped.read_text().strip()}" if skipped.exists() else "")


needs_raspi4b = pytest.mark.skipif(not has_raspi4b(), reason=reason_to_skip())


def demo_vms(debian_runs="ticks,hotplug,poweroff"):
    """As `make run` shows them; Debian's tests run by themselves, and both VMs end, so that the machine powers off."""
    return [
        harness.debian_vm(bootargs=f"quiet corbel.run={debian_runs}"),
        harness.Vm("loop", LOOP, bootargs="periods=5000 quiet", memory_mib=16, extra="corbel,priority = <10>;"),
    ]


def card(folder, bundle=None, options="guest-console=prefix", bl31=None):
    """What `make sdcard` makes, in a folder of the test's own."""
    words = [SCRIPTS / "rpi4-card", "-o", folder, "--corbel", harness.image(), "--u-boot", U_BOOT, "--dtb", DTB, "--options", options]
    words += (["--bundle", bundle] if bundle else []) + (["--bl31", bl31] if bl31 else [])
    run = subprocess.run([str(word) for word in words], capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr
    return folder


# Both serial lines on one: U-Boot begins on the PL011 and goes on where the device tree says.
BOTH_LINES = ["-chardev", "stdio,id=line,mux=on", "-serial", "chardev:line", "-serial", "chardev:line", "-monitor", "none"]


def raspi4b(args):
    return harness.qemu([*rpi4_qemu.MACHINE, *BOTH_LINES, *args], QEMU)


def direct(bundle, options="guest-console=prefix"):
    return raspi4b(["-kernel", harness.image(), "-dtb", DTB, "-initrd", bundle, "-append", options])


def by_u_boot(folder):
    """QEMU in place of the firmware: U-Boot at EL2, the other CPUs in QEMU's spin table."""
    return raspi4b(["-kernel", U_BOOT, "-dtb", DTB, *rpi4_qemu.card_drive(folder / "sdcard.img")])


@contextlib.contextmanager
def by_stub(folder):
    """All CPUs begin in the stub, at EL3."""
    stub, dtb = folder / "stub.bin", folder / "firmware.dtb"
    rpi4_qemu.firmware_stub(STUB, stub)
    rpi4_qemu.firmware_dtb(DTB, dtb)
    with raspi4b(rpi4_qemu.loaders(stub, U_BOOT, dtb) + rpi4_qemu.card_drive(folder / "sdcard.img")) as machine:
        yield machine


def by_run_script(folder):
    """As `make run PLATFORM=rpi4` does it: with TF-A where the card has it."""
    return harness.qemu(["--qemu", QEMU, folder], SCRIPTS / "rpi4-run")


def virt_by_u_boot(folder, gic=3):
    disk = ["-drive", f"if=none,id=card,format=raw,snapshot=on,file={folder / 'sdcard.img'}", "-device", "virtio-blk-device,drive=card"]
    # Ctrl-C is U-Boot's, not QEMU's
    serial = ["-chardev", "stdio,id=line,signal=off", "-serial", "chardev:line"]
    args = harness.machine_args(gic=gic)
    assert args[-2:] == ["-serial", "stdio"]
    return harness.qemu([*args[:-2], *serial, "-bios", U_BOOT_VIRT, *disk])


def patch_file(folder, name, data):
    """Another file of that name on a card that is there; None takes it away."""
    partition = f"{folder / 'sdcard.img'}@@1M"
    subprocess.run(["mdel", "-i", partition, f"::{name}"], check=True)
    if data is not None:
        path = pathlib.Path(folder) / name
        path.write_bytes(data)
        subprocess.run(["mcopy", "-i", partition, path, "::"], check=True)
