#include "lib/drbg.h"

#include <string.h>

#define CHACHA_ROUNDS 20
#define BLOCK_WORDS   16
#define KEY_BYTES     32
#define KEY_WORDS     8
#define ANSWER_BYTES  (4 * (BLOCK_WORDS - KEY_WORDS)) /* of one block */

static uint32_t rotate_left(uint32_t value, unsigned int by)
{
	return value << by | value >> (32 - by);
}

/* [RFC 8439 2.1] */
static inline __attribute__((always_inline)) void quarter_round(uint32_t s[16], unsigned int a, unsigned int b,
								unsigned int c, unsigned int d)
{
	s[a] += s[b];
	s[d] = rotate_left(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = rotate_left(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = rotate_left(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = rotate_left(s[b] ^ s[c], 7);
}

/* Columns, then diagonals. Written out, so that the state stays in registers: a quarter of the instructions. */
static inline __attribute__((always_inline)) void double_round(uint32_t s[16])
{
	quarter_round(s, 0, 4, 8, 12);
	quarter_round(s, 1, 5, 9, 13);
	quarter_round(s, 2, 6, 10, 14);
	quarter_round(s, 3, 7, 11, 15);
	quarter_round(s, 0, 5, 10, 15);
	quarter_round(s, 1, 6, 11, 12);
	quarter_round(s, 2, 7, 8, 13);
	quarter_round(s, 3, 4, 9, 14);
}

/* [RFC 8439 2.3]: four constant words, eight of key, the counter, three of nonce. */
void drbg_chacha20_block(const uint32_t key[8], uint32_t counter, const uint32_t nonce[3], uint32_t out[BLOCK_WORDS])
{
	uint32_t start[16] = { 0x61707865, 0x3320646e, 0x79622d32, 0x6b206574 };
	uint32_t s[16];

	memcpy(&start[4], key, KEY_BYTES);
	start[12] = counter;
	memcpy(&start[13], nonce, 3 * sizeof(nonce[0]));
	/* Not by memcpy(): an array whose address is taken stays in memory. */
	for (unsigned int i = 0; i < 16; i++)
		s[i] = start[i];
	for (unsigned int round = 0; round < CHACHA_ROUNDS; round += 2)
		double_round(s);
	for (unsigned int i = 0; i < BLOCK_WORDS; i++)
		out[i] = s[i] + start[i];
}

/* What a block is for goes into the nonce: mixing never gives what an answer has shown. */
enum block_use { USE_MIX, USE_ANSWER };

/* The first half of each block is the next key, so the key that made it is gone; the second half may be given away. */
static void next_block(struct drbg *drbg, enum block_use use, uint32_t block[BLOCK_WORDS])
{
	const uint32_t nonce[3] = { (uint32_t)use, 0, 0 };

	drbg_chacha20_block(drbg->key, 0, nonce, block);
	memcpy(drbg->key, block, KEY_BYTES);
}

void drbg_init(struct drbg *drbg)
{
	memset(drbg, 0, sizeof(*drbg));
}

void drbg_mix(struct drbg *drbg, const void *data, size_t length)
{
	const uint8_t *bytes = data;
	uint32_t block[BLOCK_WORDS];

	for (size_t done = 0; done < length; done += KEY_BYTES) {
		size_t now = length - done < KEY_BYTES ? length - done : KEY_BYTES;
		uint32_t chunk[KEY_BYTES / 4] = { 0 };

		memcpy(chunk, bytes + done, now);
		for (unsigned int i = 0; i < KEY_BYTES / 4; i++)
			drbg->key[i] ^= chunk[i];
		next_block(drbg, USE_MIX, block);
	}
	/* The length goes in last: "ab" and "ab\0" are two different things. */
	drbg->key[0] ^= (uint32_t)length;
	next_block(drbg, USE_MIX, block);
}

void drbg_get(struct drbg *drbg, void *out, size_t length)
{
	uint8_t *bytes = out;
	uint32_t block[BLOCK_WORDS];
	size_t done = 0;

	do {
		size_t now = length - done < ANSWER_BYTES ? length - done : ANSWER_BYTES;

		next_block(drbg, USE_ANSWER, block);
		memcpy(bytes + done, block + KEY_WORDS, now);
		done += now;
	} while (done < length);
}
