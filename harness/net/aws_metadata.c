/* SPDX-License-Identifier: MIT */
/* Credentials that the machine itself gives: a container's (ECS, EKS) and an instance's (EC2). */
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "net/aws_internal.h"
#include "net/s3.h"
#include "net/url.h"

#define CONTAINER_HOST "http://169.254.170.2"
#define INSTANCE_HOST  "http://169.254.169.254"
#define INSTANCE_HOST6 "http://[fd00:ec2::254]"
#define METADATA       "the instance's metadata"
#define ROLES          "/latest/meta-data/iam/security-credentials/"

static const struct rf_aws_key_names names = {
    .id = "AccessKeyId",
    .secret = "SecretAccessKey",
    .token = "Token",
    .expires = "Expiration",
    .token_needed = true,
};

static rf_code
ask(struct rf_aws *aws, struct rf_http_request *request, const char *where,
    struct rf_http_answer *ret, struct rf_err *reterr)
{
    request->plain = request->nearby = true;
    return rf_aws_ask(aws, request, where, ret, reterr);
}

static const char *
body_of(struct rf_http_answer *answer)
{
    return rf_buf_text(&answer->body);
}

/* ---- a container ----------------------------------------------------------------------------- */

/** Without TLS only where no one else listens: this machine, and what ECS and EKS have there. */
static bool
is_allowed(const char *url)
{
    static const char *const near[] = {CONTAINER_HOST, "http://169.254.170.23",
                                       "http://[fd00:ec2::23]"};
    const char *host = url + rf_url_scheme(url) + strlen("://");
    if (rf_url_scheme(url) == 0 || memchr(host, '@', strcspn(host, "/?#")) != NULL) {
        return false;
    }
    if (strncasecmp(url, "https://", 8) == 0 || rf_url_is_loopback(url)) {
        return true;
    }
    for (size_t i = 0; i < sizeof(near) / sizeof(near[0]); i++) {
        size_t bytes = strlen(near[i]);
        if (strncasecmp(url, near[i], bytes) == 0 && strchr("/?:", url[bytes]) != NULL) {
            return true;
        }
    }
    return false;
}

/** What the container's agent wants to be shown, if anything; for rf_secret_free. */
static rf_code
read_proof(char **ret, struct rf_err *reterr)
{
    const char *file = rf_aws_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
    const char *token = rf_aws_variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
    if (file != NULL) {
        return rf_aws_token_file(file, ret, reterr);
    }
    if (token != NULL && strpbrk(token, "\r\n") != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, "AWS_CONTAINER_AUTHORIZATION_TOKEN",
                       "holds the end of a line, which no token does");
    }
    *ret = token == NULL ? NULL : rf_strdup(token);
    return RF_OK;
}

/** @url  taken over */
static rf_code
ask_container(struct rf_aws *aws, char *url, const char *where, struct rf_aws_key *ret,
              struct rf_err *reterr)
{
    struct rf_http_request request = {.method = "GET", .url = url};
    struct rf_http_answer answer = {0};
    char *proof = NULL;
    rf_code code = read_proof(&proof, reterr);
    if (code != RF_OK) {
        rf_http_request_done(&request);
        return code;
    }
    if (proof != NULL) {
        rf_http_header_set(&request, "Authorization", proof);
        rf_secret_free(proof);
    }
    RF_TRY(ask(aws, &request, where, &answer, reterr));
    code = answer.status == 200
               ? rf_aws_key_read(body_of(&answer), answer.body.used, &names, where, ret, reterr)
               : rf_fail(reterr, RF_ERR_SOURCE, where, "gives no credentials (HTTP %ld)",
                         answer.status);
    rf_http_answer_done(&answer);
    return code;
}

static rf_code
find_container(struct rf_aws *aws, struct rf_aws_key *ret, char **ret_origin, bool *ret_found,
               struct rf_err *reterr)
{
    const char *relative = rf_aws_variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
    const char *full = rf_aws_variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
    const char *where = relative != NULL ? "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"
                                         : "AWS_CONTAINER_CREDENTIALS_FULL_URI";
    if (relative == NULL && full == NULL) {
        return RF_OK;
    }
    if (relative != NULL ? relative[0] != '/' : !is_allowed(full)) {
        return rf_fail(reterr, RF_ERR_USAGE, where,
                       relative != NULL
                           ? "is no path: it begins with a slash"
                           : "is no address that is asked for credentials: https://, or http:// "
                             "of this machine or of the container's agent (169.254.170.2)");
    }
    char *url = relative != NULL ? rf_format(CONTAINER_HOST "%s", relative) : rf_strdup(full);
    RF_TRY(ask_container(aws, url, where, ret, reterr));
    *ret_origin = rf_format("the container (%s)", where);
    *ret_found = true;
    return RF_OK;
}

const struct rf_aws_provider rf_aws_from_container = {"the container", find_container};

/* ---- an instance ----------------------------------------------------------------------------- */

/** Where the service is; owned. */
static char *
instance_host(void)
{
    const char *given = rf_aws_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
    const char *mode = rf_aws_variable("AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE");
    bool six = mode != NULL && strcasecmp(mode, "IPv6") == 0;
    given = given != NULL ? given : six ? INSTANCE_HOST6 : INSTANCE_HOST;
    size_t bytes = strlen(given);
    while (bytes > 0 && given[bytes - 1] == '/') {
        bytes--;
    }
    return rf_strndup(given, bytes);
}

/** The token of a session with the service (version 2; 1 is not spoken: whoever makes a program ask
 * an address of their choice could read it). No such service: *ret_open is false. */
static rf_code
open_session(struct rf_aws *aws, const char *host, struct rf_http_answer *ret, bool *ret_open,
             struct rf_err *reterr)
{
    struct rf_http_request request = {.method = "PUT",
                                      .url = rf_format("%s/latest/api/token", host)};
    rf_http_header_set(&request, "X-aws-ec2-metadata-token-ttl-seconds", "21600");
    rf_code code = ask(aws, &request, METADATA, ret, reterr);
    *ret_open = code == RF_OK && ret->status == 200 && ret->body.used > 0;
    if (code == RF_OK && !*ret_open) {
        rf_http_answer_done(ret);
    }
    return code == RF_ERR_INTERRUPTED ? code : RF_OK;
}

/** @path  what is asked for, below the service; `within` is encoded behind it */
static rf_code
ask_instance(struct rf_aws *aws, const char *host, const char *token, const char *within,
             struct rf_http_answer *ret, struct rf_err *reterr)
{
    struct rf_buf url = {0};
    rf_buf_format(&url, "%s" ROLES, host);
    rf_s3_encode(&url, within, strlen(within), false);
    struct rf_http_request request = {.method = "GET", .url = rf_strdup(rf_buf_text(&url))};
    rf_buf_done(&url);
    rf_http_header_set(&request, "X-aws-ec2-metadata-token", token);
    return ask(aws, &request, METADATA, ret, reterr);
}

/** The instance's role is the first line; without one there are no credentials. */
static rf_code
ask_role(struct rf_aws *aws, const char *host, const char *token, char **ret_role,
         struct rf_err *reterr)
{
    struct rf_http_answer answer = {0};
    RF_TRY(ask_instance(aws, host, token, "", &answer, reterr));
    size_t bytes = answer.body.used == 0 ? 0 : strcspn(body_of(&answer), "\r\n");
    if (answer.status == 200 && bytes > 0) {
        *ret_role = rf_strndup(body_of(&answer), bytes);
    }
    rf_code code = answer.status == 200 || answer.status == 404
                       ? RF_OK
                       : rf_fail(reterr, RF_ERR_SOURCE, METADATA,
                                 "does not tell the instance's role (HTTP %ld)", answer.status);
    rf_http_answer_done(&answer);
    return code;
}

static rf_code
ask_key(struct rf_aws *aws, const char *host, const char *token, const char *role,
        struct rf_aws_key *ret, struct rf_err *reterr)
{
    struct rf_http_answer answer = {0};
    char *where = rf_format("the instance's role %s", role);
    rf_code code = ask_instance(aws, host, token, role, &answer, reterr);
    if (code == RF_OK) {
        code = answer.status == 200
                   ? rf_aws_key_read(body_of(&answer), answer.body.used, &names, where, ret, reterr)
                   : rf_fail(reterr, RF_ERR_SOURCE, where, "has no credentials (HTTP %ld)",
                             answer.status);
        rf_http_answer_done(&answer);
    }
    free(where);
    return code;
}

static rf_code
find_instance(struct rf_aws *aws, struct rf_aws_key *ret, char **ret_origin, bool *ret_found,
              struct rf_err *reterr)
{
    struct rf_http_answer session = {0};
    char *role = NULL;
    if (rf_aws_variable_true("AWS_EC2_METADATA_DISABLED")) {
        return RF_OK;
    }
    char *host = instance_host();
    bool open = false;
    rf_code code = open_session(aws, host, &session, &open, reterr);
    if (code == RF_OK && open) {
        const char *token = body_of(&session);
        code = ask_role(aws, host, token, &role, reterr);
        if (code == RF_OK && role != NULL) {
            code = ask_key(aws, host, token, role, ret, reterr);
        }
        rf_http_answer_done(&session);
    }
    if (code == RF_OK && role != NULL) {
        *ret_origin = rf_format("the instance's role %s", role);
        *ret_found = true;
    }
    free(role);
    free(host);
    return code;
}

const struct rf_aws_provider rf_aws_from_instance = {"the instance", find_instance};
