/* SPDX-License-Identifier: MIT */
/*
 * Bytes of hostile origin, made safe for the reader at hand.
 *
 * What every function here writes is printable UTF-8 on one line. "Hidden" below are the characters
 * that are not printable: C0, DEL, C1, bidi controls, other invisible format characters, fillers,
 * tags and noncharacters. Build logs are readers too: "##[" and "##word[" anywhere in a line are
 * commands to some CI systems (actions/runner, ActionCommand.cs: TryParse), so the second '#' of
 * "##" in front of "[" or a letter is escaped. "::" is one only at the front of a line: whoever
 * prints puts something of its own there.
 *
 * Inputs are borrowed for the call, any bytes, `count` long, NUL allowed. Threads: safe.
 */
#ifndef RF_BASE_ESCAPE_H
#define RF_BASE_ESCAPE_H

#include <stddef.h>

#include "base/buf.h"

/** For a terminal: what is hidden, and bytes that are no UTF-8, are shown as \n, \r, \t, \xNN
 * (a byte) or \u{NNNN} (a character from U+0080 on); a backslash as \\. */
void rf_escape_terminal(struct rf_buf *out, const char *bytes, size_t count);

/** As rf_escape_terminal, cut behind at most `limit` shown characters, never inside an escape, with
 * "…". */
void rf_escape_shown(struct rf_buf *out, const char *bytes, size_t count, size_t limit);

/** As rf_escape_shown, in single quotes (one inside is \'); the "…" stands behind the closing
 * quote. */
void rf_escape_quoted(struct rf_buf *out, const char *bytes, size_t count, size_t limit);

/** One word for a POSIX shell: as it is where that is safe, else in single quotes; bytes that would
 * not be printable use $'…' with octal escapes (POSIX 2024, bash, ksh, zsh). No shell can hand on a
 * NUL: it is written as \000, which ends the word. */
void rf_escape_shell(struct rf_buf *out, const char *bytes, size_t count);

/** A JSON string in ASCII and printable Unicode only: what is hidden is written as \uXXXX; bytes
 * that are no UTF-8 become U+FFFD. With the quotes. Also escapes '<', so that the text can stand in
 * HTML and JavaScript. */
void rf_escape_json(struct rf_buf *out, const char *bytes, size_t count);

/** A whole JSON text (canonical: no white space), its strings as rf_escape_json writes them. Equal
 * values before are equal values after; numbers keep their tokens. */
void rf_escape_json_text(struct rf_buf *out, const char *json, size_t count);

/** A JSON text for a terminal: printable, '<' as it is; begins at the first whole character at or
 * behind byte `from` (with "…" in front where that is not 0) and is cut behind at most `limit`
 * shown characters with "…". */
void rf_escape_json_shown(struct rf_buf *out, const char *json, size_t count, size_t from,
                          size_t limit);

#endif
