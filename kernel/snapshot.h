/*
 * A vCPU's state at one moment, whatever it does and wherever. Registers of a loaded vCPU are its pCPU's own, so the
 * one who wants to know asks that pCPU: a request is posted, an SGI takes it out of its guest for about 1,500
 * instructions, and the answer is found later. Nobody waits, and the vCPU is neither woken nor stopped: it stays what
 * it was, running, parked, or without its budget. Only a WFI in the machine returns, as it may for no reason.
 *
 * One request at a time, the monitor's. Races, thought through: POSTED belongs to whoever moves it on, by compare and
 * exchange, the pCPU that is asked to TAKEN or the one who asked, tired of waiting, back to IDLE; TAKEN belongs to that
 * pCPU until DONE, or until it is POSTED again: the vCPU has moved, and its new pCPU is asked. One that is looked at
 * does not move (kernel/migrate.h). So a late answer never writes into what is used again, and a request that is
 * withdrawn is not answered.
 */
#ifndef KERNEL_SNAPSHOT_H
#define KERNEL_SNAPSHOT_H

#include <stdbool.h>

#include "kernel/vcpu_snapshot.h"

/* Asks for a snapshot of the vCPU; no other request is under way. Any pCPU, no lock held. */
void snapshot_ask(struct vcpu *vcpu, struct vcpu_snapshot *to);
/* Has it come? The next request may be made then. */
bool snapshot_has_come(void);
/* Withdraws the request. False: it is being answered just now, and will have come in a moment. */
bool snapshot_withdraw(void);

/* IRQ_SGI_SNAPSHOT. The pCPU that was asked, no lock held. */
void snapshot_serve(void);

#endif
