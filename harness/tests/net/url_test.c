/* SPDX-License-Identifier: MIT */
/* Addresses: which are read, what of them is shown, and that a key stays below its base. */
#include "net/url.h"

#include <stdlib.h>

#include <criterion/criterion.h>

static void
expect_shown(const char *text, const char *plain, const char *marked)
{
    char *shown = rf_url_shown(text, false);
    cr_expect_str_eq(shown, plain);
    free(shown);
    shown = rf_url_shown(text, true);
    cr_expect_str_eq(shown, marked);
    free(shown);
}

Test(url, a_scheme_makes_an_address)
{
    cr_expect_eq(rf_url_scheme("https://h/"), 5);
    cr_expect_eq(rf_url_scheme("s3://b/k"), 2);
    cr_expect_eq(rf_url_scheme("a+b-c.d://"), 7);
    cr_expect_eq(rf_url_scheme("://h"), 0);
    cr_expect_eq(rf_url_scheme("3s://h"), 0);
    cr_expect_eq(rf_url_scheme("history/http://h"), 0);
    cr_expect_eq(rf_url_scheme("C:/x"), 0);
    cr_expect_eq(rf_url_scheme(""), 0);
    cr_expect(rf_url_is_http("http://h") && rf_url_is_http("HTTPS://h"));
    cr_expect(!rf_url_is_http("ftp://h") && !rf_url_is_http("http:/h"));
}

Test(url, credentials_and_queries_are_not_shown)
{
    expect_shown("https://h/p/", "https://h/p/", "https://h/p/");
    expect_shown("https://user:word@h/p", "https://h/p", "https://…@h/p");
    expect_shown("https://user:w@rd@h/p", "https://h/p", "https://…@h/p");
    expect_shown("https://h/p@q/?Signature=x", "https://h/p@q/", "https://h/p@q/?…");
    expect_shown("https://h?a@b", "https://h", "https://h?…");
    expect_shown("https://u@h#f", "https://h", "https://…@h");
    expect_shown("a/path?with=that@", "a/path?with=that@", "a/path?with=that@");
}

/* Sources were told apart by capitals that mean nothing, and read twice. */
Test(url, capitals_that_mean_nothing_are_not_shown)
{
    expect_shown("HTTPS://User:Word@Some.Host/P", "https://some.host/P", "https://…@some.host/P");
    expect_shown("Http://LOCALHOST:80/?A=B", "http://localhost:80/", "http://localhost:80/?…");
    expect_shown("S3://My.Bucket/Key", "s3://My.Bucket/Key", "s3://My.Bucket/Key");
    expect_shown("DynamoDB://Orders", "dynamodb://Orders", "dynamodb://Orders");
    expect_shown("A/Path://X", "A/Path://X", "A/Path://X");
}

static void
expect_join(const char *base, const char *key, const char *wanted)
{
    char *url = NULL;
    struct rf_err err = {0};
    cr_assert_eq(rf_url_join(base, key, &url, &err), RF_OK, "%s: %s", base, err.text);
    cr_expect_str_eq(url, wanted);
    free(url);
}

Test(url, keys_are_encoded_and_the_query_is_kept)
{
    expect_join("https://h/p/", "a/b.gz", "https://h/p/a/b.gz");
    expect_join("https://h/p", "a", "https://h/p/a");
    expect_join("https://h/p//", "a", "https://h/p//a");
    expect_join("https://h//", "a", "https://h//a");
    expect_join("https://h/p//?v=1", "a//b", "https://h/p//a//b?v=1");
    expect_join("https://h", "a", "https://h/a");
    expect_join("https://h/p%20q/?Policy=a~b", "a b/%?#",
                "https://h/p%20q/a%20b/%25%3f%23?Policy=a~b");
    expect_join("https://h/", "year=2026/x", "https://h/year%3d2026/x");
    expect_join("http://localhost:8080/", "a", "http://localhost:8080/a");
    expect_join("http://127.0.0.1/", "a", "http://127.0.0.1/a");
    expect_join("http://[::1]:1/", "a", "http://[::1]:1/a");
}

Test(url, without_tls_only_this_machine_is_read)
{
    static const char *const bases[] = {
        "http://history.example/",
        "http://127.0.0.1.evil.example/",
        "http://127.0.0.1@evil.example/",
        "http://localhost.evil.example/",
        "http://10.0.0.1/",
        "http://128.0.0.1/",
        "http://[::2]/",
    };
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        char *url = NULL;
        struct rf_err err = {0};
        cr_expect_eq(rf_url_join(bases[i], "a", &url, &err), RF_ERR_USAGE, "%s", bases[i]);
        cr_expect_not_null(strstr(err.text, "use https://"), "%s", err.text);
        cr_expect_not(rf_url_is_loopback(bases[i]));
    }
    cr_expect(rf_url_is_loopback("http://127.9.9.9:1/"));
    cr_expect_not(rf_url_is_loopback("https://127.0.0.1/"), "there a certificate tells");
}

Test(url, what_is_no_base_is_refused)
{
    static const char *const bases[] = {"https://", "https://h:99999/", "https://h/#part",
                                        "https://a b/"};
    for (size_t i = 0; i < sizeof(bases) / sizeof(bases[0]); i++) {
        char *url = NULL;
        struct rf_err err = {0};
        cr_expect_eq(rf_url_join(bases[i], "a", &url, &err), RF_ERR_USAGE, "%s", bases[i]);
    }
}

Test(url, a_host_is_the_same_with_its_scheme_and_port)
{
    cr_expect(rf_url_same_host("https://h/a", "https://H:443/b?c"));
    cr_expect_not(rf_url_same_host("https://h/", "https://h:444/"));
    cr_expect_not(rf_url_same_host("https://h/", "http://h/"));
    cr_expect_not(rf_url_same_host("https://h/", "https://h.evil.example/"));
    cr_expect_not(rf_url_same_host("https://h/", "nonsense"));
}
