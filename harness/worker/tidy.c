/* SPDX-License-Identifier: MIT */
/* What an aggregate may change of its process, put back. */
#include "worker/tidy.h"

#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "base/alloc.h"

static struct {
    fenv_t environment; /* of floating point */
    uint32_t control;   /* of it, what decides on results */
    char *locale;
    locale_t thread_locale;
    sigset_t blocked;
} noted;

/* Rounding, and what becomes of the smallest numbers; not the flags that computing leaves. */
static uint32_t
read_control(void)
{
#if defined(__x86_64__)
    uint16_t x87;
    __asm__ volatile("fnstcw %0" : "=m"(x87));
    return (_mm_getcsr() & ~(uint32_t)_MM_EXCEPT_MASK) << 16 | x87;
#else
    return (uint32_t)fegetround();
#endif
}

void
rf_tidy_note(void)
{
    const char *locale = setlocale(LC_ALL, NULL);
    (void)fegetenv(&noted.environment);
    noted.control = read_control();
    free(noted.locale);
    noted.locale = rf_strdup(locale == NULL ? "C" : locale);
    noted.thread_locale = uselocale((locale_t)0);
    (void)sigprocmask(SIG_SETMASK, NULL, &noted.blocked);
}

void
rf_tidy_instance(void)
{
    const char *locale = setlocale(LC_ALL, NULL);
    if (read_control() != noted.control) {
        (void)fesetenv(&noted.environment);
    }
    if (uselocale((locale_t)0) != noted.thread_locale) {
        (void)uselocale(noted.thread_locale);
    }
    if (locale == NULL || strcmp(locale, noted.locale) != 0) {
        (void)setlocale(LC_ALL, noted.locale);
    }
}

void
rf_tidy_batch(void)
{
    (void)sigprocmask(SIG_SETMASK, &noted.blocked, NULL);
}
