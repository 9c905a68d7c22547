/* SPDX-License-Identifier: MIT */
/* Snappy, loaded at its first use. */
#include "decode/libsnappy.h"

#include <pthread.h>
#include <stdbool.h>

#include "base/library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rf_libsnappy functions;
static bool loaded;

static void
load(void)
{
    const struct rf_symbol symbols[] = {
#define RF_SYMBOL(name) {#name, &functions.name},
        RF_LIBSNAPPY_FUNCTIONS(RF_SYMBOL)
#undef RF_SYMBOL
    };
    loaded = rf_library_load("libsnappy.so.1", symbols, sizeof(symbols) / sizeof(symbols[0]));
}

rf_code
rf_libsnappy_load(struct rf_err *reterr)
{
    (void)pthread_once(&once, load);
    return loaded ? RF_OK
                  : rf_fail(reterr, RF_ERR_USAGE, NULL,
                            "objects are packed with Snappy, which is not installed (Debian: "
                            "libsnappy1v5)");
}

const struct rf_libsnappy *
rf_libsnappy(void)
{
    (void)pthread_once(&once, load);
    RF_VERIFY(loaded);
    return &functions;
}
