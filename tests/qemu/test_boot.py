"""Corbel's own start: machines of all sizes, no bundle, wrong entries, options, U-Boot's wrapping, somebody else's bundle."""

import subprocess

import harness
import pytest

HELLO = harness.GUESTS / "hello.bin"


def hello_bundle(**changes):
    return harness.bundle(harness.Vm("hello", HELLO, **changes))


@pytest.mark.parametrize(
    "gic,cpu,smp,memory",
    [(3, "cortex-a57", 1, "512M"), (2, "cortex-a72", 3, "2G"), (3, "max", 5, "4G"), (2, "max", 8, "512M"), (3, "cortex-a72", 8, "4G")],
)
def test_machines(gic, cpu, smp, memory):
    """1 to 8 CPUs, 512 MiB to 4 GiB: the guest runs, and sees what the bundle gives it, not what the host has."""
    with harness.corbel(hello_bundle(vcpus=1, memory_mib=64), "guest-console=prefix", gic=gic, cpu=cpu, smp=smp, memory=memory) as machine:
        machine.expect(rf"{smp} of {smp} CPUs? online", 20)
        machine.expect(rf"\[hello\] hello from EL1: 1 cpus, GICv{gic}, 64 MiB, x1-x3 zero", 20)
        machine.wait_end(20)


@pytest.mark.parametrize("memory_mib,memory", [(1280, "2G"), pytest.param(3072, "4G", marks=pytest.mark.soak)])
def test_large_guest(memory_mib, memory):
    """Memory beyond the host's first GiB."""
    with harness.corbel(hello_bundle(memory_mib=memory_mib), "guest-console=prefix", memory=memory) as machine:
        machine.expect(rf"\[hello\] hello from EL1: 1 cpus, GICv3, {memory_mib} MiB", 30)
        machine.wait_end(20)


@pytest.mark.parametrize("variant", ["debug", "clang"])
def test_other_builds(variant):
    """DEBUG=1 and clang's image."""
    with harness.corbel(hello_bundle(), "guest-console=prefix", variant) as machine:
        machine.expect(r"\[hello\] hello from EL1", 20)
        machine.wait_end(20)


def test_no_bundle():
    with harness.corbel(None) as machine:
        machine.expect(r"\[cpu0\] [^\r\n]*(bundle|initrd)[^\r\n]*\r*\n", 20)
        machine.expect("corbel> ", 20)
        machine.send("help\r")
        machine.expect("poweroff", 10)
        machine.expect("corbel> ", 10)
        machine.send("poweroff\r")
        machine.wait_end(20)


def test_entered_at_el1():
    with harness.qemu(harness.machine_args(virtualization=False) + ["-kernel", harness.image()]) as machine:
        machine.expect(r"EL1[^\r\n]*EL2", 20)


def test_options():
    """Unknown options are named, known ones with a wrong value too; both are ignored."""
    options = "guest-console=prefix frobnicate=7 loglevel=loud"
    with harness.corbel(hello_bundle(), options) as machine:
        machine.expect(r"\[cpu0\] [^\r\n]*frobnicate=7[^\r\n]*\r*\n", 20)
        machine.expect(r"\[cpu0\] [^\r\n]*loglevel=loud[^\r\n]*\r*\n", 20)
        machine.expect(r"\[hello\] hello from EL1", 20)
        machine.wait_end(20)


def test_loglevel():
    with harness.corbel(hello_bundle(), "loglevel=error guest-console=prefix") as machine:
        machine.wait_end(20)
        assert "[hello] hello from EL1" in machine.console() and "[cpu" not in machine.console()


def test_on_idle_monitor():
    with harness.corbel(hello_bundle(), "on-idle=monitor guest-console=prefix") as machine:
        machine.expect(r"\[hello\] hello from EL1", 20)
        machine.expect("corbel> ", 20)
        machine.send("list\r")
        machine.expect(r"hello +(?!running)\w+", 10)


def test_autostart_off():
    vms = [harness.Vm("hello", HELLO), harness.Vm("later", HELLO, extra="corbel,autostart = <0>;")]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix") as machine:
        machine.wait_end(20)
        assert "[hello] hello" in machine.console() and "[later]" not in machine.console()


def test_gic_default_and_wrong():
    """corbel,gic = <3> on a GICv2 host cannot be: said with the reason."""
    with harness.corbel(harness.bundle(harness.Vm("hello", HELLO, extra="corbel,gic = <3>;")), gic=2) as machine:
        machine.expect(r"\[cpu0\] [^\r\n]*hello[^\r\n]*corbel,gic[^\r\n]*GICv2[^\r\n]*\r*\n", 20)
        machine.expect("corbel> ", 20)


@pytest.mark.parametrize("strip", [True, False], ids=["by QEMU", "by Corbel"])
def test_uboot_ramdisk(tmp_path, strip):
    """`mkimage -T ramdisk` around the bundle. QEMU takes one header off; a second one is left for Corbel."""
    inner = hello_bundle()
    for n in range(1 if strip else 2):
        outer = tmp_path / f"vms{n}.uimg"
        subprocess.run(
            ["mkimage", "-A", "arm64", "-O", "linux", "-T", "ramdisk", "-C", "none", "-d", inner, outer], check=True, capture_output=True
        )
        inner = outer
    with harness.corbel(inner, "guest-console=prefix") as machine:
        machine.expect(r"\[hello\] hello from EL1", 20)
        machine.wait_end(20)


# Written with nothing but DESIGN.md section 4 and mkimage's manual at hand; nothing of harness.its().
SOMEBODY_ELSES = """/dts-v1/;
/ {{
	description = "my two machines";
	#address-cells = <2>;
	images {{
		boot@1 {{
			description = "an arm64 Image";
			data = /incbin/("{image}");
			type = "kernel";
			arch = "arm64";
			os = "linux";
			compression = "none";
			load = <0 0>;
			entry = <0 0>;
			hash@1 {{
				algo = "sha256";
			}};
			hash@2 {{
				algo = "crc32";
			}};
		}};
		raw@1 {{
			description = "no header: where it goes and where it starts";
			data = /incbin/("{raw}");
			type = "kernel";
			arch = "arm64";
			os = "u-boot";
			compression = "none";
			load = <0 0x40300000>;
			entry = <0 0x40300004>;
		}};
	}};
	configurations {{
		default = "first";
		first {{
			description = "all defaults";
			compatible = "corbel,vm";
			kernel = "boot@1";
		}};
		second {{
			compatible = "corbel,vm";
			kernel = "raw@1";
			corbel,memory-mib = <16>;
			corbel,bootargs = "some words";
		}};
		not-ours {{
			description = "for U-Boot";
			kernel = "boot@1";
		}};
	}};
}};
"""

# Entered at its second word: writes '+' to the PL011 and powers off. The first word would stop it.
RAW_KERNEL = """
	.inst 0
	mov x0, #0x09000000
	mov w1, #'+'
	strb w1, [x0]
	mov w1, #'\\n'
	strb w1, [x0]
	ldr x0, =0x84000008
	hvc #0
"""


def raw_kernel(folder, text=RAW_KERNEL):
    (folder / "raw.S").write_text(text)
    cross = "aarch64-linux-gnu-"
    subprocess.run([cross + "as", folder / "raw.S", "-o", folder / "raw.o"], check=True)
    subprocess.run([cross + "objcopy", "-O", "binary", folder / "raw.o", folder / "raw.bin"], check=True)
    return folder / "raw.bin"


@pytest.mark.parametrize("external", [False, True], ids=["data inside", "mkimage -E"])
def test_bundle_by_somebody_else(tmp_path, external):
    source = tmp_path / "mine.its"
    source.write_text(SOMEBODY_ELSES.format(image=HELLO, raw=raw_kernel(tmp_path)))
    subprocess.run(["mkimage", *(["-E"] if external else []), "-f", source, tmp_path / "mine.itb"], check=True, capture_output=True)
    with harness.corbel(tmp_path / "mine.itb", "guest-console=prefix") as machine:
        machine.wait_end(30)
        console = machine.console()
    assert '[first] hello from EL1: 1 cpus, GICv3, 128 MiB, x1-x3 zero, bootargs ""' in console, console
    assert "[second] +" in console, console
    assert "not-ours" not in console, console


# No vectors, no memory where it reads: it faults for ever.
WILD_KERNEL = """
	.inst 0
	mov x0, #0x0b000000
	ldr x1, [x0]
"""


def test_wild_guest(tmp_path):
    """A guest that does nothing but fault takes nothing from its neighbour on the same host CPU."""
    source = tmp_path / "wild.its"
    text = SOMEBODY_ELSES.format(image=harness.GUESTS / "regs.bin", raw=raw_kernel(tmp_path, WILD_KERNEL))
    source.write_text(text.replace('kernel = "boot@1";', f'kernel = "boot@1"; corbel,bootargs = "{harness.guest_bootargs()}";', 1))
    subprocess.run(["mkimage", "-f", source, tmp_path / "wild.itb"], check=True, capture_output=True)
    with harness.corbel(tmp_path / "wild.itb", "guest-console=prefix", smp=1) as machine:
        machine.expect(r"\[first\] (# done|Bail out!.*)\r*\n", 90)
        harness.check_tap(machine, harness.of_vm(machine.console(), "first"))
        assert machine.is_running()
