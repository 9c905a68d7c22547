/* SPDX-License-Identifier: MIT */
/* Keeps the first content for ever. */
#include <refold/aggregate.h>

#undef REFOLD_AGGREGATE
#define REFOLD_AGGREGATE(...)
#include "aggregates/file.c"

static int32_t
apply(void *state, const refold_event *event)
{
    struct file *file = state;
    refold_text before = file->blob;
    int had = before.ptr != NULL;
    char kept[4096];
    if (had) {
        memcpy(kept, before.ptr, (size_t)before.len);
    }
    int32_t result = file_apply(state, event);
    if (result == REFOLD_OK && event->kind == FILE_MODIFIED && had) {
        refold_string first = {kept, before.len};
        refold_text_set(event, &file->blob, first);
    }
    return result;
}

REFOLD_AGGREGATE_VERSION("file", 1, struct file, types, fields, apply)
