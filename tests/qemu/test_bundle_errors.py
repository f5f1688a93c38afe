"""A bad bundle gives one sentence that names VM, property and reason; the good VMs in it start all the same."""

import re
import struct

import harness
import pytest

HELLO = harness.GUESTS / "hello.bin"


def vm(name="bad", **changes):
    return harness.Vm(name, changes.pop("kernel", HELLO), **changes)


GOOD = vm("good")

# what is wrong, the VM, what one line of the console must say beside the VM's name
BAD_VMS = [
    ("no kernel", vm(kernel=None), ["kernel", "missing"]),
    ("a kernel that is not there", vm(kernel=None, extra='kernel = "nothing";'), ["kernel", "nothing"]),
    ("too much memory", vm(memory_mib=100000), ["corbel,memory-mib", "100000", "free"]),
    ("unknown property", vm(extra="corbel,wheels = <4>;"), ["corbel,wheels", "not known"]),
    ("no vCPU", vm(vcpus=0), ["corbel,vcpus", "0"]),
    ("too many vCPUs", vm(vcpus=9), ["corbel,vcpus", "9", "8"]),
    ("a string for a number", vm(vcpus=None, extra='corbel,vcpus = "twelve!";'), ["corbel,vcpus"]),
    ("a GIC that is none", vm(extra="corbel,gic = <4>;"), ["corbel,gic", "4"]),
    ("a policy that is none", vm(extra='corbel,on-crash = "explode";'), ["corbel,on-crash", "explode"]),
    ("an affinity to no CPU", vm(extra="corbel,affinity = <0x100>;"), ["corbel,affinity", "100"]),
    ("PSCI for the firmware", vm(extra="corbel,smc-allow = <0x82000000 0x8400ffff>;"), ["corbel,smc-allow", "0x82000000", "PSCI", "0x8400001f"]),
    ("half a range of SMCs", vm(extra="corbel,smc-allow = <0x82000000>;"), ["corbel,smc-allow", "pairs", "4 bytes"]),
    ("no memory", vm(memory_mib=0), ["corbel,memory-mib", "0"]),
]


def report_of(machine, name):
    """The sentence about a VM on the host's console, up to the end of its line."""
    return machine.expect(rf"\[cpu\d+\] [^\r\n]*\b{name}\b[^\r\n]*\r*\n", 20)[0]


def hello_runs(machine, name="good"):
    machine.expect(rf"\[{name}\] hello from EL1", 20)
    machine.wait_end(20)


def refused_for(source, words):
    """The VM `bad` is refused in one line that has all the words; `good` runs."""
    with harness.corbel(harness.make_bundle(source), "guest-console=prefix") as machine:
        line = report_of(machine, "bad")
        missing = [word for word in words if word not in line]
        if missing:
            machine.fail(f"the report lacks {missing}: {line.strip()}")
        hello_runs(machine)
        assert "[bad] hello" not in machine.console()


@pytest.mark.parametrize("vm,words", [row[1:] for row in BAD_VMS], ids=[row[0] for row in BAD_VMS])
def test_bad_vm(vm, words):
    refused_for(harness.its([vm, GOOD]), words)


def test_compressed():
    """Only `none` is supported; an image that says otherwise refuses its VM."""
    packed = harness.image_node("packed", HELLO, "kernel").replace('"none"', '"gzip"')
    source = harness.its([vm(kernel=None, extra='kernel = "packed";'), GOOD]).replace("images {", "images {" + packed, 1)
    refused_for(source, ["kernel", "gzip"])


def patched(tmp_path, data):
    path = tmp_path / "bad.itb"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("algo", ["crc32", "md5", "sha1", "sha256"])
def test_hashes(tmp_path, algo):
    """A right hash is taken, a wrong one refuses that VM."""
    data = bytearray(harness.bundle(GOOD, hash_algo=algo).read_bytes())
    with harness.corbel(patched(tmp_path, bytes(data)), "guest-console=prefix") as machine:
        hello_runs(machine)
    at = data.index(b"hello from EL1")
    data[at] ^= 1
    with harness.corbel(patched(tmp_path, bytes(data)), "guest-console=prefix") as machine:
        line = report_of(machine, "good")
        assert "kernel" in line and algo in line and "hash" in line, machine.fail(f"what is wrong? {line}")
        machine.expect("corbel> ", 20)
        assert "hello" not in machine.console()


def whole_is_bad(path, *words):
    with harness.corbel(path) as machine:
        machine.expect("corbel> ", 20)
        lines = [line for line in machine.console().splitlines() if all(word in line for word in words)]
        if len(lines) != 1:
            machine.fail(f"not one line with {words}")


def test_truncated(tmp_path):
    data = harness.bundle(GOOD).read_bytes()
    whole_is_bad(patched(tmp_path, data[: len(data) // 2]), "bundle", "truncated")


def test_not_a_fit(tmp_path):
    whole_is_bad(patched(tmp_path, b"this is no bundle\n" * 500), "bundle", "no FIT")


def test_empty_fit():
    source = '/dts-v1/;\n/ { description = "x"; images { ' + harness.image_node("k", HELLO, "kernel") + " };\n"
    source += 'configurations { default = "x"; x { kernel = "k"; }; }; };\n'
    whole_is_bad(harness.make_bundle(source), "/configurations", "no VM")


def test_lying_structure(tmp_path):
    """The header's offsets point outside: said, not followed."""
    data = bytearray(harness.bundle(GOOD).read_bytes())
    struct.pack_into(">I", data, 8, 0x7FFFFFF0)  # off_dt_struct
    whole_is_bad(patched(tmp_path, bytes(data)), "bundle", "no FIT")


def test_no_good_vm():
    """All bad: each is named, then the prompt."""
    with harness.corbel(harness.bundle(vm("bad", vcpus=0), vm("worse", kernel=None))) as machine:
        machine.expect("corbel> ", 20)
        for name in ("bad", "worse"):
            assert re.search(rf"\b{name}\b", machine.console()), machine.fail(f"{name} is not named")
