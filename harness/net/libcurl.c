/* SPDX-License-Identifier: MIT */
/* libcurl, loaded and made ready at its first use. */
#include "net/libcurl.h"

#include <pthread.h>
#include <stdio.h>

#include "base/library.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct rf_libcurl functions;
static bool loaded;

static void
load(void)
{
    const struct rf_symbol symbols[] = {
#define RF_SYMBOL(name) {#name, &functions.name},
        RF_LIBCURL_FUNCTIONS(RF_SYMBOL)
#undef RF_SYMBOL
    };
    loaded = rf_library_load("libcurl.so.4", symbols, sizeof(symbols) / sizeof(symbols[0])) &&
             functions.curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
}

const struct rf_libcurl *
rf_libcurl(void)
{
    (void)pthread_once(&once, load);
    return loaded ? &functions : NULL;
}

const char *
rf_libcurl_text(void)
{
    static char text[64];
    if (rf_libcurl() == NULL) {
        return "no libcurl";
    }
    (void)snprintf(text, sizeof(text), "libcurl %s",
                   functions.curl_version_info(CURLVERSION_NOW)->version);
    return text;
}
