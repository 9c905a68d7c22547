/* SPDX-License-Identifier: MIT */
/* Numbers and texts as bytes: what is read is what was written, and never more than there is. */
#include <criterion/criterion.h>
#include <string.h>

#include "base/wire.h"

TestSuite(wire, .timeout = 20);

Test(wire, gives_back_what_was_put)
{
    struct rf_buf bytes = {0};
    size_t count;
    rf_wire_put_number(&bytes, UINT64_MAX);
    rf_wire_put_text(&bytes, "a\0b", 3);
    rf_wire_put_text(&bytes, "", 0);
    rf_wire_put_text(&bytes, NULL, 0);
    rf_wire_put_number(&bytes, 1);
    struct rf_wire wire = rf_wire_begin(bytes.bytes, bytes.used);
    cr_expect_eq(rf_wire_number(&wire), UINT64_MAX);
    char *text = rf_wire_text(&wire, &count);
    cr_expect(count == 3 && memcmp(text, "a\0b", 4) == 0);
    free(text);
    text = rf_wire_text(&wire, NULL);
    cr_expect_str_eq(text, "");
    free(text);
    cr_expect_null(rf_wire_text(&wire, NULL));
    cr_expect(!rf_wire_ended(&wire));
    cr_expect(rf_wire_flag(&wire));
    cr_expect(rf_wire_ended(&wire));
    cr_expect_eq(rf_wire_number(&wire), 0);
    cr_expect(wire.broken && !rf_wire_ended(&wire));
    rf_buf_done(&bytes);
}

Test(wire, refuses_what_is_out_of_bounds)
{
    struct rf_buf bytes = {0};
    rf_wire_put_text(&bytes, "a\0b", 3);
    struct rf_wire wire = rf_wire_begin(bytes.bytes, bytes.used);
    cr_expect(rf_wire_text(&wire, NULL) == NULL && wire.broken, "a NUL in a string");
    wire = rf_wire_begin(bytes.bytes, bytes.used - 1);
    cr_expect(rf_wire_text(&wire, NULL) == NULL && wire.broken, "longer than what is left");
    wire = rf_wire_begin(bytes.bytes, bytes.used);
    cr_expect(rf_wire_number_below(&wire, 3) == 0 && wire.broken, "3 is not below 3");
    wire = rf_wire_begin(bytes.bytes, bytes.used);
    cr_expect(!rf_wire_flag(&wire) && wire.broken, "3 is neither yes nor no");
    wire = rf_wire_begin(bytes.bytes, bytes.used);
    cr_expect(rf_wire_count(&wire, 2) == 0 && wire.broken, "3 of 2 bytes are more than 3 bytes");
    wire = rf_wire_begin(bytes.bytes, bytes.used);
    cr_expect(rf_wire_count(&wire, 1) == 3 && !wire.broken);
    wire = rf_wire_begin(NULL, 0);
    cr_expect(rf_wire_ended(&wire));
    rf_buf_done(&bytes);
}
