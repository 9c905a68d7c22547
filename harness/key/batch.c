/* SPDX-License-Identifier: MIT */
/* Payloads that wait to be asked about, together. */
#include "key/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "decode/table.h"

void
rf_batch_done(struct rf_batch *batch)
{
    rf_buf_done(&batch->bytes);
    rf_buf_done(&batch->texts);
    free(batch->ids);
}

void
rf_batch_clear(struct rf_batch *batch)
{
    rf_buf_clear(&batch->bytes);
    rf_buf_clear(&batch->texts);
    batch->count = 0;
    batch->id_count = 0;
}

static struct rf_slice
add_slice(struct rf_buf *out, const char *bytes, size_t count)
{
    struct rf_slice slice = {out->used, count};
    rf_buf_add(out, bytes, count);
    return slice;
}

void
rf_batch_add(struct rf_batch *batch, const struct rf_payload *payload)
{
    RF_VERIFY(batch->count < RF_BATCH_PAYLOADS);
    struct rf_batch_item *item = &batch->items[batch->count++];
    *item = (struct rf_batch_item){
        .payload = add_slice(&batch->bytes, payload->bytes, payload->count),
        .wrong = add_slice(&batch->texts, payload->wrong, strlen(payload->wrong)),
        .offset = payload->offset,
        .part = payload->part,
        .place = add_slice(&batch->texts, payload->place, strlen(payload->place) + 1),
        .kind = payload->kind,
        .has_version = payload->has_version,
        .version = payload->version,
        .first_id = batch->id_count,
        .id_count = payload->id_count,
    };
    RF_GROW(batch->ids, batch->id_room, batch->id_count + payload->id_count);
    for (size_t i = 0; i < payload->id_count; i++) {
        batch->ids[batch->id_count++] =
            add_slice(&batch->texts, payload->ids[i].bytes, payload->ids[i].count);
    }
}

bool
rf_batch_full(const struct rf_batch *batch)
{
    return batch->count == RF_BATCH_PAYLOADS || batch->bytes.used >= RF_BATCH_BYTES;
}

bool
rf_batch_fits_id(const struct rf_batch *batch, const struct rf_batch_item *item, const char *id,
                 size_t bytes)
{
    bool fits = !item->has_version; /* only attributes, which have a version, tell ids */
    for (size_t i = 0; !fits && i < item->id_count; i++) {
        const struct rf_slice *slice = &batch->ids[item->first_id + i];
        fits = slice->bytes == bytes && memcmp(batch->texts.bytes + slice->at, id, bytes) == 0;
    }
    return fits;
}
