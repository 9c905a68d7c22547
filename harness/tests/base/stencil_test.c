/* SPDX-License-Identifier: MIT */
/* Stencils: what is one, and what comes out of it with scalars in its holes. */
#include "base/stencil.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

/* Written here with '#' for a hole, so that it can be read. */
static bool
read_shown(const char *shown, struct rf_stencil *ret)
{
    size_t bytes = strlen(shown);
    char *text = malloc(bytes + 1); /* one more: malloc(0) may be NULL */
    for (size_t i = 0; i < bytes; i++) {
        text[i] = shown[i] == '#' ? RF_STENCIL_HOLE : shown[i];
    }
    bool read = rf_stencil_read(text, bytes, ret);
    free(text);
    return read;
}

Test(stencil, is_an_object_with_holes_for_its_scalars)
{
    static const struct {
        const char *shown;
        uint32_t holes;
    } good[] = {
        {"{}", 0},
        {"{\"a\":#}", 1},
        {" { \"a\" : # } ", 1},
        {"{\"a\":#,\"b\":[#,{\"c\":#},[],{}],\"\\u0000\":#}", 4},
        {"{\"\":[[[#]]]}", 1},
    };
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        struct rf_stencil stencil;
        cr_assert(read_shown(good[i].shown, &stencil), "%s", good[i].shown);
        cr_expect_eq(stencil.count, good[i].holes, "%s: %u", good[i].shown, stencil.count);
        rf_stencil_done(&stencil);
    }
}

/* One may come out of a file that was damaged. */
Test(stencil, other_texts_are_none)
{
    static const char *const bad[] = {
        "",
        " ",
        "#",
        "[#]",
        "##",
        "{",
        "{\"a\":#",
        "{#}",
        "{#:#}",
        "{\"a\":##}",
        "{\"a\":#,}",
        "{\"a\":#]",
        "{\"a\":#}x",
        "{\"a\":#}#",
        "{\"a\":#}{}",
        /* holes that are no value */
        "{\"a#\":#}",
        "{\"a\":\"#\"}",
        "{\"a\":\"x#y\"}",
        "{\"a\":1#}",
        "{\"a\":1.#}",
        "{\"a\":-#}",
        "{\"a\":1e#}",
        "{\"a\":#1}",
        "{\"a\":[#,\"#\"]}",
        "{\"a\":#.5}",
        "{\"\\u00#0\":#}",
    };
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        struct rf_stencil stencil;
        cr_expect(!read_shown(bad[i], &stencil), "%s", bad[i]);
        cr_expect_null(stencil.text, "nothing is left to free");
    }
}

static char *
show_holes(unsigned holes)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, "{\"a\":[");
    for (unsigned i = 0; i < holes; i++) {
        rf_buf_string(&text, i == 0 ? "#" : ",#");
    }
    rf_buf_string(&text, "]}");
    (void)rf_buf_text(&text);
    return text.bytes;
}

Test(stencil, has_255_holes_at_most)
{
    static const unsigned counts[] = {0, 1, 254, 255, 256, 257, 511, 512, 513, 1024};
    for (size_t i = 0; i < sizeof(counts) / sizeof(counts[0]); i++) {
        char *shown = show_holes(counts[i]);
        struct rf_stencil stencil;
        bool read = read_shown(shown, &stencil);
        cr_expect_eq(read, counts[i] <= RF_STENCIL_HOLES, "%u holes", counts[i]);
        cr_expect(!read || stencil.count == counts[i]);
        rf_stencil_done(&stencil);
        free(shown);
    }
}

static void
expect_filled(const struct rf_stencil *stencil, uint32_t node, const char *tokens,
              const uint16_t *ends, const char *expected)
{
    struct rf_buf filled = {0};
    rf_buf_string(&filled, "before ");
    rf_stencil_fill(stencil, node, tokens, ends, &filled);
    char *whole = rf_format("before %s", expected);
    cr_expect_str_eq(rf_buf_text(&filled), whole, "node %u: %s expected, got %s", node, whole,
                     filled.bytes);
    free(whole);
    rf_buf_done(&filled);
}

Test(stencil, gives_the_text_of_each_value)
{
    struct rf_stencil stencil;
    cr_assert(read_shown("{\"a\":#, \"bc\" :[#,{\"d\":#},[ ]],\"e\":{},\"f\":#}", &stencil));
    static const char tokens[] = "1\"x\\\"y\"truenull";
    static const uint16_t ends[] = {1, 7, 11, 15};
    static const char *const values[] = {
        "{\"a\":1, \"bc\" :[\"x\\\"y\",{\"d\":true},[ ]],\"e\":{},\"f\":null}",
        "\"a\"",
        "1",
        "\"bc\"",
        "[\"x\\\"y\",{\"d\":true},[ ]]",
        "\"x\\\"y\"",
        "{\"d\":true}",
        "\"d\"",
        "true",
        "[ ]",
        "\"e\"",
        "{}",
        "\"f\"",
        "null",
    };
    cr_assert_eq(stencil.doc.used, sizeof(values) / sizeof(values[0]));
    for (uint32_t node = 0; node < stencil.doc.used; node++) {
        expect_filled(&stencil, node, tokens, ends, values[node]);
    }
    rf_stencil_done(&stencil);
}

/* All holes, tokens of every length, ends up to what 16 bits hold. */
Test(stencil, takes_tokens_up_to_65535_bytes)
{
    char *shown = show_holes(RF_STENCIL_HOLES);
    struct rf_stencil stencil;
    cr_assert(read_shown(shown, &stencil));
    struct rf_buf tokens = {0};
    struct rf_buf expected = {0};
    uint16_t ends[RF_STENCIL_HOLES];
    rf_buf_string(&expected, "{\"a\":[");
    for (unsigned i = 0; i < RF_STENCIL_HOLES; i++) {
        size_t from = tokens.used;
        for (size_t n = i == 254 ? 65535 - tokens.used : i * 2 + 1; n > 0; n--) {
            rf_buf_byte(&tokens, (char)('1' + i % 9));
        }
        ends[i] = (uint16_t)tokens.used;
        if (i > 0) {
            rf_buf_byte(&expected, ',');
        }
        rf_buf_add(&expected, tokens.bytes + from, tokens.used - from);
    }
    rf_buf_string(&expected, "]}");
    cr_assert_eq(tokens.used, 65535);
    expect_filled(&stencil, 0, tokens.bytes, ends, rf_buf_text(&expected));
    rf_buf_done(&tokens);
    rf_buf_done(&expected);
    rf_stencil_done(&stencil);
    free(shown);
}
