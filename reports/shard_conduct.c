/* SPDX-License-Identifier: MIT */
/* A shard's JSON report, read back: what its aggregates did besides folding. */
#include "reports/shard_reading.h"

#include <stdlib.h>
#include <string.h>

#include "host/ward.h"
#include "reports/conduct.h"

static struct rf_conduct *
find_conduct(const struct rf_shard_file *file, const char *aggregate)
{
    for (size_t i = 0; i < file->build_count; i++) {
        if (aggregate != NULL && strcmp(file->builds[i]->name, aggregate) == 0) {
            return file->builds[i]->conduct;
        }
    }
    return NULL;
}

static void
read_tried(struct rf_reading *reading, uint32_t entry, struct rf_conduct *conduct)
{
    const char *names[RF_TRIED_COUNT_ + 1];
    size_t count;
    for (int kind = 0; kind <= RF_TRIED_COUNT_; kind++) {
        names[kind] = rf_tried_name((enum rf_tried_kind)kind);
    }
    uint32_t node = rf_reading_objects(reading, entry, "tried", &count);
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        enum rf_tried_kind kind = (enum rf_tried_kind)rf_reading_word(reading, node, "kind", names);
        char *what = rf_reading_text(reading, node, "what", true, NULL);
        uint64_t times = rf_reading_count(reading, node, "count");
        if (reading->flaw == NULL) {
            rf_conduct_add_tried(conduct, kind, what, times, true);
        }
        free(what);
    }
}

static void
read_held(struct rf_reading *reading, struct rf_shard_file *file)
{
    const char *const names[] = {
        rf_sandboxed_name(RF_HELD_UNKNOWN), rf_sandboxed_name(RF_HELD_WHOLE),
        rf_sandboxed_name(RF_HELD_PARTLY), rf_sandboxed_name(RF_HELD_OFF), NULL};
    uint32_t proof = rf_reading_member(reading, 0, "proof", RF_JSON_OBJECT, true);
    enum rf_sandboxed held = (enum rf_sandboxed)rf_reading_word(reading, proof, "sandbox", names);
    char *lacks = rf_reading_text(reading, proof, "sandbox_lacks", false, NULL);
    for (size_t i = 0; i < file->build_count; i++) {
        file->builds[i]->conduct = rf_conduct_new();
        rf_conduct_add_held(file->builds[i]->conduct, held,
                            lacks == NULL ? 0 : rf_sandbox_find_lacks(lacks));
    }
    free(lacks);
}

void
rf_reading_conduct(struct rf_reading *reading, struct rf_shard_file *file)
{
    size_t count;
    read_held(reading, file);
    uint32_t node = rf_reading_objects(reading, 0, "conduct", &count);
    for (; count > 0; count--, node = rf_reading_next(reading, node)) {
        size_t bytes = 0;
        char *aggregate = rf_reading_text(reading, node, "aggregate", true, NULL);
        char *printed = rf_reading_text(reading, node, "printed", true, &bytes);
        struct rf_conduct *conduct = find_conduct(file, aggregate);
        read_tried(reading, node, conduct);
        rf_conduct_add_unlisted(conduct, rf_reading_count(reading, node, "unlisted"));
        rf_conduct_add_printed(conduct, printed, bytes,
                               rf_reading_count(reading, node, "dropped_bytes"));
        char *late = rf_reading_text(reading, node, "late", false, NULL);
        if (late != NULL) {
            rf_conduct_add_late(conduct, late);
        }
        free(late);
        free(aggregate);
        free(printed);
    }
}
