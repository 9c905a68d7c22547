/* SPDX-License-Identifier: MIT */
/* What is called plain is canonical: against the writer of canonical JSON. */
#include "golden/plain_state.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

TestSuite(plain_state, .timeout = 60);

static bool
is_plain(const char *text)
{
    struct rf_json doc = {0};
    struct rf_buf canonical = {0};
    cr_assert_eq(rf_json_read_whole(&doc, text, strlen(text), NULL), RF_OK, "%s", text);
    bool plain = rf_state_is_plain(&doc, 0);
    uint64_t repeated = 0;
    (void)rf_json_hash(&doc, 0, &repeated);
    rf_code code = rf_json_canonical(&doc, 0, false, &canonical, NULL);
    if (plain) {
        cr_assert(code == RF_OK && repeated == 0, "%s", text);
        size_t bytes;
        const char *token = rf_json_token(&doc, 0, &bytes);
        cr_assert(bytes == canonical.used && memcmp(token, canonical.bytes, bytes) == 0, "%s",
                  text);
    }
    rf_buf_done(&canonical);
    rf_json_done(&doc);
    return plain;
}

Test(plain_state, what_states_are_made_of_is_plain)
{
    static const char *const plain[] = {
        "{}",
        "[]",
        "0",
        "-1",
        "999999999999999999",
        "\"\"",
        "\"\xc3\xa9 \x7f\"",
        "null",
        "{\"a\":{\"b\":[1,\"x\",true],\"c\":{}},\"ab\":[[],{}],\"b\":false}",
        "{\"\":1,\"a\":2,\"a b\":3,\"aa\":4}",
    };
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        cr_expect(is_plain(plain[i]), "%s", plain[i]);
    }
}

Test(plain_state, whatever_would_be_written_otherwise_is_not)
{
    static const char *const others[] = {
        "{ }",
        "[1, 2]",
        "[\n]",
        "{\"a\": 1}",
        "{\"a\" :1}",
        "[1 ]",
        "[[ ],[]]",
        "-0",
        "1.0",
        "1e3",
        "99999999999999999999",
        "\"\\u0061\"",
        "\"\\/\"",
        "{\"b\":1,\"a\":2}",
        "{\"a\":1,\"a\":1}",
        "{\"aa\":1,\"a\":1}",
        "{\"a\":1,\"\\u0062\":2}",
        "[{\"a\":[{\"z\":1,\"y\":2}]}]",
    };
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        cr_expect(!is_plain(others[i]), "%s", others[i]);
    }
}

/* ---- random values --------------------------------------------------------------------------- */

static unsigned long state = 1;

static unsigned
draw(unsigned below)
{
    state = state * 6364136223846793005UL + 1442695040888963407UL;
    return (unsigned)(state >> 33) % below;
}

/** Mostly as the canonical writer would, now and then not. */
static void
add_value(struct rf_buf *out, unsigned depth)
{
    static const char *const leaves[] = {
        "0",     "-7",      "12",          "-0",   "1.5", "1e2",      "null",
        "\"x\"", "\"\\n\"", "\"\\u0041\"", "true", "[]",  "\"\\\\\"", "1000000000000000000"};
    unsigned count = draw(4);
    unsigned kind = depth == 0 ? 2 : draw(4);
    if (draw(40) == 0) {
        rf_buf_byte(out, ' ');
    }
    if (kind >= 2) {
        rf_buf_string(out, leaves[draw(draw(3) == 0 ? 14 : 3)]);
        return;
    }
    rf_buf_byte(out, kind == 0 ? '{' : '[');
    for (unsigned i = 0; i < count; i++) {
        rf_buf_string(out, i > 0 ? "," : "");
        if (kind == 0) {
            rf_buf_format(out, "\"%c%s\":", 'a' + (int)(draw(30) == 0 ? draw(4) : i),
                          draw(3) == 0 ? "" : "k");
        }
        add_value(out, depth - 1);
    }
    rf_buf_byte(out, kind == 0 ? '}' : ']');
}

Test(plain_state, nothing_plain_is_not_canonical)
{
    size_t plain = 0;
    for (int i = 0; i < 50000; i++) {
        struct rf_buf text = {0};
        add_value(&text, 1 + draw(4));
        plain += is_plain(rf_buf_text(&text));
        rf_buf_done(&text);
    }
    cr_assert(plain > 5000 && plain < 45000, "%zu", plain);
}
