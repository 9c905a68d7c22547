/* SPDX-License-Identifier: MIT */
/*
 * known-damage.json, which lies beside the goldens: people edit it and review its diffs, so it is
 * one entry a line, in a fixed order, and every slip in it is told with its line.
 */
#include "golden/known_file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/day.h"
#include "base/files.h"
#include "base/hex.h"
#include "base/journal.h"
#include "base/limits.h"
#include "base/typo.h"
#include "history/identity.h"

/* ---- members --------------------------------------------------------------------------------- */

enum form { FORM_TEXT, FORM_SHA256, FORM_HASH, FORM_INTEGER, FORM_COUNT, FORM_DAY, FORM_PART };

enum member {
    MEMBER_AGGREGATE,
    MEMBER_BYTES,
    MEMBER_COUNT,
    MEMBER_DIGEST,
    MEMBER_DROPPED,
    MEMBER_EVENT,
    MEMBER_EVENTS,
    MEMBER_FOLDED,
    MEMBER_FOUND,
    MEMBER_GOLDEN,
    MEMBER_ID,
    MEMBER_KIND,
    MEMBER_OBJECT,
    MEMBER_OFFSET,
    MEMBER_PART,
    MEMBER_REASON,
    MEMBER_SNAPSHOT,
    MEMBER_TO,
    MEMBER_UNTIL,
    MEMBER_VERSION,
    MEMBERS,
};

#define BIT(member) (1U << MEMBER_##member)
/** What any entry may have, besides what tells its finding. */
#define REMARKS (BIT(COUNT) | BIT(REASON) | BIT(UNTIL))

static const struct {
    const char *name;
    enum form form;
} members[MEMBERS] = {
    [MEMBER_AGGREGATE] = {"aggregate", FORM_TEXT},
    [MEMBER_BYTES] = {"bytes", FORM_COUNT},
    [MEMBER_COUNT] = {"count", FORM_COUNT},
    [MEMBER_DIGEST] = {"digest", FORM_SHA256},
    [MEMBER_DROPPED] = {"dropped", FORM_SHA256},
    [MEMBER_EVENT] = {"event", FORM_SHA256},
    [MEMBER_EVENTS] = {"events", FORM_HASH},
    [MEMBER_FOLDED] = {"folded", FORM_SHA256},
    [MEMBER_FOUND] = {"found", FORM_HASH},
    [MEMBER_GOLDEN] = {"golden", FORM_INTEGER},
    [MEMBER_ID] = {"id", FORM_TEXT},
    [MEMBER_KIND] = {"kind", FORM_TEXT},
    [MEMBER_OBJECT] = {"object", FORM_TEXT},
    [MEMBER_OFFSET] = {"offset", FORM_COUNT},
    [MEMBER_PART] = {"part", FORM_PART},
    [MEMBER_REASON] = {"reason", FORM_TEXT},
    [MEMBER_SNAPSHOT] = {"snapshot", FORM_HASH},
    [MEMBER_TO] = {"to", FORM_INTEGER},
    [MEMBER_UNTIL] = {"until", FORM_DAY},
    [MEMBER_VERSION] = {"version", FORM_INTEGER},
};

/** What tells a finding of a kind: all of `needed`, and of `free` what there is. Damage of the
 * golden is in none: a golden is mended, for nothing of it is believed. */
static const struct shape {
    enum rf_damage_kind kind;
    unsigned needed;
    unsigned free;
} shapes[] = {
    {RF_DAMAGE_UNREADABLE, BIT(OBJECT) | BIT(DIGEST), BIT(OFFSET)},
    {RF_DAMAGE_TRUNCATED, BIT(OBJECT) | BIT(DIGEST), BIT(OFFSET)},
    {RF_DAMAGE_MALFORMED, BIT(OBJECT) | BIT(DIGEST) | BIT(OFFSET), BIT(BYTES) | BIT(PART)},
    {RF_DAMAGE_MALFORMED, BIT(ID) | BIT(EVENT), BIT(AGGREGATE) | BIT(VERSION)},
    {RF_DAMAGE_GAP, BIT(ID) | BIT(VERSION) | BIT(TO), BIT(AGGREGATE)},
    {RF_DAMAGE_CONFLICT, BIT(ID) | BIT(VERSION) | BIT(FOLDED) | BIT(DROPPED), BIT(AGGREGATE)},
    {RF_DAMAGE_CONFLICT, BIT(ID) | BIT(VERSION) | BIT(SNAPSHOT) | BIT(FOUND), BIT(AGGREGATE)},
    {RF_DAMAGE_CUT_SHORT, BIT(ID) | BIT(VERSION) | BIT(GOLDEN) | BIT(EVENTS), BIT(AGGREGATE)},
    {RF_DAMAGE_CUT_SHORT, BIT(ID) | BIT(VERSION) | BIT(SNAPSHOT), BIT(AGGREGATE)},
    {RF_DAMAGE_ERRORS, BIT(OBJECT) | BIT(DIGEST), 0},
};
#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* ---- one entry ------------------------------------------------------------------------------- */

/** An entry that is being read: the value of each member, or RF_JSON_NONE. */
struct reading {
    struct rf_json *doc;
    uint32_t values[MEMBERS];
    unsigned there; /**< bits of those that are */
};

static rf_code
fail_unknown(const char *key, size_t bytes, struct rf_err *reterr)
{
    const char *names[MEMBERS + 1] = {NULL};
    for (size_t i = 0; i < MEMBERS; i++) {
        names[i] = members[i].name;
    }
    char *word = rf_strndup(key, bytes);
    const char *nearest = rf_typo_nearest(word, names);
    rf_code code = nearest == NULL
                       ? rf_fail(reterr, RF_ERR_MALFORMED, NULL, "unknown key \"%s\"", word)
                       : rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                                 "unknown key \"%s\"; did you mean \"%s\"?", word, nearest);
    free(word);
    return code;
}

static rf_code
find_members(struct reading *reading, uint32_t object, struct rf_err *reterr)
{
    const struct rf_json_node *nodes = reading->doc->nodes;
    struct rf_buf scratch = {0};
    rf_code code = RF_OK;
    for (size_t i = 0; i < MEMBERS; i++) {
        reading->values[i] = RF_JSON_NONE;
    }
    for (uint32_t key = object + 1; code == RF_OK && key < nodes[object].next;
         key = nodes[key + 1].next) {
        const char *name;
        size_t bytes;
        size_t at = 0;
        rf_json_string(reading->doc, key, &scratch, &name, &bytes);
        while (at < MEMBERS &&
               !rf_bytes_same(name, bytes, members[at].name, strlen(members[at].name))) {
            at++;
        }
        if (at == MEMBERS) {
            code = fail_unknown(name, bytes, reterr);
        } else if (reading->values[at] != RF_JSON_NONE) {
            code =
                rf_fail(reterr, RF_ERR_MALFORMED, NULL, "\"%s\" is there twice", members[at].name);
        } else {
            reading->values[at] = key + 1;
            reading->there |= 1U << at;
        }
    }
    rf_buf_done(&scratch);
    return code;
}

/** A string without NUL bytes (ids may hold them), owned; or NULL. */
static char *
copy_text(const struct rf_json *doc, uint32_t node, bool may_hold_nul, size_t *ret_bytes)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    if (doc->nodes[node].kind != RF_JSON_STRING) {
        return NULL;
    }
    rf_json_string(doc, node, &scratch, &bytes, ret_bytes);
    bool well = may_hold_nul || memchr(bytes, 0, *ret_bytes) == NULL;
    char *text = well ? rf_strndup(bytes, *ret_bytes) : NULL;
    rf_buf_done(&scratch);
    return text;
}

/** What is wrong with a value; NULL: nothing. */
static const char *
find_flaw(const struct rf_json *doc, uint32_t node, enum member member)
{
    int64_t integer;
    uint64_t count;
    size_t bytes = 0;
    static const char no_part[] = "is no place such as \"66\" or \"41/0\"";
    bool is_number = doc->nodes[node].kind == RF_JSON_NUMBER;
    if (members[member].form == FORM_INTEGER) {
        return is_number && rf_json_int64(doc, node, &integer) ? NULL : "is no integer";
    }
    if (members[member].form == FORM_COUNT) {
        bool well = is_number && rf_json_uint64(doc, node, &count);
        return well && (member == MEMBER_OFFSET || count > 0) ? NULL : "is no count";
    }
    if (members[member].form == FORM_PART && is_number) { /* an earlier refold counted parts */
        return rf_json_uint64(doc, node, &count) && count > 0 ? NULL : no_part;
    }
    char *text = copy_text(doc, node, member == MEMBER_ID, &bytes);
    const char *flaw = NULL;
    if (text == NULL) {
        flaw = "is no text";
    } else if (members[member].form == FORM_SHA256 && !rf_hex_is(text, RF_SHA256_HEX_BYTES - 1)) {
        flaw = "is no SHA-256 in 64 hex digits";
    } else if (members[member].form == FORM_HASH && !rf_hex_is(text, RF_HASH_HEX_BYTES - 1)) {
        flaw = "is no hash in 16 hex digits";
    } else if (members[member].form == FORM_DAY && !rf_day_valid(text)) {
        flaw = "is no day such as 2026-12-31";
    } else if (members[member].form == FORM_PART && !rf_identity_is_part(text)) {
        flaw = no_part;
    } else if (member == MEMBER_REASON && strspn(text, " \t\r\n") == bytes) {
        flaw = "is empty";
    }
    free(text);
    return flaw;
}

static bool
read_kind(const struct rf_json *doc, uint32_t node, enum rf_damage_kind *ret)
{
    size_t bytes;
    char *text = copy_text(doc, node, false, &bytes);
    int kind = 0;
    while (text != NULL && kind < RF_DAMAGE_COUNT_ &&
           strcmp(text, rf_damage_name((enum rf_damage_kind)kind)) != 0) {
        kind++;
    }
    *ret = (enum rf_damage_kind)kind;
    bool found = text != NULL && kind < RF_DAMAGE_COUNT_;
    free(text);
    return found;
}

/** "object, digest and offset" */
static void
list_members(unsigned bits, struct rf_buf *out)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        if ((bits & (1U << i)) != 0) {
            bits &= ~(1U << i);
            rf_buf_format(out, "%s\"%s\"",
                          out->used == 0 ? ""
                          : bits == 0    ? " and "
                                         : ", ",
                          members[i].name);
        }
    }
}

/** The shape that an entry of this kind has. */
static rf_code
check_shape(const struct reading *reading, enum rf_damage_kind kind, struct rf_err *reterr)
{
    const struct shape *first = NULL;
    const struct shape *fit = NULL;
    for (size_t i = 0; i < SHAPES && fit == NULL; i++) {
        if (shapes[i].kind == kind) {
            first = first == NULL ? &shapes[i] : first;
            fit = (reading->there & shapes[i].needed) == shapes[i].needed ? &shapes[i] : NULL;
        }
    }
    if (first == NULL) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL,
                       "damage of the golden is never known: mend it, by version control or a "
                       "bless");
    }
    unsigned wrong = fit == NULL
                         ? first->needed & ~reading->there
                         : reading->there & ~(fit->needed | fit->free | REMARKS | BIT(KIND));
    if (wrong == 0) {
        return RF_OK;
    }
    struct rf_buf names = {0};
    list_members(wrong, &names);
    rf_code code =
        rf_fail(reterr, RF_ERR_MALFORMED, NULL, "an entry of kind %s %s %s", rf_damage_name(kind),
                fit == NULL ? "needs" : "has no", rf_buf_text(&names));
    rf_buf_done(&names);
    return code;
}

static rf_code
check_members(const struct reading *reading, enum rf_damage_kind *ret_kind, struct rf_err *reterr)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        const char *flaw = reading->values[i] == RF_JSON_NONE
                               ? NULL
                               : find_flaw(reading->doc, reading->values[i], (enum member)i);
        if (flaw != NULL) {
            return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "\"%s\" %s", members[i].name, flaw);
        }
    }
    if ((reading->there & BIT(REASON)) == 0 || (reading->there & BIT(KIND)) == 0) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "needs \"kind\" and \"reason\"");
    }
    if (!read_kind(reading->doc, reading->values[MEMBER_KIND], ret_kind)) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "\"kind\" is no kind of damage");
    }
    return check_shape(reading, *ret_kind, reterr);
}

static char *
member_text(const struct reading *reading, enum member member, size_t *ret_bytes)
{
    size_t bytes = 0;
    return reading->values[member] == RF_JSON_NONE
               ? NULL
               : copy_text(reading->doc, reading->values[member], member == MEMBER_ID,
                           ret_bytes == NULL ? &bytes : ret_bytes);
}

static struct rf_identity_number
member_integer(const struct reading *reading, enum member member)
{
    struct rf_identity_number number = {0};
    if (reading->values[member] != RF_JSON_NONE) {
        number.is = rf_json_int64(reading->doc, reading->values[member], &number.value);
    }
    return number;
}

/** 0 where it is not there, or no number. */
static uint64_t
member_count(const struct reading *reading, enum member member)
{
    uint64_t count = 0;
    uint32_t node = reading->values[member];
    if (node != RF_JSON_NONE && reading->doc->nodes[node].kind == RF_JSON_NUMBER) {
        (void)rf_json_uint64(reading->doc, node, &count);
    }
    return count;
}

/** The identity of what was checked. */
static char *
make_identity(const struct reading *reading, const struct rf_known_entry *entry)
{
    char *texts[MEMBERS] = {NULL};
    for (size_t i = 0; i < MEMBERS; i++) {
        bool told = members[i].form == FORM_SHA256 || members[i].form == FORM_HASH ||
                    members[i].form == FORM_PART;
        texts[i] = told ? member_text(reading, (enum member)i, NULL) : NULL;
    }
    const struct rf_identity identity = {
        .kind = entry->kind,
        .object = entry->object,
        .digest = texts[MEMBER_DIGEST],
        .has_offset = entry->has_offset,
        .offset = entry->offset,
        .part = texts[MEMBER_PART],
        .counted_part = member_count(reading, MEMBER_PART),
        .bytes = member_count(reading, MEMBER_BYTES),
        .aggregate = entry->aggregate,
        .id = entry->id,
        .id_bytes = entry->id_bytes,
        .version = {entry->has_version, entry->version},
        .to = member_integer(reading, MEMBER_TO),
        .golden = member_integer(reading, MEMBER_GOLDEN),
        .event = texts[MEMBER_EVENT],
        .folded = texts[MEMBER_FOLDED],
        .dropped = texts[MEMBER_DROPPED],
        .events = texts[MEMBER_EVENTS],
        .snapshot = texts[MEMBER_SNAPSHOT],
        .found = texts[MEMBER_FOUND],
    };
    char *text = rf_identity_text(&identity);
    for (size_t i = 0; i < MEMBERS; i++) {
        free(texts[i]);
    }
    return text;
}

/** Whether an earlier refold told it: by the number of its part, or by no more than its offset. */
static bool
is_of_before(const struct reading *reading, const struct rf_known_entry *entry)
{
    return entry->kind == RF_DAMAGE_MALFORMED && entry->object != NULL &&
           (member_count(reading, MEMBER_PART) > 0 ||
            (reading->there & (BIT(PART) | BIT(BYTES))) == 0);
}

rf_code
rf_known_entry_read(struct rf_json *doc, uint32_t object, const char *today,
                    struct rf_known_entry *ret, struct rf_err *reterr)
{
    struct reading reading = {.doc = doc};
    *ret = (struct rf_known_entry){.count = 1};
    if (doc->nodes[object].kind != RF_JSON_OBJECT) {
        return rf_fail(reterr, RF_ERR_MALFORMED, NULL, "an entry is an object");
    }
    RF_TRY(find_members(&reading, object, reterr));
    RF_TRY(check_members(&reading, &ret->kind, reterr));
    ret->object = member_text(&reading, MEMBER_OBJECT, NULL);
    ret->aggregate = member_text(&reading, MEMBER_AGGREGATE, NULL);
    ret->id = member_text(&reading, MEMBER_ID, &ret->id_bytes);
    ret->reason = member_text(&reading, MEMBER_REASON, NULL);
    ret->until = member_text(&reading, MEMBER_UNTIL, NULL);
    ret->has_version = (reading.there & BIT(VERSION)) != 0;
    ret->version = member_integer(&reading, MEMBER_VERSION).value;
    ret->of_snapshot = (reading.there & BIT(SNAPSHOT)) != 0;
    ret->of_golden = (reading.there & BIT(GOLDEN)) != 0;
    ret->of_before = is_of_before(&reading, ret);
    ret->has_offset = (reading.there & BIT(OFFSET)) != 0;
    ret->offset = member_count(&reading, MEMBER_OFFSET);
    if ((reading.there & BIT(COUNT)) != 0) {
        (void)rf_json_uint64(doc, reading.values[MEMBER_COUNT], &ret->count);
    }
    ret->expired = rf_day_is_over(ret->until, today);
    ret->identity = make_identity(&reading, ret);
    RF_VERIFY(ret->identity != NULL); /* all of it came out of JSON */
    return RF_OK;
}

void
rf_known_entry_write(const struct rf_known_entry *entry, struct rf_buf *out)
{
    struct rf_json doc = {0};
    struct rf_buf text = {0};
    rf_buf_add(&text, entry->identity, strlen(entry->identity) - 1);
    rf_buf_string(&text, ",\"reason\":");
    rf_canon_string(&text, entry->reason, strlen(entry->reason));
    if (entry->until != NULL) {
        rf_buf_format(&text, ",\"until\":\"%s\"", entry->until);
    }
    if (entry->count > 1) {
        rf_buf_format(&text, ",\"count\":%" PRIu64, entry->count);
    }
    rf_buf_byte(&text, '}');
    bool well = rf_json_read_whole(&doc, text.bytes, text.used, NULL) == RF_OK &&
                rf_json_canonical(&doc, 0, true, out, NULL) == RF_OK; /* now the keys are sorted */
    RF_VERIFY(well);
    rf_json_done(&doc);
    rf_buf_done(&text);
}

void
rf_known_entry_make(const char *identity, const char *reason, const char *until,
                    struct rf_known_entry *ret)
{
    struct rf_json doc = {0};
    struct rf_buf text = {0};
    struct rf_err err;
    const struct rf_known_entry bare = {.identity = (char *)(uintptr_t)identity,
                                        .reason = (char *)(uintptr_t)reason,
                                        .until = (char *)(uintptr_t)until};
    rf_known_entry_write(&bare, &text);
    bool well = rf_json_read_whole(&doc, text.bytes, text.used, &err) == RF_OK &&
                rf_known_entry_read(&doc, 0, "", ret, &err) == RF_OK;
    RF_VERIFY(well); /* what is written can be read */
    rf_json_done(&doc);
    rf_buf_done(&text);
}

/* ---- the file -------------------------------------------------------------------------------- */

static uint64_t
line_of(const char *text, size_t offset)
{
    uint64_t line = 1;
    for (size_t i = 0; i < offset; i++) {
        line += text[i] == '\n';
    }
    return line;
}

/** As damage of the golden: where, what, and what to do. */
static rf_code
fail_line(const struct rf_known_damage *known, size_t offset, const char *what,
          struct rf_err *reterr)
{
    char *where = rf_format("%s:%" PRIu64, known->path, line_of(known->text, offset));
    rf_code code = rf_fail(reterr, RF_ERR_CORRUPT, where,
                           "%s; put it right, or restore it from version control", what);
    free(where);
    return code;
}

static rf_code
check_format(const struct rf_known_damage *known, const struct rf_json *doc, struct rf_err *reterr)
{
    uint32_t node = rf_json_member(doc, 0, "format", strlen("format"), NULL);
    uint64_t format = 0;
    if (node == RF_JSON_NONE || doc->nodes[node].kind != RF_JSON_NUMBER ||
        !rf_json_uint64(doc, node, &format) || format == 0) {
        return fail_line(known, 0, "has no \"format\" number", reterr);
    }
    if (format > RF_KNOWN_FORMAT) {
        char text[128];
        (void)snprintf(text, sizeof(text),
                       "was written by a newer refold (format %" PRIu64 ", this one reads %d)",
                       format, RF_KNOWN_FORMAT);
        return fail_line(known, doc->nodes[node].start, text, reterr);
    }
    return RF_OK;
}

static rf_code
check_top(const struct rf_known_damage *known, const struct rf_json *doc, struct rf_err *reterr)
{
    static const char *const names[] = {"damage", "format", NULL};
    struct rf_buf scratch = {0};
    rf_code code = RF_OK;
    if (doc->nodes[0].kind != RF_JSON_OBJECT) {
        return fail_line(known, 0, "is no JSON object", reterr);
    }
    RF_TRY(check_format(known, doc, reterr));
    for (uint32_t key = 1; code == RF_OK && key < doc->nodes[0].next;
         key = doc->nodes[key + 1].next) {
        const char *name;
        size_t bytes;
        rf_json_string(doc, key, &scratch, &name, &bytes);
        char *word = rf_strndup(name, bytes);
        const char *nearest = rf_typo_nearest(word, names);
        if (strcmp(word, names[0]) != 0 && strcmp(word, names[1]) != 0) {
            char *text = nearest == NULL
                             ? rf_format("unknown key \"%s\"", word)
                             : rf_format("unknown key \"%s\"; did you mean \"%s\"?", word, nearest);
            code = fail_line(known, doc->nodes[key].start, text, reterr);
            free(text);
        }
        free(word);
    }
    rf_buf_done(&scratch);
    return code;
}

static rf_code
read_entries(struct rf_known_damage *known, struct rf_json *doc, const char *today,
             struct rf_err *reterr)
{
    bool repeated = false;
    uint32_t list = rf_json_member(doc, 0, "damage", strlen("damage"), &repeated);
    if (list == RF_JSON_NONE || doc->nodes[list].kind != RF_JSON_ARRAY || repeated) {
        return fail_line(known, 0, "has not one list \"damage\"", reterr);
    }
    if (doc->nodes[list].count > RF_LIMIT_KNOWN) {
        return fail_line(known, doc->nodes[list].start,
                         "has more entries than anyone has looked at", reterr);
    }
    for (uint32_t node = list + 1; node < doc->nodes[list].next; node = doc->nodes[node].next) {
        struct rf_err err;
        RF_GROW(known->items, known->room, known->count + 1);
        struct rf_known_entry *entry = &known->items[known->count++];
        if (rf_known_entry_read(doc, node, today, entry, &err) != RF_OK) {
            return fail_line(known, doc->nodes[node].start, err.text, reterr);
        }
        entry->offset_in_file = doc->nodes[node].start;
    }
    return RF_OK;
}

static rf_code
read_text(struct rf_known_damage *known, const char *today, struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_err err = {0};
    rf_code code = RF_OK;
    if (rf_json_read_whole(&doc, known->text, known->text_bytes, &err) != RF_OK) {
        char *text = rf_format("is no JSON: %s", err.text);
        size_t at = err.has_offset && err.offset_bytes < known->text_bytes
                        ? (size_t)err.offset_bytes
                        : known->text_bytes - (known->text_bytes > 0);
        code = fail_line(known, at, text, reterr);
        free(text);
    } else {
        code = check_top(known, &doc, reterr);
    }
    if (code == RF_OK) {
        code = read_entries(known, &doc, today, reterr);
    }
    rf_json_done(&doc);
    return code;
}

/** Where an identity stands for the second time. */
static rf_code
fail_twice(const struct rf_known_damage *known, const struct rf_known_entry *entry,
           struct rf_err *reterr)
{
    struct rf_buf text = {0};
    rf_buf_format(&text, "the %s of ", rf_damage_name(entry->kind));
    const char *name = entry->object != NULL ? entry->object : entry->id;
    rf_buf_add_name(&text, name, strlen(name));
    rf_buf_string(&text, " is there twice: \"count\" says of how many findings an entry is");
    rf_code code = fail_line(known, entry->offset_in_file, rf_buf_text(&text), reterr);
    rf_buf_done(&text);
    return code;
}

/** Where the file lies that holds; of a journal that cannot be believed the goldens tell. */
static char *
find_place(const char *folder)
{
    struct rf_journal journal;
    struct rf_err unbelieved;
    char *place = rf_journal_read(folder, &journal, &unbelieved) == RF_OK
                      ? rf_journal_place(&journal, folder, RF_KNOWN_DAMAGE_NAME)
                      : rf_format("%s/" RF_KNOWN_DAMAGE_NAME, folder);
    rf_journal_done(&journal);
    return place;
}

rf_code
rf_known_read(const char *folder, const char *today, bool accepts, struct rf_known_damage **ret,
              struct rf_err *reterr)
{
    struct stat facts;
    struct rf_known_damage *known = rf_calloc(1, sizeof(*known));
    struct rf_buf text = {0};
    *ret = NULL;
    known->accepts = accepts;
    known->path = rf_format("%s/" RF_KNOWN_DAMAGE_NAME, folder);
    known->place = find_place(folder);
    bool there = lstat(known->place, &facts) == 0;
    rf_code code = there ? rf_file_read(known->place, &text, reterr) : RF_OK;
    if (code == RF_OK && there) {
        known->text_bytes = text.used;
        known->text = rf_strndup(text.used == 0 ? "" : text.bytes, text.used);
        code = read_text(known, today, reterr);
    }
    rf_buf_done(&text);
    if (code == RF_OK) {
        const struct rf_known_entry *twice = rf_known_seal(known);
        code = twice == NULL ? RF_OK : fail_twice(known, twice, reterr);
    }
    if (code != RF_OK || (!there && !accepts)) {
        rf_known_free(known);
        return code;
    }
    *ret = known;
    return RF_OK;
}

void
rf_known_write(const struct rf_known_entry *items, size_t count, struct rf_buf *out)
{
    rf_buf_string(out, "{\"damage\":[");
    for (size_t i = 0; i < count; i++) {
        rf_buf_string(out, i == 0 ? "\n" : ",\n");
        rf_known_entry_write(&items[i], out);
    }
    rf_buf_format(out, "\n],\"format\":%d}\n", RF_KNOWN_FORMAT);
}
