"""The host console: what is typed reaches a guest whole, and moves on when a VM goes."""

import harness


def checksum(text):
    return sum(n * byte for n, byte in enumerate(text.encode(), 1)) & 0xFFFF_FFFF


def paste_vm(name="paste", extra=""):
    return harness.Vm(name, harness.GUESTS / "paste.bin", bootargs=harness.guest_bootargs(), extra=extra)


def test_paste_to_a_deaf_guest():
    """Three times what the console can hold, typed while the guest does not listen, then more: in order, nothing lost."""
    first = "".join(chr(ord("a") + n % 26) for n in range(3000)) + "."
    second = "z" * 400 + "."
    with harness.corbel(harness.bundle(paste_vm())) as machine:
        machine.expect("deaf", 20)
        machine.send(first)
        machine.expect(rf"heard {len(first)} bytes, sum {checksum(first)}\r*\n", 30)
        machine.send(second)
        both = first + second
        machine.expect(rf"heard {len(both)} bytes, sum {checksum(both)}\r*\n", 30)
        machine.send("!")
        machine.wait_end(20)


def test_typing_to_the_monitor_after_a_full_console():
    """What a guest never read does not shut the monitor's ears."""
    with harness.corbel(harness.bundle(harness.Vm("hello", harness.GUESTS / "hello.bin")), "on-idle=monitor") as machine:
        machine.send("x" * 2000)
        machine.expect("corbel> ", 20)
        machine.send("\r")
        machine.expect("corbel> ", 20)
        machine.send("list\r")
        machine.expect(r"hello +off", 20)


def test_focus_moves_on():
    """The focused VM goes off: the keys are the other's."""
    vms = [harness.Vm("hello", harness.GUESTS / "hello.bin"), paste_vm("other")]
    with harness.corbel(harness.bundle(*vms)) as machine:
        machine.expect("(?s)(hello: powered off.*deaf|deaf.*hello: powered off)", 20)
        machine.send("abc.")
        machine.expect(rf"heard 4 bytes, sum {checksum('abc.')}\r*\n", 30)
        machine.send("!")
        machine.wait_end(20)


def test_focus_leaves_a_vm_that_does_not_load():
    """Its device tree is none, which shows only when it is loaded: the keys go to the other at once."""
    tree = harness.BUILD / "test" / "no-tree.bin"
    tree.parent.mkdir(parents=True, exist_ok=True)
    tree.write_bytes(b"not a device tree" * 8)
    source = harness.its([harness.Vm("bad", harness.GUESTS / "hello.bin", extra='fdt = "fdt-x";'), paste_vm("other")])
    node = f'fdt-x {{ data = /incbin/("{tree}"); type = "flat_dt"; arch = "arm64"; compression = "none"; }};'
    with harness.corbel(harness.make_bundle(source.replace("images {", "images { " + node, 1))) as machine:
        machine.expect('vm "bad"[^\\n]*fdt', 20)
        machine.expect("deaf", 20)
        machine.send("abc.")
        machine.expect(rf"heard 4 bytes, sum {checksum('abc.')}\r*\n", 30)
        machine.send("!")
        machine.wait_end(20)


def test_greedy_vm_does_not_starve_the_others():
    """All memory that is said to be free, asked for by one VM: it gets it, or a sentence; the others run either way."""
    small = [harness.Vm(f"v{n}", harness.GUESTS / "hello.bin", memory_mib=9, vcpus=8) for n in range(3)]
    probe = harness.bundle(*small, harness.Vm("big", harness.GUESTS / "hello.bin", memory_mib=100000))
    with harness.corbel(probe, memory="512M", smp=1, gic=3) as machine:
        free_mib = int(machine.expect(r"big.*?(\d+) MiB (?:is|are) free", 20)[1])
    for ask in (free_mib, free_mib - 1):
        itb = harness.bundle(*small, harness.Vm("big", harness.GUESTS / "hello.bin", memory_mib=ask))
        with harness.corbel(itb, "guest-console=prefix", memory="512M", smp=1) as machine:
            machine.wait_end(60)
            for vm in small:
                assert f"[{vm.name}] hello from EL1" in machine.console(), machine.fail(f"{vm.name} did not run")
