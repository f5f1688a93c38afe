"""Where the instructions of a row of scripts/bench go: by function, and by step of an exit.

The row runs twice, with 1,000 and with 2,000 rounds. A plugin of QEMU (tests/bench/where.c) counts how often each block
of Corbel's was executed; what the second run has more, divided by the rounds it has more, is one operation.
"""
import collections
import os
import pathlib
import subprocess

CROSS = os.environ.get("CROSS") or "aarch64-linux-gnu-"
IMAGE_ADDRESS, IMAGE_BYTES = 0x40200000, 0x200000  # QEMU puts an Image with text_offset 0 there

# The first that fits: the beginning of a source's name.
STEPS = (
    ("entry", ("arch/arm64/vectors", "arch/arm64/entry")),
    ("syndrome", ("arch/arm64/syndrome", "kernel/insn_fetch")),
    ("decode", ("vcpu/decode", "vcpu/insn", "vcpu/exit")),
    ("calls", ("smc/", "psci/", "kernel/hypercall")),
    ("switch", ("kernel/vcpu_switch", "kernel/sched", "kernel/run_queue", "kernel/soft_timer", "arch/arm64/el1_state",
                "arch/arm64/fpstate", "arch/arm64/timer", "arch/arm64/vmid", "arch/arm64/stage2")),  # fmt: skip
    ("irq", ("kernel/virq", "kernel/irq", "arch/arm64/gic")),
    ("device", ("dev/", "kernel/vdev", "kernel/mmio", "vcpu/sysreg", "vcpu/idregs", "vcpu/mmio")),
    ("run loop", ("kernel/run", "kernel/trace")),
    ("dispatch", ("kernel/exit", "kernel/")),
)
OTHER = "other"


def step_of(source):
    return next((step for step, prefixes in STEPS if source.startswith(prefixes)), OTHER)


def read_counts(path):
    """How often each instruction was executed, by its place in the image."""
    counts = collections.Counter()
    for line in path.read_text(encoding="ascii").splitlines():
        address, nr_insns, count = line.split()
        for n in range(int(nr_insns)):
            counts[int(address, 16) - IMAGE_ADDRESS + 4 * n] += int(count)
    return counts


def functions(elf, places, root):
    """(function, source) of each place: what is inlined counts as its own, what a header has or LTO has made as who called it."""
    command = [f"{CROSS}addr2line", "-e", elf, "-f", "-i", "-a"]
    words = "\n".join(hex(place) for place in places)
    text = subprocess.run(command, input=words, check=True, capture_output=True, text=True).stdout
    found, place, name = {}, None, None
    for line in text.splitlines():
        if line.startswith("0x"):
            place, name = int(line, 16), None
        elif name is None:
            name = line
        else:
            source = line.split(" ")[0].rsplit(":", 1)[0]
            source = source.removeprefix(f"{root}/").removeprefix("./")
            if place not in found or found[place][1].endswith((".h", "<artificial>")):
                found[place] = (name, source)
            name = None
    return found


def where(runs, elf, root):
    """runs: (rounds, file) of two runs; a Counter of (function, source), instructions an operation."""
    (few, few_path), (many, many_path) = runs
    more = read_counts(many_path)
    more.subtract(read_counts(few_path))
    more = {place: count for place, count in more.items() if count}
    names = functions(elf, more, root)
    total = collections.Counter()
    for place, count in more.items():
        total[names[place]] += count / (many - few)
    return total


def plugin_argument(plugin, out: pathlib.Path):
    return ["-plugin", f"{plugin},first={IMAGE_ADDRESS:#x},last={IMAGE_ADDRESS + IMAGE_BYTES - 1:#x},out={out}"]


def print_functions(row, total):
    print(f"{row}: {sum(total.values()):,.0f} instructions of Corbel's an operation")
    for (name, source), count in total.most_common():
        if count >= 0.5:
            print(f"{count:8,.0f}  {name}  ({source})")


def print_steps(totals):
    """A line a row, a column a step."""
    steps = [*(step for step, _ in STEPS), OTHER]
    print(f"{'':20}" + "".join(f"{step:>10}" for step in [*steps, "together"]))
    for row, total in totals.items():
        sums = collections.Counter()
        for (_, source), count in total.items():
            sums[step_of(source)] += count
        print(f"{row:20}" + "".join(f"{sums[step]:>10,.0f}" for step in steps) + f"{sum(sums.values()):>10,.0f}")
