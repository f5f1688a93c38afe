/* What C and assembly of the test guests agree on. */
#ifndef GUESTS_LAYOUT_H
#define GUESTS_LAYOUT_H

#define GUEST_MAX_CPUS	  8
#define GUEST_STACK_BYTES 16384

/* struct frame, in bytes. */
#define FRAME_SP_EL0 248
#define FRAME_ELR    256
#define FRAME_SPSR   264
#define FRAME_ESR    272
#define FRAME_FAR    280
#define FRAME_BYTES  288

#endif
