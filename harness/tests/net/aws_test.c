/* SPDX-License-Identifier: MIT */
/* An account: region and endpoints by their order, and keys that are kept fresh. No server is
 * asked. */
#include "net/aws.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

#include "base/alloc.h"
#include "net/aws_internal.h"

/** An environment that says nothing; each test is a process of its own. */
static void
bare(void)
{
    (void)clearenv();
    (void)setenv("AWS_EC2_METADATA_DISABLED", "true", 1);
}

static struct rf_aws *
make(const struct rf_aws_settings *settings)
{
    struct rf_aws *aws = NULL;
    struct rf_err err = {0};
    cr_assert_eq(rf_aws_new(settings, NULL, &aws, &err), RF_OK, "%s: %s", err.where, err.text);
    return aws;
}

static void
expect_endpoint(const struct rf_aws_settings *settings, const char *service, const char *wanted)
{
    struct rf_aws *aws = make(settings);
    char *endpoint = rf_aws_endpoint(aws, service);
    cr_expect_str_eq(endpoint, wanted);
    free(endpoint);
    rf_aws_free(aws);
}

/** A config in a file; its path. */
static const char *
config(const char *text)
{
    static char path[64];
    (void)snprintf(path, sizeof(path), "/tmp/refold-aws-test.%d", (int)getpid());
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert(fputs(text, file) >= 0 && fclose(file) == 0);
    (void)setenv("AWS_CONFIG_FILE", path, 1);
    return path;
}

Test(aws, a_region_is_taken_from_the_nearest_who_says_one, .init = bare)
{
    struct rf_aws_settings settings = {0};
    struct rf_aws *aws = make(&settings);
    cr_expect_str_eq(rf_aws_region(aws), "us-east-1");
    rf_aws_free(aws);
    const char *path = config("[default]\nregion=eu-north-1\n");
    static const char *const steps[][2] = {
        {NULL, "eu-north-1"}, {"AWS_DEFAULT_REGION", "eu-west-2"}, {"AWS_REGION", "eu-west-3"}};
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (steps[i][0] != NULL) {
            (void)setenv(steps[i][0], steps[i][1], 1);
        }
        aws = make(&settings);
        cr_expect_str_eq(rf_aws_region(aws), steps[i][1]);
        rf_aws_free(aws);
    }
    settings.region = "ap-south-1";
    aws = make(&settings);
    cr_expect_str_eq(rf_aws_region(aws), "ap-south-1");
    rf_aws_free(aws);
    (void)unlink(path);
}

Test(aws, an_endpoint_is_taken_from_the_nearest_who_says_one, .init = bare)
{
    struct rf_aws_settings settings = {.region = "eu-west-1"};
    expect_endpoint(&settings, "s3", "https://s3.eu-west-1.amazonaws.com");
    const char *path = config("[default]\nendpoint_url=https://p/\nservices=s\n[services s]\n"
                              "dynamodb=\n  endpoint_url=https://d\n");
    expect_endpoint(&settings, "s3", "https://p");
    expect_endpoint(&settings, "dynamodb", "https://d");
    (void)setenv("AWS_ENDPOINT_URL", "https://all/path/", 1);
    expect_endpoint(&settings, "dynamodb", "https://all/path");
    (void)setenv("AWS_ENDPOINT_URL_DYNAMODB", "http://127.0.0.1:8000", 1);
    expect_endpoint(&settings, "dynamodb", "http://127.0.0.1:8000");
    expect_endpoint(&settings, "sts", "https://all/path");
    settings.endpoint_url = "https://option";
    expect_endpoint(&settings, "dynamodb", "https://option");
    expect_endpoint(&settings, "s3", "https://option");
    expect_endpoint(&settings, "sts", "https://all/path"); /* it does not give credentials */
    (void)setenv("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true", 1);
    expect_endpoint(&settings, "s3", "https://option");
    expect_endpoint(&settings, "sts", "https://sts.eu-west-1.amazonaws.com");
    settings.region = "cn-north-1";
    expect_endpoint(&settings, "sts", "https://sts.cn-north-1.amazonaws.com.cn");
    (void)unlink(path);
}

Test(aws, a_bucket_is_in_the_path_where_no_host_can_be_called_so, .init = bare)
{
    struct rf_aws_settings settings = {0};
    struct rf_aws *aws = make(&settings);
    cr_expect(!rf_aws_path_style(aws, "bucket-1"));
    cr_expect(rf_aws_path_style(aws, "a.bucket"));
    cr_expect(rf_aws_path_style(aws, "Old_Bucket"));
    cr_expect(rf_aws_path_style(aws, "-x"));
    rf_aws_free(aws);
    settings.endpoint_url = "https://minio.example";
    aws = make(&settings);
    cr_expect(rf_aws_path_style(aws, "bucket-1"));
    rf_aws_free(aws);
}

Test(aws, dynamodb_needs_a_region_and_s3_finds_it, .init = bare)
{
    struct rf_aws_settings settings = {.no_sign_request = true};
    struct rf_aws *aws = make(&settings);
    struct rf_signer signer;
    struct rf_err err = {0};
    cr_expect_eq(rf_aws_signer(aws, "dynamodb", NULL, &signer, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "needs a region"));
    cr_expect_eq(rf_aws_signer(aws, "s3", "b", &signer, &err), RF_OK);
    rf_aws_free(aws);
}

/* ---- the signer's addresses ------------------------------------------------------------------ */

static rf_code
sign(struct rf_aws *aws, const char *bucket, const char *url, char **ret)
{
    struct rf_signer signer;
    struct rf_err err = {0};
    struct rf_http_request request = {.method = "GET", .url = rf_strdup(url)};
    cr_assert_eq(rf_aws_signer(aws, "s3", bucket, &signer, &err), RF_OK, "%s", err.text);
    rf_code code = signer.sign(signer.context, &request, &err);
    bool is_signed = rf_http_headers_find(&request.headers, "Authorization") != NULL;
    cr_expect_eq(is_signed, code == RF_OK, "%s", url);
    if (ret != NULL) {
        *ret = rf_strdup(request.url);
    }
    rf_http_request_done(&request);
    return code;
}

Test(aws, only_the_services_own_addresses_are_signed, .init = bare)
{
    (void)setenv("AWS_ACCESS_KEY_ID", "AK", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "canary", 1);
    struct rf_aws_settings settings = {.region = "eu-west-1"};
    struct rf_aws *aws = make(&settings);
    static const char *const good[] = {"https://s3.eu-west-1.amazonaws.com/my/k",
                                       "https://my.s3.eu-west-1.amazonaws.com/k",
                                       "https://my.s3.eu-west-1.amazonaws.com",
                                       "https://my.s3.eu-west-1.amazonaws.com?list-type=2"};
    static const char *const bad[] = {"http://my.s3.eu-west-1.amazonaws.com/",
                                      "https://other.s3.eu-west-1.amazonaws.com/",
                                      "https://evil.example/",
                                      "https://my.s3.eu-west-1.amazonaws.com.evil/",
                                      "https://s3.evil.example/.amazonaws.com/",
                                      "https://s3.a/b.amazonaws.com/",
                                      "https://my.s3.eu-west-1.amazonaws.com:1/",
                                      "https://sts.eu-west-1.amazonaws.com/",
                                      "https://s3.eu-west-1.amazonaws.com@evil/"};
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        cr_expect_eq(sign(aws, "my", good[i], NULL), RF_OK, "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        cr_expect_eq(sign(aws, "my", bad[i], NULL), RF_ERR_SOURCE, "%s", bad[i]);
    }
    rf_aws_free(aws);
    settings.endpoint_url = "https://minio.example:9000/sub/";
    aws = make(&settings);
    cr_expect_eq(sign(aws, "my", "https://minio.example:9000/sub/my/k", NULL), RF_OK);
    cr_expect_eq(sign(aws, "my", "https://my.minio.example:9000/sub/k", NULL), RF_OK);
    cr_expect_eq(sign(aws, "my", "https://minio.example:9001/my/k", NULL), RF_ERR_SOURCE);
    cr_expect_eq(sign(aws, "my", "https://minio.example:9000.evil/", NULL), RF_ERR_SOURCE);
    cr_expect_eq(sign(aws, "my", "https://my.s3.eu-west-1.amazonaws.com/k", NULL), RF_ERR_SOURCE);
    rf_aws_free(aws);
}

Test(aws, what_was_learnt_of_a_bucket_leads_all_requests_there, .init = bare)
{
    (void)setenv("AWS_ACCESS_KEY_ID", "AK", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "canary", 1);
    struct rf_aws_settings settings = {.region = "eu-west-1"};
    struct rf_aws *aws = make(&settings);
    struct rf_signer signer;
    struct rf_err err = {0};
    struct rf_http_request request = {.method = "HEAD",
                                      .url = rf_strdup("https://my.s3.eu-west-1.amazonaws.com/k")};
    struct rf_http_answer answer = {.status = 301};
    char *url = NULL;
    cr_assert_eq(rf_aws_signer(aws, "s3", "my", &signer, &err), RF_OK);
    cr_assert_eq(signer.sign(signer.context, &request, &err), RF_OK);
    rf_http_headers_set(&answer.headers, "x-amz-bucket-region", "sa-east-1"); /* no body */
    cr_expect(signer.refused(signer.context, &request, &answer));
    cr_expect_eq(sign(aws, "my", "https://my.s3.eu-west-1.amazonaws.com/k", &url), RF_OK);
    cr_expect_str_eq(url, "https://my.s3.sa-east-1.amazonaws.com/k");
    free(url);
    cr_expect_eq(sign(aws, "another", "https://another.s3.eu-west-1.amazonaws.com/k", &url), RF_OK);
    cr_expect_str_eq(url, "https://another.s3.eu-west-1.amazonaws.com/k");
    free(url);
    /* One that was under way already was refused for the old region, and is tried in the new one.
     */
    cr_expect(signer.refused(signer.context, &request, &answer));
    cr_assert_eq(signer.sign(signer.context, &request, &err), RF_OK);
    cr_expect(!signer.refused(signer.context, &request, &answer), "that is the region already");
    rf_http_request_done(&request);
    rf_http_answer_done(&answer);
    rf_aws_free(aws);
}

/* ---- keys that expire ------------------------------------------------------------------------ */

static int asked;
static int64_t next_expiry;
static rf_code next_code;

static rf_code
give(struct rf_aws *aws, struct rf_aws_key *ret, char **ret_origin, bool *ret_found,
     struct rf_err *reterr)
{
    (void)aws;
    asked++;
    if (next_code != RF_OK) {
        return rf_fail(reterr, next_code, "the box", "is shut");
    }
    ret->id = rf_format("AK%d", asked);
    ret->secret = rf_strdup("canary");
    ret->expires = next_expiry;
    *ret_origin = rf_strdup("the box");
    *ret_found = true;
    return RF_OK;
}

static const struct rf_aws_provider box = {"a box", give};

static void
expect_key(struct rf_aws *aws, const char *wanted)
{
    struct rf_aws_key key = {0};
    struct rf_err err = {0};
    cr_assert_eq(rf_aws_key_get(aws, &key, &err), RF_OK, "%s", err.text);
    cr_expect_str_eq(key.id, wanted);
    rf_aws_key_done(&key);
}

/** An account whose key is from the box, and is due. */
static struct rf_aws *
boxed(int64_t expires)
{
    struct rf_aws_settings settings = {0};
    struct rf_aws *aws = make(&settings);
    aws->provider = &box;
    aws->key = (struct rf_aws_key){rf_strdup("AK0"), rf_strdup("canary"), NULL, expires};
    aws->origin = rf_strdup("the box");
    return aws;
}

Test(aws, a_key_is_asked_for_again_before_it_expires, .init = bare)
{
    int64_t now = rf_aws_now();
    struct rf_aws *aws = boxed(now + 1000);
    aws->refresh_at = now + 700;
    expect_key(aws, "AK0");
    cr_expect_eq(asked, 0);
    aws->refresh_at = now;
    next_expiry = now + 3600;
    expect_key(aws, "AK1");
    expect_key(aws, "AK1");
    cr_expect_eq(asked, 1);
    cr_expect_eq(aws->refresh_at, now + 3600 - 300);
    rf_aws_free(aws);
}

Test(aws, a_key_serves_until_it_expires_where_no_other_is_to_be_had, .init = bare)
{
    int64_t now = rf_aws_now();
    struct rf_aws *aws = boxed(now + 100);
    struct rf_aws_key key = {0};
    struct rf_err err = {0};
    next_code = RF_ERR_USAGE;
    expect_key(aws, "AK0");
    cr_expect_eq(asked, 1);
    expect_key(aws, "AK0"); /* and it is not asked for with every request */
    cr_expect_eq(asked, 1);
    aws->refresh_at = 0;
    aws->key.expires = now - 1;
    cr_expect_eq(rf_aws_key_get(aws, &key, &err), RF_ERR_SOURCE);
    cr_expect_str_eq(err.text, "its credentials have expired, and asking for others failed: the "
                               "box: is shut");
    rf_aws_free(aws);
}

Test(aws, a_clock_that_is_wrong_asks_for_no_key_with_each_request, .init = bare)
{
    struct rf_aws *aws = boxed(0);
    next_expiry = rf_aws_now() - 7200; /* fresh, but long over by this machine's clock */
    expect_key(aws, "AK1");
    expect_key(aws, "AK1");
    cr_expect_eq(asked, 1);
    rf_aws_free(aws);
}

Test(aws, one_refusal_of_many_renews_a_key_once, .init = bare)
{
    struct rf_aws *aws = boxed(rf_aws_now() + 1000);
    next_expiry = rf_aws_now() + 3600;
    cr_expect(rf_aws_key_expired(aws, "AK0", 3));
    cr_expect(rf_aws_key_expired(aws, "AK0", 3));
    cr_expect_eq(asked, 1);
    expect_key(aws, "AK1");
    aws->key.expires = INT64_MAX; /* of the environment: there is no other */
    cr_expect(!rf_aws_key_expired(aws, "AK1", 3));
    cr_expect_eq(asked, 1);
    rf_aws_free(aws);
}

Test(aws, secrets_are_taken_out_of_the_environment_and_still_known, .init = bare)
{
    (void)setenv("AWS_ACCESS_KEY_ID", "AK", 1);
    (void)setenv("AWS_SECRET_ACCESS_KEY", "canary", 1);
    (void)setenv("AWS_SESSION_TOKEN", "canary too", 1);
    const char *there = getenv("AWS_SECRET_ACCESS_KEY");
    rf_aws_take_secrets();
    cr_expect_eq(there[0], '\0', "its memory is wiped too");
    cr_expect_null(getenv("AWS_SECRET_ACCESS_KEY"));
    cr_expect_null(getenv("AWS_SESSION_TOKEN"));
    cr_expect_str_eq(getenv("AWS_ACCESS_KEY_ID"), "AK");
    cr_expect_str_eq(rf_aws_variable("AWS_SECRET_ACCESS_KEY"), "canary");
    cr_expect_str_eq(rf_aws_variable("AWS_SESSION_TOKEN"), "canary too");
}
