/* SPDX-License-Identifier: MIT */
/* Tests of decode/base64.c. */
#include "decode/base64.h"

#include <criterion/criterion.h>

static int
decodes_to(const char *text, const char *bytes)
{
    struct rf_buf out = {0};
    int same = rf_base64_decode(text, strlen(text), &out) && out.used == strlen(bytes) &&
               (out.used == 0 || memcmp(out.bytes, bytes, out.used) == 0);
    rf_buf_done(&out);
    return same;
}

static int
is_refused(const char *text)
{
    struct rf_buf out = {0};
    int refused = !rf_base64_decode(text, strlen(text), &out);
    rf_buf_done(&out);
    return refused;
}

Test(base64, decodes_the_vectors_of_rfc_4648)
{
    cr_expect(decodes_to("", ""));
    cr_expect(decodes_to("Zg==", "f"));
    cr_expect(decodes_to("Zm8=", "fo"));
    cr_expect(decodes_to("Zm9v", "foo"));
    cr_expect(decodes_to("Zm9vYg==", "foob"));
    cr_expect(decodes_to("Zm9vYmE=", "fooba"));
    cr_expect(decodes_to("Zm9vYmFy", "foobar"));
    cr_expect(decodes_to("+/+/", "\xfb\xff\xbf"));
}

Test(base64, refuses_everything_else)
{
    static const char *const refused[] = {
        "Z",    "Zg",       "Zm9",      "Zg=",      "Zm9vY",      "====",      "=m9v",     "Z=9v",
        "Zm=v", "Z===",     "Zg==Zm9v", "Zm8=Zm9v", "Zm-v",       "Zm_v",      "Zm9v\n\n", "Zm9 ",
        " m9v", "Zm9v====", "Zh==",     "Zm9=",     "Z\xc3\xa9v", "Zm9vYg=\n", "Zm9vY===",
    };
    for (size_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        cr_expect(is_refused(refused[i]), "%s", refused[i]);
    }
}

/* The oracle is an encoder of its own: bytes to digits by arithmetic on one long number. */
Test(base64, is_the_inverse_of_encoding)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    unsigned char bytes[64];
    char text[96];
    unsigned state = 7;
    for (size_t count = 0; count <= sizeof(bytes); count++) {
        for (size_t i = 0; i < count; i++) {
            state = state * 1103515245 + 12345;
            bytes[i] = (unsigned char)(state >> 16);
        }
        size_t used = 0;
        for (size_t bit = 0; bit < count * 8; bit += 6) {
            unsigned value = 0;
            for (size_t i = bit; i < bit + 6; i++) {
                value = value * 2 + (i < count * 8 ? bytes[i / 8] >> (7 - i % 8) & 1 : 0);
            }
            text[used++] = digits[value];
        }
        while (used % 4 != 0) {
            text[used++] = '=';
        }
        struct rf_buf out = {0};
        cr_assert(rf_base64_decode(text, used, &out), "%zu bytes", count);
        cr_assert(out.used == count && (count == 0 || memcmp(out.bytes, bytes, count) == 0));
        rf_buf_done(&out);
    }
}
