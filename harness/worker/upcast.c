/* SPDX-License-Identifier: MIT */
/* Calling an aggregate's upcast. */
#include "worker/upcast.h"

#include "base/json.h"
#include "base/limits.h"
#include "worker/values.h"
#include "worker/world.h"

/* What the last upcast made: a worker is one thread (values.h). */
static struct {
    struct rf_event_values values; /* of the event in today's shape */
    struct rf_buf data;
    struct rf_buf type;
    struct rf_json doc;
} made;

/* Takes a type that was set. It may lie in memory of the call that is over: it is copied. */
static bool
take_type(const struct rf_plugin *plugin, refold_string type, refold_event *ret,
          struct rf_buf *ret_why)
{
    if (type.ptr == NULL || type.len == 0 || type.len > RF_LIMIT_NAME_BYTES ||
        rf_utf8_valid(type.ptr, (size_t)type.len) != type.len) {
        rf_buf_format(ret_why, "upcast made it of a type that is not 1 to %d bytes of UTF-8",
                      RF_LIMIT_NAME_BYTES);
        return false;
    }
    rf_buf_clear(&made.type);
    rf_buf_add(&made.type, type.ptr, (size_t)type.len);
    ret->type = (refold_string){made.type.bytes, made.type.used};
    if (!rf_plugin_kind(plugin, made.type.bytes, made.type.used, &ret->kind)) {
        rf_buf_string(ret_why, "upcast made it a ");
        rf_buf_add(ret_why, made.type.bytes, made.type.used);
        rf_buf_string(ret_why, ", which the table of types does not have");
        return false;
    }
    return true;
}

/* Takes data that was emitted; without any it is the event's own. */
static bool
take_data(struct rf_buf *ret_why)
{
    bool cut;
    struct rf_err err;
    const struct rf_buf *emitted = rf_values_emitted(&cut);
    if (cut) {
        rf_buf_string(ret_why, "upcast emitted more than 64 MiB");
        return false;
    }
    if (emitted->used == 0) {
        return true;
    }
    rf_buf_clear(&made.data);
    rf_buf_add(&made.data, emitted->bytes, emitted->used);
    if (rf_json_read_whole(&made.doc, made.data.bytes, made.data.used, &err) != RF_OK) {
        rf_buf_format(ret_why, "upcast emitted no good JSON: byte %llu: %s",
                      (unsigned long long)err.offset_bytes, err.text);
        return false;
    }
    made.values = (struct rf_event_values){.text = {made.data.bytes, made.data.used}};
    return true;
}

enum rf_upcast
rf_upcast(const struct rf_plugin *plugin, const refold_event *event, refold_event *ret,
          struct rf_buf *ret_why)
{
    refold_event wanted = *event;
    *ret = *event;
    made.values = *(const struct rf_event_values *)event->host_data;
    ret->host_data = &made.values;
    rf_buf_clear(ret_why);
    rf_values_begin_call();
    rf_world_before_call();
    int32_t result = plugin->table.upcast(event, &wanted);
    if (result == REFOLD_REJECTED) {
        return RF_UPCAST_REFUSED;
    }
    if (result != REFOLD_OK) {
        rf_buf_format(ret_why, "upcast returned %d", (int)result);
        return RF_UPCAST_ODD;
    }
    if (rf_values_rejected()) {
        rf_buf_string(ret_why, "upcast called refold_reject, and returned as if it had not");
        return RF_UPCAST_ODD;
    }
    bool same_type = wanted.type.ptr == event->type.ptr && wanted.type.len == event->type.len;
    ret->kind = wanted.kind;
    if (!same_type && !take_type(plugin, wanted.type, ret, ret_why)) {
        return RF_UPCAST_ODD;
    }
    return take_data(ret_why) ? RF_UPCAST_DONE : RF_UPCAST_ODD;
}
