/* SPDX-License-Identifier: MIT */
/* How a text begins: what is no event may be a record all the same. */
#include "decode/front.h"

#include <string.h>

size_t
rf_front_of_text(const char *text, size_t bytes)
{
    static const char mark[] = "\xEF\xBB\xBF"; /* of UTF-8 */
    size_t at = bytes >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    while (at < bytes &&
           (text[at] == ' ' || (text[at] >= '\t' && text[at] <= '\r') || text[at] == '[')) {
        at++;
    }
    return at;
}

bool
rf_front_is_record(const char *text, size_t bytes)
{
    size_t at = rf_front_of_text(text, bytes);
    return (at < bytes && text[at] == '{') ||
           (at + 1 < bytes && text[at] == '"' && text[at + 1] == '{');
}
