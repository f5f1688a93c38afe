/*
 * Device accesses without a valid syndrome: every form that Corbel emulates, with what it reads, writes, leaves in its
 * registers and its base; what it refuses; aborts in the middle. MMU off and on, at EL1 with both stack pointers and at
 * EL0. [DDI0487 ESR_EL2.ISV]
 *
 * The touchstones: priorities of SPIs (words and bytes), the RTC's match register (halfwords), and on GICv3 the routes
 * of SPIs (64 bits).
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/exception.h"
#include "tests/guests/common/mmu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

#define NR(a) (sizeof(a) / sizeof((a)[0]))

#define RTC_DR	 0x000
#define RTC_MR	 0x004
#define RTC_ID3	 0xffc	      /* the last word of its page: 0xb1 */
#define PRIORITY 0x0440	      /* of the distributor: GICD_IPRIORITYR from INTID 64 on */
#define NOBODY	 0x0b000000UL /* no device there */
#define ROUTE	 0x6200	      /* GICD_IROUTER from INTID 64 on */

struct state {
	uint64_t base, r1, r2, index;
	uint64_t v0[2], v1[2];
};
typedef void (*form_fn)(struct state *state);
void run_el0(form_fn form, struct state *state, uint64_t code_offset);
void run_el1(form_fn form, struct state *state);
void run_el1t(form_fn form, struct state *state, void *stack_top);
extern char run_back[];

/* Four words or doublewords that each touchstone holds before, and what a state holds before. */
enum target { WORDS, HALVES, DOUBLES };
#define A  0x88100818UL
#define B  0x28304050UL
#define C  0x98a0b0b8UL
#define D  0x60687078UL
#define H  0x80f1f2f3UL
#define D0 0x0000008800123456UL
#define D1 0x0000001100654321UL
#define D2 0x000000ff00abcdefUL
#define D3 0x0000004200fedcbaUL
static const uint64_t before[][4] = {
	[WORDS] = { A, B, C, D },
	[HALVES] = { H, 0, 0, 0 },
	[DOUBLES] = { D0, D1, D2, D3 },
};

#define R1		  0x0000002140485058UL
#define R2		  0x00000043c8d0d8e0UL
#define V0		  0x0000006510182028UL
#define V0H		  0x0000007630384048UL
#define V1		  0x0000007750586068UL
#define V1H		  0x000000087078a0a8UL
#define LOW(value)	  ((value)&0xffffffffUL)
#define ROUTE_BITS(value) ((value)&0xff00ffffffUL) /* what GICD_IROUTER keeps */

/* The registers of a state afterwards: r1, r2, v0, v1. */
#define KEPT                             \
	{                                \
		R1, R2, V0, V0H, V1, V1H \
	}
#define GPRS(a, b)                     \
	{                              \
		a, b, V0, V0H, V1, V1H \
	}
#define VEC(a, b)                     \
	{                             \
		R1, R2, a, b, V1, V1H \
	}
#define VECS(a, b, c, d)           \
	{                          \
		R1, R2, a, b, c, d \
	}

/* form(name, target, base at, base afterwards, index, registers afterwards, target afterwards) */
#define LOADS(form)                                                                                                    \
	form(ldp_w, WORDS, 0, 0, 0, GPRS(A, B)) form(ldp_w_offset, WORDS, 0, 0, 0, GPRS(C, D)) form(                   \
		ldp_w_negative, WORDS, 8, 8, 0,                                                                        \
		GPRS(A, B)) form(ldp_w_pre, WORDS, 0, 8, 0, GPRS(C, D)) form(ldp_w_post, WORDS, 4, -12, 0, GPRS(B, C)) \
		form(ldp_wzr, WORDS, 0, 0, 0, GPRS(R1, B)) form(ldnp_w, WORDS, 0, 0, 0, GPRS(A, B)) form(              \
			ldpsw, WORDS, 0, 0, 0, GPRS(0xffffffff00000000UL | A, B))                                      \
			form(ldpsw_pre, WORDS, 0, 8, 0, GPRS(0xffffffff00000000UL | C, D)) form(                       \
				ldr_w_pre, WORDS, 0,                                                                   \
				4, 0, GPRS(B, R2)) form(ldr_w_post, WORDS, 0, 12, 0, GPRS(A, R2))                      \
				form(ldrb_pre, WORDS, 0, 3, 0, GPRS(0x88, R2)) form(                                   \
					ldrb_post, WORDS, 0,                                                           \
					1, 0,                                                                          \
					GPRS(0x18, R2)) form(ldrsb_w_pre, WORDS, 0, 3, 0, GPRS(0xffffff88UL, R2))      \
					form(ldrsb_x_post, WORDS, 3, 2, 0, GPRS(0xffffffffffffff88UL, R2)) form(       \
						ldrsw_post, WORDS, 8, 16, 0,                                           \
						GPRS(0xffffffff00000000UL | C,                                         \
						     R2)) form(ldrh_post, HALVES, 0, 2, 0, GPRS(0xf2f3, R2))           \
						form(ldrsh_w_pre, HALVES, -2, 0, 0, GPRS(0xfffff2f3UL, R2)) form(      \
							ldrsh_x_post, HALVES, 0, -2,                                   \
							0, GPRS(0xfffffffffffff2f3UL, R2))                             \
							form(ldp_w_sp, WORDS, 0, 16, 0, GPRS(A, B)) form(              \
								ldr_w_sp, WORDS, 16,                                   \
								0, 0,                                                  \
								GPRS(A, R2)) form(ldr_b, WORDS, 0, 0, 0, VEC(0x88, 0)) \
								form(ldr_h, HALVES, 0, 0, 0, VEC(0xf2f3, 0)) form(     \
									ldr_s, WORDS, 0,                               \
									0, 0, VEC(B, 0)) form(ldr_s_pre, WORDS, 4,     \
											      8, 0, VEC(C, 0))         \
									form(ldr_s_post, WORDS, 0, 8, 0,               \
									     VEC(A,                                    \
										 0)) form(ldur_s, WORDS, 4, 4, 0,      \
											  VEC(A,                       \
											      0)) form(ldr_s_lsl,      \
												       WORDS, 0, 0, 3, \
												       VEC(D, 0))      \
										form(ldr_s_sxtw, WORDS, 8, 8,          \
										     0x1ffffffffUL,                    \
										     VEC(B,                            \
											 0)) form(ldr_b_uxtw,          \
												  WORDS, 0, 0,         \
												  0xf00000003UL,       \
												  VEC(0x88, 0))        \
											form(ldp_s, WORDS, 0, 0, 0,    \
											     VECS(C, 0, D, 0))         \
												form(ldp_s_post,       \
												     WORDS, 4, 12, 0,  \
												     VECS(B, 0, C, 0))

#define WIDE_LOADS(form)                                                                                            \
	form(ldp_x, DOUBLES, 0, 0, 0, GPRS(D2, D3)) form(ldp_x_pre, DOUBLES, 0, 16, 0, GPRS(D2, D3)) form(          \
		ldp_x_post, DOUBLES, 8, 40, 0, GPRS(D1, D2)) form(ldr_x_post, DOUBLES, 0, 8, 0, GPRS(D0, R2))       \
		form(ldr_d, DOUBLES, 0, 0, 0, VEC(D1, 0)) form(ldp_d, DOUBLES, 8, 8, 0, VECS(D1, 0, D2, 0))         \
			form(ldr_q, DOUBLES, 0, 0, 0, VEC(D2, D3)) form(ldr_q_pre, DOUBLES, -16, 0, 0, VEC(D0, D1)) \
				form(ldr_q_post, DOUBLES, 16, 32, 0, VEC(D2, D3))                                   \
					form(ldr_q_lsl, DOUBLES, 0, 0, 1, VEC(D2, D3))                              \
						form(ldp_q_post, DOUBLES, 0, 32, 0, VECS(D0, D1, D2, D3))           \
							form(ldp_q_sp, DOUBLES, 0, 32, 0, VECS(D0, D1, D2, D3))

#define STORES(form)                                                                                                  \
	form(stp_w, WORDS, 0, 0, 0, A, B, LOW(R1), LOW(R2)) form(stp_w_pre, WORDS, 0, 4, 0, A, LOW(R1), LOW(R2), D)   \
		form(stp_w_post, WORDS, 0, 8, 0, LOW(R1), LOW(R2), C,                                                 \
		     D) form(stp_same, WORDS, 0, 0, 0, LOW(R1), LOW(R1), C,                                           \
			     D) form(stp_wzr, WORDS, 0, 0, 0, 0, LOW(R2), C, D) form(stnp_w, WORDS, 0, 0, 0, LOW(R1), \
										     LOW(R2), C, D)                   \
			form(str_w_pre, WORDS, 0, 12, 0, A, B,                                                        \
			     C, LOW(R1)) form(str_w_post, WORDS, 4, 0, 0, A, LOW(R1), C,                              \
					      D) form(strb_post, WORDS, 3, 4, 0, 0x58100818UL, B, C, D)               \
				form(strh_pre, HALVES, -2, 0, 0, 0x5058,                                              \
				     0, 0, 0) form(stp_w_sp, WORDS, 16, 0, 0, LOW(R1), LOW(R2), C,                    \
						   D) form(str_b, WORDS, 1, 1, 0, 0x88102818UL, B, C, D)              \
					form(str_h, HALVES, 0, 0, 0, 0x2028,                                          \
					     0, 0, 0) form(str_s, WORDS, 4, 4, 0, A, LOW(V0),                         \
							   C, D) form(str_s_post, WORDS, 0, 4, 0, LOW(V0), B, C, D)   \
						form(str_s_sxtx, WORDS, 12, 12, -2UL, A, LOW(V0), C, D)               \
							form(stp_s_pre, WORDS, 0, 8, 0, A, B, LOW(V0), LOW(V1))

#define WIDE_STORES(form)                                                                                              \
	form(stp_x, DOUBLES, 0, 0, 0, D0, ROUTE_BITS(R1), ROUTE_BITS(R2), D3) form(stp_x_pre, DOUBLES, 0, 16, 0, D0,   \
										   D1, ROUTE_BITS(R1), ROUTE_BITS(R2)) \
		form(stp_xzr, DOUBLES, 0, 0, 0, 0, 0, D2, D3) form(str_x_post, DOUBLES, 0, 16, 0, ROUTE_BITS(R1), D1,  \
								   D2, D3) form(str_d, DOUBLES, 0, 0, 0, D0, D1, D2,   \
										ROUTE_BITS(V0))                        \
			form(stp_d_post, DOUBLES, 0, 16, 0, ROUTE_BITS(V0), ROUTE_BITS(V1), D2, D3)                    \
				form(str_q, DOUBLES, 0, 0, 0, D0, D1, ROUTE_BITS(V0), ROUTE_BITS(V0H))                 \
					form(str_q_post, DOUBLES, 0, -16, 0, ROUTE_BITS(V0), ROUTE_BITS(V0H), D2, D3)  \
						form(stp_q, DOUBLES, 0, 0, 0, ROUTE_BITS(V0), ROUTE_BITS(V0H),         \
						     ROUTE_BITS(V1), ROUTE_BITS(V1H))                                  \
							form(stp_q_pre, DOUBLES, 32, 0, 0, ROUTE_BITS(V0),             \
							     ROUTE_BITS(V0H), ROUTE_BITS(V1), ROUTE_BITS(V1H))

#define DECLARE(name, ...) void form_##name(struct state *state);
LOADS(DECLARE)
WIDE_LOADS(DECLARE)
STORES(DECLARE)
WIDE_STORES(DECLARE)
DECLARE(ldp_over_base)
DECLARE(copied)
DECLARE(dc_zva)

struct row {
	const char *name;
	form_fn form;
	enum target target;
	int at, base_after;
	uint64_t index;
	uint64_t registers[6];
	uint64_t after[4];
};

#define LOAD_ROW(name, target, at, then, index, ...) \
	{ #name, form_##name, target, at, then, (uint64_t)(index), __VA_ARGS__, { 0 } },
#define STORE_ROW(name, target, at, then, index, ...) \
	{ #name, form_##name, target, at, then, (uint64_t)(index), KEPT, { __VA_ARGS__ } },
static const struct row loads[] = { LOADS(LOAD_ROW) }, wide_loads[] = { WIDE_LOADS(LOAD_ROW) },
			stores[] = { STORES(STORE_ROW) }, wide_stores[] = { WIDE_STORES(STORE_ROW) };

enum level { EL1H, EL1T, EL0, NR_LEVELS };
static const char *const level_names[] = { "EL1", "EL1t", "EL0" };
static uint64_t stack[256] __attribute__((aligned(16)));
static const char *mmu = "MMU off";

static void run(form_fn form, struct state *state, enum level level)
{
	bool mmu_is_on = (READ_REG(sctlr_el1) & 1) != 0;

	switch (level) {
	case EL1T: run_el1t(form, state, stack + NR(stack)); break;
	case EL0:
		run_el0((form_fn)((uint64_t)form + (mmu_is_on ? MMU_EL0_CODE : 0)),
			(struct state *)((uint64_t)state + (mmu_is_on ? MMU_EL0_DATA : 0)),
			mmu_is_on ? MMU_EL0_CODE : 0);
		break;
	default: form(state);
	}
}

static uint64_t address_of(enum target target)
{
	switch (target) {
	case WORDS: return platform.gicd + PRIORITY;
	case HALVES: return RTC_BASE + RTC_MR;
	default: return platform.gicd + ROUTE;
	}
}

/* By forms whose syndrome is valid. */
static uint64_t read_place(enum target target, unsigned int n)
{
	if (target == DOUBLES)
		return read64(address_of(target) + 8 * n);
	return target == HALVES && n != 0 ? 0 : read32(address_of(target) + 4 * n);
}

static void set_places(enum target target)
{
	for (unsigned int n = 0; n < 4; n++) {
		if (target == DOUBLES)
			write64(address_of(target) + 8 * n, before[target][n]);
		else if (target == WORDS || n == 0)
			write32(address_of(target) + 4 * n, (uint32_t)before[target][n]);
	}
}

static struct state fresh_state(uint64_t base)
{
	return (struct state){ .base = base, .r1 = R1, .r2 = R2, .v0 = { V0, V0H }, .v1 = { V1, V1H } };
}

static bool registers_are(const struct state *state, const uint64_t want[6])
{
	return state->r1 == want[0] && state->r2 == want[1] && state->v0[0] == want[2] && state->v0[1] == want[3] &&
	       state->v1[0] == want[4] && state->v1[1] == want[5];
}

static bool places_are(enum target target, const uint64_t want[4])
{
	bool good = true;

	for (unsigned int n = 0; n < 4; n++)
		good &= read_place(target, n) == want[n];
	return good;
}

static void test_row(const struct row *row, bool store, enum level level)
{
	uint64_t address = address_of(row->target);
	struct state state = fresh_state(address + (uint64_t)(int64_t)row->at);
	bool registers, base, places;
	struct caught c;

	state.index = row->index;
	set_places(row->target);
	catch_begin(level == EL0 ? (uint64_t)run_back : 0);
	run(row->form, &state, level);
	c = catch_end();
	registers = registers_are(&state, row->registers);
	base = state.base == address + (uint64_t)(int64_t)row->base_after;
	places = places_are(row->target, store ? row->after : before[row->target]);
	if (!tap_ok(c.count == 0 && registers && base && places, "%s at %s, %s", row->name, level_names[level], mmu)) {
		tap_note("exceptions %u, registers %s, base %s, device %s", c.count, registers ? "good" : "bad",
			 base ? "good" : "bad", places ? "good" : "bad");
		tap_note("r1=%lx r2=%lx v0=%lx:%lx v1=%lx:%lx base=%lx", state.r1, state.r2, state.v0[1], state.v0[0],
			 state.v1[1], state.v1[0], state.base);
		tap_note("device %lx %lx %lx %lx", read_place(row->target, 0), read_place(row->target, 1),
			 read_place(row->target, 2), read_place(row->target, 3));
		tap_note("esr=%lx far=%lx", c.esr, c.far);
	}
}

static void test_rows(const struct row *rows, unsigned int nr, bool store, enum level level)
{
	for (unsigned int n = 0; n < nr; n++)
		test_row(&rows[n], store, level);
}

static void test_forms(enum level level)
{
	test_rows(loads, NR(loads), false, level);
	test_rows(stores, NR(stores), true, level);
	if (platform.gic_version == 3) {
		test_rows(wide_loads, NR(wide_loads), false, level);
		test_rows(wide_stores, NR(wide_stores), true, level);
	}
}

/* Without writeback the base may be a destination. */
static void test_load_over_base(void)
{
	struct state state = fresh_state(address_of(WORDS));

	set_places(WORDS);
	form_ldp_over_base(&state);
	tap_ok(state.r1 == A && state.base == B, "ldp over its base, %s", mmu);
}

#define REFUSED(form)                                                                                   \
	form(ldxr, false) form(stlxr, true) form(ld1, false) form(st1_post, true) form(ldr_same, false) \
		form(ldp_same, false)
#define DECLARE_REFUSED(name, write)           \
	void form_##name(struct state *state); \
	extern char insn_##name[];
REFUSED(DECLARE_REFUSED)
#define REFUSED_ROW(name, write) { #name, form_##name, insn_##name, write },
static const struct {
	const char *name;
	form_fn form;
	char *insn;
	bool write;
} refused[] = { REFUSED(REFUSED_ROW) };

/* A synchronous external abort at the instruction, with the address; nothing has changed. */
static void check_abort(const char *name, const struct caught *c, const char *insn, uint64_t far, bool write)
{
	if (!tap_ok(c->count == 1 && ESR_EC(c->esr) == EC_DABT_SAME && (c->esr & 0x3f) == 0x10 &&
			    c->elr == (uint64_t)insn && c->far == far && (c->esr >> 6 & 1) == write,
		    "%s: an external abort with its ELR, FAR and WnR, %s", name, mmu))
		tap_note("%u exceptions, esr=%lx elr=%lx far=%lx, not %lx", c->count, c->esr, c->elr, c->far, far);
}

static void test_refused(void)
{
	static const uint64_t kept[] = KEPT;
	uint64_t address = address_of(WORDS);

	for (unsigned int n = 0; n < NR(refused); n++) {
		struct state state = fresh_state(address);
		struct caught c;

		set_places(WORDS);
		catch_begin(0);
		refused[n].form(&state);
		c = catch_end();
		/* A store-exclusive that lost its monitor tells so, and stores nothing. */
		if (refused[n].form == form_stlxr && c.count == 0)
			tap_ok(state.r2 == 1, "%s: fails without an access, %s", refused[n].name, mmu);
		else
			check_abort(refused[n].name, &c, refused[n].insn, address, refused[n].write);
		tap_ok((registers_are(&state, kept) || refused[n].form == form_stlxr) && state.base == address &&
			       places_are(WORDS, before[WORDS]),
		       "%s: nothing has changed, %s", refused[n].name, mmu);
	}
}

extern char insn_ldp_w_pre[], insn_ldp_w_post[], insn_stp_w_post[], insn_ldp_s[], insn_dc_zva[];

/* The first word is the RTC's last; behind it nobody answers. */
static void test_abort_in_the_middle(void)
{
	static const struct {
		const char *name;
		form_fn form;
		char *insn;
		int at;
		bool write;
	} rows[] = {
		{ "ldp w, post", form_ldp_w_post, insn_ldp_w_post, 0, false },
		{ "ldp w, pre", form_ldp_w_pre, insn_ldp_w_pre, -8, false },
		{ "ldp s", form_ldp_s, insn_ldp_s, -8, false },
		{ "stp w, post", form_stp_w_post, insn_stp_w_post, 0, true },
	};
	static const uint64_t kept[] = KEPT;

	for (unsigned int n = 0; n < NR(rows); n++) {
		uint64_t base = RTC_BASE + RTC_ID3 + (uint64_t)(int64_t)rows[n].at;
		struct state state = fresh_state(base);
		uint64_t far = RTC_BASE + PAGE_BYTES;
		struct caught c;

		catch_begin(0);
		rows[n].form(&state);
		c = catch_end();
		/* The RTC may refuse a store to what can only be read. */
		if (rows[n].write && c.far == RTC_BASE + RTC_ID3)
			far = c.far;
		check_abort(rows[n].name, &c, rows[n].insn, far, rows[n].write);
		tap_ok(registers_are(&state, kept) && state.base == base, "%s: no register has changed, %s",
		       rows[n].name, mmu);
	}
}

static bool pan; /* PSTATE.PAN for what follows: not while the UART, which is EL0's, too, is used */

/* A form at the end of one page that goes on in the next one. */
static struct caught cross(form_fn form, struct state *state, enum level level)
{
	*state = fresh_state(MMU_PAGES + RTC_ID3);
	catch_begin(level == EL0 ? (uint64_t)run_back : 0);
	if (pan)
		__asm__ volatile(".inst 0xd500419f" ::: "memory"); /* msr pan, #1 */
	run(form, state, level);
	if (pan)
		__asm__ volatile(".inst 0xd500409f" ::: "memory"); /* msr pan, #0 */
	return catch_end();
}

/* Stage 1's fault, with the address at which the second page begins; nothing has changed. */
static void check_second_page(const char *name, form_fn form, enum level level, uint64_t descriptor, uint64_t esr)
{
	static const uint64_t kept[] = KEPT;
	struct state state;
	struct caught c;

	mmu_set_page(MMU_PAGES + PAGE_BYTES, descriptor);
	c = cross(form, &state, level);
	if (!tap_ok(c.count == 1 && c.esr == esr && c.far == MMU_PAGES + PAGE_BYTES && registers_are(&state, kept) &&
			    state.base == MMU_PAGES + RTC_ID3,
		    "a pair over a page's end: %s", name))
		tap_note("%u exceptions, esr=%lx far=%lx", c.count, c.esr, c.far);
}

#define RTC_PAGE      (RTC_BASE | DESC_DEVICE | DESC_AF | DESC_PAGE)
#define DABT_EL1      (0x25UL << 26 | 1UL << 25)
#define DABT_EL0      (0x24UL << 26 | 1UL << 25)
#define WNR	      (1UL << 6)
#define TRANSLATION_3 0x07
#define ACCESS_FLAG_3 0x0b
#define PERMISSION_3  0x0f
#define ADDRESS_3     0x03

/* What EL1 may not touch while PSTATE.PAN is set: the second page is EL0's, the first one is not. */
static void test_pan(void)
{
	struct state state;
	struct caught c;

	if ((READ_REG(id_aa64mmfr1_el1) >> 20 & 15) == 0) {
		tap_skip("PSTATE.PAN", "this CPU has none");
		return;
	}
	mmu_set_page(MMU_PAGES, RTC_PAGE);
	pan = true;
	check_second_page("PAN forbids it", form_ldp_w_post, EL1H, RTC_PAGE | DESC_EL0, DABT_EL1 | PERMISSION_3);
	mmu_set_page(MMU_PAGES + PAGE_BYTES, RTC_PAGE);
	c = cross(form_ldp_w, &state, EL1H);
	tap_ok(c.count == 0 && state.r1 == 0xb1, "a pair over a page's end: PAN allows what is EL1's alone");
	pan = false;
	mmu_set_page(MMU_PAGES + PAGE_BYTES, RTC_PAGE | DESC_EL0);
	c = cross(form_ldp_w, &state, EL1H);
	tap_ok(c.count == 0 && state.r1 == 0xb1, "a pair over a page's end: without PAN both");
}

/* Two pages that are neighbours for the guest's stage 1 only; the same with a second one that it does not allow. */
static void test_page_crossing(void)
{
	uint64_t first = MMU_PAGES, second = MMU_PAGES + PAGE_BYTES;
	uint32_t now = read32(RTC_BASE + RTC_DR);
	struct state state;
	struct caught c;

	mmu_set_page(first, RTC_PAGE);
	mmu_set_page(second, RTC_PAGE);
	c = cross(form_ldp_w, &state, EL1H);
	tap_ok(c.count == 0 && state.r1 == 0xb1 && state.r2 - now <= 2, "a pair over a page's end: each its own page");
	check_second_page("unmapped", form_ldp_w_post, EL1H, 0, DABT_EL1 | TRANSLATION_3);
	check_second_page("no access flag", form_ldpsw, EL1T, RTC_PAGE & ~DESC_AF, DABT_EL1 | ACCESS_FLAG_3);
	check_second_page("beyond TCR_EL1.IPS", form_ldp_w, EL1H, 1UL << 41 | RTC_PAGE, DABT_EL1 | ADDRESS_3);
	mmu_set_page(first, RTC_PAGE | DESC_EL0);
	check_second_page("not EL0's", form_ldp_w, EL0, RTC_PAGE, DABT_EL0 | PERMISSION_3);
	check_second_page("not EL0's, either", form_ldp_w, EL0, 0, DABT_EL0 | TRANSLATION_3);
	test_pan();
	/* A page of the distributor's whose last word takes stores, and forgets them. */
	mmu_set_page(first, (platform.gicd + (platform.gic_version == 3 ? ROUTE & ~(PAGE_BYTES - 1) : 0)) |
				    DESC_DEVICE | DESC_AF | DESC_PAGE);
	check_second_page("a store, unmapped", form_stp_w_post, EL1H, 0, DABT_EL1 | WNR | TRANSLATION_3);
	check_second_page("a store, read-only", form_stp_same, EL1H, RTC_PAGE | DESC_READ_ONLY,
			  DABT_EL1 | WNR | PERMISSION_3);
	mmu_map_page(first, first);
	mmu_map_page(second, second);
}

extern char end_copied[];

#define CODE_ADDRESS (MMU_PAGES + 2 * PAGE_BYTES)
#define CODE_FRAME   (MMU_PAGES + 20 * PAGE_BYTES)

/* Code that lies elsewhere than its addresses say; where they say lies what would write zeroes. */
static void test_translated_code(void)
{
	uint64_t address = CODE_ADDRESS, frame = CODE_FRAME;
	uint64_t bytes = (uint64_t)(end_copied - (char *)form_copied);
	struct state state = fresh_state(address_of(WORDS));
	struct caught c;

	for (uint64_t at = 0; at < bytes; at += 4) {
		*(volatile uint32_t *)(frame + at) = *(uint32_t *)((char *)form_copied + at);
		*(volatile uint32_t *)(address + at) = 0x2881fc1f; /* stp wzr, wzr, [x0], #12 */
	}
	for (uint64_t at = 0; at < bytes; at += 4)
		__asm__ volatile("dc cvau, %0\n\tdsb ish\n\tic ivau, %0\n\tdsb ish\n\tisb" ::"r"(frame + at)
				 : "memory");
	mmu_map_page(address, frame);
	set_places(WORDS);
	catch_begin(0);
	((form_fn)address)(&state);
	c = catch_end();
	mmu_map_page(address, address);
	tap_ok(c.count == 0 && state.r1 == A && state.r2 == B && state.base == address_of(WORDS) + 8 &&
		       places_are(WORDS, before[WORDS]),
	       "code whose address is not its IPA");
}

static bool race_is_over;

static void remap_code(unsigned int cpu)
{
	unsigned int delay = 0;

	(void)cpu;
	while (!LOAD(race_is_over)) {
		mmu_map_page(CODE_ADDRESS, 0);
		mmu_map_page(CODE_ADDRESS, CODE_FRAME);
		/* mapped most of the time, for changing times */
		for (volatile unsigned int n = 0; n < delay % 4096; n++)
			;
		delay += 67;
	}
}

/* The page of the code comes and goes meanwhile: an access is done, or its own fetch faults; nothing else happens. */
static void test_racing_tables(void)
{
	unsigned int nr_good = 0, nr_fetches = 0, nr_bad = 0, nr_runs = 0;
	uint64_t end = timer_now() + timer_ms(8000);

	mmu_map_page(CODE_ADDRESS, CODE_FRAME);
	if (platform.nr_cpus < 2 || cpu_on(1, remap_code, 0) != 0) {
		tap_skip("code that is unmapped and mapped meanwhile", "one CPU");
		return;
	}
	set_places(WORDS);
	/* Long enough for a host that stops the other CPU for a while, the page being unmapped. */
	while (nr_runs < 3000 || ((nr_good < 200 || nr_fetches == 0) && timer_now() < end)) {
		struct state state = fresh_state(address_of(WORDS));
		struct caught c;

		nr_runs++;
		catch_begin((uint64_t)run_back);
		run_el1((form_fn)CODE_ADDRESS, &state);
		c = catch_end();
		nr_fetches += c.count == 1 && ESR_EC(c.esr) == EC_IABT_SAME && (c.esr & 0x3c) == 0x04;
		nr_good += c.count == 0 && state.r1 == A && state.r2 == B && state.base == address_of(WORDS) + 8;
		if (nr_good + nr_fetches != nr_runs && nr_bad++ == 0)
			tap_note("%u exceptions, esr=%lx elr=%lx far=%lx r1=%lx", c.count, c.esr, c.elr, c.far,
				 state.r1);
	}
	STORE(race_is_over, true);
	tap_ok(wait_cpu_off(1), "the other CPU goes off");
	tap_note("%u accesses, %u faults of a fetch", nr_good, nr_fetches);
	tap_ok(nr_good != 0 && nr_fetches != 0 && nr_good + nr_fetches == nr_runs,
	       "code that is unmapped and mapped meanwhile");
	mmu_map_page(CODE_ADDRESS, CODE_ADDRESS);
}

/* A store to GICD_SGIR with writeback sends its interrupt, too. */
static void test_sgir(void)
{
	struct state state = fresh_state(platform.gicd + 0xf00);

	if (platform.gic_version != 2)
		return;
	state.r1 = 2UL << 24 | 5; /* to itself, INTID 5 */
	form_str_w_post(&state);
	tap_ok((read32(platform.gicd + 0x200) >> 5 & 1) == 1 && state.base == platform.gicd + 0xf00 - 4,
	       "str w, post, to GICD_SGIR: pending, and written back");
	write32(platform.gicd + 0xf14, 0xff00); /* GICD_CPENDSGIR */
}

/* DC ZVA is for Normal memory [DDI0487 DC ZVA], so the guest maps as such what is none. */
static struct caught zero_block(uint64_t ipa, uint64_t offset)
{
	struct state state = fresh_state(MMU_PAGES + offset);

	mmu_map_page(MMU_PAGES, ipa);
	catch_begin(0);
	form_dc_zva(&state);
	mmu_map_page(MMU_PAGES, MMU_PAGES);
	return catch_end();
}

static void test_zero_block(void)
{
	uint64_t bytes = 4UL << (READ_REG(dczid_el0) & 15), page = platform.gicd + ROUTE / PAGE_BYTES * PAGE_BYTES;
	uint64_t nr_zeroes = 0;
	struct caught c;

	c = zero_block(NOBODY, 0x200 + bytes / 2);
	check_abort("DC ZVA to nowhere", &c, insn_dc_zva, MMU_PAGES + 0x200, true);
	if (platform.gic_version != 3)
		return;
	for (uint64_t at = ROUTE - 0x100; at < ROUTE + 0x400; at += 8)
		write64(platform.gicd + at, D0);
	c = zero_block(page, ROUTE % PAGE_BYTES + bytes / 2 + 3);
	for (uint64_t at = ROUTE; at < ROUTE + bytes; at += 8)
		nr_zeroes += read64(platform.gicd + at) == 0;
	tap_ok(c.count == 0 && nr_zeroes == bytes / 8, "DC ZVA zeroes its block of %lu bytes", bytes);
	tap_ok(read64(platform.gicd + ROUTE - 8) == D0 && read64(platform.gicd + ROUTE + bytes) == D0,
	       "and not its neighbours");
}

void guest_main(void)
{
	WRITE_REG(cpacr_el1, 3UL << 20); /* no trap on FP */
	isb();
	for (unsigned int level = 0; level < NR_LEVELS; level++)
		test_forms((enum level)level);
	test_load_over_base();
	test_refused();
	test_abort_in_the_middle();
	mmu = "MMU on";
	mmu_make_tables();
	mmu_on();
	for (unsigned int level = 0; level < NR_LEVELS; level++)
		test_forms((enum level)level);
	test_load_over_base();
	test_refused();
	test_abort_in_the_middle();
	test_page_crossing();
	test_zero_block();
	guest_wants_mmu = true; /* the other CPU's, like this one's */
	test_translated_code();
	test_racing_tables();
	test_sgir();
	tap_done();
}

bool guest_wants_mmu = false; /* not from the start */
