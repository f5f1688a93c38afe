#include "tests/guests/debug/points.h"
#include "tests/guests/common/cpu.h"

/* The number is in the instruction. */
#define EACH(X) \
	X(0)    \
	X(1)    \
	X(2)    \
	X(3)    \
	X(4)    \
	X(5)    \
	X(6)    \
	X(7)    \
	X(8)    \
	X(9)    \
	X(10)   \
	X(11)   \
	X(12)   \
	X(13)   \
	X(14)   \
	X(15)
#define FUNCTIONS(n)                               \
	static uint64_t read_bvr##n(void)          \
	{                                          \
		return READ_REG(dbgbvr##n##_el1);  \
	}                                          \
	static uint64_t read_bcr##n(void)          \
	{                                          \
		return READ_REG(dbgbcr##n##_el1);  \
	}                                          \
	static uint64_t read_wvr##n(void)          \
	{                                          \
		return READ_REG(dbgwvr##n##_el1);  \
	}                                          \
	static uint64_t read_wcr##n(void)          \
	{                                          \
		return READ_REG(dbgwcr##n##_el1);  \
	}                                          \
	static void write_bvr##n(uint64_t value)   \
	{                                          \
		WRITE_REG(dbgbvr##n##_el1, value); \
	}                                          \
	static void write_bcr##n(uint64_t value)   \
	{                                          \
		WRITE_REG(dbgbcr##n##_el1, value); \
	}                                          \
	static void write_wvr##n(uint64_t value)   \
	{                                          \
		WRITE_REG(dbgwvr##n##_el1, value); \
	}                                          \
	static void write_wcr##n(uint64_t value)   \
	{                                          \
		WRITE_REG(dbgwcr##n##_el1, value); \
	}
EACH(FUNCTIONS)

static uint64_t (*const reads[16][4])(void) = {
#define READS(n) { read_bvr##n, read_bcr##n, read_wvr##n, read_wcr##n },
	EACH(READS)
};
static void (*const writes[16][4])(uint64_t value) = {
#define WRITES(n) { write_bvr##n, write_bcr##n, write_wvr##n, write_wcr##n },
	EACH(WRITES)
};

uint64_t point_read(enum point kind, unsigned int n)
{
	return reads[n][kind]();
}

void point_write(enum point kind, unsigned int n, uint64_t value)
{
	writes[n][kind](value);
	isb();
}

unsigned int nr_breakpoints(void)
{
	return (unsigned int)(READ_REG(id_aa64dfr0_el1) >> 12 & 0xf) + 1;
}

unsigned int nr_watchpoints(void)
{
	return (unsigned int)(READ_REG(id_aa64dfr0_el1) >> 20 & 0xf) + 1;
}

void points_clear(void)
{
	for (unsigned int n = 0; n < nr_breakpoints(); n++)
		point_write(BCR, n, 0);
	for (unsigned int n = 0; n < nr_watchpoints(); n++)
		point_write(WCR, n, 0);
}
