/* SPDX-License-Identifier: MIT */
/* Frames: what is read is what was written. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/hash.h"
#include "base/tmpfile.h"
#include "history/frame.h"

TestSuite(frame, .timeout = 60);

static void
fill(unsigned char *bytes, size_t count, unsigned kind)
{
    uint64_t mixed = 1;
    for (size_t i = 0; i < count; i++) {
        mixed = kind == 0 ? 7 : rf_hash(&mixed, sizeof(mixed), i);
        bytes[i] = (unsigned char)(kind == 1 ? mixed : mixed % 5 + i / 100);
    }
}

Test(frame, gives_back_what_was_written)
{
    static const size_t sizes[] = {1, 8, 100, 4096, 300000, 17 << 20};
    struct rf_buf scratch = {0};
    struct rf_err err;
    int file = rf_tmpfile_open();
    uint64_t used = 0;
    cr_assert_geq(file, 0);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        for (unsigned kind = 0; kind < 3; kind++) {
            unsigned char *bytes = rf_alloc(sizes[i]);
            unsigned char *back = rf_calloc(sizes[i], 1);
            struct rf_frame frame;
            fill(bytes, sizes[i], kind);
            uint64_t before = used;
            cr_assert(rf_frame_write(file, "x", &used, bytes, sizes[i], &scratch, &frame));
            cr_assert_eq(frame.offset, before);
            cr_assert_eq(used, before + frame.stored_bytes);
            cr_assert(kind != 1 || frame.stored_bytes == sizes[i]);
            cr_assert(kind != 0 || sizes[i] < 100 || frame.stored_bytes < sizes[i]);
            cr_assert_eq(rf_frame_read(&frame, back, &scratch, &err), RF_OK);
            cr_assert_eq(memcmp(bytes, back, sizes[i]), 0);
            free(bytes);
            free(back);
        }
    }
    rf_buf_done(&scratch);
    (void)close(file);
}

Test(frame, tells_of_plain_bytes_that_changed)
{
    struct rf_buf scratch = {0};
    struct rf_frame frame;
    struct rf_err err;
    unsigned char bytes[64];
    unsigned char back[64];
    uint64_t used = 0;
    int file = rf_tmpfile_open();
    fill(bytes, sizeof(bytes), 1);
    cr_assert(rf_frame_write(file, "some file", &used, bytes, sizeof(bytes), &scratch, &frame));
    cr_assert_eq(frame.stored_bytes, sizeof(bytes));
    bytes[63] ^= 1;
    cr_assert_eq(pwrite(file, bytes, sizeof(bytes), 0), sizeof(bytes));
    cr_assert_eq(rf_frame_read(&frame, back, &scratch, &err), RF_ERR_INTERNAL);
    cr_assert_str_eq(err.where, "some file");
    cr_assert_eq(ftruncate(file, 63), 0);
    cr_assert_eq(rf_frame_read(&frame, back, &scratch, &err), RF_ERR_INTERNAL);
    rf_buf_done(&scratch);
    (void)close(file);
}

Test(frame, tells_of_a_full_disk)
{
    struct rf_buf scratch = {0};
    struct rf_frame frame;
    uint64_t used = 0;
    int file = open("/dev/full", O_WRONLY | O_CLOEXEC);
    if (file >= 0) {
        cr_assert_not(rf_frame_write(file, "x", &used, "12345678", 8, &scratch, &frame));
        cr_assert_eq(errno, ENOSPC);
        (void)close(file);
    }
    rf_buf_done(&scratch);
}
