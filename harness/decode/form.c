/* SPDX-License-Identifier: MIT */
/* Which form an object has, told by its first bytes. */
#include "decode/form.h"

#include <string.h>

/* In this order: Hadoop's framing has no magic, and comes last. */
static const struct rf_form *const FORMS[] = {
    &rf_form_gzip, &rf_form_snappy_xerial, &rf_form_snappy_frames,
    &rf_form_zstd, &rf_form_zip,           &rf_form_snappy_hadoop,
};

/* What holds no records as they were put. Without this they would be one long malformed line. */
static const struct {
    const char *magic;
    size_t magic_bytes;
    const char *sentence;
} UNREAD[] = {
    {"PAR1", 4,
     "object is a Parquet file: columns, made by Firehose's record format conversion, which refold "
     "does not read; it reads the records as they were put (source record backup keeps them)"},
    {"ORC", 3,
     "object is an ORC file: columns, made by Firehose's record format conversion, which refold "
     "does not read; it reads the records as they were put (source record backup keeps them)"},
    {"\xe0\x01\x00\xea", 4,
     "object is Amazon Ion in its binary form, which refold does not read; it reads JSON"},
    /* A packed history (walk/pack_format.h) is a source, not an object of one. */
    {"\x89RFPACK\n", 8,
     "object is a packed history, which is no object: name it as a source of its own"},
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

rf_code
rf_form_refuse(const unsigned char *bytes, size_t count, struct rf_err *reterr)
{
    for (size_t i = 0; i < sizeof(UNREAD) / sizeof(UNREAD[0]); i++) {
        if (count >= UNREAD[i].magic_bytes &&
            memcmp(bytes, UNREAD[i].magic, UNREAD[i].magic_bytes) == 0) {
            return rf_fail_at(reterr, RF_ERR_MALFORMED, NULL, 0, "%s", UNREAD[i].sentence);
        }
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
