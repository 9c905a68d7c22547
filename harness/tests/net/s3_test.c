/* SPDX-License-Identifier: MIT */
/* S3's addresses, the URLs of keys, and errors. */
#include "net/s3.h"

#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

static void
expect_address(const char *text, const char *bucket, const char *prefix)
{
    struct rf_s3_address address = {0};
    struct rf_err err;
    cr_assert_eq(rf_s3_address_read(text, &address, &err), RF_OK, "%s", text);
    cr_expect_str_eq(address.bucket, bucket);
    cr_expect_str_eq(address.prefix, prefix);
    rf_s3_address_done(&address);
}

Test(s3, an_address_is_a_bucket_and_a_folder_in_it)
{
    expect_address("s3://history", "history", "");
    expect_address("s3://history/", "history", "");
    expect_address("s3://history/ev", "history", "ev/");
    expect_address("s3://history/ev/2026/", "history", "ev/2026/");
    expect_address("S3://my.old_Bucket-1/a%20b?c#d/../e", "my.old_Bucket-1", "a%20b?c#d/../e/");
    expect_address("s3://history//", "history", "/");
}

Test(s3, what_would_lead_to_another_host_is_no_bucket)
{
    static const char *const texts[] = {"s3://",
                                        "s3:///k",

                                        "s3://a@b.example/k",
                                        "s3://h:80/k",
                                        "s3://a b/k",
                                        "s3://-abc/",
                                        "s3://.abc/",
                                        "s3://a..bc/k",
                                        "s3://a%2fbc/k",
                                        "s3://arn:aws:s3:eu-west-1:1:accesspoint/x"};
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        struct rf_s3_address address = {0};
        struct rf_err err = {0};
        cr_expect_eq(rf_s3_address_read(texts[i], &address, &err), RF_ERR_USAGE, "%s", texts[i]);
        cr_expect(strstr(err.text, "s3://") != NULL, "it says how to write one: %s", err.text);
        cr_expect_null(address.bucket);
    }
}

static void
expect_url(const char *endpoint, bool path_style, const char *key, const char *query,
           const char *url)
{
    char *made = rf_s3_url(endpoint, path_style, "bkt", key, query);
    cr_expect_str_eq(made, url);
    free(made);
}

Test(s3, a_key_is_only_a_name_in_its_url)
{
    const char *aws = "https://s3.eu-west-1.amazonaws.com";
    expect_url(aws, false, "a/b.gz", NULL, "https://bkt.s3.eu-west-1.amazonaws.com/a/b.gz");
    expect_url(aws, true, "a/b.gz", NULL, "https://s3.eu-west-1.amazonaws.com/bkt/a/b.gz");
    expect_url("http://127.0.0.1:9000", true, "", "list-type=2",
               "http://127.0.0.1:9000/bkt/?list-type=2");
    expect_url("http://localhost/s3", true, "k", NULL, "http://localhost/s3/bkt/k");
    expect_url(aws, true, "../../etc//passwd", NULL,
               "https://s3.eu-west-1.amazonaws.com/bkt/../../etc//passwd");
    expect_url(aws, true, "/x", NULL, "https://s3.eu-west-1.amazonaws.com/bkt//x");
    expect_url(aws, true, "a b+c%2F=?#&\x01\xff\xc3\xa9~-._", NULL,
               "https://s3.eu-west-1.amazonaws.com/bkt/a%20b%2Bc%252F%3D%3F%23%26%01%FF%C3%A9~-._");
}

static void
expect_said(const char *document, const char *says)
{
    struct rf_http_answer answer = {.status = 404};
    struct rf_buf text = {0};
    rf_buf_string(&answer.body, document);
    rf_s3_explain(&answer, &text);
    if (says == NULL) {
        cr_expect_eq(text.used, 0, "%s: %s", document, rf_buf_text(&text));
    } else {
        cr_expect(strstr(rf_buf_text(&text), says) != NULL, "%s: %s", document, rf_buf_text(&text));
    }
    rf_buf_done(&text);
    rf_http_answer_done(&answer);
}

Test(s3, an_error_says_its_code_and_what_to_do_or_nothing)
{
    expect_said("<?xml version=\"1.0\"?><Error><Code>NoSuchBucket</Code></Error>",
                "NoSuchBucket: there is no such bucket");
    expect_said("<Error><Code>InvalidObjectState</Code><Message>m</Message></Error>",
                "cold storage");
    expect_said("<Error><Code>AccessDenied</Code><Message>m</Message></Error>", "s3:ListBucket");
    expect_said("<Error><Code>SomethingNew</Code><Message>m</Message></Error>", "SomethingNew: m");
    expect_said("<html><head><title>404</title></head></html>", NULL);
    expect_said("", NULL);
    expect_said("<Error><Code>NoSuch", NULL);
    cr_expect_null(rf_s3_advice("SomethingNew"));
    cr_expect_null(rf_s3_advice(NULL));
}
