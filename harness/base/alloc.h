/* SPDX-License-Identifier: MIT */
/* Memory that is there or ends refold: every caller may use what it gets without a check. */
#ifndef RF_BASE_ALLOC_H
#define RF_BASE_ALLOC_H

#include <stddef.h>
#include <stdlib.h>

/**
 * All of these end the process with exit status 70 and "out of memory" where the system refuses
 * (contract.md, exit status); goldens are only ever renamed into place, so none is touched.
 * `count * size` is checked for overflow. What they return is owned by the caller, for free().
 * Threads: safe.
 */
void *rf_alloc(size_t bytes);
void *rf_calloc(size_t count, size_t size);
void *rf_realloc(void *old, size_t count, size_t size);
char *rf_strdup(const char *text);
/** A copy of `bytes` bytes with a NUL behind them. */
char *rf_strndup(const char *text, size_t bytes);
/** printf into fresh memory. */
char *rf_format(const char *format, ...) __attribute__((format(printf, 1, 2)));

/** What they do then; for memory that others were refused. Threads: any. */
_Noreturn void rf_out_of_memory(void);

/** The same for libraries that take such functions, as zlib does. */
void *rf_zalloc(void *opaque, unsigned count, unsigned size);
void rf_zfree(void *opaque, void *memory);

/** Frees an array of strings, and these. Accepts NULL with a count of 0. */
void rf_strings_free(char **strings, size_t count);

/** Makes room for at least `need` items in an array: `RF_GROW(list->items, list->room, n)`. */
#define RF_GROW(items, room, need)                                                                 \
    do {                                                                                           \
        if ((size_t)(need) > (size_t)(room)) {                                                     \
            size_t rf_room_ = (size_t)(room) < 8 ? 8 : 2 * (size_t)(room);                         \
            if (rf_room_ < (size_t)(need)) {                                                       \
                rf_room_ = (size_t)(need);                                                         \
            }                                                                                      \
            (items) = rf_realloc((items), rf_room_, sizeof(*(items)));                             \
            (room) = (__typeof__(room))rf_room_;                                                   \
        }                                                                                          \
    } while (0)

#endif
