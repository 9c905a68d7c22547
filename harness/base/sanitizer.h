/* SPDX-License-Identifier: MIT */
/* Whether this is built with a sanitizer whose runtime maps memory, and makes system calls, of its
 * own: nothing may bound it. */
#ifndef RF_BASE_SANITIZER_H
#define RF_BASE_SANITIZER_H

#if defined(__has_feature)
#define RF_HAS_FEATURE(feature) __has_feature(feature)
#else
#define RF_HAS_FEATURE(feature) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) ||                               \
    RF_HAS_FEATURE(address_sanitizer) || RF_HAS_FEATURE(thread_sanitizer)
#define RF_SANITIZED 1
#else
#define RF_SANITIZED 0
#endif

#endif
