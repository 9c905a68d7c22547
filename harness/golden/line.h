/* SPDX-License-Identifier: MIT */
/* One line of a golden file: reading and writing it. contract.md, "Golden". */
#ifndef RF_GOLDEN_LINE_H
#define RF_GOLDEN_LINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "decode/recognize.h"
#include "golden/golden.h"

/** What lines needed and that does not stand in the file as it is: decoded strings, states made
 * canonical, refusals. All zero is empty. */
struct rf_line_texts {
    void **items;
    size_t count;
    size_t room;
};
/** Empty afterwards, and usable again. */
void rf_line_texts_done(struct rf_line_texts *texts);

/** Reads lines, one after the other. `doc` and `scratch` are memory for that. */
struct rf_line_reader {
    struct rf_json doc;
    struct rf_buf scratch;
    struct rf_line_texts *texts;
    /** Or NULL. What it has learned of lines that were read in full spares those like them that:
     * they are judged alike, and faster. Owned. */
    struct rf_recognizer *recognizer;
};
void rf_line_reader_done(struct rf_line_reader *reader);

/**
 * Read one line, without its LF.
 * @text   borrowed for as long as the line is used
 * @return RF_OK; RF_ERR_MALFORMED with a sentence that says what is wrong and what to do
 */
RF_MUST_USE rf_code rf_line_read(struct rf_line_reader *reader, const char *text, size_t bytes,
                                 struct rf_golden_line *ret, struct rf_err *reterr);

/** Append a line in its canonical form, without LF; `line->text` is not looked at. The state must
 * be canonical. */
void rf_line_write(const struct rf_golden_line *line, struct rf_buf *out);

#endif
