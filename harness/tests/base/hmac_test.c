/* SPDX-License-Identifier: MIT */
/* HMAC-SHA-256 by the vectors of RFC 4231. */
#include "base/hmac.h"

#include <criterion/criterion.h>
#include <string.h>

static void
expect_mac(const struct rf_hmac *hmac, const char *text, size_t cut, const char *wanted)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char mac[RF_HMAC_BYTES];
    char hex[2 * RF_HMAC_BYTES + 1] = {0};
    rf_hmac_make(hmac, text, cut, text + cut, strlen(text) - cut, mac);
    for (size_t i = 0; i < RF_HMAC_BYTES; i++) {
        hex[2 * i] = digits[mac[i] >> 4];
        hex[2 * i + 1] = digits[mac[i] & 15];
    }
    cr_expect_str_eq(hex, wanted);
}

Test(hmac, is_that_of_rfc_4231)
{
    unsigned char key1[20];
    memset(key1, 0x0b, sizeof(key1));
    struct rf_hmac *first = rf_hmac_new(key1, sizeof(key1));
    struct rf_hmac *second = rf_hmac_new("Jefe", 4);
    const char *wanted = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
    expect_mac(first, "Hi There", 0,
               "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    for (size_t cut = 0; cut <= strlen("what do ya want for nothing?"); cut++) {
        expect_mac(second, "what do ya want for nothing?", cut, wanted);
    }
    rf_hmac_free(first);
    rf_hmac_free(second);
    rf_hmac_free(NULL);
}

Test(hmac, takes_keys_longer_than_a_block)
{
    unsigned char key[131];
    memset(key, 0xaa, sizeof(key));
    struct rf_hmac *hmac = rf_hmac_new(key, sizeof(key));
    expect_mac(hmac, "Test Using Larger Than Block-Size Key - Hash Key First", 5,
               "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    rf_hmac_free(hmac);
}
