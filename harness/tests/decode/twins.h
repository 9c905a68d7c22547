/* SPDX-License-Identifier: MIT */
/*
 * Decoding twice: by a decoder that recognizes records, and by one that reads each in full.
 * Whatever the bytes are, both must tell the same; and of a record that was recognized, its scalars
 * and its stencil must give its data back, byte for byte.
 */
#ifndef RF_TESTS_DECODE_TWINS_H
#define RF_TESTS_DECODE_TWINS_H

#include <stdio.h>

#include "base/stencil.h"
#include "decode/recognize.h"
#include "tests/decode/support.h"

/** All that a decoder tells of an object. */
struct trace {
    rf_code code;
    struct rf_err err;
    struct rf_decode_counts counts;
    struct rf_buf log; /**< events and malformed records, in a form that compares */
    uint64_t known;    /**< events of records that were recognized */
    const char *wrong; /**< what a recognized one does not keep; or NULL */
};

struct twins {
    struct rf_decoder *knowing;
    struct rf_decoder *blind;
    struct rf_envelope envelope;
    struct rf_envelope other; /**< to begin anew with */
    struct trace known;
    struct trace full;
    char text[256];
};

static inline void
trace_number(struct trace *trace, uint64_t number)
{
    rf_buf_add(&trace->log, &number, sizeof(number));
}

static inline void
trace_text(struct trace *trace, const char *bytes, size_t count)
{
    trace_number(trace, bytes == NULL ? UINT64_MAX : count);
    if (bytes != NULL) {
        rf_buf_add(&trace->log, bytes, count);
    }
}

/** What is wrong with the scalars or the stencil of a record that was recognized; or NULL. */
static inline const char *
check_known_event(const struct rf_event *event)
{
    const struct rf_known *known = event->known;
    const struct rf_json *scalars = event->scalars;
    if (scalars->used != known->scalars || known->scalars > RF_STENCIL_HOLES ||
        known->data_scalar + known->data_scalars > known->scalars) {
        return "the number of scalars";
    }
    struct rf_buf tokens = {0};
    uint16_t ends[RF_STENCIL_HOLES];
    for (uint32_t i = 0; i < known->data_scalars; i++) {
        size_t count;
        const char *token = rf_json_token(scalars, known->data_scalar + i, &count);
        rf_buf_add(&tokens, token, count);
        ends[i] = (uint16_t)tokens.used;
    }
    struct rf_stencil stencil;
    const char *wrong = NULL;
    if (!rf_stencil_read(known->stencil.bytes, known->stencil.used, &stencil)) {
        wrong = "its stencil is none";
    } else {
        struct rf_buf filled = {0};
        rf_stencil_fill(&stencil, 0, tokens.bytes, ends, &filled);
        if (stencil.count != known->data_scalars || filled.used != event->data_bytes ||
            memcmp(filled.bytes, event->data, filled.used) != 0) {
            wrong = "its stencil with its scalars is not its data";
        }
        rf_buf_done(&filled);
    }
    rf_stencil_done(&stencil);
    rf_buf_done(&tokens);
    return wrong;
}

/** What is wrong with the scalars' kinds; or NULL. */
static inline const char *
check_known_scalars(const struct rf_json *scalars)
{
    struct rf_json doc = {0};
    const char *wrong = NULL;
    for (uint32_t i = 0; i < scalars->used && wrong == NULL; i++) {
        size_t count;
        const char *token = rf_json_token(scalars, i, &count);
        if (rf_json_read_whole(&doc, token, count, NULL) != RF_OK) {
            wrong = "a scalar is malformed";
        } else if (doc.nodes[0].start != 0 || doc.nodes[0].end != count ||
                   doc.nodes[0].kind != scalars->nodes[i].kind ||
                   doc.nodes[0].flags != scalars->nodes[i].flags) {
            wrong = "a scalar is of another kind";
        }
    }
    rf_json_done(&doc);
    return wrong;
}

static inline rf_code
trace_event(void *context, const struct rf_event *event, struct rf_err *reterr)
{
    (void)reterr;
    struct trace *trace = context;
    trace_number(trace, event->offset);
    trace_number(trace, event->part);
    trace_text(trace, event->id, event->id_bytes);
    trace_text(trace, event->aggregate, event->aggregate_bytes);
    trace_text(trace, event->type, event->type_bytes);
    trace_text(trace, event->eid, event->eid_bytes);
    trace_number(trace, event->has_version);
    trace_number(trace, (uint64_t)event->version);
    trace_number(trace, event->has_at);
    trace_number(trace, (uint64_t)event->at.seconds);
    trace_number(trace, (uint64_t)event->at.nanos);
    trace_text(trace, event->data, event->data_bytes);
    trace_number(trace, event->content_hash);
    trace_number(trace, event->repeats);
    if (event->known != NULL) {
        trace->known++;
        const char *wrong = check_known_event(event);
        wrong = wrong == NULL ? check_known_scalars(event->scalars) : wrong;
        trace->wrong = trace->wrong == NULL ? wrong : trace->wrong;
    }
    return RF_OK;
}

static inline void
trace_malformed(void *context, const struct rf_malformed *malformed)
{
    struct trace *trace = context;
    trace_number(trace, malformed->offset);
    trace_number(trace, malformed->part);
    trace_text(trace, malformed->place, strlen(malformed->place));
    trace_number(trace, malformed->bytes);
    trace_text(trace, malformed->text, strlen(malformed->text));
}

static inline void
trace_object(struct rf_decoder *decoder, const struct rf_envelope *envelope, const char *bytes,
             size_t count, size_t step, struct trace *ret)
{
    rf_buf_clear(&ret->log);
    ret->known = 0;
    ret->wrong = NULL;
    ret->counts = (struct rf_decode_counts){0};
    struct bytes_input memory = {bytes, count, step};
    struct rf_decode_input input = {&memory, bytes_read};
    struct rf_decode_sink sink = {
        .context = ret, .event = trace_event, .malformed = trace_malformed};
    ret->code = rf_decode_object(decoder, &input, envelope, &sink, &ret->counts, &ret->err);
}

/** @envelope  as -e has it */
static inline void
twins_init(struct twins *twins, const char *envelope)
{
    memset(twins, 0, sizeof(*twins));
    rf_code code = rf_envelope_parse(envelope, &twins->envelope, NULL);
    RF_VERIFY(code == RF_OK);
    code = rf_envelope_parse("id=/nowhere,type=/nowhere/else", &twins->other, NULL);
    RF_VERIFY(code == RF_OK);
    twins->knowing = rf_decoder_new();
    rf_recognizer_blind(true);
    twins->blind = rf_decoder_new();
    rf_recognizer_blind(false);
}

static inline void
twins_done(struct twins *twins)
{
    rf_decoder_free(twins->knowing);
    rf_decoder_free(twins->blind);
    rf_envelope_done(&twins->envelope);
    rf_envelope_done(&twins->other);
    rf_buf_done(&twins->known.log);
    rf_buf_done(&twins->full.log);
}

/** What was learned is forgotten: cheaper than other twins. */
static inline void
twins_forget(struct twins *twins)
{
    trace_object(twins->knowing, &twins->other, "", 0, 1, &twins->known);
}

/** Decodes an object by both, read in pieces of `step`.
 * @return  NULL, or where they differ; borrowed until the next call */
static inline const char *
twins_differ(struct twins *twins, const char *bytes, size_t count, size_t step)
{
    struct trace *known = &twins->known;
    struct trace *full = &twins->full;
    trace_object(twins->knowing, &twins->envelope, bytes, count, step, known);
    trace_object(twins->blind, &twins->envelope, bytes, count, step, full);
    if (known->wrong != NULL) {
        return known->wrong;
    }
    if (full->known != 0) {
        return "the blind one recognized a record";
    }
    if (known->log.used != full->log.used ||
        (full->log.used > 0 && memcmp(known->log.bytes, full->log.bytes, full->log.used) != 0)) {
        size_t at = 0;
        while (at < known->log.used && at < full->log.used &&
               known->log.bytes[at] == full->log.bytes[at]) {
            at++;
        }
        (void)snprintf(twins->text, sizeof(twins->text), "events or malformed records, at %zu", at);
        return twins->text;
    }
    if (memcmp(&known->counts, &full->counts, sizeof(full->counts)) != 0) {
        return "the counts";
    }
    if (known->code != full->code ||
        (full->code != RF_OK && (strcmp(known->err.text, full->err.text) != 0 ||
                                 known->err.offset_bytes != full->err.offset_bytes))) {
        return "the error";
    }
    return sums_hold(&full->counts) ? NULL : "the sum of the counts";
}

#endif
