// SPDX-License-Identifier: MIT
// simdjson behind a C interface.
#include "tests/fuzz/peer.h"

#include <simdjson.h>

#define TEXT_OF_(tokens) #tokens
#define TEXT_OF(macro)   TEXT_OF_(macro)

static simdjson::dom::parser parser;

bool
fuzz_simdjson_accepts(const char *text, size_t bytes)
{
    return parser.parse(text, bytes).error() == simdjson::SUCCESS;
}

bool
fuzz_simdjson_accepts_padded(const char *text, size_t bytes)
{
    return parser.parse(text, bytes, false).error() == simdjson::SUCCESS;
}

const char *
fuzz_simdjson_version(void)
{
    return TEXT_OF(SIMDJSON_VERSION);
}
