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

static bool
find_kind(struct rf_events *events, uint32_t type, int32_t *ret)
{
    refold_string name = rf_events_name(events, type);
    struct rf_known_type *known = &events->types[type];
    if (known->state == RF_TYPE_NEW) {
        known->state = rf_plugin_kind(events->plugin, name.ptr, (size_t)name.len, &known->kind)
                           ? RF_TYPE_DECLARED
                           : RF_TYPE_UNDECLARED;
    }
    *ret = known->kind;
    return known->state == RF_TYPE_DECLARED;
}

static struct rf_mould *
find_mould(struct rf_events *events, const struct rf_packed_event *packed)
{
    refold_string text = rf_events_name(events, packed->stencil); /* its number is checked too */
    struct rf_mould *mould = events->moulds[packed->stencil];
    if (mould == NULL) {
        mould = rf_calloc(1, sizeof(*mould));
        mould->stencil =
            rf_stencils_find(&events->stencils, packed->stencil, text.ptr, (size_t)text.len);
        events->moulds[packed->stencil] = mould;
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
    events->packed[place] = packed;
    event->size = sizeof(*event);
    event->version = list[index].version;
    event->at.seconds = timed ? packed->at_seconds : 0;
    event->at.nanos = timed ? packed->at_nanos : 0;
    event->at.set = timed;
    event->aggregate = rf_events_aggregate(events, request);
    event->id = (refold_string){rf_packed_id(packed), packed->id_bytes};
    event->type = rf_events_name(events, packed->type);
    take_data(events, packed, &events->values[place]);
    event->host = rf_values_host();
    event->host_data = &events->values[place];
    return find_kind(events, packed->type, &event->kind);
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
rf_events_step(const struct rf_plugin *plugin, const struct rf_request *request, uint64_t applied,
               uint64_t end)
{
    const uint32_t one_by_one = RF_REQUEST_TRACE | RF_REQUEST_STEP | RF_REQUEST_TRAIL;
    if (!rf_plugin_takes_many(plugin) || (request->flags & one_by_one) != 0) {
        return 1;
    }
    uint64_t border = applied < request->snapshot_after ? request->snapshot_after : request->count;
    uint64_t left = (border < end ? border : end) - applied;
    return left < RF_EVENTS_ROOM ? left : RF_EVENTS_ROOM;
}
