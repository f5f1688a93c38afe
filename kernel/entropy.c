/* Randomness: see entropy.h. */
#include "kernel/entropy.h"

#include "arch/arm64/rng.h"
#include "arch/arm64/timer.h"
#include "lib/drbg.h"
#include "lib/log.h"
#include "lib/spinlock.h"

#define GOOD_SEED_BYTES 32U /* the generator's key */

static struct spinlock lock = SPINLOCK_INIT(LOCK_ENTROPY);
static struct drbg drbg;
static bool is_good; /* written by entropy_init() alone */

void entropy_init(const struct hw_info *hw)
{
	uint64_t now = timer_now_ticks(), word;
	unsigned int nr_words = 0;

	drbg_init(&drbg);
	drbg_mix(&drbg, hw->rng_seed, hw->rng_seed_bytes);
	while (nr_words < GOOD_SEED_BYTES / sizeof(word) && rng_read(&word)) {
		drbg_mix(&drbg, &word, sizeof(word));
		nr_words++;
	}
	is_good = hw->rng_seed_bytes + nr_words * sizeof(word) >= GOOD_SEED_BYTES;
	/* Not secret, but different at every boot. */
	drbg_mix(&drbg, &now, sizeof(now));
	if (hw->rng_seed_bytes == 0 && nr_words == 0)
		log_warn("entropy",
			 "no rng-seed in the host's device tree and no FEAT_RNG: the guests' seeds can be guessed");
}

void entropy_get(void *out, size_t bytes)
{
	spin_lock(&lock);
	drbg_get(&drbg, out, bytes);
	spin_unlock(&lock);
}

bool entropy_is_good(void)
{
	return is_good;
}
