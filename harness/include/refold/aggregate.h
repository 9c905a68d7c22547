/* SPDX-License-Identifier: MIT */
/**
 * @file
 * What an aggregate's author includes: ABI version 2, for C11 and C++11.
 *
 * An aggregate is a struct (the state), a table of its fields, a table of the event types that it
 * knows, and `apply`, which folds one event into the state:
 *
 *     struct counter { int64_t total; };
 *     enum { ADDED = 1 };
 *
 *     static int32_t counter_apply(void *state, const refold_event *event)
 *     {
 *         struct counter *c = (struct counter *)state;
 *         int64_t by;
 *         if (!refold_event_int(event, "By", &by)) {
 *             return refold_reject(event, "By is not an integer");
 *         }
 *         c->total += by;
 *         return REFOLD_OK;
 *     }
 *
 *     static const refold_type types[] = {REFOLD_TYPE("Added", ADDED)};
 *     static const refold_field fields[] = {REFOLD_INT(struct counter, total, "total")};
 *     REFOLD_AGGREGATE("counter", struct counter, types, fields, counter_apply)
 *
 * Build it with `cc -shared -fPIC` or hand the `.c` to refold as it is.
 *
 * It may also decide: `handle` takes a command and the state, and makes events or refuses. A replay
 * never asks it; `refold scenario` does ("commands" below). And it may know how its events are
 * stored, what they looked like once, and what must hold behind each: identify, upcast and check
 * ("stored events" below).
 *
 * Rules that hold for everything below:
 * - All functions must be pure: the same events give the same state on every machine. No clock, no
 *   random numbers, no environment, no files, no state of its own between calls.
 * - Strings are pointer and length, hold UTF-8, may hold NUL bytes and are not NUL-terminated.
 * - What an event, a command or a value points to is borrowed until the call returns. What the
 *   state keeps is copied into memory of the host: refold_text_set, refold_list_push,
 *   refold_map_put.
 * - The host owns that memory and frees it when the instance has been folded. If memory runs out
 *   the host ends the worker: what these functions return is never NULL.
 * - A worker is one thread in a process of its own. A crash costs only the instance at hand.
 * - The ABI is kept: version and size lead every table, new fields are only ever appended.
 */
#ifndef REFOLD_AGGREGATE_H
#define REFOLD_AGGREGATE_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef __cplusplus
extern "C" {
#endif

#define REFOLD_ABI_VERSION 2

/** What `apply` returns. Anything else counts as a rejection that says so. */
#define REFOLD_OK       0
#define REFOLD_REJECTED 1

/** Borrowed bytes. ptr NULL: there is none. */
typedef struct refold_string {
    const char *ptr;
    uint64_t len;
} refold_string;

/** An instant in UTC: seconds since 1970-01-01T00:00:00Z and nanoseconds; years 1 to 9999.
 * In a state: absent from the snapshot while `set` is 0. */
typedef struct refold_time {
    int64_t seconds;
    int32_t nanos;
    int32_t set;
} refold_time;

/** A string that the state keeps; memory of the host. Absent from the snapshot while ptr is NULL.
 * Change it with refold_text_set only. */
typedef struct refold_text {
    const char *ptr;
    uint64_t len;
    uint64_t room;
} refold_text;

/** A list that the state keeps: `count` elements, one after the other. */
typedef struct refold_list {
    void *items;
    uint64_t count;
    uint64_t room;
} refold_list;

/** A map from strings that the state keeps. Each entry is a struct of the author's whose first
 * member is a refold_text, the key. Entries move when the map grows or shrinks. */
typedef struct refold_map {
    void *entries;
    uint64_t count;
    uint64_t room;
    void *index;
} refold_map;

/** Kinds of JSON values. */
#define REFOLD_NULL   0
#define REFOLD_BOOL   1
#define REFOLD_NUMBER 2
#define REFOLD_STRING 3
#define REFOLD_ARRAY  4
#define REFOLD_OBJECT 5

/** A JSON value inside an event: its kind and its text, already validated. The text is as it was
 * written: blanks, the order of keys and escapes may differ between copies of one event, of which
 * any may be folded. Keep what it says, not the text. */
typedef struct refold_value {
    int32_t kind;
    uint32_t reserved;
    refold_string json;
} refold_value;

struct refold_host;

/** One event. `size` is that of the host's struct: fields beyond it are not there. */
typedef struct refold_event {
    uint32_t size;
    int32_t kind;            /**< the number that the aggregate's type table gives this type */
    int64_t version;         /**< of this event, within its instance */
    refold_time at;          /**< set is 0 where the envelope has no time */
    refold_string aggregate; /**< the aggregate's name, as the event or the config has it */
    refold_string id;        /**< of the instance */
    refold_string type;
    const struct refold_host *host;
    void *host_data; /**< the host's own */
} refold_event;

/** What the host does for an aggregate. Use the inline functions below instead. */
typedef struct refold_host {
    uint32_t abi_version;
    uint32_t size;
    /** Zeroed memory, aligned for any type, that lives until the instance has been folded. */
    void *(*alloc)(uint64_t bytes);
    /** A member of the event's data (of a repeated key the last). 0: not there. */
    int32_t (*field)(const refold_event *event, const char *name, uint64_t name_len,
                     refold_value *ret);
    /** The JSON text of the event's data. It may have to be put together: ask for fields where
     * these will do. */
    refold_string (*data)(const refold_event *event);
    int32_t (*member)(const refold_value *object, const char *name, uint64_t name_len,
                      refold_value *ret);
    /** The element behind `*cursor` (begin with 0); 0 at the end. For an object `ret_key` (may be
     * NULL) is set too. */
    int32_t (*next)(const refold_value *container, uint64_t *cursor, refold_string *ret_key,
                    refold_value *ret);
    /** Conversions; 0 where the value is of another kind or does not fit exactly. */
    int32_t (*to_int64)(const refold_value *value, int64_t *ret);
    int32_t (*to_uint64)(const refold_value *value, uint64_t *ret);
    int32_t (*to_real)(const refold_value *value, double *ret);
    int32_t (*to_bool)(const refold_value *value, int32_t *ret);
    int32_t (*to_string)(const refold_value *value, refold_string *ret);
    int32_t (*to_time)(const refold_value *value, refold_time *ret);
    void (*reject)(const refold_event *event, const char *text, uint64_t text_len);
    void (*text_set)(refold_text *text, const char *bytes, uint64_t count);
    void *(*list_push)(refold_list *list, uint64_t element_size);
    void *(*map_find)(const refold_map *map, uint64_t entry_size, const char *key,
                      uint64_t key_len);
    void *(*map_put)(refold_map *map, uint64_t entry_size, const char *key, uint64_t key_len);
    int32_t (*map_remove)(refold_map *map, uint64_t entry_size, const char *key, uint64_t key_len);
    /** 64 bits of XXH64 with seed 0. */
    uint64_t (*xxh64)(const void *bytes, uint64_t count);
    /** In `snapshot`: appends JSON text. The host checks it and makes it canonical.
     * In `handle`: one event in each call, see refold_emit. Copied. */
    void (*emit)(const char *json, uint64_t count);
} refold_host;

/* ---- reading an event ------------------------------------------------------------------------
 * Each returns 1 and sets *ret, or returns 0 (not there, or of another kind) and leaves *ret. */

static inline int
refold_event_value(const refold_event *event, const char *name, refold_value *ret)
{
    return event->host->field(event, name, strlen(name), ret);
}

/** The JSON text of the event's data, whole; borrowed until `apply` returns. Fields are found
 * faster than they are parsed out of it. */
static inline refold_string
refold_event_data(const refold_event *event)
{
    return event->host->data(event);
}

/** An integer token that fits. 3.0 and "3" are none. */
static inline int
refold_event_int(const refold_event *event, const char *name, int64_t *ret)
{
    refold_value value;
    return refold_event_value(event, name, &value) && event->host->to_int64(&value, ret);
}

static inline int
refold_event_uint(const refold_event *event, const char *name, uint64_t *ret)
{
    refold_value value;
    return refold_event_value(event, name, &value) && event->host->to_uint64(&value, ret);
}

/** Any number, as the nearest double; 0, as where none is there, beyond all doubles (1e400). */
static inline int
refold_event_real(const refold_event *event, const char *name, double *ret)
{
    refold_value value;
    return refold_event_value(event, name, &value) && event->host->to_real(&value, ret);
}

static inline int
refold_event_bool(const refold_event *event, const char *name, int32_t *ret)
{
    refold_value value;
    return refold_event_value(event, name, &value) && event->host->to_bool(&value, ret);
}

/** A string, decoded; borrowed until `apply` returns. */
static inline int
refold_event_string(const refold_event *event, const char *name, refold_string *ret)
{
    refold_value value;
    return refold_event_value(event, name, &value) && event->host->to_string(&value, ret);
}

/** An RFC 3339 string, or a number: below 1e11 seconds, else milliseconds. */
static inline int
refold_event_time(const refold_event *event, const char *name, refold_time *ret)
{
    refold_value value;
    return refold_event_value(event, name, &value) && event->host->to_time(&value, ret);
}

/** Refuse the event: `return refold_reject(event, "Qty is not an integer");`. Reports and goldens
 * show "<type>: <text>", of a text above 1,024 bytes its front, length and hash. The state may be
 * half changed: the host goes back to the one before. An event is refused too where it is called
 * and something else returned. */
static inline int32_t
refold_reject(const refold_event *event, const char *text)
{
    event->host->reject(event, text, strlen(text));
    return REFOLD_REJECTED;
}

/* ---- changing the state ---------------------------------------------------------------------- */

static inline void
refold_text_set(const refold_event *event, refold_text *text, refold_string value)
{
    event->host->text_set(text, value.ptr, value.len);
}

/** A string of the event's data straight into the state; 0 where it is not there or no string. */
static inline int
refold_event_text(const refold_event *event, const char *name, refold_text *text)
{
    refold_string value;
    if (!refold_event_string(event, name, &value)) {
        return 0;
    }
    refold_text_set(event, text, value);
    return 1;
}

/** A new zeroed element at the list's end; pointers to elements are stale afterwards. */
static inline void *
refold_list_push(const refold_event *event, refold_list *list, uint64_t element_size)
{
    return event->host->list_push(list, element_size);
}

/** The entry with this key, or NULL. */
static inline void *
refold_map_find(const refold_event *event, const refold_map *map, uint64_t entry_size,
                refold_string key)
{
    return event->host->map_find(map, entry_size, key.ptr, key.len);
}

/** The entry with this key; a new zeroed one (its key set) where there was none. */
static inline void *
refold_map_put(const refold_event *event, refold_map *map, uint64_t entry_size, refold_string key)
{
    return event->host->map_put(map, entry_size, key.ptr, key.len);
}

/** 1 where there was such an entry. */
static inline int
refold_map_remove(const refold_event *event, refold_map *map, uint64_t entry_size,
                  refold_string key)
{
    return event->host->map_remove(map, entry_size, key.ptr, key.len);
}

/* ---- commands --------------------------------------------------------------------------------
 *
 * `handle` decides what a command does to a state that it may not change. The command comes as a
 * refold_event:
 *
 *   kind      the number that the aggregate's table of commands gives its name
 *   type      its name: "ShipOrder"
 *   its data  members, as JSON; read them with refold_event_int and the others
 *   id        of the instance
 *   version   that of the instance: of its last event; one before the first where it has none yet
 *   at        when the command was given. The events that it makes have this time: there is no
 *             other clock
 *
 * and makes events with refold_emit, in their order, and returns REFOLD_OK; no event at all is an
 * answer too. Or it refuses: `return refold_reject(command, "order is not approved");`, and what it
 * emitted before is dropped. Anything else that it returns is a fault of its own.
 *
 * The host gives the events the versions that follow, and folds them with `apply` before the next
 * command comes. An event whose type is not in the table, or that `apply` refuses, is a fault of
 * `handle`: in production it would be stored, and no one could load the instance again.
 *
 *     static int32_t order_handle(const void *state, const refold_event *command,
 *                                 const refold_host *host)
 *     {
 *         const struct order *order = (const struct order *)state;
 *         (void)host;
 *         if (order->status != APPROVED) {
 *             return refold_reject(command, "order is not approved");
 *         }
 *         return refold_emit(command, "OrderShipped", NULL);
 *     }
 *
 *     static const refold_type commands[] = {REFOLD_COMMAND("ShipOrder", SHIP_ORDER)};
 *     REFOLD_AGGREGATE_COMMANDS("order", 1, struct order, types, fields, order_apply, commands,
 *                               order_handle)
 */

/**
 * In `handle`: one event that the command makes. What host->emit is given for it is a JSON object
 * {"type": its type, "data": any JSON value} with these members and no other; without "data" it is
 * {}. Where you have a JSON library, or a type's name needs an escape, call host->emit yourself.
 *
 * @data  JSON text; ptr NULL: {}. A command's own data can be handed on: refold_event_data(command)
 * Returns REFOLD_OK, so that a handler can end with `return refold_emit_string(...)`.
 */
static inline int32_t
refold_emit_string(const refold_event *command, const char *type, refold_string data)
{
    const char *const parts[] = {"{\"type\":\"", type,
                                 "\",\"data\":", data.ptr == NULL ? "{}" : data.ptr, "}"};
    const uint64_t lens[] = {9, strlen(type), 9, data.ptr == NULL ? 2 : data.len, 1};
    char *text = (char *)command->host->alloc(lens[1] + lens[3] + 19);
    uint64_t used = 0;
    for (int i = 0; i < 5; i++) {
        memcpy(text + used, parts[i], (size_t)lens[i]);
        used += lens[i];
    }
    command->host->emit(text, used);
    return REFOLD_OK;
}

/** The same with a C string, or NULL for an event without data of its own. */
static inline int32_t
refold_emit(const refold_event *command, const char *type, const char *data)
{
    refold_string text;
    text.ptr = data;
    text.len = data == NULL ? 0 : strlen(data);
    return refold_emit_string(command, type, text);
}

/* ---- stored events ---------------------------------------------------------------------------
 *
 * Three functions, each of them optional, for what history holds that `apply` should not care
 * about:
 *
 * `identify` reads payloads that are no JSON: protobuf, say, in base64. It is given the bytes, and
 * fills in `ret`, which begins without anything but its host:
 *
 *   id, type  of the event; borrowed until the call returns: parts of the bytes, constants, memory
 *             of host->alloc
 *   version   of the event, from 0; leave it at -1 where the payload has none
 *   at        its time, or none
 *   its data  JSON through host->emit, as a snapshot is; where nothing is emitted it is the payload
 *             in base64, as a JSON string
 *
 * All else of `ret` stays as it is. It returns REFOLD_OK; REFOLD_NOT_MINE, where the payload is not
 * one of this aggregate's: every aggregate that identifies is asked about every payload; or
 * `return refold_reject(ret, "no varint at byte 7");`, where it should be one of its own and cannot
 * be read. Anything else that it returns is a fault. It has no state: what it makes of a payload
 * depends on these bytes alone.
 *
 * `upcast` brings an event into today's shape before `apply` sees it. `ret` begins as a copy of the
 * event. It may set ret->type (to one of the table's; ret->kind follows it), or ret->kind alone,
 * and give new data by event->host->emit, JSON as a snapshot is; nothing else that it changes
 * counts. Types of once stand in the table of types as those of today do, or their events are
 * unhandled. It returns REFOLD_OK, or refuses the event with refold_reject.
 *
 * `check` looks at the state behind each event that was applied, without changing it: an invariant.
 * Where that does not hold, `return refold_reject(last, "more was shipped than ordered");` refuses
 * the event as `apply` would have, and the state before it counts. `last` is the event as `apply`
 * saw it.
 *
 * Where there is an upcast or a check, apply_batch is handed one event at a time. Reports name a
 * refused event by the type that history has.
 *
 *     static int32_t order_upcast(const refold_event *event, refold_event *ret)
 *     {
 *         if (event->kind == ORDER_SENT) {
 *             ret->type = refold_literal("OrderShipped");
 *         }
 *         return REFOLD_OK;
 *     }
 */

/** `identify` of a payload that is another's. */
#define REFOLD_NOT_MINE REFOLD_REJECTED

/** A C string that stays, as a refold_string. */
static inline refold_string
refold_literal(const char *text)
{
    refold_string string;
    string.ptr = text;
    string.len = strlen(text);
    return string;
}

/* ---- the tables ------------------------------------------------------------------------------ */

/** An event type that the aggregate knows, and the `kind` its events carry. The name "*" takes all
 * types that no other row names, and events of any aggregate name that no other one claims. */
typedef struct refold_type {
    const char *name;
    int32_t kind;
    uint32_t reserved;
} refold_type;

#define REFOLD_TYPE(name, kind)                                                                    \
    {                                                                                              \
        name, kind, 0                                                                              \
    }

/** A command that the aggregate handles, and the `kind` it comes with: a row of the same kind. The
 * name "*" takes all that no other row names. */
#define REFOLD_COMMAND(name, kind) REFOLD_TYPE(name, kind)

/** Kinds of state fields, and the member's C type. */
#define REFOLD_F_BOOL   1  /**< uint8_t: false or true */
#define REFOLD_F_INT32  2  /**< int32_t */
#define REFOLD_F_INT64  3  /**< int64_t */
#define REFOLD_F_UINT64 4  /**< uint64_t */
#define REFOLD_F_REAL   5  /**< double; NaN and infinity are no state (contract.md, "Golden") */
#define REFOLD_F_TEXT   6  /**< refold_text; absent while ptr is NULL */
#define REFOLD_F_TIME   7  /**< refold_time; absent while set is 0 */
#define REFOLD_F_ENUM   8  /**< int32_t: names[value]; absent while it is 0 */
#define REFOLD_F_STRUCT 9  /**< a struct of `fields` */
#define REFOLD_F_LIST   10 /**< refold_list; `fields` has one row: the element, at offset 0 */
#define REFOLD_F_MAP    11 /**< refold_map; `fields` has one row: the value, at its offset */

/** The field is left out of the snapshot while it is 0, false or empty. */
#define REFOLD_OMIT_EMPTY 1u

/** `present` of a field without a presence byte. */
#define REFOLD_NO_PRESENCE UINT32_MAX

/** One field of the state. Snapshot and restore come from these rows. */
typedef struct refold_field {
    const char *name; /**< the key in the state's JSON; NULL for elements of lists and maps */
    uint32_t kind;    /**< REFOLD_F_… */
    uint32_t flags;
    uint32_t offset;  /**< of the member in its struct */
    uint32_t present; /**< offset of a uint8_t that is 0 while the field was never set, or
                           REFOLD_NO_PRESENCE */
    uint32_t size;    /**< of an element (list), an entry (map), the struct (struct) */
    uint32_t count;   /**< rows in `fields`, or names in `names` (with the unused name of 0) */
    const struct refold_field *fields;
    const char *const *names;
} refold_field;

#define REFOLD_ROW_(type, member, json, kind, flags)                                               \
    {                                                                                              \
        json, kind, flags, (uint32_t)offsetof(type, member), REFOLD_NO_PRESENCE, 0, 0, NULL, NULL  \
    }
#define REFOLD_BOOLEAN(type, member, json) REFOLD_ROW_(type, member, json, REFOLD_F_BOOL, 0)
#define REFOLD_INT32(type, member, json)   REFOLD_ROW_(type, member, json, REFOLD_F_INT32, 0)
#define REFOLD_INT(type, member, json)     REFOLD_ROW_(type, member, json, REFOLD_F_INT64, 0)
#define REFOLD_UINT(type, member, json)    REFOLD_ROW_(type, member, json, REFOLD_F_UINT64, 0)
#define REFOLD_REAL(type, member, json)    REFOLD_ROW_(type, member, json, REFOLD_F_REAL, 0)
#define REFOLD_TEXT(type, member, json)    REFOLD_ROW_(type, member, json, REFOLD_F_TEXT, 0)
#define REFOLD_TIME(type, member, json)    REFOLD_ROW_(type, member, json, REFOLD_F_TIME, 0)
/** A number or boolean that is absent until the byte `present_member` is set. */
#define REFOLD_OPTIONAL(type, member, json, kind, present_member)                                  \
    {                                                                                              \
        json, kind, 0, (uint32_t)offsetof(type, member), (uint32_t)offsetof(type, present_member), \
            0, 0, NULL, NULL                                                                       \
    }
/** `names` is an array of strings; names[0] is never shown, and no other one stands there twice. */
#define REFOLD_ENUM(type, member, json, names)                                                     \
    {                                                                                              \
        json, REFOLD_F_ENUM, 0, (uint32_t)offsetof(type, member), REFOLD_NO_PRESENCE, 0,           \
            (uint32_t)(sizeof(names) / sizeof((names)[0])), NULL, names                            \
    }
#define REFOLD_STRUCT(type, member, json, rows)                                                    \
    {                                                                                              \
        json, REFOLD_F_STRUCT, 0, (uint32_t)offsetof(type, member), REFOLD_NO_PRESENCE,            \
            (uint32_t)sizeof(((type *)0)->member), (uint32_t)(sizeof(rows) / sizeof((rows)[0])),   \
            rows, NULL                                                                             \
    }
/** `row` is an array of one field: the element. */
#define REFOLD_LIST(type, member, json, element_type, row)                                         \
    {                                                                                              \
        json, REFOLD_F_LIST, 0, (uint32_t)offsetof(type, member), REFOLD_NO_PRESENCE,              \
            (uint32_t)sizeof(element_type), 1, row, NULL                                           \
    }
/** `row` is an array of one field: the value within the entry. */
#define REFOLD_MAP(type, member, json, entry_type, row)                                            \
    {                                                                                              \
        json, REFOLD_F_MAP, 0, (uint32_t)offsetof(type, member), REFOLD_NO_PRESENCE,               \
            (uint32_t)sizeof(entry_type), 1, row, NULL                                             \
    }
/** Rows for elements of lists: a plain value of `kind`, or a whole struct. */
#define REFOLD_ELEMENT(kind)                                                                       \
    {                                                                                              \
        NULL, kind, 0, 0, REFOLD_NO_PRESENCE, 0, 0, NULL, NULL                                     \
    }
#define REFOLD_ELEMENT_STRUCT(type, rows)                                                          \
    {                                                                                              \
        NULL, REFOLD_F_STRUCT, 0, 0, REFOLD_NO_PRESENCE, (uint32_t)sizeof(type),                   \
            (uint32_t)(sizeof(rows) / sizeof((rows)[0])), rows, NULL                               \
    }

/** What an aggregate is. The loader reads `abi_version` and `size` first, then no further than
 * `size`. Functions that are optional may be NULL. */
typedef struct refold_aggregate {
    uint32_t abi_version;   /**< REFOLD_ABI_VERSION */
    uint32_t size;          /**< sizeof(refold_aggregate) as the author compiled it */
    const char *name;       /**< names the golden's file: [A-Za-z0-9._-]{1,100}, no dot in front, no
                                 ".pending" behind */
    uint32_t state_version; /**< raise it when the meaning of the state changes */
    uint32_t flags;         /**< 0 */
    uint64_t state_size;    /**< bytes of a host-owned state block; 0 with create/destroy */
    const refold_type *types;
    uint64_t type_count;
    const refold_field *fields;
    uint64_t field_count;
    /** Fold one event. */
    int32_t (*apply)(void *state, const refold_event *event);
    /** Optional, used instead of `apply`: fold `count` events in order and return how many were
     * folded; fewer than `count` means that the next one was refused (refold_reject). */
    uint64_t (*apply_batch)(void *state, const refold_event *const *events, uint64_t count);
    /** Optional: make an empty state out of `state_size` zeroed bytes. */
    void (*init)(void *state);
    /** Optional: a state that the aggregate owns itself, in place of the block. */
    void *(*create)(void);
    void (*destroy)(void *state);
    /** Optional: the state as JSON through host->emit. Returns REFOLD_OK; or REFOLD_REJECTED,
     * behind host->reject (with NULL for its event) which says why there is none. There is none
     * either where that is called and something else returned. Beside it `fields` are left out, or
     * only tell reports the shape of that JSON: offsets may be 0, sizes UINT32_MAX. A number that
     * is no finite double tells that the state holds infinity (1e999, -1e999) or a NaN (2e999). */
    int32_t (*snapshot)(const void *state, const refold_host *host);
    /** Optional, beside `snapshot`: an empty state filled from one. Returns as that does. */
    int32_t (*restore)(void *state, const refold_value *snapshot, const refold_host *host);

    /* Members of ABI version 2 from its beginning. Where they are NULL all is as before they were
     * called; refold 0.1.0 called none of identify, upcast and check, and none calls route yet. */

    /** Optional: a payload that is no JSON to an event ("stored events" above). */
    int32_t (*identify)(refold_string bytes, refold_event *ret, const refold_host *host);
    /** The key under which the event is folded, where that is not its id. Not called: declared so
     * that the table keeps its shape. */
    int32_t (*route)(const refold_event *event, refold_string *ret_key);
    /** Optional: the event in today's shape ("stored events" above). */
    int32_t (*upcast)(const refold_event *event, refold_event *ret);
    /** Optional, with `commands`: a command to events, or a refusal ("commands" above). The state
     * is not its to change. */
    int32_t (*handle)(const void *state, const refold_event *command, const refold_host *host);
    /** Optional: an invariant of the state; refuse with refold_reject ("stored events" above). */
    int32_t (*check)(const void *state, const refold_event *last);
    /** The commands that `handle` takes: a misspelt one is told from one that is refused. */
    const refold_type *commands;
    uint64_t command_count;
} refold_aggregate;

/** The one symbol that the loader looks up: a constant refold_aggregate. */
#define REFOLD_SYMBOL "refold_aggregate_table"

#if defined(__GNUC__)
#define REFOLD_EXPORT __attribute__((visibility("default")))
#else
#define REFOLD_EXPORT
#endif

/** Defines the table of an aggregate with a host-owned state, state version 1. No semicolon. */
#define REFOLD_AGGREGATE(name, state_type, type_rows, field_rows, apply_function)                  \
    REFOLD_AGGREGATE_VERSION(name, 1, state_type, type_rows, field_rows, apply_function)

#ifdef __cplusplus
#define REFOLD_TABLE_ extern "C" REFOLD_EXPORT const refold_aggregate refold_aggregate_table
#else
#define REFOLD_TABLE_                                                                              \
    extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;                            \
    const refold_aggregate refold_aggregate_table
#endif

#define REFOLD_AGGREGATE_VERSION(name, version, state_type, type_rows, field_rows, apply_function) \
    REFOLD_AGGREGATE_(name, version, state_type, type_rows, field_rows, apply_function, NULL, 0,   \
                      NULL)

/** The same for an aggregate that handles commands: with its state version, its table of commands
 * and `handle`. Arguments by place, since C++ has no designated ones before C++20. */
#define REFOLD_AGGREGATE_COMMANDS(name, version, state_type, type_rows, field_rows,                \
                                  apply_function, command_rows, handle_function)                   \
    REFOLD_AGGREGATE_(name, version, state_type, type_rows, field_rows, apply_function,            \
                      command_rows, sizeof(command_rows) / sizeof((command_rows)[0]),              \
                      handle_function)

/** The same for one that knows how its events are stored ("stored events"); NULL for what of
 * identify, upcast and check it does not have. */
#define REFOLD_AGGREGATE_STORED(name, version, state_type, type_rows, field_rows, apply_function,  \
                                identify_function, upcast_function, check_function)                \
    REFOLD_AGGREGATE_WHOLE_(name, version, state_type, type_rows, field_rows, apply_function,      \
                            identify_function, upcast_function, check_function, NULL, 0, NULL)

/** All of it. */
#define REFOLD_AGGREGATE_WHOLE(name, version, state_type, type_rows, field_rows, apply_function,   \
                               identify_function, upcast_function, check_function, command_rows,   \
                               handle_function)                                                    \
    REFOLD_AGGREGATE_WHOLE_(name, version, state_type, type_rows, field_rows, apply_function,      \
                            identify_function, upcast_function, check_function, command_rows,      \
                            sizeof(command_rows) / sizeof((command_rows)[0]), handle_function)

#define REFOLD_AGGREGATE_(name, version, state_type, type_rows, field_rows, apply_function,        \
                          command_rows, command_count, handle_function)                            \
    REFOLD_AGGREGATE_WHOLE_(name, version, state_type, type_rows, field_rows, apply_function,      \
                            NULL, NULL, NULL, command_rows, command_count, handle_function)

#define REFOLD_AGGREGATE_WHOLE_(name, version, state_type, type_rows, field_rows, apply_function,  \
                                identify_function, upcast_function, check_function, command_rows,  \
                                command_count, handle_function)                                    \
    REFOLD_TABLE_ = {                                                                              \
        REFOLD_ABI_VERSION,                                                                        \
        (uint32_t)sizeof(refold_aggregate),                                                        \
        name,                                                                                      \
        version,                                                                                   \
        0,                                                                                         \
        sizeof(state_type),                                                                        \
        type_rows,                                                                                 \
        sizeof(type_rows) / sizeof((type_rows)[0]),                                                \
        field_rows,                                                                                \
        sizeof(field_rows) / sizeof((field_rows)[0]),                                              \
        apply_function,                                                                            \
        NULL, /* apply_batch */                                                                    \
        NULL, /* init */                                                                           \
        NULL, /* create */                                                                         \
        NULL, /* destroy */                                                                        \
        NULL, /* snapshot */                                                                       \
        NULL, /* restore */                                                                        \
        identify_function,                                                                         \
        NULL, /* route */                                                                          \
        upcast_function,                                                                           \
        handle_function,                                                                           \
        check_function,                                                                            \
        command_rows,                                                                              \
        command_count,                                                                             \
    };

#ifdef __cplusplus
}
#endif

#endif
