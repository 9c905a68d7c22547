/* SPDX-License-Identifier: MIT */
/* How a station says that something went wrong: a code to branch on, and a detail to show. */
#ifndef RF_BASE_ERROR_H
#define RF_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

/** The category of an error. The command line maps it to an exit status (contract.md). */
typedef enum rf_code {
    RF_OK = 0,
    RF_ERR_USAGE,       /**< bad usage, config or plugin: exit 2, before anything is read */
    RF_ERR_CORRUPT,     /**< bytes that contradict their own checks: damage, exit 3 */
    RF_ERR_TRUNCATED,   /**< bytes that end too early: damage, exit 3 */
    RF_ERR_MALFORMED,   /**< text that does not follow its grammar: damage, exit 3 */
    RF_ERR_LIMIT,       /**< a limit of base/limits.h was hit: damage, exit 3 */
    RF_ERR_SOURCE,      /**< a source could not be read, or changed meanwhile: exit 4 */
    RF_ERR_OUTPUT,      /**< a report or golden could not be written: exit 5 */
    RF_ERR_INTERNAL,    /**< refold itself failed: exit 70 */
    RF_ERR_INTERRUPTED, /**< ended by a signal */
} rf_code;

/** Whether what was read is broken: that counts as damage, and the rest is read on. */
static inline bool
rf_code_is_damage(rf_code code)
{
    return code == RF_ERR_CORRUPT || code == RF_ERR_TRUNCATED || code == RF_ERR_MALFORMED ||
           code == RF_ERR_LIMIT;
}

/**
 * The detail of an error, in the caller's storage; nothing is allocated on the error path.
 *
 * `where` names the object, file or option; `text` says what is wrong, lower case, no full stop.
 * Both may hold bytes of hostile input: whoever prints them escapes them for the reader.
 */
struct rf_err {
    rf_code code;
    int sys_errno;         /**< errno of the failing call, or 0 */
    uint64_t offset_bytes; /**< where in the input, if has_offset */
    int has_offset;
    char where[256];
    char text[512];
};

#define RF_MUST_USE              __attribute__((warn_unused_result))
#define RF_PRINTF(string, first) __attribute__((format(printf, string, first)))

/** Hands an error of `expr` on to the caller. The only macro with hidden control flow. */
#define RF_TRY(expr)                                                                               \
    do {                                                                                           \
        rf_code rf_try_ = (expr);                                                                  \
        if (rf_try_ != RF_OK) {                                                                    \
            return rf_try_;                                                                        \
        }                                                                                          \
    } while (0)

/** Fills `reterr` (may be NULL) and returns `code`, so that callers can write `return rf_fail(…)`.
 * `where` may be NULL. */
rf_code rf_fail(struct rf_err *reterr, rf_code code, const char *where, const char *format, ...)
    RF_PRINTF(4, 5);

/** As rf_fail, with the byte offset in the input. */
rf_code rf_fail_at(struct rf_err *reterr, rf_code code, const char *where, uint64_t offset_bytes,
                   const char *format, ...) RF_PRINTF(5, 6);

/** As rf_fail, for a failed system call: appends strerror(errno) to the text and keeps errno. Where
 * that is ENOMEM it is not what `code` says: it ends refold as rf_alloc does. */
rf_code rf_fail_errno(struct rf_err *reterr, rf_code code, const char *where, const char *format,
                      ...) RF_PRINTF(4, 5);

/** Ends refold with exit status 70: a broken promise of our own, never bad input. Threads: any. */
_Noreturn void rf_bug(const char *file, int line, const char *format, ...) RF_PRINTF(3, 4);

/** Stays on in release builds; for our own bugs, never for input. */
#define RF_VERIFY(condition)                                                                       \
    do {                                                                                           \
        if (!(condition)) {                                                                        \
            rf_bug(__FILE__, __LINE__, "broken promise: %s", #condition);                          \
        }                                                                                          \
    } while (0)

#endif
