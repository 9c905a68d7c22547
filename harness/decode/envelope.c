/* SPDX-License-Identifier: MIT */
/* Envelopes by name, or from a list of JSON pointers. */
#include "decode/envelope.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

#define POSSIBLE                                                                                   \
    "possible are auto, eventsource, flat, cloudevents, eventbridge, cloudwatch, "                 \
    "dynamodb-stream, "                                                                            \
    "or a list such as id=/id,type=/type with the keys id, aggregate, version, type, at, data, "   \
    "eid"

static const char *const NAMES[] = {
    [RF_ENVELOPE_EVENTSOURCE] = "eventsource", [RF_ENVELOPE_FLAT] = "flat",
    [RF_ENVELOPE_CLOUDEVENTS] = "cloudevents", [RF_ENVELOPE_EVENTBRIDGE] = "eventbridge",
    [RF_ENVELOPE_CLOUDWATCH] = "cloudwatch",   [RF_ENVELOPE_DYNAMODB] = "dynamodb-stream",
    [RF_ENVELOPE_CUSTOM] = "custom",           [RF_ENVELOPE_AUTO] = "auto",
};

static const char *const PARTS[RF_PART_ALL_] = {
    [RF_PART_ID] = "id",           [RF_PART_AGGREGATE] = "aggregate",
    [RF_PART_VERSION] = "version", [RF_PART_TYPE] = "type",
    [RF_PART_AT] = "at",           [RF_PART_DATA] = "data",
    [RF_PART_EID] = "eid",         [RF_PART_SPECVERSION] = "specversion",
    [RF_PART_SOURCE] = "source",   [RF_PART_DATA_BASE64] = "data_base64",
};

/* The table of contract.md, "Records and envelopes". */
static const char *const POINTERS[RF_ENVELOPE_COUNT_] = {
    [RF_ENVELOPE_EVENTSOURCE] = "id=/d/ID,version=/d/Version,type=/t,at=/d/At,data=/d",
    [RF_ENVELOPE_FLAT] = "id=/aggregateId,aggregate=/aggregateType,version=/version,type=/type,"
                         "at=/at,data=/data,eid=/id",
    [RF_ENVELOPE_CLOUDEVENTS] =
        "id=/subject,version=/sequence,type=/type,at=/time,data=/data,eid=/id,"
        "specversion=/specversion,source=/source,data_base64=/data_base64",
    [RF_ENVELOPE_EVENTBRIDGE] = "id=/detail/id,version=/detail/version,type=/detail-type,"
                                "at=/time,data=/detail,eid=/id",
    /* of what each attribute holds */
    [RF_ENVELOPE_DYNAMODB] = "id=/d/ID,version=/d/Version,type=/t,at=/d/At,data=/d",
};

const char *
rf_envelope_name(enum rf_envelope_kind kind)
{
    RF_VERIFY((size_t)kind < sizeof(NAMES) / sizeof(NAMES[0]));
    return NAMES[kind];
}

/** Decodes ~0 and ~1 in place; false for any other ~. */
static bool
decode_step(char *step, size_t *bytes)
{
    size_t used = 0;
    for (size_t i = 0; i < *bytes; i++) {
        char byte = step[i];
        if (byte == '~') {
            i++;
            if (i == *bytes || (step[i] != '0' && step[i] != '1')) {
                return false;
            }
            byte = step[i] == '0' ? '~' : '/';
        }
        step[used++] = byte;
    }
    step[used] = '\0';
    *bytes = used;
    return true;
}

/** @text  what stands behind the "=": a pointer of RFC 6901 */
static rf_code
parse_pointer(const char *text, size_t bytes, struct rf_pointer *pointer, struct rf_err *reterr)
{
    pointer->set = true;
    const char *end = text + bytes;
    if (bytes > 0 && *text != '/') {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "'%.*s' is not a JSON pointer, it must begin with /", (int)bytes, text);
    }
    for (const char *at = text; at < end;) {
        at++; /* the slash */
        const char *slash = memchr(at, '/', (size_t)(end - at));
        size_t count = (size_t)((slash == NULL ? end : slash) - at);
        if (pointer->count == RF_ENVELOPE_STEPS) {
            return rf_fail(reterr, RF_ERR_USAGE, NULL, "the pointer '%.*s' has more than %d steps",
                           (int)bytes, text, RF_ENVELOPE_STEPS);
        }
        uint32_t step = pointer->count++;
        pointer->steps[step] = rf_strndup(at, count);
        pointer->step_bytes[step] = count;
        if (!decode_step(pointer->steps[step], &pointer->step_bytes[step])) {
            return rf_fail(reterr, RF_ERR_USAGE, NULL,
                           "in the pointer '%.*s' a ~ must be followed by 0 or 1", (int)bytes,
                           text);
        }
        at += count;
    }
    return RF_OK;
}

/** One `key=/pointer`, of the first `most` keys. */
static rf_code
parse_item(const char *item, size_t bytes, int most, struct rf_envelope *envelope,
           struct rf_err *reterr)
{
    const char *equals = memchr(item, '=', bytes);
    if (equals == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "'%.*s' is neither a known name nor key=/pointer; " POSSIBLE, (int)bytes,
                       item);
    }
    size_t key_bytes = (size_t)(equals - item);
    for (int part = 0; part < most; part++) {
        if (strlen(PARTS[part]) != key_bytes || memcmp(PARTS[part], item, key_bytes) != 0) {
            continue;
        }
        struct rf_pointer *pointer = &envelope->parts[part];
        if (pointer->set) {
            return rf_fail(reterr, RF_ERR_USAGE, NULL, "the key '%s' occurs twice", PARTS[part]);
        }
        RF_TRY(parse_pointer(equals + 1, bytes - key_bytes - 1, pointer, reterr));
        if (pointer->count == 0 && part != RF_PART_DATA) {
            return rf_fail(reterr, RF_ERR_USAGE, NULL,
                           "'%s' cannot be the whole record; give a pointer such as /%s",
                           PARTS[part], PARTS[part]);
        }
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, NULL, "unknown key '%.*s'; " POSSIBLE, (int)key_bytes,
                   item);
}

static rf_code
parse_items(const char *spec, int most, struct rf_envelope *envelope, struct rf_err *reterr)
{
    for (const char *item = spec;;) {
        const char *comma = strchr(item, ',');
        size_t bytes = comma == NULL ? strlen(item) : (size_t)(comma - item);
        RF_TRY(parse_item(item, bytes, most, envelope, reterr));
        if (comma == NULL) {
            break;
        }
        item = comma + 1;
    }
    static const int required[] = {RF_PART_ID, RF_PART_TYPE};
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++) {
        if (!envelope->parts[required[i]].set) {
            return rf_fail(reterr, RF_ERR_USAGE, NULL, "'%s' has no pointer for %s", spec,
                           PARTS[required[i]]);
        }
    }
    envelope->parts[RF_PART_DATA].set = true;
    return RF_OK;
}

rf_code
rf_envelope_parse(const char *spec, struct rf_envelope *ret, struct rf_err *reterr)
{
    memset(ret, 0, sizeof(*ret));
    const char *items = spec;
    int most = RF_PART_COUNT_;
    ret->kind = RF_ENVELOPE_CUSTOM;
    for (int kind = 0; kind <= RF_ENVELOPE_AUTO; kind++) {
        if (kind != RF_ENVELOPE_CUSTOM && strcmp(spec, NAMES[kind]) == 0) {
            ret->kind = (enum rf_envelope_kind)kind;
            items = kind == RF_ENVELOPE_AUTO ? NULL : POINTERS[kind];
            most = RF_PART_ALL_;
        }
    }
    if (items == NULL) {
        return RF_OK; /* auto, and cloudwatch around it */
    }
    ret->may_lack_time = ret->kind == RF_ENVELOPE_CLOUDEVENTS;
    rf_code code = parse_items(items, most, ret, reterr);
    if (code != RF_OK) {
        rf_envelope_done(ret);
    }
    return code;
}

void
rf_envelope_done(struct rf_envelope *envelope)
{
    for (int part = 0; part < RF_PART_ALL_; part++) {
        struct rf_pointer *pointer = &envelope->parts[part];
        for (uint32_t i = 0; i < pointer->count; i++) {
            free(pointer->steps[i]);
        }
    }
    memset(envelope, 0, sizeof(*envelope));
}
