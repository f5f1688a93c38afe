/* Bit fields as the Arm ARM writes them: a field is named by its mask, read with FIELD_GET and made with FIELD_PREP. */
#ifndef LIB_BITS_H
#define LIB_BITS_H

#include <stdbool.h>
#include <stdint.h>

#define BIT(n)		(UINT64_C(1) << (n))
#define GENMASK(hi, lo) ((UINT64_C(2) << (hi)) - (UINT64_C(1) << (lo)))

/* The lowest set bit of a mask: multiplying or dividing by it shifts; the compiler folds it. */
#define FIELD_LSB(mask)		((mask) & (~(mask) + 1))
#define FIELD_GET(mask, value)	(((uint64_t)(value) & (mask)) / FIELD_LSB(mask))
#define FIELD_PREP(mask, value) (((uint64_t)(value)*FIELD_LSB(mask)) & (mask))
#define FIELD_FITS(mask, value) ((uint64_t)(value) <= (mask) / FIELD_LSB(mask))

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#define container_of(ptr, type, member) ((type *)((char *)(ptr)-offsetof(type, member)))

static inline uint64_t align_down(uint64_t value, uint64_t align)
{
	return value & ~(align - 1);
}

/* Wraps to 0 past the last multiple of align: callers that take untrusted values check with range_is_sane() first. */
static inline uint64_t align_up(uint64_t value, uint64_t align)
{
	return (value + align - 1) & ~(align - 1);
}

static inline bool is_aligned(uint64_t value, uint64_t align)
{
	return (value & (align - 1)) == 0;
}

static inline uint64_t min_u64(uint64_t a, uint64_t b)
{
	return a < b ? a : b;
}

static inline uint64_t max_u64(uint64_t a, uint64_t b)
{
	return a > b ? a : b;
}

/* Sign-extends the low `bits` (1..64) bits of value: the highest of them counts negative. */
static inline uint64_t sign_extend(uint64_t value, unsigned int bits)
{
	uint64_t sign = BIT(bits - 1);

	return (value & (sign - 1)) - (value & sign);
}

/* True when [base, base + size) is not empty and does not wrap. */
static inline bool range_is_sane(uint64_t base, uint64_t size)
{
	return size != 0 && base + (size - 1) >= base;
}

/* True when [inner, inner + inner_size) lies within [base, base + size); both must be sane. */
static inline bool range_contains(uint64_t base, uint64_t size, uint64_t inner, uint64_t inner_size)
{
	return inner >= base && inner - base < size && inner_size <= size - (inner - base);
}

/* True when the two ranges share a byte; both must be sane. */
static inline bool ranges_overlap(uint64_t a, uint64_t a_size, uint64_t b, uint64_t b_size)
{
	return a <= b ? b - a < a_size : a - b < b_size;
}

#endif
