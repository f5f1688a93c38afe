"""scripts/corbel-bundle and `make run KERNEL=`: what they make boots, and each mistake is told in one sentence."""

import contextlib
import gzip
import os
import re
import signal
import struct
import subprocess

import harness
import pexpect
import pytest

TOOL = harness.ROOT / "scripts" / "corbel-bundle"
HELLO = harness.GUESTS / "hello.bin"
HELLO_ELF = harness.GUESTS / "hello.elf"
CROSS = "aarch64-linux-gnu-"


def run_tool(folder, *args, **options):
    return subprocess.run([TOOL, *args], cwd=folder, capture_output=True, text=True, timeout=60, **options)


def make_bundle(folder, *vms, options=()):
    """vms.itb of the --vm texts."""
    run = run_tool(folder, *(word for vm in vms for word in ("--vm", vm)), *options, "-o", "vms.itb")
    assert run.returncode == 0, run.stdout + run.stderr
    return folder / "vms.itb"


def fdtget(itb, *args):
    return subprocess.run(["fdtget", *args[:-2], itb, *args[-2:]], check=True, capture_output=True, text=True).stdout.strip()


# --- what it makes boots ---------------------------------------------------------------------------


def test_two_vms(tmp_path):
    vms = f"name=one,kernel={HELLO},args=a,b c=\"d\",memory=64", f"name=two,kernel={HELLO},vcpus=2,memory=96M,priority=3"
    itb = make_bundle(tmp_path, *vms)
    assert (tmp_path / "vms.its").read_text().count("/incbin/") == 1
    with harness.corbel(itb, "guest-console=prefix") as machine:
        machine.wait_end(30)
        console = machine.console()
    assert '[one] hello from EL1: 1 cpus, GICv3, 64 MiB, x1-x3 zero, bootargs "a,b c="d""' in console, console
    assert '[two] hello from EL1: 2 cpus, GICv3, 96 MiB, x1-x3 zero, bootargs ""' in console, console


def boots(itb, marker, **machine_kwargs):
    with harness.corbel(itb, "guest-console=prefix", **machine_kwargs) as machine:
        machine.expect(marker, 20)
        machine.wait_end(20)


def test_uimg(tmp_path):
    make_bundle(tmp_path, f"name=hello,kernel={HELLO}")
    boots(tmp_path / "vms.uimg", r"\[hello\] hello from EL1")


def zboot(packed, method):
    """The head of an EFI zboot image, as far as a loader reads it. [Linux zboot-header.S]"""
    return struct.pack("<4s4sII8x32s", b"MZ\0\0", b"zimg", 64, len(packed), method).ljust(64, b"\0") + packed


@pytest.mark.parametrize("form", ["elf", "gz", "elf.gz", "zboot"])
def test_kernel_forms(tmp_path, form):
    """An Image inside an ELF or packed: its header decides where it goes."""
    data = (HELLO_ELF if form.startswith("elf") else HELLO).read_bytes()
    if form != "elf":
        data = gzip.compress(data)
    if form == "zboot":
        data = zboot(data, b"gzip") + b"the rest of a PE file"
    (tmp_path / f"hello.{form}").write_bytes(data)
    boots(make_bundle(tmp_path, f"name=hello,kernel=hello.{form}"), r"\[hello\] hello from EL1")


# Says what stands in .data, some way behind the code, and powers off. Entered at its first word, it faults.
ELF_SOURCE = """
	.inst	0
	.global	start
start:	mov	x0, #0x09000000
	adrp	x1, message
	add	x1, x1, :lo12:message
1:	ldrb	w2, [x1], #1
	strb	w2, [x0]
	cbnz	w2, 1b
	mov	w0, #8
	movk	w0, #0x8400, lsl #16
	hvc	#0
	.data
message: .asciz	"the ELF runs\\n"
	.bss
	.skip	0x10000
"""
ELF_SCRIPT = """
ENTRY(start)
SECTIONS {{
	. = {virtual:#x};
	.text : AT({physical:#x}) {{ *(.text) }}
	. = {virtual:#x} + 0x8000;
	.data : AT({physical:#x} + 0x8000) {{ *(.data) }}
	.bss : {{ *(.bss) }}
	/DISCARD/ : {{ *(.note* .comment) }}
}}
"""


def make_elf(folder, virtual, physical, name="own.elf"):
    (folder / "own.S").write_text(ELF_SOURCE)
    (folder / "own.ld").write_text(ELF_SCRIPT.format(virtual=virtual, physical=physical))
    link = ["-nostdlib", "-static", "-Wl,-T,own.ld,--build-id=none,-z,max-page-size=4096,-z,noexecstack", "own.S", "-o", name]
    subprocess.run([CROSS + "gcc", *link], cwd=folder, check=True)
    return folder / name


@pytest.mark.parametrize(
    "virtual,physical,keys,entry",
    [
        (0x40300000, 0x40300000, "", 0x40300004),
        (0xFFFF000040300000, 0x40300000, "", 0x40300004),
        (0, 0, ",load=0x40500000", 0x40500004),
    ],
    ids=["where it is linked", "at its physical address", "moved by load="],
)
def test_elf_without_header(tmp_path, virtual, physical, keys, entry):
    make_elf(tmp_path, virtual, physical)
    itb = make_bundle(tmp_path, f"kernel=own.elf,memory=16{keys}")
    assert fdtget(itb, "-tx", "/images/own.elf", "entry") == f"{entry:x}"
    assert fdtget(itb, "-tx", "/images/own.elf", "load") == f"{entry - 4:x}"
    # BSS, too: nothing else may be put there
    assert (tmp_path / "vms-own.elf.raw").stat().st_size >= 0x8000 + 0x10000
    boots(itb, r"\[own\] the ELF runs")


def test_raw_kernel(tmp_path):
    """Without an Image header: where QEMU's -kernel would put it, or where the keys say."""
    make_elf(tmp_path, 0, 0)
    subprocess.run([CROSS + "objcopy", "-O", "binary", "own.elf", "own.bin"], cwd=tmp_path, check=True)
    raw = (tmp_path / "own.bin").read_bytes()
    (tmp_path / "first.bin").write_bytes(raw[4:0x1000] + b"\0" * 4 + raw[0x1000:])  # starts at its first word
    itb = make_bundle(tmp_path, "name=keys,kernel=own.bin,load=0x40600000,entry=0x40600004", "name=default,kernel=first.bin")
    assert fdtget(itb, "-tx", "/images/first.bin", "entry") == "40080000"
    with harness.corbel(itb, "guest-console=prefix") as machine:
        machine.wait_end(30)
        console = machine.console()
    assert "[keys] the ELF runs" in console and "[default] the ELF runs" in console, console


# --- what stands in it -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text,arguments",
    [
        ("args=console=ttyAMA0,115200 quiet", "console=ttyAMA0,115200 quiet"),
        ("args=a,vcpus=2", "a"),
        ("args=a,,vcpus=2", "a,vcpus=2"),
        ("args=a,b=1,,c,,memory=5,nice", "a,b=1,c,memory=5,nice"),
        ('args=say "\\n" it\'s', 'say "\\n" it\'s'),
        ("args=", ""),
    ],
)
def test_commas_and_quotes(tmp_path, text, arguments):
    itb = make_bundle(tmp_path, f"name=a,kernel={HELLO},{text},weight=70")
    assert fdtget(itb, "-ts", "/configurations/a", "corbel,bootargs") == arguments
    assert fdtget(itb, "/configurations/a", "corbel,weight") == "70"


def test_properties(tmp_path):
    text = "vcpus=2,memory=1G,affinity=0x1:2,gic=3,autostart=0,on-crash=restart,on-reset=stop,smc-allow=0x82000000-0x8200ffff+0xc3000001,passthrough=/uart:serial1,direct-map=1,power-key=1"
    itb = make_bundle(tmp_path, f"name=a,kernel={HELLO},{text}", options=["--hash", "sha256"])
    got = {key: fdtget(itb, "/configurations/a", f"corbel,{key}") for key in ("vcpus", "memory-mib", "affinity", "gic", "autostart")}
    assert got == {"vcpus": "2", "memory-mib": "1024", "affinity": "1 2", "gic": "3", "autostart": "0"}
    got = {key: fdtget(itb, "/configurations/a", f"corbel,{key}") for key in ("on-crash", "on-reset", "passthrough", "direct-map", "power-key")}
    assert got == {"on-crash": "restart", "on-reset": "stop", "passthrough": "/uart serial1", "direct-map": "1", "power-key": "1"}
    assert fdtget(itb, "-tx", "/configurations/a", "corbel,smc-allow") == "82000000 8200ffff c3000001 c3000001"
    assert fdtget(itb, "/images/hello.bin/hash-1", "algo") == "sha256"


def test_source_makes_it_anew(tmp_path):
    """The .its is for people to edit: mkimage takes it from its own folder, and from another."""
    (tmp_path / "a b").mkdir()
    itb = make_bundle(tmp_path / "a b", f"name=a,kernel={HELLO_ELF},args=x")
    for folder, source in ((itb.parent, "vms.its"), (tmp_path, "a b/vms.its")):
        subprocess.run(["mkimage", "-f", source, "again.itb"], cwd=folder, check=True, capture_output=True)
        assert (folder / "again.itb").stat().st_size == itb.stat().st_size


def test_help():
    """Each key is told by --help and by docs/bundle.md."""
    run = run_tool(harness.ROOT, "--help")
    listed = re.search(r"^keys of --vm.*?\n(.*?)\n\n", run.stdout, re.S | re.M)[1]
    keys = [line.split()[0] for line in listed.splitlines()]
    vms = (harness.ROOT / "docs" / "bundle.md").read_text().partition("## VMs\n")[2].partition("\n## ")[0]
    told = re.findall(r"^\|[^|]*\|([^|]*)\|", vms, re.M) + re.findall(r"Not supported yet:(.*?)\.", vms, re.S)
    documented = re.findall(r"`(?:corbel,)?([a-z-]+)`", " ".join(told))
    assert run.returncode == 0 and "examples:" in run.stdout
    assert len(keys) > 15 and sorted(keys) == sorted(documented)


# --- mistakes --------------------------------------------------------------------------------------


def patched(offset, value):
    data = bytearray(HELLO_ELF.read_bytes())
    data[offset : offset + len(value)] = value
    return bytes(data)


def bad_files(folder):
    """A folder of files that no kernel or tree can be."""
    (folder / "empty").write_bytes(b"")
    (folder / "folder").mkdir()
    (folder / "raw").write_bytes(b"\0" * 4096)
    (folder / "broken.gz").write_bytes(gzip.compress(b"x" * 4096)[:-9])
    (folder / "zstd.efi").write_bytes(zboot(b"x", b"zstd"))
    (folder / "elf32").write_bytes(patched(4, b"\1"))
    (folder / "big-endian").write_bytes(patched(5, b"\2"))
    (folder / "object").write_bytes(patched(16, struct.pack("<H", 1)))
    (folder / "x86").write_bytes(patched(18, struct.pack("<H", 62)))
    (folder / "entry").write_bytes(patched(24, struct.pack("<Q", 0x100)))
    (folder / "cut").write_bytes(HELLO_ELF.read_bytes()[:5000])
    (folder / "stub").write_bytes(HELLO_ELF.read_bytes()[:20])
    (folder / "elsewhere").write_bytes(patched(24, struct.pack("<Q", 0x40200004)))
    (folder / "broken.dts").write_text("/dts-v1/; / { oops };")
    (folder / "large.dtb").write_bytes(b"\xd0\x0d\xfe\xed" + b"\0" * 65536)


# what is given after the kernel hello.bin (or with a kernel of its own), and what the sentence must have
MISTAKES = [
    ("name=a,vcpuz=2", ['VM "a"', "vcpuz", "no such key"]),
    ("name=a,args=quiet,direct_map=1", ["args", ",direct_map=", "misspelt direct-map"]),
    ("vcpus=9,name=a", ['VM "a"', "vcpus", "9", "1 to 8"]),
    ("name=a,vcpus=0", ["vcpus", "is 0", "leave it out", "1 to 8"]),
    ("name=a,budget-us=0", ["budget-us", "is 0", "leave it out"]),
    ("name=a,vcpus=two", ["vcpus", "number", "two"]),
    ("name=a,vcpus=1,vcpus=2", ["vcpus", "twice"]),
    ("name=a,vcpus", ["--vm number 1", '"vcpus"', "KEY=VALUE", "the keys are name kernel"]),
    ("name=a,memory=0", ["memory", "0"]),
    ("name=a,memory=lots", ["memory", "lots", "512M"]),
    ("name=a,affinity=0", ["affinity", "0"]),
    ("name=a,weight=8", ["weight", "8", "16 to 4096"]),
    ("name=a,budget-us=6000,period-us=5000", ['VM "a"', "budget-us", "6000", "5000"]),
    ("name=a,budget-us=20000", ["budget-us", "20000", "10000"]),
    ("name=a,period-us=5000", ["period-us", "no budget-us"]),
    ("name=a,memory=300,direct-map=1", ["memory", "300", "power of two"]),
    ("name=a,smc-allow=0x82000000-0x84000000", ["smc-allow", "PSCI", "0x82000000-0x84000000"]),
    ("name=a,smc-allow=0x8401001f", ["smc-allow", "PSCI", "0x8401001f"]),
    ("name=a,smc-allow=0x83000001-0x83000000", ["smc-allow", "FIRST-LAST", "0x83000001-0x83000000"]),
    ("name=a,smc-allow=0x83000000-", ["smc-allow", "number"]),
    ("name=a,smc-allow=" + "+".join(["0x83000000"] * 17), ["smc-allow", "17", "16"]),
    ("name=a,vcpus=2,affinity=1:2:1", ["affinity", "2 vCPUs", "3"]),
    ("name=a,priority=-1", ["priority", "-1"]),
    ("name=a,gic=4", ["gic", "4", "2 to 3"]),
    ("name=a,on-crash=explode", ["on-crash", "explode", "restart"]),
    ("name=a,args=tab\there", ["args", "control character"]),
    ("name=", ["name", "letters"]),
    ("name=two words", ['VM "two words"', "name", "letters"]),
    ("name=sixteen-letters-", ["sixteen-letters-", "name", "16 characters", "15"]),
    ("name=a,load=0x40200000", ["load", "Image header"]),
    ("name=a,ramdisk=nowhere", ["ramdisk", "no file nowhere"]),
    ("name=a,ramdisk=empty", ["ramdisk", "empty is empty"]),
    ("name=a,fdt=raw", ["fdt", "no device tree"]),
    ("name=a,fdt=large.dtb", ["fdt", "65540", "65536"]),
    ("name=a,kernel=nowhere", ["kernel", "no file nowhere"]),
    ("name=a,kernel=folder", ["kernel", "folder", "directory"]),
    ("name=a,kernel=broken.gz", ["kernel", "gzip"]),
    ("name=a,kernel=zstd.efi", ["kernel", "zstd"]),
    ("name=a,kernel=elf32", ["kernel", "32 bits"]),
    ("name=a,kernel=big-endian", ["kernel", "big-endian"]),
    ("name=a,kernel=object", ["kernel", "not linked"]),
    ("name=a,kernel=x86", ["kernel", "x86-64", "AArch64"]),
    ("name=a,kernel=entry", ["kernel", "0x100", "segments"]),
    ("name=a,kernel=cut", ["kernel", "past its end"]),
    ("name=a,kernel=stub", ["kernel", "header"]),
    ("name=a,kernel=elsewhere", ["kernel", "0x40200004", "0x40200000"]),
    ("name=a,kernel=raw,load=0x80000", ["kernel", "0x80000", "128 MiB from 0x40000000"]),
    ("name=a,kernel=raw,memory=1,load=0x400ff800", ["kernel", "0x400ff800", "1 MiB"]),
    ("name=a,kernel=raw,entry=0x40080002", ["entry", "0x40080002"]),
]


def refused(run, words):
    assert run.returncode == 2, run.stdout + run.stderr
    line = run.stderr.splitlines()[-1]
    assert line.startswith("corbel-bundle: ") and all(word in line for word in words), run.stderr
    assert "Traceback" not in run.stderr
    return run.stderr.splitlines()


@pytest.mark.parametrize("text,words", MISTAKES, ids=[text for text, _ in MISTAKES])
def test_mistake(tmp_path, text, words):
    bad_files(tmp_path)
    if "kernel=" not in text:
        text = f"kernel={HELLO},{text}"
    assert len(refused(run_tool(tmp_path, "--vm", text, "-o", "vms.itb"), words)) == 1
    assert not (tmp_path / "vms.itb").exists()


def many(count, keys=""):
    return [word for n in range(count) for word in ("--vm", f"name=vm{n},kernel={HELLO}{keys}")]


@pytest.mark.parametrize(
    "args,words",
    [
        (["--vm", "name=a", "-o", "vms.itb"], ['VM "a"', "kernel", "missing"]),
        ([*many(1), *many(1), "-o", "vms.itb"], ['VM "vm0"', "name", "two VMs"]),
        ([*many(17), "-o", "vms.itb"], ["17 VMs", "16"]),
        ([*many(9, ",vcpus=8"), "-o", "vms.itb"], ['VM "vm8"', "vcpus", "72", "64"]),
        ([*many(1), "-o", "vms.img"], ["vms.img", ".itb"]),
        ([*many(1), "-o", "$HOME.itb"], ["$HOME.itb", "mkimage"]),
        ([*many(1), "-o", "raw/vms.itb"], ["raw"]),
        ([*many(1), "-o", "nowhere/vms.itb"], ["-o", "no folder nowhere"]),
        (["--vm", "", "-o", "vms.itb"], ["--vm number 1", "empty", "KEY=VALUE"]),
        ([*many(1), "--vm", "args=x,vcpus=9", "-o", "vms.itb"], ["--vm number 2, which has no name and no kernel", "vcpus"]),
        (["--vm", f"kernel={HELLO},fdt=broken.dts", "-o", "vms.itb"], ['VM "hello"', "fdt", "dtc", "failed"]),
    ],
    ids=["no kernel", "one name twice", "17 VMs", "72 vCPUs", "no .itb", "for a shell", "a file for a folder", "no folder", "empty", "no name", "a source with an error"],
)
def test_mistake_of_the_whole(tmp_path, args, words):
    bad_files(tmp_path)
    lines = refused(run_tool(tmp_path, *args), words)
    # what dtc said, too
    assert len(lines) == 1 or "broken.dts" in lines[0]


def test_elf_linked_elsewhere(tmp_path):
    make_elf(tmp_path, 0x80000, 0x80000)
    refused(run_tool(tmp_path, "--vm", "kernel=own.elf", "-o", "vms.itb"), ['VM "own"', "kernel", "0x80000", "0x40000000", "load="])


def test_no_mkimage(tmp_path):
    run = run_tool(tmp_path, *many(1), "-o", "vms.itb", env={"PATH": str(tmp_path)})
    refused(run, ["mkimage", "u-boot-tools"])


def test_mkimage_fails(tmp_path):
    """What it said is shown."""
    (tmp_path / "mkimage").write_text("#!/bin/sh\necho no room on the moon >&2\nexit 1\n")
    (tmp_path / "mkimage").chmod(0o755)
    lines = refused(run_tool(tmp_path, *many(1), "-o", "vms.itb", env={"PATH": f"{tmp_path}:/bin"}), ["mkimage", "failed"])
    assert lines[0] == "no room on the moon"


# --- make run --------------------------------------------------------------------------------------


# Nothing of a make around this one.
MAKE_ENV = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "GNUMAKE"))}


def make(folder, *args, timeout=120):
    """`make` with these, its bundle in `folder`: other tests make theirs at the same time."""
    command = ["make", f"RUN_DIR={folder}", "CORBEL_APPEND=guest-console=prefix", *args]
    with subprocess.Popen(
        command, cwd=harness.ROOT, env=MAKE_ENV, text=True, errors="replace", start_new_session=True,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    ) as process:  # fmt: skip
        try:
            output = process.communicate(timeout=timeout * harness.PATIENCE)[0]
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)  # QEMU, too
            raise harness.Failure(f"{command} did not end; it said:\n{process.communicate()[0]}") from None
    return process.returncode, output.replace("\r", "")


OVERLAY = """/dts-v1/;
/plugin/;
/ {
	fragment@0 {
		target-path = "/chosen";
		__overlay__ { bootargs = "of the overlay"; };
	};
};
"""

RUNS = [
    ([f"KERNEL={HELLO}"], '[hello] hello from EL1: 1 cpus, GICv3, 128 MiB, x1-x3 zero, bootargs ""'),
    ([f"KERNEL={HELLO_ELF}", "GIC=2"], "[hello] hello from EL1: 1 cpus, GICv2, 128 MiB"),
    (
        [f"KERNEL={HELLO}", "VCPUS=3", "MEM=1G", "APPEND=it's a,b,vcpus=9 \"c\""],
        '[hello] hello from EL1: 3 cpus, GICv3, 1024 MiB, x1-x3 zero, bootargs "it\'s a,b,vcpus=9 "c""',
    ),
    ([f"KERNEL={HELLO}", "DTB={folder}/overlay.dts", "MEM=64"], '64 MiB, x1-x3 zero, bootargs "of the overlay"'),
]


@pytest.mark.parametrize("args,line", RUNS, ids=["Image", "ELF", "VCPUS, MEM, APPEND", "DTB"])
def test_make_run(tmp_path, args, line):
    (tmp_path / "overlay.dts").write_text(OVERLAY)
    status, output = make(tmp_path, "run", *(arg.format(folder=tmp_path) for arg in args))
    assert status == 0 and line in output, output
    assert "Ctrl-A x leaves QEMU" in output.split("[cpu0]")[0], output


def test_make_run_guest(tmp_path):
    """A guest of guests/, with its console on a terminal."""
    child = pexpect.spawn("make", [f"RUN_DIR={tmp_path}", "run", "GUEST=hello"], cwd=str(harness.ROOT), env=MAKE_ENV, encoding="utf-8")
    try:
        child.expect("q powers off", timeout=120 * harness.PATIENCE)  # it may have to be built
        child.send("abcq")
        child.expect(r"abc\s+Bye", timeout=20 * harness.PATIENCE)
        child.expect(pexpect.EOF, timeout=20 * harness.PATIENCE)
        child.wait()
        assert child.exitstatus == 0
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)


def test_make_run_no_bundle(tmp_path):
    status, output = make(tmp_path, "-n", "run", "BUNDLE=")
    assert status == 0 and ", no guests." in output and "-initrd" not in output, output


def test_make_run_gdb(tmp_path):
    """What is told, without QEMU: its debugger's port may be taken."""
    bundle = tmp_path / "vms.itb"
    assert make(tmp_path, str(bundle), f"KERNEL={HELLO_ELF}")[0] == 0
    status, output = make(tmp_path, "-n", "run", f"KERNEL={HELLO_ELF}", "GDB=1")
    assert status == 0, output
    for part in ("build/corbel.elf -o 0x40200000", f"1234' {HELLO_ELF}", "hbreak main if ($cpsr & 0xc) == 4", " -s -S"):
        assert part in output, output


@pytest.mark.parametrize(
    "args,words",
    [
        (["KERNEL=/nowhere"], ["KERNEL", "no file '/nowhere'"]),
        (["KERNEL=/no where"], ["KERNEL", "blanks"]),
        ([f"KERNEL={HELLO}", "INITRD=/nowhere"], ["INITRD", "no file '/nowhere'"]),
        ([f"KERNEL={HELLO}", "MEM=lots"], ['VM "hello"', "memory", "lots"]),
        ([f"KERNEL={HELLO}", "GUEST=hello"], ["KERNEL", "GUEST"]),
        (["INITRD=/etc/passwd"], ["INITRD", "KERNEL="]),
        (["GUEST=nobody"], ["GUEST", "nobody", "hello"]),
        (["BUNDLE=/nowhere"], ["BUNDLE", "no file '/nowhere'"]),
        (["TFA=1"], ["TFA", "PLATFORM=rpi4"]),
        ([f"KERNEL={HELLO}", "VCPU=2"], ["VCPU:", "no such variable", "VCPUS?"]),
        ([f"KERNEL={HELLO}", "NONSENSE=two words"], ["NONSENSE:", "no such variable"]),
        ([f"KERNEL={HELLO}", "SMP=x"], ["SMP", "1 to 16", "'x'"]),
        ([f"KERNEL={HELLO}", "SMP=9", "GIC=2"], ["SMP", "1 to 8", "'9'"]),
        ([f"KERNEL={HELLO}", "BUNDLE=my.itb"], ["BUNDLE", "KERNEL"]),
    ],
    ids=lambda value: None if not isinstance(value[0], str) or "=" not in value[0] else " ".join(os.path.basename(v) for v in value),
)
def test_make_run_mistake(tmp_path, args, words):
    status, output = make(tmp_path, "run", *args)
    line = next((line for line in output.splitlines() if all(word in line for word in words)), None)
    assert status != 0 and line and "hello from EL1" not in output, output
