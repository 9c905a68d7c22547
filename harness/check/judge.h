/* SPDX-License-Identifier: MIT */
/* What a speaker did, held against what was asked: ask.c's other half. All return false where the
 * conversation is broken by it. */
#ifndef RF_CHECK_JUDGE_H
#define RF_CHECK_JUDGE_H

#include "check/ask.h"

/** The HELLO of good traffic. */
#define RF_KIT_HELLO "{\"protocol\":1,\"refold\":\"" REFOLD_VERSION "\"}"

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
