/* SPDX-License-Identifier: MIT */
/* Known damage: known-damage.json in a replay. */
#include "cli/known.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/limits.h"
#include "golden/known_file.h"

/** So many entries, or findings, are named one by one. */
#define NAMED 10

rf_code
rf_replay_open_known(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    if (!(settings->verb & RF_VERB_REPORTS)) {
        return RF_OK;
    }
    RF_TRY(rf_known_read(settings->golden, settings->today, settings->accept_damage != NULL,
                         &replay->known, reterr));
    replay->rules.known = replay->known;
    return RF_OK;
}

/* ---- what became of the entries -------------------------------------------------------------- */

static bool
is_claimed(const struct rf_replay *replay, const char *aggregate)
{
    for (size_t i = 0; i < replay->build_count; i++) {
        const struct rf_build *build = replay->builds[i];
        if (build->takes_all || (aggregate != NULL && strcmp(build->name, aggregate) == 0)) {
            return true;
        }
    }
    return false;
}

/** Whether damage of an entry's object would have been met. What lies below an error prefix is read
 * with --errors only; else it is that damage itself. */
static bool
object_would_be_seen(const struct rf_replay *replay, const struct rf_known_entry *entry)
{
    bool there = false;
    for (size_t i = 0; i < replay->objects.count; i++) {
        const struct rf_object *object = &replay->objects.items[i];
        if (strcmp(object->key, entry->object) == 0) {
            bool read = !object->errors || replay->settings->errors;
            if (read == (entry->kind == RF_DAMAGE_ERRORS)) {
                return false;
            }
            there = true;
        }
    }
    return there || replay->objects.outside == 0;
}

/** Whether a finding would have been met, were it still there: no selection left it out. What is of
 * a snapshot only --from looks for, and only with that very one, so that its entry always stays. */
static bool
would_be_seen(const struct rf_replay *replay, const struct rf_known_entry *entry)
{
    const struct rf_settings *settings = replay->settings;
    if (entry->object != NULL) {
        return object_would_be_seen(replay, entry);
    }
    bool by_time = settings->until != NULL || settings->as_of_text != NULL ||
                   settings->from != NULL || settings->since != NULL;
    bool selected = replay->selects == NULL ||
                    replay->selects(replay->select_context, entry->id, entry->id_bytes);
    bool compared = settings->verb == RF_VERB_BLESS
                        ? settings->review || settings->cluster_count > 0
                        : settings->verb != RF_VERB_COMPARE && !settings->no_compare;
    return !by_time && !entry->of_snapshot && selected && is_claimed(replay, entry->aggregate) &&
           rf_run_shard_has(settings->shard, entry->id, entry->id_bytes) &&
           (compared || !entry->of_golden);
}

/** "the gap of order 6f1c @3", "the truncated object 2026/07/01/00/x.gz" */
static void
put_entry(struct rf_buf *out, const struct rf_known_entry *entry)
{
    static const char *const nouns[RF_DAMAGE_COUNT_] = {
        [RF_DAMAGE_UNREADABLE] = "unreadable object",
        [RF_DAMAGE_TRUNCATED] = "truncated object",
        [RF_DAMAGE_MALFORMED] = "malformed record",
        [RF_DAMAGE_GAP] = "gap",
        [RF_DAMAGE_CONFLICT] = "conflict",
        [RF_DAMAGE_CUT_SHORT] = "end",
        [RF_DAMAGE_ERRORS] = "object of errors",
        [RF_DAMAGE_GOLDEN] = "golden",
    };
    rf_buf_format(out, "the %s ", nouns[entry->kind]);
    if (entry->object != NULL) {
        rf_buf_add_shown(out, entry->object, strlen(entry->object));
        if (entry->has_offset) {
            rf_buf_format(out, ":%" PRIu64, entry->offset);
        }
        return;
    }
    rf_buf_string(out, "of ");
    if (entry->aggregate != NULL) {
        rf_buf_add_shown(out, entry->aggregate, strlen(entry->aggregate));
        rf_buf_byte(out, ' ');
    }
    rf_buf_add_name(out, entry->id, entry->id_bytes);
    if (entry->has_version) {
        rf_buf_format(out, " @%" PRId64, entry->version);
    }
}

/** What is to be said of an entry; of most nothing. */
static void
put_state(struct rf_buf *out, const struct rf_replay *replay, const struct rf_known_entry *entry)
{
    uint64_t met = entry->met;
    put_entry(out, entry);
    switch (entry->state) {
    case RF_KNOWN_FEWER:
        rf_buf_format(out, " was accepted %" PRIu64 " times, and is found %" PRIu64, entry->count,
                      met);
        break;
    case RF_KNOWN_MORE:
        rf_buf_format(out,
                      " was accepted %" PRIu64 " time%s, and is found %" PRIu64
                      ": none of it is taken for known",
                      entry->count, entry->count == 1 ? "" : "s", met);
        break;
    case RF_KNOWN_GONE:
        if (entry->of_before) {
            rf_buf_string(out, " is told as an earlier refold told it, which stands for no damage "
                               "any more: what is there is to be accepted anew; the next "
                               "--accept-damage drops it");
            break;
        }
        rf_buf_format(out, " fits no damage any more; the next --accept-damage%s drops it",
                      entry->of_golden ? " with --review or --cluster, which compare," : "");
        break;
    case RF_KNOWN_EXPIRED:
        rf_buf_format(out, " was accepted up to %s, and today is %s: it counts no more",
                      entry->until, replay->settings->today);
        break;
    case RF_KNOWN_FITS:
    case RF_KNOWN_UNSEEN:
    case RF_KNOWN_STATE_COUNT_:
        rf_buf_clear(out);
        break;
    }
}

/** Entries that hide nothing are named: a file that nobody tidies up will one day hide something.
 */
static void
warn_of_entries(struct rf_replay *replay)
{
    const struct rf_known_damage *known = replay->known;
    uint64_t more = 0;
    size_t named = 0;
    for (size_t i = 0; i < known->count; i++) {
        struct rf_buf text = {0};
        put_state(&text, replay, &known->items[i]);
        if (text.used > 0 && named < NAMED) {
            rf_replay_warn(replay, RF_KNOWN_DAMAGE_NAME ": %s", rf_buf_text(&text));
            named++;
        } else if (text.used > 0) {
            more++;
        }
        rf_buf_done(&text);
    }
    if (more > 0) {
        rf_replay_warn(replay,
                       RF_KNOWN_DAMAGE_NAME ": %" PRIu64
                                            " more entr%s expired, or fit%s what is there no more "
                                            "as accepted; the JSON report lists all",
                       more, more == 1 ? "y has" : "ies have", more == 1 ? "s" : "");
    }
}

/** What was known of objects may be more than was accepted: then it was so in every shard. */
static void
settle_of_all(struct rf_replay *replay)
{
    for (size_t i = 0; i < replay->known->count; i++) {
        const struct rf_known_entry *entry = &replay->known->items[i];
        if (entry->object != NULL && !entry->expired && entry->met > entry->count) {
            replay->known_of_all[entry->kind] -= entry->met;
        }
    }
}

void
rf_replay_settle_known(struct rf_replay *replay)
{
    struct rf_known_damage *known = replay->known;
    if (known == NULL || replay->known_settled) {
        return;
    }
    replay->known_settled = true;
    if (!replay->merged) {
        rf_known_settle(known, &replay->damages);
        settle_of_all(replay);
    }
    for (size_t i = 0; i < known->count; i++) {
        struct rf_known_entry *entry = &known->items[i];
        if (!replay->merged) { /* the shards have told */
            entry->state = rf_known_judge_entry(entry, would_be_seen(replay, entry));
        }
    }
    warn_of_entries(replay);
}

/* ---- accepting ------------------------------------------------------------------------------- */

static bool
counts(const struct rf_replay *replay, const struct rf_damage *damage)
{
    return !damage->known &&
           replay->settings->config.damage_policies[damage->kind] == RF_POLICY_ERROR;
}

static const char *
why_not(const struct rf_damage *damage)
{
    return damage->kind == RF_DAMAGE_GOLDEN
               ? "damage of the golden is mended, not accepted: restore it from version control, "
                 "or bless without a selection"
               : "nothing tells exactly what is damaged here, so that it could not be told from "
                 "other damage later";
}

/** Whether a selection may have left out some of what an expired entry was accepted for: accepted
 * anew it would stand for less than it did, or for what no one saw. */
static bool
is_cut_off(const struct rf_replay *replay, const struct rf_known_entry *entry)
{
    return entry->state == RF_KNOWN_EXPIRED && entry->met > 0 && entry->met < entry->count &&
           !would_be_seen(replay, entry);
}

/** Whether there is such an entry of damage that counts; they are named. */
static bool
leaves_out_expired(struct rf_replay *replay)
{
    size_t named = 0;
    for (size_t i = 0; i < replay->known->count; i++) {
        const struct rf_known_entry *entry = &replay->known->items[i];
        if (!is_cut_off(replay, entry) ||
            replay->settings->config.damage_policies[entry->kind] != RF_POLICY_ERROR) {
            continue;
        }
        if (named++ < NAMED) {
            struct rf_buf text = {0};
            put_entry(&text, entry);
            rf_replay_warn(replay,
                           "not accepted: %s was accepted %" PRIu64 " times, and %" PRIu64
                           " is found: the selection may leave out the others; accept it anew "
                           "without one, or give it another last day in " RF_KNOWN_DAMAGE_NAME,
                           rf_buf_text(&text), entry->count, (uint64_t)entry->met);
            rf_buf_done(&text);
        }
    }
    return named > 0;
}

/** Whether all that counts can be accepted, one by one; what cannot is named. */
static bool
can_accept(struct rf_replay *replay)
{
    const struct rf_damages *damages = &replay->damages;
    uint64_t total = 0;
    uint64_t listed = 0;
    size_t named = 0;
    for (size_t i = 0; i < RF_DAMAGE_COUNT_; i++) {
        bool is = replay->settings->config.damage_policies[i] == RF_POLICY_ERROR;
        total += is ? rf_damages_new(damages, (enum rf_damage_kind)i) : 0;
    }
    for (size_t i = 0; i < damages->count; i++) {
        const struct rf_damage *damage = &damages->items[i];
        listed += counts(replay, damage);
        if (counts(replay, damage) && damage->identity == NULL && named++ < NAMED) {
            struct rf_buf text = {0};
            const char *name = damage->object != NULL ? damage->object : damage->id;
            rf_buf_add_shown(&text, name, strlen(name));
            rf_replay_warn(replay, "not accepted: %s: %s", rf_buf_text(&text), why_not(damage));
            rf_buf_done(&text);
        }
    }
    if (total > RF_LIMIT_KNOWN) {
        rf_replay_warn(replay,
                       "not accepted: %" PRIu64 " damages are more than %d, which no one looks at "
                       "one by one; to live with a kind of it there is \"policy\" in refold.json",
                       total, RF_LIMIT_KNOWN);
        return false;
    }
    if (total > listed) { /* others, which are waived, may stand in front of them */
        uint64_t left_out = total - listed;
        rf_replay_warn(replay,
                       "not accepted: %" PRIu64 " that count%s not among the %" PRIu64
                       " damages that are listed " RF_LIMIT_NUMBER_HINT("listed"),
                       left_out, left_out == 1 ? "s is" : " are", rf_limits.listed);
        return false;
    }
    return named == 0;
}

/** The entries of the file that is to be. */
struct entries {
    struct rf_known_entry *items;
    size_t count;
    size_t room;
};

static struct rf_known_entry *
append(struct entries *entries)
{
    RF_GROW(entries->items, entries->room, entries->count + 1);
    entries->items[entries->count] = (struct rf_known_entry){0};
    return &entries->items[entries->count++];
}

/** How many findings an old entry goes on standing for; 0: it goes. What is accepted anew (expired,
 * or more than before) does. Where a selection may have left some out, their number stays. */
static uint64_t
count_kept(const struct rf_replay *replay, const struct rf_known_entry *old)
{
    bool renewed = old->state == RF_KNOWN_EXPIRED && old->met > 0 && !is_cut_off(replay, old);
    if (old->state == RF_KNOWN_MORE || renewed) {
        return 0;
    }
    return would_be_seen(replay, old) ? old->met : old->count;
}

static void
keep_old(const struct rf_replay *replay, struct entries *entries)
{
    for (size_t i = 0; i < replay->known->count; i++) {
        const struct rf_known_entry *old = &replay->known->items[i];
        uint64_t count = count_kept(replay, old);
        if (count > 0) {
            struct rf_known_entry *entry = append(entries);
            rf_known_entry_make(old->identity, old->reason, old->until, entry);
            entry->count = count;
        }
    }
}

static int
compare_damages(const void *left, const void *right)
{
    const struct rf_damage *a = *(struct rf_damage *const *)left;
    const struct rf_damage *b = *(struct rf_damage *const *)right;
    return strcmp(a->identity, b->identity);
}

/** An entry for each finding that counts; findings that are alike share one. All become known. */
static void
add_new(struct rf_replay *replay, struct entries *entries)
{
    const struct rf_settings *settings = replay->settings;
    struct rf_damages *damages = &replay->damages;
    struct rf_damage **found = rf_calloc(damages->count + 1, sizeof(struct rf_damage *));
    size_t count = 0;
    for (size_t i = 0; i < damages->count; i++) {
        if (counts(replay, &damages->items[i])) {
            found[count++] = &damages->items[i];
        }
    }
    qsort(found, count, sizeof(struct rf_damage *), compare_damages);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && strcmp(found[i]->identity, found[i - 1]->identity) == 0) {
            entries->items[entries->count - 1].count++;
        } else {
            rf_known_entry_make(found[i]->identity, settings->accept_damage, settings->last_day,
                                append(entries));
        }
        found[i]->known = true;
        found[i]->reason = rf_strdup(settings->accept_damage);
        damages->known[found[i]->kind]++;
    }
    replay->damages_accepted = count;
    free(found);
}

/** With what stays there may be more entries than refold reads. */
static bool
are_too_many(struct rf_replay *replay, const struct entries *entries)
{
    if (entries->count <= RF_LIMIT_KNOWN) {
        return false;
    }
    rf_replay_warn(replay,
                   "not accepted: with the entries that stay there would be %zu, and more than %d "
                   "no one looks at one by one; to live with a kind of damage there is \"policy\" "
                   "in refold.json",
                   entries->count, RF_LIMIT_KNOWN);
    return true;
}

/** Someone may have edited it while this ran. */
static rf_code
check_unchanged(const struct rf_known_damage *known, struct rf_err *reterr)
{
    struct rf_buf now = {0};
    bool there = rf_file_read(known->place, &now, NULL) == RF_OK;
    bool same = there == (known->text != NULL) &&
                (!there || (now.used == known->text_bytes &&
                            (now.used == 0 || memcmp(now.bytes, known->text, now.used) == 0)));
    rf_buf_done(&now);
    return same ? RF_OK
                : rf_fail(reterr, RF_ERR_SOURCE, known->path,
                          "was changed meanwhile: nothing is written; once more");
}

/** @ret  empty where nothing is new: the file is left alone */
static void
write_entries(struct rf_replay *replay, struct entries *entries, struct rf_buf *ret)
{
    const struct rf_known_damage *known = replay->known;
    if (replay->damages_accepted == 0) {
        rf_replay_warn(replay,
                       "there is no damage that is not known: --accept-damage accepts none");
    }
    if (entries->count > 0) {
        qsort(entries->items, entries->count, sizeof(*entries->items), rf_known_compare);
    }
    if (entries->count > 0 || known->text != NULL) {
        rf_known_write(entries->items, entries->count, ret);
    }
    if (known->text != NULL && ret->used == known->text_bytes &&
        memcmp(ret->bytes, known->text, ret->used) == 0) {
        rf_buf_clear(ret);
    }
}

rf_code
rf_replay_accept_damage(struct rf_replay *replay, struct rf_buf *ret, struct rf_err *reterr)
{
    struct rf_known_damage *known = replay->known;
    struct entries entries = {0};
    bool unclaimed = replay->sums.terms[RF_TERM_UNCLAIMED] > 0 &&
                     replay->settings->config.unclaimed == RF_POLICY_ERROR;
    if (replay->settings->accept_damage == NULL || replay->flags.nothing || unclaimed ||
        replay->flags.untrusted) {
        return RF_OK; /* nothing will be written */
    }
    rf_damages_sort(&replay->damages);
    RF_TRY(check_unchanged(known, reterr));
    if (leaves_out_expired(replay) || !can_accept(replay)) {
        return RF_OK;
    }
    keep_old(replay, &entries);
    add_new(replay, &entries);
    if (are_too_many(replay, &entries)) {
        rf_replay_unaccept_damage(replay);
    } else {
        write_entries(replay, &entries, ret);
    }
    for (size_t i = 0; i < entries.count; i++) {
        rf_known_entry_done(&entries.items[i]);
    }
    free(entries.items);
    return RF_OK;
}

/** Whether it is known by what was accepted just now: the old file has no entry that says so. */
static bool
is_fresh(const struct rf_replay *replay, const struct rf_damage *damage)
{
    const struct rf_known_entry *old = rf_known_find(replay->known, damage->identity);
    return damage->known &&
           (old == NULL || old->state == RF_KNOWN_EXPIRED || old->state == RF_KNOWN_MORE);
}

void
rf_replay_unaccept_damage(struct rf_replay *replay)
{
    struct rf_damages *damages = &replay->damages;
    for (size_t i = 0; replay->damages_accepted > 0 && i < damages->count; i++) {
        struct rf_damage *damage = &damages->items[i];
        if (is_fresh(replay, damage)) {
            damage->known = false;
            free(damage->reason);
            damage->reason = NULL;
            damages->known[damage->kind]--;
            replay->flags.damaged = true;
        }
    }
    replay->damages_accepted = 0;
}

static rf_code
add_file(const void *context, struct rf_files *files, struct rf_err *reterr)
{
    const struct rf_known_damage *known = context;
    return rf_files_add(files, known->path, known->next->bytes, known->next->used, reterr);
}

void
rf_known_with(struct rf_replay *replay, const struct rf_buf *text, struct rf_bless_request *request)
{
    if (text->used > 0) {
        replay->known->next = text;
        request->others = add_file;
        request->others_context = replay->known;
    }
}
