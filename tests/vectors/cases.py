"""What is tried: instructions as assembly text, each with the state that it is tried in. capture.h has the same numbers."""

import dataclasses

CODE = 0x40600100
SCRATCH = 0x40800000
HIGH, LOW, READONLY = 0xFFFF8A5BC0000000, 0x80000000, 256
INSIDE = 0x1A6080  # of a region: where x0 points. All bytes of an address differ.

FLAGS = ("tfp", "tge", "tde", "step", "break", "watch", "thumb", "on_ram", "fetch", "aarch32", "no_span", "dssbs")

# PSTATE, all interrupts masked.
MODES = {"el1h": 0x3C5, "el1t": 0x3C4, "el0": 0x3C0, "a32": 0x1D0, "t32": 0x1F0}

# Regions of 2 MiB: the level at which stage 2 ends, what is wrong there, and their IPA, or that of the table which stage 1
# would read for them (capture.c:make_stage1(), make_stage2()).
HOLE_L1, LIMITED, TOO_BIG = 0x9240000000, 0xD300000000, 0x18000000000
LIMITS = [(2, "miss"), (3, "miss"), (2, "readonly"), (2, "rights"), (2, "access flag"), (2, "execute never"), (2, "nothing there"), (2, "size"), (0, "device")]  # the last is at level 2: QEMU says 0
NORMAL, DEVICE = 0, 1
REGIONS = {first + n: (*limit, LIMITED + (n << 21)) for first in (2, 12) for n, limit in enumerate(LIMITS)}
REGIONS |= {0: (1, "miss", HOLE_L1 + 0x800000), 1: (1, "miss", HOLE_L1 + 0xA00000), 10: (0, "miss", TOO_BIG), 11: (1, "miss", HOLE_L1), 21: (0, "miss", TOO_BIG)}
# External aborts ("nothing there") go to EL1, see taken(); a table in read-only memory can be read.
BLOCKS = [2, 3, 4, 5, 6, 7, 9, 10]
WALKS = [11, 12, 13, 15, 16, 19, 20, 21]


@dataclasses.dataclass
class Case:
    text: str
    mode: str = "el1h"
    flags: tuple = ()
    region: int = DEVICE
    base: int | None = None  # x0's, where it is not in the region
    pc: int = CODE
    spsr: int = 0  # what differs from the mode's
    el1: bool = False  # EL1 takes it: a row of taken.txt

    @property
    def aarch32(self):
        return self.mode in ("a32", "t32")

    def x0(self):
        if self.base is not None:
            return self.base
        return (LOW if self.aarch32 else HIGH) + (self.region << 21) + INSIDE

    def all_flags(self):
        mode_flags = {"a32": ("aarch32",), "t32": ("aarch32", "thumb")}.get(self.mode, ())
        return (*self.flags, *mode_flags)


def memory(text, **kwargs):
    return Case(text, flags=("on_ram",), **kwargs)


def fetch(region, mode):
    return Case("", mode, flags=("fetch",), pc=HIGH + ((READONLY + region) << 21) + INSIDE, region=region)


LOADS = [("ldrb", "w"), ("ldrh", "w"), ("ldr", "w"), ("ldr", "x"), ("ldrsb", "w"), ("ldrsb", "x"), ("ldrsh", "w"), ("ldrsh", "x"), ("ldrsw", "x")]
STORES = [("strb", "w"), ("strh", "w"), ("str", "w"), ("str", "x")]


def size_of(name, register):
    return {"b": 1, "h": 2}.get(name[-1], 4 if register == "w" or name.endswith("sw") else 8)


def singles():
    """Each load and store of one register, in each of its forms; Rt wanders."""
    for n, (name, r) in enumerate(LOADS + STORES):
        size, rt = size_of(name, r), 4 + n
        unscaled, unprivileged = name.replace("r", "ur", 1), name.replace("r", "tr", 1)
        yield memory(f"{name} {r}{rt}, [x2]")
        yield memory(f"{name} {r}{rt + 1}, [x{rt + 2}, #{5 * size}]")
        yield memory(f"{unscaled} {r}{rt + 2}, [x1, #{-3 * size}]")
        yield memory(f"{name} {r}{rt + 3}, [x3, x28]")
        yield memory(f"{name} {r}{rt + 4}, [x3, w29, sxtw]")
        if size > 1:
            yield memory(f"{name} {r}{rt + 5}, [x0, x30, lsl #{size.bit_length() - 1}]")
        yield memory(f"{unprivileged} {r}{rt + 6}, [x5, #{-size}]", region=NORMAL)
        yield memory(f"{name} {r}{rt}, [x2], #{-size}")
        yield memory(f"{name} {r}{rt + 1}, [x3, #{size}]!")
        yield memory(f"{name} {r}zr, [x2]")
        yield memory(f"{unscaled} {r}{rt}, [x2, #{max(size // 2, 1) - (size > 1)}]", region=NORMAL)  # unaligned


def registers():
    """Each register as Rt; the base steps aside."""
    for rt in range(31):
        yield memory(f"ldrsh x{rt}, [x{3 if rt == 2 else 2}]")
        yield memory(f"str x{rt}, [x{3 if rt == 2 else 2}, #{8 * (rt % 3)}]")


def ordered():
    for r, suffix in (("w", "b"), ("w", "h"), ("w", ""), ("x", "")):
        yield memory(f"ldar{suffix} {r}7, [x2]", region=NORMAL)
        yield memory(f"stlr{suffix} {r}8, [x2]", region=NORMAL)
        yield memory(f"ldapr{suffix} {r}9, [x2]", region=NORMAL)
        yield memory(f"ldapur{suffix} {r}9, [x2, #-8]", region=NORMAL)
        yield memory(f"stlur{suffix} {r}10, [x2, #16]", region=NORMAL)
        yield Case(f"ldxr{suffix} {r}7, [x2]", region=NORMAL)
        yield Case(f"cas{suffix} {r}7, {r}8, [x2]", region=NORMAL)
        yield Case(f"swp{suffix} {r}7, {r}8, [x2]", region=NORMAL)
        yield Case(f"ldadd{suffix} {r}7, {r}8, [x2]", region=NORMAL)
    for text in ("ldapursb w9, [x2]", "ldapursh x9, [x2]", "ldapursw x9, [x2]"):
        yield memory(text, region=NORMAL)
    for text in ("ldxp x7, x8, [x2]", "ldaxr w7, [x2]", "casp x6, x7, x8, x9, [x2]", "ldclral x7, x8, [x2]"):
        yield Case(text, region=NORMAL)


def pairs_and_vectors():
    for name, r in (("ldp", "w"), ("ldp", "x"), ("ldpsw", "x"), ("stp", "w"), ("stp", "x")):
        for address in ("[x2]", "[x3, #-16]", "[x2], #16", "[x3, #24]!"):
            yield memory(f"{name} {r}7, {r}12, {address}")
    for name in ("ldp", "stp", "ldnp", "stnp"):
        for r in "sdq" if name[2] == "p" else "xq":
            yield memory(f"{name} {r}1, {r}9, [x2, #-32]", region=NORMAL)
    for r in "bhsdq":
        for name in ("ldr", "str"):
            yield memory(f"{name} {r}5, [x2, #32]", region=NORMAL)
            yield memory(f"{name} {r}6, [x2], #-16", region=NORMAL)
    yield memory("dc zva, x3", region=NORMAL)
    for text in ("ld1 {v0.16b}, [x2]", "st1 {v0.s}[1], [x2]", "ld4 {v0.4s-v3.4s}, [x2]", "ld2r {v0.8b-v1.8b}, [x2], #2"):
        yield Case(text, region=NORMAL)


def other_states():
    """The same from EL0, and with the other stack pointer."""
    for mode in ("el0", "el1t"):
        for text in ("ldrsb x6, [x2]", "str w7, [x3, #4]", "ldr x8, [sp, #8]", "strh w9, [sp], #2", "ldp x4, x5, [sp, #-16]!", "ldr q1, [sp, x28]"):
            yield memory(text, mode=mode)
    for text in ("ldr x8, [sp, #8]", "stp x4, x5, [sp], #32"):
        yield memory(text)


def faults():
    for region in (*BLOCKS, *WALKS):
        for mode in ("el1h", "el0") if region in (2, 5, 13) else ("el1h",):
            yield Case("ldr w1, [x2]", mode, region=region)
            yield Case("strb w5, [x3, #1]", mode, region=region)
            yield fetch(region, mode)
        yield Case("ldp x4, x5, [x2], #16", region=region)
        yield Case("ldaxr x4, [x2]", region=region)
    for mode in ("el1h", "el0"):
        yield fetch(NORMAL, mode)


# By the numbers that the instruction has; objdump knows their names.
ID_SPACE = [f"s3_0_c0_c{crm}_{op2}" for crm in range(1, 8) for op2 in range(8)]
READ_ONLY = """s2_0_c1_c0_0 s2_0_c1_c1_4 s2_3_c0_c1_0 s2_0_c7_c14_6 s3_0_c10_c4_7 s3_0_c5_c3_0 s3_0_c5_c4_0 s3_1_c0_c0_1
    s3_1_c0_c0_7 s3_0_c0_c0_6 s3_1_c0_c0_0 s3_3_c9_c12_6 s3_3_c9_c12_7 s3_0_c9_c14_6 s3_3_c14_c0_1 s3_3_c0_c0_1""".split()
WRITE_ONLY = """s2_0_c1_c0_4 s3_0_c12_c11_5 s3_0_c12_c11_6 s3_0_c12_c11_7 s3_3_c9_c12_4 s1_0_c7_c6_2 s1_0_c7_c10_2 s1_0_c7_c14_2
    s1_0_c7_c6_1 s1_0_c7_c5_0 s1_3_c7_c10_1 s1_3_c7_c11_1 s1_3_c7_c14_1 s1_3_c7_c5_1 s1_0_c8_c3_0 s1_0_c8_c7_1 s1_0_c8_c7_2
    s1_0_c8_c3_7""".split()
READ_WRITE = """s3_0_c1_c0_1 s3_0_c1_c0_2 s3_0_c1_c0_0 s3_0_c2_c0_0 s3_0_c2_c0_1 s3_0_c2_c0_2 s3_0_c5_c1_0 s3_0_c5_c1_1 s3_0_c5_c2_0
    s3_0_c6_c0_0 s3_0_c10_c2_0 s3_0_c10_c3_0 s3_0_c13_c0_1 s3_2_c0_c0_0
    s2_0_c0_c2_2 s2_0_c0_c2_0 s2_0_c0_c0_2 s2_0_c0_c3_2 s2_0_c0_c6_2 s2_0_c0_c0_4 s2_0_c0_c1_4 s2_0_c0_c0_5 s2_0_c0_c5_5
    s2_0_c0_c0_6 s2_0_c0_c3_7 s2_0_c1_c3_4 s2_0_c1_c4_4 s2_0_c7_c8_6 s2_0_c7_c9_6 s2_3_c0_c4_0 s2_3_c0_c5_0
    s3_3_c9_c12_0 s3_3_c9_c12_1 s3_3_c9_c12_2 s3_3_c9_c12_3 s3_3_c9_c12_5 s3_3_c9_c13_0 s3_3_c9_c13_1 s3_3_c9_c13_2
    s3_3_c9_c14_0 s3_0_c9_c14_1 s3_0_c9_c14_2 s3_3_c9_c14_3 s3_3_c14_c8_0 s3_3_c14_c11_7 s3_3_c14_c12_1 s3_3_c14_c15_7
    s3_3_c14_c2_0 s3_3_c14_c2_1 s3_3_c14_c2_2
    s3_0_c10_c4_0 s3_0_c10_c4_1 s3_0_c10_c4_2 s3_0_c10_c4_3 s3_0_c5_c3_1 s3_0_c5_c4_1 s3_0_c5_c4_2 s3_0_c5_c5_0
    s3_0_c2_c1_0 s3_0_c2_c1_3 s3_0_c2_c2_1 s3_0_c2_c3_0 s3_0_c13_c0_7 s3_3_c13_c0_7
    s3_0_c11_c0_2 s3_0_c15_c0_0 s3_0_c15_c2_0 s3_1_c15_c2_0 s3_1_c15_c2_1 s3_7_c15_c15_7 s1_0_c11_c0_0 s1_7_c15_c15_7""".split()
FROM_EL0 = """s3_3_c9_c12_0 s3_3_c9_c12_5 s3_3_c9_c13_0 s3_3_c9_c13_2 s3_3_c9_c14_3 s3_3_c14_c8_1 s3_3_c14_c0_1 s3_3_c14_c2_1 s3_3_c0_c0_1
    s2_3_c0_c1_0 s2_3_c0_c5_0 s3_3_c11_c0_2 s3_3_c15_c2_0""".split()


def system_registers():
    n = 0
    for names, read, write, mode in ((ID_SPACE, 1, 0, "el1h"), (READ_ONLY, 1, 0, "el1h"), (WRITE_ONLY, 0, 1, "el1h"), (READ_WRITE, 1, 1, "el1h"), (FROM_EL0, 1, 1, "el0")):
        for name in names:
            n += 1
            rt = "xzr" if n % 32 == 31 else f"x{n % 32}"
            system = name.startswith("s1_")
            numbers = "#{}, c{}, c{}, #{}".format(*(part.lstrip("c") for part in name.split("_")[1:]))
            if read:
                yield Case(f"sysl {rt}, {numbers}" if system else f"mrs {rt}, {name}", mode)
            if write:
                yield Case(f"sys {numbers}, {rt}" if system else f"msr {name}, {rt}", mode)


def calls_and_waits():
    for imm in (0, 1, 0x18, 0xFFE, 0x8000, 0xFFFF):
        yield Case(f"hvc #{imm}")
        yield Case(f"smc #{imm}")
        yield Case(f"svc #{imm}", "el0", ("tge",))
        yield Case(f"brk #{imm}", "el0", ("tde",))
    yield Case("hvc #3", "el1t")
    yield Case("brk #7", flags=("tde",))
    for mode in ("el1h", "el0"):
        yield Case("wfi", mode)
        yield Case("wfe", mode)
    # Not WFIT, WFET: QEMU 10.0 tells the one as WFI and never traps the other.


def features():
    """What is trapped as a whole; absent on most CPUs."""
    for text in ("fadd d0, d1, d2", "fmov x3, d7", "add v1.4s, v2.4s, v3.4s", "ldr q0, [x2]", "mrs x4, s3_3_c4_c4_0"):
        yield Case(text, flags=("tfp",))
        yield Case(text, "el0", ("tfp",))
    for text in ("addvl x0, sp, #1", "mrs x4, s3_0_c1_c2_0", "msr s3_0_c1_c2_0, x5", "smstart", "mrs x4, s3_0_c1_c2_6", "msr s3_0_c1_c2_6, x5"):
        yield Case(text)
    # RETAA and BRAA trap, too, but QEMU 10.0 fails an assertion of its own on them.
    for text in ("pacia x1, x2", "paciza x3", "autdb x4, x5", "pacga x6, x7, x8", "paciasp", "autibsp"):
        yield Case(text)
        yield Case(text, "el0")


def odd_states():
    """What EL1 would have taken; TGE sends it here."""
    yield Case("nop", "el0", ("tge",), spsr=1 << 20)  # PSTATE.IL
    yield Case("ldr x1, [x2]", "el0", ("tge",), spsr=1 << 20)
    for offset in (1, 2, 3):
        yield Case("", "el0", ("tge", "fetch"), pc=CODE + offset)
    for text in ("udf #0", "udf #77", "mrs x3, s3_0_c1_c0_0", "hvc #0", "smc #0"):
        yield Case(text, "el0", ("tge",))
    yield Case("ldxr w3, [x2]", "el0", ("tge",), base=SCRATCH + 2)  # alignment
    yield Case("nop", "el0", ("tde", "step"), spsr=1 << 21)
    yield Case("yield", "el0", ("tde", "step"), spsr=1 << 21)
    yield Case("nop", "el1h", ("tde", "break"))
    yield Case("nop", "el0", ("tde", "break"))
    yield Case("ldr x3, [x2]", "el1h", ("tde", "watch"), base=CODE)
    yield Case("ldrb w3, [x2, #3]", "el0", ("tde", "watch"), base=CODE)


def it_block(cond, mask):
    """SPSR's ITSTATE: as IT<mask> <cond> leaves it for its first instruction. [DDI0487 F1.5]"""
    state = cond << 4 | mask
    return (state & 3) << 25 | (state >> 2) << 10


def aarch32():
    accesses = ["ldr r4, [r2]", "ldrb r5, [r2, #3]", "ldrh r6, [r2, #2]", "ldrsb r7, [r2]", "ldrsh r8, [r2, #6]", "str r9, [r3]", "strb r10, [r3, #1]", "strh r11, [r3]",
                "ldr r4, [r2], #4", "str r5, [r2, #4]!", "ldrd r6, r7, [r2]", "strd r6, r7, [r3, #8]", "ldr r12, [sp]"]
    traps = ["mrc p15, 0, r1, c9, c12, 0", "mcr p15, 0, r2, c9, c12, 1", "mrc p15, 0, r3, c9, c13, 0", "mrc p15, 0, r12, c14, c8, 2", "mrrc p15, 0, r4, r5, c9", "mcrr p15, 0, r6, r7, c9",
             "mrrc p15, 0, r8, r9, c14", "mrc p15, 0, r10, c14, c2, 1", "mrc p14, 0, r3, c0, c0, 0", "mrc p14, 0, r4, c0, c1, 0", "mcr p14, 0, r5, c0, c5, 0", "mrrc p14, 0, r6, r7, c1",
             "mrc p15, 0, r1, c15, c2, 0", "mcr p15, 3, r1, c11, c0, 2"]
    for mode in ("a32", "t32"):
        for text in accesses:
            yield Case(text, mode, ("on_ram",))
        for text in [*accesses[2:8:2], "ldm r2, {r4, r5, r6}", "stmdb r3!, {r7, r8}", "ldrex r4, [r2]"]:
            yield Case(text, mode, region=NORMAL)
        for region in (3, 4, 5, 13):
            yield Case("ldr r4, [r2]", mode, region=region)
            yield Case("strh r5, [r3, #2]", mode, region=region)
        for text in (*traps, "wfi", "wfe"):
            yield Case(text, mode)
        for text in ("vadd.f64 d0, d1, d2", "vmov r3, s7", "vmrs r4, fpscr", "vldr d0, [r2]"):
            yield Case(text, mode, ("tfp",))
        for imm in (0, 5, 200):
            yield Case(f"svc #{imm}", mode, ("tge",))
            yield Case(f"bkpt #{imm}", mode, ("tde",))
        yield Case("udf #1", mode, ("tge",))
        yield Case("nop", mode, ("tde", "break"))
        yield Case("nop", mode, ("tde", "step"), spsr=1 << 21)
    for mask in range(1, 16):  # a step within an IT block: ITSTATE moves on, whether the condition holds or not
        for nzcv in (0, 4):
            yield Case("nop", "t32", ("tde", "step"), spsr=1 << 21 | nzcv << 28 | it_block(0, mask))
    for cond, nzcv in (("eq", 4), ("ne", 0), ("hs", 2), ("mi", 8), ("vs", 1), ("hi", 2), ("ge", 9), ("lt", 8), ("gt", 0), ("le", 4)):
        for text in (f"mrc{cond} p15, 0, r1, c9, c12, 0", f"ldr{cond} r4, [r2]", f"wfi{cond}"):
            yield Case(text, "a32", spsr=nzcv << 28)
        number = ("eq", "ne", "hs", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le").index(cond)
        for mask in (8, 0xC, 4, 6, 1):
            yield Case("mrc p15, 0, r1, c9, c12, 0", "t32", spsr=nzcv << 28 | it_block(number, mask))
        yield Case("ldr r4, [r2]", "t32", spsr=nzcv << 28 | it_block(number, 8))
        yield Case("wfe", "t32", spsr=nzcv << 28 | it_block(number, 4))


def taken():
    """What EL1 takes itself: PSTATE at its vector, and the syndromes that Corbel has to make when it injects the same."""
    a64 = [0, 0xF << 28, 1 << 31, 1 << 30, 1 << 29, 1 << 28, 1 << 24, 1 << 23, 1 << 22, 1 << 12, 1 << 10, 2 << 10, 3 << 10, 0xF1C01C00]
    a32 = [0, 0xF << 28, 1 << 27, 1 << 23, 1 << 22, 1 << 21, 0xF << 16, 1 << 9, 0xF8CF0200]
    for mode in ("el1h", "el1t", "el0"):
        for spsr in a64:
            yield Case("udf #0", mode, spsr=spsr, el1=True)
    for mode in ("a32", "t32"):
        for spsr in a32 if mode == "a32" else (*a32, it_block(0, 4) | 1 << 30):
            yield Case("udf #1", mode, spsr=spsr, el1=True)
    for flags in (("no_span",), ("dssbs",), ("no_span", "dssbs")):
        for mode, spsr in (("el1h", 0), ("el1h", 1 << 22 | 1 << 12), ("el0", 0), ("a32", 1 << 23)):
            yield Case("udf #0" if mode != "a32" else "udf #1", mode, flags, spsr=spsr, el1=True)
    for mode in ("el1h", "el0"):
        for region in (8, 18):  # nothing there, for the access or for the walk
            for text in ("ldr w1, [x2]", "strb w5, [x3, #1]", "ldp x4, x5, [x2], #16", "str q1, [x2]"):
                yield Case(text, mode, region=region, el1=True)
            yield dataclasses.replace(fetch(region, mode), el1=True)
        for offset in (1, 2, 3):
            yield Case("", mode, ("fetch",), pc=CODE + offset, el1=True)
        yield Case("brk #0x1234", mode, el1=True)
        yield Case("nop", mode, spsr=1 << 20, el1=True)
        yield Case("nop", mode, ("break",), spsr=0x200, el1=True)
        yield Case("nop", mode, ("step",), spsr=1 << 21 | 0x200, el1=True)
        yield Case("ldr x3, [x2]", mode, ("watch",), spsr=0x200, base=CODE, el1=True)
    for text in ("ldr r4, [r2]", "strh r5, [r3, #2]", "ldrd r6, r7, [r2]"):
        yield Case(text, "a32", region=8, el1=True)
        yield Case(text, "t32", region=18, el1=True)
    yield Case("bkpt #5", "t32", el1=True)


def all_cases():
    groups = (singles, registers, ordered, pairs_and_vectors, other_states, faults, system_registers, calls_and_waits, features, odd_states, aarch32, taken)
    return [case for group in groups for case in group()]
