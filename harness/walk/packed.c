/* SPDX-License-Identifier: MIT */
/* Objects that are packed, and may lie in another source too. */
#include "walk/packed.h"

#include <string.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "base/order.h"
#include "base/sha256.h"
#include "walk/digest.h"
#include "walk/export.h"
#include "walk/pack.h"
#include "walk/packed_match.h"

/** An object whose contents are compared with what was packed. */
struct proof {
    const struct rf_object *object;
    const struct rf_pack_object *packed;
    const struct rf_pack *pack;
};

struct settling {
    const struct rf_walk_request *request;
    struct rf_objects *objects;
    struct rf_matches matches;
    struct proof *proofs;
    size_t proof_count;
    size_t proof_room;
    const struct rf_object *gone; /**< the first of the packed objects that no source has */
    size_t gone_count;
    struct rf_err *reterr;
};

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

/** Its source was another one then, around the same path: streams and hours go by keys. */
static rf_code
fail_key(struct settling *settling, const struct rf_object *object,
         const struct rf_pack_object *packed, const struct rf_pack *pack)
{
    return rf_fail(settling->reterr, RF_ERR_USAGE, object->name,
                   "is %s of the source %s in %s: name that source, or pack the objects again",
                   packed->key, packed->origin, pack->path);
}

/** The same object, listed in another way: what the user names is never foreign. */
static rf_code
fail_named(struct settling *settling, const struct rf_object *object, const struct rf_pack *pack)
{
    return rf_fail(settling->reterr, RF_ERR_USAGE, object->name,
                   "%s named by the user, itself or in a list of keys, when %s was made, and is%s "
                   "now: name the sources as they were named then, or pack the objects again",
                   object->named ? "was not" : "was", pack->path, object->named ? "" : " not");
}

/** The same object, of a source that is called otherwise: what lies below an error prefix is read
 * in another way, or not at all. */
static rf_code
fail_errors(struct settling *settling, const struct rf_object *object, const struct rf_pack *pack)
{
    return rf_fail(settling->reterr, RF_ERR_USAGE, object->name,
                   "%s below an error prefix, by what its source was called, when %s was made, and "
                   "%s now: name the sources as they were named then, or pack the objects again",
                   object->errors ? "did not lie" : "lay", pack->path,
                   object->errors ? "does" : "does not");
}

/** Adds a proof where only the contents can tell. A match that was guessed among several sources is
 * proved by them too: times and sizes of other objects may well be the same. */
static rf_code
check_same(struct settling *settling, const struct rf_match *match)
{
    const struct rf_object *object = match->base->object;
    const struct rf_pack *pack = match->object->pack;
    const struct rf_pack_object *packed = &pack->objects[match->object->packed];
    if (strcmp(object->key, packed->key) != 0) {
        return fail_key(settling, object, packed, pack);
    }
    if (object->special != packed->special || !same_text(object->flaw, packed->flaw)) {
        return fail_changed(settling, object, pack, "is");
    }
    if (object->named != packed->named) {
        return fail_named(settling, object, pack);
    }
    if (!object->altered && object->errors != match->object->errors) {
        return fail_errors(settling, object, pack);
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
    bool unsure = match->guessed && settling->matches.base_sources > 1;
    if (settling->request->verify || unsure || !timed) {
        RF_GROW(settling->proofs, settling->proof_room, settling->proof_count + 1);
        settling->proofs[settling->proof_count++] = (struct proof){object, packed, pack};
    } else if (object->stamp.mtime_seconds != packed->mtime_seconds ||
               object->stamp.mtime_nanos != packed->mtime_nanos) {
        return fail_stamp(settling, object, pack, "time");
    }
    return RF_OK;
}

/** The object has its events from a pack already. */
static rf_code
fail_replaced(struct settling *settling, const struct rf_match *match)
{
    const struct rf_object *base = match->base->object;
    if (base->pack != match->object->pack) {
        return rf_match_fail_both(base, match->object, settling->reterr);
    }
    return rf_fail(settling->reterr, RF_ERR_USAGE, base->name,
                   "is in %s twice, of %s and of %s: name the sources as they were named then, or "
                   "pack the objects again",
                   base->pack->path, base->pack->objects[base->packed].origin,
                   match->object->origin);
}

/** One that is no base. */
static rf_code
settle_match(struct settling *settling, struct rf_match *match)
{
    struct rf_match *base = match->base;
    match->dropped = true;
    if (base == NULL) {
        bool is_gone = match->rank == RF_MATCH_PACKED;
        settling->gone = is_gone && settling->gone == NULL ? match->object : settling->gone;
        settling->gone_count += is_gone;
        return RF_OK;
    }
    if (match->rank == RF_MATCH_PACKED && base->replaced) {
        return fail_replaced(settling, match);
    }
    RF_TRY(check_same(settling, match));
    if (match->rank == RF_MATCH_PACKED) {
        base->object->pack = match->object->pack;
        base->object->packed = match->object->packed;
        base->replaced = true;
    } else {
        settling->objects->known += !base->dropped;
        base->dropped = true;
    }
    return RF_OK;
}

static rf_code
settle_matches(struct settling *settling)
{
    const struct rf_matches *matches = &settling->matches;
    for (size_t i = 0; i < matches->count; i++) {
        if (matches->by_path[i]->rank != matches->base) {
            RF_TRY(settle_match(settling, matches->by_path[i]));
        }
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
    int order = RF_ORDER(a->source, b->source);
    if (order == 0) {
        order = RF_ORDER(a->place, b->place);
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

/** Moves what stays to the front, in order. */
static void
drop_items(const struct settling *settling, struct rf_object_list *list)
{
    bool *drops = rf_calloc(list->count, sizeof(*drops));
    for (size_t i = 0; i < settling->matches.count; i++) {
        const struct rf_match *match = &settling->matches.items[i];
        drops[match->object - list->items] = match->dropped;
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
    size_t originals = 0;
    for (size_t i = 0; i < objects->source_count; i++) {
        bool is_pack = rf_source_pack(&objects->sources[i]) != NULL;
        packs += is_pack;
        originals += !is_pack && i < request->source_count;
    }
    if (packs == 0 || list->count == 0) {
        return RF_OK;
    }
    rf_code code =
        rf_match_packed(objects, list, request->source_count, originals, &settling.matches, reterr);
    if (code == RF_OK) {
        code = settle_matches(&settling);
    }
    if (code == RF_OK) {
        code = prove_all(&settling);
    }
    if (code == RF_OK) {
        drop_items(&settling, list);
    }
    rf_matches_done(&settling.matches);
    free(settling.proofs);
    return code;
}
