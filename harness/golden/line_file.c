/* SPDX-License-Identifier: MIT */
/* A golden's file, read line by line and never held as a whole. */
#include "golden/line_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

/** So much is read at once: it stays in the processor's cache until its lines are read. */
#define WINDOW_BYTES ((size_t)256 << 10)

struct rf_line_file {
    int fd;
    char *path;
    struct rf_buf window; /**< what was read … */
    size_t at;            /**< … lines before this byte of it were given out … */
    size_t searched;      /**< … and there is no LF in front of this one */
    uint64_t offset;      /**< of the window, in the file */
    bool ended;           /**< there is nothing behind the window */
    struct rf_sha256 *sha;
};

static rf_code
check_regular(int fd, const char *path, struct rf_err *reterr)
{
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot read the file");
    }
    return S_ISREG(about.st_mode) ? RF_OK
                                  : rf_fail(reterr, RF_ERR_SOURCE, path, "is no regular file");
}

rf_code
rf_line_file_open(const char *path, struct rf_line_file **ret, struct rf_err *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "cannot open the file");
    }
    rf_code code = check_regular(fd, path, reterr);
    if (code != RF_OK) {
        (void)close(fd);
        return code;
    }
    *ret = rf_calloc(1, sizeof(**ret));
    (*ret)->fd = fd;
    (*ret)->path = rf_strdup(path);
    (*ret)->sha = rf_sha256_new();
    return RF_OK;
}

void
rf_line_file_close(struct rf_line_file *file)
{
    if (file != NULL) {
        char unwanted[RF_SHA256_HEX_BYTES];
        (void)rf_line_file_end(file, unwanted);
        (void)close(file->fd);
        free(file->path);
        free(file);
    }
}

/** Reads on; what was given out makes room. A line that is longer than the window makes it grow. */
static rf_code
fill_window(struct rf_line_file *file, struct rf_err *reterr)
{
    struct rf_buf *window = &file->window;
    size_t got = 0;
    if (file->at > 0) {
        memmove(window->bytes, window->bytes + file->at, window->used - file->at);
        window->used -= file->at;
        file->searched -= file->at;
        file->offset += file->at;
        file->at = 0;
    }
    rf_buf_reserve(window, WINDOW_BYTES);
    if (!rf_fd_read(file->fd, window->bytes + window->used, WINDOW_BYTES, &got)) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, file->path, "cannot read the file");
    }
    rf_sha256_add(file->sha, window->bytes + window->used, got);
    window->used += got;
    file->ended = got < WINDOW_BYTES;
    return RF_OK;
}

rf_code
rf_line_file_next(struct rf_line_file *file, struct rf_file_line *ret, struct rf_err *reterr)
{
    const struct rf_buf *window = &file->window;
    const char *feed = NULL;
    for (;;) {
        size_t unsearched = window->used - file->searched;
        if (unsearched > 0) {
            feed = memchr(window->bytes + file->searched, '\n', unsearched);
            file->searched = window->used;
        }
        if (feed != NULL || file->ended) {
            break;
        }
        RF_TRY(fill_window(file, reterr));
    }
    size_t end = feed == NULL ? window->used : (size_t)(feed - window->bytes);
    *ret = (struct rf_file_line){
        .text = end == file->at && feed == NULL ? NULL : window->bytes + file->at,
        .bytes = end - file->at,
        .offset = file->offset + file->at,
        .whole = feed != NULL,
    };
    file->at = feed == NULL ? end : end + 1;
    file->searched = file->at;
    return RF_OK;
}

uint64_t
rf_line_file_end(struct rf_line_file *file, char hex[RF_SHA256_HEX_BYTES])
{
    if (file->sha != NULL) {
        rf_sha256_finish(file->sha, hex);
        file->sha = NULL;
        file->offset += file->window.used;
        rf_buf_done(&file->window);
    }
    return file->offset;
}

rf_code
rf_line_file_again(const struct rf_line_file *file, uint64_t offset, size_t bytes,
                   struct rf_buf *ret, struct rf_err *reterr)
{
    size_t got = 0;
    rf_buf_clear(ret);
    rf_buf_reserve(ret, bytes + 1);
    if (!rf_fd_read_at(file->fd, ret->bytes, bytes, offset, &got)) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, file->path, "cannot read the file");
    }
    ret->used = got;
    return got == bytes ? RF_OK
                        : rf_fail(reterr, RF_ERR_SOURCE, file->path,
                                  "was cut while it was compared: run it again");
}
