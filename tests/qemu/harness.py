"""What the QEMU tests share: bundles made with mkimage, QEMU under pexpect with deadlines, and a reader of TAP.

A failed expectation shows the end of the console, QEMU's command line and the reason. QEMU is killed whatever happens.
"""

import contextlib
import dataclasses
import functools
import hashlib
import io
import os
import pathlib
import re
import shlex
import signal
import subprocess

import pexpect

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build"
GUESTS = BUILD / "guests"
QEMU = os.environ.get("QEMU") or "qemu-system-aarch64"
# On a slow machine: multiplies every deadline.
PATIENCE = float(os.environ.get("CORBEL_TEST_PATIENCE", "1"))
CONSOLE_LINES_SHOWN = 60
# All features, but pointer authentication by QEMU's own algorithm: a Debian that uses it takes less than half the time.
CPU_MAX = "max,pauth-impdef=on"


class Failure(AssertionError):
    """An expectation that did not come true, with all that is known."""


def image(variant=""):
    """The hypervisor: build/corbel.img, or that of another variant ("debug")."""
    return BUILD / variant / "corbel.img"


@functools.lru_cache(maxsize=None)
def qemu_version():
    text = subprocess.run([QEMU, "--version"], check=True, capture_output=True, text=True).stdout
    return tuple(int(n) for n in re.search(r"version (\d+)\.(\d+)", text).groups())


# --- bundles ---------------------------------------------------------------------------------------


@dataclasses.dataclass
class Vm:
    """One /configurations node. `extra` holds more of its lines, as dts; a value of None leaves a property out."""

    name: str
    kernel: pathlib.Path | None
    ramdisk: pathlib.Path | None = None
    bootargs: str | None = ""
    vcpus: int | None = 1
    memory_mib: int | None = 128
    extra: str = ""


def image_node(name, path, kind, hash_algo="crc32"):
    hash_node = f'hash-1 {{ algo = "{hash_algo}"; }};' if hash_algo else ""
    return f"""
		{name} {{
			data = /incbin/("{path}");
			type = "{kind}"; arch = "arm64"; os = "linux"; compression = "none"; load = <0>; entry = <0>;
			{hash_node}
		}};"""


def its(vms, hash_algo="crc32"):
    """The source of a bundle; images that VMs share are in it once."""
    names, nodes, configurations = {}, "", ""

    def name_of(path, kind):
        nonlocal nodes
        if path not in names:
            names[path] = f"{kind}-{len(names)}"
            nodes += image_node(names[path], path, kind, hash_algo)
        return names[path]

    for vm in vms:
        lines = ['compatible = "corbel,vm";']
        if vm.kernel is not None:
            lines.append(f'kernel = "{name_of(vm.kernel, "kernel")}";')
        if vm.ramdisk is not None:
            lines.append(f'ramdisk = "{name_of(vm.ramdisk, "ramdisk")}";')
        if vm.bootargs is not None:
            lines.append(f'corbel,bootargs = "{vm.bootargs}";')
        if vm.vcpus is not None:
            lines.append(f"corbel,vcpus = <{vm.vcpus}>;")
        if vm.memory_mib is not None:
            lines.append(f"corbel,memory-mib = <{vm.memory_mib}>;")
        lines.append(vm.extra)
        configurations += f"\n\t\t{vm.name} {{\n\t\t\t" + "\n\t\t\t".join(lines) + "\n\t\t};"
    return f"""/dts-v1/;
/ {{
	description = "test bundle";
	#address-cells = <1>;
	images {{{nodes}
	}};
	configurations {{{configurations}
	}};
}};
"""


def make_bundle(source):
    """mkimage, once for the same source and the same files: several tests at a time may ask for it."""
    inputs = [pathlib.Path(p) for p in re.findall(r'/incbin/\("([^"]+)"\)', source)]
    stamp = "".join(f"{p}:{p.stat().st_size}:{p.stat().st_mtime_ns};" for p in inputs)
    folder = BUILD / "test" / "bundles"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / (hashlib.sha1((source + stamp).encode()).hexdigest()[:16] + ".itb")
    if path.exists():
        return path
    work = folder / f"{path.stem}-{os.getpid()}"  # other processes may be making the same
    its_file, itb_file = work.with_suffix(".its"), work.with_suffix(".itb")
    its_file.write_text(source)
    run = subprocess.run(["mkimage", "-f", its_file, itb_file], capture_output=True, text=True)
    if run.returncode != 0:
        raise Failure(f"mkimage refused the bundle:\n{run.stdout}{run.stderr}\n{source}")
    os.replace(itb_file, path)
    os.replace(its_file, path.with_suffix(".its"))
    return path


def bundle(*vms, hash_algo="crc32"):
    return make_bundle(its(vms, hash_algo))


# --- QEMU ------------------------------------------------------------------------------------------


class Machine:
    """A running QEMU whose serial line is looked at."""

    def __init__(self, args, program=None):
        self.args = [str(program or QEMU), *map(str, args)]
        self.log = io.StringIO()
        self.child = pexpect.spawn(
            self.args[0], self.args[1:], encoding="utf-8", codec_errors="replace", echo=False, cwd=str(ROOT), dimensions=(50, 400)
        )
        self.child.logfile_read = self.log
        self.child.delaybeforesend = 0

    def console(self):
        """As a terminal shows it in the end: the monitor's prompt is wiped where a line comes by."""
        return re.sub(r"[^\n]*\r\x1b\[K", "", self.log.getvalue()).replace("\r", "")

    def fail(self, reason):
        __tracebackhide__ = True
        lines = self.console().splitlines()
        shown = "\n".join(lines[-CONSOLE_LINES_SHOWN:])
        hidden = f"({len(lines) - CONSOLE_LINES_SHOWN} lines before)\n" if len(lines) > CONSOLE_LINES_SHOWN else ""
        raise Failure(f"{reason}\n--- console ---\n{hidden}{shown}\n--- command ---\n{shlex.join(self.args)}")

    def expect(self, pattern, timeout=30, absent=None):
        """Waits for a regular expression; `absent` is one that must not come before it. Returns the match."""
        __tracebackhide__ = True
        patterns = [pattern] if absent is None else [pattern, absent]
        try:
            which = self.child.expect(patterns, timeout=timeout * PATIENCE)
        except pexpect.TIMEOUT:
            self.fail(f"not seen within {timeout * PATIENCE:.0f} s: {pattern!r}")
        except pexpect.EOF:
            self.fail(f"QEMU ended (status {self.status()}) before: {pattern!r}")
        if which == 1:
            self.fail(f"seen, but it must not be: {absent!r}")
        return self.child.match

    def send(self, text):
        self.child.send(text)

    def status(self):
        self.child.close(force=True)
        return self.child.exitstatus if self.child.signalstatus is None else -self.child.signalstatus

    def wait_end(self, timeout=30, status=0):
        """QEMU must end by itself, as PSCI SYSTEM_OFF makes it."""
        __tracebackhide__ = True
        try:
            self.child.expect(pexpect.EOF, timeout=timeout * PATIENCE)
        except pexpect.TIMEOUT:
            self.fail(f"QEMU did not end within {timeout * PATIENCE:.0f} s")
        self.child.wait()
        got = self.status()
        if got != status:
            self.fail(f"QEMU ended with status {got}, not {status}")

    def is_running(self):
        return self.child.isalive()

    def kill(self):
        # at once: a QEMU whose main loop is stuck heeds no other signal
        with contextlib.suppress(OSError):
            if self.child.isalive():
                os.kill(self.child.pid, signal.SIGKILL)
        with contextlib.suppress(Exception):
            self.child.close(force=True)


@contextlib.contextmanager
def qemu(args, program=None):
    machine = Machine(args, program)
    try:
        yield machine
    finally:
        machine.kill()


def machine_args(gic=3, cpu="cortex-a57", smp=2, memory="1G", virtualization=True, icount=False, icount_shift=0):
    """icount: time passes with instructions, so that a busy host, or a slow reader of the console, makes nobody late: 2 to the
    power of icount_shift ns for each, more where much time is to pass."""
    kind = f"virt,gic-version={gic}" + (",virtualization=on" if virtualization else "")
    return ["-M", kind, "-cpu", cpu, "-smp", smp, "-m", memory, "-display", "none", "-monitor", "none", "-nic", "none", "-serial", "stdio"] + (["-icount", f"shift={icount_shift},sleep=off"] if icount else [])


def late_ms(smp):
    """For the guest `alive`: on one CPU tests use icount, and what makes it late is Corbel and a neighbour's time slice of
    10 ms; on more, host threads race, and a host that is busy itself has kept QEMU from running for more than half a second."""
    return 50 if smp == 1 else 3000


def corbel(bundle_path, options="", variant="", devices=(), **machine):
    """QEMU with Corbel and a bundle (or None): a context manager that gives the Machine. devices: QEMU's words for more
    of them."""
    args = machine_args(**machine) + ["-kernel", image(variant), *devices]
    if bundle_path is not None:
        args += ["-initrd", bundle_path]
    if options:
        args += ["-append", options]
    return qemu(args)


# --- TAP -------------------------------------------------------------------------------------------


@dataclasses.dataclass
class Tap:
    """The results of one run."""

    passed: int
    skipped: list
    failures: list  # of text: the test's name and the lines of diagnosis under it
    notes: list


def parse_tap(text):
    """Strict: a line that is missing or comes twice is a failure, and so is a run that does not come to its end."""
    seen, failures, skipped, notes, plan, done = [], [], [], [], None, False
    last_failed = False
    for line in text.replace("\r", "").splitlines():
        result = re.match(r"(not )?ok (\d+) - (.*)$", line)
        if result:
            seen.append(int(result[2]))
            last_failed = result[1] is not None
            if last_failed:
                failures.append(f"not ok {result[2]} - {result[3]}")
            elif "# SKIP" in result[3]:
                skipped.append(result[3])
        elif re.match(r"1\.\.\d+$", line):
            plan = int(line[3:])
        elif line.startswith("Bail out!"):
            failures.append(line)
        elif line == "# done":
            done = True
        elif line.startswith("# "):
            notes.append(line)
            if last_failed:
                failures[-1] += "\n    " + line
    if seen != list(range(1, len(seen) + 1)):
        failures.append(f"the results are not numbered 1 to {len(seen)}: {seen}")
    if plan is None or not done:
        failures.append("the run did not come to its end (no plan, or no # done)")
    elif plan != len(seen) or plan == 0:
        failures.append(f"the plan is {plan} tests, {len(seen)} were seen")
    return Tap(len(seen) - len(skipped) - sum(f.startswith("not ok") for f in failures), skipped, failures, notes)


def of_vm(console, name):
    """What one VM printed, from a console with guest-console=prefix."""
    prefix = f"[{name}] "
    return "\n".join(line[len(prefix) :] for line in console.splitlines() if line.startswith(prefix))


def check_tap(machine, text):
    __tracebackhide__ = True
    tap = parse_tap(text)
    if tap.failures:
        machine.fail("\n".join(tap.failures))
    return tap


def guest_bootargs():
    """What a test guest is told: that Corbel is there, and what this QEMU lacks."""
    # HCR_EL2.TIDCP came with QEMU 8.1: before, IMPLEMENTATION DEFINED registers are read without a trap
    return "under=corbel" + ("" if qemu_version() >= (8, 1) else " no-tidcp")


def run_tap(guest, gic=3, cpu="cortex-a57", smp=2, vcpus=2, timeout=60, variant="", extra="", icount=False):
    """One test guest under Corbel to its end."""
    itb = bundle(Vm(guest, GUESTS / f"{guest}.bin", bootargs=guest_bootargs(), vcpus=vcpus, extra=extra))
    with corbel(itb, "guest-console=prefix", variant, gic=gic, cpu=cpu, smp=smp, icount=icount) as machine:
        machine.expect(rf"\[{guest}\] (# done|Bail out!.*)\r*\n", timeout)
        machine.wait_end(20)
        return check_tap(machine, of_vm(machine.console(), guest))


def run_tap_native(guest, gic=3, cpu="cortex-a57", smp=2, timeout=60):
    """The control: the same guest at EL1 of QEMU's own machine, no hypervisor."""
    args = machine_args(gic, cpu, smp, "256M", virtualization=False) + ["-kernel", GUESTS / f"{guest}.bin"]
    with qemu(args) as machine:
        machine.expect(r"(# done|Bail out!.*)\r*\n", timeout)
        machine.wait_end(20)
        return check_tap(machine, machine.console())


# --- Debian ----------------------------------------------------------------------------------------

DEBIAN_KERNEL = BUILD / "deps" / "linux" / "Image"
BACKPORTS_KERNEL = BUILD / "deps" / "linux-backports" / "Image"
DEBIAN_INITRD = BUILD / "debian" / "initrd.cpio.gz"
TORTURE_INITRD = BUILD / "debian" / "torture.cpio.gz"  # with the modules of kernel/torture.c


def debian_vm(name="debian", kernel=DEBIAN_KERNEL, vcpus=2, bootargs="", memory_mib=256, extra=""):
    return Vm(name, kernel, DEBIAN_INITRD, f"console=ttyAMA0 {bootargs}".strip(), vcpus, memory_mib, extra)


@contextlib.contextmanager
def boot_debian(kernel=DEBIAN_KERNEL, vcpus=2, bootargs="quiet", timeout=60, options="", extra="", **machine_kwargs):
    """A Debian guest up to its marker, which its own init prints."""
    itb = bundle(debian_vm(kernel=kernel, vcpus=vcpus, bootargs=bootargs, extra=extra))
    with corbel(itb, options, **machine_kwargs) as machine:
        machine.expect(rf"CORBEL-GUEST-UP cpus={vcpus}\r*\n", timeout, absent="CORBEL-GUEST-UP cpus=\\d+\r*\n|Kernel panic|Oops")
        yield machine
