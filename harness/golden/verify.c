/* SPDX-License-Identifier: MIT */
/* Whether the files of a golden folder are as they were blessed: the folder as a whole. */
#include "golden/certificate_file.h"
#include "golden/verify_internal.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/escape.h"
#include "base/files.h"
#include "base/json.h"
#include "base/lock.h"
#include "base/temporary.h"
#include "golden/digest_unnamed.h"
#include "golden/known_file.h"
#include "golden/pending.h"
#include "golden/review_file.h"

/* ---- defects --------------------------------------------------------------------------------- */

const char *
rf_defect_name(enum rf_defect_weight weight)
{
    static const char *const names[RF_DEFECT_COUNT_] = {
        [RF_DEFECT_NOTE] = "note",
        [RF_DEFECT_WARNING] = "warning",
        [RF_DEFECT_DAMAGE] = "damage",
        [RF_DEFECT_UNREAD] = "unread",
    };
    return names[weight];
}

const char *
rf_golden_form_name(enum rf_golden_form form)
{
    static const char *const names[] = {
        [RF_FORM_PLAIN] = "plain",
        [RF_FORM_GZIP] = "gzip",
        [RF_FORM_DIGEST] = "digest",
        [RF_FORM_UNKNOWN] = "unknown",
    };
    return names[form];
}

void
rf_defect_add(struct rf_verification *found, struct rf_defect defect)
{
    RF_GROW(found->defects, found->defect_room, found->defect_count + 1);
    found->defects[found->defect_count++] = defect;
    found->totals[defect.weight]++;
}

void
rf_defect_tell(struct rf_verification *found, enum rf_defect_weight weight, char *file,
               const char *message, char *repair)
{
    rf_defect_add(found, (struct rf_defect){
                             .weight = weight,
                             .file = file,
                             .message = rf_strdup(message),
                             .repair = repair,
                         });
}

/* ---- commands -------------------------------------------------------------------------------- */

static char *
command(const char *words, const char *path)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, words);
    rf_escape_shell(&text, path, strlen(path));
    char *made = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return made;
}

char *
rf_repair_restore(const char *path)
{
    return command("git restore -- ", path);
}

char *
rf_repair_remove(const char *path)
{
    return command("rm -- ", path);
}

char *
rf_repair_finish(const char *folder)
{
    return command("refold golden verify --repair ", folder);
}

char *
rf_repair_bless(void)
{
    return rf_strdup("refold bless");
}

/* ---- defects -------------------------------------------------------------------------------- */

void
rf_defects_of(struct rf_verification *found, const struct rf_damages *damages)
{
    for (size_t i = 0; i < damages->count; i++) {
        const struct rf_damage *damage = &damages->items[i];
        rf_defect_add(
            found, (struct rf_defect){
                       .weight = RF_DEFECT_DAMAGE,
                       .file = rf_strdup(damage->object),
                       .line = damage->has_offset ? damage->offset : 0,
                       .aggregate = damage->aggregate == NULL ? NULL : rf_strdup(damage->aggregate),
                       .id = damage->id == NULL ? NULL : rf_strndup(damage->id, damage->id_bytes),
                       .id_bytes = damage->id_bytes,
                       .message = rf_strdup(damage->message),
                       .repair = strcmp(damage->message, RF_META_UNMERGED) == 0
                                     ? command("git checkout --ours -- ", damage->object)
                                     : rf_repair_restore(damage->object),
                   });
    }
}

static int
compare_defects(const void *left, const void *right)
{
    const struct rf_defect *a = left;
    const struct rf_defect *b = right;
    int order = strcmp(a->file, b->file);
    if (order == 0 && a->line != b->line) {
        order = a->line < b->line ? -1 : 1;
    }
    return order != 0 ? order : strcmp(a->message, b->message);
}

void
rf_verification_done(struct rf_verification *found)
{
    for (size_t i = 0; i < found->defect_count; i++) {
        struct rf_defect *defect = &found->defects[i];
        free(defect->file);
        free(defect->aggregate);
        free(defect->id);
        free(defect->message);
        free(defect->repair);
    }
    for (size_t i = 0; i < found->golden_count; i++) {
        free(found->goldens[i].aggregate);
    }
    free(found->defects);
    free(found->goldens);
    memset(found, 0, sizeof(*found));
}

/* ---- what lies beside the goldens ------------------------------------------------------------ */

static bool
is_listed(const struct rf_verifier *verifier, const char *aggregate, size_t bytes)
{
    for (size_t i = 0; i < verifier->list.count; i++) {
        const char *name = verifier->list.items[i].aggregate;
        if (rf_bytes_same(name, strlen(name), aggregate, bytes)) {
            return true;
        }
    }
    return false;
}

static bool
ends_with(const char *name, const char *ending)
{
    size_t bytes = strlen(name);
    size_t count = strlen(ending);
    return bytes > count && strcmp(name + bytes - count, ending) == 0;
}

static bool
is_object(const char *text, size_t bytes)
{
    struct rf_json doc = {0};
    struct rf_err ignored;
    bool is = rf_json_read_whole(&doc, text, bytes, &ignored) == RF_OK &&
              doc.nodes[0].kind == RF_JSON_OBJECT;
    rf_json_done(&doc);
    return is;
}

/** The number of the first line that is no JSON object; 0: they all are. */
static uint64_t
find_bad_line(const struct rf_buf *text)
{
    const char *at = text->used == 0 ? "" : text->bytes;
    const char *end = at + text->used;
    for (uint64_t number = 1; at < end; number++) {
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        const char *stop = feed == NULL ? end : feed;
        if (!is_object(at, (size_t)(stop - at))) {
            return number;
        }
        at = stop + 1;
    }
    return 0;
}

/** The file that belongs to all goldens: as whoever goes by it reads it. */
static void
check_known(struct rf_verifier *verifier, const char *path)
{
    struct rf_known_damage *known;
    struct rf_err err;
    rf_code code = rf_known_read(verifier->request->folder, "", false, &known, &err);
    if (code == RF_ERR_CORRUPT) {
        const char *line = strrchr(err.where, ':');
        rf_defect_add(verifier->found, (struct rf_defect){
                                           .weight = RF_DEFECT_DAMAGE,
                                           .file = rf_strdup(path),
                                           .line = line == NULL ? 0 : strtoull(line + 1, NULL, 10),
                                           .message = rf_strdup(err.text),
                                           .repair = rf_repair_restore(path),
                                       });
    } else if (code != RF_OK) {
        rf_defect_tell(verifier->found, RF_DEFECT_UNREAD, rf_strdup(path), err.text, NULL);
    }
    rf_known_free(known);
}

/** No state depends on it: it only tells what became of the history. */
static void
check_certificate(struct rf_verifier *verifier, const char *path)
{
    struct rf_certificate certificate;
    struct rf_err err;
    bool there;
    rf_code code = rf_certificate_beside(verifier->request->folder, &certificate, &there, &err);
    if (code == RF_OK) {
        rf_certificate_done(&certificate);
    } else {
        rf_defect_tell(verifier->found, code == RF_ERR_USAGE ? RF_DEFECT_WARNING : RF_DEFECT_UNREAD,
                       rf_strdup(path), err.text, rf_repair_restore(path));
    }
}

/** A log for people, line by line. */
static void
check_log(struct rf_verifier *verifier, const char *path)
{
    struct rf_buf text = {0};
    struct rf_err err;
    if (rf_file_read(path, &text, &err) != RF_OK) {
        rf_defect_tell(verifier->found, RF_DEFECT_UNREAD, rf_strdup(path), err.text, NULL);
        rf_buf_done(&text);
        return;
    }
    uint64_t bad = find_bad_line(&text);
    if (bad > 0) {
        rf_defect_add(verifier->found,
                      (struct rf_defect){
                          .weight = RF_DEFECT_WARNING,
                          .file = rf_strdup(path),
                          .line = bad,
                          .message = rf_strdup("the line is no JSON object: finish the merge, or "
                                               "restore the file from git"),
                          .repair = rf_repair_restore(path),
                      });
    }
    rf_buf_done(&text);
}

/** A file kept beside a golden that is not there. */
static void
check_owner(struct rf_verifier *verifier, const char *path, const char *name, const char *ending)
{
    if (!is_listed(verifier, name, strlen(name) - strlen(ending))) {
        rf_defect_tell(verifier->found, RF_DEFECT_WARNING, rf_strdup(path),
                       "there is no golden that it belongs to", rf_repair_remove(path));
    }
}

static bool
waits(const struct rf_verifier *verifier, const char *name)
{
    for (size_t i = 0; i < verifier->journal.count; i++) {
        const struct rf_journal_row *row = &verifier->journal.rows[i];
        if (row->waits && strcmp(row->temporary, name) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_name(struct rf_verifier *verifier, int at, const char *name)
{
    static const char reviews[] = ".reviews.jsonl";
    const char *folder = verifier->request->folder;
    struct stat facts;
    char *path = rf_format("%s/%s", folder, name);
    if (rf_golden_temporary_is(name) && (verifier->busy || waits(verifier, name))) {
        free(path); /* whose they are is at work; or they are the golden's files at the moment */
        return;
    }
    if (rf_golden_temporary_is(name)) {
        rf_defect_tell(verifier->found, RF_DEFECT_NOTE, path,
                       "a temporary of a refold that was killed; the next bless removes it",
                       rf_repair_finish(folder));
        return;
    }
    if (ends_with(name, reviews)) {
        check_owner(verifier, path, name, reviews);
        check_log(verifier, path);
    } else if (ends_with(name, RF_PENDING_ENDING)) {
        check_owner(verifier, path, name, RF_PENDING_ENDING);
    } else if (strcmp(name, RF_KNOWN_DAMAGE_NAME) == 0) {
        check_known(verifier, path);
    } else if (strcmp(name, RF_CERTIFICATE_NAME) == 0) {
        check_certificate(verifier, path);
    } else if (name[0] != '.' && !rf_golden_file_is(name) && fstatat(at, name, &facts, 0) == 0) {
        rf_defect_tell(verifier->found, RF_DEFECT_NOTE, rf_strdup(path),
                       "belongs to no golden; refold passes over it", NULL);
    }
    free(path);
}

static rf_code
check_names(struct rf_verifier *verifier, struct rf_err *reterr)
{
    const char *folder = verifier->request->folder;
    DIR *open_folder = opendir(folder);
    if (open_folder == NULL) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, folder, "cannot list the golden folder");
    }
    for (const struct dirent *entry; (entry = readdir(open_folder)) != NULL;) {
        check_name(verifier, dirfd(open_folder), entry->d_name);
    }
    (void)closedir(open_folder);
    return RF_OK;
}

/** Which sets of files belong together. */
static rf_code
check_journal(struct rf_verifier *verifier, struct rf_err *reterr)
{
    const char *folder = verifier->request->folder;
    char *path = rf_journal_path(folder);
    struct rf_err err;
    rf_code code = rf_journal_read(folder, &verifier->journal, &err);
    if (code == RF_ERR_CORRUPT) {
        char *message = strcmp(err.where, path) == 0 ? rf_strdup(err.text)
                                                     : rf_format("%s %s", err.where, err.text);
        rf_defect_tell(verifier->found, RF_DEFECT_DAMAGE, rf_strdup(path), message,
                       rf_repair_remove(path));
        free(message);
        code = RF_OK;
    } else if (code != RF_OK) {
        *reterr = err;
    } else if (verifier->busy) {
        rf_defect_tell(verifier->found, RF_DEFECT_NOTE, rf_strdup(folder),
                       "another refold is changing this folder at the moment", NULL);
    } else if (verifier->journal.waiting > 0) {
        char *message =
            rf_format("a bless was cut off here, with %zu of its %zu files not in their "
                      "place; refold reads them where they are, git does not",
                      verifier->journal.waiting, verifier->journal.count);
        rf_defect_tell(verifier->found, RF_DEFECT_DAMAGE, rf_strdup(path), message,
                       rf_repair_finish(folder));
        free(message);
    } else if (verifier->journal.there) {
        rf_defect_tell(verifier->found, RF_DEFECT_NOTE, rf_strdup(path),
                       "a bless was cut off here when all was done; the next one removes it",
                       rf_repair_finish(folder));
    }
    free(path);
    return code;
}

/** Lines that no manifest names: of older blesses, or of other branches. */
static void
check_unnamed(struct rf_verifier *verifier)
{
    struct rf_unnamed unnamed = {0};
    struct rf_err ignored;
    rf_code code =
        rf_unnamed_find(verifier->request->folder, verifier->request->lines, &unnamed, &ignored);
    if (code == RF_OK && unnamed.count > 0) {
        char *message = rf_format("%zu file%s with lines that no manifest here names (%llu bytes): "
                                  "of older blesses, or of other branches",
                                  unnamed.count, unnamed.count == 1 ? "" : "s",
                                  (unsigned long long)unnamed.bytes);
        rf_defect_tell(verifier->found, RF_DEFECT_NOTE, rf_strdup(verifier->request->lines),
                       message, rf_strdup("refold golden prune --old-lines"));
        free(message);
    }
    rf_unnamed_done(&unnamed);
}

/** So often a folder is looked at anew that changes meanwhile. */
#define LOOKS 5

/* ---- the whole ------------------------------------------------------------------------------- */

static rf_code
look(struct rf_verifier *verifier, struct rf_err *reterr)
{
    struct rf_verification *found = verifier->found;
    RF_TRY(check_journal(verifier, reterr));
    RF_TRY(rf_golden_files_list(verifier->request->folder, &verifier->journal, &verifier->list,
                                reterr));
    if (verifier->list.count == 0) {
        return RF_OK; /* whoever asks is told that there is nothing */
    }
    found->goldens = rf_calloc(verifier->list.count, sizeof(*found->goldens));
    for (size_t i = 0; i < verifier->list.count; i++) {
        rf_verify_golden(verifier, i);
    }
    RF_TRY(check_names(verifier, reterr));
    check_unnamed(verifier);
    return RF_OK;
}

/** One look at the folder; *ret_same: nothing was replaced meanwhile. */
static rf_code
look_once(struct rf_verifier *verifier, bool *ret_same, struct rf_err *reterr)
{
    const char *folder = verifier->request->folder;
    struct rf_buf before = {0};
    struct rf_buf after = {0};
    struct rf_err ignored;
    rf_code code = rf_golden_glance(folder, &before, reterr);
    if (code == RF_OK) {
        code = look(verifier, reterr);
    }
    *ret_same = rf_golden_glance(folder, &after, &ignored) == RF_OK &&
                rf_bytes_same(before.bytes, before.used, after.bytes, after.used);
    rf_golden_files_done(&verifier->list);
    verifier->list = (struct rf_golden_files){0};
    rf_journal_done(&verifier->journal);
    rf_buf_done(&before);
    rf_buf_done(&after);
    return code;
}

rf_code
rf_verify(const struct rf_verify_request *request, struct rf_verification *ret,
          struct rf_err *reterr)
{
    struct rf_verifier verifier = {.request = request, .found = ret};
    rf_code code = RF_OK;
    bool same = false;
    memset(ret, 0, sizeof(*ret));
    verifier.busy = rf_folder_is_locked(request->folder);
    for (int i = 0; i < LOOKS && !same; i++) {
        rf_verification_done(ret);
        code = look_once(&verifier, &same, reterr);
    }
    if (!same && code == RF_OK) {
        code =
            rf_fail(reterr, RF_ERR_SOURCE, request->folder,
                    "the golden changes while it is looked at: once more when nobody blesses it");
    }
    if (ret->defect_count > 1) {
        qsort(ret->defects, ret->defect_count, sizeof(*ret->defects), compare_defects);
    }
    return code;
}
