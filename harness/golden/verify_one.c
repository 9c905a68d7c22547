/* SPDX-License-Identifier: MIT */
/* Whether one golden is as it was blessed: its lines, its meta file, what is kept beside them. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/files.h"
#include "base/time.h"
#include "golden/bless_internal.h"
#include "golden/load.h"
#include "golden/meta.h"
#include "golden/notes.h"
#include "golden/pending.h"
#include "golden/verify_internal.h"

static char *
meta_path(const struct rf_verifier *verifier, const struct rf_golden *golden)
{
    return rf_format("%s/%s.meta.json", verifier->request->folder, golden->aggregate);
}

/** The meta file tells of other lines than those that are there, whose digest is right: it was
 * changed. Returns whether it is right. */
static bool
check_counts(struct rf_verifier *verifier, const struct rf_golden *golden)
{
    struct rf_multiset history = {0};
    uint64_t rejected = 0;
    char hex[RF_META_HISTORY_BYTES];
    const char *wrong = NULL;
    for (size_t i = 0; i < golden->count; i++) {
        const struct rf_golden_line *line = &golden->lines[i];
        rejected += line->refusal != NULL ? 1 : 0;
        rf_notes_multiset(&history, golden->aggregate, line->id, line->id_bytes, 0, line->digest);
    }
    (void)snprintf(hex, sizeof(hex), "%016" PRIx64 "%016" PRIx64, history.sum, history.mixed);
    wrong = golden->meta->lines != golden->count      ? "lines"
            : golden->meta->rejected != rejected      ? "rejected"
            : strcmp(golden->meta->history, hex) != 0 ? "history"
                                                      : NULL;
    if (wrong != NULL) {
        char *path = meta_path(verifier, golden);
        char *message = rf_format("its \"%s\" is not that of the golden: it was changed: restore "
                                  "it from git, or bless again",
                                  wrong);
        char *repair = rf_repair_restore(path);
        rf_defect_tell(verifier->found, RF_DEFECT_DAMAGE, path, message, repair);
        free(message);
    }
    return wrong == NULL;
}

/** What the file says of itself: its hour, its selection, its state version. */
static void
check_own_seal(struct rf_verifier *verifier, const struct rf_golden *golden)
{
    char *path = meta_path(verifier, golden);
    if (golden->meta->seal == RF_META_EDITED) {
        rf_defect_tell(verifier->found, RF_DEFECT_WARNING, rf_strdup(path),
                       "was edited by hand: its seal is not that of what it says; take the edit "
                       "back, or bless again",
                       rf_repair_restore(path));
    } else if (golden->meta->seal == RF_META_UNSEALED) {
        rf_defect_tell(verifier->found, RF_DEFECT_WARNING, rf_strdup(path),
                       "has no seal: an older refold wrote it, and nothing tells whether its hour "
                       "is the one that was closed; bless again",
                       rf_repair_bless());
    }
    free(path);
}

/** Blanks, line ends, the order of members: nothing that is read is wrong. */
static void
check_meta_form(struct rf_verifier *verifier, const struct rf_golden *golden)
{
    struct rf_buf text = {0};
    struct rf_buf written = {0};
    struct rf_err ignored;
    char *path = meta_path(verifier, golden);
    char *place =
        rf_journal_place(&verifier->journal, verifier->request->folder, strrchr(path, '/') + 1);
    rf_meta_write(golden->meta, &written);
    if (rf_file_read(place, &text, &ignored) == RF_OK &&
        !rf_bytes_same(text.bytes, text.used, written.bytes, written.used)) {
        rf_defect_tell(verifier->found, RF_DEFECT_WARNING, rf_strdup(path),
                       "is not as a bless writes it: it was edited by hand, or its line ends were "
                       "changed, or another refold wrote it",
                       rf_repair_restore(path));
    }
    rf_buf_done(&text);
    rf_buf_done(&written);
    free(place);
    free(path);
}

/** Whoever seals anew what he has edited is told of this at least. */
static bool
is_hour(const char *text)
{
    struct rf_time at;
    char again[RF_TIME_TEXT_BYTES];
    if (!rf_time_parse(text, strlen(text), &at) || at.nanos != 0 || at.seconds % 3600 != 0) {
        return false;
    }
    return rf_bytes_same(again, rf_time_print(at, again), text, strlen(text));
}

static void
check_hour(struct rf_verifier *verifier, const struct rf_golden *golden)
{
    if (golden->meta->closed != NULL && !is_hour(golden->meta->closed)) {
        char *path = meta_path(verifier, golden);
        char *repair = rf_repair_restore(path);
        rf_defect_tell(verifier->found, RF_DEFECT_DAMAGE, path,
                       "its \"closed\" is no hour that a bless writes: it was changed: restore it "
                       "from git, or bless again",
                       repair);
    }
}

static void
check_pending(struct rf_verifier *verifier, const struct rf_golden *golden)
{
    struct rf_buf text = {0};
    struct rf_err err;
    rf_code code = rf_pending_read(verifier->request->folder, golden, &text, &err);
    if (code != RF_OK) {
        rf_defect_tell(verifier->found, RF_DEFECT_DAMAGE, rf_strdup(err.where), err.text,
                       rf_repair_restore(err.where));
    }
    rf_buf_done(&text);
}

static void
check_seal(struct rf_verifier *verifier, const struct rf_golden *golden)
{
    struct rf_verification *found = verifier->found;
    bool counts_fit = true;
    if (!golden->sealed) {
        rf_defect_tell(found, RF_DEFECT_WARNING, rf_strdup(golden->path),
                       "has no meta file: nothing tells whether it is what was blessed",
                       rf_repair_bless());
    } else if (golden->edited) {
        rf_defect_tell(found, RF_DEFECT_WARNING, rf_strdup(golden->path),
                       "was edited by hand, or merged: its digest is not the one in its meta file; "
                       "take it back, or bless again",
                       rf_repair_restore(golden->path));
    } else if (golden->meta != NULL) {
        counts_fit = check_counts(verifier, golden);
    }
    if (golden->meta != NULL && golden->meta->seal == RF_META_SEALED) {
        check_meta_form(verifier, golden);
    } else if (golden->meta != NULL && counts_fit) {
        check_own_seal(verifier, golden);
    }
    if (golden->meta != NULL) {
        check_hour(verifier, golden);
    }
    check_pending(verifier, golden);
}

static enum rf_defect_weight
worst_since(const struct rf_verification *found, size_t before)
{
    enum rf_defect_weight worst = RF_DEFECT_NOTE;
    for (size_t i = before; i < found->defect_count; i++) {
        worst = found->defects[i].weight > worst ? found->defects[i].weight : worst;
    }
    return worst;
}

static void
look_at(struct rf_verifier *verifier, const struct rf_golden_file *file,
        struct rf_verified *verified)
{
    struct rf_verification *found = verifier->found;
    struct rf_golden golden = {0};
    struct rf_damages damages = {0};
    struct rf_err err;
    rf_code code = rf_golden_load(verifier->request->folder, &verifier->journal, file, &golden,
                                  &damages, &err);
    if (code != RF_OK) {
        rf_defect_tell(found, RF_DEFECT_UNREAD, rf_strdup(err.where), err.text, NULL);
    } else {
        verified->lines = rf_golden_line_count(&golden);
        verified->sealed = golden.sealed;
        rf_damages_sort(&damages);
        rf_defects_of(found, &damages);
    }
    if (code == RF_OK && golden.manifest != NULL) {
        rf_verify_lines(verifier, &golden, verified);
    } else if (code == RF_OK && !golden.is_digest && !golden.damaged) {
        check_seal(verifier, &golden);
    }
    rf_damages_done(&damages);
    rf_golden_unload(&golden);
}

void
rf_verify_golden(struct rf_verifier *verifier, size_t index)
{
    struct rf_verification *found = verifier->found;
    const struct rf_golden_file *file = &verifier->list.items[index];
    struct rf_verified *verified = &found->goldens[found->golden_count++];
    size_t before = found->defect_count;
    struct rf_err err;
    *verified = (struct rf_verified){
        .aggregate = rf_strdup(file->aggregate),
        .form = file->digest ? RF_FORM_DIGEST
                : file->gzip ? RF_FORM_GZIP
                             : RF_FORM_PLAIN,
    };
    if (rf_golden_file_check(verifier->request->folder, file, &err) != RF_OK) {
        verified->form = RF_FORM_UNKNOWN;
        rf_defect_tell(found, RF_DEFECT_DAMAGE, rf_strdup(err.where), err.text, NULL);
    } else {
        if (rf_golden_check_name(file->aggregate, &err) != RF_OK) {
            rf_defect_tell(found, RF_DEFECT_WARNING,
                           rf_format("%s/%s", verifier->request->folder, file->aggregate), err.text,
                           NULL);
        }
        look_at(verifier, file, verified);
    }
    verified->worst = worst_since(found, before);
}
