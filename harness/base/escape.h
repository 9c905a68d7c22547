/* SPDX-License-Identifier: MIT */
/* Bytes of hostile origin, made safe for the reader at hand. */
#ifndef RF_BASE_ESCAPE_H
#define RF_BASE_ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

/**
 * For a terminal: printable text only. C0, C1, DEL, bidi controls, other invisible format characters
 * (U+200B-U+200F, U+202A-U+202E, U+2060-U+206F, U+FEFF), unassigned-looking non-characters and bytes
 * that are no UTF-8 are shown as \n, \t, \xNN or \u{NNNN}; a backslash as \\.
 */
void rf_escape_terminal(struct rf_buf *out, const char *bytes, size_t count);

/** As rf_escape_terminal, in single quotes, cut behind `limit` characters with "…". */
void rf_escape_quoted(struct rf_buf *out, const char *bytes, size_t count, size_t limit);

/** One word for a POSIX shell: as it is where that is safe, else in single quotes; bytes that would
 * not be printable use $'…'. */
void rf_escape_shell(struct rf_buf *out, const char *bytes, size_t count);

/** A JSON string in ASCII and printable Unicode only: what rf_escape_terminal would hide is written
 * as \uXXXX; bytes that are no UTF-8 become U+FFFD. With the quotes. Also escapes '<' and U+2028 so
 * that the text can stand in HTML and JavaScript. */
void rf_escape_json(struct rf_buf *out, const char *bytes, size_t count);

#endif
