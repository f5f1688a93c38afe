"""build/host/corbel-check: what it tells beforehand is what Corbel does on that board; mistakes are told in Corbel's own
sentences; and no file, however bad, breaks it. Most runs are of the build with sanitizers."""

import dataclasses
import gzip
import json
import os
import random
import re
import socket
import struct
import subprocess

import harness
import pytest
import rpi4
import rpi4_direct
import rpi4_qemu
import test_bundle_errors
import test_passthrough

PROGRAM = harness.BUILD / "host" / "corbel-check"
SANITIZED = harness.BUILD / "host" / "gcc" / "corbel-check"
MANUAL = harness.ROOT / "docs" / "corbel-check.1"
IMAGE = harness.GUESTS / "hello.bin"
PI_TREE = rpi4.DTB


def check(*args, program=SANITIZED, **options):
    run = subprocess.run([program, *map(str, args)], capture_output=True, text=True, errors="replace", timeout=60 * harness.PATIENCE, **options)
    assert run.returncode in (0, 1, 2), f"status {run.returncode}\n{run.stderr}"
    assert "runtime error" not in run.stderr and "Sanitizer" not in run.stderr, run.stderr
    return run


@pytest.fixture(scope="session")
def idle(tmp_path_factory):
    """An arm64 Image that runs at any address and sleeps for ever."""
    head = struct.pack("<IIQQQ24x4sI", 0x14000010, 0, 0, 4096, 0xA, b"ARM\x64", 0)
    path = tmp_path_factory.mktemp("idle") / "idle.bin"
    path.write_bytes(head + struct.pack("<II", 0xD503207F, 0x17FFFFFF))  # wfi; b .-4
    return path


def mistakes(run, file):
    """What it says of a file: pairs of `error` or `warning`, and the sentence."""
    return re.findall(rf"^{re.escape(str(file))}: (error|warning): (.*)$", run.stderr, re.M)


def board_of(folder, itb=None, options="", **machine):
    """The device tree that QEMU's machine hands to Corbel."""
    path = folder / "board.dtb"
    words = harness.machine_args(**machine) + ["-kernel", harness.image(), "-machine", f"dumpdtb={path}"]
    words += (["-initrd", itb] if itb else []) + (["-append", options] if options else [])
    subprocess.run([harness.QEMU, *map(str, words)], check=True, capture_output=True, timeout=60 * harness.PATIENCE)
    return path


# --- the plan is what comes ------------------------------------------------------------------------


def dump_memory(qmp_path, path, megabytes):
    """RAM of the machine, as it is now."""
    with socket.socket(socket.AF_UNIX) as link:
        link.settimeout(60 * harness.PATIENCE)
        link.connect(str(qmp_path))
        lines = link.makefile("rw")
        lines.readline()
        for command, arguments in (("qmp_capabilities", {}), ("pmemsave", {"val": 0x40000000, "size": megabytes << 20, "filename": str(path)})):
            print(json.dumps({"execute": command, "arguments": arguments}), file=lines, flush=True)
            while "return" not in (answer := json.loads(lines.readline())):
                assert "error" not in answer, answer
    return path.read_bytes()


def without_seeds(tree):
    """The same bytes, but for the seeds, which each start has anew."""
    tree = bytearray(tree)
    structure, strings = struct.unpack_from(">II", tree, 8)
    for name, size in ((b"rng-seed", 32), (b"kaslr-seed", 8)):
        at = tree.index(b"\0" + name + b"\0", strings) + 1 - strings
        at = tree.index(struct.pack(">III", 3, size, at), structure) + 12
        tree[at : at + size] = bytes(size)
    return bytes(tree)


def trees_in(memory):
    """The guests' trees: at multiples of 2 MiB, but for the host's, which has 1 MiB."""
    for at in range(0, len(memory), 2 << 20):
        magic, size = struct.unpack_from(">II", memory, at)
        if magic == 0xD00DFEED and size <= 65536:
            yield 0x40000000 + at, without_seeds(memory[at : at + size])


OVERLAY = """/dts-v1/; /plugin/;
&uart0 { mark = "overlaid"; };
/ { fragment@9 { target-path = "/chosen"; __overlay__ { more = <7>; }; }; };
"""


def overlay(folder):
    (folder / "overlay.dts").write_text(OVERLAY)
    subprocess.run(["dtc", "-q", "-@", "-O", "dtb", "-o", folder / "overlay.dtb", folder / "overlay.dts"], check=True)
    return harness.image_node("overlay", folder / "overlay.dtb", "flat_dt")


def with_images(source, *nodes):
    return source.replace("images {", "images {" + "".join(nodes), 1)


@pytest.mark.parametrize("gic,smp", [(3, 3), (2, 2)])
def test_plan_comes_true(tmp_path, idle, gic, smp):
    """Guests' trees byte for byte as they stand in their memory, RAM at the address foretold, homes, free memory."""
    (tmp_path / "disk").write_bytes(bytes(99999))
    vms = [
        harness.Vm("plain", idle, ramdisk=tmp_path / "disk", vcpus=3, memory_mib=64, bootargs="a b c"),
        harness.Vm("given", idle, memory_mib=128, extra=test_passthrough.given(*test_passthrough.SLOTS) + "corbel,affinity = <2>;"),
        harness.Vm("merged", idle, memory_mib=32, vcpus=2, extra='fdt = "overlay"; corbel,affinity = <1 3>; corbel,priority = <4>;'),
    ]
    itb = harness.make_bundle(with_images(harness.its(vms), overlay(tmp_path)))
    options = "guest-console=prefix loglevel=debug"
    machine_args = {"gic": gic, "smp": smp, "memory": "512M"}
    board = board_of(tmp_path, itb, options, **machine_args)
    run = check("--dtb", board, "--image", harness.image(), "--write-dtbs", tmp_path / "trees", itb)
    assert run.returncode == 0 and run.stderr == "", run.stderr
    plan = run.stdout
    assert "is assumed" not in plan  # the dump tells where the bundle is
    ram_of_given = int(re.search(r"0x(\w+)-\S+ +128 MiB +RAM of VM given, direct-map", plan)[1], 16)

    qmp = tmp_path / "qmp"
    with harness.corbel(itb, options, devices=["-qmp", f"unix:{qmp},server=on,wait=off"], **machine_args) as machine:
        for _ in vms:
            machine.expect(r"vm: \w+: running", 30)
        memory = dump_memory(qmp, tmp_path / "memory", 512)
        console = machine.console()
    trees = {tree: at for at, tree in trees_in(memory)}
    for vm in vms:
        foretold = without_seeds((tmp_path / "trees" / f"{vm.name}.dtb").read_bytes())
        assert foretold in trees, f"the tree of {vm.name} is another one; there are trees at {[hex(at) for at in trees.values()]}"
        if vm.name == "given":
            assert trees[foretold] == ram_of_given + (126 << 20)
    homes = re.findall(r"vm: (\w+)\.(\d+): lives on CPU (\d+)", console)
    foretold = re.findall(r"^VM (\w+)|^  vCPU (\d+): on CPU (\d+)", plan, re.M)
    name, mine = "", []
    for vm, vcpu, cpu in foretold:
        name = vm or name
        mine += [] if vm else [(name, vcpu, cpu)]
    assert len(homes) == 6 and sorted(mine) == sorted(homes)
    # all that is free, less what is kept back
    free_mib = int(re.search(r"(\d+) MiB of RAM free", console)[1])
    for_vms = int(re.search(r"VMs can have (\d+) MiB", plan)[1])
    assert for_vms in (free_mib - 6, free_mib - 7)
    assert f"Left: {for_vms - 224} MiB of RAM, 58 of 64 vCPUs, 13 of 16 VMs" in plan


def test_places_are_as_qemu_has_them(tmp_path, idle):
    """A tree that does not tell where the bundle is: it is where QEMU's virt puts it, and the guests get the same."""
    itb = harness.bundle(harness.Vm("given", idle, extra=test_passthrough.given(*test_passthrough.SLOTS)))
    told, bare = tmp_path / "told", tmp_path / "bare"
    for folder, bundle in ((told, itb), (bare, None)):
        folder.mkdir()
        run = check("--dtb", board_of(folder, bundle), "--image", harness.image(), "--write-dtbs", folder, itb)
        assert run.returncode == 0, run.stderr
        (folder / "plan").write_text(run.stdout.replace(" (where a boot loader puts things is assumed)", ""))
    assert (told / "plan").read_text() == (bare / "plan").read_text()
    assert (told / "given.dtb").read_bytes() == (bare / "given.dtb").read_bytes()


# --- mistakes, in the same words -------------------------------------------------------------------


def bad_bundle(folder):
    """A VM of each kind of mistake, the good one last."""
    (folder / "raw").write_bytes(b"no kernel with a header" * 999)
    (folder / "large").write_bytes(bytes(3 << 20))
    (folder / "tree").write_bytes(b"no tree" * 99)
    nodes = [
        harness.image_node("packed", IMAGE, "kernel").replace('"none"', '"gzip"'),
        harness.image_node("wrong", IMAGE, "kernel").replace("hash-1", "other").replace("other {", 'hash-1 { value = <1>;'),
        harness.image_node("raw", folder / "raw", "kernel"),
        harness.image_node("large", folder / "large", "ramdisk"),
        harness.image_node("tree", folder / "tree", "flat_dt"),
    ]
    vm, given = test_bundle_errors.vm, test_passthrough.given
    rows = [row[1] for row in test_bundle_errors.BAD_VMS]
    rows += [vm(extra=extra, memory_mib=48 if "48" in words else 128) for words, extra in test_passthrough.REFUSALS]
    rows += [
        vm(kernel=None, extra='kernel = "packed";'),
        vm(kernel=None, extra='kernel = "raw";'),
        vm(memory_mib=4, extra='ramdisk = "large";'),
        vm(extra='fdt = "tree";'),
        vm(extra="corbel,budget-us = <5000>; corbel,period-us = <1000>;"),
        vm(extra="corbel,period-us = <1000>;"),
        vm(extra="corbel,weight = <1>;"),
        vm(vcpus=2, extra="corbel,affinity = <1 1 1>;"),
        vm(extra="corbel,gic = <2>;"),
        vm(extra=given("/pl061@9030000", direct_map=False)),
    ]
    vms = [dataclasses.replace(row, name=f"bad-{n}") for n, row in enumerate(rows)]
    return harness.make_bundle(with_images(harness.its([*vms, test_bundle_errors.GOOD]), *nodes)), len(vms)


def test_sentences_are_corbels(tmp_path):
    """Line for line, the amount of free memory and the neighbours' names included."""
    itb, nr_bad = bad_bundle(tmp_path)
    options = "guest-console=prefix frobnicate=7 console=/nowhere"
    run = check("--dtb", board_of(tmp_path, itb, options), "--image", harness.image(), itb)
    assert run.returncode == 1
    said = [text for _, text in mistakes(run, tmp_path / "board.dtb")] + [text for _, text in mistakes(run, itb)]
    with harness.corbel(itb, options) as machine:
        test_bundle_errors.hello_runs(machine)
        console = machine.console()
    corbels = re.findall(r'^\[cpu\d+\] (?:bundle|vm|options): ((?:vm "|"|\S+ has host devices).*)$', console, re.M)
    assert said == [line.replace(" was not created:", ":") for line in corbels]
    # at least one a VM, but for the one of which there is only a warning
    assert {int(n) for n in re.findall(r"bad-(\d+)", "\n".join(said))} == set(range(nr_bad))
    nr_errors = len([kind for kind, _ in mistakes(run, itb) if kind == "error"])
    assert run.stderr.splitlines()[-1] == f"corbel-check: {nr_errors} mistakes, 3 warnings"
    # what is good is planned all the same
    assert re.findall(r"^VM (\S+):", run.stdout, re.M)[-1] == "good"


@rpi4.needs_raspi4b
def test_sentences_on_a_pi(tmp_path):
    """The same on a board with a GICv2, spin tables, buses that translate, and a tree that QEMU has filled in."""
    uart = test_passthrough.given("/soc/serial@7e215040", "/soc/aux@7e215000", direct_map=False)
    rows = ["corbel,gic = <3>;", "corbel,affinity = <0x10>;", uart, uart.replace("7e215040", "7e201000"), "corbel,smc-allow = <0xc2000000 0xc2000000>;"]
    vms = [test_bundle_errors.vm(f"bad-{n}", extra=extra) for n, extra in enumerate(rows)] + [test_bundle_errors.vm("large", memory_mib=5000)]
    itb, board = harness.bundle(*vms, test_bundle_errors.GOOD), tmp_path / "board.dtb"
    words = [*rpi4_qemu.MACHINE, "-kernel", harness.image(), "-dtb", rpi4.DTB, "-initrd", itb, "-machine", f"dumpdtb={board}"]
    subprocess.run([rpi4.QEMU, *map(str, words)], check=True, capture_output=True, timeout=60 * harness.PATIENCE)
    run = check("--dtb", board, "--image", harness.image(), itb)
    with rpi4_direct.by_kernel(itb, "guest-console=prefix") as machine:
        machine.expect(r"\[good\] hello from EL1", 60)
        console = machine.console()
    corbels = re.findall(r'^\[cpu\d+\] (?:bundle|vm): (vm ".*|\S+ has host devices.*)$', console, re.M)
    assert [text for _, text in mistakes(run, itb)] == [line.replace(" was not created:", ":") for line in corbels]
    assert len(corbels) >= 6


def test_no_block_of_memory(tmp_path, idle):
    """Memory enough, but not in one piece: said as Corbel says it. Those before it are where they have to be."""
    vms = [harness.Vm(name, idle, memory_mib=size, extra="corbel,direct-map = <1>;") for name, size in (("half", 512), ("quarter", 256), ("bad", 128))]
    itb = harness.bundle(*vms, harness.Vm("last", idle, memory_mib=64))
    run = check("--dtb", board_of(tmp_path, itb), itb)
    sentence = "corbel,direct-map: no such block of memory is left"
    assert run.returncode == 1 and mistakes(run, itb) == [("error", f'vm "bad": {sentence}')]
    assert re.findall(r"0x(\w+)-\S+ +\d+ MiB +RAM of VM (\w+)", run.stdout) == [("050000000", "quarter"), ("060000000", "half")]
    with harness.corbel(itb) as machine:
        machine.expect(f'vm "bad" was not created: {sentence}', 20)
        for _ in range(3):
            machine.expect("vm: (half|quarter|last): running", 20)


def test_refused_late(tmp_path, idle):
    """What a VM had taken when its device tree turned out to be none is the next one's, its CPU too."""
    (tmp_path / "tree").write_bytes(b"no tree" * 99)
    extra = "corbel,direct-map = <1>;"
    vms = [harness.Vm("bad", idle, memory_mib=512, extra=extra + 'fdt = "tree";'), harness.Vm("next", idle, memory_mib=512, extra=extra)]
    itb = harness.make_bundle(with_images(harness.its(vms), harness.image_node("tree", tmp_path / "tree", "flat_dt")))
    run = check("--dtb", board_of(tmp_path, itb, memory="2G"), itb)
    assert run.returncode == 1 and len(mistakes(run, itb)) == 1
    assert "kernel, entry 0x60000000" in run.stdout and "vCPU 0: on CPU 0," in run.stdout
    with harness.corbel(itb, "loglevel=debug", memory="2G") as machine:
        machine.expect(r"next\.0: lives on CPU 0\r*\n", 20)
        machine.expect(r"next: kernel at 60000000, entry 60000000", 20)


def test_without_a_board(tmp_path):
    """What no board can mend is said; what depends on it is not."""
    itb, _ = bad_bundle(tmp_path)
    board = board_of(tmp_path, itb)
    with_board = {text for _, text in mistakes(check("--dtb", board, itb), itb)}
    without = {text for _, text in mistakes(check(itb), itb)}
    depends = "MiB are free|none of the host's|corbel,passthrough|has host devices|corbel,gic: wants 2,"
    assert {text for text in with_board if not re.search(depends, text)} == without
    run = check("-q", harness.bundle(test_bundle_errors.vm("two", extra="corbel,gic = <2>;"), test_bundle_errors.vm("three", extra="corbel,gic = <3>;")))
    assert (run.returncode, run.stdout, run.stderr) == (0, "", "")


def test_board_that_corbel_would_not_run_on(tmp_path):
    itb = harness.bundle(test_bundle_errors.GOOD)
    run = check("--dtb", PI_TREE, itb)
    assert run.returncode == 1 and mistakes(run, PI_TREE) == [("error", "host device tree: it has no memory")]
    assert "VM good:" in run.stdout and "Without a board" in run.stdout
    board = board_of(tmp_path)
    run = check("--dtb", board, "--memory", "0:3M", itb)
    assert run.returncode == 1 and "no room" in mistakes(run, board)[0][1]
    source = tmp_path / "no-gic.dts"
    source.write_text('/dts-v1/; / { #address-cells = <1>; #size-cells = <1>; memory { device_type = "memory"; reg = <0x40000000 0x40000000>; }; };')
    subprocess.run(["dtc", "-q", "-O", "dtb", "-o", tmp_path / "no-gic.dtb", source], check=True)
    run = check("--dtb", tmp_path / "no-gic.dtb", itb)
    assert run.returncode == 1 and "no GICv2 or GICv3" in mistakes(run, tmp_path / "no-gic.dtb")[0][1]


def test_pi(tmp_path, idle):
    """A tree whose memory the firmware fills in; devices by name; the console's UART is Corbel's."""
    uart = "/soc/serial@7e215040\", \"/soc/aux@7e215000"
    itb = harness.bundle(harness.Vm("loop", idle, memory_mib=16, extra=f'corbel,passthrough = "{uart}";'))
    memory = ["--memory", "0:948M", "--memory", "1G:3008M"]
    run = check("--dtb", PI_TREE, *memory, itb)
    assert run.returncode == 1 and "registers that Corbel itself uses" in mistakes(run, itb)[0][1]
    run = check("--dtb", PI_TREE, *memory, "--append", "console=serial@7e201000", itb)
    assert run.returncode == 0, run.stderr
    assert [kind for kind, _ in mistakes(run, itb)] == ["warning"]
    assert "Raspberry Pi 4" in run.stdout and "host device /soc/serial@7e215040" in run.stdout and "interrupt 125: its own" in run.stdout


# --- wrappings, files, usage -----------------------------------------------------------------------


def test_uimg(tmp_path):
    itb = harness.bundle(test_bundle_errors.GOOD)
    wrapped = tmp_path / "vms.uimg"
    subprocess.run(["mkimage", "-A", "arm64", "-O", "linux", "-T", "ramdisk", "-C", "none", "-d", itb, wrapped], check=True, capture_output=True)
    assert check(wrapped).stdout == check(itb).stdout != ""
    wrapped.write_bytes(wrapped.read_bytes()[:500])
    run = check("-q", wrapped)
    assert run.returncode == 1 and "truncated" in mistakes(run, wrapped)[0][1]


def test_bad_files(tmp_path):
    good, board = harness.bundle(test_bundle_errors.GOOD), board_of(tmp_path)
    data = good.read_bytes()
    for name, content, words in (
        ("cut", data[: len(data) // 2], "is truncated"),
        ("empty", b"", "bundle of 0 bytes is no FIT"),
        ("garbage", b"this is no bundle\n" * 500, "no FIT"),
        ("packed", gzip.compress(data), "no FIT"),
        ("tree", board.read_bytes(), "/images: is missing"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        run = check("--dtb", board, path)
        assert run.returncode == 1 and words in mistakes(run, path)[0][1], (name, run.stderr)
        run = check("--dtb", path, good)
        assert (run.returncode, len(mistakes(run, path)), mistakes(run, good)) == (0 if name == "tree" else 1, 0 if name == "tree" else 1, [])
    huge = tmp_path / "huge"
    with huge.open("wb") as stream:
        stream.truncate(5 << 30)
    for path, words in ((tmp_path, "is a directory"), (tmp_path / "nothing", "No such file"), ("/dev/null", "no regular file"), (huge, "larger than 4 GiB")):
        for args in ([path], ["--dtb", path, good], ["--dtb", board, "--image", path, good]):
            run = check(*args)
            assert run.returncode == 2 and run.stdout == "" and words in run.stderr and len(run.stderr.splitlines()) == 1, run.stderr


def test_control_characters(tmp_path):
    """What stands in a bundle does not steer a terminal."""
    data = harness.bundle(harness.Vm("evilname", IMAGE, vcpus=0)).read_bytes().replace(b"evilname", b"\x1b[2Jname")
    (tmp_path / "evil.itb").write_bytes(data)
    run = check(tmp_path / "evil.itb")
    assert run.returncode == 1 and "\x1b" not in run.stderr and '"?[2Jname"' in run.stderr


def test_longest_lines(tmp_path, idle):
    """As many vCPUs as there may be on one CPU, with the longest names and numbers."""
    extra = "corbel,affinity = <1>; corbel,priority = <0xffffffff>;"
    itb = harness.bundle(*(harness.Vm(f"fifteen-letter{n}", idle, vcpus=8, memory_mib=4, extra=extra) for n in range(8)))
    run = check("--dtb", board_of(tmp_path), itb)
    assert run.returncode == 0 and run.stdout.count(" (priority 4294967295)") == 64
    assert "Left:" in run.stdout and ", 0 of 64 vCPUs, 8 of 16 VMs" in run.stdout


@pytest.mark.parametrize(
    "args,words",
    [
        ([], "which bundle?"),
        (["a", "b"], "b: is one argument too many"),
        (["--frobnicate", "a"], "unrecognized option"),
        (["--dtb"], "requires an argument"),
        (["--write-dtbs", "x", "a"], "need a board"),
        (["--memory", "0:1G", "a"], "need a board"),
        (["--dtb", "b", "--memory", "1G", "a"], "1G: is no range"),
        (["--dtb", "b", "--memory", "1G:0", "a"], "1G:0: is no range"),
        (["--dtb", "b", "--memory", "1x:5", "a"], "1x:5: is no range"),
        (["--dtb", "b", "--memory", "-1:5", "a"], "-1:5: is no range"),
        (["--dtb", "b", "--memory", "1:-5", "a"], "1:-5: is no range"),
        (["--dtb", "b", "--memory", "0:1Gi", "a"], "0:1Gi: is no range"),
        (["--dtb", "b", "--memory", "0:99999999999G", "a"], "is no range"),
        (["--dtb", "b", "--memory", "99999999999999999999:1", "a"], "is no range"),
        (["--dtb", "b", "--memory", "0xffffffffffffffff:4096", "a"], "is no range"),
        (["--dtb", "b", *["--memory", "0:1"] * 9, "a"], "too often"),
    ],
)
def test_usage(args, words):
    run = check(*args)
    assert run.returncode == 2 and run.stdout == "" and words in run.stderr and "usage: corbel-check" in run.stderr


def test_trees_are_written_or_it_is_said(tmp_path):
    itb, board = harness.bundle(test_bundle_errors.GOOD, test_bundle_errors.vm("bad", vcpus=0)), board_of(tmp_path)
    run = check("-q", "--dtb", board, "--write-dtbs", tmp_path / "out", itb)
    assert run.returncode == 1 and os.listdir(tmp_path / "out") == ["good.dtb"]
    source = subprocess.run(["dtc", "-q", "-O", "dts", tmp_path / "out" / "good.dtb"], check=True, capture_output=True, text=True).stdout
    assert "memory@40000000" in source and "arm,gic-v3" in source
    (tmp_path / "file").write_text("")
    run = check("-q", "--dtb", board, "--write-dtbs", tmp_path / "file", itb)
    assert run.returncode == 2 and "file/good.dtb: Not a directory" in run.stderr
    with open("/dev/full", "w") as full:
        run = subprocess.run([PROGRAM, itb], stdout=full, stderr=subprocess.PIPE, text=True)
    assert run.returncode == 2


@pytest.mark.parametrize("name", ["../and/away", "up/and/away", "..and..away", "up\x1band.away"])
def test_name_stays_in_its_folder(tmp_path, name):
    data = harness.bundle(harness.Vm("up-and-away", IMAGE)).read_bytes().replace(b"up-and-away", name.encode())
    (tmp_path / "away.itb").write_bytes(data)
    run = check("-q", "--dtb", board_of(tmp_path), "--write-dtbs", tmp_path / "out", tmp_path / "away.itb")
    shown = name.replace("\x1b", "?")
    assert run.returncode == 2 and f"corbel-check: {shown}: is no name for a file" in run.stderr
    assert os.listdir(tmp_path / "out") == []


# --- damage ----------------------------------------------------------------------------------------

NUMBERS = [0, 1, 2, 3, 4, 9, 255, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFC, 0xFFFFFFFF]


def damage(rng, data):
    """A tree cut short, or with a few bytes and cells of its header and structure changed."""
    if rng.random() < 0.1:
        return data[: rng.randrange(len(data))]
    data = bytearray(data)
    structure, size = struct.unpack_from(">I", data, 8)[0], struct.unpack_from(">I", data, 36)[0]
    for _ in range(rng.choice([1, 1, 2, 5, 20])):
        at = rng.randrange(40) if rng.random() < 0.1 else structure + rng.randrange(size)
        if rng.random() < 0.5:
            data[at] = rng.randrange(256)
        else:
            struct.pack_into(">I", data, at & ~3, rng.choice([*NUMBERS, rng.randrange(1 << 32)]))
    return bytes(data)


@pytest.mark.long
def test_damaged(tmp_path, idle):
    """Some hundred damaged bundles and boards: each ends with a status, none in a sanitizer's report."""
    rng = random.Random(6)
    given = harness.Vm("given", idle, extra=test_passthrough.given(*test_passthrough.SLOTS) + "corbel,smc-allow = <0x82000000 0x8200ffff>;")
    vms = [given, harness.Vm("merged", idle, vcpus=2, extra='fdt = "overlay"; corbel,affinity = <1 3>; corbel,budget-us = <500>;')]
    (tmp_path / "vms.its").write_text(with_images(harness.its(vms), overlay(tmp_path)))
    # the images behind the tree, and hashes, so that each byte of them is read
    subprocess.run(["mkimage", "-E", "-f", tmp_path / "vms.its", tmp_path / "vms.itb"], check=True, capture_output=True)
    bundle = (tmp_path / "vms.itb").read_bytes()
    packed = subprocess.run(["dtc", "-q", "-O", "dtb", board_of(tmp_path)], check=True, capture_output=True).stdout
    names = {"vms.itb": bundle, "board.dtb": packed}
    statuses = {}
    for name in ["vms.itb", "vms.itb", "board.dtb"] * 120:
        for other, data in names.items():
            (tmp_path / other).write_bytes(damage(rng, data) if other == name else data)
        status = check("--dtb", tmp_path / "board.dtb", "--write-dtbs", tmp_path / "out", tmp_path / "vms.itb").returncode
        statuses[status] = statuses.get(status, 0) + 1
    assert statuses[0] > 20 and statuses[1] > 100, statuses


# --- papers ----------------------------------------------------------------------------------------


def test_manual():
    """It renders without a warning, and knows the options that --help lists."""
    run = subprocess.run(["groff", "-man", "-Tutf8", "-ww", MANUAL], capture_output=True, text=True)
    assert run.returncode == 0 and run.stderr == "" and "corbel-check" in run.stdout
    help_text = check("--help", program=PROGRAM)
    options = set(re.findall(r"--[a-z-]+", help_text.stdout))
    assert help_text.returncode == 0 and len(options) >= 7
    assert options == set(re.findall(r"--[a-z-]+", MANUAL.read_text().replace("\\-", "-")))
