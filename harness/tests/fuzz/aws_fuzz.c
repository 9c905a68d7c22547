/* SPDX-License-Identifier: MIT */
/*
 * What AWS's files and servers say, and what is signed. The first byte chooses:
 *
 *   profiles   a file of AWS's tools is refused with a line and no text of it, or what is found
 * stands in it, in one line url        an address is refused, or what it was made is signed alike a
 * second time, and shows no secret in its explanation answer     an error of a server gives a
 * region that can be one, or none; advice hides a token key        credentials in JSON are refused
 * with words, or can stand in a header
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/secret.h"
#include "net/aws_error.h"
#include "net/aws_internal.h"
#include "tests/fuzz/judge.h"
#include "tests/fuzz/seeds.h"

#define CANARY "0canary0token0"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"[default]\n",
                                  "[profile x]\n",
                                  "aws_access_key_id = AK\n",
                                  "s3 =\n  endpoint_url = u\n",
                                  " # ",
                                  "\r\n",
                                  "https://h",
                                  "%2F",
                                  "%zz",
                                  "&a=b",
                                  "?",
                                  "/../",
                                  "<Error><Code>",
                                  "</Code>",
                                  "<Region>eu-west-1</Region>",
                                  "<CanonicalRequest>",
                                  "x-amz-security-token:" CANARY,
                                  "X-Amz-Signature=" CANARY,
                                  "</Error>",
                                  "{\"__type\":\"x#ExpiredToken\"}",
                                  "\"AccessKeyId\":\"AK\"",
                                  "\"SecretAccessKey\":\"SK\"",
                                  "\"Token\":\"T\"",
                                  "\"Expiration\":\"2099-01-01T00:00:00Z\"",
                                  NULL};

const char *
fuzz_against(void)
{
    return "reading back";
}

static void
try_profiles(const char *text, size_t bytes)
{
    struct rf_profiles profiles = {0};
    struct rf_err err = {0};
    bool accepted = rf_profiles_parse(&profiles, text, bytes, "FILE", false, &err) == RF_OK;
    judge(accepted, &err);
    expect(accepted || strncmp(err.text, "line ", 5) == 0, "refused without its line");
    for (size_t i = 0; i < profiles.count; i++) {
        const struct rf_profile_entry *entry = &profiles.entries[i];
        expect(entry->key != NULL || entry->value == NULL, "a value without a key");
        expect(entry->value == NULL || (entry->value[0] != '\0' && !strpbrk(entry->value, "\n")),
               "a value of more than a line");
        expect(rf_profiles_have(&profiles, entry->section, entry->name), "a section is lost");
        const struct rf_profile_entry *found =
            entry->key == NULL
                ? NULL
                : rf_profiles_find(&profiles, entry->section, entry->name, entry->key);
        expect(found == NULL || (found >= entry && found->value != NULL), "an earlier word counts");
    }
    rf_profiles_done(&profiles);
}

static char *
signed_text(struct rf_http_request *request, const char *service)
{
    static char id[] = "AK", secret[] = "0canary0secret0", token[] = CANARY;
    const struct rf_aws_key key = {id, secret, token, INT64_MAX};
    struct rf_err err = {0};
    bool accepted = rf_sigv4_sign(request, &key, "r", service, 1000000000, &err) == RF_OK;
    expect(accepted || err.text[0] != '\0', "refused without a word");
    const char *header = rf_http_headers_find(&request->headers, "Authorization");
    expect(accepted == (header != NULL), "a header for what is refused, or none");
    return accepted ? rf_format("%s %s", request->url, header) : NULL;
}

/** In any case: hosts are signed in small letters. */
static bool
has_canary(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strncasecmp(text, "canary", strlen("canary")) == 0) {
            return true;
        }
    }
    return false;
}

static void
try_url(const char *text, const char *service)
{
    struct rf_http_request request = {.method = "GET", .url = rf_strdup(text)};
    char *first = signed_text(&request, service);
    judge(first != NULL, NULL);
    if (first != NULL) {
        struct rf_buf shown = {0};
        char *second = signed_text(&request, service);
        expect(second != NULL && strcmp(first, second) == 0, "signed otherwise a second time");
        rf_sigv4_explain(&request, service, &shown);
        expect(has_canary(text) || strstr(rf_buf_text(&shown), "canary") == NULL,
               "a secret is explained"); /* "%2Canary" is none */
        rf_buf_done(&shown);
        free(second);
    }
    free(first);
    rf_http_request_done(&request);
}

static void
try_answer(const char *text, size_t bytes)
{
    struct rf_http_answer answer = {.status = 400};
    struct rf_aws_error error;
    struct rf_buf advice = {0};
    rf_buf_add(&answer.body, text, bytes);
    rf_aws_error_read(&answer, &error);
    expect(error.region == NULL || rf_aws_is_region(error.region), "a region that is none");
    const char *canonical = error.canonical == NULL ? "" : error.canonical;
    size_t told = 0, tokens = 0;
    for (const char *at = canonical; (at = strstr(at, CANARY)) != NULL; at++) {
        told++;
    }
    for (const char *at = canonical; (at = strstr(at, "x-amz-security-token:" CANARY)); at++) {
        tokens++;
    }
    (void)rf_aws_advice(NULL, NULL, &answer, &advice);
    size_t left = 0;
    for (const char *at = rf_buf_text(&advice); (at = strstr(at, CANARY)) != NULL; at++) {
        left++;
    }
    expect(left + tokens <= told || error.canonical == NULL, "a token is shown");
    judge(error.code != NULL, NULL);
    rf_buf_done(&advice);
    rf_aws_error_done(&error);
    rf_http_answer_done(&answer);
}

static void
try_key(const char *text, size_t bytes)
{
    static const struct rf_aws_key_names names = {.id = "AccessKeyId",
                                                  .secret = "SecretAccessKey",
                                                  .token = "Token",
                                                  .expires = "Expiration"};
    struct rf_aws_key key = {0};
    struct rf_err err = {0};
    bool accepted = rf_aws_key_read(text, bytes, &names, "who", &key, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted) {
        const char *const parts[] = {key.id, key.secret, key.token == NULL ? "-" : key.token};
        for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
            expect(parts[i][0] != '\0', "an empty part");
            for (const char *at = parts[i]; *at != '\0'; at++) {
                expect(*at > ' ' && *at <= '~', "what no header can hold");
            }
        }
    }
    rf_aws_key_done(&key);
}

enum { PROFILES, URL, OTHER_URL, ANSWER, KEY, KINDS };

static void
add(struct seeds *seeds, int kind, const char *text)
{
    char *seed = rf_format("%c%s", kind, text);
    seeds_add(seeds, seed, strlen(seed + 1) + 1);
    free(seed);
}

void
fuzz_begin(struct seeds *seeds)
{
    static const struct {
        int kind;
        const char *text;
    } made[] = {
        {PROFILES,
         "# c\n[default]\nregion = eu-west-1 # c\n[profile \"x y\"]\na=b\n  c\n"
         "[services s]\ns3 =\n  endpoint_url = https://h\n[sso-session z]\nsso_region=r\n"},
        {URL, "https://b.s3.eu-west-1.amazonaws.com:443/a%2Fb//../c d%zz\xc3\xa9?b=1&a=%7e&acl&=x"},
        {OTHER_URL, "http://127.0.0.1:8000/./a/..//b/?Action=x"},
        {ANSWER, "<?xml version=\"1.0\"?><Error><Code>SignatureDoesNotMatch</Code><Message>m"
                 "</Message><CanonicalRequest>GET\n/\nX-Amz-Signature=1&amp;a=b\nhost:h\n"
                 "x-amz-security-token:" CANARY "\n\nhost\nx</CanonicalRequest></Error>"},
        {ANSWER,
         "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>"},
        {ANSWER,
         "{\"__type\":\"com.amazon.coral.service#ExpiredTokenException\",\"message\":\"m\"}"},
        {KEY, "{\"Code\":\"Success\",\"AccessKeyId\":\"AK\",\"SecretAccessKey\":\"SK\","
              "\"Token\":\"T\",\"Expiration\":\"2099-01-01T00:00:00Z\"}"},
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        add(seeds, made[i].kind, made[i].text);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    if (bytes < 1) {
        return 0;
    }
    whole = (const char *)input;
    whole_bytes = bytes;
    char *text = rf_strndup(whole + 1, bytes - 1);
    switch (input[0] % KINDS) {
    case PROFILES:
        try_profiles(text, bytes - 1);
        break;
    case URL:
        try_url(text, "s3");
        break;
    case OTHER_URL:
        try_url(text, "sts");
        break;
    case ANSWER:
        try_answer(text, bytes - 1);
        break;
    default:
        try_key(text, bytes - 1);
        break;
    }
    free(text);
    return 0;
}
