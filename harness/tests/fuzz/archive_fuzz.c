/* SPDX-License-Identifier: MIT */
/*
 * One archive, listed and read as a source of history: read again, its last member first and in
 * other steps, it holds the same. A zip without a flaw has a directory that is whole; what was read
 * of a member to its end has the length that was listed.
 *
 * The first byte chooses the kind; of a tar, also whether its headers' sums are put right, so that
 * mutations get behind them.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "decode/gunzip.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/places.h"
#include "tests/fuzz/seeds.h"
#include "tests/walk/archives.h"
#include "walk/archive.h"
#include "walk/walk.h"
#include "walk/zip_directory.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"PK\1\2",    "PK\3\4",  "PK\5\6",   "PK\6\6",           "PK\6\7",
                                  "PK\7\x8",   "\1\0\10", "ustar",    "././@Lon",         "0000644",
                                  "20 size=9", "path=",   "GNU.spar", "\xff\xff\xff\xff", NULL};

enum { OBJECT_MOST = 1 << 20 /**< bombs are limits' business */ };

const char *
fuzz_against(void)
{
    return "reading it again, and its directory";
}

/** What one object was when it was read. */
struct reading {
    rf_code code;
    uint64_t bytes;
    uint64_t hash;
};

static struct reading
read_object(const struct rf_objects *objects, size_t number, size_t room)
{
    static char block[65536];
    struct reading reading = {0};
    struct rf_reader *reader = NULL;
    struct rf_err err = {0};
    size_t got;
    reading.code = rf_reader_open(objects, &objects->items[number], &reader, &err);
    if (reading.code == RF_OK) {
        struct rf_buf all = {0};
        do {
            reading.code = rf_reader_read(reader, block, room, &got, &err);
            rf_buf_add(&all, block, reading.code == RF_OK ? got : 0);
        } while (reading.code == RF_OK && got > 0 && all.used < OBJECT_MOST);
        if (reading.code == RF_OK) {
            reading.bytes = all.used;
            reading.hash = rf_hash(all.bytes, all.used, 0);
        }
        rf_buf_done(&all);
    }
    rf_reader_close(reader);
    return reading;
}

static rf_code
walk(const char *path, struct rf_objects *ret, struct rf_err *reterr)
{
    const struct rf_walk_request request = {
        .sources = &path, .source_count = 1, .gunzip = &rf_gunzip, .jobs = 1};
    return rf_walk(&request, ret, reterr);
}

/** Reads all of it once more, from a new list, its last object first. */
static void
compare_readings(const char *path, const struct rf_objects *objects, const uint8_t *input,
                 size_t bytes)
{
    struct rf_objects again;
    struct rf_err err = {0};
    size_t count = objects->count;
    struct reading *readings = rf_calloc(count + 1, sizeof(*readings));
    for (size_t i = 0; i < count; i++) {
        const struct rf_object *object = &objects->items[i];
        readings[i] = read_object(objects, i, 65536);
        fuzz_expect((const char *)input, bytes,
                    readings[i].code != RF_OK || object->bytes == RF_BYTES_UNKNOWN ||
                        object->bytes == readings[i].bytes || readings[i].bytes >= OBJECT_MOST,
                    "a member is whole, and has another length");
        fuzz_expect((const char *)input, bytes,
                    readings[i].code != RF_ERR_SOURCE || object->special, "it did not change");
    }
    if (walk(path, &again, &err) != RF_OK || again.count != count) {
        fuzz_fail((const char *)input, bytes, "another list: %s", err.text);
    }
    for (size_t i = count; i > 0; i--) {
        struct reading other = read_object(&again, i - 1, 1 + input[0] / 4);
        const struct reading *one = &readings[i - 1];
        fuzz_expect((const char *)input, bytes,
                    strcmp(objects->items[i - 1].name, again.items[i - 1].name) == 0,
                    "other names");
        fuzz_expect((const char *)input, bytes,
                    one->code == other.code && one->bytes == other.bytes && one->hash == other.hash,
                    "a member is something else when it is read again");
    }
    rf_objects_done(&again);
    free(readings);
}

/** Puts the sums of a tar's headers right, as far as its sizes lead. */
static void
mend_tar(char *tar, size_t bytes)
{
    for (size_t at = 0; at + 512 <= bytes;) {
        char *header = tar + at;
        unsigned sum = 0;
        memset(header + 148, ' ', 8);
        for (size_t i = 0; i < 512; i++) {
            sum += (unsigned char)header[i];
        }
        if (sum == 8 * ' ') {
            memset(header + 148, 0, 8);
        } else {
            (void)snprintf(header + 148, 8, "%06o", sum);
        }
        char size[13] = {0};
        memcpy(size, header + 124, 12);
        size_t data = strtoull(size, NULL, 8);
        at += 512 + (data < bytes ? (data + 511) / 512 * 512 : bytes);
    }
}

static void
seed(struct seeds *seeds, char kind, struct rf_buf *bytes)
{
    struct rf_buf text = {0};
    rf_buf_byte(&text, kind);
    rf_buf_add(&text, bytes->bytes, bytes->used);
    seeds_add(seeds, text.bytes, text.used);
    rf_buf_done(&text);
}

static void
seed_gzipped(struct seeds *seeds, const struct rf_buf *tar)
{
    struct rf_buf packed = {0};
    z_stream stream = {0};
    (void)deflateInit2(&stream, 9, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY);
    rf_buf_reserve(&packed, 65536);
    stream.next_in = (Bytef *)tar->bytes;
    stream.avail_in = (uInt)tar->used;
    stream.next_out = (Bytef *)packed.bytes;
    stream.avail_out = 65536;
    (void)deflate(&stream, Z_FINISH);
    packed.used = stream.total_out;
    (void)deflateEnd(&stream);
    seed(seeds, 3, &packed);
    rf_buf_done(&packed);
}

void
fuzz_begin(struct seeds *seeds)
{
    static const char event[] = "{\"id\":\"1\",\"type\":\"T\"}\n";
    for (unsigned members = 0; members < 4; members++) {
        struct zip_builder zip = {0};
        struct rf_buf tar = {0};
        for (unsigned i = 0; i < members; i++) {
            char path[64];
            (void)snprintf(path, sizeof(path), "2015/04/27/%02u/part-%u.ndjson", i, i);
            zip_member(&zip, path, path, i == 1 ? "" : event);
            tar_member(&tar, path, '0', i == 1 ? "" : event);
        }
        tar_member(&tar, "a folder/", '5', "");
        tar_member(&tar, "a link", '2', "");
        tar_member(&tar, "././@LongLink", 'L', "a/very/long/name");
        tar_member(&tar, "short", '0', event);
        tar_member(&tar, "pax", 'x', "20 path=another/one\n");
        tar_member(&tar, "short", '0', event);
        tar_end(&tar);
        zip_end(&zip, members);
        seed(seeds, 0, &zip.bytes);
        seed(seeds, 0, &zip.bytes);
        seed(seeds, 1, &tar);
        seed(seeds, 2, &tar);
        seed_gzipped(seeds, &tar);
        rf_buf_done(&zip.bytes);
        rf_buf_done(&tar);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    static const char *const names[] = {"a.zip", "a.tar", "a.tar", "a.tar.gz"};
    struct rf_objects objects;
    struct rf_err err = {0};
    uint64_t entries;
    if (bytes < 2) {
        return 0;
    }
    const char *name = names[input[0] % 4];
    char *copy = rf_strndup((const char *)input + 1, bytes - 1);
    if (input[0] % 4 == 2) {
        mend_tar(copy, bytes - 1);
    }
    fuzz_put(name, copy, bytes - 1);
    free(copy);
    char *path = rf_format("%s/%s", fuzz_folder(), name);
    if (walk(path, &objects, &err) != RF_OK) {
        fuzz_expect((const char *)input, bytes, err.text[0] != '\0', "refused without a word");
        fuzz_count(FUZZ_REFUSED);
        free(path);
        return 0;
    }
    bool sound = true;
    for (size_t i = 0; i < objects.count; i++) {
        sound = sound && objects.items[i].flaw == NULL;
    }
    if (sound && rf_archive_form(path) == RF_ARCHIVE_ZIP) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        rf_code code = rf_zip_check(fd, bytes - 1, "archive", &entries, &err);
        (void)close(fd);
        fuzz_expect((const char *)input, bytes, code == RF_OK && objects.count <= entries,
                    "a zip is taken whose directory is not whole");
    }
    compare_readings(path, &objects, input, bytes);
    fuzz_count(sound ? FUZZ_ACCEPTED : FUZZ_REFUSED);
    rf_objects_done(&objects);
    free(path);
    return 0;
}
