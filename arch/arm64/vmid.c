/* VMIDs by generation. */
#include "arch/arm64/vmid.h"

#include <stddef.h>
#include <string.h>

#include "lib/assert.h"
#include "lib/bits.h"

static bool id_is_used(const struct vmid_space *space, uint32_t id)
{
	return space->used[id / 64] & BIT(id % 64);
}

static void mark_used(struct vmid_space *space, uint32_t id)
{
	space->used[id / 64] |= BIT(id % 64);
	space->nr_left--;
}

static void forget_all(struct vmid_space *space)
{
	memset(space->used, 0, sizeof(space->used));
	space->nr_left = 1U << space->bits;
	/* VMID 0 stands in VTTBR_EL2 while no guest is loaded. */
	mark_used(space, 0);
}

void vmid_space_init(struct vmid_space *space, unsigned int bits, void (*flush_all)(void))
{
	memset(space, 0, sizeof(*space));
	space->lock = SPINLOCK_INIT(LOCK_VMID);
	space->bits = bits;
	space->generation = 1; /* a struct vmid of zeros has none */
	space->flush_all = flush_all;
	forget_all(space);
}

/*
 * A new generation. Whose VMID is in some pCPU's VTTBR_EL2 keeps it, and takes part in the new generation at once; the
 * flush comes after the marking, and before any VMID is given out anew, so no translation of its last owner is left
 * then.
 */
static void roll_over(struct vmid_space *space)
{
	space->generation++;
	forget_all(space);
	for (unsigned int cpu = 0; cpu < VMID_MAX_CPUS; cpu++) {
		struct vmid *live = space->active[cpu];

		/* A VM that is live on several pCPUs is marked once. */
		if (live && live->generation != space->generation) {
			live->generation = space->generation;
			mark_used(space, live->id);
		}
	}
	space->flush_all();
}

static uint32_t take_free_id(struct vmid_space *space)
{
	ASSERT(space->nr_left != 0);
	do
		space->next = (space->next + 1) % (1U << space->bits);
	while (id_is_used(space, space->next));
	mark_used(space, space->next);
	return space->next;
}

static void set_active(struct vmid_space *space, unsigned int cpu, struct vmid *vmid)
{
	__atomic_store_n(&space->active[cpu], vmid, __ATOMIC_RELAXED);
}

uint32_t vmid_load(struct vmid_space *space, unsigned int cpu, struct vmid *vmid)
{
	/* While it stands in our slot no rollover takes its VMID away, whatever the generation. */
	if (__atomic_load_n(&space->active[cpu], __ATOMIC_RELAXED) == vmid)
		return vmid->id;

	spin_lock(&space->lock);
	/* What ran here before is not live here any more and must not keep its VMID through a rollover. */
	set_active(space, cpu, NULL);
	if (vmid->generation != space->generation) {
		if (space->nr_left == 0)
			roll_over(space);
		vmid->id = take_free_id(space);
		vmid->generation = space->generation;
	}
	set_active(space, cpu, vmid);
	spin_unlock(&space->lock);
	return vmid->id;
}

bool vmid_switch_vcpu(struct vmid *vmid, unsigned int cpu, unsigned int vcpu)
{
	bool same = vmid->last_vcpu[cpu] == vcpu + 1;

	vmid->last_vcpu[cpu] = (uint8_t)(vcpu + 1);
	return !same;
}

void vmid_unload(struct vmid_space *space, unsigned int cpu)
{
	spin_lock(&space->lock);
	set_active(space, cpu, NULL);
	spin_unlock(&space->lock);
}

void vmid_release(struct vmid_space *space, struct vmid *vmid)
{
	spin_lock(&space->lock);
	/* A slot that still named it would answer for a new VM in the same struct. */
	for (unsigned int cpu = 0; cpu < VMID_MAX_CPUS; cpu++)
		if (space->active[cpu] == vmid)
			set_active(space, cpu, NULL);
	vmid->generation = 0;
	spin_unlock(&space->lock);
}
