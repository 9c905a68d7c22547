/* SPDX-License-Identifier: MIT */
/* Files of lines that no manifest names any more. */
#include "golden/digest_unnamed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/path.h"
#include "golden/digest_lines.h"
#include "golden/digest_manifest.h"
#include "golden/golden.h"
#include "golden/load.h"
#include "walk/source.h"

#define SHARD_DIGITS  3
#define DIGEST_DIGITS 16
#define LINES_ENDING  ".ndjson.gz"

void
rf_unnamed_done(struct rf_unnamed *unnamed)
{
    for (size_t i = 0; i < unnamed->count; i++) {
        free(unnamed->paths[i]);
    }
    free(unnamed->paths);
    memset(unnamed, 0, sizeof(*unnamed));
}

/** The shard of a file of lines, `SSS-DDDDDDDDDDDDDDDD.ndjson.gz`; RF_SHARD_COUNT: it is none. */
static size_t
shard_of_name(const char *name)
{
    static const char digits[] = "0123456789abcdef";
    if (strspn(name, digits) != SHARD_DIGITS || name[SHARD_DIGITS] != '-' ||
        strspn(name + SHARD_DIGITS + 1, digits) != DIGEST_DIGITS ||
        strcmp(name + SHARD_DIGITS + 1 + DIGEST_DIGITS, LINES_ENDING) != 0) {
        return RF_SHARD_COUNT;
    }
    unsigned long shard = strtoul(name, NULL, 16);
    return shard < RF_SHARD_COUNT ? shard : RF_SHARD_COUNT;
}

static bool
is_named(const struct rf_golden *golden, size_t shard, const char *name)
{
    const struct rf_shard *about = &golden->manifest->shards[shard];
    char *named = rf_lines_name(golden->aggregate, shard, about);
    bool is = about->lines > 0 && strcmp(strrchr(named, '/') + 1, name) == 0;
    free(named);
    return is;
}

static rf_code
list_lines(const struct rf_golden *golden, const char *lines, struct rf_unnamed *ret,
           struct rf_err *reterr)
{
    char *folder = rf_path_join(lines, golden->aggregate);
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL) {
        bool gone = errno == ENOENT || errno == ENOTDIR;
        rf_code code =
            gone ? RF_OK : rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the lines");
        free(folder);
        return code;
    }
    for (const struct dirent *entry; (entry = readdir(open_folder)) != NULL;) {
        struct stat facts;
        size_t shard = shard_of_name(entry->d_name);
        if (shard < RF_SHARD_COUNT && !is_named(golden, shard, entry->d_name) &&
            fstatat(dirfd(open_folder), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(facts.st_mode)) {
            RF_GROW(ret->paths, ret->room, ret->count + 1);
            ret->paths[ret->count++] = rf_path_join(folder, entry->d_name);
            ret->bytes += (uint64_t)facts.st_size;
        }
    }
    (void)closedir(open_folder);
    free(folder);
    return RF_OK;
}

rf_code
rf_unnamed_find(const char *folder, const char *lines, struct rf_unnamed *ret,
                struct rf_err *reterr)
{
    struct rf_goldens goldens;
    struct rf_damages ignored = {0};
    rf_code code = rf_goldens_open_manifests(folder, &goldens, &ignored, reterr);
    rf_damages_done(&ignored);
    RF_TRY(code);
    for (size_t i = 0; i < goldens.count && code == RF_OK; i++) {
        if (goldens.items[i].manifest != NULL) {
            code = list_lines(&goldens.items[i], lines, ret, reterr);
        }
    }
    rf_goldens_done(&goldens);
    if (ret->count > 1) {
        qsort(ret->paths, ret->count, sizeof(*ret->paths), rf_strings_compare);
    }
    return code;
}
