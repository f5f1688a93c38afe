"""The monitor's answers for scripts say what its words say: both are asked of VMs that are suspended, so that nothing changes
in between; and the times that it tells, against what guests count themselves."""

import re

import harness
import pytest
from test_info import fields
from test_monitor import PREFIX, PROMPT, ask, paste_vm, wait_state
from test_monitor_prompt import answer
from test_passthrough import SLOTS, given
from test_shares import share_vm
from test_why import silent_vm


def seconds(ns):
    return f"{ns // 10**9}.{ns % 10**9 // 1000:06d} s"


def yes_no(value):
    return "yes" if value else "no"


def words_of_dominfo(v):
    budget = "none" if v["budget_us"] is None else f"{v['budget_us']} us in {v['period_us']} us"
    return {
        "Id": str(v["id"]),
        "Name": v["name"],
        "State": v["state"],
        "CPU(s)": str(v["vcpus"]),
        "CPU time": seconds(v["cpu_time_ns"]),
        "Max memory": f"{v['max_memory_kib']} KiB",
        "Used memory": f"{v['used_memory_kib']} KiB",
        "Autostart": yes_no(v["autostart"]),
        "On crash": v["on_crash"],
        "On reset": v["on_reset"],
        "Priority": str(v["priority"]),
        "Weight": str(v["weight"]),
        "Budget": budget,
        "GIC version": str(v["gic_version"]),
        "Host devices": str(v["host_devices"]),
        "Has the keys": yes_no(v["has_keys"]),
    }


def words_of_vcpu(v, cpus):
    stolen = "not counted: its guest has not asked for it" if v["stolen_time_ns"] is None else seconds(v["stolen_time_ns"])
    return {
        "VCPU": str(v["vcpu"]),
        "CPU": str(v["cpu"]),
        "State": v["state"],
        "CPU time": seconds(v["cpu_time_ns"]),
        "Stolen time": stolen,
        "CPU Affinity": "".join("y" if cpu in v["affinity"] else "-" for cpu in range(cpus)),
        "MPIDR": f"{int(v['mpidr'], 16):x}",
        "Exits": f"{v['exits']}, and {v['interrupts']} interrupts",
    }


def words_of_irq(v):
    owner = {"corbel": "Corbel", "current vm": "the VM that runs", "vm": v["vm"]}[v["owner"]]
    count = "-" if v["count"] is None else str(v["count"])
    return f"{v['intid']:<5}  {count:<10}  {owner}: {v['what']}" + (f", {v['trigger']}" if "trigger" in v else "")


def us(ns):
    return f"{ns // 1000}.{ns % 1000 // 10:02d}"


def words_of_stats(vcpus):
    for v in vcpus:
        timed = "they are timed" if v["is_timed"] else '"stats on" times them'
        yield f"{v['vm']}.{v['vcpu']}: {sum(r['count'] for r in v['reasons'])} exits since its VM was started; {timed}"
        for r in v["reasons"]:
            line = f"  {r['reason']:<18} {r['count']:>12}"
            if r["timed"] != 0:
                line += f"  timed {r['timed']:>10}: p50 {us(r['p50_ns'])} p99 {us(r['p99_ns'])} max {us(r['max_ns'])} us"
            yield line


ENDS = {"invalid": "which is invalid", "unreadable": "where it has no memory", "out of range": "PC is an address that TCR_EL1 does not allow", "walk disabled": "walks are off (TCR_EL1.EPD)"}


def hexa(text):
    return f"{int(text, 16):x}"


def words_of_timer(name, t):
    enabled = f"(INTID {t['intid']} {'enabled' if t['intid_enabled'] else 'not enabled'})"
    if not t["on"]:
        return f"{name} timer: off {enabled}"
    due = f"due for {t['due_for_us']} us" if "due_for_us" in t else f"due in {t['due_in_us']} us"
    return f"{name} timer: {due}{', but its clock stands' if t['clock_stands'] else ''}{', masked (IMASK)' if t['masked'] else ''} {enabled}"


def words_of_on(v):
    """What stands between a vCPU's state and its exits."""
    masks = "".join(f" {name}" for name, bit in zip("DAIF", (9, 8, 7, 6)) if int(v["pstate"], 16) >> bit & 1)
    yield f"PC {hexa(v['pc'])} at {v['level']}, {'masked:' + masks if masks else 'nothing masked'}, SP {hexa(v['sp'])}, LR {hexa(v['lr'])}, PSTATE {hexa(v['pstate'])}"
    steps = "".join(f" L{d['level']} {hexa(d['ipa'])}={hexa(d['value'])}," for d in v["stage1"]["descriptors"])
    end = v["stage1"]["end"]
    yield f"stage 1 is off: IPA {hexa(v['ipa'])}" if end == "off" else f"stage 1:{steps} {ENDS.get(end) or 'IPA ' + hexa(v['ipa'])}"
    yield f"stage 2: PA {hexa(v['pa'])}, {v['contiguous_kib']} KiB from there in one piece, {v['access']}"
    yield f"instruction at PC {int(v['instruction'], 16):08x}, before it {int(v['instruction_before'], 16):08x}"
    yield "  ".join(f"{name.upper()} {hexa(v[name])}" for name in ("vbar_el1", "elr_el1", "esr_el1", "far_el1", "sctlr_el1", "sp_el1"))
    for name in ("virtual", "physical"):
        yield words_of_timer(name, v["timers"][name])
    interface = v["cpu_interface"]
    running = "idle" if interface["running_priority"] is None else f"{interface['running_priority']:02x}"
    on = [f"group {n} {'on' if interface[f'group{n}'] else 'off'}" for n in (0, 1)]
    yield f"CPU interface: {', '.join(on)}, priority mask {interface['priority_mask']:02x}, running priority {running}"
    if not v["interrupts"]:
        yield "no interrupt is pending or active"
    for irq in v["interrupts"]:
        what = " and ".join(name for name in ("pending", "active") if irq[name])
        tail = ("" if irq["group_on"] else " (off)") + (", in a list register" if irq["in_list_register"] else "")
        yield f"INTID {irq['intid']}: {what}, {'enabled' if irq['enabled'] else 'not enabled'}, priority {irq['priority']:02x}, group {irq['group']}{tail}"


def words_of_why(v):
    for vcpu in v["vcpus"]:
        yield f"{v['name']}.{vcpu['vcpu']}: {vcpu['state']}"
        if "pc" in vcpu:
            yield from (f"  {line}" for line in words_of_on(vcpu))
        for trace in vcpu["exits"]:
            assert trace["what"].endswith(f"at PC {hexa(trace['pc'])}") and int(trace["esr"], 16) < 1 << 37
            yield f"  exit: {trace['what']}" + (f", {trace['times']} times" if trace["times"] > 1 else "")
        yield f"  hint: {vcpu['hint']}"


def same(machine, seen, words):
    __tracebackhide__ = True
    if seen != words:
        machine.fail(f"JSON says\n{words!r}\nthe words are\n{seen!r}")


@pytest.mark.parametrize("gic,smp", [(2, 2), (3, 1)])
def test_json_says_what_the_words_say(gic, smp):
    """dominfo, vcpuinfo, stats, irq and why: VMs with and without MMU, what is off, pending, active, masked, timed."""
    kinds = {"idle": True, "eoi": False, "imask": True, "masked": False, "loop": True}
    vms = [silent_vm(how, vcpus=2 if how == "idle" else 1, mmu=mmu) for how, mmu in kinds.items()]
    limited = "corbel,budget-us = <2000>; corbel,period-us = <20000>; corbel,autostart = <0>; corbel,affinity = <1>;"
    vms += [harness.Vm("parked", harness.GUESTS / "paste.bin", memory_mib=16, extra=limited + given(*SLOTS))]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix", gic=gic, smp=smp) as machine:
        missing = set(kinds)
        while missing:
            missing.discard(machine.expect(r"\[([a-z0-9]+)\] silent: about to", 30)[1])
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)
        assert answer(machine, "stats on --json") == {"timed": True, "no_memory": []}
        for how in kinds:
            machine.send(f"suspend {how}\r")
            machine.expect(f"vm: {how}: suspended", 20)
        for name in (*kinds, "parked"):
            v = answer(machine, f"dominfo {name} --json")
            same(machine, fields(ask(machine, f"dominfo {name}")), words_of_dominfo(v))
            vcpus = answer(machine, f"vcpuinfo --json {name}")
            same(machine, [fields(part) for part in ask(machine, f"vcpuinfo {name}").split("\n\n")], [words_of_vcpu(v, smp) for v in vcpus])
            same(machine, ask(machine, f"stats {name}").splitlines(), list(words_of_stats(answer(machine, f"stats {name} --json"))))
        for how in kinds:
            v = answer(machine, f"why {how} --json")
            assert v["hint"] is None and v["state"] == "paused", machine.fail(v)
            same(machine, ask(machine, f"why {how}").splitlines()[1:], list(words_of_why(v)))
        v = answer(machine, "why parked --json")
        assert v["vcpus"] == [] and f"parked: off, 1 vCPU, 16 MiB\n  hint: {v['hint']}\n" == ask(machine, "why parked")
        irqs = answer(machine, "irq --json")
        console = next(irq for irq in irqs if irq["what"] == "/pl011@9000000")
        lines = ask(machine, "irq").splitlines()[1:]
        count = int(re.search(r"^33 +(\d+) ", lines[irqs.index(console)])[1])
        assert count >= console["count"] > 0, machine.fail(f"{count} interrupts of the console after {console['count']}")
        console["count"] = count
        same(machine, lines, [words_of_irq(irq) for irq in irqs])
        assert answer(machine, "stats off --json") == {"timed": False, "no_memory": []}
        for command in ("dominfo", "vcpuinfo", "why", "stats"):
            error = answer(machine, f"{command} nobody --json")["error"]
            assert error.startswith('there is no VM "nobody"; ') and "the VMs are 1 idle" in error, machine.fail(error)


def test_cpu_time():
    """On one CPU, by instructions: vcpuinfo and dominfo agree with what guests count within 1 %, and so does stolen time."""
    weights = {"light": 256, "heavy": 384}
    args = "off=1 stolen=1 begin-ms=1"
    vms = [share_vm(name, f"corbel,weight = <{weight}>;", args=args, ms=600) for name, weight in weights.items()]
    with harness.corbel(harness.bundle(*vms), "guest-console=prefix on-idle=monitor", smp=1, icount=True) as machine:
        seen = {}
        while len(seen) < 2:
            name, ran, time = machine.expect(r"\[(\w+)\] share: ran (\d+) of (\d+) us, \d+ at a stretch\r*\n", 120).groups()
            seen[name] = (int(ran), int(time))
        machine.expect(PROMPT, 60)
        for name, (ran_us, time_us) in seen.items():
            wait_state(machine, name, "off")
            vcpu = answer(machine, f"vcpuinfo {name} --json")[0]
            assert vcpu["state"] == "off"
            assert vcpu["cpu_time_ns"] == pytest.approx(ran_us * 1000, rel=0.01), machine.fail(f"{name} ran {ran_us} us: {vcpu}")
            assert vcpu["stolen_time_ns"] == pytest.approx((time_us - ran_us) * 1000, rel=0.01), machine.fail(f"{name} waited {time_us - ran_us} us: {vcpu}")
            assert answer(machine, f"dominfo {name} --json")["cpu_time_ns"] == vcpu["cpu_time_ns"]
        light, heavy = (seen[name][0] / seen[name][1] for name in weights)
        assert 0.3 < light < 0.5 < heavy < 0.7, machine.fail("they did not share the CPU, so there was nothing to show")


def test_cpu_time_goes_on():
    """While a vCPU runs, its time grows with each look; asleep it stands; a start begins anew."""
    with harness.corbel(harness.bundle(silent_vm("loop"), silent_vm("wfi"), paste_vm("other")), "guest-console=prefix on-idle=monitor", smp=1, icount=True) as machine:
        missing = {"loop", "wfi"}
        while missing:
            missing.discard(machine.expect(r"\[(\w+)\] silent: about to", 60)[1])
        machine.send(PREFIX + "m")
        machine.expect(PROMPT, 20)

        def cpu_time(name):
            return answer(machine, f"dominfo {name} --json")["cpu_time_ns"]

        loop, wfi = cpu_time("loop"), cpu_time("wfi")
        assert cpu_time("loop") > loop > wfi > 0
        assert cpu_time("wfi") == wfi, machine.fail("it sleeps")
        machine.send("reset wfi\r")
        machine.expect(r"\[wfi\] silent: about to", 60)
        wait_state(machine, "wfi", "running")
        assert 0 < cpu_time("wfi") < 1.5 * wfi, machine.fail("a start does not begin anew")
        machine.send("destroy loop\r")
        machine.expect("vm: loop: destroyed", 30)
        wait_state(machine, "loop", "off")
        assert cpu_time("loop") == cpu_time("loop") > loop
