/* SPDX-License-Identifier: MIT */
/* An event's data as it may be shown. */
#include "reports/show.h"

const char *
rf_show_data(const struct rf_show *show, const struct rf_packed_event *event, size_t *ret_bytes)
{
    const char *data = rf_event_data(show->data, event, ret_bytes);
    if (show->private == NULL) {
        return data;
    }
    rf_buf_clear(show->masked);
    rf_private_data(show->private, show->masker, data, *ret_bytes, show->masked);
    *ret_bytes = show->masked->used;
    return show->masked->bytes;
}
