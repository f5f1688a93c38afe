"""What the monitor knows of VMs, of memory and of interrupts: against the bundle, and so that nothing is left over."""

import json
import re
import time

import harness
from test_monitor import PREFIX, PROMPT, ask, free_pages, guest_vm, paste_vm, wait_state
from test_passthrough import SLOTS, given


def fields(text):
    return dict(re.findall(r"^([A-Z][\w() ]*?): +(.*)$", text, re.M))


def open_monitor(machine):
    machine.expect("deaf", 20)
    machine.send(PREFIX + "m")
    machine.expect(PROMPT, 20)


def test_dominfo_and_vcpuinfo():
    extra = "corbel,weight = <512>; corbel,budget-us = <2000>; corbel,period-us = <20000>; corbel,on-crash = \"restart\"; corbel,affinity = <3>, <2>; corbel,autostart = <0>;"
    two = harness.Vm("two", harness.GUESTS / "paste.bin", bootargs="", vcpus=2, memory_mib=20, extra=f"corbel,priority = <4>; {extra}")
    with harness.corbel(harness.bundle(paste_vm("one"), two), gic=3, smp=3) as machine:
        open_monitor(machine)
        info = fields(ask(machine, "dominfo two"))
        assert info == {
            "Id": "2",
            "Name": "two",
            "State": "off",
            "CPU(s)": "2",
            "CPU time": "0.000000 s",
            "Max memory": f"{20 << 10} KiB",
            "Used memory": "0 KiB",
            "Autostart": "no",
            "On crash": "restart",
            "On reset": "restart",
            "Priority": "4",
            "Weight": "512",
            "Budget": "2000 us in 20000 us",
            "GIC version": "3",
            "Host devices": "0",
            "Has the keys": "no",
        }, machine.fail(info)
        assert fields(ask(machine, "dominfo one"))["Budget"] == "none"
        first, second = (fields(part) for part in ask(machine, "vcpuinfo two").split("\n\n"))
        assert (first["VCPU"], first["State"], first["CPU Affinity"]) == ("0", "off", "yy-")
        assert (second["VCPU"], second["CPU"], second["CPU Affinity"], second["MPIDR"]) == ("1", "1", "-y-", "1")
        machine.send("start two\r")
        wait_state(machine, "two", "running")
        time.sleep(0.5)
        parts = [fields(part) for part in ask(machine, "vcpuinfo two").split("\n\n")]
        assert parts[0]["State"] in ("running", "runnable", "blocked", "out of budget") and parts[1]["State"] == "off"
        assert int(parts[0]["Exits"].split(",")[0]) > 10
        assert fields(ask(machine, "dominfo two"))["Used memory"] == f"{20 << 10} KiB"
        assert 'there is no VM "three"' in ask(machine, "dominfo three")
        assert "a VM is missing" in ask(machine, "vcpuinfo")


def mem(machine):
    """KiB that each has: a VM's RAM and what Corbel has for it; and what is nobody's."""
    text = ask(machine, "mem")
    assert re.search(r"^Corbel: image \d+ KiB, of it \d+ code, \d+ stacks; allocator \d+ KiB$", text, re.M), machine.fail(text)
    assert re.search(r"^reserved: [0-9a-f]+-[0-9a-f]+$", text, re.M)
    vms = {name: (int(ram), int(own)) for name, ram, own in re.findall(r"^(\w+): (\d+) KiB of RAM, (\d+) KiB for it", text, re.M)}
    return vms, int(re.search(r"^nobody's: (\d+) KiB$", text, re.M)[1]), text


def test_mem_leaves_nothing_over():
    """Whatever is taken is somebody's: while VMs run, are off, and are timed."""
    devices = harness.Vm("given", harness.GUESTS / "paste.bin", bootargs="", memory_mib=16, extra=given(*SLOTS))
    vms = [paste_vm("one"), devices, guest_vm("hello", extra="corbel,autostart = <0>;")]
    with harness.corbel(harness.bundle(*vms), "on-idle=monitor", smp=2) as machine:
        open_monitor(machine)
        wait_state(machine, "given", "running")
        before, nobodys, text = mem(machine)
        assert nobodys == 0, machine.fail(text)
        assert before["one"][0] == before["given"][0] == 16 << 10 and before["hello"][0] == 0
        assert all(0 < own < 512 for _, own in before.values()), machine.fail(before)
        free = free_pages(machine)
        ask(machine, "stats on")
        after, nobodys, text = mem(machine)
        assert nobodys == 0 and free - free_pages(machine) == 3 * 2, machine.fail(text)
        assert all(after[name][1] == before[name][1] + 8 for name in before)
        machine.send("destroy one\r")
        wait_state(machine, "one", "off")
        off, nobodys, text = mem(machine)
        assert nobodys == 0 and off["one"][0] == 0 and off["given"][0] == 16 << 10, machine.fail(text)


def mem_json(machine):
    text = ask(machine, "mem --json")
    return json.loads(text[text.index("{") :])


def test_mem_of_each_vm_and_vcpu():
    """The sums are the page allocator's; two vCPUs more cost what `mem` says that two cost, and so does timing them."""
    off = "corbel,autostart = <0>;"
    vms = [guest_vm("hello", extra=off), harness.Vm("more", harness.GUESTS / "hello.bin", vcpus=3, memory_mib=16, extra=off)]
    with harness.corbel(harness.bundle(*vms), smp=1) as machine:
        machine.expect(PROMPT, 20)
        text, told = ask(machine, "mem"), mem_json(machine)
        hello, more = ({name: n for name, n in vm.items() if name != "name"} for vm in told["vms"])
        assert told["total_pages"] - told["free_pages"] == sum(hello.values()) + sum(more.values()), machine.fail(text)
        pages_each = -(-told["vcpu_bytes"] // told["page_bytes"])
        assert (hello["vcpu_pages"], more["vcpu_pages"]) == (pages_each, 3 * pages_each)
        assert {**hello, "vcpu_pages": 0} == {**more, "vcpu_pages": 0}, machine.fail("the rest is the same for both")
        said = re.search(r"^each VM: (\d+) bytes \(struct (\d+), tree (\d+), stolen time (\d+)\), stage 2, ", text, re.M)
        assert int(said[1]) == told["vm_bytes"] + int(said[3]) + int(said[4]) and int(said[2]) == told["vm_bytes"]
        assert hello["tree_pages"] * told["page_bytes"] == int(said[3])
        # blocks of the allocator's are powers of two
        assert int(said[1]) <= (hello["tree_pages"] + hello["rest_pages"]) * told["page_bytes"] <= 2 * int(said[1])
        each, timed = map(int, re.search(r'^each vCPU: (\d+) bytes; with "stats on" (\d+) more$', text, re.M).groups())
        assert each == told["vcpu_bytes"]
        ask(machine, "stats on")
        with_times = mem_json(machine)
        assert [vm["times_pages"] for vm in with_times["vms"]] == [2, 6] and 4096 < timed <= 8192
        assert told["free_pages"] - with_times["free_pages"] == 8 and with_times["nobodys_pages"] == told["nobodys_pages"] == 0


def test_irq():
    """Who owns what; keys that are typed are interrupts of the console."""
    devices = harness.Vm("given", harness.GUESTS / "paste.bin", bootargs="", memory_mib=16, extra=given(*SLOTS))
    with harness.corbel(harness.bundle(paste_vm("one"), devices), smp=2) as machine:
        open_monitor(machine)
        table = ask(machine, "irq")
        assert re.search(r"^26 +- +Corbel: its timers$", table, re.M)
        assert re.search(r"^27 +- +the VM that runs: virtual timer$", table, re.M)
        owners = re.findall(r"^(\d+) +(\d+) +given: virtio_mmio@a003[0-9a-f]00, edge$", table, re.M)
        assert [int(intid) for intid, _ in owners] == list(range(72, 80)), machine.fail(table)
        assert all(count == "0" for _, count in owners)

        def typed():
            return int(re.search(r"^33 +(\d+) +Corbel: /pl011@9000000$", ask(machine, "irq"), re.M)[1])

        first = typed()
        for _ in range(5):
            ask(machine, "list")
        assert typed() > first
