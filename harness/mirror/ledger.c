/* SPDX-License-Identifier: MIT */
/* The manifest before, the journal since, and the manifest that both become. */
#include "mirror/ledger.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/json.h"
#include "net/url.h"

#define BOOT_ID_FILE "/proc/sys/kernel/random/boot_id"

struct rf_ledger {
    struct rf_place *place;
    char *source;
    char *selection; /* what is fetched of it; "": all */
    char *cut_off;   /* the selection of the fetch that was cut off, or NULL: none was */
    bool dry;
    bool doubts;
    bool settled; /* there is a manifest, and it holds all of `before` */
    char *boot;   /* this start of the machine; "" where nothing tells */
    struct rf_fetched before;
    bool *forgotten; /* for each of `before`, or NULL */
    char **missed;   /* keys; owned */
    size_t missed_count;
    size_t missed_room;
    pthread_mutex_t lock; /* of what follows */
    struct rf_fetched fresh;
    int journal;  /* -1: not begun */
    bool appends; /* there is a journal: what comes goes behind it */
    bool goes_on; /* its last lines are of this start of the machine */
    struct rf_buf line;
};

/* ---- what was there -------------------------------------------------------------------------- */

static char *
read_boot_id(void)
{
    struct rf_buf text = {0};
    if (rf_file_read(BOOT_ID_FILE, &text, NULL) != RF_OK) {
        rf_buf_clear(&text);
    }
    while (text.used > 0 && (unsigned char)text.bytes[text.used - 1] <= ' ') {
        text.used--;
    }
    char *id = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return id;
}

/** A slash at the end says nothing, nor do capitals of a scheme or host. Owned. */
static char *
place_of(const char *source)
{
    size_t bytes = strlen(source);
    char *place = rf_strndup(source, bytes - (bytes > 0 && source[bytes - 1] == '/'));
    rf_url_lower(place);
    return place;
}

static bool
is_same_place(const char *a, const char *b)
{
    char *a_place = place_of(a);
    char *b_place = place_of(b);
    bool is = strcmp(a_place, b_place) == 0;
    free(a_place);
    free(b_place);
    return is;
}

static rf_code
check_source(const struct rf_ledger *ledger, const char *source, struct rf_err *reterr)
{
    return is_same_place(source, ledger->source)
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, "-o",
                         "the folder holds what was fetched from %s, and not from %s: name another",
                         source, ledger->source);
}

static rf_code
read_manifest(struct rf_ledger *ledger, struct rf_err *reterr)
{
    struct rf_err err;
    int fd = rf_place_open_own(ledger->place, RF_MANIFEST_NAME);
    if (fd < 0 && errno == ENOENT) {
        return RF_OK;
    }
    char *path = rf_place_path(ledger->place, RF_MANIFEST_NAME);
    rf_code code = fd < 0 ? rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot be opened")
                          : rf_fetched_read(fd, path, &ledger->before, &err);
    if (fd >= 0 && code != RF_OK) {
        (void)rf_fail(reterr, code, path, "%s; fetch into a new folder", err.text);
    }
    free(path);
    ledger->settled = code == RF_OK;
    return code == RF_OK ? check_source(ledger, ledger->before.source, reterr) : code;
}

/** The value of a member that is a text without escapes; false where there is none. */
static bool
has_text(const struct rf_json *doc, const char *name, struct rf_buf *ret)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    uint32_t node = rf_json_member(doc, 0, name, strlen(name), NULL);
    bool has = node != RF_JSON_NONE && doc->nodes[node].kind == RF_JSON_STRING;
    if (has) {
        rf_json_string(doc, node, &scratch, &bytes, &count);
        rf_buf_clear(ret);
        rf_buf_add(ret, bytes, count);
    }
    rf_buf_done(&scratch);
    return has;
}

/** @ret  whether it is a journal's first line; then it is of this source */
static rf_code
read_journal_head(struct rf_ledger *ledger, const char *line, size_t bytes, bool *ret,
                  struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_buf text = {0};
    rf_code code = RF_OK;
    *ret = rf_json_read_whole(&doc, line, bytes, NULL) == RF_OK && has_text(&doc, "boot", &text);
    if (*ret) {
        ledger->goes_on = ledger->boot[0] != '\0' && strcmp(rf_buf_text(&text), ledger->boot) == 0;
        ledger->doubts = ledger->doubts || !ledger->goes_on;
        *ret = has_text(&doc, "source", &text);
        code = *ret ? check_source(ledger, rf_buf_text(&text), reterr) : RF_OK;
        free(ledger->cut_off);
        ledger->cut_off = rf_strdup(has_text(&doc, "selection", &text) ? rf_buf_text(&text) : "");
    }
    rf_json_done(&doc);
    rf_buf_done(&text);
    return code;
}

/** A line that was cut off is no entry: its object was not put into place. */
static rf_code
read_journal_lines(struct rf_ledger *ledger, FILE *file, struct rf_err *reterr)
{
    char *line = NULL;
    size_t room = 0;
    ssize_t length = getline(&line, &room, file);
    bool is_one = false;
    rf_code code = RF_OK;
    if (length > 0) {
        code = read_journal_head(ledger, line, (size_t)length, &is_one, reterr);
    }
    ledger->appends = is_one;
    ledger->doubts = ledger->doubts || !is_one;
    while (code == RF_OK && is_one && (length = getline(&line, &room, file)) > 0) {
        struct rf_fetched_entry entry;
        size_t bytes = (size_t)length - (line[length - 1] == '\n');
        if (rf_fetched_entry_read(line, bytes, &entry, NULL) == RF_OK) {
            rf_fetched_add(&ledger->before, entry);
        } else { /* a fetch of more went on with it, or one after a restart */
            bool is_head;
            code = read_journal_head(ledger, line, bytes, &is_head, reterr);
        }
    }
    free(line);
    return code;
}

static rf_code
read_journal(struct rf_ledger *ledger, struct rf_err *reterr)
{
    int fd = rf_place_open_partial(ledger->place, RF_FETCH_JOURNAL_NAME, O_RDONLY);
    if (fd < 0 && errno == ENOENT) {
        return RF_OK;
    }
    FILE *file = fd < 0 ? NULL : fdopen(fd, "r");
    if (file == NULL) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, RF_PARTIALS_NAME, "cannot read the journal");
    }
    ledger->settled = false;
    ledger->cut_off = rf_strdup("");
    rf_code code = read_journal_lines(ledger, file, reterr);
    (void)fclose(file);
    RF_TRY(code);
    return ledger->selection[0] == '\0' || strcmp(ledger->selection, ledger->cut_off) == 0
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, "-o",
                         "a fetch of %s%s into this folder was cut off: finish it first",
                         ledger->cut_off[0] == '\0' ? "all" : "hours ", ledger->cut_off);
}

rf_code
rf_ledger_open(struct rf_place *place, const char *source, const char *selection, bool dry,
               struct rf_ledger **ret, struct rf_err *reterr)
{
    struct rf_ledger *ledger = rf_calloc(1, sizeof(*ledger));
    *ledger = (struct rf_ledger){
        .place = place,
        .source = rf_strdup(source),
        .selection = rf_strdup(selection),
        .dry = dry,
        .boot = read_boot_id(),
        .journal = -1,
    };
    RF_VERIFY(pthread_mutex_init(&ledger->lock, NULL) == 0);
    rf_code code = read_manifest(ledger, reterr);
    if (code == RF_OK) {
        code = read_journal(ledger, reterr);
    }
    if (code != RF_OK) {
        rf_ledger_free(ledger);
        return code;
    }
    rf_fetched_sort(&ledger->before);
    ledger->forgotten = rf_calloc(ledger->before.count + 1, sizeof(bool));
    *ret = ledger;
    return RF_OK;
}

void
rf_ledger_free(struct rf_ledger *ledger)
{
    if (ledger == NULL) {
        return;
    }
    if (ledger->journal >= 0) {
        (void)close(ledger->journal);
    }
    (void)pthread_mutex_destroy(&ledger->lock);
    rf_fetched_done(&ledger->before);
    rf_fetched_done(&ledger->fresh);
    rf_buf_done(&ledger->line);
    for (size_t i = 0; i < ledger->missed_count; i++) {
        free(ledger->missed[i]);
    }
    free(ledger->missed);
    free(ledger->forgotten);
    free(ledger->boot);
    free(ledger->cut_off);
    free(ledger->selection);
    free(ledger->source);
    free(ledger);
}

bool
rf_ledger_doubts(const struct rf_ledger *ledger)
{
    return ledger->doubts;
}

const struct rf_place *
rf_ledger_place(const struct rf_ledger *ledger)
{
    return ledger->place;
}

const char *
rf_ledger_boot(const struct rf_ledger *ledger)
{
    return ledger->boot;
}

const struct rf_fetched *
rf_ledger_before(const struct rf_ledger *ledger)
{
    return &ledger->before;
}

/* ---- what comes ------------------------------------------------------------------------------ */

static bool
begin_journal(struct rf_ledger *ledger)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | (ledger->appends ? 0 : O_TRUNC);
    ledger->journal = rf_place_open_partial(ledger->place, RF_FETCH_JOURNAL_NAME, flags);
    if (ledger->journal < 0) {
        return false;
    }
    rf_buf_clear(&ledger->line);
    if (ledger->appends) {
        rf_buf_byte(&ledger->line, '\n'); /* its last line may have been cut off */
    }
    if (ledger->goes_on && strcmp(ledger->cut_off, ledger->selection) == 0) {
        return true;
    }
    rf_buf_string(&ledger->line, "{\"boot\":");
    rf_canon_string(&ledger->line, ledger->boot, strlen(ledger->boot));
    rf_buf_string(&ledger->line, ",\"format\":1");
    if (ledger->selection[0] != '\0') {
        rf_buf_string(&ledger->line, ",\"selection\":");
        rf_canon_string(&ledger->line, ledger->selection, strlen(ledger->selection));
    }
    rf_buf_string(&ledger->line, ",\"source\":");
    rf_canon_string(&ledger->line, ledger->source, strlen(ledger->source));
    rf_buf_string(&ledger->line, "}\n");
    return true;
}

static rf_code
fail_journal(struct rf_err *reterr)
{
    return rf_fail_errno(reterr, RF_ERR_OUTPUT, RF_PARTIALS_NAME, "cannot write the journal");
}

rf_code
rf_ledger_begin(struct rf_ledger *ledger, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    RF_VERIFY(pthread_mutex_lock(&ledger->lock) == 0);
    if (!ledger->dry && ledger->journal < 0 &&
        !(begin_journal(ledger) &&
          rf_fd_write(ledger->journal, ledger->line.bytes, ledger->line.used))) {
        code = fail_journal(reterr);
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    return code;
}

rf_code
rf_ledger_add(struct rf_ledger *ledger, struct rf_fetched_entry entry, struct rf_err *reterr)
{
    RF_VERIFY(pthread_mutex_lock(&ledger->lock) == 0);
    rf_buf_clear(&ledger->line);
    bool good = ledger->dry || ledger->journal >= 0 || begin_journal(ledger);
    rf_fetched_entry_write(&entry, &ledger->line);
    good = good &&
           (ledger->dry || rf_fd_write(ledger->journal, ledger->line.bytes, ledger->line.used));
    rf_code code = good ? RF_OK : fail_journal(reterr);
    if (good) {
        rf_fetched_add(&ledger->fresh, entry);
    }
    (void)pthread_mutex_unlock(&ledger->lock);
    if (!good) {
        rf_fetched_entry_done(&entry);
    }
    return code;
}

void
rf_ledger_forget(struct rf_ledger *ledger, const struct rf_fetched_entry *entry)
{
    RF_VERIFY(pthread_mutex_lock(&ledger->lock) == 0);
    ledger->forgotten[entry - ledger->before.entries] = true;
    ledger->settled = false;
    (void)pthread_mutex_unlock(&ledger->lock);
}

/** Keys that are no UTF-8 cannot stand in a manifest as they are. */
static char *
told_key(const char *key)
{
    char *told = rf_strdup(key);
    size_t bytes = strlen(told);
    for (size_t at = rf_utf8_valid(told, bytes); at < bytes;
         at += rf_utf8_valid(told + at, bytes - at)) {
        told[at] = '?';
    }
    return told;
}

void
rf_ledger_miss(struct rf_ledger *ledger, const char *key)
{
    RF_GROW(ledger->missed, ledger->missed_room, ledger->missed_count + 1);
    ledger->missed[ledger->missed_count++] = told_key(key);
    ledger->settled = false;
}

void
rf_ledger_unmiss(struct rf_ledger *ledger, const struct rf_fetched_entry *entry)
{
    ledger->before.entries[entry - ledger->before.entries].missing = false;
    ledger->settled = false;
}

/* ---- the end --------------------------------------------------------------------------------- */

static void
mark_missed(const struct rf_ledger *ledger, struct rf_fetched *all)
{
    size_t sorted = all->count;
    for (size_t i = 0; i < ledger->missed_count; i++) {
        struct rf_fetched so_far = {.entries = all->entries, .count = sorted};
        struct rf_fetched_entry *entry = rf_fetched_find(&so_far, ledger->missed[i]);
        if (entry != NULL) {
            entry->missing = true;
        } else {
            rf_fetched_add(all, (struct rf_fetched_entry){.key = rf_strdup(ledger->missed[i]),
                                                          .missing = true});
        }
    }
    rf_fetched_sort(all);
}

/** Moves what stays into `fresh`. */
static void
join(struct rf_ledger *ledger)
{
    struct rf_fetched all = {.source = rf_strdup(ledger->source)};
    for (size_t i = 0; i < ledger->before.count; i++) {
        if (ledger->forgotten[i]) {
            rf_fetched_entry_done(&ledger->before.entries[i]);
        } else {
            rf_fetched_add(&all, ledger->before.entries[i]);
        }
    }
    for (size_t i = 0; i < ledger->fresh.count; i++) {
        rf_fetched_add(&all, ledger->fresh.entries[i]);
    }
    rf_fetched_sort(&all);
    mark_missed(ledger, &all);
    ledger->before.count = 0;
    ledger->fresh.count = 0;
    rf_fetched_done(&ledger->fresh);
    ledger->fresh = all;
}

static rf_code
write_manifest(struct rf_ledger *ledger, struct rf_err *reterr)
{
    /* What it tells must be on disk before it is: one flush for all files, not one for each. */
    if (!rf_place_flush(ledger->place)) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, RF_MANIFEST_NAME,
                             "what was fetched cannot be flushed to disk");
    }
    rf_place_drop_partial(ledger->place, RF_FETCH_FRESH_NAME);
    int fd = rf_place_open_partial(ledger->place, RF_FETCH_FRESH_NAME, O_WRONLY | O_CREAT | O_EXCL);
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, RF_MANIFEST_NAME, "cannot be written");
    }
    bool written = rf_fetched_write(&ledger->fresh, fd);
    RF_TRY(rf_files_end(fd, RF_MANIFEST_NAME, written, reterr));
    return rf_place_put_own(ledger->place, RF_MANIFEST_NAME, RF_FETCH_FRESH_NAME, reterr);
}

rf_code
rf_ledger_settle(struct rf_ledger *ledger, char ret_seal[RF_SHA256_HEX_BYTES],
                 struct rf_err *reterr)
{
    if (ledger->settled && ledger->fresh.count == 0) {
        memcpy(ret_seal, ledger->before.seal, RF_SHA256_HEX_BYTES);
        rf_place_drop_partial(ledger->place, RF_FETCH_JOURNAL_NAME); /* begun for nothing */
        return RF_OK;
    }
    join(ledger);
    rf_code code = write_manifest(ledger, reterr);
    if (code != RF_OK) {
        rf_place_drop_partial(ledger->place, RF_FETCH_FRESH_NAME);
        return code;
    }
    rf_place_drop_partial(ledger->place, RF_FETCH_JOURNAL_NAME);
    memcpy(ret_seal, ledger->fresh.seal, RF_SHA256_HEX_BYTES);
    return RF_OK;
}
