/* Line editing: see line_edit.h. Keys change the line; draw() then makes the screen follow. */
#include "lib/line_edit.h"

#include <stdio.h>
#include <string.h>

#include "lib/bits.h"

#define CTRL(letter) ((letter)&0x1f)
#define BELL	     '\a'
#define ESC	     0x1b
#define DEL	     0x7f

/* --- the screen --- */

static void out(struct line_edit *edit, const char *text, unsigned int length)
{
	if (length <= LINE_EDIT_OUT_BYTES - edit->out_length) {
		memcpy(edit->out + edit->out_length, text, length);
		edit->out_length += length;
	}
}

static void ring_bell(struct line_edit *edit)
{
	static const char bell = BELL;

	out(edit, &bell, 1);
}

/* From column to column of the line; a few steps left are shorter as they are. */
static void move(struct line_edit *edit, unsigned int from, unsigned int to)
{
	char text[16];
	int length;

	if (to == from)
		return;
	if (to < from && from - to <= 3) {
		out(edit, "\b\b\b", from - to);
		return;
	}
	length = snprintf(text, sizeof(text), "\033[%u%c", to < from ? from - to : to - from, to < from ? 'D' : 'C');
	out(edit, text, (unsigned int)length);
}

/* The least that turns what is shown into what is there: from the first difference on. */
static void draw(struct line_edit *edit)
{
	unsigned int same = 0;

	while (same < edit->length && same < edit->shown_length && edit->text[same] == edit->shown[same])
		same++;
	if (same == edit->length && same == edit->shown_length) {
		move(edit, edit->shown_cursor, edit->cursor);
	} else {
		move(edit, edit->shown_cursor, same);
		out(edit, edit->text + same, edit->length - same);
		if (edit->shown_length > edit->length)
			out(edit, "\033[K", 3);
		move(edit, edit->length, edit->cursor);
	}
	line_edit_drawn(edit);
}

void line_edit_drawn(struct line_edit *edit)
{
	memcpy(edit->shown, edit->text, edit->length);
	edit->shown_length = edit->length;
	edit->shown_cursor = edit->cursor;
}

unsigned int line_edit_columns_back(const struct line_edit *edit)
{
	return edit->length - edit->cursor;
}

/* --- the line --- */

static void insert(struct line_edit *edit, const char *text, size_t length)
{
	char *at = edit->text + edit->cursor;

	if (length >= LINE_EDIT_BYTES - edit->length) {
		ring_bell(edit);
		return;
	}
	memmove(at + length, at, edit->length - edit->cursor + 1);
	memcpy(at, text, length);
	edit->length += (unsigned int)length;
	edit->cursor += (unsigned int)length;
}

/* What stands between two columns; the cursor is then where it was. */
static void erase(struct line_edit *edit, unsigned int from, unsigned int to)
{
	if (from == to)
		ring_bell(edit);
	memmove(edit->text + from, edit->text + to, edit->length - to + 1);
	edit->length -= to - from;
	edit->cursor = from;
}

static void replace(struct line_edit *edit, const char *text)
{
	edit->length = edit->cursor = (unsigned int)strlen(text);
	memcpy(edit->text, text, edit->length + 1);
}

static unsigned int word_start(const struct line_edit *edit)
{
	unsigned int at = edit->cursor;

	while (at > 0 && edit->text[at - 1] == ' ')
		at--;
	while (at > 0 && edit->text[at - 1] != ' ')
		at--;
	return at;
}

/* --- history --- */

/* The n-th line up from the newest, which is 1. */
static const char *history_line(const struct line_edit *edit, unsigned int n)
{
	return edit->history[(edit->newest + LINE_EDIT_HISTORY - (n - 1)) % LINE_EDIT_HISTORY];
}

static void go_back(struct line_edit *edit, unsigned int back)
{
	if (back > edit->nr_history) {
		ring_bell(edit);
		return;
	}
	if (edit->back == 0)
		memcpy(edit->kept, edit->text, edit->length + 1);
	replace(edit, back == 0 ? edit->kept : history_line(edit, back));
	edit->back = back;
}

static void go_forth(struct line_edit *edit)
{
	if (edit->back == 0)
		ring_bell(edit);
	else
		go_back(edit, edit->back - 1);
}

static void clear_line(struct line_edit *edit)
{
	edit->text[0] = '\0';
	edit->length = edit->cursor = edit->back = 0;
	line_edit_drawn(edit);
}

void line_edit_next(struct line_edit *edit)
{
	bool blank = strspn(edit->text, " ") == edit->length;

	if (!blank && (edit->nr_history == 0 || strcmp(edit->text, history_line(edit, 1)) != 0)) {
		edit->newest = (edit->newest + 1) % LINE_EDIT_HISTORY;
		memcpy(edit->history[edit->newest], edit->text, edit->length + 1);
		if (edit->nr_history < LINE_EDIT_HISTORY)
			edit->nr_history++;
	}
	clear_line(edit);
}

/* --- completion --- */

/* Where the word begins that ends at the cursor: there, when a space stands before it. */
static unsigned int completed_start(const struct line_edit *edit)
{
	unsigned int at = edit->cursor;

	while (at > 0 && edit->text[at - 1] != ' ')
		at--;
	return at;
}

bool line_edit_word(const struct line_edit *edit, unsigned int n, char word[LINE_EDIT_BYTES], bool *fits)
{
	unsigned int start = completed_start(edit);
	char before[LINE_EDIT_BYTES];

	memcpy(before, edit->text, start);
	before[start] = '\0';
	if (edit->words == NULL || !edit->words(before, n, word))
		return false;
	*fits = strncmp(word, edit->text + start, edit->cursor - start) == 0;
	return true;
}

/* How many words fit, and as far as they all agree. */
static unsigned int find_common(const struct line_edit *edit, char common[LINE_EDIT_BYTES])
{
	unsigned int nr = 0;
	char word[LINE_EDIT_BYTES];
	bool fits;

	common[0] = '\0';
	for (unsigned int n = 0; line_edit_word(edit, n, word, &fits); n++) {
		size_t same = 0;

		if (!fits)
			continue;
		if (nr++ == 0)
			strcpy(common, word);
		while (common[same] != '\0' && common[same] == word[same])
			same++;
		common[same] = '\0';
	}
	return nr;
}

/* As far as all that fit agree, with a space behind the only one. */
static enum line_edit_wish complete(struct line_edit *edit)
{
	size_t typed = edit->cursor - completed_start(edit), length;
	char common[LINE_EDIT_BYTES];
	unsigned int nr = find_common(edit, common);
	bool again = edit->after_tab;

	length = strlen(common);
	edit->after_tab = nr > 1;
	if (nr > 0 && length > typed)
		insert(edit, common + typed, length - typed);
	if (nr == 1 && edit->text[edit->cursor] != ' ')
		insert(edit, " ", 1);
	if (nr == 0 || (nr > 1 && length == typed && !again))
		ring_bell(edit);
	return nr > 1 && length == typed && again ? LINE_EDIT_LIST : LINE_EDIT_MORE;
}

/* --- keys --- */

static void take_right(struct line_edit *edit)
{
	if (edit->cursor < edit->length)
		edit->cursor++;
	else
		ring_bell(edit);
}

static void take_left(struct line_edit *edit)
{
	if (edit->cursor > 0)
		edit->cursor--;
	else
		ring_bell(edit);
}

static void take_delete(struct line_edit *edit)
{
	erase(edit, edit->cursor, edit->cursor < edit->length ? edit->cursor + 1 : edit->cursor);
}

static void take_backspace(struct line_edit *edit)
{
	erase(edit, edit->cursor > 0 ? edit->cursor - 1 : 0, edit->cursor);
}

static enum line_edit_wish take_control(struct line_edit *edit, uint8_t byte)
{
	switch (byte) {
	case CTRL('A'): edit->cursor = 0; break;
	case CTRL('B'): take_left(edit); break;
	case CTRL('C'): clear_line(edit); return LINE_EDIT_DROP;
	case CTRL('D'):
		if (edit->length == 0)
			return LINE_EDIT_LEAVE;
		take_delete(edit);
		break;
	case CTRL('E'): edit->cursor = edit->length; break;
	case CTRL('F'): take_right(edit); break;
	case '\b':
	case DEL: take_backspace(edit); break;
	case '\t': return complete(edit);
	case '\r':
	case '\n': return LINE_EDIT_DONE;
	case CTRL('K'): erase(edit, edit->cursor, edit->length); break;
	case CTRL('L'): return LINE_EDIT_CLEAR;
	case CTRL('N'): go_forth(edit); break;
	case CTRL('P'): go_back(edit, edit->back + 1); break;
	case CTRL('U'): erase(edit, 0, edit->cursor); break;
	case CTRL('W'): erase(edit, word_start(edit), edit->cursor); break;
	case ESC: edit->state = LINE_EDIT_ESCAPE; break;
	default: ring_bell(edit);
	}
	return LINE_EDIT_MORE;
}

/* CSI n ~: the keys that a VT220 has beyond the arrows, and the numbers of others for the same. */
static uint8_t tilde_key(unsigned int parameter)
{
	switch (parameter) {
	case 1:
	case 7: return CTRL('A');
	case 3: return CTRL('D');
	case 4:
	case 8: return CTRL('E');
	default: return 0;
	}
}

/* The control key that does the same as the one that ends so. */
static uint8_t key_of_final(const struct line_edit *edit, uint8_t final)
{
	switch (final) {
	case 'A': return CTRL('P');
	case 'B': return CTRL('N');
	case 'C': return CTRL('F');
	case 'D': return CTRL('B');
	case 'F': return CTRL('E');
	case 'H': return CTRL('A');
	case '~': return tilde_key(edit->parameter);
	default: return 0;
	}
}

/* A byte behind ESC, or behind CSI. A control character within ends the sequence, and is one. [ECMA-48 5.4] */
static void take_escape(struct line_edit *edit, uint8_t byte)
{
	uint8_t key;

	if (edit->state == LINE_EDIT_ESCAPE) {
		/* Keypads in application mode send SS3 for CSI. */
		edit->state = byte == '[' || byte == 'O' ? LINE_EDIT_CSI : LINE_EDIT_PLAIN;
		edit->parameter = 0;
		edit->in_first = true;
		return;
	}
	if (byte >= '0' && byte <= '9' && edit->in_first)
		edit->parameter = edit->parameter < 100 ? 10 * edit->parameter + byte - '0' : 100;
	else
		edit->in_first = false;
	if (byte < '@')
		return;
	edit->state = LINE_EDIT_PLAIN;
	key = key_of_final(edit, byte);
	if (key == CTRL('D'))
		take_delete(edit); /* Delete on an empty line leaves nothing */
	else
		(void)take_control(edit, key);
}

/* Returns true for the \n of \r\n: the line is done already. */
static bool is_second_newline(struct line_edit *edit, uint8_t byte)
{
	bool second = edit->after_cr && byte == '\n';

	edit->after_cr = byte == '\r';
	return second;
}

enum line_edit_wish line_edit_key(struct line_edit *edit, uint8_t byte)
{
	enum line_edit_wish wish = LINE_EDIT_MORE;

	edit->out_length = 0;
	if (is_second_newline(edit, byte))
		return LINE_EDIT_MORE;
	if (byte != '\t')
		edit->after_tab = false;
	if (edit->state != LINE_EDIT_PLAIN && byte >= ' ' && byte < DEL) {
		take_escape(edit, byte);
	} else if (byte >= ' ' && byte < DEL) {
		edit->state = LINE_EDIT_PLAIN;
		insert(edit, &(char){ (char)byte }, 1);
	} else {
		edit->state = LINE_EDIT_PLAIN;
		wish = take_control(edit, byte);
	}
	draw(edit);
	return wish;
}

void line_edit_init(struct line_edit *edit, line_edit_words *words)
{
	memset(edit, 0, sizeof(*edit));
	edit->words = words;
}
