/* SPDX-License-Identifier: MIT */
/* One fetch: list, plan, move, remove, and the manifest. */
#include "mirror/fetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "mirror/errand.h"
#include "mirror/partial.h"
#include "net/net.h"
#include "net/url.h"

void
rf_fetch_result_done(struct rf_fetch_result *result)
{
    for (size_t i = 0; i < result->failure_count; i++) {
        free(result->failures[i].key);
        free(result->failures[i].text);
    }
    for (size_t i = 0; i < result->gone_listed; i++) {
        free(result->gone_keys[i]);
    }
    free(result->failures);
    free(result->gone_keys);
    free(result->altered_sample);
    free(result->changed_sample);
    free(result->hourless_sample);
    free(result->ours_sample);
    *result = (struct rf_fetch_result){0};
}

/* ---- what came of it ------------------------------------------------------------------------- */

static void
add_bytes(struct rf_fetch_sum *sum, uint64_t bytes)
{
    sum->objects++;
    sum->bytes += bytes == RF_BYTES_UNKNOWN ? 0 : bytes;
}

static void
note_sample(char **sample, const char *key)
{
    *sample = *sample == NULL ? rf_strdup(key) : *sample;
}

/** The failure is counted, and moved to the list while that takes some. */
static void
take_failure(struct rf_fetch_result *result, struct rf_errand *errand)
{
    if (errand->failure == NULL) {
        return;
    }
    result->failed_by[errand->code]++;
    if (result->failure_count == rf_limits.listed) {
        return;
    }
    result->failures =
        rf_realloc(result->failures, result->failure_count + 1, sizeof(*result->failures));
    result->failures[result->failure_count++] = (struct rf_fetch_failure){
        .key = rf_strdup(errand->object->key), .text = errand->failure, .code = errand->code};
    errand->failure = NULL;
}

static void
count_fetched(struct rf_fetch_result *result, const struct rf_errand *errand)
{
    const char *key = errand->object->key;
    add_bytes(&result->fetched, errand->bytes);
    result->bytes_unknown = result->bytes_unknown || errand->bytes == RF_BYTES_UNKNOWN;
    result->changed += errand->changed;
    result->altered += errand->altered;
    if (errand->changed) {
        note_sample(&result->changed_sample, key);
    }
    if (errand->altered) {
        note_sample(&result->altered_sample, key);
    }
    if (errand->resumed > 0) {
        add_bytes(&result->resumed, errand->resumed);
    }
}

static void
count_errand(struct rf_fetch_result *result, struct rf_errand *errand, bool dry)
{
    if (errand->kind != RF_ERRAND_PASS) {
        add_bytes(&result->listed, errand->object->bytes);
    }
    switch (errand->kind) {
    case RF_ERRAND_FETCH:
        if (dry) {
            count_fetched(result, errand);
        } else {
            result->failed++;
            result->untried++;
        }
        break;
    case RF_ERRAND_DONE:
        count_fetched(result, errand);
        break;
    case RF_ERRAND_KEEP:
        add_bytes(&result->kept, errand->bytes);
        break;
    case RF_ERRAND_PASS:
        result->markers++;
        break;
    case RF_ERRAND_REFUSE:
        result->refused++;
        break;
    case RF_ERRAND_FAIL:
        result->failed++;
        break;
    }
    take_failure(result, errand);
}

static void
count_all(const struct rf_fetching *fetching, struct rf_fetch_result *result)
{
    const struct rf_objects *objects = &fetching->objects;
    for (size_t i = 0; i < objects->count && fetching->errands != NULL; i++) {
        count_errand(result, &fetching->errands[i], fetching->request->dry);
    }
    result->markers += objects->listed.markers;
    result->ours = objects->ours;
    if (objects->ours_sample != NULL) {
        result->ours_sample = rf_strdup(objects->ours_sample);
    }
    result->outside = objects->outside;
    result->hourless = objects->hourless;
    if (objects->hourless_sample != NULL) {
        result->hourless_sample = rf_strdup(objects->hourless_sample);
    }
    if (objects->net != NULL) {
        struct rf_net_counts counts = rf_net_counts(objects->net);
        result->requests = counts.requests;
        result->retries = counts.retries;
        result->received = counts.bytes;
    }
}

/* ---- what is no longer there ----------------------------------------------------------------- */

static int
compare_key(const void *key, const void *object)
{
    return strcmp(key, ((const struct rf_object *)object)->key);
}

/** Whether there is something where it was put; no file that was fetched is a folder now, or lies
 * below a file. */
static rf_code
look_for(struct rf_fetching *fetching, const struct rf_fetched_entry *entry,
         struct rf_place_cursor *cursor, bool *ret_there, struct rf_err *reterr)
{
    struct stat facts;
    struct rf_err err;
    rf_code code = rf_place_look(fetching->place, cursor, entry->key, &facts, ret_there, &err);
    if (code != RF_OK && err.sys_errno == ENOTDIR) {
        *ret_there = false;
        return RF_OK;
    }
    if (code != RF_OK) {
        *reterr = err;
        return code;
    }
    *ret_there = *ret_there && !S_ISDIR(facts.st_mode);
    return RF_OK;
}

static void
note_gone(struct rf_fetch_result *result, const struct rf_fetched_entry *entry)
{
    result->gone++;
    if (result->gone_listed < rf_limits.listed) {
        result->gone_keys =
            rf_realloc(result->gone_keys, result->gone_listed + 1, sizeof(*result->gone_keys));
        result->gone_keys[result->gone_listed++] = rf_strdup(entry->key);
    }
}

/** What was fetched before, and is not listed: counted, and removed where that is wanted. */
static rf_code
leave_behind(struct rf_fetching *fetching, struct rf_fetch_result *result,
             const struct rf_fetched_entry *entry, struct rf_place_cursor *cursor, bool removes,
             struct rf_err *reterr)
{
    bool there = entry->here;
    if (there) {
        RF_TRY(look_for(fetching, entry, cursor, &there, reterr));
    }
    if (!there) {
        rf_ledger_forget(fetching->ledger, entry);
        return RF_OK;
    }
    if (entry->missing) {
        rf_ledger_unmiss(fetching->ledger, entry);
    }
    note_gone(result, entry);
    if (!removes) {
        return RF_OK;
    }
    if (!fetching->request->dry) {
        RF_TRY(rf_ledger_begin(fetching->ledger, reterr));
        RF_TRY(rf_place_remove(fetching->place, cursor, entry->key, 0, reterr));
        rf_ledger_forget(fetching->ledger, entry);
    }
    add_bytes(&result->removed, entry->bytes);
    return RF_OK;
}

/** Of a part of what is there nothing tells what is gone. */
static rf_code
leave_all_behind(struct rf_fetching *fetching, struct rf_fetch_result *result,
                 struct rf_err *reterr)
{
    const struct rf_fetch_request *request = fetching->request;
    const struct rf_objects *objects = &fetching->objects;
    const struct rf_fetched *before = rf_ledger_before(fetching->ledger);
    struct rf_place_cursor cursor = {0};
    rf_code code = RF_OK;
    if (request->walk.since != NULL || request->walk.until != NULL) {
        return RF_OK;
    }
    bool removes = request->removes && result->failed + result->refused == 0;
    for (size_t i = 0; i < before->count && code == RF_OK; i++) {
        const struct rf_fetched_entry *entry = &before->entries[i];
        if (fetching->cleared[i]) {
            note_gone(result, entry);
            add_bytes(&result->removed, entry->bytes);
        } else if (bsearch(entry->key, objects->items, objects->count, sizeof(*objects->items),
                           compare_key) == NULL) {
            code = leave_behind(fetching, result, entry, &cursor, removes, reterr);
        }
    }
    rf_place_cursor_done(&cursor);
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static rf_code
open_ledger(struct rf_fetching *fetching, struct rf_err *reterr)
{
    const struct rf_walk_request *walk = &fetching->request->walk;
    char *name = rf_url_shown(walk->sources[0], false);
    bool selects = walk->since != NULL || walk->until != NULL;
    char *selection = selects ? rf_format("[%s, %s)", walk->since == NULL ? "" : walk->since,
                                          walk->until == NULL ? "" : walk->until)
                              : rf_strdup("");
    rf_code code = rf_ledger_open(fetching->place, name, selection, fetching->request->dry,
                                  &fetching->ledger, reterr);
    free(selection);
    free(name);
    return code;
}

static rf_code
list(struct rf_fetching *fetching, struct rf_err *reterr)
{
    const struct rf_walk_request *walk = &fetching->request->walk;
    const char *source = walk->sources[0];
    RF_VERIFY(walk->source_count == 1);
    if (rf_url_scheme(source) == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, source,
                       "lies on no server: fetch mirrors an s3:// or http(s):// source");
    }
    RF_TRY(
        rf_place_open(fetching->request->folder, fetching->request->dry, &fetching->place, reterr));
    RF_TRY(open_ledger(fetching, reterr));
    RF_TRY(rf_walk(walk, &fetching->objects, reterr));
    if (!rf_source_is_remote(&fetching->objects, 0)) {
        return rf_fail(reterr, RF_ERR_USAGE, source, "cannot be fetched");
    }
    if (fetching->objects.unfinished != NULL) {
        return rf_fail(reterr, RF_ERR_SOURCE, fetching->objects.unfinished,
                       "is a part of what was fetched into it: fetch that again, to its end");
    }
    if (fetching->objects.count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, source, "%s",
                       fetching->objects.outside > 0
                           ? "holds no object in the hours that --since and --until select"
                           : "holds no object: is the prefix right?");
    }
    return RF_OK;
}

static void
tell_begin(const struct rf_fetching *fetching)
{
    const struct rf_fetch_request *request = fetching->request;
    struct rf_fetch_sum sum = {0};
    bool unknown = false;
    for (size_t i = 0; i < fetching->objects.count; i++) {
        const struct rf_errand *errand = &fetching->errands[i];
        if (errand->kind == RF_ERRAND_FETCH) {
            add_bytes(&sum, errand->bytes);
            unknown = unknown || errand->bytes == RF_BYTES_UNKNOWN;
        }
    }
    request->begin(request->context, sum.objects, unknown ? RF_BYTES_UNKNOWN : sum.bytes);
}

/** What was listed and is not here stays known, until it is. */
static void
miss_all(const struct rf_fetching *fetching)
{
    for (size_t i = 0; i < fetching->objects.count; i++) {
        const struct rf_errand *errand = &fetching->errands[i];
        if (errand->kind == RF_ERRAND_FETCH || errand->kind == RF_ERRAND_REFUSE ||
            errand->kind == RF_ERRAND_FAIL) {
            rf_ledger_miss(fetching->ledger, errand->object->key);
        }
    }
}

/** What was done is written down, whatever ended it; the first reason stays. */
static rf_code
write_down(struct rf_fetching *fetching, struct rf_fetch_result *result, rf_code code,
           struct rf_err *reterr)
{
    struct rf_err err;
    rf_code written = rf_ledger_settle(fetching->ledger, result->seal, &err);
    if (written == RF_OK && code == RF_OK && result->failed + result->refused == 0) {
        rf_partials_clear(fetching->place);
    }
    if (written != RF_OK && code == RF_OK) {
        *reterr = err;
        return written;
    }
    return code;
}

static rf_code
clear_as_if_moved(struct rf_fetching *fetching, struct rf_err *reterr)
{
    for (size_t i = 0; i < fetching->objects.count; i++) {
        if (fetching->errands[i].blocked) {
            RF_TRY(rf_way_clear(fetching, fetching->errands[i].object->key, reterr));
        }
    }
    return RF_OK;
}

static rf_code
fetch(struct rf_fetching *fetching, struct rf_fetch_result *result, struct rf_err *reterr)
{
    RF_TRY(list(fetching, reterr));
    rf_code code = rf_plan(fetching, reterr);
    if (code != RF_OK) { /* what is missing is not known: a journal that is there stays */
        count_all(fetching, result);
        return code;
    }
    if (fetching->request->dry) {
        code = clear_as_if_moved(fetching, reterr);
    } else {
        tell_begin(fetching);
        code = rf_move(fetching, reterr);
    }
    count_all(fetching, result);
    if (code == RF_OK) {
        code = leave_all_behind(fetching, result, reterr);
    }
    miss_all(fetching);
    return fetching->request->dry ? code : write_down(fetching, result, code, reterr);
}

rf_code
rf_mirror(const struct rf_fetch_request *request, struct rf_fetch_result *ret,
          struct rf_err *reterr)
{
    struct rf_fetching fetching = {.request = request};
    RF_VERIFY(pthread_mutex_init(&fetching.way_lock, NULL) == 0);
    *ret = (struct rf_fetch_result){0};
    rf_code code = fetch(&fetching, ret, reterr);
    for (size_t i = 0; i < fetching.objects.count && fetching.errands != NULL; i++) {
        free(fetching.errands[i].failure);
    }
    free(fetching.errands);
    free(fetching.cleared);
    (void)pthread_mutex_destroy(&fetching.way_lock);
    rf_objects_done(&fetching.objects);
    rf_ledger_free(fetching.ledger);
    rf_place_close(fetching.place);
    return code;
}
