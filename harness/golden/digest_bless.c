/* SPDX-License-Identifier: MIT */
/*
 * Blessing goldens of which git has only digests (harness/docs/adr/0011).
 *
 * The fold brings whole shards. The lines of one are merged with the old ones, written to a
 * temporary and forgotten, so that a bless of ten million instances holds no more than a shard for
 * each thread. At the end the manifests are written, and all files are renamed together.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "base/temporary.h"
#include "golden/bless_internal.h"
#include "golden/digest_lines.h"
#include "golden/digest_manifest.h"
#include "golden/load.h"
#include "golden/private_seal.h"
#include "walk/source.h"

/** One digest golden in the making. */
struct digest_draft {
    char *aggregate;
    const struct rf_golden *golden; /* what lies there now, or NULL */
    bool exposed;                   /* as of rf_draft */
    struct rf_manifest fresh;
    struct rf_multiset history; /* of the lines; where some are not read: against the old ones */
    uint64_t rejected;
    size_t settled; /* shards */
    struct rf_bless_summary counts;
    char *folder; /* of its lines, once it is there */
};

struct rf_digest_bless {
    const struct rf_bless_request *request;
    pthread_mutex_t lock; /* of all that follows, but for shards of a draft's manifest */
    struct digest_draft **drafts;
    size_t count;
    size_t room;
    struct rf_files *files; /* NULL with a dry run */
    char **made;            /* folders that were not there before */
    size_t made_count;
    size_t made_room;
    bool hidden;  /* the lines from git */
    rf_code code; /* what went wrong first */
    struct rf_err err;
};

/** One shard of one draft, on its way to its file. */
struct part {
    struct rf_digest_bless *digests;
    struct digest_draft *draft;
    size_t number;
    const struct rf_pile *pile; /* never NULL */
    struct rf_shard old;
    struct rf_shard fresh;
    struct rf_draft merged;
    struct rf_draft before; /* the old lines, where they were read */
    struct rf_bless_summary counts;
};

/* ---- life ------------------------------------------------------------------------------------ */

static struct rf_shard
empty_shard(void)
{
    struct rf_shard shard = {0};
    rf_shard_seal(&shard, &(struct rf_buf){0});
    return shard;
}

static struct digest_draft *
add_draft(struct rf_digest_bless *digests, const char *aggregate, const struct rf_golden *golden)
{
    struct digest_draft *draft = rf_calloc(1, sizeof(*draft));
    const struct rf_manifest *manifest = golden == NULL ? NULL : golden->manifest;
    struct rf_shard empty = empty_shard();
    draft->aggregate = rf_strdup(aggregate);
    draft->golden = golden;
    draft->exposed = manifest != NULL &&
                     !rf_private_fits(digests->request->privacy, aggregate, &manifest->meta, NULL);
    draft->fresh.meta.aggregate = rf_strdup(aggregate);
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        draft->fresh.shards[i] = empty;
    }
    RF_GROW(digests->drafts, digests->room, digests->count + 1);
    digests->drafts[digests->count++] = draft;
    return draft;
}

/** What blesses that were killed have left among the lines. Other golden folders may have their
 * lines there too, but not in this one's own place. */
static void
sweep_lines(const struct rf_digest_bless *digests)
{
    const struct rf_bless_request *request = digests->request;
    for (size_t i = 0; i < digests->count && digests->files != NULL; i++) {
        char *folder = rf_path_join(request->lines, digests->drafts[i]->aggregate);
        if (rf_golden_hold_is_alone(request->hold) && request->hides_lines) {
            (void)rf_temporaries_clear(folder, NULL);
        } else {
            rf_temporaries_sweep(folder, NULL);
        }
        free(folder);
    }
}

struct rf_digest_bless *
rf_digest_bless_new(const struct rf_bless_request *request)
{
    struct rf_digest_bless *digests = rf_calloc(1, sizeof(*digests));
    digests->request = request;
    for (size_t i = 0; request->goldens != NULL && i < request->goldens->count; i++) {
        const struct rf_golden *golden = &request->goldens->items[i];
        if (golden->is_digest && rf_bless_claims(request, golden->aggregate)) {
            (void)add_draft(digests, golden->aggregate, golden);
        }
    }
    if (digests->count == 0 && !request->digest) {
        free(digests);
        return NULL;
    }
    RF_VERIFY(pthread_mutex_init(&digests->lock, NULL) == 0);
    digests->files = request->dry_run ? NULL : rf_files_new();
    sweep_lines(digests);
    return digests;
}

void
rf_digest_bless_free(struct rf_digest_bless *digests)
{
    if (digests == NULL) {
        return;
    }
    rf_files_free(digests->files);
    while (digests->made_count > 0) {
        char *folder = digests->made[--digests->made_count];
        (void)rmdir(folder); /* which fails where something lies in it */
        free(folder);
    }
    for (size_t i = 0; i < digests->count; i++) {
        free(digests->drafts[i]->aggregate);
        free(digests->drafts[i]->folder);
        rf_manifest_done(&digests->drafts[i]->fresh);
        free(digests->drafts[i]);
    }
    (void)pthread_mutex_destroy(&digests->lock);
    free(digests->drafts);
    free(digests->made);
    free(digests);
}

bool
rf_digest_bless_takes(const struct rf_digest_bless *digests, const char *aggregate)
{
    if (digests == NULL) {
        return false;
    }
    const struct rf_bless_request *request = digests->request;
    const struct rf_golden *golden =
        request->goldens == NULL ? NULL : rf_goldens_find(request->goldens, aggregate);
    return golden == NULL ? request->digest : golden->is_digest;
}

struct rf_files *
rf_digest_bless_files(struct rf_digest_bless *digests)
{
    return digests->files;
}

size_t
rf_digest_bless_count(const struct rf_digest_bless *digests)
{
    return digests == NULL ? 0 : digests->count;
}

/* ---- a shard's file -------------------------------------------------------------------------- */

/** Makes a folder and those above it, and keeps in mind which were not there. */
static rf_code
make_folder(struct rf_digest_bless *digests, const char *folder, bool *ret_made,
            struct rf_err *reterr)
{
    for (const char *at = folder; *at != '\0';) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char *path = rf_strndup(folder, (size_t)(at - folder));
        rf_code code = rf_golden_make_folder(path, ret_made, reterr);
        if (code != RF_OK || !*ret_made) {
            free(path);
            RF_TRY(code);
            continue;
        }
        RF_GROW(digests->made, digests->made_room, digests->made_count + 1);
        digests->made[digests->made_count++] = path;
    }
    return RF_OK;
}

/** The folders of a draft's files, and what hides the lines from git. Events may name any
 * aggregate: no path is made of a name that is none of a file's. */
static rf_code
open_folders(struct rf_digest_bless *digests, struct digest_draft *draft, struct rf_err *reterr)
{
    const struct rf_bless_request *request = digests->request;
    bool made = false;
    if (draft->folder != NULL) {
        return RF_OK;
    }
    RF_TRY(rf_golden_check_name(draft->aggregate, reterr));
    RF_TRY(make_folder(digests, request->folder, &made, reterr));
    RF_TRY(make_folder(digests, request->lines, &made, reterr));
    if (request->hides_lines && !digests->hidden) {
        char *path = rf_format("%s/.gitignore", request->lines);
        digests->hidden = true;
        rf_code code =
            access(path, F_OK) == 0 ? RF_OK : rf_files_add(digests->files, path, "*\n", 2, reterr);
        free(path);
        RF_TRY(code);
    }
    draft->folder = rf_path_join(request->lines, draft->aggregate);
    RF_TRY(make_folder(digests, draft->folder, &made, reterr));
    rf_temporaries_sweep(draft->folder, NULL);
    return RF_OK;
}

/** Whether the file of these lines is there already, and whole. */
static bool
is_written(const struct part *part)
{
    struct rf_lines_place *place = part->digests->request->goldens->lines;
    struct rf_buf text = {0};
    struct rf_lines_found found = {0};
    bool written = place != NULL && rf_lines_read(place, part->draft->aggregate, part->number,
                                                  &part->fresh, &text, &found, NULL) == RF_OK;
    free(found.path);
    rf_buf_done(&text);
    return written;
}

/** With the lock. */
static rf_code
add_file(struct part *part, const struct rf_buf *packed, struct rf_err *reterr)
{
    struct rf_digest_bless *digests = part->digests;
    char *name = rf_lines_name(part->draft->aggregate, part->number, &part->fresh);
    char *path = rf_path_join(digests->request->lines, name);
    rf_code code = open_folders(digests, part->draft, reterr);
    if (code == RF_OK) {
        code = rf_files_add(digests->files, path, packed->bytes, packed->used, reterr);
        part->counts.shards++;
    }
    free(name);
    free(path);
    return code;
}

static rf_code
write_shard(struct part *part, struct rf_err *reterr)
{
    struct rf_digest_bless *digests = part->digests;
    struct rf_buf packed = {0};
    if (digests->files == NULL || part->fresh.lines == 0 || is_written(part)) {
        return RF_OK;
    }
    rf_golden_pack(&part->merged.text, &packed);
    RF_VERIFY(pthread_mutex_lock(&digests->lock) == 0);
    rf_code code = add_file(part, &packed, reterr);
    (void)pthread_mutex_unlock(&digests->lock);
    rf_buf_done(&packed);
    return code;
}

/* ---- a shard's lines ------------------------------------------------------------------------- */

static bool
has_unfit(const struct rf_pile *pile)
{
    for (size_t i = 0; i < pile->count; i++) {
        if (pile->lines[i].text == NULL) {
            return true;
        }
    }
    return false;
}

/** Merges the pile with old lines, or with none. */
static void
merge(struct part *part, const struct rf_golden *old)
{
    const struct rf_bless_request *request = part->digests->request;
    rf_buf_done(&part->merged.text);
    part->merged = (struct rf_draft){
        .aggregate = part->draft->aggregate,
        .golden = old,
        .exposed = part->draft->exposed,
    };
    part->counts = (struct rf_bless_summary){0};
    rf_draft_merge(&part->merged, request, part->pile, &part->counts);
    part->fresh.lines = part->merged.lines;
    rf_shard_seal(&part->fresh, &part->merged.text);
}

/** What the old lines add up to: nothing of them is selected. */
static void
merge_before(struct part *part, const struct rf_golden *old)
{
    static const struct rf_bless_request keep_all = {.selected_by_time = true};
    struct rf_bless_summary ignored = {0};
    part->before = (struct rf_draft){.aggregate = part->draft->aggregate, .golden = old};
    rf_draft_merge(&part->before, &keep_all, &(struct rf_pile){0}, &ignored);
}

/** With the old lines, if they can be had; where one of them would stay they must. */
static rf_code
merge_with_old(struct part *part, bool needed, struct rf_err *reterr)
{
    const struct digest_draft *draft = part->draft;
    struct rf_golden old = {0};
    struct rf_buf text = {0};
    struct rf_damages damages = {0};
    struct rf_lines_found found;
    rf_code code = rf_lines_read(part->digests->request->goldens->lines, draft->aggregate,
                                 part->number, &part->old, &text, &found, reterr);
    free(found.path);
    if (code == RF_OK) {
        rf_golden_load_text(draft->aggregate, draft->golden->path, &text, &old, &damages);
        if (damages.count > 0) { /* someone wrote a manifest by hand */
            code = rf_fail(reterr, RF_ERR_CORRUPT, draft->golden->path, "shard %03zx: %s",
                           part->number, damages.items[0].message);
        }
    }
    if (code == RF_OK) {
        merge(part, &old);
        merge_before(part, &old);
    } else if (needed) {
        struct rf_err why = *reterr;
        code =
            rf_fail(reterr, code, why.where,
                    "%s: other lines of its shard are to stay; bring the lines of the last bless "
                    "to %s, or bless all",
                    why.text, part->digests->request->lines);
    } else {
        code = RF_OK; /* what `merge` made of the new lines alone stands */
        part->counts.removed += part->old.lines;
        part->counts.lost += part->old.lines;
    }
    rf_golden_unload(&old);
    rf_damages_done(&damages);
    rf_buf_done(&text); /* of a failure */
    return code;
}

/** Nothing of the shard is selected. */
static bool
is_untouched(const struct part *part)
{
    const struct rf_bless_request *request = part->digests->request;
    return request->selects != NULL && !request->selected_by_time &&
           request->selected_shards != NULL && !request->selected_shards[part->number];
}

static rf_code
settle_shard(struct part *part, struct rf_err *reterr)
{
    bool needed = rf_bless_is_selection(part->digests->request) ||
                  (has_unfit(part->pile) && !part->draft->exposed);
    if (part->old.lines > 0 && is_untouched(part)) {
        part->fresh = part->old;
        part->counts.kept += part->old.lines;
        return RF_OK;
    }
    merge(part, NULL);
    if (part->old.lines > 0 && !needed && rf_shard_same(&part->old, &part->fresh)) {
        part->counts.unchanged = part->counts.added;
        part->counts.added = 0;
    } else if (part->old.lines > 0) {
        RF_TRY(merge_with_old(part, needed, reterr));
    }
    return write_shard(part, reterr);
}

/* ---- a shard of all drafts ------------------------------------------------------------------- */

static void
add_multiset(struct rf_multiset *into, const struct rf_multiset *from, bool off)
{
    into->sum += off ? -from->sum : from->sum;
    into->mixed += off ? -from->mixed : from->mixed;
}

/** With the lock. Of a selection the old lines' part goes, and the new lines' comes. */
static void
count_shard(struct part *part)
{
    struct digest_draft *draft = part->draft;
    draft->fresh.shards[part->number] = part->fresh;
    draft->settled++;
    add_multiset(&draft->history, &part->merged.history, false);
    draft->rejected += part->merged.rejected;
    if (rf_bless_is_selection(part->digests->request)) {
        add_multiset(&draft->history, &part->before.history, true);
        draft->rejected -= part->before.rejected;
    }
    struct rf_bless_summary *counts = &draft->counts;
    counts->added += part->counts.added;
    counts->changed += part->counts.changed;
    counts->unchanged += part->counts.unchanged;
    counts->removed += part->counts.removed;
    counts->kept += part->counts.kept;
    counts->absent += part->counts.absent;
    counts->rejected += part->counts.rejected;
    counts->unfit += part->counts.unfit;
    counts->shards += part->counts.shards;
    counts->lost += part->counts.lost;
    counts->exposed += part->counts.exposed;
}

static void
take_part(struct rf_digest_bless *digests, struct digest_draft *draft, size_t shard,
          const struct rf_pile *pile)
{
    struct part part = {
        .digests = digests,
        .draft = draft,
        .number = shard,
        .pile = pile,
        .old = draft->golden == NULL || draft->golden->manifest == NULL
                   ? empty_shard()
                   : draft->golden->manifest->shards[shard],
    };
    struct rf_err err;
    rf_code code = settle_shard(&part, &err);
    RF_VERIFY(pthread_mutex_lock(&digests->lock) == 0);
    count_shard(&part);
    if (code != RF_OK && digests->code == RF_OK) {
        digests->code = code;
        digests->err = err;
    }
    (void)pthread_mutex_unlock(&digests->lock);
    rf_buf_done(&part.merged.text);
    rf_buf_done(&part.before.text);
}

/** The draft of a pile, made where there is none. */
static struct digest_draft *
find_draft(struct rf_digest_bless *digests, const char *aggregate)
{
    struct digest_draft *found = NULL;
    RF_VERIFY(pthread_mutex_lock(&digests->lock) == 0);
    for (size_t i = 0; i < digests->count && found == NULL; i++) {
        if (strcmp(digests->drafts[i]->aggregate, aggregate) == 0) {
            found = digests->drafts[i];
        }
    }
    if (found == NULL) {
        found = add_draft(digests, aggregate, NULL);
    }
    (void)pthread_mutex_unlock(&digests->lock);
    return found;
}

static bool
has_pile(const struct rf_piles *piles, const char *aggregate)
{
    for (size_t i = 0; i < piles->count; i++) {
        if (strcmp(piles->items[i].aggregate, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

/** The draft with this number, if it has an old golden; NULL behind the last of these, which are in
 * front. */
static struct digest_draft *
old_draft(struct rf_digest_bless *digests, size_t index)
{
    RF_VERIFY(pthread_mutex_lock(&digests->lock) == 0);
    struct digest_draft *draft = index < digests->count ? digests->drafts[index] : NULL;
    (void)pthread_mutex_unlock(&digests->lock);
    return draft == NULL || draft->golden == NULL ? NULL : draft;
}

void
rf_digest_bless_shard(struct rf_digest_bless *digests, size_t shard, struct rf_piles *piles)
{
    static const struct rf_pile no_lines = {0};
    struct digest_draft *draft;
    for (size_t i = 0; i < piles->count; i++) {
        const struct rf_pile *pile = &piles->items[i];
        for (size_t k = 0; k < pile->count; k++) {
            RF_VERIFY(rf_shard_of(pile->lines[k].id, pile->lines[k].id_bytes) == shard);
        }
        take_part(digests, find_draft(digests, pile->aggregate), shard, pile);
    }
    for (size_t i = 0; (draft = old_draft(digests, i)) != NULL; i++) {
        if (!has_pile(piles, draft->aggregate)) {
            take_part(digests, draft, shard, &no_lines);
        }
    }
}

/* ---- the manifests --------------------------------------------------------------------------- */

/** What the meta data tell; of a selection the old ones go on. */
static void
describe(const struct rf_digest_bless *digests, struct digest_draft *draft)
{
    const struct rf_manifest *old = draft->golden == NULL ? NULL : draft->golden->manifest;
    struct rf_meta *meta = &draft->fresh.meta;
    uint64_t sum = draft->history.sum;
    uint64_t mixed = draft->history.mixed;
    meta->lines = 0;
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        meta->lines += draft->fresh.shards[i].lines;
    }
    meta->rejected = draft->rejected;
    if (old != NULL && rf_bless_is_selection(digests->request)) {
        char front[17];
        (void)snprintf(front, sizeof(front), "%.16s", old->meta.history);
        sum += strtoull(front, NULL, 16);
        mixed += strtoull(old->meta.history + 16, NULL, 16);
        meta->rejected += old->meta.rejected;
    }
    (void)snprintf(meta->history, sizeof(meta->history), "%016" PRIx64 "%016" PRIx64, sum, mixed);
    rf_bless_selection(digests->request, old == NULL ? NULL : &old->meta, meta);
    if (digests->request->prunes) {
        rf_private_keep(old == NULL ? NULL : &old->meta, meta);
    } else {
        rf_private_seal(digests->request->privacy, draft->aggregate, meta);
    }
}

static rf_code
write_manifest(struct rf_digest_bless *digests, struct digest_draft *draft, struct rf_err *reterr)
{
    const struct rf_manifest *old = draft->golden == NULL ? NULL : draft->golden->manifest;
    struct rf_buf text = {0};
    rf_code code = RF_OK;
    /* Each shard came: of a new golden only those that have lines. */
    RF_VERIFY(draft->golden == NULL || draft->settled == RF_SHARD_COUNT);
    describe(digests, draft);
    if (draft->golden == NULL && draft->fresh.meta.lines == 0) {
        return RF_OK;
    }
    RF_TRY(rf_golden_check_name(draft->aggregate, reterr));
    rf_manifest_write(&draft->fresh, &text);
    if (old == NULL || strcmp(old->meta.states, draft->fresh.meta.states) != 0) {
        char *path = rf_format("%s/%s.digest.json", digests->request->folder, draft->aggregate);
        bool made = false;
        draft->counts.files++;
        if (digests->files != NULL) {
            code = make_folder(digests, digests->request->folder, &made, reterr);
        }
        if (digests->files != NULL && code == RF_OK) {
            code = rf_files_add(digests->files, path, text.bytes, text.used, reterr);
        }
        free(path);
    }
    rf_buf_done(&text);
    return code;
}

rf_code
rf_digest_bless_finish(struct rf_digest_bless *digests, struct rf_bless_part *parts,
                       struct rf_err *reterr)
{
    if (digests->code != RF_OK) {
        *reterr = digests->err;
        return digests->code;
    }
    for (size_t i = 0; i < digests->count; i++) {
        struct digest_draft *draft = digests->drafts[i];
        RF_TRY(write_manifest(digests, draft, reterr));
        parts[i] = (struct rf_bless_part){.aggregate = draft->aggregate, .counts = draft->counts};
    }
    return RF_OK;
}
