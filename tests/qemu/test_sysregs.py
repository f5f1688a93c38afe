"""System registers: what guests see of them, and that each VM keeps its own. The guests' promises stand in
docs/testing.md."""

import base64
import gzip
import re
import subprocess

import harness
import pytest


def side_by_side(guest, bootargs, timeout=60, **machine):
    """One VM for each string of bootargs, all on one CPU; each must pass."""
    names = [f"{guest}{n}" for n in range(len(bootargs))]
    vms = [harness.Vm(name, harness.GUESTS / f"{guest}.bin", bootargs=f"{harness.guest_bootargs()} {words}".strip(), memory_mib=16) for name, words in zip(names, bootargs)]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", smp=1, **machine) as vm:
        vm.wait_end(timeout)
        return [harness.check_tap(vm, harness.of_vm(vm.console(), name)).passed for name in names]


@pytest.mark.parametrize("gic,cpu", [(3, "cortex-a57"), (2, "max")])
def test_debug(gic, cpu):
    """Self-hosted debug of one VM."""
    assert harness.run_tap("debug", gic, cpu, 2, 2).passed > 0


@pytest.mark.native
def test_debug_native():
    assert harness.run_tap_native("debug", 3, "cortex-a57", 2).passed > 0


@pytest.mark.parametrize("cpu", ["cortex-a72", "max"])
def test_debug_beside(cpu):
    """Two VMs that debug themselves at the same addresses, and one that does not, on one CPU."""
    assert min(side_by_side("debug", ["place=1", "place=2", "place=none"], cpu=cpu)) > 0


def test_pauth():
    """Keys move with their vCPU, and no VM begins with another's."""
    assert min(side_by_side("pauth", ["seed=1", "seed=2 first-use=1"], cpu="max")) > 0


# A user program: with no argument it ends with 7 when PACIA changes a pointer and AUTIA takes it back; with one, AUTIA
# has to refuse the pointer: a signal, by FEAT_FPAC or by the load through what it leaves.
USER_PROGRAM = """
	.arch armv8.5-a
	.global _start
_start:	adr	x19, _start
	mov	x1, #5
	mov	x0, x19
	pacia	x0, x1
	mov	x20, x0
	cmp	x0, x19
	b.eq	1f
	autia	x0, x1
	cmp	x0, x19
	b.ne	1f
	ldr	x3, [sp]		/* argc */
	cmp	x3, #1
	b.eq	2f
	mov	x1, #6
	autia	x20, x1
	ldr	x0, [x20]
1:	mov	x0, #1
	b	3f
2:	mov	x0, #7
3:	mov	x8, #93			/* exit */
	svc	#0
"""


def user_program(folder):
    """Its file, packed into a line for a shell."""
    source, program = folder / "pauth.S", folder / "pauth"
    source.write_text(USER_PROGRAM)
    flags = ["-nostdlib", "-static", "-no-pie", "-s", "-Wl,--build-id=none,-z,noexecstack,-z,noseparate-code"]
    subprocess.run(["aarch64-linux-gnu-gcc", *flags, source, "-o", program], check=True)
    return base64.b64encode(gzip.compress(program.read_bytes())).decode()


def ask(machine, command, end):
    machine.send(f"{command}; echo end-of-$((1+1))\n")
    machine.expect(r"end-of-2\r*\n", end)
    return machine.child.before


def test_debian_features(tmp_path):
    """Debian on -cpu max: pointer authentication and BTI in the kernel and for programs; the CPU's own number of
    breakpoints and watchpoints; no PMU."""
    with harness.boot_debian(cpu="max", vcpus=1, smp=1) as machine:
        machine.send("\n")
        machine.expect(r"[#$] ", 20)
        ask(machine, f"echo {user_program(tmp_path)} | base64 -d | gunzip > /tmp/pauth; chmod +x /tmp/pauth", 30)
        ends = re.search(r"^ends-(\d+)-(\d+)", ask(machine, "/tmp/pauth; one=$?; /tmp/pauth again; echo ends-$one-$?", 30), re.M)
        assert ends and ends[1] == "7" and int(ends[2]) > 128, machine.fail("the user program ended otherwise")
        features = re.search(r"Features\s*: (.*)", ask(machine, "grep -m1 Features /proc/cpuinfo", 20))
        assert features and {"paca", "pacg", "bti"} <= set(features[1].split()), machine.fail("no PAC or BTI")
        said = ask(machine, "dmesg", 20)
        for line in ("Address authentication", "Generic authentication", "Branch Target Identification"):
            assert f"detected: {line}" in said, machine.fail(line)
        assert "hw-breakpoint: found 6 breakpoint and 4 watchpoint registers" in said, machine.fail("hw-breakpoint")
        tree = ask(machine, "ls /proc/device-tree/ /sys/bus/event_source/devices/", 20)
        assert "psci" in tree and "pmu" not in tree + said.lower(), machine.fail("a PMU")
