"""corbel,smc-allow: real EL3 code, tests/firmware/smc.S, answers what a VM's ranges name, and sees nothing else of guests."""

import subprocess

import harness
import pytest

FIRMWARE = harness.BUILD / "firmware" / "smc.bin"
GUEST = harness.GUESTS / "smc.bin"
KERNEL_AT, DTB_AT, BUNDLE_AT = 0x40200000, 0x44000000, 0x48000000  # the first two: see the firmware
RANGES = "corbel,smc-allow = <0x83000001 0x83000004  0xc3000001 0xc3000001  0x32000001 0x32000001>;"


def smc_vm(name, mode, extra=""):
    return harness.Vm(name, GUEST, bootargs=f"under=corbel smc={mode}", memory_mib=16, extra=extra)


def host_tree(path, machine, bundle, psci):
    """QEMU's own tree with the bundle; where firmware of ours is in the flash it names no PSCI, which this adds."""
    subprocess.run([harness.QEMU, *map(str, machine), "-machine", f"dumpdtb={path}"], check=True, capture_output=True)
    lines = [
        ("/chosen", "bootargs", "s", "guest-console=prefix"),
        ("/chosen", "linux,initrd-start", "x", hex(BUNDLE_AT)),
        ("/chosen", "linux,initrd-end", "x", hex(BUNDLE_AT + bundle.stat().st_size)),
    ]
    if psci:
        lines += [("/psci", "compatible", "s", "arm,psci-1.0"), ("/psci", "method", "s", "smc")]
    for node, name, kind, value in lines:
        subprocess.run(["fdtput", "-p", "-t", kind, path, node, name, value], check=True)


def loader(path, address):
    return ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]


def above_firmware(tmp_path, gic, bundle, variant="", psci=True):
    """Corbel at EL2 above firmware at EL3: a context manager that gives the Machine."""
    machine = harness.machine_args(gic=gic, smp=1) + ["-machine", "secure=on", "-bios", FIRMWARE]
    tree = tmp_path / "host.dtb"
    host_tree(tree, machine, bundle, psci)
    return harness.qemu(machine + loader(harness.image(variant), KERNEL_AT) + loader(tree, DTB_AT) + loader(bundle, BUNDLE_AT))


@pytest.mark.parametrize("gic,variant", [(2, ""), (3, ""), (3, "debug")])
def test_firmware_answers(tmp_path, gic, variant):
    """One VM may, its neighbour may not. The machine ends by the firmware's PSCI, which Corbel alone calls."""
    bundle = harness.bundle(smc_vm("may", "allowed", RANGES), smc_vm("maynot", "refused"))
    with above_firmware(tmp_path, gic, bundle, variant) as machine:
        machine.wait_end(60)
        for name, at_least in (("may", 50), ("maynot", 12)):
            assert harness.check_tap(machine, harness.of_vm(machine.console(), name)).passed >= at_least


def test_no_firmware_named(tmp_path):
    """A tree without PSCI by SMC: one sentence, the VM runs, and its calls go nowhere."""
    bundle = harness.bundle(smc_vm("may", "refused", RANGES))
    with above_firmware(tmp_path, 3, bundle, psci=False) as machine:
        machine.expect(r'vm "may": corbel,smc-allow: is ignored[^\r\n]*no firmware[^\r\n]*\r*\n', 20)
        machine.expect(r"\[may\] # done\r*\n", 20)
        machine.expect("no way to power itself off", 20)
        assert harness.check_tap(machine, harness.of_vm(machine.console(), "may")).passed >= 12
