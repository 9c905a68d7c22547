/* SPDX-License-Identifier: MIT */
/* The part of LZ4 that refold calls, loaded at its first use. */
#include "history/lz4.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/library.h"

static struct rf_lz4 functions;
static bool loaded;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void
load(void)
{
    const struct rf_symbol symbols[] = {
#define RF_SYMBOL(name) {#name, &functions.name},
        RF_LZ4_FUNCTIONS(RF_SYMBOL)
#undef RF_SYMBOL
    };
    loaded = rf_library_load("liblz4.so.1", symbols, sizeof(symbols) / sizeof(symbols[0]));
}

const struct rf_lz4 *
rf_lz4(void)
{
    (void)pthread_once(&once, load);
    return loaded ? &functions : NULL;
}
