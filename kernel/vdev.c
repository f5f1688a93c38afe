/* The device models of a VM: see vdev.h. */
#include "kernel/vdev.h"

#include "arch/arm64/gic/gic.h"
#include "arch/arm64/timer.h"
#include "kernel/console.h"
#include "kernel/cpu.h"
#include "kernel/sched.h"
#include "kernel/system.h"
#include "kernel/vdev_power_key.h"
#include "kernel/virq.h"
#include "kernel/vm.h"
#include "lib/bits.h"

#define GICR_FRAME_BYTES 0x20000U
/* Bytes that a UART sends at a time: who waits for an interrupt meanwhile waits for no whole FIFO. */
#define TX_QUOTA_BYTES 4

/*
 * vGIC. Some registers show what stands in list registers: the calling vCPU's are taken back first; for what stands
 * in those of another pCPU the access waits (MMIO_WAIT), and comes here once more.
 */
typedef enum mmio_result (*dist_access_fn)(struct vgic *vgic, struct mmio_access *access, bool write,
					   vgic_mask_t *mask);

static void sync_for(const struct vm *vm, const struct mmio_access *access, bool write)
{
	if (vgic_access_needs_sync(&vm->vgic, access->vcpu->index, access->offset, write))
		virq_sync(access->vcpu);
}

static enum mmio_result vgic_dist(struct vm *vm, struct mmio_access *access, bool write)
{
	dist_access_fn fn = vm->vgic.version == 2 ? vgic_v2_dist_access : vgic_v3_dist_access;
	enum mmio_result result;
	vgic_mask_t mask = 0;

	sync_for(vm, access, write);
	spin_lock(&vm->vgic.lock);
	result = fn(&vm->vgic, access, write, &mask);
	virq_follow_routes(vm);
	spin_unlock(&vm->vgic.lock);
	virq_post(vm, mask);
	return result;
}

static enum mmio_result vgic_dist_read(void *ctx, struct mmio_access *access)
{
	return vgic_dist(ctx, access, false);
}

static enum mmio_result vgic_dist_write(void *ctx, struct mmio_access *access)
{
	return vgic_dist(ctx, access, true);
}

static const struct mmio_ops vgic_dist_ops = { vgic_dist_read, vgic_dist_write };

static enum mmio_result vgic_redist(struct vm *vm, struct mmio_access *access, bool write)
{
	unsigned int target = (unsigned int)(access->offset / GICR_FRAME_BYTES);
	enum mmio_result result;
	vgic_mask_t mask = 0;

	access->offset %= GICR_FRAME_BYTES;
	sync_for(vm, access, write);
	spin_lock(&vm->vgic.lock);
	result = vgic_v3_redist_access(&vm->vgic, target, access, write, &mask);
	spin_unlock(&vm->vgic.lock);
	virq_post(vm, mask);
	return result;
}

static enum mmio_result vgic_redist_read(void *ctx, struct mmio_access *access)
{
	return vgic_redist(ctx, access, false);
}

static enum mmio_result vgic_redist_write(void *ctx, struct mmio_access *access)
{
	return vgic_redist(ctx, access, true);
}

static const struct mmio_ops vgic_redist_ops = { vgic_redist_read, vgic_redist_write };

/* GICv2: the page of the CPU interface that has GICC_DIR. */
static enum mmio_result vgic_dir(struct vm *vm, struct mmio_access *access, bool write)
{
	bool eoi_split = virq_eoi_is_split();
	enum mmio_result result;
	vgic_mask_t mask = 0;

	virq_sync(access->vcpu);
	spin_lock(&vm->vgic.lock);
	result = vgic_v2_dir_access(&vm->vgic, access, write, eoi_split, &mask);
	spin_unlock(&vm->vgic.lock);
	virq_post(vm, mask);
	return result;
}

static enum mmio_result vgic_dir_read(void *ctx, struct mmio_access *access)
{
	return vgic_dir(ctx, access, false);
}

static enum mmio_result vgic_dir_write(void *ctx, struct mmio_access *access)
{
	return vgic_dir(ctx, access, true);
}

static const struct mmio_ops vgic_dir_ops = { vgic_dir_read, vgic_dir_write };

/* UART. */
static bool uart_tx(void *ctx, uint8_t byte)
{
	struct vm *vm = ctx;
	bool taken = vm->uart.tx_quota != 0 && console_guest_tx(vm, byte);

	if (taken)
		vm->uart.tx_quota--;
	else
		__atomic_store_n(&vm->uart.tx_blocked, true, __ATOMIC_RELAXED);
	return taken;
}

static void uart_set_irq(void *ctx, bool level)
{
	struct vm *vm = ctx;

	virq_set_line(vm, vm->map->uart_intid, level);
}

/* Typed bytes go from the ring into the model's FIFO as the guest makes room. Its lock is held. */
static void uart_feed(void *ctx)
{
	struct vdev_uart *uart = &((struct vm *)ctx)->uart;

	while (ring_used(&uart->rx) != 0 && vpl011_rx(&uart->model, uart->rx.data[uart->rx.tail & (uart->rx.size - 1)]))
		(void)ring_get(&uart->rx);
}

/* Its lock is held. */
static void uart_hold_rx(struct vm *vm, bool hold)
{
	vm->uart.rx_held = hold;
	console_rx_hold(vm, hold);
}

/* Its lock is held. Returns whether the quota was used up: what it kept goes out when the console calls back. */
static bool uart_renew_quota(struct vdev_uart *uart)
{
	bool used_up = uart->tx_quota == 0;

	uart->tx_quota = TX_QUOTA_BYTES;
	return used_up;
}

static const struct vpl011_ops uart_ops = { .tx = uart_tx, .set_irq = uart_set_irq, .rx_room = uart_feed };

static enum mmio_result uart_access(struct vm *vm, struct mmio_access *access, bool write)
{
	struct vdev_uart *uart = &vm->uart;
	enum mmio_result result;
	bool resume;

	spin_lock(&uart->lock);
	result = vpl011_access(&uart->model, access, write);
	if (uart_renew_quota(uart))
		console_guest_waits();
	resume = uart->rx_held && ring_room(&uart->rx) > VDEV_UART_RX_BYTES / 2;
	if (resume)
		uart_hold_rx(vm, false);
	spin_unlock(&uart->lock);
	if (resume)
		console_rx_pump();
	return result;
}

static enum mmio_result uart_read(void *ctx, struct mmio_access *access)
{
	return uart_access(ctx, access, false);
}

static enum mmio_result uart_write(void *ctx, struct mmio_access *access)
{
	return uart_access(ctx, access, true);
}

static const struct mmio_ops uart_mmio_ops = { uart_read, uart_write };

void vdev_uart_rx(struct vm *vm, uint8_t byte)
{
	struct vdev_uart *uart = &vm->uart;

	spin_lock(&uart->lock);
	/* There is room: the byte that fills the ring holds back the next one. */
	(void)ring_put(&uart->rx, byte);
	uart_feed(vm);
	if (ring_room(&uart->rx) == 0)
		uart_hold_rx(vm, true);
	spin_unlock(&uart->lock);
}

bool vdev_uart_tx_room(struct vm *vm)
{
	struct vdev_uart *uart = &vm->uart;
	bool has_more;

	if (!__atomic_exchange_n(&uart->tx_blocked, false, __ATOMIC_RELAXED))
		return false;
	spin_lock(&uart->lock);
	vpl011_tx_room(&uart->model);
	has_more = uart_renew_quota(uart);
	spin_unlock(&uart->lock);
	return has_more;
}

/* RTC: counts seconds of the host's counter. */
static uint64_t now_seconds(void)
{
	return timer_now_ticks() / timer_frequency_hz();
}

static enum mmio_result rtc_access(struct vm *vm, struct mmio_access *access, bool write)
{
	struct vdev_rtc *rtc = &vm->rtc;
	enum mmio_result result;
	bool level;

	spin_lock(&rtc->lock);
	result = vpl031_access(&rtc->model, now_seconds(), access, write, &level);
	virq_set_line(vm, vm->map->rtc_intid, level);
	spin_unlock(&rtc->lock);
	if (write && result == MMIO_OK)
		sched_wake_job(&vm->job); /* the alarm's soft timer belongs to the home pCPU */
	return result;
}

static enum mmio_result rtc_read(void *ctx, struct mmio_access *access)
{
	return rtc_access(ctx, access, false);
}

static enum mmio_result rtc_write(void *ctx, struct mmio_access *access)
{
	return rtc_access(ctx, access, true);
}

static const struct mmio_ops rtc_mmio_ops = { rtc_read, rtc_write };

void vdev_rtc_update(struct vm *vm)
{
	struct vdev_rtc *rtc = &vm->rtc;
	struct cpu *cpu = cpu_self();
	uint64_t now = now_seconds(), in_seconds;
	bool level, due;

	spin_lock(&rtc->lock);
	level = vpl031_tick(&rtc->model, now);
	due = vpl031_next_match(&rtc->model, now, &in_seconds);
	virq_set_line(vm, vm->map->rtc_intid, level);
	spin_unlock(&rtc->lock);
	if (due)
		soft_timer_arm(&cpu->timers, &rtc->timer, (now + in_seconds) * timer_frequency_hz());
	else
		soft_timer_cancel(&cpu->timers, &rtc->timer);
}

static void rtc_alarm(struct soft_timer *timer)
{
	vdev_rtc_update(container_of(timer, struct vm, rtc.timer));
}

static enum hv_err add(struct vm *vm, const struct guest_window *window, uint64_t size_bytes,
		       const struct mmio_ops *ops, const char *name)
{
	const struct mmio_region region = {
		.base = window->base,
		.size_bytes = size_bytes,
		.ops = ops,
		.ctx = vm,
		.name = name,
	};

	return mmio_bus_add(&vm->bus, &region);
}

enum hv_err vdev_create(struct vm *vm)
{
	const struct guest_map *map = vm->map;
	const struct guest_window gicc_dir = { .base = ipa(map->gicc.base.raw + PAGE_SIZE) };
	enum hv_err err;

	vm->uart.lock = SPINLOCK_INIT(LOCK_DEV);
	vm->rtc.lock = SPINLOCK_INIT(LOCK_DEV);
	vm->uart.tx_quota = TX_QUOTA_BYTES;
	vm->uart.rx = (struct ring){ .data = vm->uart.rx_bytes, .size = VDEV_UART_RX_BYTES };
	vpl011_init(&vm->uart.model, &uart_ops, vm);
	vpl031_reset(&vm->rtc.model);
	soft_timer_init(&vm->rtc.timer, rtc_alarm);
	err = add(vm, &map->gicd, map->gicd.size_bytes, &vgic_dist_ops, "gicd");
	if (err == HV_OK && vm->config->gic_version == 2)
		err = add(vm, &gicc_dir, map->gicc.size_bytes - PAGE_SIZE, &vgic_dir_ops, "gicc");
	if (err == HV_OK && vm->config->gic_version == 3)
		err = add(vm, &map->gicr, (uint64_t)vm->nr_vcpus * GICR_FRAME_BYTES, &vgic_redist_ops, "gicr");
	if (err == HV_OK)
		err = add(vm, &map->uart, map->uart.size_bytes, &uart_mmio_ops, "uart");
	if (err == HV_OK)
		err = add(vm, &map->rtc, map->rtc.size_bytes, &rtc_mmio_ops, "rtc");
	if (err == HV_OK)
		err = vdev_power_key_create(vm);
	mmio_bus_freeze(&vm->bus);
	return err;
}

void vdev_reset(struct vm *vm)
{
	spin_lock(&vm->uart.lock);
	vpl011_reset(&vm->uart.model);
	/* What was typed at its former life is not for the new one. */
	vm->uart.rx.tail = vm->uart.rx.head;
	uart_hold_rx(vm, false);
	spin_unlock(&vm->uart.lock);
	console_rx_pump();
	spin_lock(&vm->rtc.lock);
	vpl031_reset(&vm->rtc.model);
	virq_set_line(vm, vm->map->rtc_intid, false);
	spin_unlock(&vm->rtc.lock);
	soft_timer_cancel(&cpu_self()->timers, &vm->rtc.timer);
	vdev_power_key_reset(vm);
}

static void link_timers(struct vm *vm, unsigned int vcpu)
{
	vgic_link_private(&vm->vgic, vcpu, vm->map->timer_intids[GUEST_TIMER_VIRT], system_hw->timer_virt.intid);
	vgic_link_private(&vm->vgic, vcpu, vm->map->timer_intids[GUEST_TIMER_PHYS_NS], system_hw->timer_phys_ns.intid);
}

bool vdev_reset_vgic_step(struct vm *vm, unsigned int step)
{
	uint64_t mpidrs[MAX_VCPUS_PER_VM];
	const struct vgic_shape shape = { vm->config->gic_version, vm->nr_vcpus, mpidrs };
	bool more;

	for (unsigned int n = 0; n < vm->nr_vcpus; n++)
		mpidrs[n] = vm->vcpus[n]->mpidr;
	spin_lock(&vm->vgic.lock);
	more = vgic_init_step(&vm->vgic, step, &shape);
	if (!more) {
		vm->vgic.software_ends = !gic->linked_end_works();
		for (unsigned int n = 0; n < vm->nr_vcpus; n++)
			link_timers(vm, n);
	}
	spin_unlock(&vm->vgic.lock);
	return more;
}
