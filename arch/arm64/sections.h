/* Where the linker put what: linker/hypervisor.ld.S. All but the text's and rodata's ends are page-aligned. */
#ifndef ARCH_ARM64_SECTIONS_H
#define ARCH_ARM64_SECTIONS_H

/* Hidden: addressed by ADRP, without a detour through the GOT. */
#pragma GCC visibility push(hidden)
extern char __image_start[], __image_end[]; /* all of it, .bss and stacks too: image_size of the header */
extern char __text_start[], __text_end[];
extern char __rodata_start[], __rodata_end[];
extern char __data_start[], __data_end[];
extern char __bss_start[], __bss_end[];
extern char __stacks_start[], __stacks_end[]; /* per pCPU: a guard page, then the stack */
#pragma GCC visibility pop

#endif
