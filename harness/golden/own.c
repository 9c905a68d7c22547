/* SPDX-License-Identifier: MIT */
/* Whose the files are that lie in a golden folder. */
#include "golden/own.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/path.h"
#include "golden/line.h"
#include "golden/listing.h"
#include "golden/load.h"
#include "golden/meta.h"
#include "golden/pending.h"
#include "walk/key.h"

/** So many bytes at its front show what a file is that is not all lines: certificates are large. */
#define FRONT_BYTES 4096

/** Within so many bytes one line of a golden is found, or none: files of lines may be huge. */
#define LINES_FRONT_BYTES ((size_t)1 << 20)

/** What stands in the front of each; NULL: nothing else. */
typedef const char *marks[2];
static const marks META_MARKS = {"\"aggregate\":", "\"format\":"}; /* of a manifest too */
static const marks PENDING_MARKS = {"\"aggregate\":", NULL};
static const marks REVIEWS_MARKS = {"\"cluster\":", NULL};
static const marks CERTIFICATE_MARKS = {"\"format\":", "\"objects\":"};

static bool
is_empty(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size == 0;
}

/** Appends what a regular file begins with; a fifo is never waited for. */
static bool
read_front(const char *path, size_t bytes, struct rf_buf *ret)
{
    struct stat facts;
    size_t got = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    rf_buf_reserve(ret, bytes);
    bool read = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) &&
                rf_fd_read(fd, ret->bytes + ret->used, bytes, &got);
    (void)close(fd);
    ret->used += got;
    return read;
}

/** Whether a file is there and has these marks. */
static bool
is_marked(const char *path, const marks wanted)
{
    struct rf_buf front = {0};
    bool is = read_front(path, FRONT_BYTES, &front);
    bool unmerged = is && rf_meta_is_unmerged(front.bytes, front.used);
    for (size_t i = 0; i < sizeof(marks) / sizeof(wanted[0]) && is && wanted[i] != NULL; i++) {
        is = memmem(front.bytes, front.used, wanted[i], strlen(wanted[i])) != NULL;
    }
    rf_buf_done(&front);
    return is || unmerged;
}

static bool
has_golden_line(const struct rf_buf *text)
{
    struct rf_line_texts texts = {0};
    struct rf_line_reader reader = {.texts = &texts};
    const char *at = text->bytes;
    const char *end = at + text->used;
    bool found = false;
    while (at < end && !found) {
        struct rf_golden_line line;
        struct rf_err ignored;
        const char *feed = memchr(at, '\n', (size_t)(end - at));
        size_t bytes = (size_t)((feed == NULL ? end : feed) - at);
        size_t shorn =
            bytes > 0 && at[bytes - 1] == '\r' ? bytes - 1 : bytes; /* git's, on Windows */
        found = rf_line_read(&reader, at, shorn, &line, &ignored) == RF_OK;
        at += bytes + 1;
    }
    rf_line_reader_done(&reader);
    rf_line_texts_done(&texts);
    return found;
}

/** Whether a file of lines is there and has a golden's in its front. */
static bool
are_goldens(const char *path, bool packed)
{
    struct rf_buf stored = {0};
    struct rf_buf text = {0};
    struct rf_err ignored;
    bool are = read_front(path, LINES_FRONT_BYTES, &stored);
    if (are && packed) {
        rf_code whole = rf_golden_unpack_front(&stored, LINES_FRONT_BYTES, &text, &ignored);
        (void)whole; /* of one that is cut, the lines in front of the break tell */
    }
    are = are && has_golden_line(packed ? &text : &stored);
    rf_buf_done(&stored);
    rf_buf_done(&text);
    return are;
}

/** Whether there is a golden of this aggregate, be it damaged: a file that shows that it is one. Of
 * one that is empty nothing follows for the others. Lines are looked at last: they take longer. */
static bool
is_golden(const char *folder, const char *aggregate)
{
    char *meta = rf_format("%s/%s" RF_META_ENDING, folder, aggregate);
    char *manifest = rf_format("%s/%s" RF_DIGEST_ENDING, folder, aggregate);
    char *lines = rf_format("%s/%s" RF_LINES_ENDING, folder, aggregate);
    char *packed = rf_format("%s/%s" RF_GZIP_ENDING, folder, aggregate);
    bool is = is_marked(meta, META_MARKS) || is_marked(manifest, META_MARKS) ||
              are_goldens(lines, false) || are_goldens(packed, true);
    free(meta);
    free(manifest);
    free(lines);
    free(packed);
    return is;
}

/** Whether the file shows itself what it is, or there is a golden of the aggregate in its name. */
static bool
belongs(const char *folder, const char *name, const char *path)
{
    const char *ending = rf_golden_ending(name);
    if (ending == NULL) {
        return false;
    }
    char *aggregate = rf_strndup(name, strlen(name) - strlen(ending));
    bool does = (strcmp(ending, RF_PENDING_ENDING) == 0 && is_marked(path, PENDING_MARKS)) ||
                (strcmp(ending, RF_REVIEWS_ENDING) == 0 && is_marked(path, REVIEWS_MARKS)) ||
                is_golden(folder, aggregate);
    free(aggregate);
    return does;
}

bool
rf_golden_owns(const char *folder, const char *name)
{
    if (name[0] == '.' || strcmp(name, RF_KNOWN_DAMAGE_NAME) == 0) {
        return true; /* of known damage that is not right no verdict is given */
    }
    if (!rf_golden_file_is(name) || rf_key_name(name, strlen(name)).firehose) {
        return false;
    }
    char *path = rf_path_join(folder, name);
    bool owns = is_empty(path) ||
                (strcmp(name, RF_CERTIFICATE_NAME) == 0 ? is_marked(path, CERTIFICATE_MARKS)
                                                        : belongs(folder, name, path));
    free(path);
    return owns;
}

/** The smallest of those names in a folder that no golden has: a folder is listed in any order. */
struct foreign {
    const char *folder;
    char *first; /**< or NULL */
};

static void
note_foreign(void *context, int at, const char *name)
{
    struct foreign *foreign = context;
    (void)at;
    if (rf_golden_file_is(name) && !rf_golden_owns(foreign->folder, name) &&
        (foreign->first == NULL || strcmp(name, foreign->first) < 0)) {
        free(foreign->first);
        foreign->first = rf_strdup(name);
    }
}

rf_code
rf_golden_check_own(const char *folder, struct rf_err *reterr)
{
    struct foreign foreign = {.folder = folder};
    rf_code code = rf_golden_files_each(folder, note_foreign, &foreign, reterr);
    if (code == RF_OK && foreign.first != NULL) {
        char *path = rf_path_join(folder, foreign.first);
        code = rf_fail(reterr, RF_ERR_USAGE, path,
                       "is no golden of refold's, though it has the name of one, and might be "
                       "overwritten: choose another folder with -g, or move it away");
        free(path);
    }
    free(foreign.first);
    return code;
}
