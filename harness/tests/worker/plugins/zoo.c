/* SPDX-License-Identifier: MIT */
/* One field of every kind, nested as far as people nest them; filled from events of the same shape.
 */
#include <refold/aggregate.h>

enum { ZOO_SET = 1, ZOO_LINE, ZOO_VISIT, ZOO_BOX, ZOO_FORGET, ZOO_DIVIDE };

struct address {
    refold_text street;
    int32_t number;
};

struct line {
    refold_text sku;
    int64_t quantity;
    refold_list notes; /* of refold_text */
};

struct visit {
    refold_text who;
    int64_t times;
};

struct box {
    refold_text label;
    double weight;
    refold_time packed;
    refold_list lines; /* of struct line */
};

struct zoo {
    uint8_t open;
    uint8_t limit_set;
    int32_t small;
    int64_t whole;
    uint64_t natural;
    double real;
    int32_t mood;
    int64_t limit;
    int64_t quiet;
    refold_text name;
    refold_time born;
    struct address address;
    struct address second;
    refold_list lines; /* of struct line */
    refold_list times; /* of refold_time */
    refold_map visits; /* of struct visit */
    refold_map boxes;  /* of struct box */
};

static const char *const moods[] = {"", "calm", "\"loud\"", "ruhig & schön"};

static const refold_field address_rows[] = {
    REFOLD_TEXT(struct address, street, "street"),
    REFOLD_INT32(struct address, number, "number"),
};
/* The same struct where it may be empty as a whole. */
static const refold_field second_rows[] = {
    REFOLD_TEXT(struct address, street, "street"),
    {"number", REFOLD_F_INT32, REFOLD_OMIT_EMPTY, offsetof(struct address, number),
     REFOLD_NO_PRESENCE, 0, 0, NULL, NULL},
};
static const refold_field note_row[] = {REFOLD_ELEMENT(REFOLD_F_TEXT)};
static const refold_field line_rows[] = {
    REFOLD_TEXT(struct line, sku, "sku"),
    REFOLD_INT(struct line, quantity, "quantity"),
    REFOLD_LIST(struct line, notes, "notes", refold_text, note_row),
};
static const refold_field line_row[] = {REFOLD_ELEMENT_STRUCT(struct line, line_rows)};
static const refold_field time_row[] = {REFOLD_ELEMENT(REFOLD_F_TIME)};
static const refold_field visit_row[] = {REFOLD_INT(struct visit, times, NULL)};
static const refold_field box_rows[] = {
    REFOLD_REAL(struct box, weight, "weight"),
    REFOLD_TIME(struct box, packed, "packed"),
    REFOLD_LIST(struct box, lines, "lines", struct line, line_row),
};
static const refold_field box_row[] = {REFOLD_ELEMENT_STRUCT(struct box, box_rows)};

static const refold_field fields[] = {
    REFOLD_BOOLEAN(struct zoo, open, "open"),
    REFOLD_INT32(struct zoo, small, "small"),
    REFOLD_INT(struct zoo, whole, "whole"),
    REFOLD_UINT(struct zoo, natural, "natural"),
    REFOLD_REAL(struct zoo, real, "real"),
    REFOLD_ENUM(struct zoo, mood, "mood", moods),
    REFOLD_OPTIONAL(struct zoo, limit, "limit", REFOLD_F_INT64, limit_set),
    {"quiet", REFOLD_F_INT64, REFOLD_OMIT_EMPTY, offsetof(struct zoo, quiet), REFOLD_NO_PRESENCE, 0,
     0, NULL, NULL},
    REFOLD_TEXT(struct zoo, name, "na/me~\n"),
    REFOLD_TIME(struct zoo, born, "born"),
    REFOLD_STRUCT(struct zoo, address, "address", address_rows),
    {"second", REFOLD_F_STRUCT, REFOLD_OMIT_EMPTY, offsetof(struct zoo, second), REFOLD_NO_PRESENCE,
     sizeof(struct address), 2, second_rows, NULL},
    REFOLD_LIST(struct zoo, lines, "lines", struct line, line_row),
    REFOLD_LIST(struct zoo, times, "times", refold_time, time_row),
    REFOLD_MAP(struct zoo, visits, "visits", struct visit, visit_row),
    REFOLD_MAP(struct zoo, boxes, "boxes", struct box, box_row),
};

static void
zoo_set(struct zoo *zoo, const refold_event *event)
{
    int32_t flag;
    int64_t number;
    refold_value address;
    refold_value part;
    if (refold_event_bool(event, "open", &flag)) {
        zoo->open = (uint8_t)flag;
    }
    if (refold_event_int(event, "small", &number)) {
        zoo->small = (int32_t)number;
    }
    if (refold_event_int(event, "mood", &number)) {
        zoo->mood = (int32_t)number;
    }
    (void)refold_event_int(event, "whole", &zoo->whole);
    (void)refold_event_uint(event, "natural", &zoo->natural);
    (void)refold_event_real(event, "real", &zoo->real);
    (void)refold_event_int(event, "quiet", &zoo->quiet);
    zoo->limit_set |= (uint8_t)refold_event_int(event, "limit", &zoo->limit);
    (void)refold_event_text(event, "name", &zoo->name);
    (void)refold_event_time(event, "born", &zoo->born);
    (void)refold_event_text(event, "second", &zoo->second.street);
    if (refold_event_value(event, "address", &address) &&
        event->host->member(&address, "street", 6, &part)) {
        refold_string street;
        if (event->host->to_string(&part, &street)) {
            refold_text_set(event, &zoo->address.street, street);
        }
    }
}

static void
push_line(refold_list *lines, const refold_event *event)
{
    struct line *line = refold_list_push(event, lines, sizeof(struct line));
    refold_value notes;
    refold_value note;
    uint64_t cursor = 0;
    (void)refold_event_text(event, "sku", &line->sku);
    (void)refold_event_int(event, "quantity", &line->quantity);
    if (!refold_event_value(event, "notes", &notes)) {
        return;
    }
    while (event->host->next(&notes, &cursor, NULL, &note)) {
        refold_text *text = refold_list_push(event, &line->notes, sizeof(refold_text));
        refold_string bytes;
        if (event->host->to_string(&note, &bytes)) { /* else it stays null */
            refold_text_set(event, text, bytes);
        }
    }
}

static int32_t
zoo_visit(struct zoo *zoo, const refold_event *event)
{
    refold_string who;
    struct visit *visit;
    if (!refold_event_string(event, "who", &who)) {
        return refold_reject(event, "who is not a string");
    }
    visit = refold_map_put(event, &zoo->visits, sizeof(struct visit), who);
    visit->times++;
    *(refold_time *)refold_list_push(event, &zoo->times, sizeof(refold_time)) = event->at;
    return REFOLD_OK;
}

static int32_t
zoo_box(struct zoo *zoo, const refold_event *event)
{
    refold_string label;
    struct box *box;
    if (!refold_event_string(event, "label", &label)) {
        return refold_reject(event, "label is not a string");
    }
    box = refold_map_put(event, &zoo->boxes, sizeof(struct box), label);
    (void)refold_event_real(event, "weight", &box->weight);
    box->packed = event->at;
    push_line(&box->lines, event);
    return REFOLD_OK;
}

static int32_t
zoo_apply(void *state, const refold_event *event)
{
    struct zoo *zoo = state;
    refold_string who;
    switch (event->kind) {
    case ZOO_SET:
        zoo_set(zoo, event);
        return REFOLD_OK;
    case ZOO_LINE:
        push_line(&zoo->lines, event);
        return REFOLD_OK;
    case ZOO_VISIT:
        return zoo_visit(zoo, event);
    case ZOO_BOX:
        return zoo_box(zoo, event);
    case ZOO_FORGET:
        if (!refold_event_string(event, "who", &who) ||
            !refold_map_remove(event, &zoo->visits, sizeof(struct visit), who)) {
            return refold_reject(event, "was never here");
        }
        return REFOLD_OK;
    default:
        zoo->real = 1.0 / (double)zoo->whole; /* infinity, where whole is 0 */
        return REFOLD_OK;
    }
}

static const refold_type types[] = {
    REFOLD_TYPE("Set", ZOO_SET),       REFOLD_TYPE("Line", ZOO_LINE),
    REFOLD_TYPE("Visit", ZOO_VISIT),   REFOLD_TYPE("Box", ZOO_BOX),
    REFOLD_TYPE("Forget", ZOO_FORGET), REFOLD_TYPE("Divide", ZOO_DIVIDE),
};

REFOLD_AGGREGATE_VERSION("zoo", 3, struct zoo, types, fields, zoo_apply)
