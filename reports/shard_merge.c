/* SPDX-License-Identifier: MIT */
/* The reports of all shards, put together into what the whole run would have found. */
#include "reports/shard_merge.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/order.h"

/* ---- all shards of one number ---------------------------------------------------------------- */

static int
compare_files(const void *left, const void *right)
{
    const struct rf_shard_file *a = left;
    const struct rf_shard_file *b = right;
    return RF_ORDER(a->shard.place.k, b->shard.place.k);
}

static rf_code
fail_missing(const struct rf_shard_file *files, size_t count, struct rf_err *reterr)
{
    uint32_t n = files[0].shard.place.n;
    struct rf_buf names = {0};
    size_t missing = 0;
    for (uint32_t k = 1, at = 0; k <= n; k++) {
        if (at < count && files[at].shard.place.k == k) {
            at++;
            continue;
        }
        if (missing++ < 8) {
            rf_buf_format(&names, "%s%" PRIu32 "/%" PRIu32, names.used == 0 ? "" : ", ", k, n);
        }
    }
    rf_buf_string(&names, missing > 8 ? ", …" : "");
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, NULL,
                           "%s missing: shard %s; nothing is said of the whole without %s",
                           missing == 1 ? "a report is" : "reports are", rf_buf_text(&names),
                           missing == 1 ? "it" : "them");
    rf_buf_done(&names);
    return code;
}

/** @files  sorted */
static rf_code
check_places(const struct rf_shard_file *files, size_t count, struct rf_err *reterr)
{
    for (size_t i = 1; i < count; i++) {
        const struct rf_run_shard *a = &files[i - 1].shard.place;
        const struct rf_run_shard *b = &files[i].shard.place;
        if (a->n != b->n) {
            return rf_fail(reterr, RF_ERR_USAGE, files[i].path,
                           "is shard %" PRIu32 "/%" PRIu32 ", and %s is %" PRIu32 "/%" PRIu32, b->k,
                           b->n, files[i - 1].path, a->k, a->n);
        }
    }
    for (size_t i = 1; i < count; i++) {
        const struct rf_run_shard *place = &files[i].shard.place;
        if (files[i - 1].shard.place.k == place->k) {
            return rf_fail(reterr, RF_ERR_USAGE, files[i].path,
                           "is shard %" PRIu32 "/%" PRIu32 ", and so is %s", place->k, place->n,
                           files[i - 1].path);
        }
    }
    return count == files[0].shard.place.n ? RF_OK : fail_missing(files, count, reterr);
}

/* ---- all of one run -------------------------------------------------------------------------- */

/** A member that is the same in all shards of a run, and what it tells. */
struct likeness {
    const char *object; /* or NULL: it is a member of the report itself */
    const char *member;
    const char *what;
};

/** In this order: what causes other things to differ comes first. */
static const struct likeness likenesses[] = {
    {"proof", "refold", "by another version of refold"},
    {"shard", "config", "with another config"},
    {"shard", "options", "with other options"},
    {"shard", "no_compare", "with other options"},
    {"shard", "listed", "with another limit of what is listed"},
    {"shard", "ids", "with other --id or --ids"},
    {"shard", "policy", "with another policy"},
    {"shard", "objects", "over another history, or one whose sources stood in another order,"},
    {"shard", "decoded", "over another history"},
    {"history", "objects", "over another history"},
    {"history", "read", "over another history"},
    {"history", "unreadable", "over another history"},
    {"history", "foreign", "over another history"},
    {"history", "foreign_names", "over another history"},
    {"history", "records", "over another history"},
    {"history", "expanded", "over another history"},
    {"history", "empty", "over another history"},
    {"history", "bytes", "over another history"},
    {"history", "odd_names", "over another history"},
    {"history", "repeated_keys", "over another history"},
    {"history", "envelopes", "over another history"},
    {"history", "first", "over another history"},
    {"history", "last", "over another history"},
    {"proof", "golden", "against another golden"},
    {NULL, "unloaded", "against another golden"},
    {NULL, "today", "on another day (--today names one for all)"},
    {"shard", "narrowed", "with other options"},
    {"shard", "damage_of_all", "over another history or golden"},
    {"shard", "known_of_all", "with another known-damage.json"},
};

/** What was loaded of the builds, which are named alike. */
static const struct likeness loaded = {
    "shard",
    "loaded",
    "with the same source of an aggregate compiled to something else (its headers, its compiler, "
    "or a path in it: give all shards one built file)",
};

/** The member's own text; empty where it is not there. */
static const char *
member_text(const struct rf_shard_file *file, const struct likeness *likeness, size_t *ret_bytes)
{
    uint32_t object = likeness->object == NULL ? 0
                                               : rf_json_member(&file->doc, 0, likeness->object,
                                                                strlen(likeness->object), NULL);
    uint32_t node = object == RF_JSON_NONE ? object
                                           : rf_json_member(&file->doc, object, likeness->member,
                                                            strlen(likeness->member), NULL);
    *ret_bytes = 0;
    return node == RF_JSON_NONE ? "" : rf_json_token(&file->doc, node, ret_bytes);
}

static bool
are_builds_alike(const struct rf_shard_file *a, const struct rf_shard_file *b)
{
    if (a->build_count != b->build_count) {
        return false;
    }
    for (size_t i = 0; i < a->build_count; i++) {
        if (strcmp(a->builds[i]->name, b->builds[i]->name) != 0 ||
            strcmp(a->builds[i]->sha256, b->builds[i]->sha256) != 0) {
            return false;
        }
    }
    return true;
}

static bool
are_alike(const struct rf_shard_file *a, const struct rf_shard_file *b,
          const struct likeness *likeness)
{
    size_t a_bytes;
    size_t b_bytes;
    const char *a_text = member_text(a, likeness, &a_bytes);
    const char *b_text = member_text(b, likeness, &b_bytes);
    return rf_bytes_same(a_text, a_bytes, b_text, b_bytes);
}

/** How two shards are unlike; NULL: they are of one run. */
static const char *
find_unlikeness(const struct rf_shard_file *a, const struct rf_shard_file *b)
{
    for (size_t i = 0; i < sizeof(likenesses) / sizeof(likenesses[0]); i++) {
        if (!are_alike(a, b, &likenesses[i])) {
            return likenesses[i].what;
        }
    }
    return !are_builds_alike(a, b)                        ? "with another build of an aggregate"
           : !are_alike(a, b, &loaded)                    ? loaded.what
           : !rf_shard_audits_alike(&a->audit, &b->audit) ? "with another known-damage.json"
                                                          : NULL;
}

static rf_code
check_likeness(const struct rf_shard_file *files, size_t count, struct rf_err *reterr)
{
    for (size_t i = 1; i < count; i++) {
        const char *unlike = find_unlikeness(&files[0], &files[i]);
        if (unlike != NULL) {
            return rf_fail(reterr, RF_ERR_USAGE, files[i].path,
                           "was made %s than %s: the shards of one run differ in K alone", unlike,
                           files[0].path);
        }
    }
    return RF_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/** Each event is of exactly one shard; all else was counted by all of them. */
static rf_code
merge_sums(const struct rf_shard_file *files, size_t count, struct rf_sums *ret,
           struct rf_err *reterr)
{
    uint64_t decoded = 0;
    *ret = files[0].sums;
    ret->events = 0;
    memset(ret->terms, 0, sizeof(ret->terms));
    for (size_t i = 0; i < count; i++) {
        const struct rf_sums *sums = &files[i].sums;
        decoded += files[i].shard.decoded - sums->terms[RF_TERM_ELSEWHERE];
        ret->events += sums->events - sums->terms[RF_TERM_ELSEWHERE];
        for (int term = 0; term < RF_TERM_COUNT_; term++) {
            ret->terms[term] += term == RF_TERM_ELSEWHERE ? 0 : sums->terms[term];
        }
    }
    ret->malformed = ret->records + ret->expanded - ret->events - ret->empty;
    ret->seen.count = ret->events;
    ret->settled.count = ret->events;
    if (decoded != files[0].shard.decoded) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "the shards do not make a whole: %" PRIu64 " events were read, and %" PRIu64
                       " are of one of them",
                       files[0].shard.decoded, decoded);
    }
    return rf_sums_check(ret, reterr);
}

static void
merge_damages(struct rf_shard_file *files, size_t count, struct rf_damages *ret)
{
    for (size_t i = 0; i < count; i++) {
        struct rf_damages *from = &files[i].damages;
        for (size_t k = 0; k < from->count; k++) {
            if (i == 0 || rf_shard_owns(&from->items[k])) {
                rf_damages_add(ret, from->items[k]);
                from->items[k] = (struct rf_damage){0};
            }
        }
    }
    for (size_t kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        ret->totals[kind] = files[0].damages_of_all[kind];
        ret->known[kind] = files[0].known_of_all[kind];
        for (size_t i = 0; i < count; i++) {
            ret->totals[kind] += files[i].damages_of_own[kind];
            ret->known[kind] += files[i].known_of_own[kind];
        }
    }
}

static void
merge_findings(struct rf_shard_file *files, size_t count, struct rf_merged *ret)
{
    struct rf_notes **notes = rf_calloc(count, sizeof(*notes));
    uint64_t refused = 0;
    for (size_t i = 0; i < count; i++) {
        notes[i] = &files[i].notes;
        refused += files[i].refused;
        for (size_t k = 0; k < notes[i]->tally_count; k++) {
            ret->gathered.instances += notes[i]->tallies[k]->instances;
        }
        ret->gathered.gaps += files[i].gathered.gaps;
        ret->gathered.versionless += files[i].gathered.versionless;
        ret->gathered.timeless += files[i].gathered.timeless;
        ret->gathered.tied += files[i].gathered.tied;
        ret->gathered.untold += files[i].gathered.untold;
        rf_unclaimed_merge(&ret->unclaimed, &files[i].unclaimed);
    }
    rf_notes_join(notes, count, &ret->findings);
    free(notes);
    if (ret->findings.tally_count > 0) {
        ret->findings.tallies[0].refused = refused; /* by aggregate no one asks for it */
    }
    ret->findings.unloaded = files[0].unloaded.items;
    ret->findings.unloaded_count = files[0].unloaded.count;
    files[0].unloaded = (struct rf_texts){0};
}

/** The smallest of all. */
static void
merge_absent(const struct rf_shard_file *files, size_t count, struct rf_absent_ids *ret)
{
    size_t next[RF_SHARDS_MOST] = {0};
    RF_VERIFY(count <= RF_SHARDS_MOST);
    for (size_t i = 0; i < count; i++) {
        ret->count += files[i].shard.absent.count;
        ret->until = files[i].shard.absent.until;
    }
    for (size_t place = 0; place < RF_ABSENT_SHOWN; place++) {
        const struct rf_absent_ids *least = NULL;
        size_t least_file = 0;
        for (size_t i = 0; i < count; i++) {
            const struct rf_absent_ids *absent = &files[i].shard.absent;
            if (next[i] < RF_ABSENT_SHOWN && absent->ids[next[i]] != NULL &&
                (least == NULL || rf_bytes_compare(absent->ids[next[i]], absent->bytes[next[i]],
                                                   least->ids[next[least_file]],
                                                   least->bytes[next[least_file]]) < 0)) {
                least = absent;
                least_file = i;
            }
        }
        if (least != NULL) {
            ret->ids[place] = least->ids[next[least_file]];
            ret->bytes[place] = least->bytes[next[least_file]];
            next[least_file]++;
        }
    }
}

/** Of the first file's builds, which become the whole's. */
static void
merge_conduct(const struct rf_shard_file *files, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        for (size_t k = 0; k < files[0].build_count && k < files[i].build_count; k++) {
            rf_conduct_join(files[0].builds[k]->conduct, files[i].builds[k]->conduct);
        }
    }
}

rf_code
rf_shards_merge(struct rf_shard_file *files, size_t count, struct rf_merged *ret,
                struct rf_err *reterr)
{
    *ret = (struct rf_merged){0};
    qsort(files, count, sizeof(*files), compare_files);
    RF_TRY(check_places(files, count, reterr));
    RF_TRY(check_likeness(files, count, reterr));
    RF_TRY(merge_sums(files, count, &ret->sums, reterr));
    merge_damages(files, count, &ret->damages);
    merge_findings(files, count, ret);
    merge_absent(files, count, &ret->absent);
    ret->audit = files[0].audit;
    files[0].audit = (struct rf_shard_audit){0};
    for (size_t i = 1; i < count; i++) {
        rf_shard_audit_add(&ret->audit, &files[i].audit);
    }
    merge_conduct(files, count);
    ret->flags.no_compare = files[0].flags.no_compare;
    for (size_t i = 0; i < count; i++) {
        ret->flags.changed |= files[i].flags.changed;
        ret->flags.damaged |= files[i].flags.damaged;
        ret->flags.untrusted |= files[i].flags.untrusted;
        ret->flags.unwritten |= files[i].flags.unwritten;
        ret->examined += files[i].examined;
        ret->seconds = files[i].seconds > ret->seconds ? files[i].seconds : ret->seconds;
        ret->peak_bytes =
            files[i].peak_bytes > ret->peak_bytes ? files[i].peak_bytes : ret->peak_bytes;
    }
    return RF_OK;
}

void
rf_merged_done(struct rf_merged *merged)
{
    rf_findings_done(&merged->findings);
    rf_unclaimed_done(&merged->unclaimed);
    rf_damages_done(&merged->damages);
    rf_shard_audit_done(&merged->audit);
}
