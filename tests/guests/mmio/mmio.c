/* Device accesses: every instruction form that leaves a valid syndrome, and accesses that nobody answers. */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define RTC_DR	 0x00
#define RTC_MR	 0x04 /* 32 bits that keep what is written: the touchstone of this file */
#define RTC_LR	 0x08
#define RTC_IMSC 0x10
#define NOBODY	 0x0b000000UL /* no device there on virt, and none of Corbel's */

typedef uint64_t (*load_fn)(uint64_t address);
typedef void (*store_fn)(uint64_t address, uint64_t value);

#define LOAD_FORM(name)	 uint64_t load_##name(uint64_t address)
#define STORE_FORM(name) void store_##name(uint64_t address, uint64_t value)
LOAD_FORM(ldrb);
LOAD_FORM(ldrsb_w);
LOAD_FORM(ldrsb_x);
LOAD_FORM(ldrh);
LOAD_FORM(ldrsh_w);
LOAD_FORM(ldrsh_x);
LOAD_FORM(ldr_w);
LOAD_FORM(ldrsw);
LOAD_FORM(ldar_w);
LOAD_FORM(ldarb);
LOAD_FORM(ldarh);
LOAD_FORM(ldurb);
LOAD_FORM(ldtr);
LOAD_FORM(ldr_wzr);
LOAD_FORM(ldrb_wzr);
LOAD_FORM(ldr_x);
STORE_FORM(strb);
STORE_FORM(strh);
STORE_FORM(str_w);
STORE_FORM(stlr_w);
STORE_FORM(stlrb);
STORE_FORM(sttr);
STORE_FORM(str_wzr);
STORE_FORM(strb_wzr);
STORE_FORM(str_x);
void load_into_all(uint64_t address, uint64_t *results);
void store_from_all(uint64_t address, uint64_t *results);
uint64_t abort_load(uint64_t address);
void abort_store(uint64_t address);
extern char abort_load_insn[], abort_store_insn[];
extern uint32_t page_end_code[], page_next_code[];

/* With RTCMR = 0x80f1f2f3 and = 0x01234567: sign set and clear in each width. */
static const struct {
	const char *name;
	load_fn load;
	uint64_t negative, positive;
} loads[] = {
	{ "LDRB Wt", load_ldrb, 0xf3, 0x67 },
	{ "LDRSB Wt", load_ldrsb_w, 0xfffffff3, 0x67 },
	{ "LDRSB Xt", load_ldrsb_x, 0xfffffffffffffff3, 0x67 },
	{ "LDRH Wt", load_ldrh, 0xf2f3, 0x4567 },
	{ "LDRSH Wt", load_ldrsh_w, 0xfffff2f3, 0x4567 },
	{ "LDRSH Xt", load_ldrsh_x, 0xfffffffffffff2f3, 0x4567 },
	{ "LDR Wt", load_ldr_w, 0x80f1f2f3, 0x01234567 },
	{ "LDRSW Xt", load_ldrsw, 0xffffffff80f1f2f3, 0x01234567 },
	{ "LDAR Wt", load_ldar_w, 0x80f1f2f3, 0x01234567 },
	{ "LDARB Wt", load_ldarb, 0xf3, 0x67 },
	{ "LDARH Wt", load_ldarh, 0xf2f3, 0x4567 },
	{ "LDURB Wt", load_ldurb, 0xf3, 0x67 },
	{ "LDTR Wt", load_ldtr, 0x80f1f2f3, 0x01234567 },
	{ "LDR WZR", load_ldr_wzr, ~0UL, ~0UL }, /* x1 is not its destination */
	{ "LDRB WZR", load_ldrb_wzr, ~0UL, ~0UL },
};

static const struct {
	const char *name;
	store_fn store;
	uint64_t want; /* RTCMR, as far as mask says, after storing 0x12345678fedcba98 */
	uint64_t mask;
} stores[] = {
	{ "STRB Wt", store_strb, 0x98, 0xff },
	{ "STRH Wt", store_strh, 0xba98, 0xffff },
	{ "STR Wt", store_str_w, 0xfedcba98, 0xffffffff },
	{ "STLR Wt", store_stlr_w, 0xfedcba98, 0xffffffff },
	{ "STLRB Wt", store_stlrb, 0x98, 0xff },
	{ "STTR Wt", store_sttr, 0xfedcba98, 0xffffffff },
	{ "STR WZR", store_str_wzr, 0, 0xffffffff },
	{ "STRB WZR", store_strb_wzr, 0, 0xff },
};

#define NR(a) (sizeof(a) / sizeof((a)[0]))

static void test_loads(void)
{
	for (unsigned int i = 0; i < NR(loads); i++) {
		write32(RTC_BASE + RTC_MR, 0x80f1f2f3);
		tap_is(loads[i].load(RTC_BASE + RTC_MR), loads[i].negative, "%s of 0x80f1f2f3: the whole X register",
		       loads[i].name);
		write32(RTC_BASE + RTC_MR, 0x01234567);
		tap_is(loads[i].load(RTC_BASE + RTC_MR), loads[i].positive, "%s of 0x01234567", loads[i].name);
	}
}

static void test_stores(void)
{
	for (unsigned int i = 0; i < NR(stores); i++) {
		write32(RTC_BASE + RTC_MR, 0x5a5a5a5a);
		stores[i].store(RTC_BASE + RTC_MR, 0x12345678fedcba98);
		tap_is(read32(RTC_BASE + RTC_MR) & stores[i].mask, stores[i].want, "%s", stores[i].name);
	}
}

static uint64_t results[32];

static void test_every_register(void)
{
	unsigned int good = 0;

	write32(RTC_BASE + RTC_MR, 0x0000f2f3);
	load_into_all(RTC_BASE + RTC_MR, results);
	for (unsigned int n = 2; n <= 30; n++)
		good += results[n] == 0xfffff2f3;
	tap_is(good, 29, "LDRSH into w2 to w30");
	store_from_all(RTC_BASE + RTC_MR, results);
	good = 0;
	for (unsigned int n = 3; n <= 30; n++)
		good += results[n] == 0x1000 + n;
	tap_is(good, 28, "STR from w3 to w30");
}

/* Narrow accesses at every byte of a word: answered or refused, but never anything else. */
static void test_odd_offsets(void)
{
	bool good = true;

	for (uint64_t offset = 0; offset < 4; offset++) {
		struct caught c;

		catch_begin(0);
		load_ldrb(RTC_BASE + RTC_MR + offset);
		c = catch_end();
		good &= c.count == 0 || (c.count == 1 && ESR_EC(c.esr) == EC_DABT_SAME);
	}
	tap_ok(good, "a byte at each offset of a register: a value or an abort");
	catch_begin(0);
	load_ldr_x(RTC_BASE + RTC_MR + 4);
	store_str_x(RTC_BASE + RTC_LR, 0);
	tap_ok(catch_end().count <= 2, "64 bits at once: a value or an abort");
}

static unsigned int peripheral_id(uint64_t base, uint64_t offset)
{
	unsigned int id = 0;

	for (unsigned int i = 0; i < 4; i++)
		id |= (read32(base + offset + 4 * i) & 0xff) << (8 * i);
	return id;
}

/* A reading of the RTC, and the generic timer before and after: whatever comes between, it was made within. */
struct rtc_reading {
	uint64_t from, to; /* ticks */
	uint32_t seconds;
};

static struct rtc_reading read_rtc(void)
{
	struct rtc_reading reading = { .from = timer_now() };

	reading.seconds = read32(RTC_BASE + RTC_DR);
	reading.to = timer_now();
	return reading;
}

static void test_rtc(void)
{
	struct rtc_reading begin = read_rtc(), end;
	uint64_t seconds;

	do {
		end = read_rtc();
	} while (end.seconds == begin.seconds && end.to - begin.from < timer_ms(5000));
	seconds = end.seconds - begin.seconds;
	tap_ok(seconds > 0, "RTC: a second passes");
	tap_ok(end.to - begin.from > timer_ms(1000) * (seconds - 1) &&
		       end.from - begin.to < timer_ms(1000) * (seconds + 1),
	       "RTC: as many seconds as the generic timer's");
	begin.from = timer_now();
	write32(RTC_BASE + RTC_LR, 1000000000);
	end = read_rtc();
	tap_ok(end.seconds - 1000000000 <= (end.to - begin.from) / timer_ms(1000) + 1, "RTC: RTCLR sets the time");
}

static void test_devices(void)
{
	uint32_t fraction;

	tap_is(peripheral_id(UART_BASE, 0xfe0) & 0xfffff, 0x41011, "UART: PeriphID says PL011 by Arm");
	tap_is(peripheral_id(UART_BASE, 0xff0), 0xb105f00d, "UART: PrimeCell ID");
	tap_is(peripheral_id(RTC_BASE, 0xfe0) & 0xfffff, 0x41031, "RTC: PeriphID says PL031 by Arm");
	tap_is(peripheral_id(RTC_BASE, 0xff0), 0xb105f00d, "RTC: PrimeCell ID");
	tap_is(read32(UART_BASE + UART_FR) & 0x90, 0x90, "UART: FR says both FIFOs are empty");
	write32(UART_BASE + 0x24, 0x1a5);
	write32(UART_BASE + 0x28, 0x2a);
	fraction = read32(UART_BASE + 0x28);
	tap_ok(read32(UART_BASE + 0x24) == 0x1a5 && fraction == 0x2a, "UART: IBRD and FBRD read back");
	print("# bytes by width: ");
	store_strb(UART_BASE + UART_DR, 'b');
	store_strh(UART_BASE + UART_DR, 'h');
	store_str_w(UART_BASE + UART_DR, 'w');
	print(" (bhw)\n");

	test_rtc();
}

/* [DDI0487 ESR_EL1]: DFSC 0b010000 is a synchronous external abort, not on a table walk. */
static void check_abort(const char *name, struct caught c, uint64_t insn, uint64_t address, bool write)
{
	tap_is(c.count, 1, "%s: one exception", name);
	tap_is(ESR_EC(c.esr), EC_DABT_SAME, "%s: EC is a data abort from EL1", name);
	tap_is(c.esr & 0x3f, 0x10, "%s: DFSC is a synchronous external abort", name);
	tap_is(ESR_IL(c.esr), 1, "%s: IL is 1", name);
	tap_is(c.esr >> 6 & 1, write, "%s: WnR", name);
	tap_is(c.elr, insn, "%s: ELR is the instruction", name);
	tap_is(c.far, address, "%s: FAR is the address", name);
	tap_is(c.spsr & 0xf, 5, "%s: SPSR says EL1h", name);
}

static void test_aborts(void)
{
	static const uint64_t addresses[] = { NOBODY, NOBODY + 0x10002, 0x0fff0000UL };
	uint64_t value;
	struct caught c;

	catch_begin(0);
	value = abort_load(NOBODY + 0x124);
	c = catch_end();
	check_abort("load from nowhere", c, (uint64_t)abort_load_insn, NOBODY + 0x124, false);
	tap_is(value, 0x55, "load from nowhere: the destination is unchanged");
	catch_begin(0);
	abort_store(NOBODY + 0x3458);
	c = catch_end();
	check_abort("store to nowhere", c, (uint64_t)abort_store_insn, NOBODY + 0x3458, true);
	for (unsigned int i = 0; i < NR(addresses); i++) {
		catch_begin(0);
		load_ldrb(addresses[i]);
		c = catch_end();
		tap_ok(c.count == 1 && (c.esr & 0x3f) == 0x10 && c.far == addresses[i], "nothing at %lx either",
		       addresses[i]);
	}
}

static void clean_code(uint64_t address)
{
	__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(address) : "memory");
}

/* A trapped load as the last instruction of a page: the next one is in a page that is somewhere else, or nowhere. */
static void test_page_end(void)
{
	uint64_t page = MMU_PAGES, next = MMU_PAGES + PAGE_BYTES, elsewhere = MMU_PAGES + 16 * PAGE_BYTES;
	uint64_t (*code)(uint64_t) = (uint64_t(*)(uint64_t))(next - 4);
	uint64_t value;
	struct caught c;

	*(volatile uint32_t *)(next - 4) = page_end_code[0];
	*(volatile uint32_t *)elsewhere = page_next_code[0];
	*(volatile uint32_t *)next = 0; /* UDF: what a wrong translation would find */
	clean_code(next - 4);
	clean_code(elsewhere);
	clean_code(next);
	(void)page;
	write32(RTC_BASE + RTC_MR, 0xcafe0001);
	mmu_map_page(next, elsewhere);
	catch_begin(0);
	value = code(RTC_BASE + RTC_MR);
	c = catch_end();
	tap_ok(c.count == 0 && value == 0xcafe0001, "last of a page, the next page being another frame");

	mmu_map_page(next, 0);
	write32(RTC_BASE + RTC_MR, 0xcafe0002);
	catch_begin((uint64_t) && after);
	/* the jump out of catch needs no return address: x0 is looked at in the frame */
	__asm__ goto("mov x0, %0\n\tbr %1" ::"r"(RTC_BASE + RTC_MR), "r"(next - 4)
		     : "x0", "x30", "memory", "cc"
		     : after);
after:
	c = catch_end();
	tap_is(ESR_EC(c.esr), EC_IABT_SAME, "last of a page, the next one unmapped: instruction abort");
	tap_is(c.elr, next, "with ELR at the next page");
	tap_is(c.far, next, "and FAR too");
	tap_is(c.x0, 0xcafe0002, "after the load was done");
	mmu_map_page(next, next);
}

void guest_main(void)
{
	test_loads();
	test_stores();
	test_every_register();
	test_odd_offsets();
	test_devices();
	test_aborts();
	test_page_end();
	tap_done();
}
