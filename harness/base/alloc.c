/* SPDX-License-Identifier: MIT */
/* Memory that is there or ends refold. */
#include "base/alloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

_Noreturn void
rf_out_of_memory(void)
{
    static const char text[] = "refold: out of memory\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
    (void)ignored;
    _exit(70);
}

void *
rf_alloc(size_t bytes)
{
    void *fresh = malloc(bytes == 0 ? 1 : bytes);
    if (fresh == NULL) {
        rf_out_of_memory();
    }
    return fresh;
}

void *
rf_calloc(size_t count, size_t size)
{
    void *fresh = calloc(count == 0 ? 1 : count, size == 0 ? 1 : size);
    if (fresh == NULL) {
        rf_out_of_memory();
    }
    return fresh;
}

void *
rf_realloc(void *old, size_t count, size_t size)
{
    size_t bytes;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        rf_out_of_memory();
    }
    void *fresh = realloc(old, bytes == 0 ? 1 : bytes);
    if (fresh == NULL) {
        rf_out_of_memory();
    }
    return fresh;
}

void *
rf_zalloc(void *opaque, unsigned count, unsigned size)
{
    (void)opaque;
    return rf_calloc(count, size);
}

void
rf_zfree(void *opaque, void *memory)
{
    (void)opaque;
    free(memory);
}

char *
rf_strndup(const char *text, size_t bytes)
{
    char *copy = rf_alloc(bytes + 1);
    memcpy(copy, text, bytes);
    copy[bytes] = '\0';
    return copy;
}

char *
rf_strdup(const char *text)
{
    return rf_strndup(text, strlen(text));
}

char *
rf_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (length < 0) {
        rf_out_of_memory();
    }
    char *text = rf_alloc((size_t)length + 1);
    va_start(args, format);
    (void)vsnprintf(text, (size_t)length + 1, format, args);
    va_end(args);
    return text;
}

void
rf_strings_free(char **strings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(strings[i]);
    }
    free(strings);
}
