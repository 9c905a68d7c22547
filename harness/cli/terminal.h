/* SPDX-License-Identifier: MIT */
/* Asking whoever sits at the terminal: one key, or a line. */
#ifndef RF_CLI_TERMINAL_H
#define RF_CLI_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"

/** Whether someone can be asked: keys come from standard input, questions go to standard error. */
bool rf_terminal_is(void);

/** Columns of the terminal; 80 where it does not tell. */
size_t rf_terminal_width(void);

/** Drops what was typed before there was a question: that is no answer. */
void rf_terminal_forget(void);

/** What rf_terminal_key returns beside keys. */
enum {
    RF_KEY_END = -1,         /**< standard input is over (Ctrl-D too), or cannot be read */
    RF_KEY_INTERRUPTED = -2, /**< a signal came that ends the replay */
};

/**
 * Wait for a key. The terminal hands over keys at once, without an echo, only while this waits:
 * whoever ends or stops the process meanwhile (Ctrl-Z too) finds the terminal as it was before.
 * @return  an ASCII character; 0 for any other key, and where the process was stopped and went on;
 *          RF_KEY_…
 */
int rf_terminal_key(void);

/**
 * Wait for a line, which the terminal itself lets the user edit. It is appended without its end.
 * @return  RF_KEY_… or 0
 */
int rf_terminal_line(struct rf_buf *ret);

/** Gives the terminal back as it was, where a key is waited for. May be called in a signal handler.
 */
void rf_terminal_restore(void);

#endif
