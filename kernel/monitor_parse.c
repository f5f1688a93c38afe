/* The monitor's lines: see monitor_parse.h. A word is a span of the line, as a form is one of the usage text. */
#include "kernel/monitor_parse.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel/monitor_near.h"
#include "lib/bits.h"

#define NEAR_SHOWN 3

struct span {
	const char *at;
	size_t length;
};

/* The span of other bytes than `separator` that follows; its length is 0 at the end. */
static struct span next_span(const char **text, char separator)
{
	const char set[2] = { separator, '\0' };
	struct span span;

	span.at = *text + strspn(*text, set);
	span.length = strcspn(span.at, set);
	*text = span.at + span.length;
	return span;
}

static bool is(struct span span, const char *text)
{
	return strlen(text) == span.length && memcmp(span.at, text, span.length) == 0;
}

static void __attribute__((format(printf, 2, 3))) add(char text[MONITOR_ROW_BYTES], const char *format, ...)
{
	size_t used = strlen(text);
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text + used, MONITOR_ROW_BYTES - used, format, args);
	va_end(args);
}

/* --- forms of a usage text --- */

static bool is_option(struct span form)
{
	return is(form, "[" MONITOR_JSON "]");
}

/* Alternatives of a form, one after the other; `at` starts as the form. */
static struct span next_alternative(struct span *form)
{
	struct span first = *form;
	const char *bar;

	if (first.length != 0 && first.at[0] == '[') {
		first.at++;
		first.length -= 2;
	}
	bar = first.length != 0 ? memchr(first.at, '|', first.length) : NULL;
	*form = (struct span){ first.at + first.length, 0 };
	if (bar != NULL) {
		*form = (struct span){ bar + 1, first.length - (size_t)(bar + 1 - first.at) };
		first.length = (size_t)(bar - first.at);
	}
	return first;
}

/* The n-th form that is no option; its length is 0 behind the last. */
static struct span form_at(const struct monitor_command *command, unsigned int n)
{
	const char *usage = command->argument;
	struct span form;

	do {
		form = next_span(&usage, ' ');
	} while (form.length != 0 && (is_option(form) || n-- != 0));
	return form;
}

static bool has_option(const struct monitor_command *command)
{
	const char *usage = command->argument;
	struct span form;

	while ((form = next_span(&usage, ' ')).length != 0) {
		if (is_option(form))
			return true;
	}
	return false;
}

static bool wants_vm(struct span form)
{
	struct span alternative;

	while ((alternative = next_alternative(&form)).length != 0) {
		if (is(alternative, "VM"))
			return true;
	}
	return false;
}

static bool accepts(const struct monitor_words *words, struct span form, const char *word)
{
	struct span alternative;

	while ((alternative = next_alternative(&form)).length != 0) {
		bool any = alternative.at[0] >= 'A' && alternative.at[0] <= 'Z';

		if (is(alternative, "VM") ? monitor_find_vm(words, word) >= 0 : any || is(alternative, word))
			return true;
	}
	return false;
}

/* --- what could have been meant --- */

/* The nearest ones. */
static void add_near_commands(const struct monitor_words *words, const char *typed, char error[MONITOR_ROW_BYTES])
{
	unsigned int nr = 0, nearest = MONITOR_NOT_NEAR;

	for (unsigned int n = 0; n < words->nr_commands; n++)
		nearest = (unsigned int)min_u64(nearest, monitor_how_far(typed, words->commands[n].name));
	for (unsigned int n = 0; n < words->nr_commands && nearest != MONITOR_NOT_NEAR && nr < NEAR_SHOWN; n++) {
		if (monitor_how_far(typed, words->commands[n].name) == nearest)
			add(error, "%s \"%s\"", nr++ == 0 ? "; did you mean" : " or", words->commands[n].name);
	}
	add(error, nr != 0 ? "?" : "; \"help\" lists the commands");
}

static void add_vms(const struct monitor_words *words, char error[MONITOR_ROW_BYTES])
{
	const char *name;

	for (unsigned int n = 0; (name = words->vm_name(n)) != NULL; n++)
		add(error, "%s %u %s", n == 0 ? "; the VMs are" : ",", n + 1, name);
	if (words->vm_name(0) == NULL)
		add(error, "; there are none");
}

/* --- names --- */

const struct monitor_command *monitor_find_command(const struct monitor_words *words, const char *name)
{
	for (unsigned int n = 0; n < words->nr_aliases; n++) {
		if (strcmp(name, words->aliases[n].alias) == 0)
			name = words->aliases[n].name;
	}
	for (unsigned int n = 0; n < words->nr_commands; n++) {
		if (strcmp(name, words->commands[n].name) == 0)
			return &words->commands[n];
	}
	return NULL;
}

int monitor_find_vm(const struct monitor_words *words, const char *name)
{
	unsigned int n;
	unsigned long number;
	const char *vm;
	char *end;

	for (n = 0; (vm = words->vm_name(n)) != NULL; n++) {
		if (strcmp(name, vm) == 0)
			return (int)n;
	}
	if (name[0] < '1' || name[0] > '9')
		return -1;
	number = strtoul(name, &end, 10);
	return *end == '\0' && number <= n ? (int)number - 1 : -1;
}

/* --- a line --- */

static void add_usage(const struct monitor_command *command, char error[MONITOR_ROW_BYTES])
{
	add(error, "; usage: %s%s%s", command->name, command->argument[0] != '\0' ? " " : "", command->argument);
}

static void refuse_word(const struct monitor_words *words, struct span form, const char *word,
			struct monitor_request *request)
{
	if (form.length == 0) {
		add(request->error, "\"%s\" is one word too many", word);
		add_usage(request->command, request->error);
	} else if (wants_vm(form)) {
		add(request->error, "there is no VM \"%s\"", word);
		if (memchr(form.at, '|', form.length) != NULL)
			add_usage(request->command, request->error);
		add_vms(words, request->error);
	} else {
		add(request->error, "\"%s\" is not understood", word);
		add_usage(request->command, request->error);
	}
}

static void refuse_end(const struct monitor_words *words, struct span form, struct monitor_request *request)
{
	add(request->error, wants_vm(form) ? "a VM is missing" : "something is missing");
	add_usage(request->command, request->error);
	if (wants_vm(form))
		add_vms(words, request->error);
}

static void refuse_command(const struct monitor_words *words, const char *word, struct monitor_request *request)
{
	add(request->error, "unknown command \"%s\"", word);
	add_near_commands(words, word, request->error);
}

static void refuse_json(struct monitor_request *request)
{
	add(request->error, "%s has no " MONITOR_JSON, request->command->name);
	add_usage(request->command, request->error);
}

/* The next word of the line; false at its end. --json is seen wherever it stands, and passed over. */
static bool next_word(const char **line, char word[LINE_EDIT_BYTES], struct monitor_request *request)
{
	struct span span;

	do {
		span = next_span(line, ' ');
		request->json = request->json || is(span, MONITOR_JSON);
	} while (is(span, MONITOR_JSON));
	memcpy(word, span.at, span.length);
	word[span.length] = '\0';
	return span.length != 0;
}

/* Word by word against the forms; what fits goes into the argument. */
static void parse_argument(const struct monitor_words *words, const char *line, struct monitor_request *request)
{
	char word[LINE_EDIT_BYTES];
	size_t used = 0;
	struct span form;

	for (unsigned int n = 0; next_word(&line, word, request); n++) {
		form = form_at(request->command, n);
		if (request->error[0] == '\0' && !accepts(words, form, word))
			refuse_word(words, form, word, request);
		(void)snprintf(request->argument + used, sizeof(request->argument) - used, used == 0 ? "%s" : " %s",
			       word);
		used = strlen(request->argument);
		if (form.length == 0)
			break;
	}
}

static unsigned int count_words(const char *text)
{
	unsigned int nr = 0;

	while (next_span(&text, ' ').length != 0)
		nr++;
	return nr;
}

void monitor_parse(const struct monitor_words *words, const char *line, struct monitor_request *request)
{
	char name[LINE_EDIT_BYTES], word[LINE_EDIT_BYTES];
	const char *rest;
	struct span form;

	*request = (struct monitor_request){ .command = NULL };
	if (!next_word(&line, name, request))
		return;
	/* Whatever is wrong is told in the way that was asked for. */
	for (rest = line; next_word(&rest, word, request);) {
	}
	request->command = monitor_find_command(words, name);
	if (request->command == NULL) {
		refuse_command(words, name, request);
		return;
	}
	parse_argument(words, line, request);
	form = form_at(request->command, count_words(request->argument));
	if (request->error[0] == '\0' && form.length != 0 && form.at[0] != '[')
		refuse_end(words, form, request);
	if (request->error[0] == '\0' && request->json && !has_option(request->command))
		refuse_json(request);
	if (request->error[0] != '\0')
		request->command = NULL;
}

/* --- completion --- */

static bool give(struct span span, char word[LINE_EDIT_BYTES])
{
	if (span.length == 0 || span.length >= LINE_EDIT_BYTES)
		return false;
	memcpy(word, span.at, span.length);
	word[span.length] = '\0';
	return true;
}

static struct span span_of(const char *text)
{
	return text == NULL ? (struct span){ "", 0 } : (struct span){ text, strlen(text) };
}

static struct span nth_command(const struct monitor_words *words, unsigned int n)
{
	return span_of(n < words->nr_commands ? words->commands[n].name : NULL);
}

/* The n-th word that the form may be; *n is then less by what it has. */
static struct span nth_of_form(const struct monitor_words *words, struct span form, unsigned int *n)
{
	struct span alternative, found;

	while ((alternative = next_alternative(&form)).length != 0) {
		bool vm = is(alternative, "VM"), command = is(alternative, "COMMAND");
		unsigned int nr = 0;

		if (!vm && !command) {
			if ((alternative.at[0] < 'A' || alternative.at[0] > 'Z') && (*n)-- == 0)
				return alternative;
			continue;
		}
		while ((found = vm ? span_of(words->vm_name(nr)) : nth_command(words, nr)).length != 0 && nr < *n)
			nr++;
		if (found.length != 0)
			return found;
		*n -= nr;
	}
	return alternative;
}

bool monitor_next_word(const struct monitor_words *words, const char *before, unsigned int n,
		       char word[LINE_EDIT_BYTES])
{
	struct monitor_request request = { .json = false };
	const struct monitor_command *command;
	char first[LINE_EDIT_BYTES], other[LINE_EDIT_BYTES];
	unsigned int nr = 0;
	struct span found;

	if (!next_word(&before, first, &request))
		return give(nth_command(words, n), word);
	while (next_word(&before, other, &request))
		nr++;
	command = monitor_find_command(words, first);
	if (command == NULL)
		return false;
	found = nth_of_form(words, form_at(command, nr), &n);
	if (found.length == 0 && n == 0 && !request.json && has_option(command))
		found = span_of(MONITOR_JSON);
	return give(found, word);
}
