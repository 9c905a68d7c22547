/* SPDX-License-Identifier: MIT */
/* UTF-8, strictly: no overlong forms, no surrogates, nothing above U+10FFFF. */
#include "base/json.h"

#include <string.h>

/* Which bytes may follow a lead byte: RFC 3629, section 4. */
struct sequence {
    size_t bytes;
    unsigned char second_min;
    unsigned char second_max;
};

static struct sequence
sequence_of(unsigned char lead)
{
    if (lead < 0xC2 || lead > 0xF4) {
        return (struct sequence){0, 0, 0};
    }
    if (lead < 0xE0) {
        return (struct sequence){2, 0x80, 0xBF};
    }
    if (lead < 0xF0) {
        return (struct sequence){3, lead == 0xE0 ? 0xA0 : 0x80, lead == 0xED ? 0x9F : 0xBF};
    }
    return (struct sequence){4, lead == 0xF0 ? 0x90 : 0x80, lead == 0xF4 ? 0x8F : 0xBF};
}

size_t
rf_utf8_next(const char *bytes, size_t count, bool *ret_cut)
{
    *ret_cut = false;
    unsigned char lead = (unsigned char)bytes[0];
    if (lead < 0x80) {
        return 1;
    }
    struct sequence want = sequence_of(lead);
    for (size_t i = 1; i < want.bytes; i++) {
        if (i == count) {
            *ret_cut = true;
            return 0;
        }
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < (i == 1 ? want.second_min : 0x80) || byte > (i == 1 ? want.second_max : 0xBF)) {
            return 0;
        }
    }
    return want.bytes;
}

size_t
rf_utf8_valid(const char *bytes, size_t count)
{
    size_t at = 0;
    while (at < count) {
        uint64_t eight;
        if (count - at >= sizeof(eight)) {
            memcpy(&eight, bytes + at, sizeof(eight));
            if ((eight & UINT64_C(0x8080808080808080)) == 0) {
                at += sizeof(eight);
                continue;
            }
        }
        bool cut;
        size_t length = rf_utf8_next(bytes + at, count - at, &cut);
        if (length == 0) {
            break;
        }
        at += length;
    }
    return at;
}
