/* SPDX-License-Identifier: MIT */
/* Calling an aggregate's identify. */
#include "worker/identify.h"

#include "base/json.h"
#include "base/limits.h"
#include "base/time.h"
#include "worker/values.h"
#include "worker/world.h"

/* What an event has that has no version. */
#define NO_VERSION (-1)

static void
put_error(struct rf_buf *out, const char *text, size_t bytes)
{
    rf_buf_string(out, "{\"error\":");
    rf_canon_string(out, text, bytes);
    rf_buf_byte(out, '}');
}

/* ,"key":"text"; false where it is no text. */
static bool
put_text(struct rf_buf *out, const char *key, refold_string text)
{
    if (text.ptr == NULL || rf_utf8_valid(text.ptr, (size_t)text.len) != text.len) {
        return false;
    }
    rf_buf_format(out, "\"%s\":", key);
    rf_canon_string(out, text.ptr, (size_t)text.len);
    return true;
}

static bool
put_time(struct rf_buf *out, refold_time at)
{
    char text[RF_TIME_TEXT_BYTES];
    struct rf_time time = {.seconds = at.seconds, .nanos = at.nanos};
    if (at.set == 0) {
        return true;
    }
    if (!rf_time_valid(time)) {
        return false;
    }
    size_t bytes = rf_time_print(time, text);
    rf_buf_string(out, ",\"at\":");
    rf_canon_string(out, text, bytes);
    return true;
}

/* What is wrong with the data that was emitted, or NULL. */
static const char *
put_data(struct rf_buf *out, struct rf_buf *why)
{
    static struct rf_json doc; /* kept for its room: a worker is one thread */
    struct rf_err err;
    bool cut;
    const struct rf_buf *emitted = rf_values_emitted(&cut);
    if (cut) {
        return "identify emitted more than 64 MiB";
    }
    if (emitted->used == 0) {
        return NULL;
    }
    if (rf_json_read_whole(&doc, emitted->bytes, emitted->used, &err) != RF_OK) {
        rf_buf_format(why, "identify emitted no good JSON: byte %llu: %s",
                      (unsigned long long)err.offset_bytes, err.text);
        return rf_buf_text(why);
    }
    rf_buf_string(out, ",\"data\":");
    rf_buf_add(out, emitted->bytes, emitted->used);
    return NULL;
}

/* What is wrong with the event that it made, or NULL. */
static const char *
put_event(struct rf_buf *out, const refold_event *event, struct rf_buf *why)
{
    rf_buf_byte(out, '{');
    if (!put_text(out, "id", event->id)) {
        return "identify gave no id, or one that is no UTF-8";
    }
    rf_buf_byte(out, ',');
    if (!put_text(out, "type", event->type)) {
        return "identify gave no type, or one that is no UTF-8";
    }
    if (event->version < NO_VERSION) {
        return "identify gave a version below 0";
    }
    if (event->version != NO_VERSION) {
        rf_buf_string(out, ",\"version\":");
        rf_canon_int64(out, event->version);
    }
    if (!put_time(out, event->at)) {
        return "identify gave a time that is none of the years 0001 to 9999";
    }
    const char *wrong = put_data(out, why);
    rf_buf_byte(out, '}');
    return wrong;
}

void
rf_identify(const struct rf_plugin *plugin, const char *payload, size_t count, struct rf_buf *out)
{
    const char *text;
    size_t bytes;
    struct rf_buf why = {0};
    size_t before = out->used;
    refold_event event = {
        .size = sizeof(event),
        .version = NO_VERSION,
        .host = rf_values_host(),
    };
    rf_values_begin_instance(); /* what an earlier payload took goes */
    rf_world_before_call();
    int32_t result =
        plugin->table.identify((refold_string){payload, count}, &event, rf_values_host());
    bool refused = rf_values_rejection(&text, &bytes);
    const char *wrong = NULL;
    if (result == REFOLD_OK && !refused) {
        wrong = put_event(out, &event, &why);
    } else if (result == REFOLD_REJECTED && refused) {
        put_error(out, text, bytes);
    } else if (result == REFOLD_OK) {
        wrong = "identify called refold_reject, and did not return what it returned";
    } else if (result != REFOLD_NOT_MINE) {
        rf_buf_format(&why, "identify returned %d", (int)result);
        wrong = rf_buf_text(&why);
    }
    if (wrong != NULL) {
        out->used = before;
        put_error(out, wrong, rf_utf8_valid(wrong, strlen(wrong)));
    }
    rf_buf_done(&why);
}
