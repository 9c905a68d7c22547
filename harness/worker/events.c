/* SPDX-License-Identifier: MIT */
/* Requests to events: what the host handed over, as an aggregate is given it. */
#include "worker/events.h"

#include "base/alloc.h"
#include "worker/apply.h"
#include "worker/resume.h"

void
rf_events_open(struct rf_events *events, const struct rf_plugin *plugin, size_t arena_count)
{
    events->plugin = plugin;
    rf_input_open(&events->input, arena_count);
    events->types = rf_calloc((size_t)events->input.name_count, sizeof(*events->types));
    events->moulds = rf_calloc((size_t)events->input.name_count, sizeof(*events->moulds));
    for (size_t i = 0; i < RF_EVENTS_ROOM; i++) {
        events->list[i] = &events->events[i];
    }
}

refold_string
rf_events_name(const struct rf_events *events, uint32_t number)
{
    const struct rf_names_entry *entry = rf_input_name(&events->input, number);
    return (refold_string){(const char *)events->input.names.bytes + entry->offset, entry->bytes};
}

refold_string
rf_events_aggregate(const struct rf_events *events, const struct rf_request *request)
{
    return rf_events_name(events, request->aggregate);
}

refold_string
rf_events_id(const struct rf_events *events, const struct rf_request *request)
{
    if (request->count == 0) {
        return rf_resume_id(request);
    }
    const struct rf_packed_event *first =
        rf_input_event(&events->input, rf_request_events(request)[0].ref);
    return (refold_string){rf_packed_id(first), first->id_bytes};
}

/* ---- events ---------------------------------------------------------------------------------- */

static const struct rf_known_type *
find_type(struct rf_events *events, uint32_t number)
{
    if (number < events->input.name_count && events->types[number].state != RF_TYPE_NEW) {
        return &events->types[number];
    }
    refold_string name = rf_events_name(events, number); /* which checks the number */
    struct rf_known_type *type = &events->types[number];
    type->name = name;
    type->state = rf_plugin_kind(events->plugin, name.ptr, (size_t)name.len, &type->kind)
                      ? RF_TYPE_DECLARED
                      : RF_TYPE_UNDECLARED;
    return type;
}

static struct rf_mould *
make_mould(struct rf_events *events, uint32_t number)
{
    refold_string text = rf_events_name(events, number); /* which checks the number */
    struct rf_mould *mould = rf_calloc(1, sizeof(*mould));
    mould->stencil = rf_stencils_find(&events->stencils, number, text.ptr, (size_t)text.len);
    events->moulds[number] = mould;
    return mould;
}

static struct rf_mould *
find_mould(struct rf_events *events, const struct rf_packed_event *packed)
{
    uint32_t number = packed->stencil;
    struct rf_mould *mould = number < events->input.name_count ? events->moulds[number] : NULL;
    if (mould == NULL) {
        mould = make_mould(events, number);
    }
    if (mould->stencil == NULL || mould->stencil->count != packed->holes) {
        rf_worker_fail("an event does not fit its stencil");
    }
    return mould;
}

/* Where the event's data is; nothing of it is read before it is asked for. */
static void
take_data(struct rf_events *events, const struct rf_packed_event *packed,
          struct rf_event_values *ret)
{
    ret->tokens = rf_packed_tokens(packed);
    ret->ends = rf_packed_ends(packed);
    if (packed->holes == 0) {
        ret->mould = NULL;
        ret->text = (refold_string){ret->tokens, packed->data_bytes};
    } else {
        ret->mould = find_mould(events, packed);
        ret->text = (refold_string){NULL, 0};
    }
}

bool
rf_events_take(struct rf_events *events, const struct rf_request *request, uint64_t index,
               size_t place)
{
    const struct rf_request_event *list = rf_request_events(request);
    if (index + RF_INPUT_AHEAD < request->count) {
        rf_input_ask(&events->input, list[index + RF_INPUT_AHEAD].ref);
    }
    const struct rf_packed_event *packed = rf_input_event(&events->input, list[index].ref);
    bool timed = (packed->flags & RF_EVENT_AT) != 0;
    refold_event *event = &events->events[place];
    const struct rf_known_type *type = find_type(events, packed->type);
    events->packed[place] = packed;
    /* An aggregate can write to what it is given: nothing of the event before it stays. */
    event->size = sizeof(*event);
    event->host = rf_values_host();
    event->host_data = &events->values[place];
    event->version = list[index].version;
    event->at.seconds = timed ? packed->at_seconds : 0;
    event->at.nanos = timed ? packed->at_nanos : 0;
    event->at.set = timed;
    event->aggregate = rf_events_aggregate(events, request);
    event->id = (refold_string){rf_packed_id(packed), packed->id_bytes};
    event->type = type->name;
    event->kind = type->kind;
    take_data(events, packed, &events->values[place]);
    return type->state == RF_TYPE_DECLARED;
}

uint64_t
rf_events_take_some(struct rf_events *events, const struct rf_request *request, uint64_t index,
                    uint64_t limit)
{
    uint64_t count = 0;
    while (count < limit && rf_events_take(events, request, index + count, (size_t)count)) {
        count++;
    }
    return count;
}

uint64_t
rf_events_digest(const struct rf_events *events, uint64_t digest,
                 const struct rf_packed_event *packed, int64_t version)
{
    return rf_digest_event(digest, packed, version,
                           rf_input_name(&events->input, packed->type)->hash);
}

uint64_t
rf_events_step(const struct rf_request *request, uint64_t applied, uint64_t end)
{
    const uint32_t one_by_one = RF_REQUEST_TRACE | RF_REQUEST_STEP | RF_REQUEST_TRAIL;
    if ((request->flags & one_by_one) != 0) {
        return 1;
    }
    uint64_t border = applied < request->snapshot_after ? request->snapshot_after : request->count;
    uint64_t left = (border < end ? border : end) - applied;
    return left < RF_EVENTS_ROOM ? left : RF_EVENTS_ROOM;
}
