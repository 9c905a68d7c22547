/* SPDX-License-Identifier: MIT */
/* JSON in the making, member by member: of reports/…json.c only. */
#ifndef RF_REPORTS_JSON_LIST_H
#define RF_REPORTS_JSON_LIST_H

#include "base/escape.h"
#include "base/json.h"
#include "base/time.h"
#include "reports/report.h"

/* An object or array in the making. */
struct list {
    struct rf_buf *out;
    const char *lead; /* in front of each item; "" for all on one line */
    bool any;
};

#define LEAD_TOP   "\n  "
#define LEAD_INNER "\n    "
#define LEAD_NONE  ""

static inline void
next_item(struct list *list)
{
    if (list->any) {
        rf_buf_string(list->out, *list->lead == '\0' ? ", " : ",");
    }
    rf_buf_string(list->out, list->lead);
    list->any = true;
}

static inline void
name_item(struct list *list, const char *name)
{
    next_item(list);
    rf_buf_format(list->out, "\"%s\": ", name);
}

static inline struct list
list_begin(struct rf_buf *out, char bracket, const char *lead)
{
    rf_buf_byte(out, bracket);
    return (struct list){.out = out, .lead = lead};
}

/* `lead` is that of the line on which the bracket stands. */
static inline void
list_end(struct list *list, char bracket, const char *lead)
{
    if (list->any && *list->lead != '\0') {
        rf_buf_string(list->out, lead);
    }
    rf_buf_byte(list->out, bracket);
}

static inline void
put_count(struct list *list, const char *name, uint64_t value)
{
    name_item(list, name);
    rf_canon_uint64(list->out, value);
}

static inline void
put_integer(struct list *list, const char *name, int64_t value)
{
    name_item(list, name);
    rf_canon_int64(list->out, value);
}

static inline void
put_flag(struct list *list, const char *name, bool value)
{
    name_item(list, name);
    rf_buf_string(list->out, value ? "true" : "false");
}

static inline void
put_bytes(struct list *list, const char *name, const char *bytes, size_t count)
{
    if (bytes != NULL) {
        name_item(list, name);
        rf_escape_json(list->out, bytes, count);
    }
}

static inline void
put_text(struct list *list, const char *name, const char *text)
{
    if (text != NULL) {
        put_bytes(list, name, text, strlen(text));
    }
}

/* A value that is JSON already: of a state. */
static inline void
put_value(struct list *list, const char *name, const char *json)
{
    if (json != NULL) {
        name_item(list, name);
        rf_escape_json_text(list->out, json, strlen(json));
    }
}

static inline void
put_time(struct list *list, const char *name, struct rf_time at)
{
    char text[RF_TIME_TEXT_BYTES];
    (void)rf_time_print(at, text);
    put_text(list, name, text);
}

/* Shared members, in json.c. `lead` and `end` as in list_begin and list_end. */
void rf_json_texts(struct list *list, const char *name, const char *const *texts, size_t count,
                   const char *lead, const char *end);
/** 32 hex digits: both sums. */
void rf_json_multiset(struct list *list, const char *name, const struct rf_multiset *set);
/** 16 hex digits. */
void rf_json_hex(struct list *list, const char *name, uint64_t hash);
/** The builds, of compare both. */
void rf_json_builds(struct list *list, const struct rf_report *report);
/** objects, read, … folded */
void rf_json_sums(struct list *history, const struct rf_sums *sums);
void rf_json_envelopes(struct list *history, const struct rf_decode_counts *counts);
/** history, of events that are listed or looked at, not folded; in types_json.c */
void rf_json_listed(struct list *top, const struct rf_report *run);
struct rf_calendar;
/** calendar, in ls_json.c */
void rf_json_calendar(struct list *top, const struct rf_calendar *calendar);
/** Names of foreign objects, and damage that the policy waives. */
void rf_json_set_aside(struct list *history, const struct rf_report *report);
/** changes */
void rf_json_changes(struct list *entry, const struct rf_changes *changes);
/** shard, in json_shard.c */
void rf_json_shard(struct list *top, const struct rf_report *report);
/** damage_total and damage */
void rf_json_damages(struct list *top, const struct rf_report *report);
/** known_damage, ignores, skips and today, in json_audit.c */
void rf_json_audit(struct list *top, const struct rf_report *report);
/** conduct, in json_conduct.c: what the builds did besides folding. `rivals` may be NULL. */
void rf_json_conduct(struct list *top, struct rf_build *const *builds,
                     struct rf_build *const *rivals, size_t count);
/** sandbox, and sandbox_lacks */
void rf_json_held(struct list *list, struct rf_build *const *builds, struct rf_build *const *rivals,
                  size_t count);
void rf_json_warnings(struct list *top, const struct rf_report *report);
void rf_json_timing(struct list *top, const struct rf_report *report);

#endif
