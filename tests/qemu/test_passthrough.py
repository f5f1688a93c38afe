"""Host devices that a VM was given: Debian's own driver works a disk of the host's, interrupts and DMA included."""

import hashlib
import random
import re

import harness
import pytest

SLOTS = [f"/virtio_mmio@a003{n}00" for n in "02468ace"]  # the last page of virt's virtio-mmio; QEMU fills it from its end
DISK_BYTES = 1 << 20


def given(*paths, direct_map=True):
    """The properties that give these to a VM."""
    text = "corbel,passthrough = " + ", ".join(f'"{path}"' for path in paths) + ";"
    return text + (" corbel,direct-map = <1>;" if direct_map else "")


@pytest.fixture
def disk(tmp_path):
    path = tmp_path / "disk.img"
    path.write_bytes(random.Random(4).randbytes(DISK_BYTES))
    return path


def virtio_disk(path):
    return ["-drive", f"if=none,format=raw,file={path},id=disk", "-device", "virtio-blk-device,drive=disk"]


def debian(run, extra, **kwargs):
    return harness.debian_vm(bootargs=f"quiet corbel.disk=virtio corbel.run={run}", extra=extra, **kwargs)


HELLO = harness.Vm("good", harness.GUESTS / "hello.bin")


@pytest.mark.parametrize("gic,smp,variant", [(2, 2, ""), pytest.param(3, 2, "", marks=pytest.mark.soak), (3, 1, "debug")])
def test_disk(gic, smp, variant, disk):
    """What the guest reads is what the host has, and what it writes is there when it is gone."""
    md5 = hashlib.md5(disk.read_bytes()).hexdigest()
    itb = harness.bundle(debian("disk,poweroff", given(*SLOTS)), HELLO)
    with harness.corbel(itb, "guest-console=prefix", variant, virtio_disk(disk), gic=gic, smp=smp) as machine:
        machine.expect(rf"disk: sectors={DISK_BYTES // 512} md5={md5}\r*\n", 60)
        machine.expect(r"disk: last sector: written by the guest\r*\n", 10)
        interrupts = int(machine.expect(r"disk: interrupts=(\d+)\r*\n", 10)[1])
        assert interrupts > 5
        machine.wait_end(30)
    assert disk.read_bytes()[-512:].startswith(b"written by the guest\n")


def test_disk_through_resets(disk):
    """Each life finds the device as the one before has left it, and its interrupts come again."""
    itb = harness.bundle(debian("disk,reboot", given(*SLOTS)))
    with harness.corbel(itb, "guest-console=prefix", devices=virtio_disk(disk)) as machine:
        for _ in range(4):
            machine.expect(r"disk: interrupts=([1-9]\d*)\r*\n", 60, absent="disk: there is no")
            machine.expect(r"vm: debian: reset, starting again", 30)


# what it says, the properties of the VM `bad`
REFUSALS = [
    ("/pl011@9000000 has a page, 0x9000000, with registers that Corbel itself uses", given("/pl011@9000000")),
    ("virtio_mmio@a003e00 shares the page at 0xa003000 with /virtio_mmio@a003000 and 6 more: a VM needs all or none", given(SLOTS[-1])),
    ("/soc/nothing is no path or alias in the host's device tree", given("/soc/nothing")),
    ("/pl031@9010000 has registers at 0x9010000, where the guest platform has", given("/pl031@9010000")),
    ("corbel,memory-mib: wants 48 MiB: with corbel,direct-map a power of two", given(*SLOTS)),
]


@pytest.mark.parametrize("words,extra", REFUSALS, ids=[row[0].split()[0] for row in REFUSALS])
def test_refused(words, extra):
    bad = debian("poweroff", extra, name="bad", memory_mib=48 if "48" in words else 256)
    with harness.corbel(harness.bundle(bad, HELLO), "guest-console=prefix") as machine:
        machine.expect(re.escape(words), 20)
        machine.expect(r"\[good\] hello from EL1", 20)
        machine.wait_end(20)


def test_one_device_one_vm(disk):
    """The first VM has it; the second is not created, and says why."""
    second = debian("poweroff", given(*SLOTS), name="second")
    itb = harness.bundle(debian("disk,poweroff", given(*SLOTS)), second)
    with harness.corbel(itb, "guest-console=prefix", devices=virtio_disk(disk)) as machine:
        machine.expect(r'vm "second" was not created: corbel,passthrough: \S+ has a page, 0xa003000, that another VM has', 20)
        machine.expect(r"disk: interrupts=[1-9]", 60)
        machine.wait_end(30)
