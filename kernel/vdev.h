/*
 * The device models of a VM put onto its bus: registers to dev/, interrupt lines to the vGIC, bytes to the console.
 */
#ifndef KERNEL_VDEV_H
#define KERNEL_VDEV_H

#include <stdbool.h>
#include <stdint.h>

#include "dev/vpl011.h"
#include "dev/vpl031.h"
#include "kernel/soft_timer.h"
#include "lib/err.h"
#include "lib/ring.h"
#include "lib/spinlock.h"

struct vm;
struct vcpu;

#define VDEV_UART_RX_BYTES 1024

struct vdev_uart {
	struct spinlock lock; /* LOCK_DEV: everything here */
	struct vpl011 model;
	struct ring rx; /* typed, not yet in the model's FIFO */
	uint8_t rx_bytes[VDEV_UART_RX_BYTES];
	bool rx_held;	       /* the ring is full: the console keeps bytes in the host's UART */
	bool tx_blocked;       /* atomic: a byte was refused; the console calls back */
	unsigned int tx_quota; /* bytes that may still go out in this call; more only when the console calls back */
};

struct vdev_rtc {
	struct spinlock lock; /* LOCK_DEV */
	struct vpl031_state model;
	struct soft_timer timer; /* home pCPU of the VM */
};

/* Puts the VM's devices onto its bus and freezes it. */
enum hv_err vdev_create(struct vm *vm);
/* Reset values, lines low: while no vCPU runs. */
void vdev_reset(struct vm *vm);
/* The vGIC apart, in steps 0, 1, 2...: before a start. Returns false after the last one. */
bool vdev_reset_vgic_step(struct vm *vm, unsigned int step);

/* Console side. A byte typed for this VM; a full ring holds the next ones back (console_rx_hold). */
void vdev_uart_rx(struct vm *vm, uint8_t byte);
/* The console has room again. A few bytes go out each time: it is called where others' interrupts wait. Returns true
 * when it shall be called again for more. */
bool vdev_uart_tx_room(struct vm *vm);
/* Re-arms the RTC's alarm on its home pCPU. */
void vdev_rtc_update(struct vm *vm);

#endif
