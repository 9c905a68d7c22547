/* SPDX-License-Identifier: MIT */
/* Whether what an envelope does not read may be an event's data. */
#include "decode/bare.h"

#include <string.h>

/** So many scalars beside an envelope's parts are a payload. */
#define SCALARS 3

const char *const rf_data_names[] = {"data",       "eventdata", "payload",    "eventpayload",
                                     "body",       "eventbody", "properties", "eventproperties",
                                     "attributes", "content",   "event",      "state",
                                     NULL};

/** What tells of an event how it came to be, and nothing that happened. */
static const char *const METADATA_NAMES[] = {"metadata",      "meta",        "headers",   "context",
                                             "correlationid", "causationid", "traceid",   "spanid",
                                             "traceparent",   "tracestate",  "requestid", NULL};

void
rf_plain_name(const char *name, size_t bytes, char ret[RF_PLAIN_NAME_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i < bytes && used + 1 < RF_PLAIN_NAME_BYTES; i++) {
        char byte = name[i];
        if (byte != '_' && byte != '-') {
            ret[used++] = (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
        }
    }
    ret[used] = '\0';
}

/** Of one record. */
struct search {
    struct rf_buf *scratch;
    bool extensions; /**< scalars are the envelope's own */
    unsigned scalars;
};

static bool
is_named(struct search *search, const struct rf_json *doc, uint32_t key, const char *const names[])
{
    const char *bytes;
    size_t count;
    char name[RF_PLAIN_NAME_BYTES];
    rf_json_string(doc, key, search->scratch, &bytes, &count);
    rf_plain_name(bytes, count, name);
    while (*names != NULL && strcmp(*names, name) != 0) {
        names++;
    }
    return *names != NULL;
}

static bool
holds_nothing(const struct rf_json_node *value)
{
    return value->kind == RF_JSON_NULL || (value->kind >= RF_JSON_ARRAY && value->count == 0);
}

bool
rf_is_object_as_text(const struct rf_json *doc, uint32_t node)
{
    return doc->nodes[node].kind == RF_JSON_STRING && doc->text[doc->nodes[node].start + 1] == '{';
}

static bool
may_be_data(void *context, const struct rf_json *doc, uint32_t key, uint32_t holder)
{
    struct search *search = context;
    const struct rf_json_node *value = &doc->nodes[key + 1];
    bool compound = value->kind >= RF_JSON_ARRAY;
    if (holds_nothing(value)) {
        return false;
    }
    if (is_named(search, doc, key, rf_data_names)) {
        return compound || !search->extensions || rf_is_object_as_text(doc, key + 1);
    }
    if (is_named(search, doc, key, METADATA_NAMES) ||
        (holder != RF_JSON_NONE && is_named(search, doc, holder, METADATA_NAMES))) {
        return false;
    }
    return compound || (!search->extensions && ++search->scalars >= SCALARS);
}

bool
rf_is_bare(const struct rf_plan *plan, int number, const struct rf_json *doc, uint32_t record,
           struct rf_buf *scratch)
{
    struct search search = {
        .scratch = scratch,
        .extensions = plan->envelopes[number]->kind == RF_ENVELOPE_CLOUDEVENTS,
    };
    return rf_plan_find_other(plan, number, doc, record, may_be_data, &search, scratch);
}
