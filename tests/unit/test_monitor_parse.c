/* The monitor's lines: what fits a command's usage, what is told where it does not, and what completion offers. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "kernel/monitor_parse.h"
#include "lib/bits.h"
#include "tests/fakes/prng.h"

static const char *const three_vms[] = { "debian", "loop", "2", NULL };
static const char *const no_vms[] = { NULL };
static const char *const *vms;
static struct monitor_request request;

static const char *vm_name(unsigned int n)
{
	return vms[n];
}

static bool no_row(unsigned int row, const char *argument)
{
	(void)row;
	(void)argument;
	return false;
}

static const struct monitor_command commands[] = {
	{ "console", "VM", "", no_row },
	{ "dominfo", "VM [--json]", "", no_row },
	{ "help", "[COMMAND]", "", no_row },
	{ "list", "[--json]", "", no_row },
	{ "log", "", "", no_row },
	{ "reset", "VM", "", no_row },
	{ "stats", "[VM|on|off] [--json]", "", no_row },
	{ "write", "VM WORD [fast]", "", no_row },
};
static const struct monitor_alias aliases[] = { { "ls", "list" }, { "?", "help" }, { "lost", "nowhere" } };
static const struct monitor_words words = { commands, ARRAY_SIZE(commands), aliases, ARRAY_SIZE(aliases), vm_name };

static void set_up(void)
{
	vms = three_vms;
}

static const struct {
	const char *line, *name, *argument;
	bool json;
} good[] = {
	{ "list", "list", "", false },
	{ "  list  ", "list", "", false },
	{ "ls", "list", "", false },
	{ "?", "help", "", false },
	{ "? list", "help", "list", false },
	{ "list --json", "list", "", true },
	{ "--json list", "list", "", true },
	{ "dominfo --json debian", "dominfo", "debian", true },
	{ "dominfo   debian   --json  ", "dominfo", "debian", true },
	{ "console debian", "console", "debian", false },
	{ "console 1", "console", "1", false },
	{ "console 3", "console", "3", false },
	{ "stats", "stats", "", false },
	{ "stats on", "stats", "on", false },
	{ "stats loop --json", "stats", "loop", true },
	{ "write  loop   what  fast", "write", "loop what fast", false },
	{ "write 2 it", "write", "2 it", false },
};

START_TEST(right)
{
	monitor_parse(&words, good[_i].line, &request);
	ck_assert_str_eq(request.error, "");
	ck_assert_ptr_ne(request.command, NULL);
	ck_assert_str_eq(request.command->name, good[_i].name);
	ck_assert_str_eq(request.argument, good[_i].argument);
	ck_assert_int_eq(request.json, good[_i].json);
}
END_TEST

#define VMS "; the VMs are 1 debian, 2 loop, 3 2"

static const struct {
	const char *line, *error;
	bool json;
} wrong[] = {
	{ "", "", false },
	{ "   ", "", false },
	{ "--json", "", true },
	{ "list all", "\"all\" is one word too many; usage: list [--json]", false },
	{ "log 1 2 3", "\"1\" is one word too many; usage: log", false },
	{ "console debian loop", "\"loop\" is one word too many; usage: console VM", false },
	{ "console", "a VM is missing; usage: console VM" VMS, false },
	{ "dominfo --json", "a VM is missing; usage: dominfo VM [--json]" VMS, true },
	{ "console three", "there is no VM \"three\"" VMS, false },
	{ "console 4", "there is no VM \"4\"" VMS, false },
	{ "console 0", "there is no VM \"0\"" VMS, false },
	{ "console 1x", "there is no VM \"1x\"" VMS, false },
	{ "console -1", "there is no VM \"-1\"" VMS, false },
	{ "console 4294967297", "there is no VM \"4294967297\"" VMS, false },
	{ "console 99999999999999999999999", "there is no VM \"99999999999999999999999\"" VMS, false },
	{ "stats of", "there is no VM \"of\"; usage: stats [VM|on|off] [--json]" VMS, false },
	{ "write 2", "something is missing; usage: write VM WORD [fast]", false },
	{ "write 2 it slow", "\"slow\" is not understood; usage: write VM WORD [fast]", false },
	{ "log --json", "log has no --json; usage: log", true },
	{ "lsit", "unknown command \"lsit\"; did you mean \"list\"?", false },
	{ "hepl --json", "unknown command \"hepl\"; did you mean \"help\"?", true },
	{ "l", "unknown command \"l\"; did you mean \"list\" or \"log\"?", false },
	{ "conslole x y z", "unknown command \"conslole\"; did you mean \"console\"?", false },
	{ "resett", "unknown command \"resett\"; did you mean \"reset\"?", false },
	{ "info", "unknown command \"info\"; did you mean \"dominfo\"?", false },
	{ "xyz", "unknown command \"xyz\"; \"help\" lists the commands", false },
	{ "lost", "unknown command \"lost\"; did you mean \"list\"?", false },
	{ "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
	  "unknown command \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\"; "
	  "\"help\" lists the commands",
	  false },
};

START_TEST(not_right)
{
	monitor_parse(&words, wrong[_i].line, &request);
	ck_assert_str_eq(request.error, wrong[_i].error);
	ck_assert_ptr_eq(request.command, NULL);
	ck_assert_int_eq(request.json, wrong[_i].json);
}
END_TEST

START_TEST(without_vms)
{
	vms = no_vms;
	monitor_parse(&words, "console", &request);
	ck_assert_str_eq(request.error, "a VM is missing; usage: console VM; there are none");
	monitor_parse(&words, "console 1", &request);
	ck_assert_str_eq(request.error, "there is no VM \"1\"; there are none");
}
END_TEST

/* A VM that is called "2" is that one, whatever the second is called. */
START_TEST(a_name_goes_before_a_number)
{
	ck_assert_int_eq(monitor_find_vm(&words, "2"), 2);
	ck_assert_int_eq(monitor_find_vm(&words, "1"), 0);
	ck_assert_int_eq(monitor_find_vm(&words, "loop"), 1);
	ck_assert_int_eq(monitor_find_vm(&words, ""), -1);
	ck_assert_int_eq(monitor_find_vm(&words, "01"), -1);
}
END_TEST

static const struct {
	const char *before, *all;
} offers[] = {
	{ "", "console dominfo help list log reset stats write " },
	{ "  ", "console dominfo help list log reset stats write " },
	{ "console ", "debian loop 2 " },
	{ "console debian ", "" },
	{ "dominfo ", "debian loop 2 --json " },
	{ "dominfo loop ", "--json " },
	{ "dominfo --json ", "debian loop 2 " },
	{ "list ", "--json " },
	{ "ls ", "--json " },
	{ "list --json ", "" },
	{ "stats ", "debian loop 2 on off --json " },
	{ "help ", "console dominfo help list log reset stats write " },
	{ "write loop ", "" },
	{ "write loop it ", "fast " },
	{ "nonsense ", "" },
	{ "log ", "" },
};

START_TEST(offered)
{
	char word[LINE_EDIT_BYTES], all[256] = "";

	for (unsigned int n = 0; monitor_next_word(&words, offers[_i].before, n, word); n++) {
		strcat(strcat(all, word), " ");
		ck_assert_uint_lt(n, 32);
	}
	ck_assert_str_eq(all, offers[_i].all);
}
END_TEST

/* Any line of the editor's: understood or refused with a sentence, and --json is seen. */
START_TEST(random_lines)
{
	static const char *const some[] = { "list", "console", "loop",	"--json", "stats", "on",
					    " ",    "  ",      "write", "2",	  "x" };
	uint64_t seed = (uint64_t)_i + 1;
	char line[2 * LINE_EDIT_BYTES], word[LINE_EDIT_BYTES];

	for (unsigned int round = 0; round < 20000; round++) {
		line[0] = '\0';
		for (uint64_t n = prng_below(&seed, 8); n > 0; n--) {
			if (prng_below(&seed, 4) != 0)
				strcat(line, some[prng_below(&seed, ARRAY_SIZE(some))]);
			else
				strcat(line, (char[]){ (char)(' ' + prng_below(&seed, 95)), '\0' });
			if (prng_below(&seed, 3) != 0)
				strcat(line, " ");
		}
		line[LINE_EDIT_BYTES - 1] = '\0';
		monitor_parse(&words, line, &request);
		ck_assert(strspn(line, " ") == strlen(line) || strstr(line, "--json") != NULL ||
			  request.command != NULL || request.error[0] != '\0');
		ck_assert(request.command == NULL || request.error[0] == '\0');
		ck_assert_uint_lt(strlen(request.error), sizeof(request.error) - 1);
		(void)monitor_next_word(&words, line, (unsigned int)prng_below(&seed, 12), word);
	}
}
END_TEST

/* Sixteen VMs with names as long as they may be: the sentence fits a row. */
START_TEST(many_vms)
{
	static const char *const long_names[] = {
		"a-15-bytes-name",
		"b-15-bytes-name",
		"c-15-bytes-name",
		"d-15-bytes-name",
		"e-15-bytes-name",
		"f-15-bytes-name",
		"g-15-bytes-name",
		"h-15-bytes-name",
		"i-15-bytes-name",
		"j-15-bytes-name",
		"k-15-bytes-name",
		"l-15-bytes-name",
		"m-15-bytes-name",
		"n-15-bytes-name",
		"o-15-bytes-name",
		"p-15-bytes-name",
		NULL,
	};

	vms = long_names;
	monitor_parse(&words, "console xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", &request);
	ck_assert_ptr_ne(strstr(request.error, "16 p-15-bytes-name"), NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("monitor_parse");
	TCase *tcase = tcase_create("monitor_parse");
	SRunner *runner = srunner_create(suite);
	int failures;

	tcase_add_checked_fixture(tcase, set_up, NULL);
	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, right, 0, (int)ARRAY_SIZE(good));
	tcase_add_loop_test(tcase, not_right, 0, (int)ARRAY_SIZE(wrong));
	tcase_add_test(tcase, without_vms);
	tcase_add_test(tcase, a_name_goes_before_a_number);
	tcase_add_loop_test(tcase, offered, 0, (int)ARRAY_SIZE(offers));
	tcase_add_loop_test(tcase, random_lines, 0, 2);
	tcase_add_test(tcase, many_vms);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_NORMAL);
	failures = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failures != 0;
}
