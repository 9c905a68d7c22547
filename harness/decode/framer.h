/* SPDX-License-Identifier: MIT */
/* A frame from within: frame.c, which finds the records of an object, and behind.c, which finds
 * those behind damaged ones. */
#ifndef RF_DECODE_FRAMER_H
#define RF_DECODE_FRAMER_H

#include "base/json.h"
#include "decode/frame.h"

/** The byte order mark of UTF-8: some producers begin each record with it. */
#define RF_FRAME_MARK       "\xef\xbb\xbf"
#define RF_FRAME_MARK_BYTES 3

/* ---- frame.c: the buffer ----------------------------------------------------------------------
 */

/** Bytes at hand that belong to no record yet. */
static inline size_t
rf_frame_ahead(const struct rf_frame *frame)
{
    return frame->end - frame->begin;
}

/** Has at least `want` unused bytes, or all that are left; whether there are more than before.
 * An error of unpacking is kept: the records in front of it come first. */
bool rf_frame_fill(struct rf_frame *frame, size_t want);
/** Of the unused bytes from `at` on twice as many as there are, so that reading a record anew after
 * each filling stays linear; but no more than show that it is longer than the limit. */
bool rf_frame_fill_more(struct rf_frame *frame, size_t at);
/** Whether these bytes come `at` bytes behind the first unused one; the front of them does not do.
 */
bool rf_frame_is_at(struct rf_frame *frame, size_t at, const char *bytes, size_t count);

/* ---- behind.c ---------------------------------------------------------------------------------
 */

/** What was passed over of damaged bytes. All zero at first. */
struct rf_passed {
    uint64_t bytes;
    bool line;       /**< an LF is among them */
    bool beyond;     /**< … and behind it more than blanks */
    bool end;        /**< they end where the damaged record itself seems to */
    char last;       /**< the last one */
    char solid;      /**< the last one that is no blank */
    uint64_t broken; /**< of these, those that the damaged record may well begin with: what comes
                          behind them is no JSON. 0: nobody knows; UINT64_MAX: all of them */
    /* of the way to the damaged record's own end */
    size_t depth;
    bool in_string;
    bool escaped;
};

/**
 * Passes over the damaged record at the front, up to where reading can go on: a record that is
 * whole, or else the damaged one's string-aware end, where all of its brackets are closed, of
 * whichever kind they are.
 * @doc     scratch
 * @broken  see struct rf_passed
 * @return  false: there is neither, and nothing is left
 */
bool rf_behind_record(struct rf_frame *frame, struct rf_json *doc, uint64_t broken,
                      struct rf_passed *ret);

/** Passes over the line at the front, up to behind its end or to a record that is whole.
 * @return  false: it has no end, and nothing is left */
bool rf_behind_line(struct rf_frame *frame, struct rf_json *doc);

/**
 * Bytes of the line at the front, which are all at hand then; up to an LF, or to a record that is
 * whole, or to the object's end.
 * @ret_end  behind it: its LF is passed over too
 * @return   false: it is longer than a record may be
 */
bool rf_behind_measure(struct rf_frame *frame, struct rf_json *doc, size_t *ret_bytes,
                       size_t *ret_end);

#endif
