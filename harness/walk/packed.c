/* SPDX-License-Identifier: MIT */
/* Objects that are packed, and may lie in another source too. */
#include "walk/packed.h"

#include <string.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "base/sha256.h"
#include "walk/digest.h"
#include "walk/export.h"
#include "walk/pack.h"

/** What an object is to the others of its name; in this order. */
enum rank {
    RANK_ORIGINAL, /**< lies in a source that is no pack */
    RANK_PACKED,   /**< lies in a pack that is a source */
    RANK_KNOWN,    /**< lies in a pack of `without` */
};

/** An object of the list, as it is sorted. */
struct item {
    struct rf_object *object;
    enum rank rank;
    bool dropped;
};

/** An object whose contents are compared with what was packed. */
struct proof {
    const struct rf_object *object;
    const struct rf_pack_object *packed;
    const struct rf_pack *pack;
};

struct settling {
    const struct rf_walk_request *request;
    struct rf_objects *objects;
    struct item *items;
    size_t count;
    bool has_originals;
    struct proof *proofs;
    size_t proof_count;
    size_t proof_room;
    const struct rf_object *gone; /**< the first of the packed objects that no source has */
    size_t gone_count;
    struct rf_err *reterr;
};

static int
compare_items(const void *left, const void *right)
{
    const struct item *a = left;
    const struct item *b = right;
    int order = strcmp(a->object->name, b->object->name);
    if (order == 0) {
        order = (a->rank > b->rank) - (a->rank < b->rank);
    }
    if (order == 0) {
        order = (a->object->source > b->object->source) - (a->object->source < b->object->source);
    }
    return order != 0
               ? order
               : (a->object->place > b->object->place) - (a->object->place < b->object->place);
}

/* ---- one object and its packed copy ---------------------------------------------------------- */

static rf_code
fail_changed(struct settling *settling, const struct rf_object *object, const struct rf_pack *pack,
             const char *what)
{
    return rf_fail(settling->reterr, RF_ERR_USAGE, object->name,
                   "%s not what it was when %s was made: pack the objects again", what, pack->path);
}

static rf_code
fail_stamp(struct settling *settling, const struct rf_object *object, const struct rf_pack *pack,
           const char *what)
{
    return rf_fail(settling->reterr, RF_ERR_USAGE, object->name,
                   "was changed since %s was made, by its %s: pack the objects again, or compare "
                   "their contents, with --verify",
                   pack->path, what);
}

static bool
same_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/** Whether an object was read as what it is now: an export's manifest may have come since, or tell
 * of another number of lines. */
static bool
same_promise(const struct rf_object *object, const struct rf_pack_object *packed)
{
    bool promised = object->promise != NULL;
    return object->of_table == packed->of_table && promised == packed->promised &&
           (!promised || object->promise->items == packed->items);
}

/** Adds a proof where only the contents can tell. */
static rf_code
check_same(struct settling *settling, const struct rf_object *object, const struct rf_object *copy)
{
    const struct rf_pack *pack = copy->pack;
    const struct rf_pack_object *packed = &pack->objects[copy->packed];
    if (object->special != packed->special || object->named != packed->named ||
        strcmp(object->key, packed->key) != 0 || !same_text(object->flaw, packed->flaw)) {
        return fail_changed(settling, object, pack, "is");
    }
    if (!same_promise(object, packed)) {
        return fail_changed(settling, object, pack, "what an export's manifest tells of it is");
    }
    if (object->bytes != packed->bytes && object->bytes != RF_BYTES_UNKNOWN &&
        packed->bytes != RF_BYTES_UNKNOWN) {
        return fail_changed(settling, object, pack, "its size is");
    }
    if (object->special || object->flaw != NULL || (object->errors && packed->sha256 == NULL)) {
        return RF_OK; /* it is never read */
    }
    if (object->pack != NULL) {
        const char *other = object->pack->objects[object->packed].sha256;
        return same_text(other, packed->sha256) ? RF_OK
                                                : fail_changed(settling, object, pack, "is");
    }
    /* A server's ETag tells contents, not times: where CI compares contents, it need not fetch them
     * for that. Who wants more says so. */
    bool tagged = object->etag != NULL && !object->hearsay && packed->etag != NULL;
    if (tagged && !settling->request->verify_asked) {
        return strcmp(object->etag, packed->etag) == 0 ? RF_OK
                                                       : fail_stamp(settling, object, pack, "ETag");
    }
    bool timed = packed->has_time && object->stamp.inode != 0;
    if (settling->request->verify || !timed) {
        RF_GROW(settling->proofs, settling->proof_room, settling->proof_count + 1);
        settling->proofs[settling->proof_count++] = (struct proof){object, packed, pack};
    } else if (object->stamp.mtime_seconds != packed->mtime_seconds ||
               object->stamp.mtime_nanos != packed->mtime_nanos) {
        return fail_stamp(settling, object, pack, "time");
    }
    return RF_OK;
}

/** Two packs that are sources hold the same name. */
static rf_code
fail_both(struct settling *settling, const struct rf_object *a, const struct rf_object *b)
{
    return rf_fail(settling->reterr, RF_ERR_USAGE, a->name,
                   "is in %s, and in %s too: leave out one of them, or pack their sources again "
                   "as one",
                   a->pack->path, b->pack->path);
}

/** All items of one name, sorted by rank. */
static rf_code
settle_name(struct settling *settling, struct item *items, size_t count)
{
    struct item *base = &items[0];
    struct item *former = NULL; /* the last one that lies in a pack among the sources */
    for (size_t i = 0; i < count; i++) {
        struct item *item = &items[i];
        item->dropped = item->rank == RANK_KNOWN;
        if (item == base) {
            former = item->rank == RANK_PACKED ? item : NULL;
            bool is_gone = item->rank == RANK_PACKED && settling->has_originals;
            settling->gone = is_gone && settling->gone == NULL ? item->object : settling->gone;
            settling->gone_count += is_gone;
            continue;
        }
        if (item->rank == RANK_ORIGINAL && items[count - 1].rank != RANK_ORIGINAL) {
            return rf_fail(settling->reterr, RF_ERR_USAGE, item->object->name,
                           "is named twice by the sources: beside a pack, name each once");
        }
        if (item->rank == RANK_PACKED && former != NULL &&
            (former->object->source != item->object->source || base->rank == RANK_ORIGINAL)) {
            return fail_both(settling, former->object, item->object);
        }
        if (item->rank == RANK_PACKED && base->rank == RANK_ORIGINAL) {
            RF_TRY(check_same(settling, base->object, item->object));
            base->object->pack = item->object->pack;
            base->object->packed = item->object->packed;
            item->dropped = true;
        } else if (item->rank == RANK_KNOWN && base->rank != RANK_KNOWN) {
            RF_TRY(check_same(settling, base->object, item->object));
            settling->objects->known += !base->dropped;
            base->dropped = true;
        }
        former = item->rank == RANK_PACKED ? item : former;
    }
    return RF_OK;
}

static rf_code
settle_names(struct settling *settling)
{
    for (size_t i = 0, next; i < settling->count; i = next) {
        next = i + 1;
        while (next < settling->count &&
               strcmp(settling->items[i].object->name, settling->items[next].object->name) == 0) {
            next++;
        }
        RF_TRY(settle_name(settling, settling->items + i, next - i));
    }
    if (settling->gone_count > 0) {
        bool alone = settling->gone_count == 1;
        return rf_fail(settling->reterr, RF_ERR_USAGE, settling->gone->pack->path,
                       "holds %zu object%s that the other sources lack, %s %s: gone, or never "
                       "theirs; pack again what is there, or name packs alone",
                       settling->gone_count, alone ? "" : "s", alone ? "it is" : "the first is",
                       settling->gone->name);
    }
    return RF_OK;
}

/* ---- contents -------------------------------------------------------------------------------- */

/** A thread that compares contents. */
struct prover {
    const struct settling *settling;
};

static rf_code
prove(void *context, size_t part, struct rf_err *reterr)
{
    const struct settling *settling = ((struct prover *)context)->settling;
    const struct proof *proof = &settling->proofs[part];
    char hex[RF_SHA256_HEX_BYTES];
    RF_TRY(rf_object_digest(settling->objects, proof->object, hex, reterr));
    if (!same_text(proof->packed->sha256, hex)) {
        return rf_fail(reterr, RF_ERR_USAGE, proof->object->name,
                       "holds something else than when %s was made: pack the objects again",
                       proof->pack->path);
    }
    return RF_OK;
}

/** An archive is read from front to back. */
static int
compare_proofs(const void *left, const void *right)
{
    const struct rf_object *a = ((const struct proof *)left)->object;
    const struct rf_object *b = ((const struct proof *)right)->object;
    int order = (a->source > b->source) - (a->source < b->source);
    if (order == 0) {
        order = (a->place > b->place) - (a->place < b->place);
    }
    return order != 0 ? order : strcmp(a->name, b->name);
}

static rf_code
prove_all(struct settling *settling)
{
    if (settling->proof_count == 0) {
        return RF_OK;
    }
    qsort(settling->proofs, settling->proof_count, sizeof(*settling->proofs), compare_proofs);
    for (size_t i = 0; i < settling->proof_count; i++) {
        rf_objects_want(settling->objects, settling->proofs[i].object);
    }
    struct rf_crew_job job = {
        .part_count = settling->proof_count,
        .work = prove,
        .stop = settling->request->stop,
    };
    size_t jobs = settling->request->jobs;
    jobs = jobs < settling->proof_count ? jobs : settling->proof_count;
    jobs = jobs == 0 ? 1 : jobs;
    struct prover *provers = rf_calloc(jobs, sizeof(*provers));
    for (size_t i = 0; i < jobs; i++) {
        provers[i].settling = settling;
    }
    rf_code code = rf_crew_run(&job, provers, sizeof(*provers), jobs, settling->reterr);
    free(provers);
    return code;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static void
make_items(struct settling *settling, const struct rf_object_list *list)
{
    settling->items = rf_calloc(list->count, sizeof(*settling->items));
    for (size_t i = 0; i < list->count; i++) {
        struct rf_object *object = &list->items[i];
        if (object->pending) {
            continue; /* kept beside a golden: of no source, and in no pack */
        }
        enum rank rank = object->pack == NULL                               ? RANK_ORIGINAL
                         : object->source < settling->request->source_count ? RANK_PACKED
                                                                            : RANK_KNOWN;
        settling->items[settling->count++] = (struct item){.object = object, .rank = rank};
    }
    qsort(settling->items, settling->count, sizeof(*settling->items), compare_items);
}

/** Moves what stays to the front, in order. */
static void
drop_items(const struct settling *settling, struct rf_object_list *list)
{
    bool *drops = rf_calloc(list->count, sizeof(*drops));
    for (size_t i = 0; i < settling->count; i++) {
        drops[settling->items[i].object - list->items] = settling->items[i].dropped;
    }
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++) {
        if (drops[i]) {
            rf_object_done(&list->items[i]);
        } else {
            list->items[kept++] = list->items[i];
        }
    }
    list->count = kept;
    free(drops);
}

rf_code
rf_packed_settle(const struct rf_walk_request *request, struct rf_objects *objects,
                 struct rf_object_list *list, struct rf_err *reterr)
{
    struct settling settling = {.request = request, .objects = objects, .reterr = reterr};
    size_t packs = 0;
    for (size_t i = 0; i < objects->source_count; i++) {
        bool is_pack = rf_source_pack(&objects->sources[i]) != NULL;
        packs += is_pack;
        settling.has_originals = settling.has_originals || (!is_pack && i < request->source_count);
    }
    if (packs == 0 || list->count == 0) {
        return RF_OK;
    }
    make_items(&settling, list);
    rf_code code = settle_names(&settling);
    if (code == RF_OK) {
        code = prove_all(&settling);
    }
    if (code == RF_OK) {
        drop_items(&settling, list);
    }
    free(settling.items);
    free(settling.proofs);
    return code;
}
