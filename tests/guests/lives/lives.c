/*
 * Many lives: what does this one find, and does anything of the life before reach it? Tells a hash of its image as it
 * lies in RAM, and how many of the free words of its RAM are not zero. Then it overwrites all that it has, its image
 * and device tree too, and asks for a reset (bootargs then=reset), or waits for the operator (then=wait).
 */
#include "tests/guests/common/bootargs.h"
#include "tests/guests/common/cpu.h"
#include "tests/guests/common/platform.h"
#include "tests/guests/common/print.h"
#include "tests/guests/common/psci.h"
#include "tests/guests/common/tap.h"

#define PAGE_BYTES  4096UL
#define SLACK_BYTES 0x200000UL /* the device tree lies in the last 2 MiB */
#define FNV_OFFSET  0xcbf29ce484222325UL
#define FNV_PRIME   0x100000001b3UL

bool guest_wants_mmu = false; /* what is written is in RAM, and is run from there */

/* A variable of the image's: a line of its own, so that the file ends just where _image_file_end is. */
static volatile uint64_t nr_lives[8] __attribute__((aligned(64))) = { 1 };

extern const uint8_t _image_start[], _image_file_end[], _image_end[];
extern const uint32_t wipe_begin[], wipe_end[];

/* FNV-1a. */
static uint64_t hash_image(void)
{
	uint64_t hash = FNV_OFFSET;

	for (const uint8_t *at = _image_start; at < _image_file_end; at++)
		hash = (hash ^ *at) * FNV_PRIME;
	return hash;
}

static void tell_what_is_there(void)
{
	const volatile uint64_t *at =
		(const volatile uint64_t *)(((uint64_t)_image_end + PAGE_BYTES) & ~(PAGE_BYTES - 1));
	const volatile uint64_t *end =
		(const volatile uint64_t *)(platform.ram_base + platform.ram_bytes - SLACK_BYTES);
	uint64_t nr_words = (uint64_t)(end - at), nr_left = 0;

	for (; at < end; at++)
		nr_left += *at != 0;
	print("life: image %lx, %lu of %lu words are not zero\n", hash_image(), nr_left, nr_words);
	print_flush();
}

void guest_main(void)
{
	uint32_t *wipe = (uint32_t *)platform.ram_base; /* below the image: the one page that stays */
	uint64_t next = bootargs_is("then", "reset") ? PSCI_SYSTEM_RESET : 0;

	if (next == 0 && !bootargs_is("then", "wait"))
		tap_bail("needs bootargs then=reset or then=wait");
	tell_what_is_there();
	nr_lives[0]++;
	for (const uint32_t *from = wipe_begin; from < wipe_end; from++)
		wipe[from - wipe_begin] = *from;
	__asm__ volatile("dsb sy\n\tic iallu\n\tdsb sy\n\tisb" ::: "memory");
	((void (*)(uint64_t, uint64_t, uint64_t))wipe)(platform.ram_base + PAGE_BYTES,
						       platform.ram_base + platform.ram_bytes, next);
}
