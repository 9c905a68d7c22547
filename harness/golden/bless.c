/* SPDX-License-Identifier: MIT */
/* Accepting the states of a run as the new golden. */
#include "golden/bless.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/bytes.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/sha256.h"
#include "golden/line.h"
#include "golden/meta.h"
#include "golden/notes.h"

#define BLOCK_BYTES     ((size_t)1 << 20)
#define NAME_MAX_BYTES  100
#define GZIP_LEVEL      6
#define GZIP_OS_UNKNOWN 255

/** Memory for lines, that stays where it is. */
struct block {
    struct block *before;
    size_t used;
    size_t room;
    char bytes[];
};

/** A line in the making. `text` is NULL where the instance is unfit: it keeps its old line. */
struct fresh_line {
    const char *id;
    size_t id_bytes;
    const char *text;
    size_t text_bytes;
    uint64_t digest;
    bool rejected;
};

/** The lines of one aggregate. */
struct pile {
    char *aggregate;
    struct fresh_line *lines;
    size_t count;
    size_t room;
};

/** What one thread writes to. */
struct lane {
    struct rf_notes notes;
    struct pile *piles;
    size_t pile_count;
    size_t pile_room;
    struct block *block;
    struct rf_json doc;
    struct rf_buf state;
    struct rf_buf line;
    struct rf_buf message;
};

struct rf_blessing {
    const struct rf_bless_request *request;
    struct rf_fold_sink sink;
    struct lane **lanes;
    size_t lane_count;
};

/* ---- collecting ------------------------------------------------------------------------------ */

static const char *
store(struct lane *lane, const char *bytes, size_t count)
{
    if (lane->block == NULL || lane->block->room - lane->block->used < count) {
        size_t room = count > BLOCK_BYTES ? count : BLOCK_BYTES;
        struct block *block = rf_alloc(sizeof(*block) + room);
        *block = (struct block){.before = lane->block, .room = room};
        lane->block = block;
    }
    char *place = lane->block->bytes + lane->block->used;
    if (count > 0) {
        memcpy(place, bytes, count);
    }
    lane->block->used += count;
    return place;
}

/** Few aggregates, many instances, which come sorted by aggregate: the last one is mostly right. */
static struct pile *
find_pile(struct lane *lane, const char *aggregate)
{
    for (size_t i = lane->pile_count; i-- > 0;) {
        if (strcmp(lane->piles[i].aggregate, aggregate) == 0) {
            return &lane->piles[i];
        }
    }
    RF_GROW(lane->piles, lane->pile_room, lane->pile_count + 1);
    struct pile *pile = &lane->piles[lane->pile_count++];
    *pile = (struct pile){.aggregate = rf_strdup(aggregate)};
    return pile;
}

static void
add_line(struct lane *lane, const struct rf_instance *instance, const struct rf_golden_line *line)
{
    struct pile *pile = find_pile(lane, instance->aggregate_name);
    struct fresh_line fresh = {
        .id = store(lane, instance->id, instance->id_bytes),
        .id_bytes = instance->id_bytes,
    };
    if (line != NULL) {
        rf_buf_clear(&lane->line);
        rf_line_write(line, &lane->line);
        fresh.text = store(lane, lane->line.bytes, lane->line.used);
        fresh.text_bytes = lane->line.used;
        fresh.digest = line->digest;
        fresh.rejected = line->rejected;
    }
    RF_GROW(pile->lines, pile->room, pile->count + 1);
    pile->lines[pile->count++] = fresh;
}

static void
set_rejection(struct rf_golden_line *line, const struct rf_names *names,
              const struct rf_packed_event *event, int64_t version, const char *message)
{
    line->rejected = true;
    line->rejected_version = version;
    line->rejected_type = "";
    if (event != NULL) {
        line->rejected_type = rf_names_text(names, event->type, &line->rejected_type_bytes);
    }
    line->rejected_message = message;
    line->rejected_message_bytes = strlen(message);
}

static int64_t
version_after(const struct rf_instance *instance, uint64_t steps)
{
    return steps == 0 || steps > instance->step_count ? 0 : instance->steps[steps - 1].version;
}

/** The line that an outcome gives, but for its state. */
static void
describe_outcome(const struct rf_blessing *blessing, struct lane *lane,
                 const struct rf_outcome *outcome, struct rf_golden_line *ret)
{
    const struct rf_instance *instance = outcome->instance;
    const struct rf_names *names = rf_history_names(blessing->request->history);
    *ret = (struct rf_golden_line){
        .id = instance->id,
        .id_bytes = instance->id_bytes,
        .version = outcome->state_version,
        .has_digest = true,
        .digest = outcome->state_digest,
    };
    if (outcome->ending == RF_ENDED_REJECTED) {
        ret->digest = outcome->at_digest;
        set_rejection(ret, names, outcome->at, outcome->at_version,
                      outcome->message == NULL ? "" : outcome->message);
    } else if (outcome->nonfinite != NULL) {
        uint64_t steps = outcome->state_steps;
        bool known = steps > 0 && steps <= instance->step_count;
        rf_buf_clear(&lane->message);
        rf_nonfinite_message(&lane->message, outcome->nonfinite);
        ret->version = known ? version_after(instance, steps - 1) : 0;
        set_rejection(ret, names, known ? instance->steps[steps - 1].event : NULL,
                      outcome->state_version, rf_buf_text(&lane->message));
    }
}

/** What is accepted must be read again: a state that is no JSON is not. */
static bool
set_state(struct lane *lane, const struct rf_outcome *outcome, struct rf_golden_line *line)
{
    rf_buf_clear(&lane->state);
    if (outcome->state == NULL) {
        return outcome->nonfinite != NULL;
    }
    if (rf_json_read_whole(&lane->doc, outcome->state, outcome->state_bytes, NULL) != RF_OK ||
        rf_json_canonical(&lane->doc, 0, false, &lane->state, NULL) != RF_OK) {
        return false;
    }
    line->state = lane->state.bytes;
    line->state_bytes = lane->state.used;
    return true;
}

static void
note_unfit(struct rf_blessing *blessing, struct lane *lane, const struct rf_outcome *outcome)
{
    struct rf_tally *tally = rf_notes_tally(&lane->notes, outcome->instance->aggregate_name);
    bool hung = outcome->ending == RF_ENDED_HUNG;
    struct rf_difference difference = rf_difference_of_end(
        blessing->request->history, outcome, hung ? RF_DIFFERENCE_HUNG : RF_DIFFERENCE_CRASHED);
    if (outcome->ending != RF_ENDED_CRASHED && !hung) {
        free(difference.message);
        difference.message = rf_strdup("the state that came back is no JSON");
    }
    tally->crashed += hung ? 0 : 1;
    tally->hung += hung ? 1 : 0;
    rf_notes_add(&lane->notes, &difference, NULL, 0);
    add_line(lane, outcome->instance, NULL);
}

static bool
sink_outcome(void *context, size_t thread, const struct rf_outcome *outcome)
{
    struct rf_blessing *blessing = context;
    RF_VERIFY(thread < blessing->lane_count);
    struct lane *lane = blessing->lanes[thread];
    const struct rf_instance *instance = outcome->instance;
    struct rf_tally *tally = rf_notes_tally(&lane->notes, instance->aggregate_name);
    tally->instances++;
    tally->events += outcome->applied;
    rf_notes_multiset(&lane->notes.history, instance->aggregate_name, instance->id,
                      instance->id_bytes, outcome->applied,
                      rf_folded_digest(blessing->request->history, outcome));
    struct rf_golden_line line;
    if (outcome->ending == RF_ENDED_CRASHED || outcome->ending == RF_ENDED_HUNG) {
        note_unfit(blessing, lane, outcome);
        return false;
    }
    describe_outcome(blessing, lane, outcome, &line);
    if (!set_state(lane, outcome, &line)) {
        note_unfit(blessing, lane, outcome);
        return false;
    }
    tally->rejected += line.rejected ? 1 : 0;
    add_line(lane, instance, &line);
    return false;
}

static struct rf_pin
sink_pin(void *context, size_t thread, const struct rf_instance *instance)
{
    (void)context;
    (void)thread;
    (void)instance;
    return (struct rf_pin){.wanted = false};
}

/** Never asked for. */
static void
sink_trace(void *context, size_t thread, const struct rf_instance *instance, uint64_t applied,
           const char *state, size_t state_bytes)
{
    (void)context;
    (void)thread;
    (void)instance;
    (void)applied;
    (void)state;
    (void)state_bytes;
}

static void
sink_traced(void *context, size_t thread, const struct rf_instance *instance, bool whole)
{
    (void)context;
    (void)thread;
    (void)instance;
    (void)whole;
}

/* ---- life ------------------------------------------------------------------------------------ */

struct rf_blessing *
rf_blessing_new(const struct rf_bless_request *request)
{
    struct rf_blessing *blessing = rf_calloc(1, sizeof(*blessing));
    blessing->request = request;
    blessing->sink = (struct rf_fold_sink){
        .context = blessing,
        .pin = sink_pin,
        .outcome = sink_outcome,
        .trace = sink_trace,
        .traced = sink_traced,
    };
    blessing->lane_count = request->jobs == 0 ? 1 : request->jobs;
    blessing->lanes = rf_calloc(blessing->lane_count, sizeof(struct lane *));
    for (size_t i = 0; i < blessing->lane_count; i++) {
        blessing->lanes[i] = rf_calloc(1, sizeof(struct lane));
    }
    return blessing;
}

static void
lane_free(struct lane *lane)
{
    for (size_t i = 0; i < lane->pile_count; i++) {
        free(lane->piles[i].aggregate);
        free(lane->piles[i].lines);
    }
    while (lane->block != NULL) {
        struct block *before = lane->block->before;
        free(lane->block);
        lane->block = before;
    }
    free(lane->piles);
    rf_json_done(&lane->doc);
    rf_buf_done(&lane->state);
    rf_buf_done(&lane->line);
    rf_buf_done(&lane->message);
    rf_notes_done(&lane->notes);
    free(lane);
}

void
rf_blessing_free(struct rf_blessing *blessing)
{
    if (blessing == NULL) {
        return;
    }
    for (size_t i = 0; i < blessing->lane_count; i++) {
        lane_free(blessing->lanes[i]);
    }
    free(blessing->lanes);
    free(blessing);
}

const struct rf_fold_sink *
rf_blessing_sink(struct rf_blessing *blessing)
{
    return &blessing->sink;
}

void
rf_blessing_finish(struct rf_blessing *blessing, struct rf_findings *ret)
{
    const struct rf_bless_request *request = blessing->request;
    struct rf_notes **notes = rf_calloc(blessing->lane_count, sizeof(struct rf_notes *));
    for (size_t i = 0; i < blessing->lane_count; i++) {
        notes[i] = &blessing->lanes[i]->notes;
    }
    for (size_t i = 0; i < request->build_count; i++) {
        (void)rf_notes_tally(notes[0], request->builds[i]->name);
    }
    rf_notes_join(notes, blessing->lane_count, ret);
    free(notes);
}

/* ---- one golden's new text ------------------------------------------------------------------- */

/** One golden in the making. */
struct draft {
    const char *aggregate;
    const struct rf_golden *golden; /* what lies there now, or NULL */
    struct rf_buf text;
    uint64_t lines;
    uint64_t rejected;
    struct rf_multiset history;
};

static bool
is_selection(const struct rf_bless_request *request)
{
    return request->selects != NULL || request->selected_by_time;
}

static int
compare_fresh(const void *left, const void *right)
{
    const struct fresh_line *a = left;
    const struct fresh_line *b = right;
    return rf_bytes_compare(a->id, a->id_bytes, b->id, b->id_bytes);
}

static void
put_line(struct draft *draft, const struct fresh_line *line)
{
    rf_buf_add(&draft->text, line->text, line->text_bytes);
    rf_buf_byte(&draft->text, '\n');
    draft->lines++;
    draft->rejected += line->rejected ? 1 : 0;
    rf_notes_multiset(&draft->history, draft->aggregate, line->id, line->id_bytes, 0, line->digest);
}

/** An old line stays byte for byte. */
static void
put_old(struct draft *draft, const struct rf_golden_line *old)
{
    struct fresh_line line = {
        .id = old->id,
        .id_bytes = old->id_bytes,
        .text = old->text,
        .text_bytes = old->text_bytes,
        .digest = old->digest,
        .rejected = old->rejected,
    };
    put_line(draft, &line);
}

/** A line without an instance. */
static void
keep_or_remove(struct draft *draft, const struct rf_bless_request *request,
               const struct rf_golden_line *old, struct rf_bless_summary *summary)
{
    if (!is_selection(request)) {
        summary->removed++;
        return;
    }
    summary->kept++;
    summary->absent += request->selects != NULL && !request->selected_by_time &&
                       request->selects(request->select_context, old->id, old->id_bytes);
    put_old(draft, old);
}

/** One id: its old line, its new one, or both. */
static void
merge_one(struct draft *draft, const struct rf_bless_request *request,
          const struct rf_golden_line *old, const struct fresh_line *fresh,
          struct rf_bless_summary *summary)
{
    if (fresh == NULL) {
        keep_or_remove(draft, request, old, summary);
    } else if (fresh->text == NULL) {
        summary->unfit++;
        if (old != NULL) {
            put_old(draft, old);
        }
    } else {
        bool equal = old != NULL && old->text_bytes == fresh->text_bytes &&
                     memcmp(old->text, fresh->text, fresh->text_bytes) == 0;
        summary->added += old == NULL ? 1 : 0;
        summary->unchanged += equal ? 1 : 0;
        summary->changed += old != NULL && !equal ? 1 : 0;
        summary->rejected += fresh->rejected ? 1 : 0;
        put_line(draft, fresh);
    }
}

/** Merges the old lines with the new ones; both are sorted by id. */
static void
merge_lines(struct draft *draft, const struct rf_bless_request *request,
            const struct fresh_line *fresh, size_t fresh_count, struct rf_bless_summary *summary)
{
    size_t old_count = draft->golden == NULL ? 0 : draft->golden->count;
    size_t a = 0;
    size_t b = 0;
    while (a < old_count || b < fresh_count) {
        const struct rf_golden_line *old = a < old_count ? &draft->golden->lines[a] : NULL;
        const struct fresh_line *line = b < fresh_count ? &fresh[b] : NULL;
        int order = old == NULL ? 1
                    : line == NULL
                        ? -1
                        : rf_bytes_compare(old->id, old->id_bytes, line->id, line->id_bytes);
        merge_one(draft, request, order <= 0 ? old : NULL, order >= 0 ? line : NULL, summary);
        a += order <= 0 ? 1 : 0;
        b += order >= 0 ? 1 : 0;
    }
}

/* ---- writing --------------------------------------------------------------------------------- */

/** Reproducible: no name, no time, no system in the header. */
static void
compress_text(const struct rf_buf *text, struct rf_buf *out)
{
    z_stream stream = {0};
    gz_header header = {.os = GZIP_OS_UNKNOWN};
    const char *at = text->used == 0 ? "" : text->bytes;
    size_t left = text->used;
    int code = deflateInit2(&stream, GZIP_LEVEL, Z_DEFLATED, MAX_WBITS + 16, MAX_MEM_LEVEL,
                            Z_DEFAULT_STRATEGY);
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
    if (!is_gzip_path(path)) {
        return rf_files_add(files, path, text->used == 0 ? "" : text->bytes, text->used, reterr);
    }
    struct rf_buf packed = {0};
    compress_text(text, &packed);
    rf_code code = rf_files_add(files, path, packed.bytes, packed.used, reterr);
    rf_buf_done(&packed);
    return code;
}

static void
digest_text(const struct rf_buf *text, char hex[RF_SHA256_HEX_BYTES])
{
    struct rf_sha256 *sha = rf_sha256_new();
    rf_sha256_add(sha, text->used == 0 ? "" : text->bytes, text->used);
    rf_sha256_finish(sha, hex);
}

/** A bless of some ids leaves the selection as it was: most lines are still of that bless. */
static void
keep_selection(const struct rf_bless_request *request, const struct rf_buf *old,
               struct rf_meta *meta)
{
    struct rf_meta before;
    bool only_ids = request->selects != NULL && !request->selected_by_time;
    if (!only_ids || old->used == 0 ||
        rf_meta_read(old->bytes, old->used, &before, NULL) != RF_OK) {
        meta->as_of = request->as_of == NULL ? NULL : rf_strdup(request->as_of);
        meta->until = request->until == NULL ? NULL : rf_strdup(request->until);
        return;
    }
    meta->as_of = before.as_of;
    meta->until = before.until;
    before.as_of = NULL;
    before.until = NULL;
    rf_meta_done(&before);
}

static rf_code
write_meta(const struct rf_bless_request *request, struct rf_files *files,
           const struct draft *draft, const char *states, bool *ret_written, struct rf_err *reterr)
{
    struct rf_meta meta = {
        .aggregate = rf_strdup(draft->aggregate),
        .lines = draft->lines,
        .rejected = draft->rejected,
    };
    struct rf_buf old = {0};
    struct rf_buf text = {0};
    char *path = rf_format("%s/%s.meta.json", request->folder, draft->aggregate);
    (void)snprintf(meta.states, sizeof(meta.states), "%s", states);
    (void)snprintf(meta.history, sizeof(meta.history), "%016" PRIx64 "%016" PRIx64,
                   draft->history.sum, draft->history.mixed);
    if (rf_file_read(path, &old, NULL) != RF_OK) {
        rf_buf_clear(&old); /* not there, or not to be read: it is written anew */
    }
    keep_selection(request, &old, &meta);
    rf_meta_write(&meta, &text);
    rf_code code = RF_OK;
    if (old.used != text.used || memcmp(old.bytes, text.bytes, text.used) != 0) {
        *ret_written = true;
        code = rf_files_add(files, path, text.bytes, text.used, reterr);
    }
    free(path);
    rf_buf_done(&old);
    rf_buf_done(&text);
    rf_meta_done(&meta);
    return code;
}

static bool
is_file_name(const char *aggregate)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t bytes = strlen(aggregate);
    return bytes > 0 && bytes <= NAME_MAX_BYTES && aggregate[0] != '.' &&
           strspn(aggregate, allowed) == bytes;
}

/** Writes the temporaries of one golden, where anything changes. */
static rf_code
write_draft(const struct rf_bless_request *request, struct rf_files *files,
            const struct draft *draft, struct rf_bless_summary *summary, struct rf_err *reterr)
{
    const struct rf_golden *golden = draft->golden;
    char states[RF_SHA256_HEX_BYTES];
    bool written = false;
    if (golden == NULL && draft->lines == 0) {
        return RF_OK;
    }
    if (golden == NULL && !is_file_name(draft->aggregate)) {
        return rf_fail(
            reterr, RF_ERR_USAGE, draft->aggregate,
            "an aggregate's name names its golden file: 1 to %d of A-Z a-z 0-9 . _ -, no "
            "dot in front",
            NAME_MAX_BYTES);
    }
    digest_text(&draft->text, states);
    if (golden == NULL || golden->damaged || strcmp(golden->digest, states) != 0) {
        char *path = golden == NULL ? rf_format("%s/%s.ndjson", request->folder, draft->aggregate)
                                    : rf_strdup(golden->path);
        written = true;
        rf_code code = write_golden(files, path, &draft->text, reterr);
        free(path);
        RF_TRY(code);
    }
    RF_TRY(write_meta(request, files, draft, states, &written, reterr));
    summary->files += written ? 1 : 0;
    return RF_OK;
}

static rf_code
write_aggregate(const struct rf_bless_request *request, struct rf_files *files,
                const char *aggregate, const struct pile *pile, struct rf_bless_summary *summary,
                struct rf_err *reterr)
{
    struct draft draft = {
        .aggregate = aggregate,
        .golden = request->goldens == NULL ? NULL : rf_goldens_find(request->goldens, aggregate),
    };
    if (is_selection(request) && draft.golden != NULL && draft.golden->damaged) {
        return rf_fail(
            reterr, RF_ERR_USAGE, draft.golden->path,
            "the golden is damaged: a bless with a selection would lose its damaged lines; "
            "restore it from git, or bless without a selection");
    }
    merge_lines(&draft, request, pile->lines, pile->count, summary);
    rf_code code = write_draft(request, files, &draft, summary, reterr);
    rf_buf_done(&draft.text);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static bool
is_claimed(const struct rf_bless_request *request, const char *aggregate)
{
    for (size_t i = 0; i < request->build_count; i++) {
        const struct rf_build *build = request->builds[i];
        if (build->takes_all || strcmp(build->name, aggregate) == 0) {
            return true;
        }
    }
    return false;
}

static int
compare_piles(const void *left, const void *right)
{
    const struct pile *a = left;
    const struct pile *b = right;
    return strcmp(a->aggregate, b->aggregate);
}

static void
gather_pile(struct lane *all, const char *aggregate, const struct pile *from)
{
    struct pile *pile = find_pile(all, aggregate);
    if (from == NULL || from->count == 0) {
        return;
    }
    RF_GROW(pile->lines, pile->room, pile->count + from->count);
    memcpy(pile->lines + pile->count, from->lines, from->count * sizeof(*from->lines));
    pile->count += from->count;
}

/** The lines of all threads by aggregate, sorted; and the claimed goldens that got no line. */
static void
gather_all(struct rf_blessing *blessing, struct lane *all)
{
    const struct rf_bless_request *request = blessing->request;
    for (size_t i = 0; i < blessing->lane_count; i++) {
        const struct lane *lane = blessing->lanes[i];
        for (size_t k = 0; k < lane->pile_count; k++) {
            gather_pile(all, lane->piles[k].aggregate, &lane->piles[k]);
        }
    }
    for (size_t i = 0; request->goldens != NULL && i < request->goldens->count; i++) {
        const char *aggregate = request->goldens->items[i].aggregate;
        if (is_claimed(request, aggregate)) {
            gather_pile(all, aggregate, NULL);
        }
    }
    if (all->pile_count > 0) {
        qsort(all->piles, all->pile_count, sizeof(*all->piles), compare_piles);
    }
    for (size_t i = 0; i < all->pile_count; i++) {
        if (all->piles[i].count > 0) {
            qsort(all->piles[i].lines, all->piles[i].count, sizeof(*all->piles[i].lines),
                  compare_fresh);
        }
    }
}

/** Makes the folder and those above it; tells whether the last one is new. */
static rf_code
make_folder(const char *folder, bool *ret_made, struct rf_err *reterr)
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
has_lines(const struct rf_blessing *blessing, const struct lane *all)
{
    const struct rf_goldens *goldens = blessing->request->goldens;
    for (size_t i = 0; i < all->pile_count; i++) {
        const struct pile *pile = &all->piles[i];
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

static rf_code
write_all(struct rf_blessing *blessing, const struct lane *all, struct rf_files *files,
          struct rf_bless_summary *summary, struct rf_err *reterr)
{
    for (size_t i = 0; i < all->pile_count; i++) {
        RF_TRY(write_aggregate(blessing->request, files, all->piles[i].aggregate, &all->piles[i],
                               summary, reterr));
    }
    return rf_files_commit(files, reterr);
}

rf_code
rf_blessing_write(struct rf_blessing *blessing, struct rf_bless_summary *ret, struct rf_err *reterr)
{
    struct lane *all = rf_calloc(1, sizeof(*all));
    struct rf_files *files = rf_files_new();
    bool made = false;
    memset(ret, 0, sizeof(*ret));
    gather_all(blessing, all);
    rf_code code = RF_OK;
    if (has_lines(blessing, all)) {
        code = make_folder(blessing->request->folder, &made, reterr);
    }
    if (code == RF_OK) {
        code = write_all(blessing, all, files, ret, reterr);
    }
    rf_files_free(files);
    lane_free(all);
    if (code != RF_OK && made) {
        (void)rmdir(blessing->request->folder);
    }
    return code;
}
