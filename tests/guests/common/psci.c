#include "tests/guests/common/psci.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/tap.h"

#define CALL(insn)                                                                                                   \
	__asm__ volatile(insn " #0"                                                                                  \
			 : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3)::"x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", \
			   "x12", "x13", "x14", "x15", "x16", "x17", "memory")

struct smccc_result smccc_call(enum conduit conduit, uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
	register uint64_t x0 __asm__("x0") = fn;
	register uint64_t x1 __asm__("x1") = a1;
	register uint64_t x2 __asm__("x2") = a2;
	register uint64_t x3 __asm__("x3") = a3;

	if (conduit == CONDUIT_SMC || (conduit == CONDUIT_BY_DT && platform.psci_by_smc))
		CALL("smc");
	else
		CALL("hvc");
	return (struct smccc_result){ x0, x1, x2, x3 };
}

int32_t psci(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3)
{
	return (int32_t)smccc_call(CONDUIT_BY_DT, fn, a1, a2, a3).x0;
}

static void halt(void) __attribute__((noreturn));
static void halt(void)
{
	for (;;)
		__asm__ volatile("wfi");
}

void psci_system_off(void)
{
	psci(PSCI_SYSTEM_OFF, 0, 0, 0);
	halt();
}

void psci_system_reset(void)
{
	psci(PSCI_SYSTEM_RESET, 0, 0, 0);
	halt();
}

void psci_cpu_off(void)
{
	psci(PSCI_CPU_OFF, 0, 0, 0);
	tap_bail("CPU_OFF returned");
}
