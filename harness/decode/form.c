/* SPDX-License-Identifier: MIT */
/* Which form an object has, told by its first bytes. */
#include "decode/form.h"

#include <string.h>

#include "decode/gzip.h"

/* In this order: Hadoop's framing has no magic, and comes last. */
static const struct rf_form *const FORMS[] = {
    &rf_form_gzip, &rf_form_snappy_xerial, &rf_form_snappy_frames,
    &rf_form_zstd, &rf_form_zip,           &rf_form_snappy_hadoop,
};

#define TAR_AT 257
#define TAR                                                                                        \
    "object is a tar archive, which is a source of its own: name it as one, as a file that ends "  \
    "in .tar, .tar.gz or .tar.zst"
#define REPACK "; it reads gzip, zip, Snappy, zstd and plain text"

/* What holds no records as they were put. Without this each would be many malformed lines. */
static const struct {
    size_t at;
    const char *magic;
    size_t magic_bytes;
    const char *sentence;
} UNREAD[] = {
    {0, "PAR1", 4,
     "object is a Parquet file: columns, made by Firehose's record format conversion, which refold "
     "does not read; it reads the records as they were put (source record backup keeps them)"},
    {0, "ORC", 3,
     "object is an ORC file: columns, made by Firehose's record format conversion, which refold "
     "does not read; it reads the records as they were put (source record backup keeps them)"},
    {0, "Obj\x01", 4,
     "object is an Avro file, as sinks of Kafka write them unless told otherwise, which refold "
     "does "
     "not read; it reads JSON"},
    {0, "\xe0\x01\x00\xea", 4,
     "object is Amazon Ion in its binary form, which refold does not read; it reads JSON"},
    /* A packed history (walk/pack_format.h) is a source, not an object of one. */
    {0, "\x89RFPACK\n", 8,
     "object is a packed history, which is no object: name it as a source of its own"},
    {TAR_AT, "ustar\0", 6, TAR},
    {TAR_AT, "ustar  \0", 8, TAR},
    {0,
     "\xfd"
     "7zXZ\0",
     6, "object is packed with xz, which refold does not read" REPACK},
    {0, "7z\xbc\xaf\x27\x1c", 6, "object is a 7z archive, which refold does not read" REPACK},
    {0, "\x04\x22\x4d\x18", 4, "object is packed with LZ4, which refold does not read" REPACK},
    {4, "1AY&SY", 6, "object is packed with bzip2, which refold does not read" REPACK},
};

bool
rf_form_begins_with(const unsigned char *bytes, size_t count, const void *magic, size_t magic_bytes)
{
    const unsigned char *wanted = magic;
    size_t most = count < magic_bytes ? count : magic_bytes;
    size_t other = 0;
    bool printable = true;
    for (size_t i = 0; i < most; i++) {
        other += bytes[i] != wanted[i];
        printable = printable && bytes[i] >= ' ' && bytes[i] < 0x7f;
    }
    return most < magic_bytes ? other == 0 && !printable && most > 0 : other <= 1;
}

/** With a byte order mark; or a bracket as two bytes and another character behind it, which UTF-8
 * has no two zeros in. */
static bool
is_utf_16(const unsigned char *bytes, size_t count)
{
    if (count >= 2 &&
        ((bytes[0] == 0xff && bytes[1] == 0xfe) || (bytes[0] == 0xfe && bytes[1] == 0xff))) {
        return true;
    }
    if (count < 4) {
        return false;
    }
    bool big_end = bytes[0] == 0 && bytes[2] == 0;
    bool little_end = bytes[1] == 0 && bytes[3] == 0;
    unsigned char first = bytes[big_end ? 1 : 0];
    return big_end != little_end && (first == '{' || first == '[');
}

rf_code
rf_form_refuse(const unsigned char *bytes, size_t count, struct rf_err *reterr)
{
    for (size_t i = 0; i < sizeof(UNREAD) / sizeof(UNREAD[0]); i++) {
        size_t at = UNREAD[i].at;
        if (count >= at + UNREAD[i].magic_bytes &&
            memcmp(bytes + at, UNREAD[i].magic, UNREAD[i].magic_bytes) == 0) {
            return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, 0, "%s", UNREAD[i].sentence);
        }
    }
    if (is_utf_16(bytes, count)) {
        return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, 0,
                          "object is UTF-16 or UTF-32, which refold does not read; it reads UTF-8");
    }
    return RF_OK;
}

const struct rf_form *
rf_form_find(const unsigned char *bytes, size_t count)
{
    for (size_t i = 0; i < sizeof(FORMS) / sizeof(FORMS[0]); i++) {
        if (FORMS[i]->begins(bytes, count)) {
            return FORMS[i];
        }
    }
    return NULL;
}

const struct rf_form *
rf_form_find_inner(const unsigned char *bytes, size_t count)
{
    const struct rf_form *form = rf_form_find(bytes, count);
    return form == &rf_form_gzip && !rf_gzip_begins(bytes, count) ? NULL : form;
}
