/* The few hash functions that FIT images are verified with, and nothing else of Mbed TLS.  Named by
 * MBEDTLS_CONFIG_FILE; works for the 2.28 and the 3.6 series. */
#ifndef CORBEL_MBEDTLS_CONFIG_H
#define CORBEL_MBEDTLS_CONFIG_H

#define MBEDTLS_SHA256_C
#define MBEDTLS_SHA1_C
#define MBEDTLS_MD5_C

#endif
