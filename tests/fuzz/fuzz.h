/*
 * What the fuzz targets share: bytes of the input as numbers, and the assertion that makes a wrong answer a crash.
 * Each target is one file with LLVMFuzzerTestOneInput(); scripts/fuzz runs them.
 */
#ifndef TESTS_FUZZ_FUZZ_H
#define TESTS_FUZZ_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define FUZZ_FAIL(text)	  (fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, text), abort())
#define FUZZ_ASSERT(cond) ((cond) ? (void)0 : FUZZ_FAIL(#cond))

struct fuzz_input {
	const uint8_t *data;
	size_t left;
};

/* The next bytes, the lowest first; behind the end all are zero. */
static inline uint64_t fuzz_take(struct fuzz_input *input, unsigned int bytes)
{
	uint64_t value = 0;

	for (unsigned int n = 0; n < bytes && input->left != 0; n++, input->left--)
		value |= (uint64_t)*input->data++ << (8 * n);
	return value;
}

static inline uint8_t fuzz_u8(struct fuzz_input *input)
{
	return (uint8_t)fuzz_take(input, 1);
}

static inline uint32_t fuzz_u32(struct fuzz_input *input)
{
	return (uint32_t)fuzz_take(input, 4);
}

static inline uint64_t fuzz_u64(struct fuzz_input *input)
{
	return fuzz_take(input, 8);
}

/* What libFuzzer calls. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
