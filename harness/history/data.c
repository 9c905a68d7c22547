/* SPDX-License-Identifier: MIT */
/* An event's data as JSON text. */
#include "history/data.h"

const char *
rf_event_data(struct rf_data_reader *reader, const struct rf_packed_event *event, size_t *ret_bytes)
{
    if (event->holes == 0) {
        *ret_bytes = event->data_bytes;
        return rf_packed_tokens(event);
    }
    size_t bytes;
    const char *text = rf_names_text(reader->names, event->stencil, &bytes);
    const struct rf_stencil *stencil =
        rf_stencils_find(&reader->stencils, event->stencil, text, bytes);
    RF_VERIFY(stencil != NULL && stencil->count == event->holes);
    rf_buf_clear(&reader->text);
    rf_stencil_fill(stencil, 0, rf_packed_tokens(event), rf_packed_ends(event), &reader->text);
    *ret_bytes = reader->text.used;
    return reader->text.bytes;
}

void
rf_data_reader_done(struct rf_data_reader *reader)
{
    rf_stencils_done(&reader->stencils);
    rf_buf_done(&reader->text);
}
