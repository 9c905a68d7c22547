/* SPDX-License-Identifier: MIT */
/* What a speaker did, held against what was asked: ask.c's other half. All return false where the
 * conversation is broken by it. */
#ifndef RF_CHECK_JUDGE_H
#define RF_CHECK_JUDGE_H

#include "check/ask.h"
#include "program/frame.h"

#define RF_KIT_QUOTED_(value) #value
#define RF_KIT_QUOTED(value)  RF_KIT_QUOTED_(value)
/** The protocol that the kit speaks, as a string. */
#define RF_KIT_PROTOCOL RF_KIT_QUOTED(RF_SPOKEN_PROTOCOL)
/** The HELLO of good traffic, of a refold of that version. */
#define RF_KIT_HELLO_OF(version) "{\"protocol\":" RF_KIT_PROTOCOL ",\"refold\":\"" version "\"}"
#define RF_KIT_HELLO             RF_KIT_HELLO_OF(REFOLD_VERSION)

bool rf_judge_frame(struct rf_ask *ask, const struct rf_arrival *arrival);
/** Bytes that are no frame. */
bool rf_judge_garbled(struct rf_ask *ask, const struct rf_arrival *arrival);
/** Its output has ended while something was due. */
bool rf_judge_closed(struct rf_ask *ask);
/** @unread  bytes that it did not take; @part  bytes of an answer that is not whole; @arrival  what
 * came once its input had ended, or NULL */
bool rf_judge_late(struct rf_ask *ask, size_t unread, size_t part,
                   const struct rf_arrival *arrival);
/** It has no more input, and nothing is due. */
bool rf_judge_end(struct rf_ask *ask);

#endif
