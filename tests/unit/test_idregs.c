/* idregs.c: what a guest sees of hosts that have everything, nothing, or what QEMU's CPUs have. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"
#include "vcpu/idregs.h"

static uint64_t host[ID_REGS_NR];
static struct id_regs guest;

/* Slots by CRm and op2, as the encoding has them: not by our names. */
#define SLOT(crm, op2) ((crm - 1) * 8 + op2)

/* Every nibble of every register, of a host whose fields all read 0xf: exactly this is shown. */
static const struct {
	unsigned int slot;
	uint64_t value;
} shown_of_ones[] = {
	{ SLOT(1, 0), 0x0f01ffff }, /* ID_PFR0: DIT, CSV2 capped, State0-3 */
	{ SLOT(1, 1), 0x00020f0f }, /* ID_PFR1: GenTimer capped, MProgMod, ProgMod */
	{ SLOT(1, 2), 0x00000006 }, /* ID_DFR0: Armv8 debug */
	{ SLOT(1, 4), 0xffffffff },	    { SLOT(1, 5), 0xffffffff }, { SLOT(1, 6), 0xffffffff },
	{ SLOT(1, 7), 0xffffffff },	    { SLOT(2, 0), 0xffffffff }, { SLOT(2, 1), 0xffffffff },
	{ SLOT(2, 2), 0xffffffff },	    { SLOT(2, 3), 0xffffffff }, { SLOT(2, 4), 0xffffffff },
	{ SLOT(2, 5), 0xffffffff },	    { SLOT(2, 6), 0x0ffff00f }, /* ID_MMFR4: without EVT, XNX, AC2 */
	{ SLOT(2, 7), 0xffffffff },	    { SLOT(3, 0), 0xffffffff }, { SLOT(3, 1), 0xffffffff },
	{ SLOT(3, 2), 0xffffffff },	    { SLOT(3, 4), 0x000000ff }, /* ID_PFR2: SSBS, CSV3 */
	{ SLOT(3, 6), 0x000000ff },					/* ID_MMFR5: nTLBPA, ETS */
	{ SLOT(4, 0), 0xf10f000000ff0012 }, /* PFR0: CSV3, CSV2=1, DIT, AdvSIMD, FP, EL1=1, EL0=2 */
	{ SLOT(4, 1), 0x00000000000000ff }, /* PFR1: SSBS, BT */
	{ SLOT(5, 0), 0x000000f0f0f0f006 }, /* DFR0: no double lock, CTX_CMPs, WRPs, BRPs, Armv8 */
	{ SLOT(6, 0), 0xfffffffff02ffff0 }, /* ISAR0: no TME, Atomic=2 */
	{ SLOT(6, 1), 0x00fff1ffff2ff55f }, /* ISAR1: no LS64, XS; SPECRES=1, LRCPC=2, API=5, APA=5 */
	{ SLOT(6, 2), 0x00ff0000fff05ff0 }, /* ISAR2: CSSC, RPRFM, CLRBHB, PAC_frac, BC, APA3=5, GPA3, RPRES */
	{ SLOT(7, 0), 0x1000f000fff000f2 }, /* MMFR0: ECV=1, ExS, TGran4/64/16, ASIDBits, PARange=40 */
	{ SLOT(7, 1), 0xf00ff0f00f302002 }, /* MMFR1: ECBHB, nTLBPA, AFP, ETS, SpecSEI, PAN=3, HPDS=2, HAFDBS=2 */
	{ SLOT(7, 2), 0xf02f001ff0f10fff }, /* MMFR2: E0PD, BBM=2, TTL, IDS=1, AT, ST, CCIDX, VARange=1, LSM, UAO, CnP
					     */
};

START_TEST(test_host_of_ones)
{
	uint64_t expected[ID_REGS_NR] = { 0 };

	memset(host, 0xff, sizeof(host));
	memset(&guest, 0x77, sizeof(guest));
	idregs_sanitise(&guest, host, false);
	for (size_t i = 0; i < ARRAY_SIZE(shown_of_ones); i++)
		expected[shown_of_ones[i].slot] = shown_of_ones[i].value;
	for (unsigned int slot = 0; slot < ID_REGS_NR; slot++)
		ck_assert_msg(guest.value[slot] == expected[slot], "CRm %u op2 %u: %#lx, not %#lx", slot / 8 + 1,
			      slot % 8, (unsigned long)guest.value[slot], (unsigned long)expected[slot]);
	ck_assert_uint_eq(guest.revidr, 0x7777777777777777);
}
END_TEST

/* A host that has nothing: only what every CPU has, and what Corbel emulates. */
START_TEST(test_host_of_zeroes)
{
	memset(host, 0, sizeof(host));
	idregs_sanitise(&guest, host, false);
	for (unsigned int slot = 0; slot < ID_REGS_NR; slot++) {
		uint64_t expected = 0;

		if (slot == SLOT(4, 0))
			expected = 0x10;
		if (slot == SLOT(5, 0))
			expected = 0xf000000006;
		ck_assert_uint_eq(guest.value[slot], expected);
	}
}
END_TEST

START_TEST(test_gic_is_the_vms)
{
	memset(host, 0xff, sizeof(host));
	idregs_sanitise(&guest, host, true);
	ck_assert_uint_eq((guest.value[SLOT(4, 0)] >> 24) & 0xf, 1);
	ck_assert_uint_eq(guest.value[SLOT(1, 1)] >> 28, 0);
	memset(host, 0, sizeof(host));
	idregs_sanitise(&guest, host, true);
	ck_assert_uint_eq((guest.value[SLOT(4, 0)] >> 24) & 0xf, 1);
	idregs_sanitise(&guest, host, false);
	ck_assert_uint_eq((guest.value[SLOT(4, 0)] >> 24) & 0xf, 0);
}
END_TEST

/* A cap never raises: each field alone, over all its values, gives at most the host's, and nothing anywhere else. */
START_TEST(test_fields_never_grow)
{
	for (unsigned int slot = 0; slot < ID_REGS_NR; slot++) {
		for (unsigned int lsb = 0; lsb < 64; lsb += 4) {
			uint64_t base[ID_REGS_NR];

			memset(host, 0, sizeof(host));
			idregs_sanitise(&guest, host, false);
			memcpy(base, guest.value, sizeof(base));
			for (uint64_t value = 1; value < 16; value++) {
				uint64_t difference;

				host[slot] = value << lsb;
				idregs_sanitise(&guest, host, false);
				difference = guest.value[slot] ^ base[slot];
				ck_assert_uint_eq(difference & ~(UINT64_C(0xf) << lsb), 0);
				if (difference != 0)
					ck_assert_uint_le((guest.value[slot] >> lsb) & 0xf, value);
			}
		}
	}
}
END_TEST

/* Cortex-A72 r0p3, from its manual: what it shows to a guest is what it is, but for EL2, EL3, PMU and 44 bits.
 */
START_TEST(test_cortex_a72)
{
	memset(host, 0, sizeof(host));
	host[ID_AA64PFR0_EL1] = 0x2222;
	host[ID_AA64DFR0_EL1] = 0x10305106;
	host[ID_AA64ISAR0_EL1] = 0x11120;
	host[ID_AA64MMFR0_EL1] = 0x1124;
	idregs_sanitise(&guest, host, false);
	ck_assert_uint_eq(guest.value[SLOT(4, 0)], 0x12);
	ck_assert_uint_eq(guest.value[SLOT(5, 0)], 0xf010305006);
	ck_assert_uint_eq(guest.value[SLOT(6, 0)], 0x11120);
	ck_assert_uint_eq(guest.value[SLOT(7, 0)], 0x22);
}
END_TEST

START_TEST(test_pauth)
{
	static const struct {
		unsigned int slot, lsb;
	} fields[] = {
		{ SLOT(6, 1), 4 },  { SLOT(6, 1), 8 }, { SLOT(6, 1), 24 },
		{ SLOT(6, 1), 28 }, { SLOT(6, 2), 8 }, { SLOT(6, 2), 12 },
	};

	memset(host, 0, sizeof(host));
	idregs_sanitise(&guest, host, false);
	ck_assert(!idregs_show_pauth(&guest));
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		memset(host, 0, sizeof(host));
		host[fields[i].slot] = UINT64_C(1) << fields[i].lsb;
		idregs_sanitise(&guest, host, false);
		ck_assert(idregs_show_pauth(&guest));
	}
	memset(host, 0, sizeof(host));
	host[SLOT(6, 1)] = 0x00ffffff00fff00f;
	host[SLOT(6, 2)] = ~UINT64_C(0xff00);
	idregs_sanitise(&guest, host, false);
	ck_assert(!idregs_show_pauth(&guest));
}
END_TEST

START_TEST(test_names)
{
	unsigned int nr_named = 0;

	ck_assert_str_eq(idregs_name(SLOT(4, 0)), "ID_AA64PFR0_EL1");
	ck_assert_str_eq(idregs_name(SLOT(7, 4)), "ID_AA64MMFR4_EL1");
	ck_assert_str_eq(idregs_name(SLOT(2, 6)), "ID_MMFR4_EL1");
	ck_assert_str_eq(idregs_name(SLOT(3, 5)), "ID_DFR1_EL1");
	ck_assert_str_eq(idregs_name(SLOT(6, 3)), "ID_AA64ISAR3_EL1");
	ck_assert_str_eq(idregs_name(SLOT(4, 5)), "ID_AA64SMFR0_EL1");
	for (unsigned int slot = 0; slot < ID_REGS_NR + 10; slot++)
		nr_named += idregs_name(slot) != NULL;
	ck_assert_uint_eq(nr_named, 42);
	ck_assert_ptr_null(idregs_name(SLOT(3, 3)));
	ck_assert_ptr_null(idregs_name(ID_REGS_NR));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("idregs");
	TCase *tcase = tcase_create("idregs");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, test_host_of_ones);
	tcase_add_test(tcase, test_host_of_zeroes);
	tcase_add_test(tcase, test_gic_is_the_vms);
	tcase_add_test(tcase, test_fields_never_grow);
	tcase_add_test(tcase, test_cortex_a72);
	tcase_add_test(tcase, test_pauth);
	tcase_add_test(tcase, test_names);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed != 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
