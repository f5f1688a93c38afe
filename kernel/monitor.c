/* The monitor: see monitor.h. A line at a time; what a command is, stands in monitor_commands.c. */
#include "kernel/monitor.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "kernel/console.h"
#include "kernel/monitor_commands.h"
#include "kernel/monitor_parse.h"
#include "kernel/paced_job.h"
#include "kernel/vm.h"
#include "lib/bits.h"
#include "lib/json.h"
#include "lib/line_edit.h"

#define PROMPT "corbel> "
/* Between two rows of an answer. */
#define ROW_PAUSE_US 500
#define COLUMNS	     80
/* In a step: 16 KB/s, more than a serial line brings. */
#define KEYS_A_STEP 8

static struct {
	/* The pump's; ASKED_WORDS lets the job read it, nothing is typed then. */
	struct line_edit edit;
	bool holds_lines; /* since Enter behind --json, up to the prompt */

	enum { IDLE, ANSWERING, RESTING } state; /* atomic */
	/* The job's, unless IDLE; else the pump's. */
	struct paced_job job;
	enum { ASKED_LINE, ASKED_WORDS } asked;
	char line[LINE_EDIT_BYTES]; /* ASKED_LINE: not understood yet */
	struct monitor_request request;
	unsigned int row; /* RESTING: as many pauses are left */
	struct json json;
} monitor;

static void say(const char *text)
{
	console_write(text, strlen(text));
}

void monitor_say(const char *format, ...)
{
	char text[MONITOR_ROW_BYTES];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	say(text);
}

struct json *monitor_json(void)
{
	return monitor.request.json ? &monitor.json : NULL;
}

bool monitor_is_busy(void)
{
	return __atomic_load_n(&monitor.state, __ATOMIC_ACQUIRE) != IDLE;
}

/* --- answering: the job --- */

/* What waited for an answer in one piece then has as long for itself, before the next line is read. */
static void finish(void)
{
	__atomic_store_n(&monitor.state, monitor_json() != NULL ? RESTING : IDLE, __ATOMIC_RELEASE);
	console_rx_pump();
}

static void rest(void)
{
	if (monitor.row-- != 0)
		return;
	__atomic_store_n(&monitor.state, IDLE, __ATOMIC_RELEASE);
	console_rx_pump();
}

/* What is wrong with the line. */
static void refuse(void)
{
	if (monitor_json() == NULL) {
		monitor_say("%s\n", monitor.request.error);
		return;
	}
	json_open_object(&monitor.json, NULL);
	json_string(&monitor.json, "error", monitor.request.error);
}

/* Understands the line, for the rows that follow. Returns false when none do. */
static bool begin_answer(void)
{
	monitor_parse(monitor_words(), monitor.line, &monitor.request);
	json_init(&monitor.json);
	return monitor.request.command != NULL || monitor.request.error[0] != '\0';
}

/* Returns true when there is more. */
static bool answer_command(unsigned int row)
{
	if (row == 0)
		return begin_answer();
	if (monitor.request.command != NULL)
		return monitor.request.command->row(row - 1, monitor.request.argument);
	refuse();
	return false;
}

static void send_json(bool more)
{
	if (monitor_json() == NULL)
		return;
	if (!more)
		json_end(&monitor.json);
	console_write(monitor.json.text, monitor.json.length);
	monitor.json.length = 0;
}

/* The second Tab: what fits, as much of it on each row as the screen has columns. monitor.row is the next word. */
static bool answer_words(void)
{
	char text[COLUMNS + 2] = "", word[LINE_EDIT_BYTES];
	size_t used = 0;
	bool fits, more;

	while ((more = line_edit_word(&monitor.edit, monitor.row, word, &fits))) {
		if (fits && used != 0 && used + strlen(word) + 2 > COLUMNS)
			break;
		if (fits)
			used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%s", used == 0 ? "" : "  ", word);
		monitor.row++;
	}
	monitor_say("%s\n", text);
	return more;
}

void monitor_wake(void)
{
	paced_job_wake(&monitor.job);
}

/* The job's step while there is nothing to answer. Returns true when there is more. */
static bool take_keys(void)
{
	bool more = console_rx_pump_monitor(KEYS_A_STEP);

	if (more && !console_is_focused(NULL))
		console_rx_pump(); /* a VM's by now: the interrupt path's */
	return more;
}

static bool job_step(void)
{
	bool more;

	if (!monitor_is_busy())
		return take_keys();
	if (monitor.state == RESTING) {
		rest();
		return monitor_is_busy();
	}
	if (!console_has_room(monitor_json() != NULL ? JSON_BYTES : MONITOR_ROW_BYTES))
		return true;
	if (monitor.asked == ASKED_WORDS) {
		more = answer_words();
	} else {
		more = answer_command(monitor.row++);
		send_json(more);
	}
	if (!more)
		finish();
	return monitor_is_busy();
}

/* --- typing: the pump --- */

static void start_answer(void)
{
	monitor.request.json = false;
	monitor.row = 0;
	__atomic_store_n(&monitor.state, ANSWERING, __ATOMIC_RELEASE);
	paced_job_wake(&monitor.job);
}

static void answer_line(const char *line)
{
	monitor.asked = ASKED_LINE;
	(void)snprintf(monitor.line, sizeof(monitor.line), "%s", line);
	start_answer();
}

/* The prompt and the line with the cursor in its place; returns the length. No snprintf(): a pasted line comes through
 * here byte by byte, where a guest's interrupt may wait. */
static size_t compose_prompt(char prompt[CONSOLE_PROMPT_BYTES])
{
	unsigned int back = line_edit_columns_back(&monitor.edit);
	char *end = prompt + sizeof(PROMPT) - 1;

	_Static_assert(sizeof(PROMPT) + LINE_EDIT_BYTES + sizeof("\033[99D") <= CONSOLE_PROMPT_BYTES, "it fits");
	memcpy(prompt, PROMPT, sizeof(PROMPT) - 1);
	memcpy(end, monitor.edit.text, monitor.edit.length);
	end += monitor.edit.length;
	if (back != 0) {
		*end++ = '\033';
		*end++ = '[';
		*end++ = (char)('0' + back / 10);
		*end++ = (char)('0' + back % 10);
		*end++ = 'D';
	}
	*end = '\0';
	return (size_t)(end - prompt);
}

/* As the console draws it again behind others' lines; echo shows what has changed since it was drawn. */
static void set_prompt(const char *echo, size_t length)
{
	char prompt[CONSOLE_PROMPT_BYTES];

	(void)compose_prompt(prompt);
	console_set_prompt(prompt, echo, length);
}

#define CLEAR_SCREEN "\033[H\033[2J"

static void clear_screen(void)
{
	char echo[sizeof(CLEAR_SCREEN) + CONSOLE_PROMPT_BYTES] = CLEAR_SCREEN;

	set_prompt(echo, sizeof(CLEAR_SCREEN) - 1 + compose_prompt(echo + sizeof(CLEAR_SCREEN) - 1));
}

static void leave_prompt(const char *echo)
{
	console_set_prompt("", echo, strlen(echo));
}

void monitor_show_prompt(void)
{
	if (__atomic_load_n(&monitor.state, __ATOMIC_ACQUIRE) == ANSWERING)
		return;
	if (console_is_focused(NULL) && console_covered() == NULL && !console_has_prompt())
		set_prompt("", 0);
	if (monitor.holds_lines)
		console_hold_lines(monitor.holds_lines = false);
}

/* The line is done. Nothing comes between the newline behind --json and the next prompt but the answer. */
static void take_line(void)
{
	monitor.holds_lines = strstr(monitor.edit.text, MONITOR_JSON) != NULL;
	if (monitor.holds_lines)
		console_hold_lines(true);
	leave_prompt("\n");
	answer_line(monitor.edit.text);
	line_edit_next(&monitor.edit);
}

/* Back to the VM that had the keys before. */
static void go_back(void)
{
	struct vm *vm = console_last_focus();

	leave_prompt("\n");
	if (vm != NULL)
		console_show(vm);
}

void monitor_rx(uint8_t byte)
{
	enum line_edit_wish wish = line_edit_key(&monitor.edit, byte);

	set_prompt(monitor.edit.out, monitor.edit.out_length);
	switch (wish) {
	case LINE_EDIT_MORE: break;
	case LINE_EDIT_DONE: take_line(); break;
	case LINE_EDIT_DROP: leave_prompt("^C\n"); break;
	case LINE_EDIT_CLEAR: clear_screen(); break;
	case LINE_EDIT_LIST:
		leave_prompt("\n");
		monitor.asked = ASKED_WORDS;
		start_answer();
		break;
	case LINE_EDIT_LEAVE: go_back(); break;
	}
}

void monitor_show_keys(void)
{
	if (monitor_is_busy())
		return;
	console_cover();
	leave_prompt("\n");
	answer_line("keys");
}

/* --- opening --- */

/* The way back, in words. */
static void tell_way_back(char *text, size_t size)
{
	const struct vm *vm = console_last_focus();

	if (vm != NULL && vm_is_alive(vm) && vm->id < NR_CONSOLE_KEYS)
		(void)snprintf(text, size, "; Ctrl-] %u or Ctrl-D goes back to %s", vm->id + 1, vm->config->name);
	else if (vm != NULL && vm_is_alive(vm))
		(void)snprintf(text, size, "; Ctrl-D goes back to %s", vm->config->name);
	else if (vm_any_alive())
		(void)snprintf(text, size, "; Ctrl-] n goes to a VM that runs");
	else
		(void)snprintf(text, size, ", \"poweroff\" ends");
}

void monitor_open(void)
{
	char line[120], way_back[60];

	/* Behind the last VM, with somebody at the prompt: what runs there is not cut in two. */
	if (console_is_focused(NULL) && monitor_is_busy() && console_covered() == NULL)
		return;
	console_set_focus(NULL); /* first: what the VM still prints would come between these lines */
	tell_way_back(way_back, sizeof(way_back));
	(void)snprintf(line, sizeof(line), "\nCorbel monitor: \"help\" lists the commands%s\n", way_back);
	console_tell(line);
}

static bool words(const char *before, unsigned int n, char word[LINE_EDIT_BYTES])
{
	return monitor_next_word(monitor_words(), before, n, word);
}

void monitor_init(unsigned int cpu)
{
	line_edit_init(&monitor.edit, words);
	paced_job_init(&monitor.job, job_step, cpu, ROW_PAUSE_US);
}
