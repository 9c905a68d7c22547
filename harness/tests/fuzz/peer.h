/* SPDX-License-Identifier: MIT */
/* simdjson behind a C interface: it is C++, and only tests and benchmarks use it. */
#ifndef RF_TESTS_FUZZ_PEER_H
#define RF_TESTS_FUZZ_PEER_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum fuzz_peer { FUZZ_JANSSON, FUZZ_SIMDJSON };

/** Whether its DOM parser takes the whole text. */
bool fuzz_simdjson_accepts(const char *text, size_t bytes);
/** The same for a text behind which SIMDJSON_PADDING bytes can be read: nothing is copied. */
bool fuzz_simdjson_accepts_padded(const char *text, size_t bytes);
const char *fuzz_simdjson_version(void);

#ifdef __cplusplus
}
#endif

#endif
