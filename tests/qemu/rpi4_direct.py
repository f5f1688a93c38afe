"""Corbel on QEMU's raspi4b without a boot loader: by -kernel, or by the armstub with any device tree."""

import contextlib
import pathlib
import shutil
import subprocess

import harness
import rpi4_qemu
from rpi4 import DTB, QEMU, STUB

PL011, MINI_UART = "/soc/serial@7e201000", "/soc/serial@7e215040"
STUB_KERNEL, STUB_INITRD = 0x200000, 0x10000000
# What QEMU does not model: an access there is an external abort.
UNMODELLED = ["/scb/pcie@7d500000", "/scb/ethernet@7d580000"]


@contextlib.contextmanager
def rpi4(args, uart=MINI_UART, other=None):
    """The machine; its `uart` is looked at, and what the other one says goes to the file `other`. A socket there, on which
    the caller listens, is QEMU's line in both directions."""
    kind = "unix" if other and pathlib.Path(other).is_socket() else "file"
    serials = [f"{kind}:{other}" if other else "null", "stdio"]
    if uart == PL011:
        serials.reverse()
    fixed = [*rpi4_qemu.MACHINE, "-monitor", "none", "-nic", "none", "-serial", serials[0], "-serial", serials[1]]
    machine = harness.Machine([*fixed, *args], QEMU)
    try:
        yield machine
    finally:
        machine.kill()


def by_kernel(bundle_path, options="", uart=MINI_UART, devices=(), **more):
    """QEMU's own boot: EL2, no EL3 firmware (an SMC there never returns), 960 MiB of RAM."""
    args = ["-kernel", harness.image(), "-dtb", DTB, *devices]
    if bundle_path is not None:
        args += ["-initrd", bundle_path]
    if uart == PL011:
        options += f" console={PL011}"
    return rpi4(args + (["-append", options] if options else []), uart, **more)


def put(dtb, node, name, *cells):
    """A property of cells, or of text."""
    if cells and isinstance(cells[0], str):
        subprocess.run(["fdtput", "-p", "-t", "s", dtb, node, name, *cells], check=True)
    else:
        subprocess.run(["fdtput", "-p", "-t", "x", dtb, node, name, *(f"{cell:x}" for cell in cells)], check=True)


def make_tree(path, memory, options=""):
    """The Pi's own tree with this memory (cells: two of address, one of size) and these options."""
    shutil.copy(DTB, path)
    path.chmod(0o644)
    for node in UNMODELLED:
        put(path, node, "status", "disabled")
    put(path, "/memory@0", "reg", *memory)
    put(path, "/chosen", "bootargs", options)
    return path


def by_stub(folder, tree, uart=MINI_UART, initrd=None, **more):
    """All four CPUs from reset at EL3 through the armstub: the tree is Corbel's as it is; 2 GiB of RAM."""
    stub = folder / "armstub.bin"
    rpi4_qemu.firmware_stub(STUB, stub, STUB_KERNEL)
    loads = [(stub, 0), (harness.image(), STUB_KERNEL), (tree, rpi4_qemu.DTB_AT)]
    if initrd is not None:
        loads.append((initrd, STUB_INITRD))
    args = []
    for path, address in loads:
        args += ["-device", f"loader,file={path},addr={address:#x},force-raw=on"]
    return rpi4(args, uart, **more)
