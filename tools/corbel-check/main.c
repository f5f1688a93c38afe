/*
 * corbel-check: what Corbel would make of a bundle on a board, told beforehand, by Corbel's own sources. Its manual is
 * docs/corbel-check.1.
 */
#include <errno.h>
#include <libfdt.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/bits.h"
#include "tools/corbel-check/arguments.h"
#include "tools/corbel-check/print.h"

/* For scripts. */
#define STATUS_FINE	 0
#define STATUS_MISTAKES	 1
#define STATUS_NO_ANSWER 2

/* More than build/corbel.img takes in memory, where --image does not tell. */
#define IMAGE_BYTES_ASSUMED SZ_2M

/* The arm64 Image header. [Linux booting.rst] */
#define IMAGE_SIZE_OFFSET  16
#define IMAGE_MAGIC_OFFSET 56
#define IMAGE_MAGIC	   "ARM\x64"
#define IMAGE_HEADER_BYTES 64

/* How much memory Corbel's image takes, by its header. */
static bool find_image_bytes(const char *path, uint64_t *bytes)
{
	struct file image;
	bool is_image;

	*bytes = IMAGE_BYTES_ASSUMED;
	if (path == NULL)
		return true;
	if (!file_read(path, &image))
		return false;
	is_image =
		image.size_bytes >= IMAGE_HEADER_BYTES && memcmp(image.data + IMAGE_MAGIC_OFFSET, IMAGE_MAGIC, 4) == 0;
	if (!is_image)
		report_trouble(path, "is no arm64 Image");
	*bytes = 0;
	for (unsigned int n = 0; is_image && n < 8; n++)
		*bytes |= (uint64_t)image.data[IMAGE_SIZE_OFFSET + n] << 8 * n;
	file_free(&image);
	return is_image;
}

static bool write_trees(const struct plan *plan, const char *folder)
{
	bool written = true;

	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return report_trouble(folder, strerror(errno));
	for (unsigned int n = 0; n < plan->nr_vms; n++)
		written &= file_write(folder, plan->vms[n].config.name, ".dtb", plan->vms[n].fdt,
				      fdt_totalsize(plan->vms[n].fdt));
	return written;
}

static void print_all(const struct plan *plan)
{
	if (plan->board != NULL) {
		print_board(plan);
		report_print("%s", "");
	}
	print_vms(plan);
	if (plan->board == NULL) {
		report_print("Without a board: memory, CPUs, the GIC and host devices were not looked at (--dtb).");
		return;
	}
	report_print("%s", "");
	print_rest(plan);
}

/* Nothing where there is nothing to say. */
static void print_counts(const struct report *report)
{
	if (report->nr_mistakes + report->nr_warnings != 0)
		fprintf(stderr, "corbel-check: %u mistake%s, %u warning%s\n", report->nr_mistakes,
			report->nr_mistakes == 1 ? "" : "s", report->nr_warnings, report->nr_warnings == 1 ? "" : "s");
}

static bool read_files(const struct arguments *arguments, struct file *bundle, struct file *dtb, uint64_t *image_bytes)
{
	if (!file_read(arguments->bundle, bundle))
		return false;
	return arguments->dtb == NULL ||
	       (file_read(arguments->dtb, dtb) && find_image_bytes(arguments->image, image_bytes));
}

/* What is wrong with a board says nothing of the bundle, which is looked at without it then. */
static bool find_board(const struct arguments *arguments, struct board_files *files, struct board *board,
		       struct report *report)
{
	if (arguments->dtb == NULL)
		return false;
	files->bootargs = arguments->bootargs;
	files->nr_memory = arguments->nr_memory;
	memcpy(files->memory, arguments->memory, sizeof(files->memory));
	report->file = arguments->dtb;
	return board_init(board, files, report);
}

/* All the files are there. */
static int check(const struct arguments *arguments, struct board_files *files)
{
	static struct plan plan;
	static struct board board;
	struct report report = { 0 };
	bool has_board = find_board(arguments, files, &board, &report), written = true;

	report.file = arguments->bundle;
	vms_plan(&plan, has_board ? &board : NULL, files->bundle, &report);
	if (!arguments->quiet)
		print_all(&plan);
	if (arguments->folder != NULL && has_board)
		written = write_trees(&plan, arguments->folder);
	written &= fflush(stdout) == 0;
	print_counts(&report);
	board_free(&board);
	if (!written)
		return STATUS_NO_ANSWER;
	return report.nr_mistakes != 0 ? STATUS_MISTAKES : STATUS_FINE;
}

int main(int argc, char **argv)
{
	struct file bundle = { 0 }, dtb = { 0 };
	struct board_files files = { .dtb = &dtb, .bundle = &bundle };
	int status = STATUS_NO_ANSWER;
	struct arguments arguments;

	if (!arguments_take(argc, argv, &arguments))
		return STATUS_NO_ANSWER;
	if (arguments.help) {
		arguments_print_help();
		return STATUS_FINE;
	}
	if (read_files(&arguments, &bundle, &dtb, &files.image_bytes))
		status = check(&arguments, &files);
	file_free(&bundle);
	file_free(&dtb);
	return status;
}
