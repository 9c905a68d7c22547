/* SPDX-License-Identifier: MIT */
/* Golden files: the states that were accepted, each at a version. */
#include "golden/golden.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/journal.h"
#include "base/lock.h"
#include "base/sha256.h"
#include "golden/digest_lines.h"
#include "golden/digest_manifest.h"
#include "golden/line_index.h"
#include "golden/listing.h"
#include "golden/load.h"

/** By names alone: a journal that cannot be believed is told of by whoever reads the files. */
static rf_code
list_names(const char *folder, struct rf_golden_files *ret, struct rf_err *reterr)
{
    struct rf_journal journal;
    rf_code ignored = rf_journal_read(folder, &journal, reterr);
    (void)ignored;
    rf_code code = rf_golden_files_list(folder, &journal, ret, reterr);
    for (size_t i = 0; i < ret->count && code == RF_OK; i++) {
        code = rf_golden_file_check(folder, &ret->items[i], reterr);
    }
    rf_journal_done(&journal);
    return code;
}

rf_code
rf_goldens_count(const char *folder, size_t *ret_count, struct rf_err *reterr)
{
    struct rf_golden_files list = {0};
    rf_code code = list_names(folder, &list, reterr);
    *ret_count = list.count;
    rf_golden_files_done(&list);
    return code;
}

rf_code
rf_goldens_first(const char *folder, bool digest,
                 bool (*wants)(const void *context, const char *aggregate), const void *context,
                 char **ret, struct rf_err *reterr)
{
    struct rf_golden_files list = {0};
    rf_code code = list_names(folder, &list, reterr);
    *ret = NULL;
    for (size_t i = 0; i < list.count && code == RF_OK && *ret == NULL; i++) {
        const char *aggregate = list.items[i].aggregate;
        if (list.items[i].digest == digest && (wants == NULL || wants(context, aggregate))) {
            *ret = rf_strdup(aggregate);
        }
    }
    rf_golden_files_done(&list);
    return code;
}

/* ---- opening --------------------------------------------------------------------------------- */

/** So often a folder is read anew that changes meanwhile, and so long it is waited before. */
#define READ_TRIES   20
#define READ_WAIT_US 50000

/** Which goldens are read, and where the lines of digest goldens lie. */
struct wish {
    bool only_digests;
    const char *lines; /**< NULL: they are wanted, and nobody has them */
    struct rf_goldens_anew anew;
};

/** Loads the golden behind the last one. */
static rf_code
load_next(const char *folder, const struct rf_journal *journal, const struct rf_golden_file *file,
          const struct wish *wish, struct rf_goldens *ret, struct rf_damages *damages,
          struct rf_err *reterr)
{
    const struct rf_goldens_anew *anew = &wish->anew;
    struct rf_damages found = {0};
    rf_code code = rf_golden_load(folder, journal, file, &ret->items[ret->count++], &found, reterr);
    if (anew->takes != NULL && anew->takes(anew->context, file->aggregate)) {
        ret->forgiven += found.totals[RF_DAMAGE_GOLDEN];
    } else {
        rf_damages_join(damages, &found);
    }
    rf_damages_done(&found);
    return code;
}

static rf_code
load_all(const char *folder, const struct rf_journal *journal, const struct rf_golden_files *list,
         const struct wish *wish, struct rf_goldens *ret, struct rf_damages *damages,
         struct rf_err *reterr)
{
    ret->items = rf_calloc(list->count + 1, sizeof(*ret->items));
    for (size_t i = 0; i < list->count; i++) {
        const struct rf_golden_file *file = &list->items[i];
        if (wish->only_digests && !file->digest) {
            continue;
        }
        RF_TRY(rf_golden_file_check(folder, file, reterr));
        if (file->digest && ret->lines == NULL) {
            return rf_fail(reterr, RF_ERR_USAGE, folder,
                           "the golden of '%s' is a digest golden, and all of its lines would be "
                           "needed here: only 'refold run' and 'refold bless' know such goldens, "
                           "as --golden",
                           file->aggregate);
        }
        RF_TRY(load_next(folder, journal, file, wish, ret, damages, reterr));
    }
    return RF_OK;
}

/** Files of which nobody knows which belong together must not pass for one golden. */
static void
add_journal_damage(struct rf_damages *damages, const struct rf_err *err)
{
    rf_damages_add(damages, (struct rf_damage){
                                .kind = RF_DAMAGE_GOLDEN,
                                .object = rf_strdup(err->where),
                                .message = rf_strdup(err->text),
                            });
}

/** Reads what lies there, by the journal of a bless that was cut off, if there is one. */
static rf_code
open_once(const char *folder, const struct wish *wish, struct rf_goldens *ret,
          struct rf_damages *damages, struct rf_err *reterr)
{
    struct rf_journal journal;
    struct rf_golden_files list = {0};
    struct rf_err err;
    memset(ret, 0, sizeof(*ret));
    ret->folder = rf_strdup(folder);
    ret->lines = wish->lines == NULL ? NULL : rf_lines_place_new(wish->lines);
    rf_code code = rf_journal_read(folder, &journal, &err);
    if (code == RF_ERR_CORRUPT) {
        add_journal_damage(damages, &err);
        code = RF_OK;
    } else if (code != RF_OK) {
        *reterr = err;
    }
    ret->waiting = journal.waiting;
    if (code == RF_OK) {
        code = rf_golden_files_list(folder, &journal, &list, reterr);
    }
    if (code == RF_OK) {
        code = load_all(folder, &journal, &list, wish, ret, damages, reterr);
    }
    rf_golden_files_done(&list);
    rf_journal_done(&journal);
    if (code != RF_OK) {
        rf_goldens_done(ret);
    }
    return code;
}

/** A bless may replace files while they are read: then what was read may be of both, and all of it
 * is read once more. */
static rf_code
open_goldens(const char *folder, const struct wish *wish, struct rf_goldens *ret,
             struct rf_damages *damages, struct rf_err *reterr)
{
    struct rf_buf now = {0};
    RF_TRY(rf_golden_glance(folder, &now, reterr));
    for (int i = 0; i < READ_TRIES; i++) {
        struct rf_buf before = now;
        struct rf_damages found = {0};
        now = (struct rf_buf){0};
        rf_code code = open_once(folder, wish, ret, &found, reterr);
        struct rf_err unseen;
        bool seen = rf_golden_glance(folder, &now, &unseen) == RF_OK;
        bool same = seen && rf_bytes_same(before.bytes, before.used, now.bytes, now.used);
        /* Files that wait for a bless which is at it are in their place in a moment. */
        bool soon =
            code == RF_OK && ret->waiting > 0 && i + 1 < READ_TRIES && rf_folder_is_locked(folder);
        if (same && !soon) {
            rf_damages_join(damages, &found);
            rf_damages_done(&found);
            rf_buf_done(&now);
            if (code == RF_OK) {
                ret->seen = before;
            } else {
                rf_buf_done(&before);
            }
            return code;
        }
        if (code == RF_OK) {
            rf_goldens_done(ret);
        }
        rf_damages_done(&found);
        rf_buf_done(&before);
        (void)usleep(READ_WAIT_US);
    }
    rf_buf_done(&now);
    memset(ret, 0, sizeof(*ret));
    return rf_fail(reterr, RF_ERR_SOURCE, folder,
                   "the golden changes while it is read: once more when nobody blesses it");
}

bool
rf_goldens_are_seen(const struct rf_goldens *goldens)
{
    struct rf_buf now = {0};
    struct rf_err ignored;
    bool same = rf_golden_glance(goldens->folder, &now, &ignored) == RF_OK &&
                rf_bytes_same(now.bytes, now.used, goldens->seen.bytes, goldens->seen.used);
    rf_buf_done(&now);
    return same;
}

rf_code
rf_goldens_open(const char *folder, struct rf_goldens *ret, struct rf_damages *damages,
                struct rf_err *reterr)
{
    return open_goldens(folder, &(struct wish){0}, ret, damages, reterr);
}

rf_code
rf_goldens_open_digests(const char *folder, const char *lines, const struct rf_goldens_anew *anew,
                        struct rf_goldens *ret, struct rf_damages *damages, struct rf_err *reterr)
{
    return open_goldens(folder, &(struct wish){.lines = lines, .anew = *anew}, ret, damages,
                        reterr);
}

rf_code
rf_goldens_open_manifests(const char *folder, struct rf_goldens *ret, struct rf_damages *damages,
                          struct rf_err *reterr)
{
    const struct wish wish = {.only_digests = true, .lines = ""};
    return open_goldens(folder, &wish, ret, damages, reterr);
}

void
rf_goldens_done(struct rf_goldens *goldens)
{
    for (size_t i = 0; i < goldens->count; i++) {
        rf_golden_unload(&goldens->items[i]);
    }
    rf_lines_place_free(goldens->lines);
    rf_buf_done(&goldens->seen);
    free(goldens->items);
    free(goldens->folder);
    memset(goldens, 0, sizeof(*goldens));
}

const struct rf_golden *
rf_goldens_find(const struct rf_goldens *goldens, const char *aggregate)
{
    size_t low = 0;
    size_t high = goldens->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = strcmp(goldens->items[middle].aggregate, aggregate);
        if (order == 0) {
            return &goldens->items[middle];
        }
        if (order < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return NULL;
}

void
rf_goldens_digest(const struct rf_goldens *goldens, char hex[65])
{
    struct rf_sha256 *sha = rf_sha256_new();
    for (size_t i = 0; i < goldens->count; i++) {
        const struct rf_golden *golden = &goldens->items[i];
        rf_sha256_add(sha, golden->aggregate, strlen(golden->aggregate) + 1);
        rf_sha256_add(sha, golden->digest, strlen(golden->digest) + 1);
    }
    rf_sha256_finish(sha, hex);
}

/* ---- one of them ----------------------------------------------------------------------------- */

const struct rf_golden_line *
rf_golden_find(const struct rf_golden *golden, const char *id, size_t id_bytes)
{
    return rf_line_index_find(&golden->memory->index, golden->lines, id, id_bytes);
}

uint64_t
rf_golden_line_count(const struct rf_golden *golden)
{
    return golden->manifest == NULL ? golden->count : golden->manifest->meta.lines;
}

void
rf_golden_ask(const struct rf_golden *golden, const struct rf_golden_id *ids, size_t count)
{
    if (golden != NULL && golden->memory != NULL) {
        rf_line_index_ask(&golden->memory->index, golden->lines, ids, count);
    }
}

int64_t
rf_golden_pin(const struct rf_golden_line *line)
{
    return line->refusal != NULL ? line->refusal->version : line->version;
}
