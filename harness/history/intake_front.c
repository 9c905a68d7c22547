/* SPDX-License-Identifier: MIT */
/* What an object's name makes suspect and its first bytes prove: archives, and what macOS leaves.
 */
#include <string.h>

#include "base/alloc.h"
#include "decode/unpack.h"
#include "history/intake_internal.h"
#include "walk/archive.h"

/** So much is looked at: what is packed has its first record by then. */
#define FRONT_BYTES ((size_t)64 << 10)
#define TAR_RECORD  512

static const char *
last_segment(const char *key)
{
    const char *slash = strrchr(key, '/');
    return slash == NULL ? key : slash + 1;
}

static bool
is_archive_name(const char *name)
{
    enum rf_archive_form form = rf_archive_form_of_name(name);
    return form != RF_ARCHIVE_NONE && form != RF_ARCHIVE_ZIP; /* the decoder knows zip itself */
}

static bool
is_litter_name(const char *name)
{
    return strncmp(name, "._", 2) == 0 || strcmp(name, ".DS_Store") == 0;
}

bool
rf_intake_is_suspect(const struct rf_object *object)
{
    const char *name = last_segment(object->key);
    return !object->is_source &&
           (is_archive_name(name) || (is_litter_name(name) && !object->named));
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

/** The first record of a tar of any kind has a checksum: the sum of its bytes, those of the
 * checksum itself taken for blanks, in octal. */
static bool
is_tar_record(const unsigned char *record)
{
    enum { FROM = 148, BEHIND = 156 };
    unsigned long sum = 0;
    unsigned long told = 0;
    size_t digits = 0;
    for (size_t i = 0; i < TAR_RECORD; i++) {
        sum += i >= FROM && i < BEHIND ? ' ' : record[i];
    }
    size_t at = FROM;
    while (at < BEHIND && record[at] == ' ') {
        at++;
    }
    for (; at < BEHIND && record[at] >= '0' && record[at] <= '7'; at++) {
        told = told * 8 + (unsigned long)(record[at] - '0');
        digits++;
    }
    return digits > 0 && told == sum;
}

struct front_input {
    const struct rf_buf *bytes;
    size_t at;
};

static rf_code
read_front(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct front_input *input = context;
    size_t left = input->bytes->used - input->at;
    (void)reterr;
    *ret_got = left < room ? left : room;
    memcpy(bytes, input->bytes->bytes + input->at, *ret_got);
    input->at += *ret_got;
    return RF_OK;
}

/** Whether what is unpacked begins as a tar does. */
static bool
is_tar(const struct rf_buf *front)
{
    struct front_input stored = {.bytes = front};
    const struct rf_decode_input input = {.context = &stored, .read = read_front};
    unsigned char record[TAR_RECORD];
    size_t used = 0;
    size_t got = 1;
    struct rf_err ignored;
    struct rf_unpack *unpack = rf_unpack_new();
    rf_unpack_begin(unpack, &input);
    while (used < sizeof(record) && got > 0 &&
           rf_unpack_read(unpack, record + used, sizeof(record) - used, &got, &ignored) == RF_OK) {
        used += got;
    }
    rf_unpack_free(unpack);
    return used == sizeof(record) && is_tar_record(record);
}

rf_code
rf_intake_look_at_front(struct rf_intake *intake, struct rf_err *broken)
{
    const char *name = last_segment(intake->object->key);
    char *bytes = rf_alloc(FRONT_BYTES);
    struct rf_buf front = {0};
    rf_code code = RF_OK;
    while (code == RF_OK && !intake->ended && front.used < FRONT_BYTES) {
        size_t got;
        code = rf_intake_read(intake, bytes, FRONT_BYTES - front.used, &got, broken);
        rf_buf_add(&front, bytes, code == RF_OK ? got : 0);
    }
    free(bytes);
    if (code == RF_OK && is_litter_name(name) && is_litter(&front)) {
        intake->is_litter = true;
        code = rf_intake_drain(intake, broken);
    } else if ((code == RF_OK || rf_intake_is_break(code)) && is_archive_name(name) &&
               is_tar(&front)) {
        code = rf_fail(broken, RF_ERR_MALFORMED, intake->object->name,
                       "is a tar archive and no object; " RF_DAMAGE_ARCHIVE ", or unpack it");
    }
    rf_buf_done(&intake->front);
    intake->front = front; /* decoded first, where it is decoded */
    return code;
}
