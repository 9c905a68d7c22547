/* SPDX-License-Identifier: MIT */
/* What changed, in words: clusters of alike differences. */
#include "reports/text_internal.h"

#include <string.h>

#include "golden/paths.h"

#define SAMPLES_SHOWN 3
#define PATHS_SHOWN   3

/* /status "paid" -> "approved"; without a shared value on one side, that side is left out */
static void
put_paths(const struct rf_page *page, const struct rf_cluster *cluster)
{
    size_t shown = cluster->path_count > PATHS_SHOWN + 1 ? PATHS_SHOWN : cluster->path_count;
    for (size_t i = 0; i < shown; i++) {
        bool last = i + 1 == cluster->path_count;
        rf_buf_string(page->out, i == 0 ? ": " : last ? " and " : ", ");
        rf_paint_path(page, cluster->paths[i]);
    }
    if (shown < cluster->path_count) {
        rf_buf_string(page->out, " and ");
        rf_paint_counted(page, rf_paths_told(cluster->paths, cluster->path_count) - shown,
                         "more path", "more paths");
    }
    if (cluster->from != NULL) {
        rf_buf_string(page->out, cluster->to != NULL ? " " : " was ");
        rf_paint_value(page, cluster->from, 0);
    }
    if (cluster->to != NULL) {
        rf_buf_string(page->out, cluster->from != NULL ? " -> " : " is now ");
        rf_paint_value(page, cluster->to, 0);
    }
}

/* Two builds over one history part somewhere; a golden tells only who wrote last. */
static const char *
changed_by(const struct rf_page *page)
{
    return strcmp(page->report->verb, "compare") == 0 ? ", the builds part at "
                                                      : ", last written by ";
}

/* What stands behind "4,120 orders changed". */
static void
put_cluster_detail(const struct rf_page *page, const struct rf_cluster *cluster)
{
    if (cluster->kind == RF_DIFFERENCE_MISSING) {
        rf_buf_string(page->out, ": in the golden, not in the history");
    } else if (cluster->kind == RF_DIFFERENCE_UNBLESSED) {
        rf_buf_string(page->out, ": in the history, not in the golden");
    } else {
        put_paths(page, cluster);
    }
    if (cluster->event != NULL) {
        rf_buf_string(page->out, cluster->kind == RF_DIFFERENCE_CHANGED ? changed_by(page)
                                 : cluster->path_count > 0              ? ", at "
                                                                        : " at ");
        rf_paint_name(page, cluster->event, cluster->event_bytes);
    }
}

void
rf_text_cluster(const struct rf_page *page, const struct rf_cluster *cluster)
{
    rf_paint_color(page, RF_RED);
    rf_paint_instances(page, cluster->count, cluster->aggregate);
    rf_buf_byte(page->out, ' ');
    rf_buf_string(page->out, rf_difference_name(cluster->kind));
    rf_paint_color(page, RF_PLAIN);
    put_cluster_detail(page, cluster);
}

void
rf_text_cluster_data(const struct rf_page *page, const struct rf_cluster *cluster)
{
    if (cluster->data_count == 0) {
        return;
    }
    rf_buf_string(page->out, page->indent);
    if (cluster->data_count < cluster->count) {
        rf_paint_number(page, cluster->data_count);
        rf_buf_string(page->out, " of them: ");
    }
    rf_buf_string(page->out, "the events are not those that were blessed (data, not code)\n");
}

void
rf_text_cluster_samples(const struct rf_page *page, const struct rf_cluster *cluster)
{
    size_t shown = page->verbose || cluster->sample_count < SAMPLES_SHOWN ? cluster->sample_count
                                                                          : SAMPLES_SHOWN;
    if (cluster->sample_count == 0) {
        return;
    }
    rf_buf_string(page->out, page->indent);
    rf_paint_color(page, RF_DIM);
    rf_buf_string(page->out, "for example ");
    for (size_t i = 0; i < shown; i++) {
        rf_buf_string(page->out, i == 0 ? "" : ", ");
        rf_paint_name(page, cluster->samples[i], cluster->sample_bytes[i]);
    }
    rf_paint_color(page, RF_PLAIN);
    rf_buf_byte(page->out, '\n');
}

void
rf_text_cluster_key(const struct rf_page *page, const struct rf_cluster *cluster)
{
    if (page->verbose || page->report->dry_run) {
        rf_buf_format(page->out, "%scluster %s\n", page->indent, cluster->key);
    }
}

size_t
rf_text_clusters_shown(const struct rf_page *page)
{
    size_t count = page->findings->cluster_count;
    return page->verbose || count < RF_CLUSTERS_SHOWN ? count : RF_CLUSTERS_SHOWN;
}

void
rf_text_more_clusters(const struct rf_page *page, size_t shown)
{
    const struct rf_findings *findings = page->findings;
    uint64_t rest = 0;
    for (size_t i = shown; i < findings->cluster_count; i++) {
        rest += findings->clusters[i].count;
    }
    rf_paint_counted(page, findings->cluster_count - shown, "more cluster", "more clusters");
    rf_buf_string(page->out, " (");
    rf_paint_counted(page, rest, "instance", "instances");
    rf_buf_byte(page->out, ')');
}

void
rf_text_clusters(const struct rf_page *page)
{
    const struct rf_findings *findings = page->findings;
    size_t shown = rf_text_clusters_shown(page);
    if (findings->cluster_count == 0) {
        return;
    }
    rf_paint_section(page);
    for (size_t i = 0; i < shown; i++) {
        rf_text_cluster(page, &findings->clusters[i]);
        rf_buf_byte(page->out, '\n');
        rf_text_cluster_data(page, &findings->clusters[i]);
        rf_text_cluster_samples(page, &findings->clusters[i]);
        rf_text_cluster_key(page, &findings->clusters[i]);
    }
    if (shown < findings->cluster_count) {
        rf_buf_string(page->out, "and ");
        rf_text_more_clusters(page, shown);
        rf_buf_string(page->out, page->hints ? "; -v shows all\n" : "\n");
    }
}
