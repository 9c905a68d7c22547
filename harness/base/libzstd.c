/* SPDX-License-Identifier: MIT */
/* zstd, loaded at its first use. */
#include "base/libzstd.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rf_libzstd functions;
static bool loaded;

static void
load(void)
{
    const struct rf_symbol symbols[] = {
#define RF_SYMBOL(name) {#name, &functions.name},
        RF_LIBZSTD_FUNCTIONS(RF_SYMBOL)
#undef RF_SYMBOL
    };
    loaded = rf_library_load("libzstd.so.1", symbols, sizeof(symbols) / sizeof(symbols[0]));
}

rf_code
rf_libzstd_load(const char *what, struct rf_err *reterr)
{
    (void)pthread_once(&once, load);
    return loaded ? RF_OK
                  : rf_fail(reterr, RF_ERR_USAGE, what,
                            "%s zstd, which is not installed (Debian: libzstd1)",
                            what == NULL ? "objects or archives are packed with" : "packs need");
}

const struct rf_libzstd *
rf_libzstd(void)
{
    (void)pthread_once(&once, load);
    RF_VERIFY(loaded);
    return &functions;
}
