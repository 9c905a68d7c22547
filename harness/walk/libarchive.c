/* SPDX-License-Identifier: MIT */
/* libarchive, loaded at its first use. */
#include "walk/libarchive.h"

#include <pthread.h>

#include "base/library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rf_libarchive functions;
static bool loaded;

static void
load(void)
{
    const struct rf_symbol symbols[] = {
#define RF_SYMBOL(name) {#name, &functions.name},
        RF_LIBARCHIVE_FUNCTIONS(RF_SYMBOL)
#undef RF_SYMBOL
    };
    loaded = rf_library_load("libarchive.so.13", symbols, sizeof(symbols) / sizeof(symbols[0]));
}

const struct rf_libarchive *
rf_libarchive(void)
{
    (void)pthread_once(&once, load);
    return loaded ? &functions : NULL;
}

const char *
rf_libarchive_text(void)
{
    return rf_libarchive() == NULL ? "no libarchive" : functions.archive_version_string();
}
