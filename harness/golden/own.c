/* SPDX-License-Identifier: MIT */
/* Whose the files are that lie in a golden folder. */
#include "golden/own.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/files.h"
#include "base/path.h"
#include "golden/line.h"
#include "golden/listing.h"
#include "golden/load.h"
#include "golden/pending.h"
#include "walk/key.h"

/** So many bytes at its front show what a file is that is not all lines: certificates are large. */
#define FRONT_BYTES 4096

/** What git leaves at the front of a file that it could not merge. */
#define CONFLICT "<<<<<<<"

/* What stands in the front of each. */
#define META_MARK        "\"format\":"
#define PENDING_MARK     "\"aggregate\":"
#define REVIEWS_MARK     "\"cluster\":"
#define CERTIFICATE_MARK "\"format\":"

/** Whether a file is there and is empty, or has this mark. A fifo is never waited for. */
static bool
is_marked(const char *path, const char *mark)
{
    char front[FRONT_BYTES];
    size_t got = 0;
    int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    bool read = rf_fd_read(fd, front, sizeof(front), &got);
    (void)close(fd);
    return read && (got == 0 || memmem(front, got, mark, strlen(mark)) != NULL ||
                    (got >= strlen(CONFLICT) && memcmp(front, CONFLICT, strlen(CONFLICT)) == 0));
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

/** Whether a file of lines is there and is empty, or has a golden's. */
static bool
are_goldens(const char *path, bool packed)
{
    struct rf_buf stored = {0};
    struct rf_buf text = {0};
    struct rf_err ignored;
    bool are = rf_file_read(path, &stored, &ignored) == RF_OK;
    if (are && packed && stored.used > 0) {
        rf_code whole = rf_golden_unpack(&stored, &text, &ignored);
        (void)whole; /* of one that is cut, the lines in front of the break tell */
        are = has_golden_line(&text);
    } else if (are) {
        are = stored.used == 0 || has_golden_line(&stored);
    }
    rf_buf_done(&stored);
    rf_buf_done(&text);
    return are;
}

/** Whether there is a golden of this aggregate, be it damaged. Its lines are looked at last: there
 * may be many. */
static bool
is_golden(const char *folder, const char *aggregate)
{
    char *meta = rf_format("%s/%s.meta.json", folder, aggregate);
    char *manifest = rf_format("%s/%s.digest.json", folder, aggregate);
    char *lines = rf_format("%s/%s.ndjson", folder, aggregate);
    char *packed = rf_format("%s/%s.ndjson.gz", folder, aggregate);
    bool is = is_marked(meta, META_MARK) || is_marked(manifest, META_MARK) ||
              are_goldens(lines, false) || are_goldens(packed, true);
    free(meta);
    free(manifest);
    free(lines);
    free(packed);
    return is;
}

/** Whether NAME is an aggregate's file with this ending, and there is a golden of that aggregate,
 * or the file itself shows the mark. */
static bool
belongs(const char *folder, const char *name, const char *ending, const char *mark)
{
    size_t bytes = strlen(name);
    size_t count = strlen(ending);
    if (bytes <= count || strcmp(name + bytes - count, ending) != 0) {
        return false;
    }
    char *aggregate = rf_strndup(name, bytes - count);
    char *path = rf_path_join(folder, name);
    bool does = (mark != NULL && is_marked(path, mark)) || is_golden(folder, aggregate);
    free(aggregate);
    free(path);
    return does;
}

static bool
is_certificate(const char *folder)
{
    char *path = rf_path_join(folder, RF_CERTIFICATE_NAME);
    bool is = is_marked(path, CERTIFICATE_MARK);
    free(path);
    return is;
}

bool
rf_golden_owns(const char *folder, const char *name)
{
    if (name[0] == '.' || strcmp(name, RF_KNOWN_DAMAGE_NAME) == 0) {
        return true; /* of known damage that is not right no verdict is given */
    }
    if (strcmp(name, RF_CERTIFICATE_NAME) == 0) {
        return is_certificate(folder);
    }
    if (rf_key_name(name, strlen(name)).firehose) {
        return false;
    }
    return belongs(folder, name, RF_PENDING_ENDING, PENDING_MARK) ||
           belongs(folder, name, ".reviews.jsonl", REVIEWS_MARK) ||
           belongs(folder, name, ".meta.json", NULL) ||
           belongs(folder, name, ".digest.json", NULL) || belongs(folder, name, ".ndjson", NULL) ||
           belongs(folder, name, ".ndjson.gz", NULL);
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
