/* SPDX-License-Identifier: MIT */
/* What is here already, and what is not. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "base/fd.h"
#include "mirror/errand.h"
#include "net/net.h"

#define READ_BYTES ((size_t)256 << 10)
/** Of what a server says to a HEAD: there is no body. */
#define ANSWER_BYTES ((size_t)64 << 10)
/** Threads that ask whether objects are still the same: each waits for its answer. */
#define ASKERS 32

/** A thread that plans. */
struct planner {
    struct rf_fetching *fetching;
    struct rf_place_cursor cursor;
    char *bytes; /* READ_BYTES, once it was needed */
};

void
rf_errand_fail(struct rf_errand *errand, enum rf_errand_kind kind, rf_code code, const char *text)
{
    errand->kind = kind;
    errand->code = code;
    errand->failure = rf_strdup(text);
}

/* ---- keys ------------------------------------------------------------------------------------ */

/** Objects are sorted by their keys. */
static struct rf_errand *
find_errand(const struct rf_fetching *fetching, const char *key, size_t bytes)
{
    size_t low = 0;
    size_t high = fetching->objects.count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *other = fetching->errands[middle].object->key;
        int order = strncmp(other, key, bytes);
        if (order == 0 && other[bytes] == '\0') {
            return &fetching->errands[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

/** A store has keys `a` and `a/b`; a file cannot be a folder. The folder's are brought. */
static void
refuse_files_for_folders(struct rf_fetching *fetching)
{
    const char *former = "";
    for (size_t i = 0; i < fetching->objects.count; i++) {
        const struct rf_errand *errand = &fetching->errands[i];
        const char *key = errand->object->key;
        size_t same = 0; /* so much of the folders was looked for with the key before */
        while (key[same] != '\0' && key[same] == former[same]) {
            same++;
        }
        const char *slash = key;
        while (errand->kind == RF_ERRAND_FETCH && (slash = strchr(slash, '/')) != NULL) {
            size_t bytes = (size_t)(slash++ - key);
            struct rf_errand *file = bytes < same ? NULL : find_errand(fetching, key, bytes);
            if (file != NULL && file->kind == RF_ERRAND_FETCH) {
                char *text = rf_format("is a folder of other keys too, such as %s", key);
                rf_errand_fail(file, RF_ERRAND_REFUSE, RF_ERR_CORRUPT, text);
                free(text);
            }
        }
        former = errand->kind == RF_ERRAND_FETCH ? key : former;
    }
}

static void
refuse_keys(struct rf_fetching *fetching)
{
    for (size_t i = 0; i < fetching->objects.count; i++) {
        struct rf_errand *errand = &fetching->errands[i];
        const struct rf_object *object = errand->object;
        size_t bytes = strlen(object->key);
        const char *fault = rf_place_fault(object->key);
        if (bytes > 0 && object->key[bytes - 1] == '/' && object->bytes == 0) {
            errand->kind = RF_ERRAND_PASS;
        } else if (fault != NULL) {
            rf_errand_fail(errand, RF_ERRAND_REFUSE, RF_ERR_CORRUPT, fault);
        } else if (object->flaw != NULL) {
            rf_errand_fail(errand, RF_ERRAND_FAIL, object->flaw_code, object->flaw);
        }
    }
    refuse_files_for_folders(fetching);
}

/** Whether no key is refused, and no object is known to be one that cannot be had. */
static bool
is_all_to_fetch(const struct rf_fetching *fetching)
{
    bool is = true;
    for (size_t i = 0; i < fetching->objects.count && is; i++) {
        is = fetching->errands[i].kind == RF_ERRAND_FETCH ||
             fetching->errands[i].kind == RF_ERRAND_PASS;
    }
    return is;
}

/* ---- files ----------------------------------------------------------------------------------- */

/** Whether a file still holds what was fetched. */
static bool
holds(struct rf_fetching *fetching, struct rf_place_cursor *cursor, char **buffer,
      const struct rf_fetched_entry *entry)
{
    int fd;
    char hex[RF_SHA256_HEX_BYTES];
    if (rf_place_read(fetching->place, cursor, entry->key, &fd, NULL) != RF_OK) {
        return false;
    }
    *buffer = *buffer == NULL ? rf_alloc(READ_BYTES) : *buffer;
    struct rf_sha256 *sha = rf_sha256_new();
    size_t got = 0;
    bool good;
    do {
        good = rf_fd_read(fd, *buffer, READ_BYTES, &got);
        rf_sha256_add(sha, *buffer, good ? got : 0);
    } while (good && got > 0);
    rf_sha256_finish(sha, hex);
    (void)close(fd);
    return good && strcmp(hex, entry->sha256) == 0;
}

static bool
is_timed(const struct rf_fetched_entry *entry, const struct stat *facts)
{
    struct rf_time mtime = {facts->st_mtim.tv_sec, (int32_t)facts->st_mtim.tv_nsec};
    return rf_time_compare(mtime, entry->mtime) == 0;
}

bool
rf_entry_is_intact(struct rf_fetching *fetching, struct rf_place_cursor *cursor, char **buffer,
                   const struct rf_fetched_entry *entry, const struct stat *facts)
{
    bool sized = S_ISREG(facts->st_mode) && (uint64_t)facts->st_size == entry->bytes;
    bool trusts =
        is_timed(entry, facts) && !rf_ledger_doubts(fetching->ledger) && !fetching->request->verify;
    return sized && (trusts || holds(fetching, cursor, buffer, entry));
}

/** The same bytes, at another time perhaps: from here on that is its time, and it is not missing.
 */
static rf_code
note_again(struct rf_fetching *fetching, const struct rf_fetched_entry *entry, struct rf_time mtime,
           struct rf_err *reterr)
{
    struct rf_fetched_entry again = *entry;
    again.key = rf_strdup(entry->key);
    again.etag = entry->etag == NULL ? NULL : rf_strdup(entry->etag);
    again.mtime = mtime;
    again.missing = false;
    return rf_ledger_add(fetching->ledger, again, reterr);
}

/** Something else is where the errand's file, or a folder on its way, is to be.
 *
 * @text  what it is, as far as the place can tell */
static void
meet_in_the_way(struct rf_fetching *fetching, struct rf_errand *errand, rf_code code,
                const char *text)
{
    const struct rf_fetch_request *request = fetching->request;
    const char *key = errand->object->key;
    bool selects = request->walk.since != NULL || request->walk.until != NULL;
    char *way = selects ? NULL : rf_way_find(fetching, key); /* else nobody knows what is gone */
    char *told = NULL;
    errand->blocked = way != NULL && fetching->clears;
    if (way != NULL && !request->removes) {
        told = strcmp(way, key) == 0
                   ? rf_strdup("a folder is in its place, with what was fetched before and is no "
                               "longer there: --delete removes that")
                   : rf_format("'%s' on its way is a file, which was fetched before and is no "
                               "longer there: --delete removes it",
                               way);
    }
    if (!errand->blocked) {
        rf_errand_fail(errand, RF_ERRAND_FAIL, code, told == NULL ? text : told);
    }
    free(told);
    free(way);
}

/** Whether the entry's file is as it was fetched. An errand that cannot be done has failed. */
static rf_code
check_file(struct planner *planner, struct rf_errand *errand, bool *ret_intact,
           struct rf_err *reterr)
{
    struct rf_fetching *fetching = planner->fetching;
    const struct rf_fetched_entry *entry = errand->entry;
    struct stat facts;
    bool there;
    *ret_intact = false;
    rf_code code = rf_place_look(fetching->place, &planner->cursor, errand->object->key, &facts,
                                 &there, reterr);
    if (code != RF_OK) {
        meet_in_the_way(fetching, errand, code, reterr->text);
        return RF_OK;
    }
    bool is_folder = there && S_ISDIR(facts.st_mode);
    if (there && (entry == NULL || is_folder)) {
        meet_in_the_way(fetching, errand, RF_ERR_OUTPUT,
                        is_folder ? "a folder is in its place: move it away"
                                  : "something is in its place that was not fetched: move it away");
    }
    if (!there || entry == NULL || is_folder) {
        return RF_OK;
    }
    struct rf_time mtime = {facts.st_mtim.tv_sec, (int32_t)facts.st_mtim.tv_nsec};
    *ret_intact = rf_entry_is_intact(fetching, &planner->cursor, &planner->bytes, entry, &facts);
    errand->altered = !*ret_intact;
    bool noted = *ret_intact && (!is_timed(entry, &facts) || rf_ledger_doubts(fetching->ledger)) &&
                 rf_time_valid(mtime);
    return noted ? note_again(fetching, entry, mtime, reterr) : RF_OK;
}

/* ---- versions -------------------------------------------------------------------------------- */

char *
rf_version_there(const struct rf_fetching *fetching, const struct rf_object *object,
                 uint64_t *ret_bytes)
{
    struct rf_http_request request = {0};
    struct rf_http_answer answer = {0};
    struct rf_transfer_wanted wanted;
    struct rf_signer signer;
    char *found = NULL;
    if (rf_object_request(&fetching->objects, object, &request, &wanted, &signer, NULL) != RF_OK) {
        return NULL;
    }
    request.method = "HEAD";
    if (rf_net_ask(fetching->objects.net, &request, &signer, ANSWER_BYTES, &answer, NULL) ==
        RF_OK) {
        const char *etag = rf_http_headers_find(&answer.headers, "etag");
        const char *length = rf_http_headers_find(&answer.headers, "content-length");
        *ret_bytes = length == NULL ? RF_BYTES_UNKNOWN : strtoull(length, NULL, 10);
        found = answer.status == 200 && etag != NULL ? rf_strdup(etag) : NULL;
        rf_http_answer_done(&answer);
    }
    rf_http_request_done(&request);
    return found;
}

/** Where no listing told which version there is. What is not told is fetched. */
static bool
is_same_there(const struct rf_fetching *fetching, const struct rf_errand *errand)
{
    uint64_t bytes;
    char *etag = rf_version_there(fetching, errand->object, &bytes);
    bool same = etag != NULL && strcmp(etag, errand->entry->etag) == 0 &&
                (bytes == RF_BYTES_UNKNOWN || bytes == errand->entry->bytes);
    free(etag);
    return same;
}

/** Whether the server has what was fetched. Without an ETag nothing tells. */
static bool
is_same_version(const struct rf_fetching *fetching, const struct rf_errand *errand)
{
    const struct rf_object *object = errand->object;
    const struct rf_fetched_entry *entry = errand->entry;
    if (entry->etag == NULL) {
        return false;
    }
    if (object->etag == NULL || object->bytes == RF_BYTES_UNKNOWN) {
        return is_same_there(fetching, errand);
    }
    return object->bytes == entry->bytes && strcmp(object->etag, entry->etag) == 0;
}

static rf_code
plan_one(void *context, size_t part, struct rf_err *reterr)
{
    struct planner *planner = context;
    struct rf_fetching *fetching = planner->fetching;
    struct rf_errand *errand = &fetching->errands[part];
    bool intact;
    if (errand->kind != RF_ERRAND_FETCH || rf_place_was_empty(fetching->place)) {
        return RF_OK;
    }
    errand->entry = rf_fetched_find(rf_ledger_before(fetching->ledger), errand->object->key);
    errand->entry = errand->entry != NULL && errand->entry->here ? errand->entry : NULL;
    RF_TRY(check_file(planner, errand, &intact, reterr));
    if (intact || errand->altered) {
        bool same = is_same_version(fetching, errand);
        errand->changed = !same && errand->entry->etag != NULL;
        if (same && intact) {
            errand->kind = RF_ERRAND_KEEP;
            errand->bytes = errand->entry->bytes;
            return errand->entry->missing
                       ? note_again(fetching, errand->entry, errand->entry->mtime, reterr)
                       : RF_OK;
        }
    }
    return RF_OK;
}

static void
leave(void *context)
{
    struct planner *planner = context;
    rf_place_cursor_done(&planner->cursor);
    free(planner->bytes);
}

rf_code
rf_plan(struct rf_fetching *fetching, struct rf_err *reterr)
{
    size_t count = fetching->objects.count;
    bool asks = false;
    fetching->errands = rf_calloc(count + 1, sizeof(*fetching->errands));
    for (size_t i = 0; i < count; i++) {
        const struct rf_object *object = &fetching->objects.items[i];
        fetching->errands[i] = (struct rf_errand){.object = object, .bytes = object->bytes};
        asks = asks || object->etag == NULL;
    }
    refuse_keys(fetching);
    fetching->clears = fetching->request->removes && is_all_to_fetch(fetching);
    fetching->cleared =
        rf_calloc(rf_ledger_before(fetching->ledger)->count + 1, sizeof(*fetching->cleared));
    asks = asks && rf_ledger_before(fetching->ledger)->count > 0;
    size_t threads = asks ? ASKERS : fetching->request->jobs;
    threads = threads < count ? threads : count;
    threads = threads == 0 ? 1 : threads;
    struct planner *planners = rf_calloc(threads, sizeof(*planners));
    for (size_t i = 0; i < threads; i++) {
        planners[i].fetching = fetching;
    }
    struct rf_crew_job job = {
        .part_count = count,
        .work = plan_one,
        .leave = leave,
        .stop = fetching->request->walk.stop,
    };
    rf_code code = rf_crew_run(&job, planners, sizeof(*planners), threads, reterr);
    free(planners);
    return code;
}
