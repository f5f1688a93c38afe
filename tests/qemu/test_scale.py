"""Sixteen VMs with 32 vCPUs on four CPUs, and what comes when one of Corbel's limits is passed: a sentence, and all that is good
goes on."""

import json
import re

import harness
import pytest
from test_bundle_errors import hello_runs
from test_corbel_check import board_of, check, mistakes
from test_many_vms import COMPLAINTS, guest_vm
from test_monitor import PREFIX, PROMPT, ask, heard, paste_vm, wait_state

TOO_MANY = "is one too many: at most 16 VMs are possible"


def check_mem(machine):
    """Every page in use is somebody's. Returns how many pages are free."""
    text = ask(machine, "mem --json")
    mem = json.loads(text[text.index("{") :])
    used = sum(pages for vm in mem["vms"] for name, pages in vm.items() if name.endswith("_pages"))
    assert mem["total_pages"] - mem["free_pages"] == used and mem["nobodys_pages"] == 0, machine.fail(text)
    return mem["free_pages"]


def open_monitor(machine):
    machine.send(PREFIX + "m")
    machine.expect(PROMPT, 20)


@pytest.mark.long
@pytest.mark.parametrize("gic", [2, 3])
def test_sixteen_vms(gic):
    """Each boots to its marker, and small ones pass what they pass alone; a 17th is refused; then one of them lives ten times
    more, and each page that it had comes back."""
    small = [guest_vm("smp" if n % 2 else "asid", f"small{n:02}", vcpus=2) for n in range(13)]
    lives = guest_vm("lives", bootargs="then=wait", vcpus=2)
    debians = [harness.debian_vm(f"debian{n}", memory_mib=160) for n in range(2)]
    itb = harness.bundle(debians[0], *small, lives, debians[1], guest_vm("hello", "extra"))
    with harness.corbel(itb, "guest-console=prefix on-idle=monitor", gic=gic, smp=4, memory="4G") as machine:
        machine.expect(rf'bundle: vm "extra": {TOO_MANY}\r*\n', 20)
        left = {vm.name for vm in [*small, *debians, lives]}
        while left:
            marker = machine.expect(r"\[(\w+)\] (# done|life: image|CORBEL-GUEST-UP cpus=2)\r*", 180, absent=r"Bail out!|" + COMPLAINTS)
            left.discard(marker[1])
        for vm in small:
            assert harness.check_tap(machine, harness.of_vm(machine.console(), vm.name)).passed > 0
        open_monitor(machine)
        for vm in small:
            wait_state(machine, vm.name, "off")
        rows = re.findall(r"^(\d+) +(\w+) +(running|off) +2 ", ask(machine, "list"), re.M)
        assert [int(number) for number, _, _ in rows] == list(range(1, 17)), machine.fail(rows)
        machine.send("destroy lives\r")
        machine.expect("vm: lives: destroyed", 20)
        wait_state(machine, "lives", "off")
        free = check_mem(machine)
        for _ in range(10):
            machine.send("start lives\r")
            life = machine.expect(r"\[lives\] life: image \w+, (\d+) of \d+ words are not zero", 20)
            assert life[1] == "0", machine.fail("its RAM was not scrubbed")
            machine.send("destroy lives\r")
            machine.expect("vm: lives: destroyed", 20)
            wait_state(machine, "lives", "off")
            assert check_mem(machine) == free


@pytest.mark.soak
@pytest.mark.parametrize("gic", [2, 3])
def test_sixteen_debians(gic):
    """No kernel complains of the others."""
    vms = [harness.debian_vm(f"debian{n:02}", bootargs="corbel.run=load", memory_mib=160) for n in range(16)]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", gic=gic, smp=4, memory="4G") as machine:
        left = {vm.name for vm in vms}
        while left:
            marker = machine.expect(r"\[(\w+)\] CORBEL-TEST load ends with 0", 600, absent=COMPLAINTS)
            left.discard(marker[1])
        assert len(re.findall(r"CORBEL-GUEST-UP cpus=2", machine.console())) == 16
        open_monitor(machine)
        check_mem(machine)


def test_limits(tmp_path):
    """The VM that passes a limit is refused in one sentence, which corbel-check says before; those behind it are not."""
    good = [guest_vm("hello", f"v{n:02}", vcpus=4, extra="" if n == 1 else "corbel,autostart = <0>;") for n in range(1, 17)]
    good[14].memory_mib = 500
    itb = harness.bundle(
        *good[:15],
        guest_vm("hello", "heavy", memory_mib=500),
        guest_vm("hello", "wide", vcpus=8),
        guest_vm("hello", "wider", vcpus=9),
        good[15],
        guest_vm("hello", "extra"),
    )
    with harness.corbel(itb, "guest-console=prefix", smp=2, memory="1G") as machine:
        hello_runs(machine, "v01")
        said = re.findall(r"^\[cpu\d\] bundle: (.*)$", machine.console(), re.M)
    free_mib = int(re.search(r"(\d+) MiB are free", said[0])[1])
    assert said == [
        f'vm "heavy": corbel,memory-mib: wants 500 MiB, {free_mib} MiB are free',
        'vm "wide": corbel,vcpus: wants 8, 4 are left of 64 for all VMs',
        'vm "wider": corbel,vcpus: wants 9, 1 to 8 are possible',
        f'vm "extra": {TOO_MANY}',
    ]
    # of 1024 MiB: 14 VMs of 16, one of 500, Corbel's own, the bundle
    assert 250 < free_mib < 300
    run = check("--dtb", board_of(tmp_path, itb, smp=2, memory="1G"), "--image", harness.image(), itb)
    assert [text for _, text in mistakes(run, itb)] == said
    assert re.findall(r"^VM (\w+):", run.stdout, re.M) == [vm.name for vm in good]


def test_tenth_vm_gets_the_keys():
    """Keys are for nine; the monitor's console, and Ctrl-] n, reach them all."""
    with harness.corbel(harness.bundle(*[paste_vm(f"vm{n}") for n in range(1, 12)]), smp=2) as machine:
        for _ in range(11):
            machine.expect(r"vm: vm\d+: running", 20)
        machine.send(PREFIX + "9a.")
        machine.expect(heard("a."), 20)
        machine.send(PREFIX + "nab.")
        machine.expect(heard("ab."), 20)
        open_monitor(machine)
        assert re.search(r"^10 +vm10 +running .* console 10, last$", ask(machine, "list"), re.M)
        machine.send("console 11\r")
        machine.expect("--- vm11", 20)
        machine.send("abc.")
        machine.expect(heard("abc."), 20)
        machine.send(PREFIX + "?")
        machine.expect(r"9 vm9, running\r*\n  10 vm10, running, by the monitor's \"console\"\r*\n  11 vm11, .*: has the keys\r*\n", 20)
