/* SPDX-License-Identifier: MIT */
/*
 * A file in a git repository, by its path: which content and mode it has, and which commit gave it
 * these. A deleted file keeps its last content and mode, and may come back.
 */
#include <refold/aggregate.h>

enum { FILE_ADDED = 1, FILE_MODIFIED, FILE_MODE_CHANGED, FILE_DELETED };

static const refold_type types[] = {
    REFOLD_TYPE("FileAdded", FILE_ADDED),
    REFOLD_TYPE("FileModified", FILE_MODIFIED),
    REFOLD_TYPE("FileModeChanged", FILE_MODE_CHANGED),
    REFOLD_TYPE("FileDeleted", FILE_DELETED),
};

struct file {
    uint8_t present;
    int64_t changes; /* events folded */
    refold_text blob;
    refold_text mode;
    refold_text commit; /* of the latest event */
};

static const refold_field fields[] = {
    REFOLD_BOOLEAN(struct file, present, "present"), REFOLD_INT(struct file, changes, "changes"),
    REFOLD_TEXT(struct file, blob, "blob"),          REFOLD_TEXT(struct file, mode, "mode"),
    REFOLD_TEXT(struct file, commit, "commit"),
};

static int32_t
file_apply(void *state, const refold_event *event)
{
    struct file *file = state;
    int new_blob = event->kind == FILE_ADDED || event->kind == FILE_MODIFIED;
    int new_mode = event->kind == FILE_ADDED || event->kind == FILE_MODE_CHANGED;
    if (new_blob && !refold_event_text(event, "blob", &file->blob)) {
        return refold_reject(event, "blob is not a string");
    }
    if (new_mode && !refold_event_text(event, "mode", &file->mode)) {
        return refold_reject(event, "mode is not a string");
    }
    if (!refold_event_text(event, "commit", &file->commit)) {
        return refold_reject(event, "commit is not a string");
    }
    file->present = event->kind != FILE_DELETED;
    file->changes++;
    return REFOLD_OK;
}

REFOLD_AGGREGATE("file", struct file, types, fields, file_apply)
