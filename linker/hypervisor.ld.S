/*
 * Corbel's image: position-independent, linked at 0, sections by permission. One page is never shared by two
 * permissions, so that boot/boot_map.c can map each stretch as what it is (W^X). What start.S relocates with the MMU
 * off (.data.rel.ro, .got) is read-only from the moment there is a page table.
 */
#include "kernel/config.h"

#define PAGE 4096

OUTPUT_FORMAT("elf64-littleaarch64")
OUTPUT_ARCH(aarch64)
ENTRY(_start)

PHDRS
{
	text PT_LOAD FLAGS(5);
	rodata PT_LOAD FLAGS(4);
	data PT_LOAD FLAGS(6);
	dynamic PT_DYNAMIC FLAGS(4);
}

SECTIONS
{
	. = 0;
	__image_start = .;

	/* RX: the header, then code. */
	.head.text : { KEEP(*(.head.text)) } :text
	/* Alone, so that scripts/nofp can tell it from the rest; first, so that the pattern below does not take it. */
	.text.fpstate : { *(.text.fpstate) } :text
	.text : ALIGN(2048) {
		__text_start = .;
		KEEP(*(.text.vectors))
		*(.text.boot)
		*(.text .text.*)
	} :text
	__text_end = .;

	/* R: constants, and what is written before the MMU goes on only. */
	. = ALIGN(PAGE);
	__rodata_start = .;
	.rodata : { *(.rodata .rodata.*) *(.srodata .srodata.*) } :rodata
	.data.rel.ro : { *(.data.rel.ro .data.rel.ro.*) } :rodata
	.got : { *(.got) *(.got.plt) } :rodata
	.rela.dyn : ALIGN(8) {
		__rela_start = .;
		*(.rela .rela.*)
		__rela_end = .;
	} :rodata
	/* Nobody reads them; a linker that makes a PIE insists. */
	.dynsym : { *(.dynsym) } :rodata
	.dynstr : { *(.dynstr) } :rodata
	.hash : { *(.hash) } :rodata
	.gnu.hash : { *(.gnu.hash) } :rodata
	.dynamic : { *(.dynamic) } :rodata :dynamic
	__rodata_end = .;

	/* RW. */
	. = ALIGN(PAGE);
	__data_start = .;
	.data : { *(.data .data.*) . = ALIGN(PAGE); } :data
	__data_end = .;
	.bss (NOLOAD) : {
		__bss_start = .;
		*(.bss .bss.*)
		*(COMMON)
		. = ALIGN(PAGE);
		__bss_end = .;
	} :data

	/* One guard page, never mapped, under each pCPU's stack. Not zeroed. */
	.stacks (NOLOAD) : {
		__stacks_start = .;
		. += PAGE + EL2_STACK_BYTES;
		__boot_stack_top = .;
		. += (MAX_CPUS - 1) * (PAGE + EL2_STACK_BYTES);
		__stacks_end = .;
	} :data
	__image_end = .;

	/DISCARD/ : {
		*(.interp) *(.note .note.*) *(.eh_frame .eh_frame_hdr)
		*(.ARM.exidx*) *(.gnu.version*) *(.gnu.attributes)
	}
}

ASSERT(_start == __image_start, "the Image header is not first")
ASSERT(primary_start - _start == 64, "the Image header is not 64 bytes")
ASSERT((vectors & 2047) == 0, "VBAR_EL2 wants 2 KiB alignment")
ASSERT(__text_end <= __rodata_start, "text and rodata overlap")
ASSERT(__rodata_end <= __data_start, "rodata and data overlap")
ASSERT(__rodata_start % PAGE == 0, "rodata begins inside a page")
ASSERT(__data_start % PAGE == 0, "data begins inside a page")
ASSERT(__bss_start % PAGE == 0, ".bss begins inside a page")
ASSERT(__stacks_start % PAGE == 0, "a guard page is no page")
ASSERT(__image_end % PAGE == 0, "the image ends inside a page")
ASSERT(EL2_STACK_BYTES % PAGE == 0, "stacks are whole pages")
ASSERT(__image_end <= 0x200000, "the image has outgrown the 2 MiB of docs/memory-map.md")
