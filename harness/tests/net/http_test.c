/* SPDX-License-Identifier: MIT */
/* Requests and answers in memory. */
#include "net/http.h"

#include <criterion/criterion.h>

Test(http, a_header_is_there_once_in_any_case_of_letters)
{
    struct rf_http_request request = {0};
    rf_http_header_set(&request, "Range", "bytes=1-");
    rf_http_header_set(&request, "X-A", "");
    rf_http_header_set(&request, "range", "bytes=2-");
    cr_expect_eq(request.headers.count, 2);
    cr_expect_str_eq(rf_http_headers_find(&request.headers, "RANGE"), "bytes=2-");
    rf_http_headers_remove(&request.headers, "rAnge");
    rf_http_headers_remove(&request.headers, "nowhere");
    cr_expect_null(rf_http_headers_find(&request.headers, "range"));
    cr_expect_str_eq(request.headers.items[0].name, "X-A");
    rf_http_request_done(&request);
    cr_expect_eq(request.headers.count, 0);
}

Test(http, a_value_cannot_begin_another_header)
{
    struct rf_http_headers headers = {0};
    rf_http_headers_set(&headers, "If-Match", "\"a\"\r\nX-Evil: 1\x7f");
    cr_expect_str_eq(rf_http_headers_find(&headers, "if-match"), "\"a\"  X-Evil: 1 ");
    rf_http_headers_done(&headers);
}
