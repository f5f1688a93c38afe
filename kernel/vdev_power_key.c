/* The power key: see vdev_power_key.h. */
#include "kernel/vdev_power_key.h"

#include "arch/arm64/timer.h"
#include "kernel/cpu.h"
#include "kernel/sched.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "lib/bits.h"

/* Longer than a driver's debouncing, as on QEMU's virt. */
#define PRESSED_US 100000

static enum mmio_result key_access(struct vm *vm, struct mmio_access *access, bool write)
{
	struct vdev_power_key *key = &vm->power_key;
	enum mmio_result result;
	bool level;

	spin_lock(&key->lock);
	result = vpl061_access(&key->model, access, write, &level);
	virq_set_line(vm, vm->map->gpio_intid, level);
	spin_unlock(&key->lock);
	return result;
}

static enum mmio_result key_read(void *ctx, struct mmio_access *access)
{
	return key_access(ctx, access, false);
}

static enum mmio_result key_write(void *ctx, struct mmio_access *access)
{
	return key_access(ctx, access, true);
}

static const struct mmio_ops key_mmio_ops = { key_read, key_write };

static void release_is_due(struct soft_timer *timer)
{
	sched_wake_job(&container_of(timer, struct vm, power_key.timer)->job);
}

enum hv_err vdev_power_key_create(struct vm *vm)
{
	const struct guest_window *window = &vm->map->gpio;
	const struct mmio_region region = { window->base, window->size_bytes, &key_mmio_ops, vm, "gpio" };

	vm->power_key.lock = SPINLOCK_INIT(LOCK_DEV);
	soft_timer_init(&vm->power_key.timer, release_is_due);
	return vm->config->power_key ? mmio_bus_add(&vm->bus, &region) : HV_OK;
}

/* The key goes down or up. Its lock is held. */
static void set_locked(struct vm *vm, uint64_t release_ticks)
{
	struct vdev_power_key *key = &vm->power_key;

	key->release_ticks = release_ticks;
	virq_set_line(vm, vm->map->gpio_intid, vpl061_set_input(&key->model, GUEST_POWER_KEY_LINE, release_ticks != 0));
}

void vdev_power_key_reset(struct vm *vm)
{
	if (!vm->config->power_key)
		return;
	spin_lock(&vm->power_key.lock);
	vpl061_reset(&vm->power_key.model);
	set_locked(vm, 0);
	spin_unlock(&vm->power_key.lock);
	soft_timer_cancel(&cpu_self()->timers, &vm->power_key.timer);
}

void vdev_power_key_press(struct vm *vm)
{
	spin_lock(&vm->power_key.lock);
	set_locked(vm, timer_now_ticks() - vm->cntvoff + timer_us_to_ticks(PRESSED_US));
	spin_unlock(&vm->power_key.lock);
	sched_wake_job(&vm->job);
}

void vdev_power_key_update(struct vm *vm)
{
	struct vdev_power_key *key = &vm->power_key;
	uint64_t release_ticks;

	if (!vm->config->power_key)
		return;
	spin_lock(&key->lock);
	if (key->release_ticks != 0 && timer_now_ticks() - vm->cntvoff >= key->release_ticks)
		set_locked(vm, 0);
	release_ticks = key->release_ticks;
	spin_unlock(&key->lock);
	if (release_ticks != 0)
		soft_timer_arm(&cpu_self()->timers, &key->timer, release_ticks + vm->cntvoff);
}
