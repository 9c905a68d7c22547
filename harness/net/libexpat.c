/* SPDX-License-Identifier: MIT */
/* expat, loaded at its first use. */
#include "net/libexpat.h"

#include <pthread.h>

#include "base/library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rf_libexpat functions;
static bool loaded;

static void
load(void)
{
    const struct rf_symbol symbols[] = {
#define RF_SYMBOL(name) {#name, &functions.name},
        RF_LIBEXPAT_FUNCTIONS(RF_SYMBOL)
#undef RF_SYMBOL
    };
    loaded = rf_library_load("libexpat.so.1", symbols, sizeof(symbols) / sizeof(symbols[0]));
}

const struct rf_libexpat *
rf_libexpat(void)
{
    (void)pthread_once(&once, load);
    return loaded ? &functions : NULL;
}
