/*
 * The decode chain on what CPUs really put into their registers: tests/vectors/traps.txt. What each row must come to
 * was derived from the instruction's disassembly, not from its syndrome, and what an access does to registers and
 * memory was seen on memory (tests/vectors/capture.py). The fields of a row are taken apart here by numbers of the
 * architecture, not by Corbel's names for them.
 */
#include <strings.h>

#include "tests/unit/vectors_rig.h"
#include "vcpu/aarch32.h"
#include "vcpu/decode.h"
#include "vcpu/mmio_value.h"
#include "vcpu/sysreg_trap.h"

enum column { ESR = NR_COMMON, FAR, HPFAR, ELR, SPSR, PAR, X0, EXPECTED, AFTER, NR_COLUMNS };

static struct vcpu vcpu;
static uint64_t before[32]; /* x0-x30, SP */

static bool is_aarch32(void)
{
	return strncmp(column[WHERE], "a32", 3) == 0 || strncmp(column[WHERE], "t32", 3) == 0;
}

static unsigned int insn_bytes(void)
{
	return strncmp(column[WHERE], "t32", 3) == 0 && hex(column[WORD]) <= 0xffff ? 2 : 4;
}

/* --- from a row to a vCPU -------------------------------------------------------------------------- */

/* As the head of the file says. */
static void set_registers(void)
{
	static const uint64_t last[] = { 16, (uint64_t)-16, 3 };
	uint64_t x0 = hex(column[X0]), mask = is_aarch32() ? 0xffffffff : ~UINT64_C(0);

	for (unsigned int n = 0; n < 31; n++)
		before[n] = (n < 28 ? x0 + 0x110 * n : last[n - 28]) & mask;
	before[31] = x0 + 0x4000;
	memcpy(vcpu.frame.x, before, sizeof(vcpu.frame.x));
	vcpu.frame.sp_el0 = before[31];
	vcpu.frame.elr = hex(column[ELR]);
	vcpu.frame.spsr = hex(column[SPSR]);
}

/* What arch/arm64/syndrome.c makes of the registers, and kernel/insn_fetch.c of the instruction. */
static void set_syndrome(void)
{
	uint64_t esr = hex(column[ESR]), far = hex(column[FAR]), par = hex(column[PAR]);
	unsigned int ec = esr >> 26 & 63;
	bool abort = ec == 0x20 || ec == 0x24;
	bool permission = abort && (esr & 0x3c) == 0x0c && (esr & 0x80) == 0;
	uint64_t page = permission ? par & 0xfffffffff000 : (hex(column[HPFAR]) & 0xffffffffff0) << 8;

	EXPECT_ROW(!permission || (par & 1) == 0);
	vcpu.syndrome = (struct syndrome){ .esr = esr, .far = abort || ec == 0x22 || ec == 0x34 ? far : 0 };
	vcpu.syndrome.ipa = ipa(abort ? page | (far & 0xfff) : 0);
	vcpu.syndrome.ipa_valid = abort;
	if (!exit_needs_insn(&vcpu.syndrome) || is_aarch32())
		return;
	vcpu.syndrome.insn = (struct abort_insn){ .state = INSN_READ, .word = (uint32_t)hex(column[WORD]) };
	vcpu.syndrome.insn.zva_bytes = 64;
	vcpu.syndrome.insn.sp = before[31];
}

/* --- what it did on memory --------------------------------------------------------------------------- */

/* The register afterwards, by its number; 31 is SP. */
static uint64_t after(unsigned int reg)
{
	char name[8];
	const char *at;

	if (reg == 31)
		strcpy(name, "sp=");
	else
		sprintf(name, "x%02u=", reg);
	at = strstr(column[AFTER], name);
	return at != NULL ? hex(at + strlen(name)) : before[reg];
}

/* The little-endian number that memory held before. */
static uint64_t memory_before(uint64_t va, unsigned int bytes)
{
	uint64_t value = 0, place = va - (hex(column[X0]) & ~UINT64_C(0xfff));

	for (unsigned int n = 0; n < bytes; n++)
		value |= (uint64_t)(uint8_t)((place + n) * 37 + 0x85) << (8 * n);
	return value;
}

/* What was stored, "address:bytes" in one piece: exactly these bytes. */
static void check_stored(uint64_t va, const uint8_t *bytes, size_t nr_bytes)
{
	const char *at = strchr(column[AFTER], ':');
	unsigned int byte;

	EXPECT_ROW(at != NULL && strchr(at + 1, ':') == NULL);
	EXPECT_ROW(strspn(at + 1, "0123456789abcdef") == 2 * nr_bytes);
	for (size_t n = 0; n < nr_bytes; n++)
		EXPECT_ROW(sscanf(at + 1 + 2 * n, "%2x", &byte) == 1 && byte == bytes[n]);
	while (at > column[AFTER] && at[-1] != ' ')
		at--;
	EXPECT_ROW(hex(at) == va);
}

/* Where the destination is a general-purpose register, its value as Corbel would put it there. */
static void check_loaded(const struct exit_mmio *mmio, uint64_t va)
{
	unsigned int bytes = access_width_bytes(mmio->width);

	if (mmio->plan.to_vreg)
		return;
	if (mmio->reg != 31)
		EXPECT_ROW(mmio_read_value(mmio, memory_before(va, bytes)) == after(mmio->reg));
	if (mmio->plan.nr_accesses == 2)
		EXPECT_ROW(mmio_read_value(mmio, memory_before(va + bytes, bytes)) == after(mmio->plan.reg2));
}

static void check_store_data(const struct exit_mmio *mmio, uint64_t va)
{
	const struct mmio_plan *plan = &mmio->plan;
	unsigned int bytes = access_width_bytes(mmio->width);
	uint64_t values[2] = { plan->from_insn ? trap_frame_read(&vcpu.frame, mmio->reg) : mmio->data };
	unsigned int nr_accesses = plan->nr_accesses, regs[2] = { mmio->reg, plan->reg2 };
	uint8_t stored[256] = { 0 };

	values[1] = trap_frame_read(&vcpu.frame, plan->reg2);
	for (unsigned int n = 0; n < nr_accesses * bytes && plan->to_vreg; n++) {
		unsigned int reg_bytes = plan->quad ? 16 : bytes;

		stored[n] = (uint8_t)(16 * regs[n / reg_bytes] + n % reg_bytes);
	}
	for (unsigned int n = 0; n < nr_accesses && !plan->to_vreg && !plan->zero_block; n++)
		memcpy(&stored[n * bytes], &values[n], bytes);
	check_stored(va, stored, (size_t)nr_accesses * bytes);
}

/* --- verbs ------------------------------------------------------------------------------------------- */

static void check_plan(const struct mmio_plan *plan)
{
	EXPECT_ROW(plan->reg2 == number_of("reg2") || plan->nr_accesses == 1 || plan->zero_block);
	EXPECT_ROW(plan->to_vreg == (number_of("vector") == 1));
	EXPECT_ROW(plan->writeback == has_word(" back="));
	if (!plan->writeback)
		return;
	EXPECT_ROW(plan->base_reg == number_of("back"));
	EXPECT_ROW(plan->base_value == hex_of("value"));
	if (strcmp(column[AFTER], "-") != 0)
		EXPECT_ROW(plan->base_value == after(plan->base_reg));
}

static void check_access(enum exit_reason reason)
{
	const struct exit_mmio *mmio = &vcpu.exit.mmio;
	uint64_t va = hex_of("va"), bytes = number_of("bytes");
	bool isv = number_of("isv") == 1, to_register = has_word(" to=");

	EXPECT_ROW(vcpu.exit.reason == reason);
	EXPECT_ROW((hex(column[ESR]) >> 24 & 1) == isv);
	/* The IPA is that of what faulted, which may be within the access (DC ZVA). */
	EXPECT_ROW(mmio->far == va && mmio->addr.raw == hex_of("ipa") + (hex(column[FAR]) - va));
	EXPECT_ROW(hex(column[FAR]) - va < bytes * number_of("n"));
	EXPECT_ROW(bytes == 1U << mmio->width && mmio->plan.nr_accesses == number_of("n"));
	EXPECT_ROW(mmio->reg == number_of("reg") || mmio->plan.zero_block);
	EXPECT_ROW(mmio->plan.from_insn == !isv && mmio->plan.next_access == 0);
	EXPECT_ROW(!isv || vcpu.exit.insn_len == insn_bytes());
	if (reason == EXIT_MMIO_READ && to_register)
		EXPECT_ROW(1U << mmio->reg_width == number_of("to") && mmio->sign_extend == (number_of("sign") == 1));
	if (!isv)
		check_plan(&mmio->plan);
	if (strcmp(column[AFTER], "-") == 0)
		return;
	if (reason == EXIT_MMIO_READ)
		check_loaded(mmio, va);
	else
		check_store_data(mmio, va);
}

static void check_load(void)
{
	check_access(EXIT_MMIO_READ);
}

static void check_store(void)
{
	check_access(EXIT_MMIO_WRITE);
}

static void check_abort(void)
{
	EXPECT_ROW(vcpu.exit.reason == EXIT_FAIL_ENTRY && vcpu.exit.fail_entry.why == FAIL_EXTERNAL_ABORT);
	EXPECT_ROW(vcpu.exit.fail_entry.far == hex(column[FAR]));
	EXPECT_ROW(vcpu.exit.fail_entry.insn_abort == has_word(" fetch "));
	EXPECT_ROW(vcpu.exit.fail_entry.write == has_word(" write "));
	EXPECT_ROW(vcpu.exit.fail_entry.s1ptw == (number_of("walk") == 1));
	EXPECT_ROW((hex(column[ESR]) & 3) == number_of("level"));
}

static void check_refused(void)
{
	EXPECT_ROW((hex(column[ESR]) >> 24 & 1) == 0);
	EXPECT_ROW(vcpu.exit.reason == EXIT_FAIL_ENTRY && vcpu.exit.fail_entry.why == FAIL_EXTERNAL_ABORT);
	EXPECT_ROW(vcpu.exit.fail_entry.far == hex(column[FAR]));
	EXPECT_ROW(!vcpu.exit.fail_entry.insn_abort && !vcpu.exit.fail_entry.s1ptw);
}

static void check_fault(void)
{
	/* Of a table the page: which entry it was, neither FAR_EL2 nor HPFAR_EL2 tells. */
	unsigned int unknown_bits = number_of("walk") == 1 ? 12 : 0;

	EXPECT_ROW(vcpu.exit.reason == EXIT_NESTED_PAGE_FAULT);
	EXPECT_ROW(vcpu.exit.nested_page_fault.addr.raw >> unknown_bits == hex_of("ipa") >> unknown_bits);
	EXPECT_ROW(vcpu.exit.nested_page_fault.far == hex(column[FAR]));
	EXPECT_ROW(vcpu.exit.nested_page_fault.exec == has_word(" fetch "));
	EXPECT_ROW(vcpu.exit.nested_page_fault.write == has_word(" write "));
	EXPECT_ROW(vcpu.exit.nested_page_fault.s1ptw == (number_of("walk") == 1));
	EXPECT_ROW(vcpu.exit.nested_page_fault.permission == (number_of("permission") == 1));
	EXPECT_ROW((hex(column[ESR]) & 3) == number_of("level"));
}

/* objdump's name of the register, where Corbel has a name for one register alone. */
static void check_sysreg_name(uint32_t addr)
{
	const char *name = sysreg_name(addr), *theirs = text_of("name");
	char mine[32];

	if (name == NULL || strpbrk(name, "</") != NULL || strncmp(theirs, "s3_", 3) == 0)
		return;
	EXPECT_ROW(strlen(name) < sizeof(mine));
	strcpy(mine, name);
	if (strchr(mine, ' ') != NULL)
		*strchr(mine, ' ') = '-';
	EXPECT_ROW(strcasecmp(mine, theirs) == 0);
}

static void check_sysreg(void)
{
	const struct exit_sysreg *sysreg = &vcpu.exit.sysreg;
	unsigned int op0, op1, crn, crm, op2;
	bool read = has_word(" read ");

	EXPECT_ROW(sscanf(text_of("op"), "%u,%u,%u,%u,%u", &op0, &op1, &crn, &crm, &op2) == 5);
	EXPECT_ROW(vcpu.exit.reason == (read ? EXIT_SYSREG_READ : EXIT_SYSREG_WRITE));
	EXPECT_ROW(sysreg->addr == (op0 << 20 | op2 << 17 | op1 << 14 | crn << 10 | crm << 1));
	EXPECT_ROW(sysreg->reg == number_of("reg") && vcpu.exit.insn_len == 4);
	if (!read)
		EXPECT_ROW(sysreg->value == (sysreg->reg == 31 ? 0 : before[sysreg->reg]));
	check_sysreg_name(sysreg->addr);
}

static void check_hypercall(void)
{
	bool hvc = has_word(" hvc ");

	EXPECT_ROW(vcpu.exit.reason == EXIT_HYPERCALL);
	EXPECT_ROW(vcpu.exit.hypercall.conduit == (hvc ? CONDUIT_HVC : CONDUIT_SMC));
	EXPECT_ROW(vcpu.exit.hypercall.imm16 == number_of("imm") && vcpu.exit.hypercall.nr == before[0]);
	/* Where ADVANCE leads: behind the instruction, which lies at an address that ends in 0x100. */
	EXPECT_ROW((hex(column[ELR]) + vcpu.exit.insn_len) % 0x1000 == 0x104);
}

static void check_halt(void)
{
	EXPECT_ROW(vcpu.exit.reason == EXIT_HALT);
	EXPECT_ROW(vcpu.exit.halt.wfe == (number_of("wfe") == 1) && !vcpu.exit.halt.has_deadline);
	EXPECT_ROW(vcpu.exit.insn_len == insn_bytes());
}

/* What has no emulation. docs/exits.md says which of its answers, and test_decode.c holds that. */
static void check_class(void)
{
	EXPECT_ROW(hex(column[ESR]) >> 26 == hex_of("ec"));
	EXPECT_ROW(vcpu.exit.reason == EXIT_FAIL_ENTRY && vcpu.exit.fail_entry.why != FAIL_SERROR);
	EXPECT_ROW(vcpu.exit.fail_entry.far == vcpu.syndrome.far);
}

/* What ADVANCE does to PSTATE is what one step of the CPU does: SS goes, ITSTATE moves on. */
static void check_step(void)
{
	uint64_t ss = UINT64_C(1) << 21;

	EXPECT_ROW(hex(column[ESR]) >> 26 == 0x32 && vcpu.exit.reason == EXIT_FAIL_ENTRY);
	EXPECT_ROW(aarch32_advance_itstate(hex_of("before") & ~ss) == hex(column[SPSR]));
}

static struct verb {
	const char *name;
	void (*check)(void);
	unsigned int nr_rows, at_least;
} verbs[] = {
	{ "load", check_load, 0, 150 },		{ "store", check_store, 0, 100 }, { "refuse", check_refused, 0, 30 },
	{ "abort", check_abort, 0, 5 },		{ "fault", check_fault, 0, 50 },  { "sysreg", check_sysreg, 0, 150 },
	{ "hypercall", check_hypercall, 0, 8 }, { "halt", check_halt, 0, 8 },	  { "class", check_class, 0, 60 },
	{ "step", check_step, 0, 30 },
};

static void check_row(void)
{
	struct trap_frame frame;

	memset(&vcpu, 0, sizeof(vcpu));
	memset(&vcpu.exit, 0xa5, sizeof(vcpu.exit));
	set_registers();
	set_syndrome();
	frame = vcpu.frame;
	handle_exception_sync(&vcpu);
	EXPECT_ROW(memcmp(&vcpu.frame, &frame, sizeof(frame)) == 0);
	for (size_t n = 0; n < ARRAY_SIZE(verbs); n++)
		if (is_verb(verbs[n].name)) {
			verbs[n].nr_rows++;
			verbs[n].check();
			return;
		}
	ck_abort_msg("no such verb: %s", expected);
}

START_TEST(test_every_row)
{
	for_each_row("tests/vectors/traps.txt", NR_COLUMNS, EXPECTED, check_row);
	/* The file is whole. */
	for (size_t n = 0; n < ARRAY_SIZE(verbs); n++)
		ck_assert_msg(verbs[n].nr_rows >= verbs[n].at_least, "%u rows of %s", verbs[n].nr_rows, verbs[n].name);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("vectors");
	TCase *tcase = tcase_create("vectors");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_every_row);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
