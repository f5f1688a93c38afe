/* Types of addresses. No pa_t is ever passed where an ipa_t is meant: each is a struct of one member, free at run time.
 */
#ifndef LIB_TYPES_H
#define LIB_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A physical address of the machine. */
typedef struct {
	uint64_t raw;
} pa_t;

/* An intermediate physical address: what a guest believes to be physical. */
typedef struct {
	uint64_t raw;
} ipa_t;

static inline pa_t pa(uint64_t raw)
{
	return (pa_t){ raw };
}

static inline ipa_t ipa(uint64_t raw)
{
	return (ipa_t){ raw };
}

#define PAGE_SHIFT 12
#define PAGE_SIZE  (UINT64_C(1) << PAGE_SHIFT)
#define SZ_2M	   (UINT64_C(1) << 21)
#define SZ_1G	   (UINT64_C(1) << 30)

#endif
