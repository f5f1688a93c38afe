/*
 * The monitor: what a person, or a script, types at Corbel itself. Keys come from whichever pCPU hands them on, one at
 * a time; a command's answer is the work of a paced job, a row at a time with a pause between, so that a long list
 * costs no guest more than a row. Typed keys are its work, too, a few a step.
 *
 * Races, thought through:
 * - The half-typed line (lib/line_edit.h) is the pump's: console_rx_pump() runs on one pCPU at a time. Nobody else
 * reads it; the prompt is drawn by the pump alone, before each look at what was typed.
 * - While a command runs (busy), the console leaves what is typed in the UART, and the request belongs to the job,
 * whose last step ends that and pumps: so the prompt comes behind the answer, and before what was typed meanwhile.
 * - --json holds others' lines back from Enter to the next prompt: the pump begins and ends that, so a line that was
 * typed ahead cannot overlap. Behind such an answer the job rests as long as it took, busy still, with the prompt
 * there: a script that asks without a pause leaves half of the console to the VMs.
 * - The monitor opens by a key, in the pump, or behind the last VM, on any pCPU: then it takes the focus, and the pump
 * that follows, or is under way and looks again, draws the prompt.
 */
#ifndef KERNEL_MONITOR_H
#define KERNEL_MONITOR_H

#include <stdbool.h>
#include <stdint.h>

/* Once, before the console's interrupt is on: its answers are this pCPU's work. */
void monitor_init(unsigned int cpu);
/* Takes the console's input; console_rx_pump() must follow, and shows the prompt, by whoever is not called by it. No
 * lock held. */
void monitor_open(void);
/* Tells the keys, wherever the focus is; over a VM's screen until the next key. In the pump. */
void monitor_show_keys(void);
/* A typed byte. In the pump. */
void monitor_rx(uint8_t byte);
/* The prompt and the line, where they are due and not there. In the pump. */
void monitor_show_prompt(void);
/* A command is being answered. Any lock may be held. */
bool monitor_is_busy(void);
/* Something was typed for it: see console_rx_pump_monitor(). No lock from LOCK_SCHED on held. */
void monitor_wake(void);

#endif
