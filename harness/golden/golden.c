/* SPDX-License-Identifier: MIT */
/* Golden files: the states that were accepted, each at a version. */
#include "golden/golden.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "golden/digest_lines.h"
#include "golden/digest_manifest.h"
#include "golden/line_index.h"
#include "golden/listing.h"
#include "golden/load.h"

rf_code
rf_goldens_count(const char *folder, size_t *ret_count, struct rf_err *reterr)
{
    struct rf_golden_files list = {0};
    rf_code code = rf_golden_files_list(folder, &list, reterr);
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
    rf_code code = rf_golden_files_list(folder, &list, reterr);
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

static rf_code
open_goldens(const char *folder, const char *lines, struct rf_goldens *ret,
             struct rf_damages *damages, struct rf_err *reterr)
{
    struct rf_golden_files list = {0};
    memset(ret, 0, sizeof(*ret));
    rf_code code = rf_golden_files_list(folder, &list, reterr);
    ret->folder = rf_strdup(folder);
    ret->lines = lines == NULL ? NULL : rf_lines_place_new(lines);
    ret->items = rf_calloc(list.count + 1, sizeof(*ret->items));
    for (size_t i = 0; i < list.count && code == RF_OK; i++) {
        if (list.items[i].digest && lines == NULL) {
            code = rf_fail(
                reterr, RF_ERR_USAGE, folder,
                "the golden of '%s' is a digest golden, and all of its lines would be "
                "needed here: only 'refold run' and 'refold bless' know such goldens, as --golden",
                list.items[i].aggregate);
            break;
        }
        ret->count++;
        code = rf_golden_load(folder, &list.items[i], &ret->items[i], damages, reterr);
    }
    rf_golden_files_done(&list);
    if (code != RF_OK) {
        rf_goldens_done(ret);
    }
    return code;
}

rf_code
rf_goldens_open(const char *folder, struct rf_goldens *ret, struct rf_damages *damages,
                struct rf_err *reterr)
{
    return open_goldens(folder, NULL, ret, damages, reterr);
}

rf_code
rf_goldens_open_digests(const char *folder, const char *lines, struct rf_goldens *ret,
                        struct rf_damages *damages, struct rf_err *reterr)
{
    return open_goldens(folder, lines, ret, damages, reterr);
}

void
rf_goldens_done(struct rf_goldens *goldens)
{
    for (size_t i = 0; i < goldens->count; i++) {
        rf_golden_unload(&goldens->items[i]);
    }
    rf_lines_place_free(goldens->lines);
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
    return line->rejected ? line->rejected_version : line->version;
}
