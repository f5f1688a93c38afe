/* The vector registers of roam.c, which no C function of a test guest uses. */
#include "tests/guests/common/registers.inc"

/* void v_set(const uint64_t v[64]), void v_get(uint64_t v[64]) */
	.text
	.global	v_set
v_set:	ALL_V	ldp
	ret

	.global	v_get
v_get:	ALL_V	stp
	ret
