/* The list: order, both directions, removal from everywhere. */
#include <check.h>

#include "lib/bits.h"
#include "lib/list.h"

struct item {
	char name;
	struct list_node node;
};

static struct list_node head;
static struct item items[4];

static void setup(void)
{
	list_init(&head);
	for (unsigned int i = 0; i < ARRAY_SIZE(items); i++)
		items[i].name = (char)('a' + i);
}

/* Walks it both ways. */
static void check_order(const char *names)
{
	const struct list_node *node = &head;
	unsigned int n = 0;

	for (; names[n]; n++) {
		node = node->next;
		ck_assert_ptr_ne(node, &head);
		ck_assert_int_eq(container_of(node, struct item, node)->name, names[n]);
	}
	ck_assert_ptr_eq(node->next, &head);
	for (node = head.prev; n-- > 0; node = node->prev)
		ck_assert_int_eq(container_of(node, struct item, node)->name, names[n]);
	ck_assert_ptr_eq(node, &head);
	ck_assert_int_eq(list_is_empty(&head), names[0] == 0);
}

START_TEST(tail_keeps_order)
{
	check_order("");
	for (unsigned int i = 0; i < 4; i++)
		list_add_tail(&head, &items[i].node);
	check_order("abcd");
}
END_TEST

START_TEST(insert_before)
{
	list_add_tail(&head, &items[1].node);
	list_insert_before(&items[1].node, &items[0].node);
	list_insert_before(&items[1].node, &items[2].node);
	list_insert_before(head.next, &items[3].node);
	check_order("dacb");
}
END_TEST

START_TEST(remove_from_everywhere)
{
	static const char *const left[] = { "bcd", "acd", "abd", "abc" };

	for (unsigned int i = 0; i < 4; i++)
		list_add_tail(&head, &items[i].node);
	list_remove(&items[_i].node);
	check_order(left[_i]);
	/* Once more does no harm, neither to it nor to the list. */
	list_remove(&items[_i].node);
	check_order(left[_i]);
	ck_assert(list_is_empty(&items[_i].node));
	for (unsigned int i = 0; i < 4; i++)
		list_remove(&items[i].node);
	check_order("");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("list");
	TCase *tc = tcase_create("list");
	SRunner *runner;
	int failures;

	tcase_add_checked_fixture(tc, setup, NULL);
	tcase_add_test(tc, tail_keeps_order);
	tcase_add_test(tc, insert_before);
	tcase_add_loop_test(tc, remove_from_everywhere, 0, 4);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
