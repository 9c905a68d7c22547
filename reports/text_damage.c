/* SPDX-License-Identifier: MIT */
/* Damage in words, and what may be done about it. */
#include "reports/text_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/escape.h"
#include "base/limits.h"

#define DAMAGES_SHOWN   5
#define VERBOSE_DAMAGES 50
#define MANY_DAMAGES    10

/* Each kind in words, and what may be done about it. */
static const struct damage_words {
    const char *one;
    const char *many;
    const char *help;
    bool has_policy;   /* refold.json can waive it */
    const char *other; /* what it may be instead where there is more than one an instance */
} DAMAGE_WORDS[RF_DAMAGE_COUNT_] = {
    [RF_DAMAGE_UNREADABLE] = {"unreadable object", "unreadable objects",
                              "copy the unreadable objects from their bucket again", false},
    [RF_DAMAGE_TRUNCATED] = {"truncated object", "truncated objects",
                             "copy the truncated objects from their bucket again", false},
    [RF_DAMAGE_MALFORMED] =
        {"malformed record", "malformed records",
         "see what wrote the malformed records, or choose their envelope with -e", true},
    [RF_DAMAGE_GAP] = {"gap in the versions", "gaps in the versions",
                       "add the objects that hold the missing versions", true,
                       "where these versions count the events of all instances, say with -e where "
                       "those of each one stand"},
    [RF_DAMAGE_CONFLICT] = {"version with two contents", "versions with two contents",
                            "find out which of the two events is true", true,
                            "where several instances have one id (of tenants, of tables), say with "
                            "-e where one stands that is unlike"},
    [RF_DAMAGE_CUT_SHORT] = {"instance ends before its golden's version",
                             "instances end before their golden's version",
                             "add the objects that hold the end of the history", false},
    [RF_DAMAGE_ERRORS] = {"object under an error prefix", "objects under an error prefix",
                          "look at what Firehose could not process", true},
    [RF_DAMAGE_GOLDEN] = {"fault in the golden", "faults in the golden",
                          "restore the golden from version control", false},
};

/** Of what is whole, and too much of something: another envelope, or another copy, is no help. */
#define LIMITED                                                                                    \
    "raise the limit that the message names, if so much is right, with --limit or \"limits\" in "  \
    "refold.json"

bool
rf_text_is_waived(const struct rf_page *page, int kind)
{
    return page->report->damage_policies[kind] != RF_POLICY_ERROR;
}

uint64_t
rf_text_unclaimed(const struct rf_page *page)
{
    return page->report->unclaimed_counts ? page->report->sums->terms[RF_TERM_UNCLAIMED] : 0;
}

void
rf_text_put_unclaimed(const struct rf_page *page)
{
    rf_paint_counted(page, rf_text_unclaimed(page), "event", "events");
    rf_buf_string(page->out, " of aggregates that are not loaded");
}

uint64_t
rf_text_damage_total(const struct rf_page *page, int kind, bool known)
{
    const struct rf_damages *damages = page->report->damages;
    return known ? damages->known[kind] : rf_damages_new(damages, (enum rf_damage_kind)kind);
}

bool
rf_text_damage_kinds(const struct rf_page *page, bool waived)
{
    bool any = false;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        if (rf_text_damage_total(page, kind, false) > 0 &&
            rf_text_is_waived(page, kind) == waived) {
            rf_buf_string(page->out, any ? ", " : "");
            rf_text_damage_count(page, kind, false);
            any = true;
        }
    }
    if (!waived && rf_text_unclaimed(page) > 0) {
        rf_buf_string(page->out, any ? ", " : "");
        rf_text_put_unclaimed(page);
        any = true;
    }
    return any;
}

void
rf_text_damage_place(const struct rf_page *page, const struct rf_damage *damage)
{
    if (damage->object != NULL) {
        rf_paint_word(page, damage->object);
        if (damage->has_offset) {
            rf_buf_format(page->out, ":%" PRIu64, damage->offset);
        }
        rf_buf_string(page->out, damage->id != NULL ? ", " : "");
    }
    if (damage->id != NULL) {
        rf_paint_word(page, damage->aggregate != NULL ? damage->aggregate : "instance");
        rf_buf_byte(page->out, ' ');
        rf_paint_name(page, damage->id, damage->id_bytes);
        if (damage->has_version) {
            rf_buf_format(page->out, " @%" PRId64, damage->version);
        }
    }
}

void
rf_text_damage(const struct rf_page *page, const struct rf_damage *damage)
{
    rf_buf_string(page->out, page->indent);
    rf_text_damage_place(page, damage);
    if (damage->message != NULL) {
        bool placed = damage->object != NULL || damage->id != NULL;
        rf_buf_string(page->out, placed ? ": " : "reason: ");
        rf_paint_message(page, damage->message, RF_MESSAGE_WIDTH);
    }
    if (damage->reason != NULL) {
        rf_buf_string(page->out, "; known: ");
        rf_paint_message(page, damage->reason, RF_MESSAGE_WIDTH);
    }
    rf_buf_byte(page->out, '\n');
}

void
rf_text_damage_count(const struct rf_page *page, int kind, bool known)
{
    rf_paint_counted(page, rf_text_damage_total(page, kind, known), DAMAGE_WORDS[kind].one,
                     DAMAGE_WORDS[kind].many);
}

bool
rf_text_known(const struct rf_page *page)
{
    bool any = false;
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        if (rf_text_damage_total(page, kind, true) > 0) {
            rf_buf_string(page->out, any ? ", " : "");
            rf_text_damage_count(page, kind, true);
            any = true;
        }
    }
    return any;
}

const char *
rf_text_damage_label(const struct rf_page *page, int kind, bool known)
{
    return known ? "known damage" : rf_text_is_waived(page, kind) ? "waived damage" : "damage";
}

static void
put_damage_kind(const struct rf_page *page, int kind, bool known)
{
    const struct rf_damages *damages = page->report->damages;
    uint64_t limit = page->verbose ? VERBOSE_DAMAGES : DAMAGES_SHOWN;
    uint64_t total = rf_text_damage_total(page, kind, known);
    uint64_t shown = 0;
    rf_paint_color(page, known || rf_text_is_waived(page, kind) ? RF_YELLOW : RF_RED);
    rf_buf_format(page->out, "%s: ", rf_text_damage_label(page, kind, known));
    rf_text_damage_count(page, kind, known);
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
    for (size_t i = 0; i < damages->count && shown < limit; i++) {
        if ((int)damages->items[i].kind == kind && damages->items[i].known == known) {
            rf_text_damage(page, &damages->items[i]);
            shown++;
        }
    }
    if (shown < total) {
        rf_buf_string(page->out, "    and ");
        rf_paint_number(page, total - shown);
        rf_buf_string(page->out, " more\n");
    }
}

void
rf_text_damages(const struct rf_page *page)
{
    bool any = false;
    for (int group = 0; group < 2 * RF_DAMAGE_COUNT_; group++) {
        int kind = group % RF_DAMAGE_COUNT_;
        bool known = group >= RF_DAMAGE_COUNT_; /* what is new comes first */
        if (rf_text_damage_total(page, kind, known) > 0) {
            if (!any) {
                rf_paint_section(page);
            }
            any = true;
            put_damage_kind(page, kind, known);
        }
    }
    if (rf_text_unclaimed(page) > 0) {
        if (!any) {
            rf_paint_section(page);
        }
        rf_paint_color(page, RF_RED);
        rf_buf_string(page->out, "damage: ");
        rf_text_put_unclaimed(page);
        rf_paint_color(page, RF_PLAIN);
        rf_buf_byte(page->out, '\n');
    }
}

/* A policy of NULL: there is none that waives it. */
static void
put_help(const struct rf_page *page, const char *help, const char *policy)
{
    rf_buf_format(page->out, "to mend it: %s", help);
    if (policy != NULL) {
        rf_buf_format(page->out,
                      "; to live with it, in refold.json: \"policy\": {\"%s\": \"warn\"}", policy);
    }
    rf_buf_byte(page->out, '\n');
}

/** How many new findings of a kind have these words, among those that are listed. */
static uint64_t
count_saying(const struct rf_page *page, enum rf_damage_kind kind, const char *words)
{
    const struct rf_damages *damages = page->report->damages;
    uint64_t count = 0;
    for (size_t i = 0; i < damages->count; i++) {
        const struct rf_damage *damage = &damages->items[i];
        count += damage->kind == kind && !damage->known && damage->message != NULL &&
                 strstr(damage->message, words) != NULL;
    }
    return count;
}

/** Where no record is an event nothing is known of any: to live with that is no way. */
static const char *
policy_of_malformed(const struct rf_page *page)
{
    return page->report->sums->events == 0 ? NULL : rf_damage_name(RF_DAMAGE_MALFORMED);
}

/** Where no record of the run is an event. @return whether there is something to say */
static bool
put_envelope_help(const struct rf_page *page)
{
    const char *hint = page->report->envelope_hint;
    if (hint != NULL) {
        rf_buf_string(page->out, "to mend it: ");
        rf_buf_string(page->out, hint);
        rf_buf_byte(page->out, '\n');
    }
    return hint != NULL;
}

/** Objects that were read to their end need no other copy.
 *  @told  of what holds no events it is said what to do */
static void
put_unreadable_help(const struct rf_page *page, bool told)
{
    uint64_t all = rf_text_damage_total(page, RF_DAMAGE_UNREADABLE, false);
    uint64_t eventless = count_saying(page, RF_DAMAGE_UNREADABLE, RF_DAMAGE_NO_EVENTS);
    uint64_t archives = count_saying(page, RF_DAMAGE_UNREADABLE, RF_DAMAGE_ARCHIVE);
    uint64_t limited = count_saying(page, RF_DAMAGE_UNREADABLE, RF_LIMIT_HINT);
    uint64_t unread = count_saying(page, RF_DAMAGE_UNREADABLE, RF_DAMAGE_UNREAD);
    if (eventless > 0 && !told) {
        put_help(page,
                 "say with -e how the records of objects that hold no events are read, or "
                 "see what wrote them",
                 NULL);
    }
    if (archives > 0) {
        put_help(page, "name the archives as sources of their own, or unpack them", NULL);
    }
    if (limited > 0) {
        put_help(page, LIMITED, NULL);
    }
    if (unread > 0) {
        put_help(page,
                 "convert what refold does not read (to JSON; packed, to gzip), or have it written "
                 "so (of Firehose: no record format conversion, or its source record backup)",
                 NULL);
    }
    if (all > eventless + archives + limited + unread) {
        put_help(page, DAMAGE_WORDS[RF_DAMAGE_UNREADABLE].help, NULL);
    }
}

/** Of an event with a version below the first: the name by which the config says what the first is.
 * NULL: this is no such finding, or a known one. */
static const char *
find_first_below(const struct rf_damage *damage, size_t *ret_bytes)
{
    const char *front = damage->known || damage->message == NULL
                            ? NULL
                            : strstr(damage->message, RF_DAMAGE_BELOW_FIRST);
    const char *end = front == NULL ? NULL : strstr(front, RF_DAMAGE_BELOW_FIRST_ENDS);
    if (end == NULL) {
        return NULL;
    }
    front += strlen(RF_DAMAGE_BELOW_FIRST);
    *ret_bytes = (size_t)(end - front);
    return front;
}

/** Of the first event that has a version below the first: with which version its aggregate begins,
 * and how the config says so. */
static void
put_first_below(const struct rf_page *page)
{
    const struct rf_damages *damages = page->report->damages;
    const char *name = NULL;
    size_t bytes = 0;
    int64_t first = 0;
    for (size_t i = 0; i < damages->count; i++) {
        const struct rf_damage *damage = &damages->items[i];
        size_t its_bytes = 0;
        const char *its = find_first_below(damage, &its_bytes);
        if (its != NULL && name == NULL) {
            name = its;
            bytes = its_bytes;
            first = damage->version;
        } else if (its != NULL && its_bytes == bytes && memcmp(its, name, bytes) == 0 &&
                   damage->version < first) {
            first = damage->version;
        }
    }
    rf_buf_format(page->out,
                  "to mend it: where versions begin with %" PRId64 ", say so in refold.json: "
                  "\"aggregates\": {",
                  first);
    rf_escape_json(page->out, name == NULL ? "NAME" : name, name == NULL ? 4 : bytes);
    rf_buf_format(page->out, ": {\"first\": %" PRId64 "}}\n", first);
}

bool
rf_text_damage_is_setting(const struct rf_page *page)
{
    return !rf_text_is_waived(page, RF_DAMAGE_MALFORMED) &&
           count_saying(page, RF_DAMAGE_MALFORMED, RF_DAMAGE_BELOW_FIRST) > 0;
}

/** @told  as put_unreadable_help */
static void
put_malformed_help(const struct rf_page *page, bool told)
{
    uint64_t below = count_saying(page, RF_DAMAGE_MALFORMED, RF_DAMAGE_BELOW_FIRST);
    uint64_t limited = count_saying(page, RF_DAMAGE_MALFORMED, RF_LIMIT_HINT);
    if (below > 0) {
        put_first_below(page);
    }
    if (limited > 0) {
        put_help(page, LIMITED, policy_of_malformed(page));
    }
    if (rf_text_damage_total(page, RF_DAMAGE_MALFORMED, false) > below + limited && !told) {
        put_help(page, DAMAGE_WORDS[RF_DAMAGE_MALFORMED].help, policy_of_malformed(page));
    }
}

/** More findings than instances, and not just a few, are seldom damage: versions or ids are not
 * what they are taken for. */
static void
put_other_help(const struct rf_page *page, int kind)
{
    uint64_t total = rf_text_damage_total(page, kind, false);
    const char *other = DAMAGE_WORDS[kind].other;
    if (other != NULL && total >= MANY_DAMAGES && total > page->report->gathered->instances) {
        rf_buf_format(page->out, "to mend it: or, %s\n", other);
    }
}

void
rf_text_damage_help(const struct rf_page *page)
{
    bool told = put_envelope_help(page);
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        if (rf_text_damage_total(page, kind, false) == 0 || rf_text_is_waived(page, kind)) {
            continue;
        }
        if (kind == RF_DAMAGE_UNREADABLE) {
            put_unreadable_help(page, told);
        } else if (kind == RF_DAMAGE_MALFORMED) {
            put_malformed_help(page, told);
        } else {
            const char *policy =
                DAMAGE_WORDS[kind].has_policy ? rf_damage_name((enum rf_damage_kind)kind) : NULL;
            put_help(page, DAMAGE_WORDS[kind].help, policy);
            put_other_help(page, kind);
        }
    }
    if (rf_text_unclaimed(page) > 0) {
        put_help(page, "load the aggregates of these events with -a", "unclaimed");
    }
}
