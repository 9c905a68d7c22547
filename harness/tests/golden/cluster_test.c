/* SPDX-License-Identifier: MIT */
/* Clusters are the same whichever thread met what. */
#include "golden/cluster.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

#include "base/buf.h"

#define DIFFERENCES 12
#define THREADS     3

static void
meet(struct rf_clusters *clusters, size_t i)
{
    char id[8];
    char old[] = "1";
    char value[] = "2";
    char path[] = "/n";
    char other_path[] = "/m";
    char *texts[] = {i % 4 == 3 ? other_path : path};
    struct rf_paths patterns = {.texts = texts, .count = 1, .distinct = 1};
    struct rf_change change = {.old = old, .value = value};
    struct rf_difference difference = {
        .aggregate = (char *)"order",
        .id = id,
        .id_bytes = (size_t)snprintf(id, sizeof(id), "i%02zu", i),
        .kind = RF_DIFFERENCE_CHANGED,
        .cause = i % 3 == 0 ? RF_CAUSE_DATA : RF_CAUSE_CODE,
        .changes = {.items = &change, .count = 1},
        .changes_total = 1,
    };
    value[0] = i == 7 ? '3' : '2'; /* in the smaller cluster not all become the same */
    rf_clusters_add(clusters, &difference, &patterns);
}

/** Owned by the caller. */
static char *
describe(size_t threads, bool turned)
{
    struct rf_clusters parts[THREADS] = {0};
    struct rf_clusters whole = {0};
    struct rf_cluster *clusters;
    struct rf_buf out = {0};
    size_t count;
    for (size_t i = 0; i < DIFFERENCES; i++) {
        meet(&parts[i % threads], i);
    }
    for (size_t i = 0; i < threads; i++) {
        rf_clusters_join(&whole, &parts[turned ? threads - 1 - i : i]);
    }
    rf_clusters_take(&whole, &clusters, &count);
    for (size_t i = 0; i < count; i++) {
        const struct rf_cluster *cluster = &clusters[i];
        rf_buf_format(&out, "%s %" PRIu64 ", data %" PRIu64 ", %s to %s:", cluster->paths[0],
                      cluster->count, cluster->data_count, cluster->from,
                      cluster->to == NULL ? "many" : cluster->to);
        for (size_t k = 0; k < cluster->sample_count; k++) {
            rf_buf_format(&out, " %.*s", (int)cluster->sample_bytes[k], cluster->samples[k]);
        }
        rf_buf_byte(&out, '\n');
        rf_cluster_done(&clusters[i]);
    }
    free(clusters);
    for (size_t i = 0; i < threads; i++) {
        rf_clusters_done(&parts[i]);
    }
    (void)rf_buf_text(&out);
    return out.bytes;
}

Test(cluster, is_the_same_whichever_thread_met_what)
{
    for (size_t threads = 1; threads <= THREADS; threads++) {
        for (int turned = 0; turned < 2; turned++) {
            char *got = describe(threads, turned != 0);
            cr_expect_str_eq(got, "/n 9, data 3, 1 to 2: i00 i01 i02 i04 i05\n"
                                  "/m 3, data 1, 1 to many: i03 i07 i11\n");
            free(got);
        }
    }
}
