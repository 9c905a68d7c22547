/* SPDX-License-Identifier: MIT */
/*
 * Events as they wait in arenas and on disk: in about three fifths of what they take in a window,
 * where they are at hand (struct rf_packed_event).
 *
 * A stowed event is, one behind the other, without padding:
 *
 *     control       8 bytes: the event's flags; then for each number of its header how many bytes
 *                   that takes, in 4 bits
 *     numbers       each in as many bytes as it needs, the lowest first: 0 takes none
 *     content hash  8 bytes
 *     lengths       of the holes' tokens, a byte each; two, where one of them is longer than 255
 *                   bytes. No token is empty: 0 stands for the event's time in quotes, as
 *                   rf_time_print gives it, which is left out
 *     id            unless it stands in the data
 *     event id
 *     tokens, or the text
 *
 * So no number is too large, and nothing has a form for what is rare. What is taken out is the
 * packed event again, byte for byte. The hash of its id is not kept but made anew, from the id as
 * it comes out: an id that was damaged on the way does not balance in the sums (sums.h).
 */
#ifndef RF_HISTORY_STOW_H
#define RF_HISTORY_STOW_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "worker/protocol.h"

/** Where the parts of an event are that is to be stowed: its header knows their lengths. */
struct rf_stow_parts {
    const char *id;
    const char *eid;
    const char *data;                  /**< without holes: the text */
    const char *text;                  /**< else what `tokens` are of */
    const struct rf_json_node *tokens; /**< each hole's, by start and end */
};

/**
 * Stow an event.
 * @printer  the thread's own
 * @header   all of it is set but `bytes`, which is not looked at
 * @ret      its bytes, and nothing else
 */
void rf_stow(struct rf_time_printer *printer, const struct rf_packed_event *header,
             const struct rf_stow_parts *parts, struct rf_buf *ret);

/** Bytes of the packed event with this header. */
uint64_t rf_packed_bytes(const struct rf_packed_event *header);

/**
 * Take an event out.
 * @from    the event, as rf_stow made it; what lies there is believed
 * @end     of what lies there
 * @place   aligned to 8; gets the event
 * @room    bytes there: it is a bug of refold where the event takes more
 * @return  behind the stowed event
 */
const unsigned char *rf_unstow(struct rf_time_printer *printer, const unsigned char *from,
                               const unsigned char *end, unsigned char *place, uint64_t room);

#endif
