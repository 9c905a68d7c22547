/* SPDX-License-Identifier: MIT */
/* What an aggregate may be called. */
#include "base/aggregate_name.h"

#include <string.h>

/** No table of C's: what a letter is does not depend on a locale. */
static bool
is_allowed(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9') || byte == '.' || byte == '_' || byte == '-';
}

bool
rf_aggregate_name_fits(const char *name, size_t bytes)
{
    static const char kept[] = RF_AGGREGATE_NAME_KEPT;
    size_t kept_bytes = sizeof(kept) - 1;
    if (bytes == 0 || bytes > RF_AGGREGATE_NAME_BYTES || name[0] == '.' ||
        (bytes >= kept_bytes && memcmp(name + bytes - kept_bytes, kept, kept_bytes) == 0)) {
        return false;
    }
    for (size_t i = 0; i < bytes; i++) {
        if (!is_allowed(name[i])) {
            return false;
        }
    }
    return true;
}
