/* SPDX-License-Identifier: MIT */
/* Filling in error details. */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"

static void
fill(struct rf_err *err, rf_code code, const char *where, const char *format, va_list args)
{
    if (err == NULL) {
        return;
    }
    memset(err, 0, sizeof(*err));
    err->code = code;
    (void)snprintf(err->where, sizeof(err->where), "%s", where == NULL ? "" : where);
    (void)vsnprintf(err->text, sizeof(err->text), format, args);
}

rf_code
rf_fail(struct rf_err *reterr, rf_code code, const char *where, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(reterr, code, where, format, args);
    va_end(args);
    return code;
}

rf_code
rf_fail_at(struct rf_err *reterr, rf_code code, const char *where, uint64_t offset_bytes,
           const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fill(reterr, code, where, format, args);
    va_end(args);
    if (reterr != NULL) {
        reterr->offset_bytes = offset_bytes;
        reterr->has_offset = 1;
    }
    return code;
}

rf_code
rf_fail_errno(struct rf_err *reterr, rf_code code, const char *where, const char *format, ...)
{
    int saved = errno;
    if (saved == ENOMEM) {
        rf_out_of_memory();
    }
    va_list args;
    va_start(args, format);
    fill(reterr, code, where, format, args);
    va_end(args);
    if (reterr != NULL) {
        size_t used = strlen(reterr->text);
        (void)snprintf(reterr->text + used, sizeof(reterr->text) - used, ": %s", strerror(saved));
        reterr->sys_errno = saved;
    }
    return code;
}

void
rf_bug(const char *file, int line, const char *format, ...)
{
    va_list args;
    (void)fprintf(stderr, "refold: internal error at %s:%d: ", file, line);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fprintf(stderr, "; no verdict can be trusted, please report this\n");
    _exit(70);
}
