/*
 * Every register that belongs to a guest keeps its value over every kind of exit, while another vCPU (on the same host
 * CPU, in some runs) holds other values in the same registers. The MMU stays off, so that its registers can hold
 * anything.
 */
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/irq.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/smp.h"
#include "tests/guests/common/tap.h"
#include "tests/guests/common/timer.h"

bool guest_wants_mmu = false;

#define SGI	  2
#define RTC_MR	  0x04 /* a device register that keeps what is written */
#define RTC_VALUE 0x8badf00dU

struct gpr_run {
	uint64_t in[32], out[32];
};
typedef void (*action_fn)(struct gpr_run *run);
void act_hvc(struct gpr_run *run);
void act_load(struct gpr_run *run);
void act_store(struct gpr_run *run);
void act_id_register(struct gpr_run *run);
void act_wfi(struct gpr_run *run);
void act_interrupt(struct gpr_run *run);
void act_spin(struct gpr_run *run);
void act_spin_interrupts(struct gpr_run *run);
void v_load(const uint64_t *v);
void v_store(uint64_t *v);

/*
 * name, bits that may be written to anything, optional: may be read-as-zero, when: what changes it by itself.
 * SCTLR_EL1, VBAR_EL1 and CPACR_EL1 are not written: each CPU has its own fixed value. The pointer authentication keys
 * come last: not every CPU has them.
 */
enum { ALWAYS = 0, BY_EXCEPTION = 1, BY_TIMER = 2 };
#define SYSREGS(REG)                                      \
	REG(ttbr0_el1, 0xffff0000fffff000, false, ALWAYS) \
	REG(ttbr1_el1, 0xffff0000fffff000, false, ALWAYS) \
	REG(tcr_el1, 0x00000017bf80bf3f, false, ALWAYS)   \
	REG(mair_el1, ~0UL, false, ALWAYS)                \
	REG(amair_el1, ~0UL, true, ALWAYS)                \
	REG(actlr_el1, 0, true, ALWAYS)                   \
	REG(esr_el1, 0xffffffff, false, ALWAYS)           \
	REG(far_el1, ~0UL, false, ALWAYS)                 \
	REG(afsr0_el1, 0xffffffff, true, ALWAYS)          \
	REG(afsr1_el1, 0xffffffff, true, ALWAYS)          \
	REG(elr_el1, ~3UL, false, BY_EXCEPTION)           \
	REG(spsr_el1, 0xf00003c0, false, BY_EXCEPTION)    \
	REG(sp_el0, ~0xfUL, false, ALWAYS)                \
	REG(contextidr_el1, 0xffffffff, false, ALWAYS)    \
	REG(tpidr_el0, ~0UL, false, ALWAYS)               \
	REG(tpidrro_el0, ~0UL, false, ALWAYS)             \
	REG(tpidr_el1, ~0UL, false, ALWAYS)               \
	REG(cntkctl_el1, 0x303, false, ALWAYS)            \
	REG(par_el1, 0x0000fffff000, false, ALWAYS)       \
	REG(csselr_el1, 0x3, false, ALWAYS)               \
	REG(mdscr_el1, 0x1000, false, ALWAYS)             \
	REG(cntp_cval_el0, ~0UL, false, ALWAYS)           \
	REG(cntv_cval_el0, ~0UL, false, BY_TIMER)         \
	REG(fpcr, 0x07c00000, false, ALWAYS)              \
	REG(fpsr, 0x0800009f, false, ALWAYS)              \
	REG(sctlr_el1, 0, false, ALWAYS)                  \
	REG(vbar_el1, 0, false, ALWAYS)                   \
	REG(cpacr_el1, 0, false, ALWAYS)                  \
	PAUTH_KEYS(REG)
#define NR_PAUTH_KEYS 10
#define PAUTH_KEYS(REG)                                               \
	REG(s3_0_c2_c1_0, ~0UL, false, ALWAYS) /* APIAKeyLo_EL1... */ \
	REG(s3_0_c2_c1_1, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c1_2, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c1_3, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c2_0, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c2_1, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c2_2, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c2_3, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c3_0, ~0UL, false, ALWAYS)                        \
	REG(s3_0_c2_c3_1, ~0UL, false, ALWAYS) /* ...APGAKeyHi_EL1 */

#define REG_FUNCTIONS(name, mask, optional, when) \
	static uint64_t get_##name(void)          \
	{                                         \
		return READ_REG(name);            \
	}                                         \
	static void set_##name(uint64_t value)    \
	{                                         \
		WRITE_REG(name, value);           \
	}
SYSREGS(REG_FUNCTIONS)

static const struct sysreg {
	const char *name;
	uint64_t mask;
	bool optional;
	unsigned int when;
	uint64_t (*get)(void);
	void (*set)(uint64_t value);
} sysregs[] = {
#define REG_ROW(name, mask, optional, when) { #name, mask, optional, when, get_##name, set_##name },
	SYSREGS(REG_ROW)
};
#define NR_SYSREGS (sizeof(sysregs) / sizeof(sysregs[0]))

/* How many of them this CPU has. [DDI0487 ID_AA64ISAR1_EL1: APA, API, GPA, GPI; ID_AA64ISAR2_EL1: APA3, GPA3] */
static unsigned int nr_sysregs(void)
{
	bool pauth = (READ_REG(id_aa64isar1_el1) & 0xff000ff0) != 0 || (READ_REG(s3_0_c0_c6_2) & 0xff00) != 0;

	return NR_SYSREGS - (pauth ? 0 : NR_PAUTH_KEYS);
}

static const struct action {
	const char *name;
	action_fn run;
	uint32_t changes_gprs; /* bits of those that the action itself changes */
	unsigned int changes;  /* BY_EXCEPTION | BY_TIMER */
	unsigned int rounds;
	unsigned int spin_us;
	bool sgi, timer; /* prepared before */
} actions[] = {
	{ "HVC", act_hvc, 1U << 0, 0, 200, 0, false, false },
	{ "MMIO load", act_load, 1U << 9, 0, 200, 0, false, false },
	{ "MMIO store", act_store, 0, 0, 200, 0, false, false },
	{ "ID register read", act_id_register, 1U << 11, 0, 200, 0, false, false },
	{ "WFI", act_wfi, 0, 0, 200, 0, true, false },
	{ "interrupt", act_interrupt, 0, BY_EXCEPTION, 200, 0, true, false },
	{ "15 ms without an exit of its own", act_spin, 1U << 0, 0, 12, 15000, false, false },
	{ "15 ms with timer interrupts", act_spin_interrupts, 1U << 0, BY_EXCEPTION | BY_TIMER, 12, 15000, false,
	  true },
};
#define NR_ACTIONS (sizeof(actions) / sizeof(actions[0]))

/* What each CPU found; the boot CPU reports. */
static struct found {
	struct gpr_run run;
	uint64_t v_in[64], v_out[64];
	uint64_t want[NR_SYSREGS], ever_set[NR_SYSREGS];
	unsigned int rounds[NR_ACTIONS], bad_gprs[NR_ACTIONS], bad_v[NR_ACTIONS], bad_sysregs[NR_ACTIONS];
	const char *bad_name[NR_ACTIONS];
	unsigned int bad_gpr_number[NR_ACTIONS];
	uint32_t nr_timer, done;
	unsigned int nr_sysregs;
	uint64_t seed;
} found[GUEST_MAX_CPUS] __attribute__((aligned(16)));

/* xorshift64*: no two CPUs and no two rounds have the same patterns. */
static uint64_t next_pattern(struct found *f)
{
	f->seed ^= f->seed >> 12;
	f->seed ^= f->seed << 25;
	f->seed ^= f->seed >> 27;
	return f->seed * 0x2545f4914f6cdd1dUL;
}

/* A value that cannot be written whole comes back as the register holds it; that is what it has to keep. */
static void set_sysregs(struct found *f)
{
	for (unsigned int i = 0; i < f->nr_sysregs; i++) {
		if (sysregs[i].mask != 0)
			sysregs[i].set(next_pattern(f) & sysregs[i].mask);
	}
	isb();
	for (unsigned int i = 0; i < f->nr_sysregs; i++) {
		f->want[i] = sysregs[i].get();
		f->ever_set[i] |= f->want[i];
	}
}

static void check_sysregs(struct found *f, unsigned int a)
{
	for (unsigned int i = 0; i < f->nr_sysregs; i++) {
		if ((sysregs[i].when & actions[a].changes) != 0 || sysregs[i].get() == f->want[i])
			continue;
		f->bad_sysregs[a]++;
		f->bad_name[a] = sysregs[i].name;
	}
}

static void check_gprs(struct found *f, unsigned int a)
{
	for (unsigned int n = 0; n < 32; n++) {
		if ((actions[a].changes_gprs >> n & 1) || f->run.in[n] == f->run.out[n])
			continue;
		f->bad_gprs[a]++;
		f->bad_gpr_number[a] = n;
	}
	/* what the action itself returns */
	if (actions[a].run == act_load && f->run.out[9] != RTC_VALUE)
		f->bad_gprs[a]++;
	if (actions[a].run == act_hvc && f->run.out[0] >> 16 != 1)
		f->bad_gprs[a]++;
}

static void check_v(struct found *f, unsigned int a)
{
	for (unsigned int n = 0; n < 64; n++)
		f->bad_v[a] += f->v_in[n] != f->v_out[n];
}

static void timer_fired(uint32_t iar)
{
	(void)iar;
	found[cpu_index()].nr_timer++;
	WRITE_REG(cntv_cval_el0, timer_now() + timer_us(700));
	isb();
}

static void prepare(struct found *f, const struct action *a)
{
	for (unsigned int n = 0; n < 31; n++)
		f->run.in[n] = next_pattern(f);
	f->run.in[31] = next_pattern(f) & 0xf0000000;
	for (unsigned int n = 0; n < 64; n++)
		f->v_in[n] = next_pattern(f);
	if (a->run == act_hvc)
		f->run.in[0] = PSCI_VERSION;
	if (a->run == act_load || a->run == act_store)
		f->run.in[10] = RTC_BASE + RTC_MR;
	if (a->run == act_store)
		f->run.in[9] = RTC_VALUE;
	if (a->sgi)
		gic_send(SGI, 1U << cpu_index());
	if (a->spin_us != 0)
		f->run.in[1] = timer_now() + timer_us(a->spin_us);
}

static void one_round(struct found *f, unsigned int a)
{
	prepare(f, &actions[a]);
	WRITE_REG(cntv_ctl_el0, 0);
	WRITE_REG(cntp_ctl_el0, 0);
	v_load(f->v_in);
	set_sysregs(f);
	if (actions[a].timer) {
		WRITE_REG(cntv_cval_el0, timer_now() + timer_us(300));
		WRITE_REG(cntv_ctl_el0, TIMER_ENABLE);
	}
	actions[a].run(&f->run);
	v_store(f->v_out);
	check_sysregs(f, a);
	WRITE_REG(cntv_ctl_el0, 0);
	check_gprs(f, a);
	check_v(f, a);
	f->rounds[a]++;
	if (actions[a].sgi && actions[a].run == act_wfi)
		irq_window();
}

/* What differs between CPUs for good: vectors, FPEN (01 and 11 both let EL1 use FP), three harmless SCTLR_EL1 bits. */
static void own_values(unsigned int cpu)
{
	extern char vectors[], vectors_alt[];

	WRITE_REG(vbar_el1, (uint64_t)(cpu % 2 ? vectors_alt : vectors));
	WRITE_REG(cpacr_el1, cpu % 2 ? 1UL << 20 : 3UL << 20);
	WRITE_REG(sctlr_el1, (READ_REG(sctlr_el1) & ~0x4c000UL) | (cpu % 2 ? 0x4c000UL : 0)); /* DZE, UCT, nTWE */
	isb();
}

/* On a busy machine the emulator's timers come late: go on until there were enough, or it is clear that none will come.
 */
#define TIMERS_WANTED 20
#define ROUNDS_MAX    500
static bool wants_more(const struct found *f, unsigned int action)
{
	return actions[action].timer && f->nr_timer <= TIMERS_WANTED && f->rounds[action] < ROUNDS_MAX;
}

static void run_all(unsigned int cpu)
{
	struct found *f = &found[cpu];

	gic_init_cpu();
	gic_enable(SGI);
	gic_enable(TIMER_VIRT_INTID);
	own_values(cpu);
	f->nr_sysregs = nr_sysregs();
	f->seed = 0x9e3779b97f4a7c15UL * (cpu + 1);
	for (unsigned int a = 0; a < NR_ACTIONS; a++)
		for (unsigned int i = 0; i < actions[a].rounds || wants_more(f, a); i++)
			one_round(f, a);
	STORE(f->done, 1);
}

static void report_action(unsigned int cpu, unsigned int a)
{
	const struct found *f = &found[cpu];
	const char *name = actions[a].name;

	tap_ok(f->bad_gprs[a] == 0 && f->rounds[a] >= actions[a].rounds, "cpu %u, %s, %u times: x0-x30 and NZCV", cpu,
	       name, f->rounds[a]);
	if (f->bad_gprs[a])
		tap_note("%u wrong, x%u the last", f->bad_gprs[a], f->bad_gpr_number[a]);
	tap_is(f->bad_v[a], 0, "cpu %u, %s: V0-V31", cpu, name);
	tap_ok(f->bad_sysregs[a] == 0, "cpu %u, %s: system registers", cpu, name);
	if (f->bad_sysregs[a])
		tap_note("%u wrong, %s the last", f->bad_sysregs[a], f->bad_name[a]);
}

static void report(unsigned int cpu)
{
	const struct found *f = &found[cpu];

	for (unsigned int a = 0; a < NR_ACTIONS; a++)
		report_action(cpu, a);
	for (unsigned int i = 0; i < f->nr_sysregs; i++) {
		if (sysregs[i].optional)
			continue;
		/* a register that reads as zero would keep nothing */
		tap_ok((f->ever_set[i] & sysregs[i].mask) == sysregs[i].mask && f->ever_set[i] != 0,
		       "cpu %u, %s holds every bit (%lx)", cpu, sysregs[i].name, f->ever_set[i]);
	}
	tap_ok(f->nr_timer > TIMERS_WANTED, "cpu %u: timer interrupts came in between (%u)", cpu, f->nr_timer);
}

void guest_main(void)
{
	gic_init();
	irq_handler(TIMER_VIRT_INTID, timer_fired);
	write32(RTC_BASE + RTC_MR, RTC_VALUE);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		cpu_on(cpu, run_all, 0);
	run_all(0);
	for (unsigned int cpu = 1; cpu < platform.nr_cpus; cpu++)
		wait_for(&found[cpu].done, 1);
	for (unsigned int cpu = 0; cpu < platform.nr_cpus; cpu++)
		report(cpu);
	tap_done();
}
