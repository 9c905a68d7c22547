/* SPDX-License-Identifier: MIT */
/* What macOS leaves beside files: its name makes it suspect, and its first bytes prove it. */
#include <string.h>

#include "base/buf.h"
#include "history/intake_internal.h"

/** So many tell it. */
#define FRONT_BYTES 8

static const char *
last_segment(const char *key)
{
    const char *slash = strrchr(key, '/');
    return slash == NULL ? key : slash + 1;
}

bool
rf_intake_is_suspect(const struct rf_object *object)
{
    const char *name = last_segment(object->key);
    return !object->named && (strncmp(name, "._", 2) == 0 || strcmp(name, ".DS_Store") == 0);
}

/** AppleDouble, version 2; and the Finder's notes on a folder. */
static bool
is_litter(const struct rf_buf *front)
{
    static const char apple_double[] = {0x00, 0x05, 0x16, 0x07};
    static const char notes[] = {0, 0, 0, 1, 'B', 'u', 'd', '1'};
    return (front->used >= sizeof(apple_double) &&
            memcmp(front->bytes, apple_double, sizeof(apple_double)) == 0) ||
           (front->used >= sizeof(notes) && memcmp(front->bytes, notes, sizeof(notes)) == 0);
}

rf_code
rf_intake_look_at_front(struct rf_intake *intake, struct rf_err *broken)
{
    char bytes[FRONT_BYTES];
    struct rf_buf front = {0};
    rf_code code = RF_OK;
    while (code == RF_OK && !intake->ended && front.used < sizeof(bytes)) {
        size_t got;
        code = rf_intake_read(intake, bytes, sizeof(bytes) - front.used, &got, broken);
        rf_buf_add(&front, bytes, code == RF_OK ? got : 0);
    }
    if (code == RF_OK && is_litter(&front)) {
        intake->is_litter = true;
        code = rf_intake_drain(intake, broken);
    }
    rf_buf_done(&intake->front);
    intake->front = front; /* decoded first, where it is decoded */
    return code;
}
