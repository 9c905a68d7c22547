/* SPDX-License-Identifier: MIT */
/*
 * For tests: refold's signing and its credentials by themselves.
 *
 *     aws_tool sign               lines of hex fields from standard input: method, url, region,
 * service, id, secret, token, seconds, body, then name and value of each header; "-" is an empty
 * field. Prints the address and the Authorization header of each, signed. aws_tool key [PROFILE]
 * where credentials come from, the id, and hashes of the secrets aws_tool get SERVICE BUCKET KEY
 * [OPTION...]    asks for an object; OPTION is no-sign, payer, region=R, profile=P, endpoint=URL,
 * twice (asks again, a second later)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/sha256.h"
#include "cli/credential_process.h"
#include "net/aws.h"
#include "net/aws_internal.h"
#include "net/s3.h"
#include "net/sigv4.h"

static int
fail(const struct rf_err *err)
{
    (void)fprintf(stderr, "%s: %s\n", err->where, err->text);
    return err->code == RF_ERR_USAGE ? 2 : err->code == RF_ERR_SOURCE ? 4 : 70;
}

static char *
unhex(const char *field)
{
    size_t bytes = strcmp(field, "-") == 0 ? 0 : strlen(field) / 2;
    char *text = rf_calloc(bytes + 1, 1);
    for (size_t i = 0; i < bytes; i++) {
        unsigned value = 0;
        RF_VERIFY(sscanf(field + 2 * i, "%2x", &value) == 1);
        text[i] = (char)value;
    }
    return text;
}

static void
sign_line(char *line)
{
    char *fields[64];
    size_t count = 0;
    for (char *field = strtok(line, " \n"); field != NULL && count < 64;
         field = strtok(NULL, " \n")) {
        fields[count++] = unhex(field);
    }
    RF_VERIFY(count >= 9);
    struct rf_aws_key key = {
        .id = fields[4], .secret = fields[5], .token = fields[6][0] == '\0' ? NULL : fields[6]};
    struct rf_http_request request = {.method = fields[0],
                                      .url = rf_strdup(fields[1]),
                                      .body = rf_strdup(fields[8]),
                                      .body_bytes = strlen(fields[8])};
    for (size_t i = 9; i + 1 < count; i += 2) {
        rf_http_header_set(&request, fields[i], fields[i + 1]);
    }
    struct rf_err err;
    if (rf_sigv4_sign(&request, &key, fields[2], fields[3], atoll(fields[7]), &err) != RF_OK) {
        (void)printf("refused\n");
    } else {
        (void)printf("%s\t%s\n", request.url,
                     rf_http_headers_find(&request.headers, "Authorization"));
    }
    rf_http_request_done(&request);
    for (size_t i = 0; i < count; i++) {
        free(fields[i]);
    }
}

static int
sign_lines(void)
{
    char *line = NULL;
    size_t room = 0;
    while (getline(&line, &room, stdin) > 0) {
        sign_line(line);
    }
    free(line);
    return 0;
}

static void
print_hash(const char *name, const char *secret)
{
    char hex[RF_SHA256_HEX_BYTES] = "none";
    if (secret != NULL) {
        rf_sha256_make(secret, strlen(secret), hex);
    }
    (void)printf("%s %.16s\n", name, hex);
}

static int
print_key(struct rf_aws *aws)
{
    struct rf_err err = {0};
    struct rf_aws_key key = {0};
    if (rf_aws_key_get(aws, &key, &err) != RF_OK) {
        return fail(&err);
    }
    (void)printf("from %s\nid %s\n", aws->origin, key.id);
    print_hash("secret", key.secret);
    print_hash("token", key.token);
    if (key.expires != INT64_MAX) {
        (void)printf("expires %lld\n", (long long)key.expires);
    }
    rf_aws_key_done(&key);
    return 0;
}

static int
ask(struct rf_aws *aws, struct rf_net *net, const struct rf_signer *signer, const char *service,
    const char *bucket, const char *object)
{
    struct rf_err err = {0};
    struct rf_http_answer answer = {0};
    struct rf_buf advice = {0};
    char *endpoint = rf_aws_endpoint(aws, service);
    struct rf_http_request request = {
        .method = "GET",
        .url = rf_s3_url(endpoint, rf_aws_path_style(aws, bucket), bucket, object, NULL)};
    free(endpoint);
    int status = 0;
    if (rf_net_ask(net, &request, signer, 1 << 20, &answer, &err) != RF_OK) {
        status = fail(&err);
    } else {
        (void)printf("status %ld\n", answer.status);
        if (answer.status == 200) {
            (void)printf("%s\n", rf_buf_text(&answer.body));
        } else if (rf_aws_advice(aws, &request, &answer, &advice)) {
            (void)printf("%s\n", rf_buf_text(&advice));
        }
        rf_http_answer_done(&answer);
    }
    rf_buf_done(&advice);
    rf_http_request_done(&request);
    return status;
}

static int
get(int argc, char **argv, struct rf_net *net)
{
    struct rf_aws_settings settings = {.run = rf_credential_process};
    struct rf_err err = {0};
    struct rf_aws *aws = NULL;
    struct rf_signer signer;
    bool twice = false;
    for (int i = 3; i < argc; i++) {
        const char *value = strchr(argv[i], '=') == NULL ? "" : strchr(argv[i], '=') + 1;
        settings.no_sign_request |= strcmp(argv[i], "no-sign") == 0;
        settings.request_payer |= strcmp(argv[i], "payer") == 0;
        settings.region = strncmp(argv[i], "region=", 7) == 0 ? value : settings.region;
        settings.profile = strncmp(argv[i], "profile=", 8) == 0 ? value : settings.profile;
        settings.endpoint_url =
            strncmp(argv[i], "endpoint=", 9) == 0 ? value : settings.endpoint_url;
        twice |= strcmp(argv[i], "twice") == 0;
    }
    if (rf_aws_new(&settings, net, &aws, &err) != RF_OK) {
        return fail(&err);
    }
    int status = rf_aws_signer(aws, argv[0], argv[1], &signer, &err) != RF_OK
                     ? fail(&err)
                     : ask(aws, net, &signer, argv[0], argv[1], argv[2]);
    if (status == 0 && twice) {
        (void)sleep(1);
        status = ask(aws, net, &signer, argv[0], argv[1], argv[2]);
    }
    rf_aws_free(aws);
    return status;
}

int
main(int argc, char **argv)
{
    struct rf_net *net = rf_net_new(&(struct rf_net_options){0});
    struct rf_err err = {0};
    struct rf_aws *aws = NULL;
    int status = 2;
    rf_aws_take_secrets();
    if (argc == 2 && strcmp(argv[1], "sign") == 0) {
        status = sign_lines();
    } else if (argc >= 2 && strcmp(argv[1], "key") == 0) {
        struct rf_aws_settings settings = {.profile = argc > 2 ? argv[2] : NULL,
                                           .run = rf_credential_process};
        status = rf_aws_new(&settings, net, &aws, &err) != RF_OK ? fail(&err) : print_key(aws);
        rf_aws_free(aws);
    } else if (argc >= 5 && strcmp(argv[1], "get") == 0) {
        status = get(argc - 2, argv + 2, net);
    }
    rf_net_free(net);
    return status;
}
