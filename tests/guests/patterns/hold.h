/* What C and hold.S of this guest agree on: offsets in struct held, in bytes. */
#ifndef GUESTS_PATTERNS_HOLD_H
#define GUESTS_PATTERNS_HOLD_H

#define HELD_X_IN  0
#define HELD_X_OUT 256
#define HELD_V_IN  512
#define HELD_V_OUT 1024
#define HELD_SP	   1536
#define HELD_BYTES 1552

#endif
