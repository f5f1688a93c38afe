/* A byte ring of power-of-two size; one producer and one consumer at a time, guarded by the owner's lock. */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

/* The oldest bytes that lie in one piece: returns how many, 0 when empty. ring_drop() then takes what was used. */
static inline uint32_t ring_peek(const struct ring *ring, const uint8_t **bytes)
{
	uint32_t at = ring->tail & (ring->size - 1), to_end = ring->size - at, used = ring_used(ring);

	*bytes = ring->data + at;
	return used < to_end ? used : to_end;
}

/* nr is at most ring_used(). */
static inline void ring_drop(struct ring *ring, uint32_t nr)
{
	ring->tail += nr;
}

/* All of it or nothing: false when there is no room. */
static inline bool ring_put_all(struct ring *ring, const uint8_t *bytes, uint32_t length)
{
	uint32_t at = ring->head & (ring->size - 1), to_end = ring->size - at;

	if (ring_room(ring) < length)
		return false;
	if (length <= to_end) {
		memcpy(ring->data + at, bytes, length);
	} else {
		memcpy(ring->data + at, bytes, to_end);
		memcpy(ring->data, bytes + to_end, length - to_end);
	}
	ring->head += length;
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
