/* SPDX-License-Identifier: MIT */
/* Archives for tests, byte by byte: what the library that reads them has not written. */
#ifndef RF_TESTS_WALK_ARCHIVES_H
#define RF_TESTS_WALK_ARCHIVES_H

#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <zlib.h>

#include <criterion/criterion.h>

#include "base/buf.h"
#include "tests/walk/tree.h"

/* ---- tar ------------------------------------------------------------------------------------- */

/** A member with its data. @type '0' a file, '5' a folder, '2' a symbolic link, '6' a fifo */
static inline void
tar_member(struct rf_buf *tar, const char *path, char type, const char *data)
{
    char header[512] = {0};
    size_t bytes = strlen(data);
    unsigned sum = 0;
    (void)snprintf(header, 100, "%s", path);
    (void)snprintf(header + 100, 8, "%07o", 0644);
    (void)snprintf(header + 108, 8, "%07o", 0);
    (void)snprintf(header + 116, 8, "%07o", 0);
    (void)snprintf(header + 124, 12, "%011o", (unsigned)bytes);
    (void)snprintf(header + 136, 12, "%011o", 0);
    memset(header + 148, ' ', 8);
    header[156] = type;
    (void)snprintf(header + 157, 100, "%s", type == '2' ? "target" : "");
    memcpy(header + 257, "ustar\00000", 8);
    for (size_t i = 0; i < sizeof(header); i++) {
        sum += (unsigned char)header[i];
    }
    (void)snprintf(header + 148, 8, "%06o", sum);
    rf_buf_add(tar, header, sizeof(header));
    rf_buf_add(tar, data, bytes);
    while (tar->used % 512 != 0) {
        rf_buf_byte(tar, 0);
    }
}

static inline void
tar_end(struct rf_buf *tar)
{
    static const char zeros[1024];
    rf_buf_add(tar, zeros, sizeof(zeros));
}

/* ---- zip, stored ----------------------------------------------------------------------------- */

struct zip_builder {
    struct rf_buf bytes;
    struct rf_buf directory;
    unsigned entries;
};

static inline void
put_le(struct rf_buf *buf, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        rf_buf_byte(buf, (char)(value >> (8 * i)));
    }
}

/** What a local header and an entry of the directory have in common. */
static inline void
zip_facts(struct rf_buf *buf, const char *path, const char *data)
{
    size_t bytes = strlen(data);
    put_le(buf, 10, 2); /* version */
    put_le(buf, 0, 2);  /* flags */
    put_le(buf, 0, 2);  /* method: stored */
    put_le(buf, 0, 4);  /* time */
    put_le(buf, crc32(0, (const Bytef *)data, (uInt)bytes), 4);
    put_le(buf, bytes, 4);
    put_le(buf, bytes, 4);
    put_le(buf, strlen(path), 2);
    put_le(buf, 0, 2); /* extra */
}

/** @name_inside  the name in front of the data, which should be `path` */
static inline void
zip_member(struct zip_builder *zip, const char *path, const char *name_inside, const char *data)
{
    size_t offset = zip->bytes.used;
    put_le(&zip->bytes, 0x04034b50, 4);
    zip_facts(&zip->bytes, name_inside, data);
    rf_buf_string(&zip->bytes, name_inside);
    rf_buf_string(&zip->bytes, data);
    put_le(&zip->directory, 0x02014b50, 4);
    put_le(&zip->directory, 0x031e, 2); /* made by: Unix */
    zip_facts(&zip->directory, path, data);
    put_le(&zip->directory, 0, 2 + 2 + 2); /* comment, disk, internal attributes */
    put_le(&zip->directory, (uint64_t)0100644 << 16, 4);
    put_le(&zip->directory, offset, 4);
    rf_buf_string(&zip->directory, path);
    zip->entries++;
}

/** A member of which the directory knows nothing. */
static inline void
zip_orphan(struct zip_builder *zip, const char *path, const char *data)
{
    size_t used = zip->directory.used;
    zip_member(zip, path, path, data);
    zip->directory.used = used;
    zip->entries--;
}

/** @entries  as the end says */
static inline void
zip_end(struct zip_builder *zip, unsigned entries)
{
    size_t offset = zip->bytes.used;
    rf_buf_add(&zip->bytes, zip->directory.bytes, zip->directory.used);
    put_le(&zip->bytes, 0x06054b50, 4);
    put_le(&zip->bytes, 0, 4);
    put_le(&zip->bytes, entries, 2);
    put_le(&zip->bytes, entries, 2);
    put_le(&zip->bytes, zip->directory.used, 4);
    put_le(&zip->bytes, offset, 4);
    put_le(&zip->bytes, 0, 2);
    rf_buf_done(&zip->directory);
}

/** Writes ROOT/NAME, frees the bytes, and gives the path (owned). */
static inline char *
archive_put(const char *root, const char *name, struct rf_buf *bytes)
{
    char *path = tree_path(root, name);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fwrite(bytes->bytes, 1, bytes->used, file), bytes->used);
    cr_assert_eq(fclose(file), 0);
    rf_buf_done(bytes);
    return path;
}

#endif
