/* SPDX-License-Identifier: MIT */
/* The files of a bless: all of them change, or none. */
#include "golden/bless_internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/aggregate_name.h"
#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/sha256.h"
#include "golden/load.h"
#include "golden/meta.h"
#include "golden/private_seal.h"
#include "golden/review_file.h"

#define BLOCK_BYTES     ((size_t)1 << 20)
#define GZIP_LEVEL      6
#define GZIP_OS_UNKNOWN 255

/* ---- one golden ------------------------------------------------------------------------------ */

/** Reproducible: no name, no time, no system in the header. */
static void
pack_at(int level, const struct rf_buf *text, struct rf_buf *out)
{
    z_stream stream = {.zalloc = rf_zalloc, .zfree = rf_zfree};
    gz_header header = {.os = GZIP_OS_UNKNOWN};
    const char *at = text->used == 0 ? "" : text->bytes;
    size_t left = text->used;
    int code =
        deflateInit2(&stream, level, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL, Z_DEFAULT_STRATEGY);
    RF_VERIFY(code == Z_OK && deflateSetHeader(&stream, &header) == Z_OK);
    do {
        uInt part = left > BLOCK_BYTES ? (uInt)BLOCK_BYTES : (uInt)left;
        stream.next_in = (Bytef *)(uintptr_t)at;
        stream.avail_in = part;
        at += part;
        left -= part;
        do {
            rf_buf_reserve(out, BLOCK_BYTES);
            stream.next_out = (Bytef *)out->bytes + out->used;
            stream.avail_out = (uInt)BLOCK_BYTES;
            code = deflate(&stream, left == 0 ? Z_FINISH : Z_NO_FLUSH);
            RF_VERIFY(code == Z_OK || code == Z_STREAM_END || code == Z_BUF_ERROR);
            out->used += BLOCK_BYTES - stream.avail_out;
        } while (stream.avail_out == 0);
    } while (left > 0);
    RF_VERIFY(code == Z_STREAM_END);
    (void)deflateEnd(&stream);
}

/** Lines that pack as a bomb does, as of a state that is one letter a million times, are stored as
 * they are: whoever reads them, with no limit raised, would not believe them. */
void
rf_golden_pack(const struct rf_buf *text, struct rf_buf *out)
{
    uint64_t ratio = rf_limits.ratio < RF_LIMIT_RATIO ? rf_limits.ratio : RF_LIMIT_RATIO;
    size_t start = out->used;
    pack_at(GZIP_LEVEL, text, out);
    if (rf_golden_is_bomb(text->used, out->used - start, ratio)) {
        out->used = start;
        pack_at(Z_NO_COMPRESSION, text, out);
    }
}

static bool
is_gzip_path(const char *path)
{
    size_t bytes = strlen(path);
    return bytes > 3 && strcmp(path + bytes - 3, ".gz") == 0;
}

static rf_code
write_golden(struct rf_files *files, const char *path, const struct rf_buf *text,
             struct rf_err *reterr)
{
    if (files == NULL) {
        return RF_OK;
    }
    if (!is_gzip_path(path)) {
        return rf_files_add(files, path, text->used == 0 ? "" : text->bytes, text->used, reterr);
    }
    struct rf_buf packed = {0};
    rf_golden_pack(text, &packed);
    rf_code code = rf_files_add(files, path, packed.bytes, packed.used, reterr);
    rf_buf_done(&packed);
    return code;
}

void
rf_bless_selection(const struct rf_bless_request *request, const struct rf_meta *before,
                   struct rf_meta *meta)
{
    /* A bless of some instances leaves it as it was: most lines are still of that bless. */
    bool only_some =
        (request->selects != NULL || request->accepts != NULL) && !request->selected_by_time;
    bool keeps = only_some && before != NULL;
    const char *as_of = keeps ? before->as_of : request->as_of;
    const char *until = keeps ? before->until : request->until;
    meta->as_of = as_of == NULL ? NULL : rf_strdup(as_of);
    meta->until = until == NULL ? NULL : rf_strdup(until);
}

/** Whether all of the golden's lines are this bless's own. */
static bool
is_whole(const struct rf_bless_request *request, const struct rf_bless_summary *summary)
{
    return request->selects == NULL && request->accepts == NULL && summary->unfit == 0;
}

/** Whether what the meta file says of lines that stay can be told of them again, under a new seal.
 */
static bool
is_sealed(const struct rf_golden *golden)
{
    return golden != NULL && golden->meta != NULL && golden->meta->seal == RF_META_SEALED;
}

/** The build that folds an aggregate of this name, or NULL. */
static const struct rf_build *
find_build(const struct rf_bless_request *request, const char *aggregate)
{
    const struct rf_build *taker = NULL;
    for (size_t i = 0; i < request->build_count; i++) {
        const struct rf_build *build = request->builds[i];
        if (strcmp(build->name, aggregate) == 0) {
            return build;
        }
        taker = build->takes_all ? build : taker;
    }
    return taker;
}

/** By which rules of the config the lines' events were taken; of a golden that is pruned, by those
 * of before. */
static void
find_rules(const struct rf_bless_request *request, const struct rf_draft *draft,
           char ret[RF_META_RULES_BYTES])
{
    const struct rf_meta *before = draft->golden == NULL ? NULL : draft->golden->meta;
    const struct rf_build *build = find_build(request, draft->aggregate);
    ret[0] = '\0';
    if (request->prunes && before != NULL) {
        memcpy(ret, before->rules, RF_META_RULES_BYTES);
    } else if (build != NULL && request->rules != NULL) {
        request->rules(request->rules_context, build, ret);
    }
}

/**
 * The hour up to which the golden holds all that came. A bless of some instances does not move it:
 * the others are still of that hour. Where these lines are of an earlier one, cut by time, or taken
 * by other rules, or where nothing tells that the hour is the one that was closed, there is none
 * any more.
 */
static void
set_closed(const struct rf_bless_request *request, const struct rf_bless_summary *summary,
           const struct rf_draft *draft, struct rf_meta *meta)
{
    const struct rf_meta *before = draft->golden == NULL ? NULL : draft->golden->meta;
    const char *closed = request->closed;
    char rules[RF_META_RULES_BYTES];
    if (meta->private_paths != NULL) {
        return; /* nothing goes on from hashes */
    }
    find_rules(request, draft, rules);
    if (!is_whole(request, summary)) {
        bool stays =
            summary->unfit == 0 && request->as_of == NULL && is_sealed(draft->golden) &&
            before->closed != NULL && strcmp(before->rules, rules) == 0 &&
            (request->until == NULL || (closed != NULL && strcmp(before->closed, closed) <= 0));
        closed = stays ? before->closed : NULL;
        if (stays) {
            meta->pending_lines = before->pending_lines;
            memcpy(meta->pending, before->pending, sizeof(meta->pending));
        }
    }
    if (closed != NULL) {
        meta->closed = rf_strdup(closed);
        memcpy(meta->rules, rules, sizeof(meta->rules));
    }
}

/** Writes the events that the golden does not hold; a file of an earlier bless is emptied where
 * there are none. */
static rf_code
write_pending(const struct rf_bless_request *request, struct rf_files *files,
              const struct rf_bless_summary *summary, struct rf_meta *meta, bool *ret_written,
              struct rf_err *reterr)
{
    struct rf_buf text = {0};
    struct rf_buf old = {0};
    if (meta->pending_lines > 0) {
        return RF_OK; /* they stay */
    }
    char *path = rf_pending_path(request->folder, meta->aggregate);
    if (meta->closed != NULL && is_whole(request, summary) && request->pendings != NULL) {
        meta->pending_lines = rf_pendings_write(request->pendings, meta->aggregate, &text);
        rf_sha256_make(text.bytes, text.used, meta->pending);
    }
    if (rf_file_read(path, &old, NULL) != RF_OK) {
        rf_buf_clear(&old); /* not there, or not to be read: it is written anew */
    }
    rf_code code = RF_OK;
    if (!rf_bytes_same(old.bytes, old.used, text.bytes, text.used)) {
        *ret_written = true;
        code = files == NULL
                   ? RF_OK
                   : rf_files_add(files, path, text.used == 0 ? "" : text.bytes, text.used, reterr);
    }
    free(path);
    rf_buf_done(&text);
    rf_buf_done(&old);
    return code;
}

/** The version of all states, of those too that stay as they were. */
static uint32_t
joint_version(const struct rf_bless_request *request, const struct rf_bless_summary *summary,
              const struct rf_draft *draft)
{
    if (request->prunes) {
        return is_sealed(draft->golden) ? draft->golden->meta->state_version : RF_META_MIXED;
    }
    const struct rf_build *build = find_build(request, draft->aggregate);
    uint32_t own = build == NULL ? 0 : build->state_version;
    bool others_stay = summary->kept > 0 || summary->unfit > 0;
    if (!others_stay || draft->golden == NULL) {
        return own;
    }
    return is_sealed(draft->golden) && draft->golden->meta->state_version == own ? own
                                                                                 : RF_META_MIXED;
}

static rf_code
write_meta(const struct rf_bless_request *request, struct rf_files *files,
           const struct rf_draft *draft, const struct rf_bless_summary *summary, const char *states,
           bool *ret_written, struct rf_err *reterr)
{
    struct rf_meta meta = {
        .aggregate = rf_strdup(draft->aggregate),
        .lines = draft->lines,
        .rejected = draft->rejected,
        .state_version = joint_version(request, summary, draft),
    };
    struct rf_meta before;
    struct rf_buf old = {0};
    struct rf_buf text = {0};
    char *path = rf_format("%s/%s.meta.json", request->folder, draft->aggregate);
    (void)snprintf(meta.states, sizeof(meta.states), "%s", states);
    (void)snprintf(meta.history, sizeof(meta.history), "%016" PRIx64 "%016" PRIx64,
                   draft->history.sum, draft->history.mixed);
    if (rf_file_read(path, &old, NULL) != RF_OK) {
        rf_buf_clear(&old); /* not there, or not to be read: it is written anew */
    }
    bool known = old.used > 0 && rf_meta_read(old.bytes, old.used, &before, NULL) == RF_OK;
    rf_bless_selection(request, known ? &before : NULL, &meta);
    if (request->prunes) {
        rf_private_keep(known ? &before : NULL, &meta);
    } else {
        rf_private_seal(request->privacy, draft->aggregate, &meta);
    }
    set_closed(request, summary, draft, &meta);
    rf_code code = write_pending(request, files, summary, &meta, ret_written, reterr);
    rf_meta_write(&meta, &text);
    if (code == RF_OK && (old.used != text.used || memcmp(old.bytes, text.bytes, text.used) != 0)) {
        *ret_written = true;
        code = files == NULL ? RF_OK : rf_files_add(files, path, text.bytes, text.used, reterr);
    }
    free(path);
    rf_buf_done(&old);
    rf_buf_done(&text);
    rf_meta_done(&meta);
    if (known) {
        rf_meta_done(&before);
    }
    return code;
}

rf_code
rf_golden_check_name(const char *aggregate, struct rf_err *reterr)
{
    if (rf_aggregate_name_fits(aggregate, strlen(aggregate))) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, aggregate,
                   "an aggregate's name names its golden file: " RF_AGGREGATE_NAME_RULE);
}

/** Writes the temporaries of one golden, where anything changes; none without `files`. */
static rf_code
write_draft(const struct rf_bless_request *request, struct rf_files *files,
            const struct rf_draft *draft, struct rf_bless_summary *summary, struct rf_err *reterr)
{
    const struct rf_golden *golden = draft->golden;
    char states[RF_SHA256_HEX_BYTES];
    bool written = false;
    if (golden == NULL && draft->lines == 0 && !rf_bless_closes(request)) {
        return RF_OK;
    }
    if (golden == NULL) {
        RF_TRY(rf_golden_check_name(draft->aggregate, reterr));
    }
    rf_sha256_make(draft->text.bytes, draft->text.used, states);
    if (golden == NULL || golden->damaged || strcmp(golden->digest, states) != 0) {
        char *path = golden == NULL ? rf_format("%s/%s.ndjson", request->folder, draft->aggregate)
                                    : rf_strdup(golden->path);
        written = true;
        rf_code code = write_golden(files, path, &draft->text, reterr);
        free(path);
        RF_TRY(code);
    }
    RF_TRY(write_meta(request, files, draft, summary, states, &written, reterr));
    summary->files += written ? 1 : 0;
    return RF_OK;
}

static rf_code
write_review(const struct rf_bless_request *request, struct rf_files *files, const char *aggregate,
             struct rf_err *reterr)
{
    struct rf_buf lines = {0};
    if (request->accepts == NULL || request->review == NULL || files == NULL) {
        return RF_OK;
    }
    request->review(request->accept_context, aggregate, &lines);
    rf_code code = RF_OK;
    if (lines.used > 0) {
        char *path = rf_format("%s/%s.reviews.jsonl", request->folder, aggregate);
        code = rf_review_file_add(files, path, &lines, reterr);
        free(path);
    }
    rf_buf_done(&lines);
    return code;
}

static rf_code
write_aggregate(const struct rf_bless_request *request, struct rf_files *files,
                const struct rf_pile *pile, struct rf_bless_summary *summary, struct rf_err *reterr)
{
    struct rf_draft draft = {
        .aggregate = pile->aggregate,
        .golden =
            request->goldens == NULL ? NULL : rf_goldens_find(request->goldens, pile->aggregate),
    };
    if (rf_bless_is_selection(request) && draft.golden != NULL && draft.golden->damaged) {
        return rf_fail(
            reterr, RF_ERR_USAGE, draft.golden->path,
            "the golden is damaged: a bless with a selection would lose its damaged lines; "
            "restore it from git, or bless without a selection");
    }
    draft.exposed = draft.golden != NULL && !request->prunes &&
                    !rf_private_fits(request->privacy, pile->aggregate, draft.golden->meta, NULL);
    rf_draft_merge(&draft, request, pile, summary);
    rf_code code = RF_OK;
    if (request->accepts == NULL || summary->added + summary->changed + summary->removed > 0) {
        code = write_draft(request, files, &draft, summary, reterr);
        code = code == RF_OK ? write_review(request, files, pile->aggregate, reterr) : code;
    }
    rf_buf_done(&draft.text);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

rf_code
rf_golden_make_folder(const char *folder, bool *ret_made, struct rf_err *reterr)
{
    char *path = rf_strdup(folder);
    rf_code code = RF_OK;
    *ret_made = false;
    for (char *at = path; code == RF_OK && *at != '\0';) {
        at += strspn(at, "/");
        at += strcspn(at, "/");
        char kept = *at;
        *at = '\0';
        struct stat about;
        *ret_made = mkdir(path, 0777) == 0;
        if (!*ret_made && (errno != EEXIST || stat(path, &about) != 0)) {
            code = rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot make the golden folder");
        }
        *at = kept;
    }
    free(path);
    return code;
}

/** Whether there is a line, old or new: without any there is nothing to write. */
static bool
has_lines(const struct rf_bless_request *request, const struct rf_piles *piles)
{
    const struct rf_goldens *goldens = request->goldens;
    if (rf_bless_closes(request) && piles->count > 0) {
        return true;
    }
    for (size_t i = 0; i < piles->count; i++) {
        const struct rf_pile *pile = &piles->items[i];
        if (goldens != NULL && rf_goldens_find(goldens, pile->aggregate) != NULL) {
            return true;
        }
        for (size_t k = 0; k < pile->count; k++) {
            if (pile->lines[k].text != NULL) {
                return true;
            }
        }
    }
    return false;
}

/** What lies there must still be what was read: lines of it stay, or are counted. */
static rf_code
check_seen(const struct rf_bless_request *request, struct rf_err *reterr)
{
    const struct rf_goldens *goldens = request->goldens;
    if (goldens == NULL || goldens->folder == NULL ||
        strcmp(goldens->folder, request->folder) != 0 || rf_goldens_are_seen(goldens)) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_SOURCE, request->folder,
                   "the golden was changed meanwhile, by hand or by git: nothing is written; once "
                   "more");
}

static rf_code
write_all(const struct rf_bless_request *request, const struct rf_piles *piles,
          struct rf_files *files, struct rf_digest_bless *digests, struct rf_bless_part *parts,
          struct rf_err *reterr)
{
    for (size_t i = 0; i < piles->count; i++) {
        parts[i].aggregate = piles->items[i].aggregate;
        RF_TRY(rf_bless_check_stop(request, reterr));
        RF_TRY(write_aggregate(request, files, &piles->items[i], &parts[i].counts, reterr));
    }
    if (digests != NULL) {
        RF_TRY(rf_digest_bless_finish(digests, parts + piles->count, reterr));
    }
    if (files == NULL) {
        return RF_OK;
    }
    if (request->others != NULL) {
        RF_TRY(request->others(request->others_context, files, reterr));
    }
    RF_TRY(check_seen(request, reterr));
    RF_TRY(rf_bless_check_stop(request, reterr));
    return rf_files_commit(files, reterr);
}

rf_code
rf_piles_write(const struct rf_bless_request *request, const struct rf_piles *piles,
               struct rf_digest_bless *digests, struct rf_bless_part *parts, struct rf_err *reterr)
{
    struct rf_files *own = request->dry_run || digests != NULL ? NULL : rf_files_new();
    struct rf_files *files = digests != NULL ? rf_digest_bless_files(digests) : own;
    bool made = false;
    rf_code code = RF_OK;
    if (files != NULL && (has_lines(request, piles) || request->others != NULL)) {
        code = rf_golden_make_folder(request->folder, &made, reterr);
    }
    if (files != NULL) {
        rf_files_together(files, request->folder);
    }
    if (code == RF_OK && files != NULL && request->hold != NULL) {
        code = rf_golden_hold_made(request->hold, reterr);
    }
    if (code == RF_OK) {
        code = write_all(request, piles, files, digests, parts, reterr);
    }
    rf_files_free(own);
    if (code != RF_OK && made) {
        (void)rmdir(request->folder);
    }
    return code;
}
