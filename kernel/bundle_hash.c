/* The hashes of a FIT's images: Mbed TLS's, and CRC-32. */
#include <string.h>

#include <mbedtls/md5.h>
#include <mbedtls/sha1.h>
#include <mbedtls/sha256.h>
#include <mbedtls/version.h>

#include "kernel/bundle_parse.h"
#include "lib/bits.h"

/* The 2.x series calls the functions that return an int _ret; 3.x dropped the old ones and the suffix. */
#if MBEDTLS_VERSION_MAJOR < 3
#define mbedtls_md5    mbedtls_md5_ret
#define mbedtls_sha1   mbedtls_sha1_ret
#define mbedtls_sha256 mbedtls_sha256_ret
#endif

/* CRC-32 as in IEEE 802.3 and zlib, four bits at a step: a table of 64 bytes instead of 1 KiB. */
static void hash_crc32(const uint8_t *data, size_t size_bytes, uint8_t digest[BUNDLE_DIGEST_MAX])
{
	static const uint32_t nibble_table[16] = {
		0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
		0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C,
	};
	uint32_t crc = ~UINT32_C(0);

	for (size_t i = 0; i < size_bytes; i++) {
		crc ^= data[i];
		crc = crc >> 4 ^ nibble_table[crc & 0xf];
		crc = crc >> 4 ^ nibble_table[crc & 0xf];
	}
	crc = ~crc;
	for (unsigned int i = 0; i < 4; i++) /* big-endian, as mkimage writes it */
		digest[i] = (uint8_t)(crc >> (24 - 8 * i));
}

/* They fail only where a hardware engine stands in for the software, which is not configured. */
static void hash_md5(const uint8_t *data, size_t size_bytes, uint8_t digest[BUNDLE_DIGEST_MAX])
{
	(void)mbedtls_md5(data, size_bytes, digest);
}

static void hash_sha1(const uint8_t *data, size_t size_bytes, uint8_t digest[BUNDLE_DIGEST_MAX])
{
	(void)mbedtls_sha1(data, size_bytes, digest);
}

static void hash_sha256(const uint8_t *data, size_t size_bytes, uint8_t digest[BUNDLE_DIGEST_MAX])
{
	(void)mbedtls_sha256(data, size_bytes, digest, 0);
}

static const struct {
	const char *algo;
	unsigned int digest_bytes;
	void (*hash)(const uint8_t *data, size_t size_bytes, uint8_t digest[BUNDLE_DIGEST_MAX]);
} hash_table[] = {
	{ "crc32", 4, hash_crc32 },
	{ "md5", 16, hash_md5 },
	{ "sha1", 20, hash_sha1 },
	{ "sha256", 32, hash_sha256 },
};

enum hv_err bundle_hash(const char *algo, const uint8_t *data, size_t size_bytes, uint8_t digest[BUNDLE_DIGEST_MAX],
			unsigned int *digest_bytes)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(hash_table); i++) {
		if (strcmp(algo, hash_table[i].algo) != 0)
			continue;
		hash_table[i].hash(data, size_bytes, digest);
		*digest_bytes = hash_table[i].digest_bytes;
		return HV_OK;
	}
	return HV_EUNSUP;
}
