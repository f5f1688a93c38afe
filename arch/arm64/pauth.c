/* Pointer authentication keys, by encoding (-march=armv8-a has no names for them): see pauth.h. */
#include "arch/arm64/pauth.h"

#include "arch/arm64/sysreg.h"

/* X(member, encoding of Lo, encoding of Hi) */
#define PAUTH_KEYS(X)                       \
	X(apia, s3_0_c2_c1_0, s3_0_c2_c1_1) \
	X(apib, s3_0_c2_c1_2, s3_0_c2_c1_3) \
	X(apda, s3_0_c2_c2_0, s3_0_c2_c2_1) \
	X(apdb, s3_0_c2_c2_2, s3_0_c2_c2_3) \
	X(apga, s3_0_c2_c3_0, s3_0_c2_c3_1)

void pauth_save(struct pauth_keys *keys)
{
#define SAVE(key, lo, hi)               \
	keys->key[0] = read_sysreg(lo); \
	keys->key[1] = read_sysreg(hi);
	PAUTH_KEYS(SAVE)
#undef SAVE
}

void pauth_restore(const struct pauth_keys *keys)
{
#define RESTORE(key, lo, hi)            \
	write_sysreg(keys->key[0], lo); \
	write_sysreg(keys->key[1], hi);
	PAUTH_KEYS(RESTORE)
#undef RESTORE
}
