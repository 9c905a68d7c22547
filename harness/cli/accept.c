/* SPDX-License-Identifier: MIT */
/* Accepting a part of what changed. */
#include "cli/accept.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "cli/audit.h"
#include "cli/interrupt.h"
#include "cli/known.h"
#include "cli/review.h"
#include "cli/say.h"
#include "cli/terminal.h"
#include "fold/tee.h"
#include "golden/review.h"
#include "reports/text.h"

/* Clusters that are listed where a key fits none of them. */
#define CLUSTERS_LISTED 20

rf_code
rf_accept_check(const struct rf_settings *settings, struct rf_err *reterr)
{
    static const char others[] =
        "accept by --cluster KEY or --id ID instead; --dry-run lists the keys";
    if (!settings->review) {
        return RF_OK;
    }
    if (rf_in_ci()) {
        return rf_fail(reterr, RF_ERR_USAGE, "--review",
                       "CI is set, and there is no one to ask: %s", others);
    }
    if (!rf_terminal_is()) {
        return rf_fail(reterr, RF_ERR_USAGE, "--review",
                       "asks on a terminal, and standard input or error is none: %s", others);
    }
    for (size_t i = 0; i < settings->source_count; i++) {
        if (strcmp(settings->sources[i], "-") == 0) {
            return rf_fail(reterr, RF_ERR_USAGE, "--review",
                           "reads keys from standard input, which cannot be a source then: %s",
                           others);
        }
    }
    return RF_OK;
}

/* ---- by key ---------------------------------------------------------------------------------- */

/** Prints the clusters whose key has this front, as a report would. */
static void
list_clusters(const struct rf_replay *replay, const char *front)
{
    const struct rf_findings *findings = &replay->findings;
    const struct rf_text_look look = {.color = replay->settings->color_err,
                                      .value_width = RF_TEXT_VALUE_WIDTH};
    struct rf_buf text = {0};
    size_t shown = 0;
    size_t more = 0;
    for (size_t i = 0; i < findings->cluster_count; i++) {
        struct rf_cluster cluster = findings->clusters[i]; /* borrows all that it has */
        if (strncmp(cluster.key, front, strlen(front)) != 0) {
            continue;
        }
        if (shown == CLUSTERS_LISTED) {
            more++;
            continue;
        }
        shown++;
        if (rf_replay_veils(replay, &cluster)) {
            cluster.from = NULL;
            cluster.to = NULL;
        }
        rf_buf_format(&text, "%s  ", cluster.key);
        rf_text_part_headline(&look, &cluster, &text);
    }
    if (more > 0) {
        rf_buf_format(&text, "and %zu more; 'refold bless --dry-run -v' lists all\n", more);
    }
    rf_say_lines(&text);
    rf_buf_done(&text);
}

/** The one cluster with this key, or whose key has this front. */
static rf_code
find_cluster(const struct rf_replay *replay, const char *front, const struct rf_cluster **ret,
             struct rf_err *reterr)
{
    const struct rf_findings *findings = &replay->findings;
    size_t found = 0;
    for (size_t i = 0; i < findings->cluster_count; i++) {
        if (strncmp(findings->clusters[i].key, front, strlen(front)) == 0) {
            *ret = &findings->clusters[i];
            found++;
        }
    }
    if (found == 1) {
        return RF_OK;
    }
    if (findings->cluster_count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, "--cluster", "nothing differs: there is no cluster");
    }
    list_clusters(replay, found == 0 ? "" : front);
    return found == 0
               ? rf_fail(reterr, RF_ERR_USAGE, "--cluster",
                         "no cluster has the key '%s'; those that there are stand above", front)
               : rf_fail(reterr, RF_ERR_USAGE, "--cluster",
                         "'%s' is the front of %zu keys, which stand above", front, found);
}

static rf_code
accept_clusters(const struct rf_replay *replay, struct rf_review *review, struct rf_err *reterr)
{
    const struct rf_settings *settings = replay->settings;
    for (size_t i = 0; i < settings->cluster_count; i++) {
        const struct rf_cluster *cluster = NULL;
        bool any = false;
        RF_TRY(find_cluster(replay, settings->clusters[i], &cluster, reterr));
        for (size_t k = 0; k < review->group_count; k++) {
            struct rf_review_group *group = &review->groups[k];
            if (strcmp(group->cluster.key, cluster->key) == 0) {
                rf_review_decide(review, group, RF_ACCEPTED);
                free(group->reason);
                group->reason = settings->reason == NULL ? NULL : rf_strdup(settings->reason);
                any = true;
            }
        }
        if (!any) {
            return rf_fail(reterr, RF_ERR_USAGE, "--cluster",
                           "%s cannot be accepted: its instances are %s, and have no state",
                           cluster->key, rf_difference_name(cluster->kind));
        }
    }
    return RF_OK;
}

/* ---- the whole ------------------------------------------------------------------------------- */

/** One fold: what is compared is what is blessed. */
static rf_code
fold_both(struct rf_replay *replay, struct rf_blessing *blessing, struct rf_err *reterr)
{
    struct rf_compare_request request = rf_replay_compare_request(replay);
    request.require_golden = true; /* what is new is asked for too */
    request.keeps_members = true;
    request.unfit_first = !replay->settings->dry_run; /* the others leave the list in the end */
    struct rf_comparison *comparison = rf_comparison_new(&request);
    struct rf_tee tee = {rf_comparison_sink(comparison), rf_blessing_sink(blessing)};
    struct rf_fold_sink sink = rf_tee_sink(&tee);
    rf_code code = rf_replay_fold_compared(replay, comparison, &sink, reterr);
    if (code == RF_OK) {
        rf_comparison_finish(comparison, &replay->findings, &replay->damages);
    }
    rf_comparison_free(comparison);
    return code;
}

/** Someone may think for long: what lies in the folder must still be what was compared with. */
static rf_code
check_golden(const struct rf_replay *replay, struct rf_err *reterr)
{
    struct rf_goldens now;
    struct rf_damages ignored = {0};
    char before_hex[65];
    char now_hex[65];
    rf_code code = rf_goldens_open(replay->settings->golden, &now, &ignored, reterr);
    rf_damages_done(&ignored);
    RF_TRY(code);
    rf_goldens_digest(&replay->goldens, before_hex);
    rf_goldens_digest(&now, now_hex);
    rf_goldens_done(&now);
    if (strcmp(before_hex, now_hex) == 0) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_SOURCE, replay->settings->golden,
                   "the golden changed while it was looked at: nothing is written; once more");
}

static rf_code
choose_and_write(struct rf_replay *replay, struct rf_review *review,
                 struct rf_bless_request *request, struct rf_blessing *blessing,
                 struct rf_bless_summary *summary, struct rf_err *reterr)
{
    bool left = false;
    if (replay->settings->review) {
        RF_TRY(rf_review_walk(replay, review, blessing, &left, reterr));
    } else {
        RF_TRY(accept_clusters(replay, review, reterr));
    }
    if (left) { /* no line changes then, and no damage becomes known either */
        request->others = NULL;
        rf_replay_unaccept_damage(replay);
    }
    request->accepts = rf_review_accepts;
    request->review = rf_review_lines;
    request->accept_context = review;
    RF_TRY(check_golden(replay, reterr));
    RF_TRY(rf_blessing_write(blessing, summary, reterr));
    summary->declined =
        review->findings->members->count - review->unfit - rf_review_count(review, RF_ACCEPTED);
    return RF_OK;
}

rf_code
rf_accept_part(struct rf_replay *replay, struct rf_bless_request *request,
               struct rf_blessing **blessing, struct rf_buf *known,
               struct rf_bless_summary *summary, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    *blessing = rf_blessing_new(request);
    RF_TRY(fold_both(replay, *blessing, reterr));
    rf_replay_warn_unloaded(replay);
    replay->flags.nothing = replay->folded.counts.instances == 0;
    rf_replay_warn_idle_rules(replay);
    rf_replay_settle_known(replay);
    RF_TRY(rf_replay_accept_damage(replay, known, reterr));
    rf_known_with(replay, known, request);
    rf_replay_judge_damage(replay);
    bool sound = !replay->flags.damaged && !replay->flags.nothing && !replay->flags.untrusted;
    if (sound) { /* else nothing is asked nor written */
        struct rf_review *review = rf_review_new(&replay->findings, *blessing);
        code = choose_and_write(replay, review, request, *blessing, summary, reterr);
        replay->flags.changed = replay->flags.changed || (code == RF_OK && summary->unfit > 0);
        rf_review_free(review);
    }
    if (!replay->settings->dry_run) {
        rf_findings_keep_unfit(&replay->findings);
    }
    return code;
}
