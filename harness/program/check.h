/* SPDX-License-Identifier: MIT */
/* Answers of a program, held against what was asked: talk.c's other half. */
#ifndef RF_PROGRAM_CHECK_H
#define RF_PROGRAM_CHECK_H

#include "program/talk.h"

/** Take apart what came in, as far as it is whole. Sets `lied`, `crashed` and `words`. */
void rf_talk_take_apart(struct rf_talk *talk);

/** It is at its end: what is left of `in` may be no frame's front. One that breaks off is none of
 * its lies: it ended. */
void rf_talk_check_rest(struct rf_talk *talk);

/** An answer that was checked, as its parts. */
void rf_talk_part(const struct rf_talk *talk, const struct rf_came *came, struct rf_spoken *ret);

#endif
