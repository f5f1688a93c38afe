/*
 * A deterministic random bit generator: ChaCha20 [RFC 8439 2.3] with fast key erasure. What it gives is as
 * unpredictable as what was mixed in; its owner says aloud when that was nothing. Forward-secure: the key that made an
 * output is gone when drbg_get() returns, so a later look at the state tells nothing about seeds that guests already
 * have. The owner's lock guards it. Pure.
 */
#ifndef LIB_DRBG_H
#define LIB_DRBG_H

#include <stddef.h>
#include <stdint.h>

struct drbg {
	uint32_t key[8];
};

/* Starts from nothing: mix before the first get. */
void drbg_init(struct drbg *drbg);
/* Stirs `length` bytes into the state: adds to what is in it, never replaces it. */
void drbg_mix(struct drbg *drbg, const void *data, size_t length);
/* Fills `out` and moves on to a fresh key. */
void drbg_get(struct drbg *drbg, void *out, size_t length);

/* One block of ChaCha20 [RFC 8439 2.3], as words: its bytes are theirs in little-endian order. For drbg.c and its test.
 */
void drbg_chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3], uint32_t out[16]);

#endif
