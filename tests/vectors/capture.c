/*
 * Tries one instruction after another at EL1 and EL0 and prints what the CPU puts into EL2's registers when it traps:
 * the raw material of traps.txt. Bare metal on QEMU's virt with virtualization=on, MMU of EL2 off. It shares no header
 * with Corbel. [DDI0487 D8 (translation), D19 (registers)]
 *
 * Lines:  T case slot esr far hpfar elr spsr par       it trapped
 *         A case reg=value ... address:bytes ...       what it did when there was memory; after its T
 *         E case vector esr far elr spsr pstate sctlr mmfr1 pfr1   EL1 had it: its registers, PSTATE at its vector
 *         N case                                       nothing happened
 */
#include "tests/vectors/capture.h"

#define UART	   0x09000000UL
#define UART_FR	   0x18
#define UART_TXFF  0x20U
#define BIT(n)	   (1UL << (n))
#define PAGE_BYTES 4096UL
#define BLOCK	   (2UL << 20)

/* Where the guest sees the regions: one table of 2 MiB blocks at a high address and at one that AArch32 can reach. */
#define HIGH	 0xffff8a5bc0000000UL
#define LOW	 0x80000000UL
#define READONLY 256 /* from here on in the table the regions again, read-only, so that EL1 may execute there */

/* IPAs. Stage 2 has 40 bits: level 1 is two tables, 1 GiB an entry. */
#define IPA_HOLE_L1 0x9240000000UL
#define IPA_LIMITED 0xd300000000UL
#define IPA_TOO_BIG 0x18000000000UL
#define PA_NOTHING  0x3000000000UL
#define PA_TOO_BIG  0x20000000000UL

#define READ_REG(name)                                                       \
	({                                                                   \
		uint64_t value_;                                             \
		__asm__ volatile("mrs %0, " #name : "=r"(value_)::"memory"); \
		value_;                                                      \
	})
#define WRITE_REG(name, value) __asm__ volatile("msr " #name ", %0" ::"r"((uint64_t)(value)) : "memory")

#define TABLE static uint64_t __attribute__((aligned(8192)))
TABLE s1_l0_low[512];
TABLE s1_l0_high[512];
TABLE s1_l1_low[512];
TABLE s1_l1_high[512];
TABLE s1_l2_code[512];
TABLE s1_l2_regions[512];
TABLE s2_l1[1024];
TABLE s2_l2_limited[512];
TABLE s2_l3_empty[512];

/* Descriptors. [DDI0487 D8.3] */
#define DESC_TABLE 3UL
#define DESC_BLOCK 1UL
#define DESC_AF	   BIT(10)
#define DESC_SH_IS (3UL << 8)
#define S1_DEVICE  (1UL << 2) /* MAIR's second */
#define S1_RW_ALL  (1UL << 6)
#define S1_RO_ALL  (3UL << 6)
#define S2_NORMAL  (15UL << 2)
#define S2_DEVICE  (1UL << 2)
#define S2_R	   (1UL << 6)
#define S2_RW	   (3UL << 6)
#define S2_XN	   BIT(54)
#define S2_RAM	   (DESC_BLOCK | DESC_AF | DESC_SH_IS | S2_NORMAL | S2_RW)

#define HCR_BASE                                                                                                  \
	(BIT(0) /* VM */ | BIT(1) /* SWIO */ | BIT(2) /* PTW */ | BIT(3) /* FMO */ | BIT(4) /* IMO */ |           \
	 BIT(5) /* AMO */ | BIT(9) /* FB */ | BIT(10) /* BSU */ | BIT(13) /* TWI */ | BIT(14) /* TWE */ |         \
	 BIT(16) /* TID1 */ | BIT(17) /* TID2 */ | BIT(18) /* TID3 */ | BIT(19) /* TSC */ | BIT(20) /* TIDCP */ | \
	 BIT(21) /* TACR */ | BIT(22) /* TSW */ | BIT(23) /* TPC */ | BIT(24) /* TPU */ | BIT(25) /* TTLB */ |    \
	 BIT(26) /* TVM */ | BIT(30) /* TRVM */ | BIT(31) /* RW */ | BIT(35) /* TLOR */ | BIT(36) /* TERR */ |    \
	 BIT(37) /* TEA */)
#define HCR_TGE BIT(27)
#define MDCR_BASE                                                                                              \
	(BIT(5) /* TPMCR */ | BIT(6) /* TPM */ | BIT(9) /* TDA */ | BIT(10) /* TDOSA */ | BIT(11) /* TDRA */ | \
	 BIT(19) /* TTRF */)
/* RES1, UCI, nTWE, nTWI, UCT, DZE, I, UMA, CP15BEN, SA0, SA, C, M; EnIA, EnIB, EnDA, EnDB. */
#define SCTLR_BASE                                                                                             \
	(0x30500800UL | BIT(26) | BIT(18) | BIT(16) | BIT(15) | BIT(14) | BIT(12) | BIT(9) | BIT(5) | BIT(4) | \
	 BIT(3) | BIT(2) | BIT(0) | BIT(31) | BIT(30) | BIT(27) | BIT(13))
#define SCTLR_SPAN  BIT(23)
#define SCTLR_DSSBS BIT(44)
#define MDCR_TDE    BIT(8)
#define CPTR_BASE   (0x33ffUL /* RES1, TZ, TSM */ | BIT(20) /* TTA */ | BIT(31) /* TCPAC */)
#define CPTR_TFP    BIT(10)

/* --- printing -------------------------------------------------------------------------------------- */

static void put_char(char c)
{
	while (*(volatile uint32_t *)(UART + UART_FR) & UART_TXFF)
		;
	*(volatile uint32_t *)UART = (uint8_t)c;
}

static void put_text(const char *text)
{
	for (; *text; text++)
		put_char(*text);
}

static void put_digits(uint64_t value, unsigned int nr_digits)
{
	for (unsigned int n = nr_digits; n > 0; n--)
		put_char("0123456789abcdef"[value >> (4 * (n - 1)) & 15]);
}

static void put_hex(uint64_t value)
{
	unsigned int nr_digits = 1;

	while (nr_digits < 16 && value >> (4 * nr_digits) != 0)
		nr_digits++;
	put_digits(value, nr_digits);
}

static void put_field(uint64_t value)
{
	put_char(' ');
	put_hex(value);
}

void capture_fault(uint64_t esr, uint64_t elr, uint64_t far)
{
	put_text("\nFAULT");
	put_field(esr);
	put_field(elr);
	put_field(far);
	put_text("\n");
}

/* --- translation ----------------------------------------------------------------------------------- */

static uint64_t table_at(const void *table)
{
	return (uint64_t)table | DESC_TABLE;
}

/* One of the regions that cases.py names by its number, writable and read-only. */
static void region_block(unsigned int n, uint64_t ipa, uint64_t attributes)
{
	uint64_t desc = ipa | DESC_BLOCK | DESC_AF | DESC_SH_IS | attributes;

	s1_l2_regions[n] = desc | S1_RW_ALL;
	s1_l2_regions[READONLY + n] = desc | S1_RO_ALL;
}

static void region_table(unsigned int n, uint64_t ipa)
{
	s1_l2_regions[n] = ipa | DESC_TABLE;
	s1_l2_regions[READONLY + n] = ipa | DESC_TABLE;
}

static void make_stage1(void)
{
	s1_l0_low[0] = table_at(s1_l1_low);
	s1_l0_high[(HIGH >> 39) & 511] = table_at(s1_l1_high);
	s1_l1_low[1] = table_at(s1_l2_code);
	s1_l1_low[LOW >> 30] = table_at(s1_l2_regions);
	s1_l1_high[(HIGH >> 30) & 511] = table_at(s1_l2_regions);
	for (unsigned int n = 0; n < 8; n++)
		s1_l2_code[n] = (0x40000000UL + n * BLOCK) | DESC_BLOCK | DESC_AF | DESC_SH_IS | S1_RO_ALL;
	region_block(0, IPA_HOLE_L1 + (SCRATCH & (BIT(30) - 1)), 0);
	region_block(1, IPA_HOLE_L1 + (SCRATCH & (BIT(30) - 1)) + BLOCK, S1_DEVICE);
	for (unsigned int n = 0; n < 8; n++) /* 2 to 9 */
		region_block(2 + n, IPA_LIMITED + n * BLOCK, 0);
	region_block(10, IPA_TOO_BIG, 0);
	region_table(11, IPA_HOLE_L1);
	for (unsigned int n = 0; n < 9; n++) /* 12 to 20 */
		region_table(12 + n, IPA_LIMITED + n * BLOCK);
	region_table(21, IPA_TOO_BIG);
}

static void make_stage2(void)
{
	const uint64_t ram = DESC_BLOCK | DESC_AF | DESC_SH_IS | S2_NORMAL;

	s2_l1[1] = 0x40000000UL | S2_RAM;
	s2_l1[IPA_LIMITED >> 30] = table_at(s2_l2_limited);
	/* The first stays empty: a miss at level 2. */
	s2_l2_limited[1] = table_at(s2_l3_empty);
	s2_l2_limited[2] = LIMITED | ram | S2_R;
	s2_l2_limited[3] = LIMITED | ram;
	s2_l2_limited[4] = (LIMITED | ram | S2_RW) & ~DESC_AF;
	s2_l2_limited[5] = LIMITED | ram | S2_RW | S2_XN;
	s2_l2_limited[6] = PA_NOTHING | ram | S2_RW;
	s2_l2_limited[7] = PA_TOO_BIG | ram | S2_RW;
	s2_l2_limited[8] = LIMITED | DESC_BLOCK | DESC_AF | S2_DEVICE | S2_RW;
}

static void flush(void)
{
	__asm__ volatile("dsb ish\n\ttlbi vmalls12e1is\n\tdsb ish\n\tic iallu\n\tdsb ish\n\tisb" ::: "memory");
}

/* The hole of level 1, and whether there is memory in it: a block of 1 GiB over RAM. */
static void fill_hole(int with_memory)
{
	s2_l1[IPA_HOLE_L1 >> 30] = with_memory ? 0x40000000UL | S2_RAM : 0;
	flush();
}

static void set_up(void)
{
	make_stage1();
	make_stage2();
	WRITE_REG(mair_el1, 0x04ff); /* normal; device nGnRE */
	/* 48 bits below and above, 4 KiB, write-back, inner shareable; IPAs of 44 bits. */
	WRITE_REG(tcr_el1, 16UL | 0x3500UL | 16UL << 16 | 0x35000000UL | 2UL << 30 | 4UL << 32);
	WRITE_REG(ttbr0_el1, s1_l0_low);
	WRITE_REG(ttbr1_el1, s1_l0_high);
	WRITE_REG(cpacr_el1, 3UL << 24 | 3UL << 20 | 3UL << 16); /* SME, FP, SVE */
	WRITE_REG(vttbr_el2, s2_l1);
	WRITE_REG(vtcr_el2, 24UL | 1UL << 6 | 0x3500UL | 2UL << 16 | BIT(31)); /* 40 bits, from level 1 */
	WRITE_REG(cnthctl_el2, 0);
	WRITE_REG(cntkctl_el1, 0x303);
	WRITE_REG(hstr_el2, 0);
	WRITE_REG(pmuserenr_el0, 15);
	WRITE_REG(oslar_el1, 0); /* or no debug exceptions */
}

/* --- one case -------------------------------------------------------------------------------------- */

/*
 * x0-x27 lie 0x110 apart, from the base on; then 16, -16, 3 for offsets. The stack pointers are the base + 0x4000. The
 * bytes of V0-V31 are their numbers.
 */
static void set_registers(const struct vector_case *c, uint64_t x[31])
{
	for (unsigned int n = 0; n < 28; n++)
		x[n] = c->base + 0x110 * n;
	x[28] = 16;
	x[29] = (uint64_t)-16;
	x[30] = 3;
	for (unsigned int n = 0; n < 31 && (c->flags & FLAG_AARCH32) != 0; n++)
		x[n] &= 0xffffffff;
	WRITE_REG(sp_el0, c->base + 0x4000);
	WRITE_REG(sp_el1, c->base + 0x4000);
}

static void set_vectors(void)
{
	static uint8_t __attribute__((aligned(16))) bytes[512];

	for (unsigned int n = 0; n < 512; n++)
		bytes[n] = (uint8_t)n;
	WRITE_REG(cptr_el2, CPTR_BASE);
	__asm__ volatile("isb");
	load_vectors(bytes);
}

static void set_controls(const struct vector_case *c)
{
	uint64_t nr_counters = READ_REG(pmcr_el0) >> 11 & 31;

	WRITE_REG(hcr_el2, HCR_BASE | (c->flags & FLAG_TGE ? HCR_TGE : 0));
	WRITE_REG(mdcr_el2, MDCR_BASE | nr_counters | (c->flags & FLAG_TDE ? MDCR_TDE : 0));
	WRITE_REG(cptr_el2, CPTR_BASE | (c->flags & FLAG_TFP ? CPTR_TFP : 0));
	WRITE_REG(sctlr_el1,
		  SCTLR_BASE | (c->flags & FLAG_NO_SPAN ? 0 : SCTLR_SPAN) | (c->flags & FLAG_DSSBS ? SCTLR_DSSBS : 0));
	/* SS; KDE, MDE */
	WRITE_REG(mdscr_el1,
		  (c->flags & FLAG_STEP ? 1UL : 0) | BIT(13) | (c->flags & (FLAG_BREAK | FLAG_WATCH) ? BIT(15) : 0));
	WRITE_REG(dbgbvr0_el1, c->pc);
	WRITE_REG(dbgbcr0_el1, c->flags & FLAG_BREAK ? 0x1e7UL : 0); /* all bytes, EL1 and EL0 */
	WRITE_REG(dbgwvr0_el1, c->base + 0x220);
	WRITE_REG(dbgwcr0_el1, c->flags & FLAG_WATCH ? 0x1fffUL : 0);
}

/* The instruction, and behind it one that says that it did not trap. */
static void put_code(const struct vector_case *c)
{
	uint32_t sentinel = 0xd4000000UL | SENTINEL << 5 | ((c->spsr & 4) != 0 ? 2 /* hvc */ : 1 /* svc */);
	uint8_t *at = (uint8_t *)c->pc;

	if (c->flags & FLAG_FETCH)
		return;
	for (unsigned int n = 0; n < c->nr_bytes; n++)
		at[n] = (uint8_t)(c->insn >> (8 * n));
	if (c->flags & FLAG_THUMB)
		sentinel = 0xdf00df00; /* svc #0, twice */
	else if (c->flags & FLAG_AARCH32)
		sentinel = 0xef000000;
	/* An IT block may skip three of them. */
	for (unsigned int n = 0; n < 8; n++)
		at[c->nr_bytes + n] = (uint8_t)(sentinel >> (8 * (n % 4)));
}

static void enter(const struct vector_case *c, struct trap *trap)
{
	uint64_t x[31];

	set_registers(c, x);
	set_vectors();
	put_code(c);
	set_controls(c);
	WRITE_REG(elr_el2, c->pc);
	WRITE_REG(spsr_el2, c->spsr);
	WRITE_REG(far_el2, 0);
	WRITE_REG(hpfar_el2, 0);
	WRITE_REG(far_el1, 0);
	__asm__ volatile("clrex");
	flush();
	run_until_trap(x, trap);
	for (unsigned int n = 0; n < 31; n++)
		trap->x[n] ^= x[n];
}

static unsigned int class_of(uint64_t esr)
{
	return esr >> 26 & 63;
}

/* The sentinel's HVC, or what EL1's vectors do of its SVC, or that SVC under TGE. */
static int is_sentinel(const struct vector_case *c, const struct trap *trap)
{
	unsigned int class = class_of(trap->esr), class_el1 = class_of(READ_REG(esr_el1));
	uint64_t after = c->pc + c->nr_bytes;

	if (class == 0x16 && (trap->esr & 0xffff) == HVC_FROM_EL1)
		return (class_el1 == 0x15 || class_el1 == 0x11) && READ_REG(elr_el1) > after;
	return (class == 0x16 || class == 0x15 || class == 0x11) && trap->elr > after;
}

/* The IPA of a permission fault is not in HPFAR_EL2: stage 1 says it. [DDI0487 HPFAR_EL2] */
static uint64_t walk(const struct vector_case *c, const struct trap *trap)
{
	unsigned int class = class_of(trap->esr);

	if ((class != 0x20 && class != 0x24) || (trap->esr & 0x3c) != 0x0c || (trap->esr & 0x80) != 0)
		return 0;
	if ((c->spsr & 15) == 0)
		__asm__ volatile("at s1e0r, %0\n\tisb" ::"r"(trap->far));
	else
		__asm__ volatile("at s1e1r, %0\n\tisb" ::"r"(trap->far));
	return READ_REG(par_el1);
}

static void print_trap(uint32_t n, const struct vector_case *c, const struct trap *trap)
{
	put_text("T");
	put_field(n);
	put_field(trap->slot);
	put_field(trap->esr);
	put_field(trap->far);
	put_field(trap->hpfar);
	put_field(trap->elr);
	put_field(trap->spsr);
	put_field(walk(c, trap));
	for (unsigned int r = 0; r < 31; r++)
		if (trap->x[r] != 0)
			put_text(" CHANGED");
	put_text("\n");
}

/* The vector is that of the HVC, which has PSTATE as the exception left it. */
static void print_taken(uint32_t n, const struct trap *trap)
{
	put_text("E");
	put_field(n);
	put_field(trap->elr - 4 - READ_REG(vbar_el1));
	put_field(READ_REG(esr_el1));
	put_field(READ_REG(far_el1));
	put_field(READ_REG(elr_el1));
	put_field(READ_REG(spsr_el1));
	put_field(trap->spsr);
	put_field(READ_REG(sctlr_el1));
	put_field(READ_REG(id_aa64mmfr1_el1));
	put_field(READ_REG(id_aa64pfr1_el1));
	put_text("\n");
}

/* --- the same with memory -------------------------------------------------------------------------- */

#define WINDOW_BYTES 0x5000U /* from the page of x0 on */
#define WINDOW_WORDS (WINDOW_BYTES / 8)

/* What memory holds before a run; inverted in a second run, so that each byte stored differs in one. */
static uint64_t __attribute__((aligned(8))) patterns[2][WINDOW_WORDS];
static uint8_t stored[WINDOW_BYTES], is_stored[WINDOW_BYTES];

static void make_patterns(void)
{
	for (unsigned int n = 0; n < WINDOW_BYTES; n++) {
		((uint8_t *)patterns[0])[n] = (uint8_t)(n * 37 + 0x85);
		((uint8_t *)patterns[1])[n] = (uint8_t) ~(n * 37 + 0x85);
	}
}

static uint64_t *window_of(const struct vector_case *c)
{
	uint64_t region = (c->base >> 21) & 1;

	return (uint64_t *)(SCRATCH + region * BLOCK + (c->base & (BLOCK - 1) & ~0xfffUL));
}

static void note_stored(unsigned int word, uint64_t value, uint64_t pattern)
{
	for (unsigned int n = 0; n < 8; n++)
		if ((uint8_t)(value >> (8 * n)) != (uint8_t)(pattern >> (8 * n))) {
			is_stored[8 * word + n] = 1;
			stored[8 * word + n] = (uint8_t)(value >> (8 * n));
		}
}

static int run_on_ram(const struct vector_case *c, struct trap *trap, const uint64_t *pattern)
{
	volatile uint64_t *window = window_of(c);

	for (unsigned int n = 0; n < WINDOW_WORDS; n++)
		window[n] = pattern[n];
	enter(c, trap);
	for (unsigned int n = 0; n < WINDOW_WORDS; n++)
		if (window[n] != pattern[n])
			note_stored(n, window[n], pattern[n]);
	return is_sentinel(c, trap);
}

static void print_changes(uint32_t number, const struct vector_case *c, const struct trap *trap)
{
	uint64_t x[31], sp = c->spsr & 1 ? trap->sp_el1 : trap->sp_el0;

	set_registers(c, x);
	put_text("A");
	put_field(number);
	for (unsigned int n = 0; n < 31; n++)
		if (trap->x[n] != 0) {
			put_text(" x");
			put_char((char)('0' + n / 10));
			put_char((char)('0' + n % 10));
			put_text("=");
			put_hex(x[n] ^ trap->x[n]);
		}
	if (sp != c->base + 0x4000 && !(c->flags & FLAG_AARCH32)) {
		put_text(" sp=");
		put_hex(sp);
	}
	for (unsigned int n = 0; n < WINDOW_BYTES; n++)
		if (is_stored[n]) {
			if (n == 0 || !is_stored[n - 1]) {
				put_field((c->base & ~0xfffUL) + n);
				put_text(":");
			}
			put_digits(stored[n], 2);
		}
	put_text("\n");
}

static void try_on_ram(uint32_t number, const struct vector_case *c)
{
	struct trap trap, inverted;
	int ran;

	for (unsigned int n = 0; n < WINDOW_BYTES; n++)
		is_stored[n] = 0;
	fill_hole(1);
	ran = run_on_ram(c, &inverted, patterns[1]);
	ran &= run_on_ram(c, &trap, patterns[0]);
	fill_hole(0);
	if (ran)
		print_changes(number, c, &trap);
	else
		put_text("BAD: does not run on memory\n");
}

static void try_case(uint32_t number, const struct vector_case *c)
{
	struct trap trap;

	enter(c, &trap);
	if (is_sentinel(c, &trap)) {
		put_text("N");
		put_field(number);
		put_text("\n");
	} else if (class_of(trap.esr) == 0x16 && (trap.esr & 0xffff) == HVC_FROM_EL1) {
		print_taken(number, &trap);
	} else {
		print_trap(number, c, &trap);
		if (c->flags & FLAG_ON_RAM)
			try_on_ram(number, c);
	}
}

void capture_main(void)
{
	set_up();
	make_patterns();
	for (uint32_t n = 0; n < nr_cases; n++)
		try_case(n, &cases[n]);
	put_text("END\n");
}
