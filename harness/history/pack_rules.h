/* SPDX-License-Identifier: MIT */
/* What a pack's objects were read by, besides this program: a pack holds for no other rules. */
#ifndef RF_HISTORY_PACK_RULES_H
#define RF_HISTORY_PACK_RULES_H

#include <stdint.h>

#include "base/buf.h"
#include "history/ingest.h"
#include "worker/protocol.h"

/** How this program packs an event in memory: changes with the struct, and, by the number in front,
 * with what ingest makes of a record. */
#define RF_PACK_LAYOUT (UINT32_C(6) << 16 | (uint32_t)sizeof(struct rf_packed_event))

/** Append the envelope, who identified payloads, and the rules of `streams`, for people too. */
void rf_pack_rules(const struct rf_ingest_request *request, struct rf_buf *out);

#endif
