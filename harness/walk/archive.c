/* SPDX-License-Identifier: MIT */
/* One pass over an archive: its stream of bytes is ours, what they mean is libarchive's. */
#include "walk/archive.h"

#include <errno.h>
#include <inttypes.h>
#include <locale.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/limits.h"
#include "walk/libarchive.h"
#include "walk/listed.h"

#define CHUNK_BYTES ((size_t)128 << 10)
/* Two blocks of zeros end a tar. */
#define TAR_END_BYTES 1024

struct rf_archive {
    const struct rf_libarchive *library;
    const struct rf_gunzip *gunzip;
    enum rf_archive_form form;
    struct rf_listed file;
    struct archive *reader; /* libarchive's */
    bool usable;            /* libarchive can go on */
    /* the stream that libarchive is given */
    unsigned char *chunk;
    struct rf_gunzip_stream *inflater; /* of .tar.gz and .tar.zst */
    uint64_t position;                 /* of its next byte */
    uint64_t stored_bytes;             /* read from the file for it */
    uint64_t zeros;                    /* that it ends in, so far */
    bool ended;
    rf_code code; /* why it broke off */
    struct rf_err err;
    /* the member at hand */
    bool sized;
    uint64_t said_bytes;
    uint64_t got_bytes;
    uint64_t stored_before;
    const unsigned char *block; /* libarchive's, not handed out yet */
    size_t block_bytes;
    bool member_ended;
};

/* ---- what is an archive ---------------------------------------------------------------------- */

/** As a whole, around the tar. */
static bool
is_packed(enum rf_archive_form form)
{
    return form == RF_ARCHIVE_TAR_GZIP || form == RF_ARCHIVE_TAR_ZSTD;
}

static bool
ends_in(const char *name, const char *suffix)
{
    size_t bytes = strlen(name);
    size_t suffix_bytes = strlen(suffix);
    return bytes >= suffix_bytes && strcasecmp(name + bytes - suffix_bytes, suffix) == 0;
}

enum rf_archive_form
rf_archive_form_of_name(const char *name)
{
    if (ends_in(name, ".zip")) {
        return RF_ARCHIVE_ZIP;
    }
    if (ends_in(name, ".tar.gz") || ends_in(name, ".tgz")) {
        return RF_ARCHIVE_TAR_GZIP;
    }
    if (ends_in(name, ".tar.zst") || ends_in(name, ".tzst")) {
        return RF_ARCHIVE_TAR_ZSTD;
    }
    return ends_in(name, ".tar") ? RF_ARCHIVE_TAR : RF_ARCHIVE_NONE;
}

enum rf_archive_form
rf_archive_form(const char *path)
{
    enum rf_archive_form named = rf_archive_form_of_name(path);
    char head[512] = {0};
    FILE *file = fopen(path, "re");
    size_t got = file == NULL ? 0 : fread(head, 1, sizeof(head), file);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (got >= 4 && (memcmp(head, "PK\3\4", 4) == 0 || memcmp(head, "PK\5\6", 4) == 0)) {
        return RF_ARCHIVE_ZIP;
    }
    if (memcmp(head + 257, "ustar", 6) == 0 || memcmp(head + 257, "ustar  ", 8) == 0) {
        return RF_ARCHIVE_TAR;
    }
    bool is_tar = named == RF_ARCHIVE_TAR || is_packed(named);
    if (is_tar && memcmp(head, "\x1f\x8b", 2) == 0) {
        return RF_ARCHIVE_TAR_GZIP;
    }
    if (is_tar && memcmp(head, "\x28\xb5\x2f\xfd", 4) == 0) {
        return RF_ARCHIVE_TAR_ZSTD;
    }
    return named;
}

/* ---- the stream of bytes --------------------------------------------------------------------- */

/** The file's bytes at `position`. */
static rf_code
take_stored(struct rf_archive *archive, uint64_t position, void *bytes, size_t room,
            size_t *ret_got, struct rf_err *reterr)
{
    if (!rf_fd_read_at(archive->file.fd, bytes, room, position, ret_got)) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, archive->file.name, "cannot be read");
    }
    archive->stored_bytes += *ret_got;
    return RF_OK;
}

/** What the inflater reads. */
static rf_code
on_inflate(void *context, void *bytes, size_t room, size_t *ret_got, struct rf_err *reterr)
{
    struct rf_archive *archive = context;
    return take_stored(archive, archive->stored_bytes, bytes, room, ret_got, reterr);
}

/** The ratio as for gzip objects: looked at each time that many bytes more have come out. */
static rf_code
check_ratio(const struct rf_archive *archive, uint64_t out_before, uint64_t out_bytes,
            uint64_t in_bytes, struct rf_err *reterr)
{
    if (out_before / RF_LIMIT_RATIO_FROM_BYTES == out_bytes / RF_LIMIT_RATIO_FROM_BYTES ||
        out_bytes / rf_limits.ratio <= in_bytes) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_LIMIT, archive->file.name,
                   "holds more than %" PRIu64
                   " times its stored bytes " RF_LIMIT_NUMBER_HINT("ratio"),
                   rf_limits.ratio);
}

static rf_code
take_inflated(struct rf_archive *archive, size_t *ret_got, struct rf_err *reterr)
{
    RF_TRY(archive->gunzip->read(archive->inflater, archive->chunk, CHUNK_BYTES, ret_got, reterr));
    return check_ratio(archive, archive->position, archive->position + *ret_got,
                       archive->stored_bytes, reterr);
}

static void
count_zeros(struct rf_archive *archive, size_t count)
{
    size_t zeros = 0;
    while (zeros < count && archive->chunk[count - 1 - zeros] == 0) {
        zeros++;
    }
    archive->zeros = zeros == count ? archive->zeros + count : zeros;
}

/** The next bytes of the stream into the chunk; none at its end. */
static rf_code
take(struct rf_archive *archive, size_t *ret_got)
{
    *ret_got = 0;
    if (archive->code == RF_OK) {
        archive->code = is_packed(archive->form)
                            ? take_inflated(archive, ret_got, &archive->err)
                            : take_stored(archive, archive->position, archive->chunk, CHUNK_BYTES,
                                          ret_got, &archive->err);
    }
    if (archive->code != RF_OK) {
        return archive->code;
    }
    archive->ended = *ret_got == 0;
    archive->position += *ret_got;
    count_zeros(archive, *ret_got);
    return RF_OK;
}

static la_ssize_t
on_read(struct archive *reader, void *context, const void **ret_bytes)
{
    struct rf_archive *archive = context;
    size_t got;
    if (take(archive, &got) != RF_OK) {
        archive->library->archive_set_error(reader, EIO, "%s", archive->err.text);
        return ARCHIVE_FATAL;
    }
    *ret_bytes = archive->chunk;
    return (la_ssize_t)got;
}

static la_int64_t
on_skip(struct archive *reader, void *context, la_int64_t request)
{
    (void)reader;
    struct rf_archive *archive = context;
    uint64_t left = archive->position < archive->file.expected_bytes
                        ? archive->file.expected_bytes - archive->position
                        : 0;
    uint64_t count = (uint64_t)request < left ? (uint64_t)request : left;
    archive->position += count;
    archive->zeros = count > 0 ? 0 : archive->zeros;
    return (la_int64_t)count;
}

static la_int64_t
on_seek(struct archive *reader, void *context, la_int64_t offset, int whence)
{
    (void)reader;
    struct rf_archive *archive = context;
    la_int64_t size = (la_int64_t)archive->file.expected_bytes;
    la_int64_t from = whence == SEEK_SET   ? 0
                      : whence == SEEK_CUR ? (la_int64_t)archive->position
                                           : size;
    if (offset < -from || offset > size - from) {
        return ARCHIVE_FATAL;
    }
    archive->position = (uint64_t)(from + offset);
    return from + offset;
}

/* ---- errors ---------------------------------------------------------------------------------- */

/** Damage is only the archive's own where it is still the file that was listed. */
static rf_code
settle(const struct rf_archive *archive, rf_code code, struct rf_err *reterr)
{
    if (code == RF_ERR_SOURCE || code == RF_ERR_INTERRUPTED) {
        return code;
    }
    struct rf_err changed;
    if (rf_listed_check(&archive->file, &changed) != RF_OK) {
        if (reterr != NULL) {
            *reterr = changed;
        }
        return RF_ERR_SOURCE;
    }
    return code;
}

/** What libarchive says is wrong; that may be nothing. */
static rf_code
fail_by_library(struct rf_archive *archive, int result, const char *what, struct rf_err *reterr)
{
    archive->usable = archive->usable && (result == ARCHIVE_WARN || result == ARCHIVE_FAILED);
    if (archive->code != RF_OK) {
        archive->usable = false;
        if (reterr != NULL) {
            *reterr = archive->err;
        }
        return settle(archive, archive->code, reterr);
    }
    const char *says = archive->library->archive_error_string(archive->reader);
    if (archive->ended && archive->form != RF_ARCHIVE_ZIP) { /* a zip's end was found before */
        (void)rf_fail_at(reterr, RF_ERR_TRUNCATED, archive->file.name, archive->position,
                         "the archive ends in the midst, at byte %" PRIu64, archive->position);
        return settle(archive, RF_ERR_TRUNCATED, reterr);
    }
    (void)rf_fail(reterr, RF_ERR_CORRUPT, archive->file.name, "%s: %s", what,
                  says == NULL ? "libarchive does not say why" : says);
    return settle(archive, RF_ERR_CORRUPT, reterr);
}

/* ---- members --------------------------------------------------------------------------------- */

/* libarchive is not always told that memory ran out, and what it says then is that the archive is
 * damaged. malloc leaves its word in errno. */

static void
expect_memory(void)
{
    errno = 0;
}

static void
check_memory(void)
{
    if (errno == ENOMEM) {
        rf_out_of_memory();
    }
}

static pthread_once_t utf8_once = PTHREAD_ONCE_INIT;
static locale_t utf8;

static void
make_utf8(void)
{
    utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (utf8 == (locale_t)0 && errno == ENOMEM) {
        rf_out_of_memory();
    }
}

/** libarchive reads names in the thread's locale, and only UTF-8 has those of all languages. */
static int
next_header(struct rf_archive *archive, struct archive_entry **ret)
{
    (void)pthread_once(&utf8_once, make_utf8);
    locale_t before = uselocale(utf8);
    expect_memory();
    int result = archive->library->archive_read_next_header(archive->reader, ret);
    check_memory();
    (void)uselocale(before);
    return result;
}

static void
describe(struct rf_archive *archive, struct archive_entry *entry, int result, struct rf_member *ret)
{
    const struct rf_libarchive *library = archive->library;
    expect_memory();
    const char *hard = library->archive_entry_hardlink(entry);
    const char *soft = library->archive_entry_symlink(entry);
    unsigned type = library->archive_entry_filetype(entry);
    la_int64_t size = library->archive_entry_size(entry);
    archive->sized = library->archive_entry_size_is_set(entry) && size >= 0;
    archive->said_bytes = archive->sized ? (uint64_t)size : 0;
    archive->got_bytes = 0;
    archive->stored_before = archive->stored_bytes;
    archive->block_bytes = 0;
    archive->member_ended = false;
    *ret = (struct rf_member){
        .path = library->archive_entry_pathname(entry),
        .kind = hard != NULL || type == AE_IFLNK ? RF_MEMBER_LINK
                : type == AE_IFREG               ? RF_MEMBER_FILE
                : type == AE_IFDIR               ? RF_MEMBER_FOLDER
                                                 : RF_MEMBER_SPECIAL,
        .target = hard != NULL ? hard : soft,
        .bytes = archive->said_bytes,
        .sparse = library->archive_entry_sparse_count(entry) > 0,
        .encrypted = library->archive_entry_is_encrypted(entry) != 0,
    };
    check_memory();
    if (result != ARCHIVE_OK) {
        const char *says = library->archive_error_string(archive->reader);
        ret->wrong = says == NULL ? "libarchive does not say what" : says;
    }
}

/** A tar that was cut between two members looks whole to libarchive, and one that goes on behind
 * its end mark too. */
static rf_code
check_tar_end(struct rf_archive *archive, struct rf_err *reterr)
{
    uint64_t end = (uint64_t)archive->library->archive_read_header_position(archive->reader);
    size_t got;
    do {
        RF_TRY(take(archive, &got));
    } while (got > 0 && archive->position - end <= RF_LIMIT_TAR_PADDING_BYTES);
    uint64_t behind = archive->position < end ? 0 : archive->position - end;
    if (behind > RF_LIMIT_TAR_PADDING_BYTES) {
        return rf_fail_at(reterr, RF_ERR_LIMIT, archive->file.name, end,
                          "more than %" PRIu64 " bytes stand behind the last member "
                          "(RF_LIMIT_TAR_PADDING_BYTES)",
                          RF_LIMIT_TAR_PADDING_BYTES);
    }
    if (archive->zeros < behind) {
        return rf_fail_at(reterr, RF_ERR_CORRUPT, archive->file.name, end,
                          "something stands behind the end of the tar archive");
    }
    if (behind < TAR_END_BYTES) {
        return rf_fail_at(reterr, RF_ERR_TRUNCATED, archive->file.name, end,
                          "the tar archive has no end mark: it was cut, or is still written");
    }
    return RF_OK;
}

rf_code
rf_archive_next(struct rf_archive *archive, struct rf_member *ret, bool *ret_end,
                struct rf_err *reterr)
{
    struct archive_entry *entry;
    int result = next_header(archive, &entry);
    *ret_end = false;
    if (result == ARCHIVE_OK || result == ARCHIVE_WARN) {
        describe(archive, entry, result, ret);
        return RF_OK;
    }
    archive->usable = false;
    if (result != ARCHIVE_EOF) {
        return fail_by_library(archive, result, "the archive is damaged", reterr);
    }
    if (archive->form != RF_ARCHIVE_ZIP) {
        rf_code code = check_tar_end(archive, reterr);
        if (code != RF_OK && archive->code != RF_OK && reterr != NULL) {
            *reterr = archive->err;
        }
        if (code != RF_OK) {
            return settle(archive, code, reterr);
        }
    }
    *ret_end = true;
    return rf_listed_check(&archive->file, reterr);
}

/** Have bytes in the block, or the member's end. */
static rf_code
fill_block(struct rf_archive *archive, struct rf_err *reterr)
{
    const void *block = NULL;
    size_t bytes = 0;
    la_int64_t offset = 0;
    expect_memory();
    int result =
        archive->library->archive_read_data_block(archive->reader, &block, &bytes, &offset);
    check_memory();
    if (result == ARCHIVE_EOF) {
        archive->member_ended = true;
        if (archive->sized && archive->got_bytes != archive->said_bytes) {
            return rf_fail(reterr, RF_ERR_CORRUPT, archive->file.name,
                           "holds %" PRIu64 " bytes where the archive says %" PRIu64,
                           archive->got_bytes, archive->said_bytes);
        }
        return RF_OK;
    }
    if (result != ARCHIVE_OK) {
        return fail_by_library(archive, result, "damaged in the archive", reterr);
    }
    if ((uint64_t)offset != archive->got_bytes) {
        return rf_fail(reterr, RF_ERR_CORRUPT, archive->file.name, "has holes (a sparse file)");
    }
    archive->block = block;
    archive->block_bytes = bytes;
    archive->got_bytes += bytes;
    if (archive->sized && archive->got_bytes > archive->said_bytes) {
        return rf_fail(reterr, RF_ERR_CORRUPT, archive->file.name,
                       "holds more than the %" PRIu64 " bytes that the archive says",
                       archive->said_bytes);
    }
    return archive->form == RF_ARCHIVE_ZIP
               ? check_ratio(archive, archive->got_bytes - bytes, archive->got_bytes,
                             archive->stored_bytes - archive->stored_before + CHUNK_BYTES, reterr)
               : RF_OK;
}

rf_code
rf_archive_read(struct rf_archive *archive, void *bytes, size_t room, size_t *ret_got,
                struct rf_err *reterr)
{
    *ret_got = 0;
    while (archive->block_bytes == 0 && !archive->member_ended) {
        rf_code code = fill_block(archive, reterr);
        if (code != RF_OK) {
            archive->block_bytes = 0;
            return settle(archive, code, reterr);
        }
    }
    if (archive->block_bytes == 0) {
        return rf_listed_check(&archive->file, reterr);
    }
    size_t count = archive->block_bytes < room ? archive->block_bytes : room;
    memcpy(bytes, archive->block, count);
    archive->block += count;
    archive->block_bytes -= count;
    *ret_got = count;
    return RF_OK;
}

bool
rf_archive_usable(const struct rf_archive *archive)
{
    return archive->usable;
}

/* ---- opening and closing --------------------------------------------------------------------- */

static int
set_up(struct rf_archive *archive)
{
    const struct rf_libarchive *library = archive->library;
    struct archive *reader = archive->reader;
    if (archive->form == RF_ARCHIVE_ZIP) {
        (void)library->archive_read_support_format_zip_seekable(reader);
        (void)library->archive_read_set_seek_callback(reader, on_seek);
    } else {
        (void)library->archive_read_support_format_tar(reader);
    }
    if (archive->form == RF_ARCHIVE_TAR) {
        (void)library->archive_read_set_skip_callback(reader, on_skip);
    }
    (void)library->archive_read_set_read_callback(reader, on_read);
    (void)library->archive_read_set_callback_data(reader, archive);
    check_memory(); /* what lacks here libarchive would follow without a look */
    return library->archive_read_open1(reader);
}

static rf_code
open_pass(struct rf_archive *archive, const struct rf_archive_file *file, struct rf_err *reterr)
{
    if (archive->library == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, file->name,
                       "archives need libarchive, and it is not on this machine; install it "
                       "(Debian: libarchive13), or unpack the archive into a folder");
    }
    RF_TRY(rf_listed_open(&archive->file, rf_strdup(file->path), file->name, file->bytes,
                          file->stamp, reterr));
    archive->chunk = rf_alloc(CHUNK_BYTES);
    if (is_packed(archive->form)) {
        RF_VERIFY(archive->gunzip != NULL);
        RF_TRY(archive->gunzip->open(archive->form == RF_ARCHIVE_TAR_ZSTD, on_inflate, archive,
                                     &archive->inflater, reterr));
    }
    expect_memory();
    archive->reader = archive->library->archive_read_new();
    check_memory();
    RF_VERIFY(archive->reader != NULL);
    int result = set_up(archive);
    check_memory();
    archive->usable = result == ARCHIVE_OK;
    if (result != ARCHIVE_OK && archive->code == RF_OK) {
        const char *form = archive->form == RF_ARCHIVE_ZIP ? "zip" : "tar";
        (void)rf_fail(reterr, RF_ERR_CORRUPT, file->name,
                      "does not begin as a %s does: it is none, or little is left of it", form);
        return settle(archive, RF_ERR_CORRUPT, reterr);
    }
    return result == ARCHIVE_OK ? RF_OK : fail_by_library(archive, result, "", reterr);
}

rf_code
rf_archive_open(const struct rf_archive_file *file, struct rf_archive **ret, struct rf_err *reterr)
{
    struct rf_archive *archive = rf_calloc(1, sizeof(*archive));
    archive->library = rf_libarchive();
    archive->form = file->form;
    archive->gunzip = file->gunzip;
    archive->file.fd = -1;
    rf_code code = open_pass(archive, file, reterr);
    if (code != RF_OK) {
        rf_archive_close(archive);
        return code;
    }
    *ret = archive;
    return RF_OK;
}

void
rf_archive_close(struct rf_archive *archive)
{
    if (archive == NULL) {
        return;
    }
    if (archive->reader != NULL) {
        (void)archive->library->archive_read_free(archive->reader);
    }
    if (archive->inflater != NULL) {
        archive->gunzip->close(archive->inflater);
    }
    free(archive->chunk);
    rf_listed_close(&archive->file);
    free(archive);
}
