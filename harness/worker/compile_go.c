/* SPDX-License-Identifier: MIT */
/* Building an aggregate that was given as a folder of a Go program. */
#include "worker/compile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "worker/complaints.h"
#include "worker/tool.h"

/** Complaints that are told of one build. */
#define TOLD 3

/** Go heads its errors with the package ("# orders"), and says how it looks for modules. */
static bool
is_error(const char *line)
{
    static const char *const ways[] = {"#", "go: downloading ", "go: finding ", "go: found ",
                                       "go: extracting "};
    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        if (strncmp(line, ways[i], strlen(ways[i])) == 0) {
            return false;
        }
    }
    return line[0] != '\0';
}

/** Whether it is what go makes of a package that is no program. */
static bool
is_library(const char *file)
{
    static const char MARK[] = "!<arch>";
    char head[sizeof(MARK) - 1];
    size_t got = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    bool is = fd >= 0 && rf_fd_read(fd, head, sizeof(head), &got) && got == sizeof(head) &&
              memcmp(head, MARK, sizeof(head)) == 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    return is;
}

rf_code
rf_compile_go(const struct rf_source *source, const char *file, struct rf_err *reterr)
{
    static const struct rf_complaint_manner MANNER = {
        .tells = is_error, .goes_on = true, .most = TOLD};
    const char *const words[] = {"go", "build", "-trimpath", "-buildvcs=false",
                                 "-o", file,    ".",         NULL};
    const struct rf_tool go = {
        .words = words,
        .folder = source->path,
        .variable = getenv("CGO_ENABLED") == NULL ? "CGO_ENABLED=0" : NULL,
        .target = STDERR_FILENO,
    };
    struct rf_buf output = {0};
    int status = 0;
    rf_code code = rf_tool_run(&go, &output, &status, reterr);
    if (code != RF_OK) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is built by go, which is not found: install it (Debian, Ubuntu: apt-get "
                       "install golang-go; else https://go.dev/dl), or name the program that was "
                       "built elsewhere");
    } else if (!rf_tool_succeeded(status)) {
        char *text = rf_complaints(&output, source, &MANNER);
        code = rf_fail(reterr, RF_ERR_USAGE, source->name, "does not compile: %s", text);
        free(text);
    } else if (is_library(file)) {
        code = rf_fail(reterr, RF_ERR_USAGE, source->name,
                       "is a Go package, but no program: refold runs a 'package main' that serves "
                       "it");
    }
    rf_buf_done(&output);
    return code;
}
