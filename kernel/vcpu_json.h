/*
 * What is known of a vCPU, for scripts: the same facts as kernel/vcpu_words.h has, as a JSON object. Pure.
 *
 * A piece a call, since the monitor's job goes in steps; addresses and registers are strings ("0x.."), for readers
 * whose numbers have 53 bits.
 */
#ifndef KERNEL_VCPU_JSON_H
#define KERNEL_VCPU_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "kernel/vcpu_snapshot.h"

struct json;

/* How far it is; zeroed before the first call. */
struct vcpu_json_rows {
	unsigned int row;
	unsigned int exit; /* of the history: the next one */
};

/* The next piece; index: of the vCPU in its VM; hz: of CNTPCT. Returns false after the last, which closes the object.
 */
bool vcpu_json_row(const struct vcpu_view *view, unsigned int index, uint64_t hz, struct vcpu_json_rows *rows,
		   struct json *json);

#endif
