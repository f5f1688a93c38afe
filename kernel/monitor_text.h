/* What the monitor's commands have in common: words to the console, VMs by name. Context: the monitor's job. */
#ifndef KERNEL_MONITOR_TEXT_H
#define KERNEL_MONITOR_TEXT_H

struct vm;

/* To the console; what is longer than a row's share of it is cut. */
void monitor_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* By its name, or its number in the list. NULL: said so. */
struct vm *monitor_find_vm(const char *argument);

#endif
