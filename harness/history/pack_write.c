/* SPDX-License-Identifier: MIT */
/* A history that was ingested whole, written as a pack. */
#include "history/pack_write.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/crew.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/hash.h"
#include "base/libzstd.h"
#include "base/order.h"
#include "base/stop.h"
#include "history/pack_block.h"
#include "history/pack_index.h"
#include "history/pack_rules.h"
#include "walk/pack.h"

/** Sections are small: what a better level costs is not felt. */
#define SECTION_LEVEL 3

/** Bytes of a part's events, about, where there are fewer parts than buckets. */
#define PART_LEAST_BYTES (128 * RF_KIB)

/** A part is sorted as a whole, but for one that is much longer than a block. */
#define SORTED_BYTES (8 * RF_BLOCK_RAW_BYTES)

/** One pack in the making. */
struct packing {
    const struct rf_pack_request *request;
    const char *path;
    int fd;
    uint64_t written;
    uint32_t *numbers; /* of each name of the history, in the pack */
    struct rf_pack_index index;
    pthread_mutex_t lock; /* of what follows, and of `written` and `index` while threads run */
    pthread_cond_t turned;
    size_t turn; /* the part that is written next: their order tells no one's speed */
    bool failed;
};

/** A thread that makes parts. */
struct packer {
    struct packing *packing;
    struct rf_block_writer *writer;
    size_t number;
    struct rf_buf copies; /* of events that gather, with the pack's numbers of names */
    size_t count;
    const struct rf_packed_event **events; /* these, sorted */
    size_t room;
    struct rf_buf bytes; /* of the part's blocks */
    struct rf_pack_index blocks;
};

/* ---- names ----------------------------------------------------------------------------------- */

struct name {
    const char *text;
    size_t bytes;
    uint32_t number;
};

static int
compare_names(const void *left, const void *right)
{
    const struct name *a = left;
    const struct name *b = right;
    return rf_bytes_compare(a->text, a->bytes, b->text, b->bytes);
}

/** Names by their bytes: their order in the history depends on threads. */
static void
number_names(struct packing *packing, struct rf_buf *section)
{
    struct rf_names *table = rf_history_names(packing->request->history);
    size_t count = rf_names_count(table);
    struct name *names = rf_calloc(count, sizeof(*names));
    packing->numbers = rf_calloc(count, sizeof(*packing->numbers));
    for (size_t i = 0; i < count; i++) {
        names[i].number = (uint32_t)i;
        names[i].text = rf_names_text(table, (uint32_t)i, &names[i].bytes);
    }
    if (count > 1) {
        qsort(names, count, sizeof(*names), compare_names);
    }
    rf_wire_put_number(section, count);
    for (size_t i = 0; i < count; i++) {
        packing->numbers[names[i].number] = (uint32_t)i;
        rf_wire_put_text(section, names[i].text, names[i].bytes);
    }
    free(names);
}

/* ---- blocks ---------------------------------------------------------------------------------- */

static uint32_t
renumber(const struct packing *packing, uint32_t name)
{
    return name == RF_NAME_NONE ? name : packing->numbers[name];
}

static void
collect(void *context, const struct rf_packed_event *event, uint64_t ref)
{
    struct packer *packer = context;
    (void)ref;
    rf_buf_add(&packer->copies, event, (size_t)event->bytes);
    struct rf_packed_event *copy =
        (void *)(packer->copies.bytes + packer->copies.used - event->bytes);
    copy->type = renumber(packer->packing, event->type);
    copy->aggregate = renumber(packer->packing, event->aggregate);
    copy->stencil = renumber(packer->packing, event->stencil);
    packer->count++;
}

static int
compare_numbers(uint64_t a, uint64_t b)
{
    return RF_ORDER(a, b);
}

/** By instance; then so that it is one order, whatever threads did. */
static int
compare_events(const void *left, const void *right)
{
    const struct rf_packed_event *a = *(const struct rf_packed_event *const *)left;
    const struct rf_packed_event *b = *(const struct rf_packed_event *const *)right;
    int order = compare_numbers(a->id_hash, b->id_hash);
    if (order == 0) {
        order = rf_bytes_compare(rf_packed_id(a), a->id_bytes, rf_packed_id(b), b->id_bytes);
    }
    if (order == 0) {
        order = RF_ORDER(a->version, b->version);
    }
    if (order == 0) {
        order = compare_numbers(a->object, b->object);
    }
    if (order == 0) {
        order = compare_numbers(a->offset, b->offset);
    }
    return order != 0 ? order : compare_numbers(a->part, b->part);
}

/** Makes a block of the events [first, behind) of the part. */
static void
make_block(struct packer *packer, size_t first, size_t behind)
{
    size_t count = behind - first;
    struct rf_block block = {
        .first_hash = packer->events[first]->id_hash,
        .last_hash = packer->events[behind - 1]->id_hash,
        .offset = packer->bytes.used,
    };
    rf_block_write(packer->writer, packer->events + first, count, &packer->bytes, &block.facts);
    rf_pack_index_add(&packer->blocks, &block);
}

static void
sort_events(struct packer *packer)
{
    RF_GROW(packer->events, packer->room, packer->count);
    for (size_t i = 0, at = 0; i < packer->count; i++) {
        packer->events[i] = (const void *)(packer->copies.bytes + at);
        at += packer->events[i]->bytes;
    }
    if (packer->count > 1) {
        qsort(packer->events, packer->count, sizeof(*packer->events), compare_events);
    }
}

/** Makes blocks of all that has gathered. */
static void
make_blocks(struct packer *packer)
{
    uint64_t bytes = 0;
    size_t first = 0;
    sort_events(packer);
    for (size_t i = 0; i < packer->count; i++) {
        uint64_t more = packer->events[i]->bytes;
        if (i > first && bytes + more > RF_BLOCK_RAW_BYTES) {
            make_block(packer, first, i);
            first = i;
            bytes = 0;
        }
        bytes += more;
    }
    if (packer->count > first) {
        make_block(packer, first, packer->count);
    }
    packer->count = 0;
    rf_buf_clear(&packer->copies);
}

/** Gathers a bucket's events; what of them is too much to be sorted at once becomes blocks. */
static rf_code
take_bucket(struct packer *packer, size_t bucket, struct rf_err *reterr)
{
    struct rf_history *history = packer->packing->request->history;
    RF_TRY(rf_history_open_bucket(history, bucket, packer->number, reterr));
    for (bool more = true; more;) {
        rf_history_each(history, bucket, collect, packer);
        RF_TRY(rf_history_next_portion(history, bucket, &more, reterr));
        if (packer->copies.used >= SORTED_BYTES) {
            make_blocks(packer);
        }
    }
    return RF_OK;
}

/** Waits until all parts in front of this one are written, and writes it. */
static rf_code
write_part(struct packer *packer, size_t part, struct rf_err *reterr)
{
    struct packing *packing = packer->packing;
    struct rf_pack_index *index = &packing->index;
    RF_VERIFY(pthread_mutex_lock(&packing->lock) == 0);
    while (packing->turn != part && !packing->failed) {
        (void)pthread_cond_wait(&packing->turned, &packing->lock);
    }
    bool written =
        !packing->failed && rf_fd_write(packing->fd, packer->bytes.bytes, packer->bytes.used);
    rf_code code = RF_OK;
    if (!written) {
        code = packing->failed
                   ? rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "another thread failed")
                   : rf_fail_errno(reterr, RF_ERR_OUTPUT, packing->path, "cannot write");
        packing->failed = true;
    }
    index->parts[part].first_block = index->block_count;
    index->parts[part].block_count = packer->blocks.block_count;
    for (size_t i = 0; written && i < packer->blocks.block_count; i++) {
        struct rf_block block = packer->blocks.blocks[i];
        const char *bytes = packer->bytes.bytes + block.offset;
        block.offset += packing->written;
        block.checksum = rf_hash(bytes, (size_t)block.facts.stored_bytes, block.offset);
        rf_pack_index_add(index, &block);
    }
    packing->written += packer->bytes.used;
    packing->turn = part + 1;
    (void)pthread_cond_broadcast(&packing->turned);
    (void)pthread_mutex_unlock(&packing->lock);
    return code;
}

/** Others must not wait for a part that does not come. */
static void
give_up(struct packing *packing)
{
    RF_VERIFY(pthread_mutex_lock(&packing->lock) == 0);
    packing->failed = true;
    (void)pthread_cond_broadcast(&packing->turned);
    (void)pthread_mutex_unlock(&packing->lock);
}

static void
show_progress(const struct packer *packer)
{
    struct rf_progress_counts *progress = packer->packing->request->progress;
    for (size_t i = 0; progress != NULL && i < packer->blocks.block_count; i++) {
        atomic_fetch_add_explicit(&progress->events_folded, packer->blocks.blocks[i].facts.events,
                                  memory_order_relaxed);
    }
}

static rf_code
make_part(void *context, size_t part, struct rf_err *reterr)
{
    struct packer *packer = context;
    struct packing *packing = packer->packing;
    rf_code code = RF_OK;
    rf_buf_clear(&packer->bytes);
    packer->blocks.block_count = 0;
    for (size_t i = part; i < RF_BUCKET_COUNT && code == RF_OK; i += packing->index.part_count) {
        code = take_bucket(packer, i, reterr);
    }
    if (code == RF_OK && rf_stopped(packing->request->stop)) {
        code = rf_fail(reterr, RF_ERR_INTERRUPTED, NULL, "stopped");
    }
    if (code != RF_OK) {
        give_up(packing);
        return code;
    }
    make_blocks(packer);
    show_progress(packer);
    return write_part(packer, part, reterr);
}

/** As many parts as buckets, but for a small pack: its blocks would be too short to get much
 * smaller. */
static size_t
count_parts(const struct rf_history *history)
{
    uint64_t bytes = rf_history_bytes(history);
    size_t count = 1;
    while (count < RF_BUCKET_COUNT && count * PART_LEAST_BYTES < bytes) {
        count *= 2;
    }
    return count;
}

static rf_code
write_blocks(struct packing *packing, struct rf_err *reterr)
{
    const struct rf_pack_request *request = packing->request;
    packing->index.part_count = count_parts(request->history);
    packing->index.parts = rf_calloc(packing->index.part_count, sizeof(*packing->index.parts));
    struct rf_crew_job job = {
        .part_count = packing->index.part_count,
        .work = make_part,
        .stop = request->stop,
    };
    size_t jobs = request->jobs < job.part_count ? request->jobs : job.part_count;
    RF_TRY(rf_history_open_windows(request->history, jobs, reterr));
    struct packer *packers = rf_calloc(jobs, sizeof(*packers));
    for (size_t i = 0; i < jobs; i++) {
        packers[i].packing = packing;
        packers[i].number = i;
        packers[i].writer = rf_block_writer_new();
    }
    rf_code code = rf_crew_run(&job, packers, sizeof(*packers), jobs, reterr);
    for (size_t i = 0; i < jobs; i++) {
        rf_block_writer_free(packers[i].writer);
        rf_buf_done(&packers[i].copies);
        rf_buf_done(&packers[i].bytes);
        rf_pack_index_done(&packers[i].blocks);
        free(packers[i].events);
    }
    free(packers);
    return code;
}

/* ---- the file -------------------------------------------------------------------------------- */

static rf_code
put(struct packing *packing, const void *bytes, size_t count, struct rf_err *reterr)
{
    if (!rf_fd_write(packing->fd, bytes, count)) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, packing->path, "cannot write");
    }
    packing->written += count;
    return RF_OK;
}

/** Zeros as a frame that zstd skips: a section that nearly all is alike in, as the facts of foreign
 * objects, would be taken for a bomb. @bytes  that it has; @return that it has then */
static size_t
lengthen(char *stored, size_t bytes, size_t least)
{
    static const size_t HEAD = 8;
    if (bytes >= least) {
        return bytes;
    }
    size_t zeros = least - bytes > HEAD ? least - bytes - HEAD : 0;
    RF_VERIFY(zeros <= UINT32_MAX);
    uint32_t head[2] = {ZSTD_MAGIC_SKIPPABLE_START, (uint32_t)zeros};
    memcpy(stored + bytes, head, HEAD); /* little endian, as the pack */
    memset(stored + bytes + HEAD, 0, zeros);
    return bytes + HEAD + zeros;
}

/** Writes a section, and frees its bytes. */
static rf_code
put_section(struct packing *packing, struct rf_buf *section, struct rf_pack_place *ret,
            struct rf_err *reterr)
{
    size_t room = rf_libzstd()->ZSTD_compressBound(section->used);
    char *stored = rf_alloc(room);
    size_t bytes =
        rf_libzstd()->ZSTD_compress(stored, room, section->bytes, section->used, SECTION_LEVEL);
    if (rf_libzstd()->ZSTD_isError(bytes)) {
        rf_out_of_memory(); /* there is room for anything: nothing else can fail */
    }
    bytes = lengthen(stored, bytes, (size_t)rf_pack_stored_least(section->used));
    *ret = (struct rf_pack_place){
        .offset = packing->written,
        .stored_bytes = bytes,
        .bytes = section->used,
        .checksum = rf_hash(stored, bytes, packing->written),
    };
    rf_code code = put(packing, stored, bytes, reterr);
    free(stored);
    rf_buf_done(section);
    return code;
}

static void
put_objects(const struct packing *packing, struct rf_buf *out)
{
    const struct rf_objects *objects = rf_history_objects(packing->request->history);
    char **digests = rf_calloc(objects->count, sizeof(*digests));
    for (size_t i = 0; i < objects->count; i++) {
        digests[i] = packing->request->facts[i].sha256;
    }
    rf_pack_put_objects(objects, digests, packing->request->began, out);
    free(digests);
}

static void
put_facts(const struct packing *packing, struct rf_buf *out)
{
    size_t count = rf_history_objects(packing->request->history)->count;
    for (size_t i = 0; i < count; i++) {
        rf_facts_put(&packing->request->facts[i], out);
    }
}

static rf_code
write_file(struct packing *packing, struct rf_err *reterr)
{
    struct rf_buf sections[RF_PACK_SECTION_COUNT_] = {0};
    struct rf_pack_head head = {
        .magic = RF_PACK_MAGIC, /* without its NUL */
        .order = RF_PACK_ORDER,
        .format = RF_PACK_FORMAT,
        .layout = rf_pack_layout(),
    };
    struct rf_pack_foot foot = {.magic = RF_PACK_MAGIC};
    head.checksum = rf_hash(&head, offsetof(struct rf_pack_head, checksum), 0);
    number_names(packing, &sections[RF_PACK_NAMES]);
    rf_code code = put(packing, &head, sizeof(head), reterr);
    if (code == RF_OK) {
        code = write_blocks(packing, reterr);
    }
    put_objects(packing, &sections[RF_PACK_OBJECTS]);
    put_facts(packing, &sections[RF_PACK_FACTS]);
    rf_pack_rules(packing->request->ingest, &sections[RF_PACK_RULES]);
    rf_pack_index_put(&packing->index, &sections[RF_PACK_INDEX]);
    for (size_t i = 0; i < RF_PACK_SECTION_COUNT_; i++) {
        if (code == RF_OK) {
            code = put_section(packing, &sections[i], &foot.sections[i], reterr);
        }
        rf_buf_done(&sections[i]);
    }
    RF_TRY(code);
    foot.file_bytes = packing->written + sizeof(foot);
    foot.checksum = rf_hash(&foot, offsetof(struct rf_pack_foot, checksum), foot.file_bytes);
    return put(packing, &foot, sizeof(foot), reterr);
}

rf_code
rf_pack_write(const struct rf_pack_request *request, const char *path, struct rf_err *reterr)
{
    struct packing packing = {.request = request, .path = path};
    RF_TRY(rf_libzstd_load(path, reterr));
    struct rf_files *files = rf_files_new();
    rf_code code = rf_files_begin(files, path, &packing.fd, reterr);
    if (code == RF_OK) {
        RF_VERIFY(pthread_mutex_init(&packing.lock, NULL) == 0);
        RF_VERIFY(pthread_cond_init(&packing.turned, NULL) == 0);
        code = write_file(&packing, reterr);
        struct rf_err ignored;
        rf_code ended =
            rf_files_end(packing.fd, path, code == RF_OK, code == RF_OK ? reterr : &ignored);
        code = code == RF_OK ? ended : code;
        (void)pthread_cond_destroy(&packing.turned);
        (void)pthread_mutex_destroy(&packing.lock);
    }
    if (code == RF_OK) {
        code = rf_files_commit(files, reterr);
    }
    rf_files_free(files);
    rf_pack_index_done(&packing.index);
    free(packing.numbers);
    return code;
}
