/* SPDX-License-Identifier: MIT */
/* Whether the lines of a digest golden, as far as they are at hand, are those of its manifest. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/crew.h"
#include "golden/digest_lines.h"
#include "golden/digest_manifest.h"
#include "golden/load.h"
#include "golden/notes.h"
#include "golden/verify_internal.h"

/** One thread of those that read shards. */
struct reader {
    struct rf_lines_place *place;
    const struct rf_golden *golden;
    struct rf_verification found;
    struct rf_multiset history;
    uint64_t rejected;
    uint64_t read;    /**< shards */
    uint64_t missing; /**< shards whose lines are not there */
    char *closed;     /**< why nothing of the place can be read; NULL: it can, or nobody tried */
};

/** Lines whose digest is the manifest's, and that are no shard's: someone wrote the manifest. */
static void
check_shard(struct reader *reader, size_t shard, const char *path, struct rf_buf *text)
{
    const struct rf_shard *about = &reader->golden->manifest->shards[shard];
    struct rf_golden lines = {0};
    struct rf_damages damages = {0};
    bool strange = false;
    rf_golden_load_text(reader->golden->aggregate, path, text, &lines, &damages);
    for (size_t i = 0; i < lines.count; i++) {
        const struct rf_golden_line *line = &lines.lines[i];
        strange = strange || rf_shard_of(line->id, line->id_bytes) != shard;
        reader->rejected += line->refusal != NULL ? 1 : 0;
        rf_notes_multiset(&reader->history, reader->golden->aggregate, line->id, line->id_bytes, 0,
                          line->digest);
    }
    rf_damages_sort(&damages);
    rf_defects_of(&reader->found, &damages);
    if (damages.count == 0 && (strange || lines.count != about->lines)) {
        rf_defect_tell(&reader->found, RF_DEFECT_DAMAGE, rf_strdup(path),
                       strange ? "holds lines of another shard: bless again"
                               : "has not as many lines as the manifest tells: bless again",
                       rf_repair_bless());
    }
    rf_damages_done(&damages);
    rf_golden_unload(&lines);
}

/** Lines that were not had. */
static void
tell_unread(struct reader *reader, rf_code code, const struct rf_lines_found *found,
            const struct rf_err *err)
{
    if (found->absent) {
        reader->missing++;
    } else if (found->closed) {
        free(reader->closed);
        reader->closed = rf_strdup(err->text);
    } else if (code == RF_ERR_SOURCE) {
        rf_defect_tell(&reader->found, RF_DEFECT_UNREAD, rf_strdup(found->path), err->text, NULL);
    } else {
        rf_defect_tell(&reader->found, RF_DEFECT_DAMAGE, rf_strdup(found->path), err->text,
                       found->removable ? rf_repair_remove(found->path) : NULL);
    }
}

static rf_code
read_shard(void *member, size_t shard, struct rf_err *reterr)
{
    struct reader *reader = member;
    const struct rf_shard *about = &reader->golden->manifest->shards[shard];
    struct rf_buf text = {0};
    struct rf_err err;
    struct rf_lines_found found;
    (void)reterr;
    if (about->lines == 0) {
        return RF_OK;
    }
    rf_code code =
        rf_lines_read(reader->place, reader->golden->aggregate, shard, about, &text, &found, &err);
    if (code == RF_OK) {
        reader->read++;
        check_shard(reader, shard, found.path, &text);
    } else {
        tell_unread(reader, code, &found, &err);
    }
    free(found.path);
    rf_buf_done(&text);
    return RF_OK;
}

static void
take_found(struct rf_verification *into, struct rf_verification *from)
{
    for (size_t i = 0; i < from->defect_count; i++) {
        rf_defect_add(into, from->defects[i]);
    }
    from->defect_count = 0;
    rf_verification_done(from);
}

/** All lines are at hand: what the manifest says of them can be held against them. */
static void
check_whole(struct rf_verifier *verifier, const struct rf_golden *golden,
            const struct reader *whole)
{
    const struct rf_meta *meta = &golden->manifest->meta;
    char hex[RF_META_HISTORY_BYTES];
    (void)snprintf(hex, sizeof(hex), "%016" PRIx64 "%016" PRIx64, whole->history.sum,
                   whole->history.mixed);
    if (strcmp(hex, meta->history) != 0 || whole->rejected != meta->rejected) {
        rf_defect_tell(verifier->found, RF_DEFECT_DAMAGE, rf_strdup(golden->path),
                       "its \"history\" or \"rejected\" is not that of its lines: bless again",
                       rf_repair_bless());
    }
}

/** Once, and not of each shard. */
static void
tell_closed(struct rf_verifier *verifier, const struct rf_golden *golden, const char *why)
{
    char *message = rf_format("%s: the lines of %s were not looked at", why, golden->aggregate);
    rf_defect_tell(verifier->found, RF_DEFECT_UNREAD, rf_strdup(verifier->request->lines), message,
                   NULL);
    free(message);
}

static void
tell_missing(struct rf_verifier *verifier, const struct rf_golden *golden, uint64_t missing,
             uint64_t shards)
{
    char *message =
        rf_format("of %" PRIu64 " of %" PRIu64 " shards the lines are not at hand in %s: they were "
                  "not looked at, and a run needs them only where something differs",
                  missing, shards, verifier->request->lines);
    rf_defect_tell(verifier->found, RF_DEFECT_NOTE, rf_strdup(golden->path), message, NULL);
    free(message);
}

void
rf_verify_lines(struct rf_verifier *verifier, const struct rf_golden *golden,
                struct rf_verified *verified)
{
    const struct rf_verify_request *request = verifier->request;
    size_t count = request->jobs == 0 ? 1 : request->jobs;
    struct reader *readers = rf_calloc(count, sizeof(*readers));
    struct reader whole = {0};
    struct rf_lines_place *place = rf_lines_place_new(request->lines);
    struct rf_crew_job job = {.part_count = RF_SHARD_COUNT, .work = read_shard};
    struct rf_err ignored;
    size_t before = verifier->found->defect_count;
    for (size_t i = 0; i < RF_SHARD_COUNT; i++) {
        verified->shards += golden->manifest->shards[i].lines > 0 ? 1 : 0;
    }
    for (size_t i = 0; i < count; i++) {
        readers[i] = (struct reader){.place = place, .golden = golden};
    }
    rf_code code = rf_crew_run(&job, readers, sizeof(*readers), count, &ignored);
    RF_VERIFY(code == RF_OK); /* none of the parts fails */
    for (size_t i = 0; i < count; i++) {
        take_found(verifier->found, &readers[i].found);
        rf_multiset_join(&whole.history, &readers[i].history);
        whole.rejected += readers[i].rejected;
        whole.read += readers[i].read;
        whole.missing += readers[i].missing;
        whole.closed = whole.closed == NULL ? readers[i].closed : whole.closed;
    }
    verified->shards_read = whole.read;
    if (whole.closed != NULL) {
        tell_closed(verifier, golden, whole.closed);
    }
    if (whole.missing > 0) {
        tell_missing(verifier, golden, whole.missing, verified->shards);
    } else if (verifier->found->defect_count == before) {
        check_whole(verifier, golden, &whole);
    }
    for (size_t i = 0; i < count; i++) {
        free(readers[i].closed);
    }
    rf_lines_place_free(place);
    free(readers);
}
