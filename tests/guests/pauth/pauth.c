/*
 * Pointer authentication and branch target identification, for a CPU that has both. Two such VMs on one host CPU
 * (bootargs: seed=N) sign pointers with keys of their own through thousands of sleeps; the second (bootargs: first-use)
 * first proves that it does not begin with the keys that the other has left in the machine. [DDI0487 D8.10, D8.4.3]
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/gic.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define ROUNDS	    2000
#define SLEEP_US    20
#define OTHER_MS    300 /* so long the other VM has the CPU by turns before this one's first use */
#define SCTLR_KEYS  (1UL << 31 | 1UL << 30 | 1UL << 27 | 1UL << 13) /* EnIA, EnIB, EnDA, EnDB */
#define DESC_GP	    (1UL << 50)
#define EC_BTI	    0x0d
#define EC_PAC_FAIL 0x1c
#define ESR_BTYPE   3UL

uint64_t sign_ia(uint64_t pointer, uint64_t modifier);
uint64_t sign_ib(uint64_t pointer, uint64_t modifier);
uint64_t sign_da(uint64_t pointer, uint64_t modifier);
uint64_t sign_db(uint64_t pointer, uint64_t modifier);
uint64_t sign_ga(uint64_t pointer, uint64_t modifier);
uint64_t auth_ia(uint64_t pointer, uint64_t modifier);
uint64_t auth_ib(uint64_t pointer, uint64_t modifier);
uint64_t auth_da(uint64_t pointer, uint64_t modifier);
uint64_t auth_db(uint64_t pointer, uint64_t modifier);
void write_keys(const uint64_t keys[10]);
void read_keys(uint64_t keys[10]);
uint64_t call_by_x9(uint64_t address);
extern char call_return[], bti_page[], bti_good[], bti_bad[];

typedef uint64_t (*pauth_fn)(uint64_t pointer, uint64_t modifier);
static const pauth_fn sign[5] = { sign_ia, sign_ib, sign_da, sign_db, sign_ga };
static const pauth_fn auth[4] = { auth_ia, auth_ib, auth_da, auth_db };
static const char *const key_names[5] = { "IA", "IB", "DA", "DB", "GA" };

static uint64_t keys[10];

static bool has_pauth(void)
{
	return (READ_REG(id_aa64isar1_el1) & 0xff0) != 0 || (READ_REG(s3_0_c0_c6_2) & 0xf000) != 0;
}

static void make_keys(uint64_t seed)
{
	for (unsigned int n = 0; n < 10; n++)
		keys[n] = (seed + n + 1) * 0x9e3779b97f4a7c15UL;
}

/* Before this CPU has touched a key: by instruction, so that nothing but the instruction itself can give the keys. */
static void test_first_use(void)
{
	static const uint64_t zeros[10];
	uint64_t pointer = (uint64_t)keys, read[10], first, of_zeros, any = 0;
	struct caught c;

	spin_ticks(timer_ms(OTHER_MS));
	catch_begin(0);
	first = sign_ia(pointer, 1);
	read_keys(read);
	c = catch_end();
	tap_is(c.count, 0, "the first PACIA, and the first read of a key, just work");
	for (unsigned int n = 0; n < 10; n++)
		any |= read[n];
	tap_is(any, 0, "the keys are zero after reset: nobody else's are left in them");
	write_keys(zeros);
	of_zeros = sign_ia(pointer, 1);
	tap_is(first, of_zeros, "the first PACIA used those");
	write_keys(keys);
	tap_ok(sign_ia(pointer, 1) != of_zeros, "another key gives another code (%lx, %lx)", sign_ia(pointer, 1),
	       of_zeros);
}

static void sleep(void)
{
	WRITE_REG(cntv_cval_el0, timer_now() + timer_us(SLEEP_US));
	WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	do {
		wfi();
		isb();
	} while (!(READ_REG(cntv_ctl_el0) & TIMER_ISTATUS));
	WRITE_REG(cntv_ctl_el0, 0);
}

/* A pointer signed before a sleep is the same pointer after it, and a code of the other VM would not be. */
static void test_keys_move(void)
{
	unsigned int wrong_code[5] = { 0 }, wrong_auth[4] = { 0 };
	uint64_t pointer = (uint64_t)keys;

	write_keys(keys);
	for (uint64_t round = 0; round < ROUNDS; round++) {
		uint64_t code[5];

		for (unsigned int k = 0; k < 5; k++)
			code[k] = sign[k](pointer, round);
		sleep();
		for (unsigned int k = 0; k < 5; k++)
			wrong_code[k] += sign[k](pointer, round) != code[k];
		catch_begin(0);
		for (unsigned int k = 0; k < 4; k++)
			wrong_auth[k] += auth[k](code[k], round) != pointer;
		wrong_auth[0] += catch_end().count;
		if (round % 200 == 0)
			tap_note("round %lu", round);
	}
	for (unsigned int k = 0; k < 5; k++)
		tap_is(wrong_code[k], 0, "key %s: the same code after each of %u sleeps", key_names[k], ROUNDS);
	for (unsigned int k = 0; k < 4; k++)
		tap_is(wrong_auth[k], 0, "key %s: AUT* takes what PAC* made before the sleep", key_names[k]);
}

/* With FEAT_FPAC the instruction faults, without it makes an address that nobody can use. */
static void test_refusal(void)
{
	uint64_t pointer = (uint64_t)keys, got;
	struct caught c;

	catch_begin(0);
	got = auth_ia(sign_ia(pointer, 1), 2);
	c = catch_end();
	tap_ok(c.count == 1 ? ESR_EC(c.esr) == EC_PAC_FAIL : got != pointer,
	       "AUTIA with another modifier: refused (esr=%lx, got=%lx)", c.esr, got);
}

static void test_bti(void)
{
	uint64_t offset = (uint64_t)bti_bad - (uint64_t)bti_page;
	struct caught c;

	mmu_map_page(MMU_PAGES, (uint64_t)bti_page | DESC_GP);
	catch_begin(0);
	tap_is(call_by_x9(MMU_PAGES + ((uint64_t)bti_good - (uint64_t)bti_page)), 1, "BLR to BTI c in a guarded page");
	tap_is(catch_end().count, 0, "BTI c: no exception");
	catch_begin((uint64_t)call_return);
	call_by_x9(MMU_PAGES + offset);
	c = catch_end();
	tap_is(ESR_EC(c.esr), EC_BTI, "BLR to another instruction: Branch Target exception");
	tap_is(ESR_ISS(c.esr) & ESR_BTYPE, 2, "its BTYPE is BLR's");
	tap_is(c.elr, MMU_PAGES + offset, "its ELR is the target");
	catch_begin(0);
	tap_is(call_by_x9((uint64_t)bti_bad), 2, "the same code in a page that is not guarded runs");
	tap_is(catch_end().count, 0, "and takes no exception");
}

void guest_main(void)
{
	if (!has_pauth() || (READ_REG(id_aa64pfr1_el1) & 0xf) == 0)
		tap_bail("wants a CPU with FEAT_PAuth and FEAT_BTI: isar1=%lx pfr1=%lx", READ_REG(id_aa64isar1_el1),
			 READ_REG(id_aa64pfr1_el1));
	make_keys(bootargs_number("seed"));
	gic_init();
	gic_init_cpu();
	gic_enable(TIMER_VIRT_INTID);
	WRITE_REG(sctlr_el1, READ_REG(sctlr_el1) | SCTLR_KEYS);
	isb();
	if (bootargs_number("first-use") != 0)
		test_first_use();
	test_keys_move();
	test_refusal();
	test_bti();
	tap_done();
}
