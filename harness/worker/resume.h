/* SPDX-License-Identifier: MIT */
/* A request that goes on from a snapshot: where it lies, and a state made of it. And the id of one
 * that has no events. */
#ifndef RF_WORKER_RESUME_H
#define RF_WORKER_RESUME_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "worker/plugin.h"
#include "worker/protocol.h"

/** Bytes that a start with this much text takes in a request. */
uint64_t rf_resume_bytes(uint64_t text_bytes);

/** Write a start behind a request's events. @place  of rf_resume_bytes(text_bytes) bytes */
void rf_resume_write(void *place, uint64_t digest, const char *text, uint64_t text_bytes);

/** The same of the id of a request without events; it comes behind its start. */
uint64_t rf_resume_id_bytes(uint64_t id_bytes);
void rf_resume_write_id(void *place, const char *id, uint64_t id_bytes);

/** Whether a request is as long as it says, and no longer than its file.
 * @room  bytes from its header to the end of the file */
bool rf_resume_fits(const struct rf_request *request, uint64_t room);

/** The start of a checked request, or NULL where it has none. */
const struct rf_request_start *rf_resume_start(const struct rf_request *request);

/** The id of a checked request, borrowed; empty where it has none. */
refold_string rf_resume_id(const struct rf_request *request);

/**
 * Make an empty state what the snapshot says. It must be written back as it came: a state that
 * keeps something else than its snapshot shows would go on differently.
 * @scratch  for the text that is written back
 * @ret_why  set where it is not so: a sentence
 */
bool rf_resume_state(const struct rf_plugin *plugin, const struct rf_request_start *start,
                     void *state, struct rf_buf *scratch, struct rf_buf *ret_why);

#endif
