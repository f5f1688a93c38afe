/*
 * The whole space of system registers: every MRS and every MSR by register with op0 = 2 or 3, 32,768 each. What can be
 * read is listed, by encoding; what was read is written back, and 0 to what cannot be read. Afterwards the CPU still
 * does what it did. What the list must be, the test that runs this guest knows. [DDI0487 C5.1.3, D19]
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"

bool guest_wants_mmu = false; /* its registers are among those that are written */

#define NR_ENCODINGS 32768U
#define MRS_X0	     0xd5300000U
#define MSR_X0	     0xd5100000U
#define RET	     0xd65f03c0U
#define PER_LINE     16U
#define NO_VALUE     0x5ca1ab1e0ddba11UL

/* One function each: the instruction and a return. Encoding n has o0 (op0 - 2), op1, CRn, CRm, op2 from bit 14 down. */
static uint32_t code[NR_ENCODINGS][2] __attribute__((aligned(64)));
static bool readable[NR_ENCODINGS], writable[NR_ENCODINGS];
static uint64_t values[NR_ENCODINGS];

uint64_t call_with(uint64_t x0, const uint32_t *function);

static void make_code(uint32_t insn)
{
	for (uint32_t n = 0; n < NR_ENCODINGS; n++) {
		code[n][0] = insn | n << 5;
		code[n][1] = RET;
	}
	for (uint64_t at = (uint64_t)code; at < (uint64_t)code + sizeof(code); at += 16)
		__asm__ volatile("dc cvau, %0" ::"r"(at) : "memory");
	__asm__ volatile("dsb ish\n\tic ialluis\n\tdsb ish\n\tisb" ::: "memory");
}

/* FEAT_IDST: an ID register that is not there is reported with its name. [DDI0487 ID_AA64MMFR2_EL1.IDS] */
static bool is_id_trap(uint32_t n, uint64_t esr)
{
	uint32_t op1 = n >> 11 & 7;

	return ESR_EC(esr) == EC_SYSREG && n >> 14 == 1 && op1 != 2 && op1 < 4 && (n >> 7 & 15) == 0 &&
	       (READ_REG(id_aa64mmfr2_el1) >> 36 & 0xf) != 0;
}

/* Else an exception must be that of an undefined instruction, and always at the instruction. */
static unsigned int wrong_exceptions;

static bool runs(uint32_t n, uint64_t x0, uint64_t *result)
{
	struct caught c;

	catch_begin(0);
	*result = call_with(x0, code[n]);
	c = catch_end();
	if (c.count != 0 &&
	    (c.count != 1 || c.elr != (uint64_t)code[n] || (c.esr != 1UL << 25 && !is_id_trap(n, c.esr)))) {
		if (wrong_exceptions++ == 0)
			tap_note("at %x: %u times, esr=%lx, elr=%lx", n, c.count, c.esr, c.elr);
	}
	return c.count == 0;
}

static void read_all(void)
{
	make_code(MRS_X0);
	for (uint32_t n = 0; n < NR_ENCODINGS; n++)
		readable[n] = runs(n, NO_VALUE, &values[n]);
}

static void write_all(void)
{
	uint64_t ignored;

	make_code(MSR_X0);
	for (uint32_t n = 0; n < NR_ENCODINGS; n++)
		writable[n] = runs(n, readable[n] ? values[n] : 0, &ignored);
}

static void list(const char *what, const bool *set)
{
	uint32_t found[PER_LINE];
	unsigned int nr = 0;

	for (uint32_t n = 0; n < NR_ENCODINGS; n++) {
		if (set[n])
			found[nr++] = n;
		if (nr == 0 || (nr < PER_LINE && n + 1 < NR_ENCODINGS))
			continue;
		while (nr < PER_LINE)
			found[nr++] = 0xffff; /* no encoding */
		tap_note("%s %04x %04x %04x %04x %04x %04x %04x %04x %04x %04x %04x %04x %04x %04x %04x %04x", what,
			 found[0], found[1], found[2], found[3], found[4], found[5], found[6], found[7], found[8],
			 found[9], found[10], found[11], found[12], found[13], found[14], found[15]);
		nr = 0;
	}
}

/* Op2, CRm of the ID space: the test decides by them what else must be there. */
static void list_ids(void)
{
	for (uint32_t slot = 8; slot < 64; slot++)
		tap_note("id %u %u %lx", slot >> 3, slot & 7, values[0x4000 + slot]);
}

void guest_main(void)
{
	unsigned int nr_readable = 0, nr_changed = 0;
	uint64_t again;

	WRITE_REG(cpacr_el1, 3UL << 20 | 3UL << 16 | 3UL << 24); /* nothing is trapped to EL1 by EL1 itself */
	isb();
	read_all();
	write_all();
	make_code(MRS_X0);
	for (uint32_t n = 0; n < NR_ENCODINGS; n++) {
		nr_readable += readable[n];
		nr_changed += runs(n, NO_VALUE, &again) != readable[n];
	}
	list("read", readable);
	list("write", writable);
	list_ids();
	tap_is(wrong_exceptions, 0, "every exception is that of an undefined instruction, at the instruction");
	tap_is(nr_changed, 0, "the writes changed nothing of what can be read");
	tap_ok(nr_readable > 100, "%u registers can be read", nr_readable);
	tap_ok(psci(PSCI_VERSION, 0, 0, 0) >= 0x10000, "the hypervisor, or the firmware, still answers");
	tap_done();
}
