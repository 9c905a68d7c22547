/* SPDX-License-Identifier: MIT */
/* What a pack's objects were read by, besides this program: a pack holds for no other rules. */
#ifndef RF_HISTORY_PACK_RULES_H
#define RF_HISTORY_PACK_RULES_H

#include <stdint.h>

#include "base/buf.h"
#include "history/ingest.h"
#include "worker/protocol.h"

/** How this program reads objects, and packs an event in memory: changes with the sources of all
 * that has a part in it. What is unchanged was read alike then, damage and all. */
uint32_t rf_pack_layout(void);

/** Append the envelope, who identified payloads, and the rules of `streams`, for people too. */
void rf_pack_rules(const struct rf_ingest_request *request, struct rf_buf *out);

#endif
