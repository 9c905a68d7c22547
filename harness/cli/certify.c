/* SPDX-License-Identifier: MIT */
/* What a golden was blessed of: certificate.json beside it, and what became of these objects. */
#include "cli/certify.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "golden/certificate_file.h"

struct rf_certify {
    struct rf_certificate former; /**< as it lies there, if it is right */
    bool has_former;
    struct rf_buf text; /**< of the new one, which a bless writes */
    char *path;
    /* Other files that change together with the goldens. */
    rf_code (*others)(const void *context, struct rf_files *files, struct rf_err *reterr);
    const void *others_context;
};

void
rf_certify_free(struct rf_certify *certify)
{
    if (certify != NULL) {
        rf_certificate_done(&certify->former);
        rf_buf_done(&certify->text);
        free(certify->path);
        free(certify);
    }
}

/** Whether all of a history is read and kept: only that can be held against a certificate. */
static bool
takes_all(const struct rf_settings *settings)
{
    return settings->ids == NULL && settings->until == NULL && settings->as_of_text == NULL &&
           settings->from == NULL && settings->shard.n == 0;
}

static bool
blesses_a_part(const struct rf_settings *settings)
{
    return !takes_all(settings) || settings->review || settings->cluster_count > 0;
}

static rf_code
check_whole(const struct rf_settings *settings, bool asked, struct rf_err *reterr)
{
    if (asked && blesses_a_part(settings)) {
        return rf_fail(reterr, RF_ERR_USAGE, "--certify",
                       "certifies what all of the golden is made of: bless everything, without "
                       "--id, --until, --as-of, --from, --review and --cluster");
    }
    return RF_OK;
}

rf_code
rf_certify_open(struct rf_replay *replay, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    bool blesses = settings->verb == RF_VERB_BLESS;
    bool asked = blesses && rf_flag(settings->arguments, RF_OPT_CERTIFY);
    bool wanted =
        blesses ? !blesses_a_part(settings) : takes_all(settings) && !settings->no_compare;
    struct rf_certificate former;
    struct rf_err err;
    bool there;
    RF_TRY(check_whole(settings, asked, reterr));
    if (!wanted) {
        return RF_OK;
    }
    rf_code code = rf_certificate_beside(settings->golden, &former, &there, &err);
    if (code != RF_OK && !blesses) {
        rf_replay_warn(replay, "%s: %s; what became of the history since is not told", err.where,
                       err.text);
    }
    if (code == RF_OK ? !there && !asked : !blesses) {
        return RF_OK;
    }
    replay->certify = rf_calloc(1, sizeof(*replay->certify));
    replay->certify->former = former;
    replay->certify->has_former = code == RF_OK && there;
    replay->certify->path = rf_format("%s/" RF_CERTIFICATE_NAME, settings->golden);
    replay->keeps_facts = true;
    return RF_OK;
}

/* ---- a run ----------------------------------------------------------------------------------- */

static uint64_t
count_data(const struct rf_findings *findings)
{
    uint64_t count = 0;
    for (size_t i = 0; i < findings->cluster_count; i++) {
        count += findings->clusters[i].data_count;
    }
    return count;
}

static void
put_part(struct rf_buf *text, uint64_t count, const char *what, const char *first)
{
    if (count > 0) {
        rf_buf_format(text, "%s%" PRIu64 " object%s %s %s (", text->used == 0 ? "" : ", ", count,
                      count == 1 ? "" : "s", count == 1 ? "was" : "were", what);
        rf_buf_string(text, count == 1 ? "" : "the first is ");
        rf_buf_string(text, first);
        rf_buf_byte(text, ')');
    }
}

/** New objects are how histories go on: they are a cause only where events are others. */
void
rf_certify_tell(struct rf_replay *replay)
{
    struct rf_certificate now;
    struct rf_buf text = {0};
    bool differs = replay->flags.changed || replay->flags.damaged;
    if (!differs || replay->certify == NULL || !replay->certify->has_former ||
        replay->history == NULL) {
        return;
    }
    rf_certificate_make(&replay->objects, replay->facts, &now);
    struct rf_certificate_change change = rf_certificate_compare(&replay->certify->former, &now);
    bool told = change.changed + change.gone > 0 || count_data(&replay->findings) > 0;
    put_part(&text, change.changed, "changed", change.first_changed);
    put_part(&text, change.gone, "removed", change.first_gone);
    put_part(&text, change.added, "added", change.first_added);
    if (told && text.used > 0) {
        rf_replay_warn(replay, "the history is not the one that was blessed: %s",
                       rf_buf_text(&text));
    }
    rf_buf_done(&text);
    rf_certificate_done(&now);
}

/* ---- a bless --------------------------------------------------------------------------------- */

static rf_code
add_files(const void *context, struct rf_files *files, struct rf_err *reterr)
{
    const struct rf_certify *certify = context;
    struct rf_buf old = {0};
    if (certify->others != NULL) {
        RF_TRY(certify->others(certify->others_context, files, reterr));
    }
    if (rf_file_read(certify->path, &old, NULL) != RF_OK) {
        rf_buf_clear(&old); /* not there, or not to be read: it is written anew */
    }
    bool same = rf_bytes_same(old.bytes, old.used, certify->text.bytes, certify->text.used);
    rf_buf_done(&old);
    return same ? RF_OK
                : rf_files_add(files, certify->path, certify->text.bytes, certify->text.used,
                               reterr);
}

void
rf_certify_with(struct rf_replay *replay, struct rf_bless_request *request)
{
    struct rf_certify *certify = replay->certify;
    struct rf_certificate now;
    if (certify == NULL || request->dry_run) {
        return;
    }
    rf_certificate_make(&replay->objects, replay->facts, &now);
    rf_certificate_write(&now, &certify->text);
    rf_certificate_done(&now);
    certify->others = request->others;
    certify->others_context = request->others_context;
    request->others = add_files;
    request->others_context = certify;
}
