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


@pytest.mark.long
def test_timers_beside():
    """Two VMs on one CPU, each with both of its timers, which are the machine's; without the host's own delays."""
    assert min(side_by_side("timer", ["", ""], icount=True)) > 0


def test_pauth():
    """Keys move with their vCPU, and no VM begins with another's."""
    assert min(side_by_side("pauth", ["seed=1", "seed=2 first-use=1"], cpu="max")) > 0


# --- the whole space, held against docs/traps.md ------------------------------------------------------

# (CRm, op2) of the ID register, the field's lowest bit, its least value
FEATURES = {
    "FEAT_PAN": ((7, 1), 20, 1),
    "FEAT_UAO": ((7, 2), 4, 1),
    "FEAT_DIT": ((4, 0), 48, 1),
    "FEAT_SSBS2": ((4, 1), 4, 2),
    "FEAT_RNG": ((6, 0), 60, 1),
    "FEAT_ECV": ((7, 0), 60, 1),
}
# A QEMU whose CPUs do not have them has nothing to trap either.
NOT_IN_EVERY_QEMU = {"DBGPRCR_EL1", "DBGAUTHSTATUS_EL1", "DBGDTR_EL0", "DBGDTRRX_EL0", "DBGDTRTX_EL0", "OSDTRRX_EL1", "OSDTRTX_EL1", "OSECCR_EL1", "DBGCLAIMSET_EL1", "DBGCLAIMCLR_EL1"}
ID_SPACE = {1 << 14 | crm << 3 | op2 for crm in range(1, 8) for op2 in range(8)}
SEND_IPI = {"ICC_SGI0R_EL1", "ICC_SGI1R_EL1", "ICC_ASGI1R_EL1"}


def documented(heading):
    """The rows of a table in docs/traps.md: the registers named in its first cell, and the other cells."""
    text = (harness.ROOT / "docs" / "traps.md").read_text(encoding="utf-8")
    section = re.search(rf"^## {heading}\n(.*?)(?=^## )", text, re.S | re.M)[1]
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and not cells[0].startswith("`DC "):
            yield [name for names in re.findall(r"`([^`]+)`", cells[0]) for name in names.split("/")], cells[1:]


def encodings(names, folder):
    """By the assembler, which knows nothing of Corbel: op0, op1, CRn, CRm, op2 as the guest numbers them."""
    names = sorted(names)
    lines = [f"msr {name}, x0" if re.match(r"ICC_(EOIR|DIR|A?SGI)|OSLAR|DBGDTRTX", name) else f"mrs x0, {name}" for name in names]
    source, program = folder / "names.S", folder / "names.o"
    source.write_text(".arch armv8.8-a+sme+rng+memtag\n" + "\n".join(lines) + "\n")
    subprocess.run(["aarch64-linux-gnu-gcc", "-c", source, "-o", program], check=True)
    subprocess.run(["aarch64-linux-gnu-objcopy", "-O", "binary", "-j", ".text", program, folder / "names"], check=True)
    words = memoryview((folder / "names").read_bytes()).cast("I")
    return {name: word >> 5 & 0x7FFF for name, word in zip(names, words, strict=True)}


class Expected:
    """Names that must be readable or writable, and those that may be."""

    def __init__(self, ids, gic):
        self.read, self.write, self.may_read, self.may_write = set(), set(), set(), set()
        self.ids, self.gic = ids, gic
        for names, (access, there, _) in documented("Registers that do not trap"):
            self.add(names, "R" in access, "W" in access, there == "always" or self.has(there), there == "maybe")
        for names, (read, write, _) in documented("System registers"):
            given = read == "given"
            for name in names:
                there = not given or self.has_pauth()
                self.add(self.numbered(name), read != "UNDEF", write != "UNDEF", there, name in NOT_IN_EVERY_QEMU)
        self.add(SEND_IPI, False, True, gic == 3, False)

    def add(self, names, read, write, there, maybe):
        for wanted, must, may in ((read, self.read, self.may_read), (write, self.write, self.may_write)):
            if wanted and maybe:
                may.update(names)
            elif wanted and there:
                must.update(names)

    def field(self, register, lsb):
        return self.ids[register] >> lsb & 0xF

    def has(self, feature):
        if feature == "GICv3":
            return self.gic == 3
        if feature == "maybe":
            return False
        register, lsb, least = FEATURES[feature]
        return self.field(register, lsb) >= least

    def has_pauth(self):
        return self.ids[6, 1] & 0xFF000FF0 != 0 or self.ids[6, 2] & 0xFF00 != 0

    def numbered(self, name):
        """DBGBVR<n>_EL1: as many as there are."""
        if "<n>" not in name:
            return [name]
        nr = self.field((5, 0), 12 if name.startswith("DBGB") else 20) + 1
        return [name.replace("<n>", str(n)) for n in range(nr)]


def swept(notes):
    """What the guest has found: encodings that can be read, that can be written, and the ID registers."""
    found, ids = {"read": set(), "write": set()}, {}
    for note in notes:
        words = note.split()[1:]
        if words[0] in found:
            found[words[0]] |= {int(word, 16) for word in words[1:]} - {0xFFFF}
        elif words[0] == "id":
            ids[int(words[1]), int(words[2])] = int(words[3], 16)
    return found, ids


def is_impdef(encoding):
    return encoding >> 14 == 1 and (encoding >> 7 & 15) in (11, 15)


def name_of(encoding):
    return f"S{2 + (encoding >> 14)}_{encoding >> 11 & 7}_C{encoding >> 7 & 15}_C{encoding >> 3 & 15}_{encoding & 7}"


def compare(what, got, must, may, table):
    """Texts of what is wrong."""
    wrong = [f"{name} cannot be {what}" for name in sorted(must) if table[name] not in got]
    known = {table[name] for name in must | may}
    return wrong + [f"{name_of(encoding)} can be {what}" for encoding in sorted(got - known)]


@pytest.mark.parametrize("gic,cpu", [(2, "cortex-a57"), pytest.param(3, "cortex-a72", marks=pytest.mark.soak), (3, "max"), pytest.param(2, "max", marks=pytest.mark.soak)])
def test_whole_space(gic, cpu, tmp_path):
    """A guest reads and writes what docs/traps.md says, and nothing else."""
    found, ids = swept(harness.run_tap("sysregs", gic, cpu, 1, 1).notes)
    expected = Expected(ids, gic)
    table = encodings(expected.read | expected.write | expected.may_read | expected.may_write, tmp_path)
    assert len(ids) == len(ID_SPACE) and ID_SPACE <= found["read"] and not ID_SPACE & found["write"]
    for encodings_found in found.values():
        encodings_found -= ID_SPACE
        if "no-tidcp" in harness.guest_bootargs():  # else they trap, and are undefined
            encodings_found -= set(filter(is_impdef, encodings_found))
    wrong = compare("read", found["read"], expected.read, expected.may_read, table)
    wrong += compare("written", found["write"], expected.write, expected.may_write, table)
    assert not wrong, "\n".join(wrong)


# --- Debian -----------------------------------------------------------------------------------------

def put_program(machine, name, folder):
    """A program of tests/qemu/programs becomes /tmp/NAME of a Debian guest, packed into a line for its shell."""
    source, program = harness.ROOT / "tests" / "qemu" / "programs" / f"{name}.S", folder / name
    flags = ["-nostdlib", "-static", "-no-pie", "-s", "-Wl,--build-id=none,-z,noexecstack,-z,noseparate-code"]
    subprocess.run(["aarch64-linux-gnu-gcc", *flags, source, "-o", program], check=True)
    packed = base64.b64encode(gzip.compress(program.read_bytes())).decode()
    ask(machine, f"echo {packed} | base64 -d | gunzip > /tmp/{name}; chmod +x /tmp/{name}", 30)


def ask(machine, command, end):
    machine.send(f"{command}; echo end-of-$((1+1))\n")
    machine.expect(r"end-of-2\r*\n", end)
    return machine.child.before


@pytest.mark.long
def test_debian_features(tmp_path):
    """Debian on -cpu max: pointer authentication and BTI in the kernel and for programs; the CPU's own number of
    breakpoints and watchpoints, which work by ptrace; no PMU."""
    with harness.boot_debian(cpu="max", vcpus=1, smp=1) as machine:
        machine.send("\n")
        machine.expect(r"[#$] ", 20)
        put_program(machine, "pauth", tmp_path)
        ends = re.search(r"^ends-(\d+)-(\d+)", ask(machine, "/tmp/pauth; one=$?; /tmp/pauth again; echo ends-$one-$?", 30), re.M)
        assert ends and ends[1] == "7" and int(ends[2]) > 128, machine.fail("the program pauth ended otherwise")
        put_program(machine, "hwbreak", tmp_path)
        assert re.search(r"^ends-7\r*$", ask(machine, "/tmp/hwbreak; echo ends-$?", 30), re.M), machine.fail("the program hwbreak ended otherwise")
        features = re.search(r"Features\s*: (.*)", ask(machine, "grep -m1 Features /proc/cpuinfo", 20))
        assert features and {"paca", "pacg", "bti"} <= set(features[1].split()), machine.fail("no PAC or BTI")
        said = ask(machine, "dmesg", 20)
        for line in ("Address authentication", "Generic authentication", "Branch Target Identification"):
            assert f"detected: {line}" in said, machine.fail(line)
        assert "hw-breakpoint: found 6 breakpoint and 4 watchpoint registers" in said, machine.fail("hw-breakpoint")
        tree = ask(machine, "ls /proc/device-tree/ /sys/bus/event_source/devices/", 20)
        assert "psci" in tree and "pmu" not in tree + said.lower(), machine.fail("a PMU")
