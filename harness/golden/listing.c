/* SPDX-License-Identifier: MIT */
/* Which goldens a folder holds, and in which files. */
#include "golden/listing.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/temporary.h"
#include "golden/pending.h"

void
rf_golden_files_done(struct rf_golden_files *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].aggregate);
    }
    free(list->items);
}

/** Whether `name` is ENDING behind something; *ret_front is how long that is. */
static bool
ends_with(const char *name, const char *ending, size_t *ret_front)
{
    size_t bytes = strlen(name);
    size_t count = strlen(ending);
    if (bytes <= count || strcmp(name + bytes - count, ending) != 0) {
        return false;
    }
    *ret_front = bytes - count;
    return true;
}

static void
add_found(struct rf_golden_files *list, const char *name)
{
    size_t front = 0;
    size_t kept;
    struct rf_golden_file found = {0};
    found.plain = ends_with(name, RF_LINES_ENDING, &front);
    found.gzip = !found.plain && ends_with(name, RF_GZIP_ENDING, &front);
    found.zstd = !found.plain && !found.gzip && ends_with(name, RF_ZSTD_ENDING, &front);
    found.meta =
        !found.plain && !found.gzip && !found.zstd && ends_with(name, RF_META_ENDING, &front);
    if (ends_with(name, RF_PENDING_ENDING, &kept)) {
        return; /* events kept beside a golden: golden/pending.h */
    }
    bool lines = found.plain || found.gzip || found.zstd;
    found.digest = !lines && !found.meta && ends_with(name, RF_DIGEST_ENDING, &front);
    if (name[0] == '.' || !(lines || found.meta || found.digest)) {
        return; /* not a golden's: temporaries begin with a dot */
    }
    found.aggregate = rf_strndup(name, front);
    RF_GROW(list->items, list->room, list->count + 1);
    list->items[list->count++] = found;
}

static int
compare_found(const void *left, const void *right)
{
    const struct rf_golden_file *a = left;
    const struct rf_golden_file *b = right;
    return strcmp(a->aggregate, b->aggregate);
}

/** One entry for each aggregate, sorted. */
static void
merge_found(struct rf_golden_files *list)
{
    size_t kept = 0;
    if (list->count > 0) {
        qsort(list->items, list->count, sizeof(*list->items), compare_found);
    }
    for (size_t i = 0; i < list->count; i++) {
        struct rf_golden_file *item = &list->items[i];
        struct rf_golden_file *last = kept == 0 ? NULL : &list->items[kept - 1];
        if (last == NULL || strcmp(last->aggregate, item->aggregate) != 0) {
            list->items[kept++] = *item;
            continue;
        }
        last->plain |= item->plain;
        last->gzip |= item->gzip;
        last->zstd |= item->zstd;
        last->meta |= item->meta;
        last->digest |= item->digest;
        free(item->aggregate);
    }
    list->count = kept;
}

rf_code
rf_golden_files_each(const char *folder, void (*each)(void *context, int at, const char *name),
                     void *context, struct rf_err *reterr)
{
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL) {
        if (errno == ENOENT || errno == ENOTDIR) {
            return RF_OK;
        }
        return rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the golden folder");
    }
    rf_code code = RF_OK;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(open_folder);
        if (entry == NULL) {
            break;
        }
        each(context, dirfd(open_folder), entry->d_name);
    }
    if (errno != 0) {
        code = rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the golden folder");
    }
    (void)closedir(open_folder);
    return code;
}

static void
list_name(void *context, int at, const char *name)
{
    (void)at;
    add_found(context, name);
}

rf_code
rf_golden_file_check(const char *folder, const struct rf_golden_file *found, struct rf_err *reterr)
{
    if (found->plain + found->gzip + found->zstd > 1) {
        return rf_fail(
            reterr, RF_ERR_USAGE, folder,
            "the golden of '%s' is there twice (.ndjson, .ndjson.gz, .ndjson.zst): remove "
            "one of them",
            found->aggregate);
    }
    if (found->digest && (found->plain || found->gzip || found->zstd || found->meta)) {
        return rf_fail(reterr, RF_ERR_USAGE, folder,
                       "the golden of '%s' is there as a digest golden (.digest.json) and with its "
                       "lines (.ndjson, .meta.json): remove the files of one of them",
                       found->aggregate);
    }
    if (found->zstd) {
        return rf_fail(reterr, RF_ERR_USAGE, folder,
                       "'%s.ndjson.zst': this refold does not read goldens in zstd: unpack it",
                       found->aggregate);
    }
    return RF_OK;
}

rf_code
rf_golden_files_list(const char *folder, const struct rf_journal *journal,
                     struct rf_golden_files *ret, struct rf_err *reterr)
{
    rf_code code = rf_golden_files_each(folder, list_name, ret, reterr);
    for (size_t i = 0; i < journal->count; i++) {
        if (journal->rows[i].waits) {
            add_found(ret, journal->rows[i].name);
        }
    }
    merge_found(ret);
    return code;
}

const char *
rf_golden_ending(const char *name)
{
    static const char *const endings[] = {RF_PENDING_ENDING, RF_REVIEWS_ENDING, RF_META_ENDING,
                                          RF_DIGEST_ENDING,  RF_LINES_ENDING,   RF_GZIP_ENDING,
                                          RF_ZSTD_ENDING};
    size_t front;
    for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]) && name[0] != '.'; i++) {
        if (ends_with(name, endings[i], &front)) {
            return endings[i];
        }
    }
    return NULL;
}

bool
rf_golden_file_is(const char *name)
{
    return strcmp(name, RF_KNOWN_DAMAGE_NAME) == 0 || strcmp(name, RF_CERTIFICATE_NAME) == 0 ||
           rf_golden_ending(name) != NULL;
}

bool
rf_golden_temporary_is(const char *name)
{
    char *target = rf_temporary_target(name);
    if (target == NULL) {
        return false;
    }
    bool is = rf_golden_file_is(target) || strcmp(target, RF_JOURNAL_NAME) == 0;
    free(target);
    return is;
}

/* ---- whether it is still the same ------------------------------------------------------------ */

/** What was seen of each file. */
struct glances {
    char **lines;
    size_t count;
    size_t room;
};

static void
glance_at(void *context, int at, const char *name)
{
    struct glances *seen = context;
    struct stat facts;
    if ((!rf_golden_file_is(name) && strcmp(name, RF_JOURNAL_NAME) != 0) ||
        fstatat(at, name, &facts, 0) != 0) {
        return;
    }
    RF_GROW(seen->lines, seen->room, seen->count + 1);
    seen->lines[seen->count++] = rf_format(
        "%s %ju %ju %jd %jd.%09ld\n", name, (uintmax_t)facts.st_dev, (uintmax_t)facts.st_ino,
        (intmax_t)facts.st_size, (intmax_t)facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec);
}

rf_code
rf_golden_glance(const char *folder, struct rf_buf *ret, struct rf_err *reterr)
{
    struct glances seen = {0};
    rf_code code = rf_golden_files_each(folder, glance_at, &seen, reterr);
    if (seen.count > 0) {
        qsort(seen.lines, seen.count, sizeof(*seen.lines), rf_strings_compare);
    }
    for (size_t i = 0; i < seen.count; i++) {
        rf_buf_string(ret, seen.lines[i]);
        free(seen.lines[i]);
    }
    free(seen.lines);
    return code;
}
