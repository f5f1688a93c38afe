/* A byte ring of power-of-two size; one producer and one consumer at a time, guarded by the owner's lock. */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <stdbool.h>
#include <stdint.h>

struct ring {
	uint8_t *data;
	uint32_t size;	     /* a power of two */
	uint32_t head, tail; /* free-running: head - tail bytes are in it */
};

static inline uint32_t ring_used(const struct ring *ring)
{
	return ring->head - ring->tail;
}

static inline uint32_t ring_room(const struct ring *ring)
{
	return ring->size - ring_used(ring);
}

/* Returns false when full; nothing is overwritten. */
static inline bool ring_put(struct ring *ring, uint8_t byte)
{
	if (ring_room(ring) == 0)
		return false;
	ring->data[ring->head++ & (ring->size - 1)] = byte;
	return true;
}

/* Returns the oldest byte, or -1 when empty. */
static inline int ring_get(struct ring *ring)
{
	if (ring_used(ring) == 0)
		return -1;
	return ring->data[ring->tail++ & (ring->size - 1)];
}

#endif
