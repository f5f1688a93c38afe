/* The check that everything read by libfdt passes first: each way to be wrong, on a tree of three tags and two strings.
 */
#include <check.h>
#include <libfdt.h>
#include <string.h>

#include "lib/bits.h"
#include "lib/fdt_blob.h"

/* The structure block of the tree below, in cells; the tests change one. */
enum {
	ROOT,
	ROOT_NAME,
	PROP,
	PROP_LENGTH,
	PROP_NAME,
	PROP_VALUE,
	NODE,
	NODE_NAME,
	NODE_END,
	NOP,
	ROOT_END,
	END,
	NR_CELLS
};

struct blob {
	struct fdt_header header;
	fdt64_t reservations[2];
	fdt32_t cells[NR_CELLS];
	char strings[8];
};

static _Alignas(8) struct blob blob;

static void put(unsigned int cell, uint32_t value)
{
	blob.cells[cell] = cpu_to_fdt32(value);
}

static void setup(void)
{
	static const uint32_t cells[NR_CELLS] = {
		FDT_BEGIN_NODE, 0,	 FDT_PROP,     4,      0, 42, FDT_BEGIN_NODE, 0x61000000,
		FDT_END_NODE,	FDT_NOP, FDT_END_NODE, FDT_END
	};

	memset(&blob, 0, sizeof(blob));
	fdt_set_magic(&blob, FDT_MAGIC);
	fdt_set_version(&blob, 17);
	fdt_set_last_comp_version(&blob, 16);
	fdt_set_totalsize(&blob, sizeof(blob));
	fdt_set_off_mem_rsvmap(&blob, offsetof(struct blob, reservations));
	fdt_set_off_dt_struct(&blob, offsetof(struct blob, cells));
	fdt_set_size_dt_struct(&blob, sizeof(blob.cells));
	fdt_set_off_dt_strings(&blob, offsetof(struct blob, strings));
	fdt_set_size_dt_strings(&blob, sizeof(blob.strings));
	strcpy(blob.strings, "x\0word");
	for (unsigned int i = 0; i < NR_CELLS; i++)
		put(i, cells[i]);
}

static void expect(const char *fault)
{
	const char *found = fdt_blob_fault(&blob, sizeof(blob));

	if (fault)
		ck_assert_msg(found && strcmp(found, fault) == 0, "it says: %s", found ? found : "nothing");
	else
		ck_assert_msg(!found, "it says: %s", found);
}

START_TEST(sound)
{
	uint32_t value = 0;
	uint64_t wide = 0;

	expect(NULL);
	ck_assert(fdt_blob_u32(&blob, 0, "x", &value));
	ck_assert_uint_eq(value, 42);
	ck_assert(fdt_blob_u32_or_u64(&blob, 0, "x", &wide));
	ck_assert_uint_eq(wide, 42);
	ck_assert(!fdt_blob_u32(&blob, 0, "word", &value));
	ck_assert_ptr_null(fdt_blob_string(&blob, 0, "x")); /* ends in 42 */
	put(PROP_VALUE, 0x6f6b0000);
	ck_assert_str_eq(fdt_blob_string(&blob, 0, "x"), "ok");
}
END_TEST

static const struct {
	unsigned int cell;
	uint32_t value;
	const char *fault;
} wrong_cells[] = {
	{ ROOT, FDT_PROP, "its structure does not hold one root" },
	{ ROOT, FDT_END, "its structure ends too early" },
	{ ROOT, 7, "its structure does not hold one root" },
	{ ROOT_NAME, 0x61000000, "a node has no name" }, /* the root alone has none */
	{ PROP, 7, "its structure has an unknown tag" },
	{ PROP_LENGTH, 1000, "a property is longer than the tree" },
	{ PROP_LENGTH, 0xfffffff4, "a property is longer than the tree" }, /* libfdt would read it for ever */
	{ PROP_LENGTH, 0xffffffff, "a property is longer than the tree" },
	{ PROP_LENGTH, 0x7fffffff, "a property is longer than the tree" },
	{ PROP_LENGTH, 28, "its structure does not end" }, /* all that is left */
	{ PROP_NAME, 8, "a property's name lies outside" },
	{ PROP_NAME, 0xffffffff, "a property's name lies outside" },
	{ PROP_NAME, 7, NULL },
	{ NODE_NAME, 0, "a node has no name" },
	{ NODE_END, FDT_END, "its structure ends too early" },
	{ NODE_END, FDT_NOP, "its structure ends too early" },
	{ NOP, FDT_END_NODE, "its structure does not hold one root" },
	{ END, FDT_NOP, "its structure does not end" },
	{ END, FDT_BEGIN_NODE, "its structure does not hold one root" },
	{ END, FDT_PROP, "its structure does not hold one root" },
};

START_TEST(wrong_cell)
{
	put(wrong_cells[_i].cell, wrong_cells[_i].value);
	expect(wrong_cells[_i].fault);
}
END_TEST

START_TEST(names_and_ends)
{
	put(ROOT_END, FDT_BEGIN_NODE); /* with a name that the block's end cuts off */
	put(END, 0x61616161);
	expect("a node's name does not end");
	setup();
	put(ROOT_END, FDT_PROP);
	expect("a property is cut off");
	setup();
	blob.strings[7] = 'x';
	expect("its strings do not end");
}
END_TEST

START_TEST(header)
{
	ck_assert_str_eq(fdt_blob_fault(&blob, sizeof(blob) - 1), "it is truncated");
	ck_assert_str_eq(fdt_blob_fault(&blob, sizeof(struct fdt_header) - 1),
			 "it is shorter than a device tree's header");
	ck_assert_str_eq(fdt_blob_fault((uint8_t *)&blob + 4, sizeof(blob)), "it is not 8-byte aligned in memory");
	fdt_set_magic(&blob, FDT_MAGIC + 1);
	expect("it does not begin with a device tree's magic number");
	setup();
	fdt_set_version(&blob, 16);
	expect("its version is not 17");
	fdt_set_version(&blob, 18); /* compatible with 17: fine */
	expect(NULL);
	fdt_set_last_comp_version(&blob, 18);
	expect("its version is not 17");
	setup();
	fdt_set_totalsize(&blob, sizeof(blob) - 8); /* the strings are outside */
	expect("its header names places outside of it");
	setup();
	fdt_set_off_dt_struct(&blob, 0xfffffff0);
	expect("its header names places outside of it");
	setup();
	fdt_set_off_dt_struct(&blob, offsetof(struct blob, cells) + 2);
	expect("its blocks are not aligned");
	setup();
	fdt_set_off_mem_rsvmap(&blob, offsetof(struct blob, reservations) + 4);
	expect("its blocks are not aligned");
	setup();
	fdt_set_size_dt_struct(&blob, 0);
	expect("its structure does not end");
}
END_TEST

START_TEST(reservations)
{
	memset(&blob.reservations, 0xff, sizeof(blob) - offsetof(struct blob, reservations));
	memset(&blob.strings[7], 0, 1);
	expect("its memory reservations do not end");
}
END_TEST

START_TEST(cells)
{
	static const uint8_t bytes[] = { 0xee, 1, 2, 3, 4, 5, 6, 7, 8 };

	ck_assert_uint_eq(fdt_blob_cells(bytes + 1, 0), 0);
	ck_assert_uint_eq(fdt_blob_cells(bytes + 1, 1), 0x01020304);
	ck_assert_uint_eq(fdt_blob_cells(bytes + 1, 2), 0x0102030405060708);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("fdt_blob");
	TCase *tcase = tcase_create("fault");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, sound);
	tcase_add_loop_test(tcase, wrong_cell, 0, (int)ARRAY_SIZE(wrong_cells));
	tcase_add_test(tcase, names_and_ends);
	tcase_add_test(tcase, header);
	tcase_add_test(tcase, reservations);
	tcase_add_test(tcase, cells);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
