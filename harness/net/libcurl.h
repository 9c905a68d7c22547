/* SPDX-License-Identifier: MIT */
/* The part of libcurl that refold calls, loaded and made ready at its first use. */
#ifndef RF_NET_LIBCURL_H
#define RF_NET_LIBCURL_H

/* Its type-checking macros take only direct calls. */
#define CURL_DISABLE_TYPECHECK
#include <curl/curl.h>

#define RF_LIBCURL_FUNCTIONS(X)                                                                    \
    X(curl_global_init)                                                                            \
    X(curl_version_info)                                                                           \
    X(curl_free)                                                                                   \
    X(curl_easy_init)                                                                              \
    X(curl_easy_cleanup)                                                                           \
    X(curl_easy_setopt)                                                                            \
    X(curl_easy_getinfo)                                                                           \
    X(curl_easy_pause)                                                                             \
    X(curl_slist_append)                                                                           \
    X(curl_slist_free_all)                                                                         \
    X(curl_easy_strerror)                                                                          \
    X(curl_multi_init)                                                                             \
    X(curl_multi_cleanup)                                                                          \
    X(curl_multi_add_handle)                                                                       \
    X(curl_multi_remove_handle)                                                                    \
    X(curl_multi_perform)                                                                          \
    X(curl_multi_poll)                                                                             \
    X(curl_multi_wakeup)                                                                           \
    X(curl_multi_setopt)                                                                           \
    X(curl_multi_info_read)                                                                        \
    X(curl_multi_strerror)                                                                         \
    X(curl_url)                                                                                    \
    X(curl_url_cleanup)                                                                            \
    X(curl_url_set)                                                                                \
    X(curl_url_get)                                                                                \
    X(curl_url_strerror)

struct rf_libcurl {
#define RF_MEMBER(name) __typeof__(name) *name;
    RF_LIBCURL_FUNCTIONS(RF_MEMBER)
#undef RF_MEMBER
};

/** NULL where it is not installed, or cannot be made ready. Threads: any. */
const struct rf_libcurl *rf_libcurl(void);
/** "libcurl 7.88.1", for the eye. Threads: none beside it. */
const char *rf_libcurl_text(void);

#endif
