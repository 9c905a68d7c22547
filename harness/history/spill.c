/* SPDX-License-Identifier: MIT */
/*
 * A full arena goes to disk, whole: each bucket's events as few long frames, one behind the other,
 * so that reading a bucket takes few reads. The file has no name.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/tmpfile.h"
#include "history/history_internal.h"

static rf_code
fail_full(struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_INTERNAL, rf_tmpfile_folder(),
                   "the history is larger than --memory, and this folder does not take the rest "
                   "(%s): set TMPDIR to one with room, or raise --memory",
                   strerror(errno));
}

static rf_code
write_frame(struct rf_spill *spill, struct rf_part *part, struct rf_err *reterr)
{
    struct rf_frame frame;
    if (!rf_frame_write(spill->file, rf_tmpfile_folder(), &spill->used, spill->events.bytes,
                        spill->events.used, &spill->scratch, &frame)) {
        return fail_full(reterr);
    }
    frame.is_stowed = true;
    frame.packed_bytes = spill->packed_bytes;
    rf_frames_add(&part->frames, &frame);
    rf_buf_clear(&spill->events);
    spill->packed_bytes = 0;
    return RF_OK;
}

static rf_code
spill_part(struct rf_writer *writer, struct rf_part *part, struct rf_err *reterr)
{
    struct rf_spill *spill = &writer->spill;
    for (size_t i = 0; i < part->segment_count; i++) {
        const struct rf_segment *segment = &part->segments[i];
        if (spill->events.used > 0 && spill->events.used + segment->used > RF_FRAME_BYTES) {
            RF_TRY(write_frame(spill, part, reterr));
        }
        rf_buf_add(&spill->events, segment->bytes, segment->used);
        spill->packed_bytes += segment->packed_bytes;
    }
    part->segment_count = 0;
    part->bytes = 0;
    part->packed_bytes = 0;
    return spill->events.used == 0 ? RF_OK : write_frame(spill, part, reterr);
}

static rf_code
open_file(struct rf_spill *spill, struct rf_err *reterr)
{
    if (!spill->is) {
        spill->file = rf_tmpfile_open();
        if (spill->file < 0) {
            return fail_full(reterr);
        }
        spill->is = true;
    }
    return RF_OK;
}

rf_code
rf_writer_spill(struct rf_writer *writer, struct rf_err *reterr)
{
    RF_TRY(open_file(&writer->spill, reterr));
    for (size_t i = 0; i < RF_BUCKET_COUNT; i++) {
        RF_TRY(spill_part(writer, &writer->parts[i], reterr));
    }
    rf_extents_reset(&writer->arena);
    writer->used = 0;
    return RF_OK;
}

void
rf_spill_done(struct rf_spill *spill)
{
    if (spill->is) {
        (void)close(spill->file);
    }
    rf_buf_done(&spill->events);
    rf_buf_done(&spill->scratch);
    memset(spill, 0, sizeof(*spill));
}
