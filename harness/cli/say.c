/* SPDX-License-Identifier: MIT */
/* Sentences for standard error, and what was asked for on standard output. */
#include "cli/say.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/fd.h"
#include "base/files.h"
#include "cli/interrupt.h"

static void
print(struct rf_buf *line)
{
    rf_buf_byte(line, '\n');
    (void)fwrite(line->bytes, 1, line->used, stderr);
    rf_buf_done(line);
}

void
rf_say_error(const struct rf_err *err)
{
    struct rf_buf line = {0};
    rf_buf_string(&line, "refold: ");
    if (err->where[0] != '\0') {
        rf_escape_terminal(&line, err->where, strlen(err->where));
        rf_buf_string(&line, ": ");
    }
    rf_escape_terminal(&line, err->text, strlen(err->text));
    print(&line);
}

void
rf_say(const char *text)
{
    struct rf_buf line = {0};
    rf_buf_string(&line, "refold: ");
    rf_escape_terminal(&line, text, strlen(text));
    print(&line);
}

void
rf_say_lines(const struct rf_buf *lines)
{
    (void)fwrite(lines->bytes, 1, lines->used, stderr);
    (void)fflush(stderr);
}

rf_code
rf_say_whole(int fd, const char *name, const char *what, const struct rf_buf *text,
             struct rf_err *reterr)
{
    if (rf_fd_write(fd, text->bytes, text->used)) {
        return RF_OK;
    }
    if (errno == EPIPE) {
        rf_interrupt_raise(SIGPIPE);
    }
    return rf_fail_errno(reterr, RF_ERR_OUTPUT, name, "cannot write the %s", what);
}

bool
rf_is_device(const char *path)
{
    struct stat facts;
    return stat(path, &facts) == 0 && !S_ISREG(facts.st_mode) && !S_ISDIR(facts.st_mode);
}

rf_code
rf_say_file(const char *path, const struct rf_buf *text, struct rf_err *reterr)
{
    if (rf_is_device(path)) {
        int fd = open(path, O_WRONLY | O_CLOEXEC);
        if (fd < 0) {
            return rf_fail_errno(reterr, RF_ERR_OUTPUT, path, "cannot write the report");
        }
        rf_code written = rf_say_whole(fd, path, "report", text, reterr);
        (void)close(fd);
        return written;
    }
    struct rf_files *files = rf_files_new();
    rf_code code = rf_files_add(files, path, text->bytes, text->used, reterr);
    if (code == RF_OK) {
        code = rf_files_commit(files, reterr);
    }
    rf_files_free(files);
    return code;
}
