/* SPDX-License-Identifier: MIT */
/* Lines whose states were left in the golden's file, read once more. */
#include "golden/recall.h"

#include "base/bytes.h"
#include "golden/load.h"

void
rf_recalled_done(struct rf_recalled *recalled)
{
    recalled->reader.texts = NULL;
    rf_line_reader_done(&recalled->reader);
    rf_line_texts_done(&recalled->texts);
    rf_buf_done(&recalled->text);
}

/** Whether this is what was read when the golden was loaded: someone may have edited its file. */
static bool
is_line(const struct rf_golden *golden, const struct rf_golden_line *line,
        const struct rf_golden_line *again)
{
    return rf_bytes_same(line->id, line->id_bytes, again->id, again->id_bytes) &&
           rf_golden_pin(line) == rf_golden_pin(again) && line->version == again->version &&
           line->has_digest == again->has_digest && line->digest == again->digest &&
           (again->state == NULL
                ? line->state_bytes == 0
                : rf_golden_has_state(golden, line, again->state, again->state_bytes));
}

rf_code
rf_golden_recall(const struct rf_golden *golden, const struct rf_golden_line *line,
                 struct rf_recalled *recalled, const struct rf_golden_line **ret,
                 struct rf_err *reterr)
{
    if (line->text != NULL) {
        *ret = line;
        return RF_OK;
    }
    struct rf_buf *text = &recalled->text;
    struct rf_err ignored;
    RF_TRY(rf_line_file_again(golden->memory->file, line->offset, line->text_bytes, text, reterr));
    rf_line_texts_done(&recalled->texts);
    recalled->reader.texts = &recalled->texts;
    if (rf_line_read(&recalled->reader, text->bytes, text->used, &recalled->line, &ignored) !=
            RF_OK ||
        !is_line(golden, line, &recalled->line)) {
        return rf_fail(reterr, RF_ERR_SOURCE, golden->path,
                       "changed while it was compared: run it again");
    }
    *ret = &recalled->line;
    return RF_OK;
}
