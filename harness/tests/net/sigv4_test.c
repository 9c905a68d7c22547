/* SPDX-License-Identifier: MIT */
/* Signatures: AWS's published examples, what must not be in them, and what is sent is what is
 * signed. */
#include "net/sigv4.h"

#include <stdlib.h>

#include <criterion/criterion.h>

#include "base/alloc.h"

static const struct rf_aws_key s3_key = {
    .id = (char *)(size_t) "AKIAIOSFODNN7EXAMPLE",
    .secret = (char *)(size_t) "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
};
static const struct rf_aws_key suite_key = {
    .id = (char *)(size_t) "AKIDEXAMPLE",
    .secret = (char *)(size_t) "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
};

#define S3_TIME    1369353600 /* 20130524T000000Z */
#define SUITE_TIME 1440938160 /* 20150830T123600Z */

/** "name: value" lines; NULL ends the list. */
static struct rf_http_request
make(const char *method, const char *url, const char *const *headers, const char *body)
{
    struct rf_http_request request = {.method = method, .url = rf_strdup(url)};
    for (; headers != NULL && *headers != NULL; headers++) {
        const char *colon = strchr(*headers, ':');
        char *name = rf_strndup(*headers, (size_t)(colon - *headers));
        rf_http_header_set(&request, name, colon + 1);
        free(name);
    }
    if (body != NULL) {
        request.body = rf_strdup(body);
        request.body_bytes = strlen(body);
    }
    return request;
}

static const char *
header_of(const struct rf_http_request *request, const char *name)
{
    return rf_http_headers_find(&request->headers, name);
}

static void
expect_signature(struct rf_http_request *request, const char *signed_headers, const char *wanted)
{
    const char *header = header_of(request, "Authorization");
    cr_assert_not_null(header);
    char *end = rf_format("SignedHeaders=%s, Signature=%s", signed_headers, wanted);
    const char *from = strstr(header, "SignedHeaders=");
    cr_assert_not_null(from);
    cr_expect_str_eq(from, end, "%s", request->url);
    free(end);
    rf_http_request_done(request);
}

#define S3_HEADERS "x-amz-content-sha256;x-amz-date"

static void
expect_s3(const char *method, const char *path, const char *const *headers, const char *body,
          const char *signed_headers, const char *wanted)
{
    struct rf_err err = {0};
    char *url = rf_format("https://examplebucket.s3.amazonaws.com%s", path);
    struct rf_http_request request = make(method, url, headers, body);
    free(url);
    cr_assert_eq(rf_sigv4_sign(&request, &s3_key, "us-east-1", "s3", S3_TIME, &err), RF_OK);
    expect_signature(&request, signed_headers, wanted);
}

Test(sigv4, the_four_examples_of_s3s_documentation)
{
    static const char *const range[] = {"Range:bytes=0-9", NULL};
    static const char *const put[] = {"date:Fri, 24 May 2013 00:00:00 GMT",
                                      "x-amz-storage-class:REDUCED_REDUNDANCY", NULL};
    expect_s3("GET", "/test.txt", range, NULL, "host;range;" S3_HEADERS,
              "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
    expect_s3("PUT", "/test$file.text", put, "Welcome to Amazon S3.",
              "date;host;" S3_HEADERS ";x-amz-storage-class",
              "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd");
    expect_s3("GET", "?lifecycle", NULL, NULL, "host;" S3_HEADERS,
              "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    expect_s3("GET", "/?prefix=J&max-keys=2", NULL, NULL, "host;" S3_HEADERS,
              "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

static void
expect_suite(const char *method, const char *path, const char *const *headers, const char *body,
             const char *signed_headers, const char *wanted)
{
    struct rf_err err = {0};
    char *url = rf_format("https://example.amazonaws.com%s", path);
    struct rf_http_request request = make(method, url, headers, body);
    free(url);
    cr_assert_eq(rf_sigv4_sign(&request, &suite_key, "us-east-1", "service", SUITE_TIME, &err),
                 RF_OK);
    expect_signature(&request, signed_headers, wanted);
}

#define VANILLA "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
#define USUAL   "host;x-amz-date"

Test(sigv4, the_test_suite_of_aws)
{
    static const char *const trim[] = {"My-Header1: value1", "My-Header2: \"a   b   c\"", NULL};
    static const char *const form[] = {"Content-Type:application/x-www-form-urlencoded", NULL};
    expect_suite("GET", "/", NULL, NULL, USUAL, VANILLA);
    expect_suite("GET", "", NULL, NULL, USUAL, VANILLA);
    expect_suite("GET", "/?", NULL, NULL, USUAL, VANILLA);
    expect_suite("POST", "/", NULL, NULL, USUAL,
                 "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
    expect_suite("GET", "/?Param2=value2&Param1=value1", NULL, NULL, USUAL,
                 "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
    expect_suite("GET", "/?Param1=value1", NULL, NULL, USUAL,
                 "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb");
    expect_suite("GET", "/?\xe1\x88\xb4=bar", NULL, NULL, USUAL,
                 "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04");
    expect_suite("GET", "/\xe1\x88\xb4", NULL, NULL, USUAL,
                 "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85");
    expect_suite("GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", NULL,
                 NULL, USUAL, "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f");
    expect_suite("GET", "/example space/", NULL, NULL, USUAL,
                 "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741");
    expect_suite("GET", "/", trim, NULL, "host;my-header1;my-header2;x-amz-date",
                 "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
    expect_suite("POST", "/", form, "Param1=value1", "content-type;host;x-amz-date",
                 "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a");
}

Test(sigv4, paths_of_other_services_than_s3_are_normalised)
{
    static const char *const roots[] = {
        "/example/..", "/example1/example2/../..", "//", "/./", "/../../", "/.", "/a/./../"};
    for (size_t i = 0; i < sizeof(roots) / sizeof(roots[0]); i++) {
        expect_suite("GET", roots[i], NULL, NULL, USUAL, VANILLA);
    }
}

static void
expect_line(const char *url, const char *service, int number, const char *wanted)
{
    struct rf_err err = {0};
    struct rf_buf text = {0};
    struct rf_http_request request = make("GET", url, NULL, NULL);
    cr_assert_eq(rf_sigv4_sign(&request, &s3_key, "us-east-1", service, S3_TIME, &err), RF_OK);
    rf_sigv4_explain(&request, service, &text);
    char *line = (char *)(size_t)rf_buf_text(&text);
    for (; number > 0; number--) {
        line = strchr(line, '\n') + 1;
    }
    *strchr(line, '\n') = '\0';
    cr_expect_str_eq(line, wanted, "%s", url);
    rf_buf_done(&text);
    rf_http_request_done(&request);
}

Test(sigv4, paths_of_s3_are_encoded_once_and_keep_their_steps)
{
    expect_line("https://b.s3.amazonaws.com/a//b/../c/./", "s3", 1, "/a//b/../c/./");
    expect_line("https://b.s3.amazonaws.com/a=b%2Bc (1)%2f%7e%zz", "s3", 1,
                "/a%3Db%2Bc%20%281%29/~%25zz");
    expect_line("https://h/a%20b//c/", "service", 1, "/a%2520b/c/");
}

Test(sigv4, queries_are_sorted_and_encoded_and_have_an_equals_sign)
{
    expect_line("https://h/?prefix=a/b&list-type=2&acl&&prefix=A+%2b&prefix=", "s3", 2,
                "acl=&list-type=2&prefix=&prefix=A%2B%2B&prefix=a%2Fb");
    expect_line("https://h/?a=b=c&=d&a-=1&a=0", "s3", 2, "=d&a=0&a=b%3Dc&a-=1");
}

Test(sigv4, a_port_that_goes_without_saying_is_not_in_the_host)
{
    expect_line("https://h:443/", "s3", 3, "host:h");
    expect_line("http://h:80", "s3", 3, "host:h");
    expect_line("http://h:443/", "s3", 3, "host:h:443");
    expect_line("https://[::1]:9000/", "s3", 3, "host:[::1]:9000");
}

Test(sigv4, what_is_sent_is_what_is_signed)
{
    struct rf_err err = {0};
    struct rf_http_request request = make("GET", "https://h?b=/&a", NULL, NULL);
    cr_assert_eq(rf_sigv4_sign(&request, &s3_key, "us-east-1", "s3", S3_TIME, &err), RF_OK);
    cr_expect_str_eq(request.url, "https://h/?a=&b=%2F");
    rf_http_request_done(&request);
}

Test(sigv4, signing_again_is_as_signing_once_and_an_old_token_goes)
{
    struct rf_err err = {0};
    struct rf_aws_key session = s3_key;
    static const char *const range[] = {"Range:bytes=0-9", NULL};
    struct rf_http_request request =
        make("GET", "https://examplebucket.s3.amazonaws.com/test.txt", range, NULL);
    session.token = (char *)(size_t) "canary-token";
    cr_assert_eq(rf_sigv4_sign(&request, &session, "eu-west-1", "s3", 1, &err), RF_OK);
    cr_expect_str_eq(header_of(&request, "x-amz-security-token"), "canary-token");
    cr_expect_not_null(strstr(header_of(&request, "Authorization"), "x-amz-security-token"));
    cr_assert_eq(rf_sigv4_sign(&request, &s3_key, "us-east-1", "s3", S3_TIME, &err), RF_OK);
    cr_expect_null(header_of(&request, "x-amz-security-token"));
    expect_signature(&request, "host;range;" S3_HEADERS,
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

Test(sigv4, an_explanation_holds_no_secret)
{
    struct rf_err err = {0};
    struct rf_aws_key session = s3_key;
    struct rf_buf text = {0};
    struct rf_http_request request = make("GET", "https://h/k", NULL, NULL);
    session.token = (char *)(size_t) "canary-token";
    cr_assert_eq(rf_sigv4_sign(&request, &session, "eu-west-1", "s3", 1, &err), RF_OK);
    rf_sigv4_explain(&request, "s3", &text);
    cr_expect_not_null(strstr(rf_buf_text(&text), "x-amz-security-token:\xe2\x80\xa6\n"));
    cr_expect_null(strstr(rf_buf_text(&text), "canary"));
    cr_expect_null(strstr(rf_buf_text(&text), "wJalr"));
    rf_buf_done(&text);
    rf_http_request_done(&request);
}

Test(sigv4, what_hops_change_is_not_signed)
{
    struct rf_err err = {0};
    static const char *const hops[] = {"User-Agent:refold", "Accept-Encoding:gzip",
                                       "Range:bytes=0-9", NULL};
    struct rf_http_request request =
        make("GET", "https://examplebucket.s3.amazonaws.com/test.txt", hops, NULL);
    cr_assert_eq(rf_sigv4_sign(&request, &s3_key, "us-east-1", "s3", S3_TIME, &err), RF_OK);
    expect_signature(&request, "host;range;" S3_HEADERS,
                     "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

Test(sigv4, what_is_no_request_is_not_signed)
{
    static const char *const urls[] = {"/path",          "https://",     "https:///k",
                                       "https://u:p@h/", "https://h/#f", ""};
    for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        struct rf_err err = {0};
        struct rf_http_request request = make("GET", urls[i], NULL, NULL);
        cr_expect_eq(rf_sigv4_sign(&request, &s3_key, "r", "s3", 1, &err), RF_ERR_USAGE, "%s",
                     urls[i]);
        cr_expect_null(header_of(&request, "Authorization"));
        rf_http_request_done(&request);
    }
}
