/*
 * Ticket spinlock. EL2 runs with interrupts masked, so there is no irqsave form and a holder is never interrupted.
 * Every lock has a rank; a pCPU takes locks in rising rank only, which DEBUG builds assert (lock_rank.c).
 *
 * Pure C11 atomics: the host's tests take the same locks.
 */
#ifndef LIB_SPINLOCK_H
#define LIB_SPINLOCK_H

#include <stdint.h>

/* The one lock order, outermost first. A new lock gets its place here, with what it guards. */
enum lock_rank {
	LOCK_VM,      /* struct vm: life cycle, vCPU power states */
	LOCK_DEV,     /* one device model's state; it drives interrupt lines, so it comes before the vGIC */
	LOCK_VGIC,    /* struct vgic of one VM */
	LOCK_SCHED,   /* one pCPU's run queue and its vCPUs' run states */
	LOCK_VMID,    /* VMID generations */
	LOCK_PALLOC,  /* the physical page allocator */
	LOCK_CONSOLE, /* host console and guests' console rings */
	LOCK_ENTROPY, /* the random generator */
	LOCK_GIC,     /* physical distributor, read-modify-write registers */
	LOCK_LOG,     /* the log ring */
};

struct spinlock {
	uint32_t next, owner;
	uint8_t rank; /* enum lock_rank */
};

#define SPINLOCK_INIT(lock_rank) ((struct spinlock){ .next = 0, .owner = 0, .rank = (lock_rank) })

#ifdef CORBEL_DEBUG
/* Assert the order of ranks on this pCPU; defined in kernel/lock_rank.c. */
void lock_rank_acquire(const struct spinlock *lock);
void lock_rank_release(const struct spinlock *lock);
#else
static inline void lock_rank_acquire(const struct spinlock *lock)
{
	(void)lock;
}
static inline void lock_rank_release(const struct spinlock *lock)
{
	(void)lock;
}
#endif

/* A hint that this pCPU only waits; defined in arch, and by the host's tests. [DDI0487 YIELD] */
void arch_relax(void);

static inline void spin_lock(struct spinlock *lock)
{
	uint32_t ticket = __atomic_fetch_add(&lock->next, 1, __ATOMIC_RELAXED);

	lock_rank_acquire(lock);
	while (__atomic_load_n(&lock->owner, __ATOMIC_ACQUIRE) != ticket)
		arch_relax();
}

static inline void spin_unlock(struct spinlock *lock)
{
	lock_rank_release(lock);
	__atomic_store_n(&lock->owner, lock->owner + 1, __ATOMIC_RELEASE);
}

#endif
