"""What an instruction that traps must come to, from its disassembly and the place that it ran in; never from the syndrome.

A line of words: a verb, then name=value. tests/unit/test_vectors.c:check_row() knows them.

    load, store     va= ipa= (hexadecimal) bytes= n= (accesses) reg=     isv=1: by the syndrome; isv=0: by the instruction
                    load: to= (bytes of the register) sign=     isv=0: reg2= vector= back= (the base register) value=
    refuse          an access that is not emulated: an external abort
    fault           read, write or fetch, on ipa=; walk=1: of stage 1's table; permission=1; level=
    abort           likewise: what is no miss and no lack of rights
    sysreg          read or write, op= (op0,op1,CRn,CRm,op2) reg= name= (objdump's)
    hypercall       hvc or smc, imm=
    halt            wfe=
    step            before= (SPSR): one instruction further
    class           ec=: nothing more than the exception class
"""

import re

import cases

SIZES = {"b": (1, 0), "h": (2, 0), "sb": (1, 1), "sh": (2, 1), "sw": (4, 1)}
SINGLE = re.compile(r"(ld|st)(?:ap|l?a|ll|l)?[ut]?r?(?<=r)(b|h|sb|sh|sw)?$")
PAIR = re.compile(r"(ld|st)n?p(sw)?$")
BYTES = {"w": 4, "x": 8, "b": 1, "h": 2, "s": 4, "d": 8, "q": 16}
ARM_NAMES = {"sl": 10, "fp": 11, "ip": 12, "sp": 13, "lr": 14}
CONDITIONS = "(?:eq|ne|cs|hs|cc|lo|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"


def line(verb, *words, **values):
    return " ".join([verb, *words, *(f"{name}={value}" for name, value in values.items())])


def number(name):
    """A register's; 31 stands for zr and sp."""
    if name in ARM_NAMES and name != "sp":
        return ARM_NAMES[name]
    return int(name[1:]) if name[1:].isdigit() else 31


def value_of(case, reg):
    """What the register holds: capture.c:set_registers()."""
    x = case.x0() + 0x4000 if reg == 31 else case.x0() + 0x110 * reg if reg < 28 else (16, -16, 3)[reg - 28]
    return x & (0xFFFFFFFF if case.aarch32 else 0xFFFFFFFFFFFFFFFF)


def extended(case, parts):
    """The offset in brackets: #imm, a register, or one that is extended and shifted."""
    if not parts:
        return 0
    if parts[0].startswith("#"):
        return int(parts[0][1:], 0)
    value = value_of(case, number(parts[0]))
    kind, _, amount = parts[1].partition(" #") if len(parts) > 1 else ("lsl", "", "")
    if parts[0][0] == "w":
        value &= 0xFFFFFFFF
        if kind == "sxtw" and value >> 31:
            value -= 1 << 32
    return value << int(amount or 0)


def address(case, text):
    """(va, base register to be written back or None, what it holds then)"""
    match = re.search(r"\[([^]]*)\](!?)(?:, (#-?\d+))?", text)
    parts = match[1].split(", ")
    base = number(parts[0]) if not case.aarch32 or parts[0] != "sp" else 13
    before, inside = value_of(case, base), extended(case, parts[1:])
    mask = 0xFFFFFFFF if case.aarch32 else 0xFFFFFFFFFFFFFFFF
    va = (before + inside) & mask
    if match[3]:
        return va, base, (before + int(match[3][1:])) & mask
    return va, base if match[2] else None, va


def ipa_of(case, va):
    """Where stage 1 maps it, or its table that cannot be read; level of stage 2 at which that ends, and what is wrong."""
    level, wrong, ipa = cases.REGIONS[case.region]
    return (ipa if case.region in cases.WALKS else ipa | (va & 0x1FFFFF)), level, wrong


def access(case, text):
    """A load or store of AArch64 that misses."""
    name, _, operands = text.partition(" ")
    registers = operands.split(", [")[0].split(", ")
    single, pair = SINGLE.match(name), PAIR.match(name)
    if name == "dc" and operands.startswith("zva"):
        va = value_of(case, number(operands.split(", ")[1])) & ~63
        return line("store", va=f"{va:x}", ipa=f"{ipa_of(case, va)[0]:x}", bytes=8, n=8, reg=0, isv=0, reg2=0, vector=0)
    if not (single or pair):
        return line("refuse", isv=0)
    va, base, after = address(case, text)
    vector, r = registers[0][0] not in "wx", registers[0][0]
    match = single or pair
    size, sign = SIZES.get(match[2] or "", (BYTES[r], 0))
    each = min(size, 8)
    isv = int(not (pair or vector or base is not None))
    words = {"va": f"{va:x}", "ipa": f"{ipa_of(case, va)[0]:x}", "bytes": each, "n": (2 if pair else 1) * (size // each), "reg": number(registers[0])}
    if match[1] == "ld" and not vector:
        words |= {"to": BYTES[r], "sign": sign}
    words["isv"] = isv
    if not isv:
        words |= {"reg2": number(registers[1]) if pair else 0, "vector": int(vector)}
        if base is not None:
            words |= {"back": base, "value": f"{after:x}"}
    return line("load" if match[1] == "ld" else "store", **words)


def access32(case, text):
    """Of AArch32: what has no syndrome is not emulated."""
    name, _, operands = text.partition(" ")
    match = re.match(rf"(ld|st)r(b|h|sb|sh)?{CONDITIONS}(?:\.w)?$", name)
    va, base, _ = address(case, text) if "[" in text else (0, 0, 0)
    if not match or base is not None:
        return line("refuse", isv=0)
    size, sign = SIZES.get(match[2] or "", (4, 0))
    words = {"va": f"{va:x}", "ipa": f"{ipa_of(case, va)[0]:x}", "bytes": size, "n": 1, "reg": number(operands.split(", ")[0])}
    if match[1] == "ld":
        words |= {"to": 4, "sign": sign}
    return line("load" if match[1] == "ld" else "store", **words, isv=1)


def is_store(text):
    return text.startswith("st")


def memory(case, text):
    if "fetch" in case.flags:
        direction = "fetch"
    else:
        direction = "write" if is_store(text) else "read"
    ipa, level, wrong = ipa_of(case, case.pc if direction == "fetch" else address(case, text)[0] if "[" in text else 0)
    walk = int(case.region in cases.WALKS)
    if wrong == "size":
        return line("abort", direction, walk=walk, level=level)
    # stage 1's tables are not read from a device (HCR_EL2.PTW)
    permission = wrong == "rights" or (direction, wrong) in (("write", "readonly"), ("fetch", "execute never")) or (walk and wrong == "device")
    if walk or permission or direction == "fetch":
        return line("fault", direction, ipa=f"{ipa:x}", walk=walk, permission=int(permission), level=level)
    return (access32 if case.aarch32 else access)(case, text)


def system(case):
    """By the numbers that the case was written with: objdump's text says the register's name."""
    words = case.text.replace(",", "").split()
    name = case.disassembly.replace(",", "").split()
    if words[0] in ("mrs", "msr"):
        read = words[0] == "mrs"
        spelled, reg = (words[2], words[1]) if read else (words[1], words[2])
        op = [int(part.lstrip("sc")) for part in spelled.split("_")]
        called = name[2] if read else name[1]
    else:
        read = words[0] == "sysl"
        numbers, reg = (words[2:], words[1]) if read else (words[1:5], words[5])
        op = [1] + [int(part.lstrip("#c")) for part in numbers]
        called = "-".join(name[:2])
    op0, op1, crn, crm, op2 = op
    return line("sysreg", "read" if read else "write", op=f"{op0},{op1},{crn},{crm},{op2}", reg=number(reg), name=called)


CLASSES = [  # flag or None, mode or None, pattern of the text, class [DDI0487 ESR_EL2]
    (None, None, r"(addvl|m\w\w .*zcr_el1)", 0x19),
    (None, None, r"(smstart|m\w\w .*smcr_el1)", 0x1D),
    (None, None, r"(pac|aut)", 0x09),
    ("tge", "el0", r"svc", 0x15),
    ("tge", "a32", r"svc", 0x11),
    ("tge", "t32", r"svc", 0x11),
    ("tge", None, r"(udf|mrs|hvc|smc)", 0x00),
    ("tge", None, r"ldxr", 0x24),  # not aligned
    ("tde", None, r"brk", 0x3C),
    ("tde", None, r"bkpt", 0x38),
    ("tfp", None, r"", 0x07),
    ("break", None, r"", 0x30),
    ("watch", None, r"", 0x34),
    (None, None, rf"m(rc|cr){CONDITIONS} 15,", 0x03),
    (None, None, r"m(rrc|crr) 15,", 0x04),
    (None, None, r"m(rc|cr) 14,", 0x05),
    (None, None, r"m(rrc|crr) 14,", 0x0C),
]


def exception_class(case, text):
    if case.spsr >> 20 & 1:
        return 0x0E
    if "fetch" in case.flags and case.pc & 3:
        return 0x22
    for flag, mode, pattern, ec in CLASSES:
        if (flag is None or flag in case.flags) and mode in (None, case.mode) and re.match(pattern, text):
            return ec
    return None


def taken(case):
    """What EL1 takes: undef; abort, as in expectation(); forward: the rest."""
    text = case.disassembly
    if text.startswith("udf"):
        return line("undef")
    if case.region not in (8, 18):
        return line("forward")
    walk = int(case.region in (18,))
    direction = "fetch" if "fetch" in case.flags else "write" if is_store(text) else "read"
    return line("abort", direction, walk=walk, level=3 if walk else 0)


def expectation(case):
    text = case.disassembly
    if "step" in case.flags:
        return line("step", before=f"{cases.MODES[case.mode] ^ case.spsr:x}")
    ec = exception_class(case, text)
    if ec is not None:
        return line("class", ec=f"{ec:x}")
    if match := re.match(r"(hvc|smc) #(\w+)", text):
        return line("hypercall", match[1], imm=int(match[2], 0))
    if match := re.match(rf"wf(i|e){CONDITIONS}$", text):
        return line("halt", wfe=int(match[1] == "e"))
    if re.match(r"(mrs|msr|sys|sysl) ", case.text):
        return system(case)
    return memory(case, text)
