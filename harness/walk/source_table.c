/* SPDX-License-Identifier: MIT */
/*
 * A DynamoDB table as a source, dynamodb://NAME: one object, whose bytes are its items as an export
 * would have them.
 *
 * What a table holds is the history up to now: what Firehose has not delivered yet is in it.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/aws.h"
#include "net/dynamodb.h"
#include "net/net.h"
#include "net/url.h"
#include "walk/pack.h"
#include "walk/source.h"

/** With more ids than this the table is read whole: a request for each would take longer. */
#define QUERIES_MOST 1000

struct table_state {
    struct rf_aws *aws;
    struct rf_dynamodb *table;
    char **ids; /* those that are wanted; none: all are */
    size_t id_count;
};

/** One way through the table. */
struct stream {
    const struct table_state *state;
    size_t next; /* of the ids */
    struct rf_dynamodb_pages *pages;
    struct rf_buf lines; /* of the page at hand */
    size_t at;
};

/** Whether the table is asked for ids only. Not beside a pack: that may hold all of the table, and
 * is compared with it; nor where others than those with the id as their hash key may be meant. */
static bool
is_narrowed(const struct rf_walk_request *request, const struct rf_dynamodb *table)
{
    bool packed = request->without_count > 0;
    for (size_t i = 0; i < request->source_count && !packed; i++) {
        packed = rf_pack_is(request->sources[i]);
    }
    return !packed && request->id_count <= QUERIES_MOST && rf_dynamodb_is_keyed_by_id(table);
}

static rf_code
list(struct rf_source *source, struct rf_object_list *objects, struct rf_err *reterr)
{
    const struct rf_walk_request *request = source->request;
    const struct rf_aws_settings none = {0};
    const char *name = source->path + rf_url_scheme(source->path) + strlen("://");
    struct table_state *state = rf_calloc(1, sizeof(*state));
    source->state = state;
    if (request->until != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "a table lies in no hour folder and holds what came last: --until cannot "
                       "select from it (--as-of can)");
    }
    RF_TRY(rf_aws_new(request->net == NULL ? &none : &request->net->aws, source->net, &state->aws,
                      reterr));
    RF_TRY(rf_dynamodb_open(state->aws, source->net, name, source->name, &state->table, reterr));
    state->id_count = is_narrowed(request, state->table) ? request->id_count : 0;
    state->ids = rf_calloc(state->id_count, sizeof(*state->ids));
    for (size_t i = 0; i < state->id_count; i++) {
        state->ids[i] = rf_strdup(request->ids[i]);
    }
    struct rf_object *object = rf_object_list_add(objects, rf_strdup(source->name), source->number);
    object->bytes = RF_BYTES_UNKNOWN;
    object->is_source = true;
    object->named = true;
    object->of_table = true;
    return RF_OK;
}

/** The table's, or those of the next id. */
static void
begin_pages(struct stream *stream)
{
    const struct table_state *state = stream->state;
    const char *id = stream->next < state->id_count ? state->ids[stream->next] : NULL;
    rf_dynamodb_pages_free(stream->pages);
    stream->pages = rf_dynamodb_pages_new(state->table, id);
    stream->next++;
}

/** The next page that holds something; none at the end. */
static rf_code
next_page(struct stream *stream, struct rf_err *reterr)
{
    rf_buf_clear(&stream->lines);
    stream->at = 0;
    while (stream->lines.used == 0) {
        bool end = false;
        RF_TRY(rf_dynamodb_next(stream->pages, &stream->lines, &end, reterr));
        if (end && stream->next >= stream->state->id_count) {
            return RF_OK;
        }
        if (end) {
            begin_pages(stream);
        }
    }
    return RF_OK;
}

static rf_code
stream_open(struct rf_source *source, const struct rf_object *object, void **ret_stream,
            struct rf_err *reterr)
{
    const struct table_state *state = source->state;
    (void)object;
    (void)reterr;
    struct stream *stream = rf_calloc(1, sizeof(*stream));
    stream->state = state;
    begin_pages(stream);
    *ret_stream = stream;
    return RF_OK;
}

static rf_code
stream_read(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct stream *stream = context;
    if (stream->at == stream->lines.used) {
        RF_TRY(next_page(stream, reterr));
    }
    size_t left = stream->lines.used - stream->at;
    *ret_got = left < room ? left : room;
    if (*ret_got > 0) {
        memcpy(bytes, stream->lines.bytes + stream->at, *ret_got);
        stream->at += *ret_got;
    }
    return RF_OK;
}

static void
stream_close(void *context)
{
    struct stream *stream = context;
    rf_dynamodb_pages_free(stream->pages);
    rf_buf_done(&stream->lines);
    free(stream);
}

/** "1234 items in 11 pages, by 12 requests; 34.5 read capacity units" */
static char *
spent(const struct rf_source *source)
{
    const struct table_state *state = source->state;
    struct rf_dynamodb_counts counts = rf_dynamodb_counts(state->table);
    struct rf_buf text = {0};
    rf_buf_format(&text, "%" PRIu64 " item%s in %" PRIu64 " page%s, by %" PRIu64 " request%s",
                  counts.items, counts.items == 1 ? "" : "s", counts.pages,
                  counts.pages == 1 ? "" : "s", counts.requests, counts.requests == 1 ? "" : "s");
    if (counts.retries > 0) {
        rf_buf_format(&text, ", %" PRIu64 " of them again", counts.retries);
    }
    rf_buf_format(&text, "; %.1f read capacity units", counts.capacity);
    char *line = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return line;
}

static void
done(struct rf_source *source)
{
    struct table_state *state = source->state;
    if (state != NULL) {
        rf_dynamodb_free(state->table);
        rf_aws_free(state->aws);
        for (size_t i = 0; state->ids != NULL && i < state->id_count; i++) {
            free(state->ids[i]);
        }
        free(state->ids);
        free(state);
    }
}

const struct rf_source_kind rf_source_table = {
    .list = list,
    .open = stream_open,
    .read = stream_read,
    .close = stream_close,
    .spent = spent,
    .done = done,
};
