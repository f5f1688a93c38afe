/* PSCI and SMCCC calls by the conduit that the device tree names, or by one given. [DEN0022] [DEN0028] */
#ifndef GUESTS_PSCI_H
#define GUESTS_PSCI_H

#include <stdbool.h>
#include <stdint.h>

enum conduit { CONDUIT_BY_DT, CONDUIT_HVC, CONDUIT_SMC };

struct smccc_result {
	uint64_t x0, x1, x2, x3;
};
struct smccc_result smccc_call(enum conduit conduit, uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3);

/* The 32-bit return code of a PSCI call by the device tree's conduit. */
int32_t psci(uint64_t fn, uint64_t a1, uint64_t a2, uint64_t a3);

enum {
	PSCI_SUCCESS = 0,
	PSCI_NOT_SUPPORTED = -1,
	PSCI_INVALID_PARAMETERS = -2,
	PSCI_ALREADY_ON = -4,
	PSCI_ON_PENDING = -5,
	PSCI_INVALID_ADDRESS = -9,
};

#define PSCI_VERSION	       0x84000000U
#define PSCI_CPU_SUSPEND_32    0x84000001U
#define PSCI_CPU_OFF	       0x84000002U
#define PSCI_CPU_ON_32	       0x84000003U
#define PSCI_AFFINITY_INFO_32  0x84000004U
#define PSCI_MIGRATE_INFO_TYPE 0x84000006U
#define PSCI_SYSTEM_OFF	       0x84000008U
#define PSCI_SYSTEM_RESET      0x84000009U
#define PSCI_FEATURES	       0x8400000aU
#define PSCI_CPU_SUSPEND       0xc4000001U
#define PSCI_CPU_ON	       0xc4000003U
#define PSCI_AFFINITY_INFO     0xc4000004U
#define SMCCC_VERSION	       0x80000000U

void psci_system_off(void) __attribute__((noreturn));
void psci_system_reset(void) __attribute__((noreturn));
void psci_cpu_off(void) __attribute__((noreturn));

#endif
