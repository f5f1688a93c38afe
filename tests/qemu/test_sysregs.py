"""System registers: what guests see of them, and that each VM keeps its own. The guests' promises stand in
docs/testing.md."""

import re
import subprocess

import harness


def side_by_side(guest, bootargs, timeout=60, **machine):
    """One VM for each string of bootargs, all on one CPU; each must pass."""
    names = [f"{guest}{n}" for n in range(len(bootargs))]
    vms = [harness.Vm(name, harness.GUESTS / f"{guest}.bin", bootargs=f"{harness.guest_bootargs()} {words}".strip(), memory_mib=16) for name, words in zip(names, bootargs)]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", smp=1, **machine) as vm:
        vm.wait_end(timeout)
        return [harness.check_tap(vm, harness.of_vm(vm.console(), name)).passed for name in names]


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
    """Its file, as a shell's printf takes it."""
    source, program = folder / "pauth.S", folder / "pauth"
    source.write_text(USER_PROGRAM)
    flags = ["-nostdlib", "-static", "-no-pie", "-s", "-Wl,--build-id=none,-z,noexecstack,-z,noseparate-code"]
    subprocess.run(["aarch64-linux-gnu-gcc", *flags, source, "-o", program], check=True)
    return [f"\\{byte:03o}" for byte in program.read_bytes()]


def pointer_authentication(machine, octal):
    """How the user program ends both ways, and what the kernel says."""
    machine.send("\n")
    machine.expect(r"[#$] ", 20)
    for at in range(0, len(octal), 60):
        machine.send(f"printf '{''.join(octal[at : at + 60])}' >> /tmp/pauth; echo part-$((at + {at}))\n")
        machine.expect(rf"part-{at}\r*\n", 20)
    machine.send("chmod +x /tmp/pauth; /tmp/pauth; one=$?; /tmp/pauth again; echo ends-$one-$?\n")
    ends = machine.expect(r"ends-(\d+)-(\d+)\r*\n", 30).groups()
    machine.send("grep -m1 Features /proc/cpuinfo; dmesg | grep -E 'authentication|Branch Target'; echo end-of-$((1+1))\n")
    machine.expect("end-of-2\r*\n", 20)
    return ends, machine.child.before


def test_debian_pauth(tmp_path):
    """Debian on -cpu max has pointer authentication and BTI, in the kernel and for its programs."""
    octal = user_program(tmp_path)
    with harness.boot_debian(cpu="max", vcpus=2, smp=1) as machine:
        ends, said = pointer_authentication(machine, octal)
        assert ends[0] == "7" and int(ends[1]) > 128, machine.fail(f"the user program ended with {ends}")
        features = set(re.search(r"Features\s*: (.*)", said)[1].split())
        assert {"paca", "pacg", "bti"} <= features, machine.fail(f"missing: {features}")
        for line in ("Address authentication", "Generic authentication", "Branch Target Identification"):
            assert f"detected: {line}" in said, machine.fail(line)
