/* SPDX-License-Identifier: MIT */
/* How a program ended, told by the worker's own end. */
#ifndef RF_WORKER_RELAY_END_H
#define RF_WORKER_RELAY_END_H

#include <sys/types.h>

#include "program/talk.h"

/** Its standard output is at its end, or it said that it crashed, or it broke the protocol (`why`):
 * ends the worker so that the host says what happened. */
_Noreturn void rf_relay_fall(pid_t pid, struct rf_talk *talk, enum rf_talk_end why);

/** It broke the protocol in a way that is told by this sentence: "it …", "its …". */
_Noreturn void rf_relay_accuse(pid_t pid, const char *format, ...) RF_PRINTF(2, 3);

#endif
