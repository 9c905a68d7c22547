/* SPDX-License-Identifier: MIT */
/* Where the parts of an envelope may stand, by the names of a record's members. */
#include <string.h>

#include "base/escape.h"
#include "base/json_pointer.h"
#include "cli/replay_specimen.h"
#include "decode/bare.h"

/** Pointers of so many bytes are proposed. */
#define POINTER_BYTES 80
/** Members are looked for so deep. */
#define DEPTH 4
#define PARTS (sizeof(PART) / sizeof(PART[0]))

/** What a value must be. */
enum value_kind { AN_ID, A_TEXT, A_NUMBER, A_TIME, AN_OBJECT };

/** Names, as rf_plain_name has them, the likeliest first; NULL ends them. */
#define NAMES(...)                                                                                 \
    (const char *const[])                                                                          \
    {                                                                                              \
        __VA_ARGS__, NULL                                                                          \
    }

/** The names by which each part is known; those that others have too count where none of the first
 * is anywhere. */
static const struct {
    const char *key;
    enum value_kind kind;
    const char *const *names;
    const char *const *others;
} PART[] = {
    {"id", AN_ID,
     NAMES("aggregateid", "aggregateidentifier", "aggregateuuid", "aggregaterootid", "aggregatekey",
           "streamid", "eventstreamid", "streamname", "streamkey", "stream", "entityid",
           "entitykey", "persistenceid", "originatorid"),
     NAMES("sourceid", "subject", "key", "id")},
    {"aggregate", A_TEXT,
     NAMES("aggregatetype", "aggregatename", "aggregateclass", "aggregate", "streamtype",
           "streamcategory", "entitytype", "category"),
     NULL},
    {"type", A_TEXT,
     NAMES("eventtype", "payloadtype", "eventname", "eventclass", "messagetype", "detailtype",
           "eventtypename", "type", "kind", "topic", "event", "name", "class", "@class", "$type"),
     NULL},
    {"version", A_NUMBER,
     NAMES("aggregateversion", "aggregatesequencenumber", "streamversion", "streamrevision",
           "streamposition", "originatorversion", "entityversion"),
     NAMES("sequencenumber", "sequencenr", "eventnumber", "version", "revision", "rev", "sequence",
           "seq", "seqno", "position")},
    {"at", A_TIME, NAMES("occurredat", "occurredon", "eventtimestamp", "eventtime"),
     NAMES("timestamp", "recordedat", "recordedon", "createdat", "createdon", "at", "time", "date",
           "datetime", "created", "when", "ts", "tsms")},
    {"data", AN_OBJECT, rf_data_names, NULL},
    {"eid", AN_ID, NAMES("eventid", "eventidentifier", "eventuuid", "messageid", "id"), NULL},
};
enum { ID, AGGREGATE, TYPE, VERSION, AT, DATA, EID };

/** A member that holds what is looked for. */
struct holder {
    uint32_t node;
    struct rf_buf path;
};

/** Pointers to what was found; empty where nothing was. */
struct guess {
    const struct rf_json *doc;
    struct holder record; /* the record, or what is wrapped in it */
    struct holder detail; /* of EventBridge, whose own id and version are no instance's */
    unsigned depth;       /* so deep is looked */
    struct rf_buf found[PARTS];
    size_t ranks[PARTS];      /* of its name among the part's */
    uint32_t data;            /* the node of the data, which nothing else stands in */
    const char *const *names; /* that are looked for */
};

static bool
fits(const struct rf_json *doc, uint32_t node, enum value_kind kind)
{
    int is = doc->nodes[node].kind;
    bool text = is == RF_JSON_STRING && doc->nodes[node].end - doc->nodes[node].start > 2;
    bool number = is == RF_JSON_NUMBER && (doc->nodes[node].flags & RF_JSON_REAL) == 0;
    switch (kind) {
    case AN_ID:
        return text || number;
    case A_TEXT:
        return text;
    case A_NUMBER:
        return rf_specimen_is_number(doc, node);
    case A_TIME:
        return text || is == RF_JSON_NUMBER;
    default:
        return is == RF_JSON_OBJECT || rf_is_object_as_text(doc, node);
    }
}

/** Takes a member for a part that it may be, where its name is likelier than what was found. */
static void
try_member(struct guess *guess, size_t part, const struct rf_buf *path, const char *name,
           uint32_t value)
{
    struct rf_buf *found = &guess->found[part];
    for (size_t rank = 0; guess->names[rank] != NULL; rank++) {
        if (strcmp(guess->names[rank], name) == 0 && fits(guess->doc, value, PART[part].kind) &&
            (found->used == 0 || rank < guess->ranks[part])) {
            rf_buf_clear(found);
            rf_buf_add(found, path->bytes, path->used);
            guess->ranks[part] = rank;
            guess->data = part == DATA ? value : guess->data;
        }
    }
}

/** The members of the objects that lie `depth` below this one. */
static void
try_members(struct guess *guess, size_t part, uint32_t node, unsigned depth, struct rf_buf *path)
{
    const struct rf_json *doc = guess->doc;
    struct rf_buf scratch = {0};
    size_t before = path->used;
    uint32_t key = node + 1;
    for (uint32_t left = doc->nodes[node].count; left > 0; left--) {
        const char *bytes;
        size_t count;
        uint32_t value = key + 1;
        char name[RF_PLAIN_NAME_BYTES];
        rf_json_string(doc, key, &scratch, &bytes, &count);
        rf_pointer_push(path, bytes, count);
        bool sayable = path->used <= POINTER_BYTES && memchr(bytes, ',', count) == NULL;
        rf_plain_name(bytes, count, name);
        if (depth == 0 && sayable) {
            try_member(guess, part, path, name, value);
        } else if (depth > 0 && sayable && doc->nodes[value].kind == RF_JSON_OBJECT &&
                   value != guess->data) {
            try_members(guess, part, value, depth - 1, path);
        }
        path->used = before;
        key = doc->nodes[value].next;
    }
    rf_buf_done(&scratch);
}

/** A part under one of these names, where it lies least deep. */
static void
find_part(struct guess *guess, size_t part, const char *const *names)
{
    bool within = guess->detail.path.used > 0 && (part == ID || part == VERSION);
    const struct holder *holder = within ? &guess->detail : &guess->record;
    struct rf_buf path = {0};
    rf_buf_add(&path, holder->path.bytes, holder->path.used);
    guess->names = names;
    for (unsigned depth = 0; depth < guess->depth && guess->found[part].used == 0; depth++) {
        try_members(guess, part, holder->node, depth, &path);
    }
    rf_buf_done(&path);
}

/** The data first: what is within it is the events' own.
 *  @plain_ids  ids count whose names tell no instance, too */
static void
find_parts(struct guess *guess, bool plain_ids)
{
    for (size_t turn = 0; turn < PARTS; turn++) {
        size_t part = (turn + DATA) % PARTS;
        find_part(guess, part, PART[part].names);
        if (PART[part].others != NULL && (part != ID || plain_ids)) {
            find_part(guess, part, PART[part].others);
        }
    }
}

/** An event of EventBridge has its data in /detail, and its id's place is there. */
static void
find_detail(struct guess *guess)
{
    const struct rf_json *doc = guess->doc;
    uint32_t detail = rf_json_member(doc, 0, "detail", strlen("detail"), NULL);
    bool is = guess->depth > 1 && detail != RF_JSON_NONE &&
              doc->nodes[detail].kind == RF_JSON_OBJECT &&
              rf_json_member(doc, 0, "detail-type", strlen("detail-type"), NULL) != RF_JSON_NONE;
    if (is) {
        guess->detail.node = detail;
        rf_buf_string(&guess->detail.path, "/detail");
    }
}

static bool
is_found(const struct guess *guess)
{
    return guess->found[ID].used > 0 && guess->found[TYPE].used > 0;
}

static bool
is_object(const struct guess *guess)
{
    return guess->data != RF_JSON_NONE && guess->doc->nodes[guess->data].kind == RF_JSON_OBJECT;
}

static void
guess_done(struct guess *guess)
{
    for (size_t i = 0; i < PARTS; i++) {
        rf_buf_done(&guess->found[i]);
    }
    rf_buf_done(&guess->record.path);
    rf_buf_done(&guess->detail.path);
}

/** What has data's name may be a record that another wraps, as change data capture does: it is one
 * where it has all that an event has; beside a type only where its id tells an instance. */
static void
unwrap(struct guess *guess)
{
    struct guess inner = {.doc = guess->doc, .depth = guess->depth, .data = RF_JSON_NONE};
    inner.record.node = guess->data;
    rf_buf_add(&inner.record.path, guess->found[DATA].bytes, guess->found[DATA].used);
    find_parts(&inner, guess->found[TYPE].used == 0);
    if (!is_found(&inner) && is_object(&inner)) {
        unwrap(&inner);
    }
    if (is_found(&inner) && inner.found[DATA].used > 0) {
        struct guess outer = *guess;
        *guess = inner;
        inner = outer;
    }
    guess_done(&inner);
}

static bool
is_text(const struct guess *guess)
{
    return guess->data != RF_JSON_NONE && guess->doc->nodes[guess->data].kind == RF_JSON_STRING;
}

/** One member is not both. */
static bool
is_taken(const struct guess *guess, size_t part)
{
    const struct rf_buf *found = &guess->found[part];
    for (size_t i = 0; i < part; i++) {
        if (guess->found[i].used == found->used &&
            memcmp(guess->found[i].bytes, found->bytes, found->used) == 0) {
            return true;
        }
    }
    return false;
}

static void
put_line(const struct guess *guess, struct rf_buf *out)
{
    for (size_t part = 0; part < PARTS; part++) {
        bool idle = part == EID && guess->found[VERSION].used > 0; /* versions tell copies */
        bool unread = part == DATA && is_text(guess);
        if (guess->found[part].used > 0 && !idle && !unread && !is_taken(guess, part)) {
            rf_buf_format(out, "%s%s=", out->used == 0 ? "" : ",", PART[part].key);
            rf_buf_add(out, guess->found[part].bytes, guess->found[part].used);
        }
    }
}

static void
add_text_data(const struct guess *guess, struct rf_buf *text)
{
    rf_escape_terminal(text, guess->found[DATA].bytes, guess->found[DATA].used);
    rf_buf_string(text, " holds JSON as text, which -e cannot reach)");
}

/** Without the data no option is proposed: it would fold the whole record as if it were that. */
static void
add_line(const struct guess *guess, const struct rf_buf *line, struct rf_buf *text)
{
    if (guess->found[DATA].used > 0 && !is_text(guess)) {
        rf_buf_string(text, " (a guess:  -e ");
        rf_escape_shell(text, line->bytes, line->used);
        rf_buf_byte(text, ')');
        return;
    }
    rf_buf_string(text, " (a guess: ");
    rf_escape_terminal(text, line->bytes, line->used);
    if (is_text(guess)) {
        rf_buf_string(text, "; ");
        add_text_data(guess, text);
    } else {
        rf_buf_string(text, "; no member's name says that it is the data, and without data= the "
                            "whole record is taken for it)");
    }
}

/** What is known beside an id that no name tells: " (such as -e id=/ID,type=/kind,data=/body)". */
static void
add_without_id(struct rf_buf *line, struct rf_buf *text)
{
    struct rf_buf whole = {0};
    rf_buf_format(&whole, "id=/ID,%s", rf_buf_text(line));
    rf_buf_string(text, " (such as -e ");
    rf_escape_shell(text, whole.bytes, whole.used);
    rf_buf_byte(text, ')');
    rf_buf_done(&whole);
}

void
rf_specimen_add_guess(const struct rf_specimen *specimen, struct rf_buf *text)
{
    struct guess guess = {
        .doc = &specimen->doc, .depth = specimen->veiled ? 1 : DEPTH, .data = RF_JSON_NONE};
    struct rf_buf line = {0};
    if (specimen->doc.used > 0 && specimen->doc.nodes[0].kind == RF_JSON_OBJECT) {
        find_detail(&guess);
        find_parts(&guess, true);
    }
    if (!is_found(&guess) && is_object(&guess) && !specimen->veiled) {
        unwrap(&guess);
    }
    if (guess.detail.path.used > 0 && guess.found[DATA].used == 0) {
        rf_buf_string(&guess.found[DATA], "/detail");
    }
    put_line(&guess, &line);
    if (is_found(&guess)) {
        add_line(&guess, &line, text);
    } else if (is_text(&guess)) {
        rf_buf_string(text, " (");
        add_text_data(&guess, text);
    } else if (guess.found[TYPE].used > 0 && guess.found[DATA].used > 0) {
        add_without_id(&line, text);
    }
    guess_done(&guess);
    rf_buf_done(&line);
}
