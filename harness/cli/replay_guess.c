/* SPDX-License-Identifier: MIT */
/* Where the parts of an envelope may stand, by the names of a record's members. */
#include <string.h>

#include "base/escape.h"
#include "base/json_pointer.h"
#include "cli/replay_specimen.h"

/** So much of a name is looked at, and pointers of so many bytes are proposed. */
#define NAME_BYTES    40
#define POINTER_BYTES 80
/** Members are looked for so deep. */
#define DEPTH 4
#define PARTS (sizeof(PART) / sizeof(PART[0]))

/** What a value must be. */
enum value_kind { AN_ID, A_TEXT, A_NUMBER, A_TIME, AN_OBJECT };

/** The names by which each part is known, in any case and without _ and -; the likeliest first.
 */
static const struct {
    const char *key;
    enum value_kind kind;
    const char *names[24];
} PART[] = {
    {"id",
     AN_ID,
     {"aggregateid", "aggregateidentifier", "aggregateuuid", "aggregaterootid", "aggregatekey",
      "streamid", "eventstreamid", "streamname", "streamkey", "stream", "entityid", "entitykey",
      "persistenceid", "originatorid", "sourceid", "subject", "key", "id"}},
    {"aggregate",
     A_TEXT,
     {"aggregatetype", "aggregatename", "aggregateclass", "aggregate", "streamtype",
      "streamcategory", "entitytype", "category"}},
    {"type",
     A_TEXT,
     {"eventtype", "payloadtype", "eventname", "eventclass", "messagetype", "detailtype",
      "eventtypename", "type", "kind", "topic", "event", "name", "class", "@class", "$type"}},
    {"version",
     A_NUMBER,
     {"aggregateversion", "aggregatesequencenumber", "streamversion", "streamrevision",
      "streamposition", "originatorversion", "entityversion", "sequencenumber", "sequencenr",
      "eventnumber", "version", "revision", "sequence", "seq", "seqno", "position"}},
    {"at",
     A_TIME,
     {"occurredat", "occurredon", "eventtimestamp", "eventtime", "timestamp", "recordedat",
      "recordedon", "createdat", "createdon", "at", "time", "date", "datetime", "created", "when",
      "ts", "tsms"}},
    {"data",
     AN_OBJECT,
     {"data", "eventdata", "payload", "eventpayload", "body", "eventbody", "properties",
      "eventproperties", "attributes", "content", "event", "state"}},
    {"eid", AN_ID, {"eventid", "eventidentifier", "eventuuid", "messageid", "id"}},
};
enum { ID, AGGREGATE, TYPE, VERSION, AT, DATA, EID };

/** Pointers to what was found; empty where nothing was. */
struct guess {
    const struct rf_json *doc;
    unsigned depth; /* so deep is looked */
    struct rf_buf found[PARTS];
    size_t ranks[PARTS]; /* of its name among the part's */
    uint32_t data;       /* the node of the data, which nothing else stands in */
};

/** @name  as it stands; @ret  without case, _ and - */
static void
flatten(const char *name, size_t bytes, char ret[NAME_BYTES])
{
    size_t used = 0;
    for (size_t i = 0; i < bytes && used + 1 < NAME_BYTES; i++) {
        char byte = name[i];
        if (byte != '_' && byte != '-') {
            ret[used++] = (char)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
        }
    }
    ret[used] = '\0';
}

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
        return is == RF_JSON_OBJECT;
    }
}

/** Takes a member for a part that it may be, where its name is likelier than what was found. */
static void
try_member(struct guess *guess, size_t part, const struct rf_buf *path, const char *name,
           uint32_t value)
{
    struct rf_buf *found = &guess->found[part];
    for (size_t rank = 0; PART[part].names[rank] != NULL; rank++) {
        if (strcmp(PART[part].names[rank], name) == 0 && fits(guess->doc, value, PART[part].kind) &&
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
        char name[NAME_BYTES];
        rf_json_string(doc, key, &scratch, &bytes, &count);
        rf_pointer_push(path, bytes, count);
        bool sayable = path->used <= POINTER_BYTES && memchr(bytes, ',', count) == NULL;
        flatten(bytes, count, name);
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

/** Each part where it lies least deep; what is within the data is the events' own. */
static void
find_parts(struct guess *guess)
{
    struct rf_buf path = {0};
    guess->data = RF_JSON_NONE;
    for (unsigned depth = 0; depth < guess->depth; depth++) {
        for (size_t turn = 0; turn < PARTS; turn++) {
            size_t part = (turn + DATA) % PARTS; /* the data first */
            if (guess->found[part].used == 0) {
                try_members(guess, part, 0, depth, &path);
            }
        }
    }
    rf_buf_done(&path);
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
        if (guess->found[part].used > 0 && !idle && !is_taken(guess, part)) {
            rf_buf_format(out, "%s%s=", out->used == 0 ? "" : ",", PART[part].key);
            rf_buf_add(out, guess->found[part].bytes, guess->found[part].used);
        }
    }
}

/** Without the data no option is proposed: it would fold the whole record as if it were that. */
static void
add_line(const struct guess *guess, const struct rf_buf *line, struct rf_buf *text)
{
    if (guess->found[DATA].used > 0) {
        rf_buf_string(text, " (a guess:  -e ");
        rf_escape_shell(text, line->bytes, line->used);
        rf_buf_byte(text, ')');
        return;
    }
    rf_buf_string(text, " (a guess: ");
    rf_escape_terminal(text, line->bytes, line->used);
    rf_buf_string(text, "; no member's name says that it is the data, and without data= the whole "
                        "record is taken for it)");
}

void
rf_specimen_add_guess(const struct rf_specimen *specimen, struct rf_buf *text)
{
    struct guess guess = {.doc = &specimen->doc, .depth = specimen->veiled ? 1 : DEPTH};
    struct rf_buf line = {0};
    if (specimen->doc.used > 0 && specimen->doc.nodes[0].kind == RF_JSON_OBJECT) {
        find_parts(&guess);
    }
    if (guess.found[ID].used > 0 && guess.found[TYPE].used > 0) {
        put_line(&guess, &line);
        add_line(&guess, &line, text);
    }
    for (size_t i = 0; i < PARTS; i++) {
        rf_buf_done(&guess.found[i]);
    }
    rf_buf_done(&line);
}
