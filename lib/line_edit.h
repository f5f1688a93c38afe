/*
 * A line that a person types, keys in and a VT100's text out: cursor keys, the common control keys of Emacs, history
 * and completion. Pure: it holds the line and what of it stands on the screen, and each key leaves in `out` what makes
 * the screen right. It uses \b and CSI C, D, K alone [ECMA-48 8.3.20, 8.3.22, 8.3.41], and the least of them, since a
 * serial line is slow.
 *
 * The line is never longer than fits one row of 80 columns behind a prompt of 8, so nothing wraps: no terminal is
 * asked how wide it is. Nobody else may use it meanwhile.
 */
#ifndef LIB_LINE_EDIT_H
#define LIB_LINE_EDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINE_EDIT_BYTES	    72 /* of a line, its zero included */
#define LINE_EDIT_HISTORY   16 /* lines */
#define LINE_EDIT_OUT_BYTES 128

/* What a key asks of the caller, who has sent `out` before. */
enum line_edit_wish {
	LINE_EDIT_MORE,	 /* nothing */
	LINE_EDIT_DONE,	 /* Enter: text is the line; then line_edit_next() */
	LINE_EDIT_DROP,	 /* Ctrl-C: the line is empty, the next one begins on a new row */
	LINE_EDIT_CLEAR, /* Ctrl-L: clear the screen, then draw the prompt and the line again */
	LINE_EDIT_LIST,	 /* Tab, once more: show what of line_edit_word() fits, then draw them again */
	LINE_EDIT_LEAVE, /* Ctrl-D on an empty line */
};

/* What may stand behind `before`, the line up to the word that is being typed: the n-th such word, false behind the
 * last. */
typedef bool line_edit_words(const char *before, unsigned int n, char word[LINE_EDIT_BYTES]);

struct line_edit {
	line_edit_words *words; /* constant; NULL: no completion */

	char text[LINE_EDIT_BYTES];
	unsigned int length, cursor;

	/* For the caller, of the last key. */
	char out[LINE_EDIT_OUT_BYTES];
	unsigned int out_length;

	/* The screen's. */
	char shown[LINE_EDIT_BYTES];
	unsigned int shown_length, shown_cursor;

	/* Keys of several bytes come a byte at a time. */
	enum { LINE_EDIT_PLAIN, LINE_EDIT_ESCAPE, LINE_EDIT_CSI } state;
	unsigned int parameter; /* the first of a CSI */
	bool in_first, after_cr, after_tab;

	/* A ring; `back` lines up from the one that is being typed, which waits in `kept`. */
	char history[LINE_EDIT_HISTORY][LINE_EDIT_BYTES];
	unsigned int newest, nr_history, back;
	char kept[LINE_EDIT_BYTES];
};

/* An empty line, an empty history. */
void line_edit_init(struct line_edit *edit, line_edit_words *words);
/* A typed byte. Bytes that are no key, or find no room, ring the bell. */
enum line_edit_wish line_edit_key(struct line_edit *edit, uint8_t byte);
/* Behind LINE_EDIT_DONE: the line goes into the history, unless it is blank or the same as the one before. */
void line_edit_next(struct line_edit *edit);
/* Behind LINE_EDIT_LIST: the n-th word that may stand at the cursor, fits or does not fit what is typed of it; false
 * behind the last. */
bool line_edit_word(const struct line_edit *edit, unsigned int n, char word[LINE_EDIT_BYTES], bool *fits);
/* The caller has drawn the line whole, with the cursor in its place. */
void line_edit_drawn(struct line_edit *edit);
/* How many columns the cursor is left of the line's end. */
unsigned int line_edit_columns_back(const struct line_edit *edit);

#endif
