/* SPDX-License-Identifier: MIT */
/* What a pack's objects were read by. */
#include "history/pack_rules.h"

#include <string.h>

static const char *const PARTS[RF_PART_COUNT_] = {
    [RF_PART_ID] = "id",           [RF_PART_AGGREGATE] = "aggregate",
    [RF_PART_VERSION] = "version", [RF_PART_TYPE] = "type",
    [RF_PART_AT] = "at",           [RF_PART_DATA] = "data",
    [RF_PART_EID] = "eid",
};

uint32_t
rf_pack_layout(void)
{
    return (uint32_t)RF_READING ^ (uint32_t)sizeof(struct rf_packed_event); /* the Makefile's */
}

/** A step as JSON pointers have it. */
static void
put_step(const char *step, size_t bytes, struct rf_buf *out)
{
    rf_buf_byte(out, '/');
    for (size_t i = 0; i < bytes; i++) {
        if (step[i] == '~' || step[i] == '/') {
            rf_buf_string(out, step[i] == '~' ? "~0" : "~1");
        } else {
            rf_buf_byte(out, step[i]);
        }
    }
}

static void
put_envelope(const struct rf_envelope *envelope, struct rf_buf *out)
{
    rf_buf_format(out, "envelope %s", rf_envelope_name(envelope->kind));
    for (size_t i = 0; envelope->kind == RF_ENVELOPE_CUSTOM && i < RF_PART_COUNT_; i++) {
        const struct rf_pointer *pointer = &envelope->parts[i];
        if (!pointer->set) {
            continue;
        }
        rf_buf_format(out, " %s=", PARTS[i]);
        for (size_t j = 0; j < pointer->count; j++) {
            put_step(pointer->steps[j], pointer->step_bytes[j], out);
        }
    }
}

void
rf_pack_rules(const struct rf_ingest_request *request, struct rf_buf *out)
{
    put_envelope(request->envelope, out);
    rf_buf_string(out, request->errors ? "; --errors" : "");
    rf_identifiers_put(request->identifiers, out);
    for (size_t i = 0; i < request->stream_count; i++) {
        const struct rf_stream_rule *rule = &request->streams[i];
        rf_buf_format(out, "; stream %s", rule->match);
        if (rule->aggregate != NULL) {
            rf_buf_format(out, " is %s", rule->aggregate);
        }
        if (rule->has_envelope) {
            rf_buf_string(out, ", ");
            put_envelope(&rule->envelope, out);
        }
    }
}
