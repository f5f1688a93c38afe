#include "tools/corbel-check/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/bits.h"

static const char usage[] =
	"usage: corbel-check [-q] BUNDLE\n"
	"       corbel-check [-q] --dtb BOARD.dtb [--memory BASE:SIZE]... [--image FILE] [--append OPTIONS]\n"
	"                    [--write-dtbs DIR] BUNDLE\n";

static const char help[] =
	"\n"
	"Checks a bundle as Corbel does when it boots, and tells what each VM will get.\n"
	"\n"
	"  --dtb BOARD.dtb     the board: its device tree. Without it what depends on the board is not checked:\n"
	"                      memory, CPUs that come up, the GIC, host devices\n"
	"  --memory BASE:SIZE  RAM of the board, where its firmware fills that in: 0:948M. For several ranges, again\n"
	"  --image FILE        build/corbel.img, for the memory that it takes; 2 MiB without it\n"
	"  --append OPTIONS    Corbel's own options, in place of the device tree's\n"
	"  --write-dtbs DIR    writes the device tree of each VM that is good: DIR/NAME.dtb\n"
	"  -q, --quiet         mistakes only, no plan\n"
	"  -h, --help          this\n"
	"\n"
	"The plan goes to stdout, mistakes to stderr. Status: 0 all is well, 1 there are mistakes, 2 wrong usage, or "
	"a\n"
	"file that cannot be read or written. The manual: man docs/corbel-check.1\n";

static bool complain(const char *what, const char *why)
{
	fprintf(stderr, "corbel-check: %s%s%s\n%s", what, what[0] != '\0' ? ": " : "", why, usage);
	return false;
}

/* A number of bytes, whole or in K, M, G, from `text` up to the character `stop`. Returns where that is, or NULL. */
static const char *take_bytes(const char *text, char stop, uint64_t *bytes)
{
	static const char units[] = "KMG";
	const char *unit;
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return NULL;
	errno = 0;
	*bytes = strtoull(text, &end, 0);
	unit = *end != '\0' ? strchr(units, *end) : NULL;
	if (unit != NULL) {
		unsigned int shift = 10 * (unsigned int)(unit - units + 1);

		if (*bytes > UINT64_MAX >> shift)
			return NULL;
		*bytes <<= shift;
		end++;
	}
	return errno == 0 && *end == stop ? end : NULL;
}

static bool take_memory(struct arguments *arguments)
{
	struct hw_range *range = &arguments->memory[arguments->nr_memory];
	const char *colon;

	if (arguments->nr_memory == HW_MAX_MEMORY)
		return complain("--memory", "comes too often");
	colon = take_bytes(optarg, ':', &range->base.raw);
	if (colon == NULL || take_bytes(colon + 1, '\0', &range->size_bytes) == NULL ||
	    !range_is_sane(range->base.raw, range->size_bytes))
		return complain(optarg, "is no range of memory: BASE:SIZE is wanted, as 0x40000000:1G");
	arguments->nr_memory++;
	return true;
}

/* Takes one option; getopt has told of what it does not know. */
static bool take_option(struct arguments *arguments, int option)
{
	switch (option) {
	case 'd': arguments->dtb = optarg; return true;
	case 'm': return take_memory(arguments);
	case 'i': arguments->image = optarg; return true;
	case 'a': arguments->bootargs = optarg; return true;
	case 'w': arguments->folder = optarg; return true;
	case 'q': arguments->quiet = true; return true;
	case 'h': arguments->help = true; return true;
	default: fputs(usage, stderr); return false;
	}
}

/* What is of a board needs one. */
static bool check_board(const struct arguments *arguments)
{
	if (arguments->dtb != NULL || (arguments->nr_memory == 0 && arguments->image == NULL &&
				       arguments->bootargs == NULL && arguments->folder == NULL))
		return true;
	return complain("--memory, --image, --append, --write-dtbs", "need a board: --dtb BOARD.dtb");
}

bool arguments_take(int argc, char **argv, struct arguments *arguments)
{
	static const struct option options[] = {
		{ "dtb", required_argument, NULL, 'd' },
		{ "memory", required_argument, NULL, 'm' },
		{ "image", required_argument, NULL, 'i' },
		{ "append", required_argument, NULL, 'a' },
		{ "write-dtbs", required_argument, NULL, 'w' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int option;

	*arguments = (struct arguments){ 0 };
	while ((option = getopt_long(argc, argv, "qh", options, NULL)) != -1)
		if (!take_option(arguments, option))
			return false;
	if (arguments->help)
		return true;
	if (optind == argc)
		return complain("", "which bundle?");
	if (optind != argc - 1)
		return complain(argv[optind + 1], "is one argument too many");
	arguments->bundle = argv[optind];
	return check_board(arguments);
}

void arguments_print_help(void)
{
	printf("%s%s", usage, help);
}
