/* SPDX-License-Identifier: MIT */
/* Web identity: a token that someone else vouches for becomes the key of a role, asked of STS. The
 * token lies in a file, or GitHub gives it to a workflow that may ask for it. */
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/aws_error.h"
#include "net/aws_internal.h"
#include "net/s3.h"
#include "net/url.h"
#include "net/xml.h"

/** What a session is called in the account's records where nobody says so. */
#define USUAL_SESSION "refold"
/** For whom GitHub makes the token. */
#define AUDIENCE "sts.amazonaws.com"

/* ---- what STS answers ------------------------------------------------------------------------ */

/** Owned; for rf_secret_free. */
struct answer {
    char *id, *secret, *token, *expires;
};

static rf_code
end_element(void *context, const char *path, const char *text, size_t bytes, struct rf_err *reterr)
{
    struct answer *answer = context;
    const struct rf_xml_wanted elements[] = {
        {"/Credentials/AccessKeyId", &answer->id},
        {"/Credentials/SecretAccessKey", &answer->secret},
        {"/Credentials/SessionToken", &answer->token},
        {"/Credentials/Expiration", &answer->expires},
    };
    (void)reterr;
    rf_xml_take(elements, sizeof(elements) / sizeof(elements[0]), path, text, bytes);
    return RF_OK;
}

static void
done(struct answer *answer)
{
    rf_secret_free(answer->id);
    rf_secret_free(answer->secret);
    rf_secret_free(answer->token);
    rf_secret_free(answer->expires);
}

/** @token  what was sent: a message that repeats it is not shown */
static rf_code
fail_status(const struct rf_http_answer *http, const char *where, const char *token,
            struct rf_err *reterr)
{
    struct rf_aws_error error;
    rf_aws_error_read(http, &error);
    bool shown = error.message != NULL && strstr(error.message, token) == NULL;
    rf_code code =
        rf_fail(reterr, RF_ERR_SOURCE, where, "STS does not give the role (%s, HTTP %ld)%s%s",
                error.code == NULL ? "no reason told" : error.code, http->status, shown ? ": " : "",
                shown ? error.message : "");
    rf_aws_error_done(&error);
    return code;
}

static rf_code
read_answer(const struct rf_http_answer *http, const char *where, const char *token,
            struct rf_aws_key *ret, struct rf_err *reterr)
{
    struct answer answer = {0};
    struct rf_time expires;
    struct rf_xml_reader reader = {.context = &answer, .end = end_element};
    if (http->status != 200) {
        return fail_status(http, where, token, reterr);
    }
    rf_code code = rf_xml_read(where, http->body.used == 0 ? "" : http->body.bytes, http->body.used,
                               &reader, reterr);
    if (code == RF_OK && (answer.expires == NULL ||
                          !rf_time_parse(answer.expires, strlen(answer.expires), &expires))) {
        code =
            rf_fail(reterr, RF_ERR_SOURCE, where, "STS does not say until when its key is valid");
    } else if (code == RF_OK && answer.token == NULL) {
        code = rf_fail(reterr, RF_ERR_SOURCE, where, "STS gave no session token");
    } else if (code == RF_OK) {
        code = rf_aws_key_set(ret, answer.id, answer.secret, answer.token, expires.seconds,
                              RF_ERR_SOURCE, where, reterr);
    }
    done(&answer);
    return code;
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void
add_field(struct rf_buf *body, const char *name, const char *value)
{
    rf_buf_string(body, name);
    rf_s3_encode(body, value, strlen(value), false);
}

static rf_code
assume(struct rf_aws *aws, const char *role, const char *session, const char *token,
       struct rf_aws_key *ret, struct rf_err *reterr)
{
    struct rf_buf body = {0};
    struct rf_http_answer answer = {0};
    char *endpoint = rf_aws_endpoint(aws, "sts");
    char *where = rf_format("web identity as %s", role);
    rf_buf_reserve(&body, 3 * (strlen(token) + strlen(role)) + 512); /* never moved */
    rf_buf_string(&body, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15");
    add_field(&body, "&RoleArn=", role);
    add_field(&body, "&RoleSessionName=", session == NULL ? USUAL_SESSION : session);
    add_field(&body, "&WebIdentityToken=", token);
    struct rf_http_request request = {
        .method = "POST",
        .url = rf_format("%s/", endpoint),
        .body = body.bytes,
        .body_bytes = body.used,
    };
    rf_http_header_set(&request, "Content-Type", "application/x-www-form-urlencoded");
    rf_code code = rf_aws_ask(aws, &request, where, &answer, reterr);
    if (code == RF_OK) {
        code = read_answer(&answer, where, token, ret, reterr);
        rf_http_answer_done(&answer);
    }
    free(where);
    free(endpoint);
    return code;
}

rf_code
rf_aws_assume(struct rf_aws *aws, const char *role, const char *session, const char *token_file,
              struct rf_aws_key *ret, struct rf_err *reterr)
{
    char *token = NULL;
    RF_TRY(rf_aws_token_file(token_file, &token, reterr)); /* each time: it is renewed there */
    rf_code code = assume(aws, role, session, token, ret, reterr);
    rf_secret_free(token);
    return code;
}

/* ---- GitHub ---------------------------------------------------------------------------------- */

static rf_code
read_github(const struct rf_http_answer *answer, const char *where, char **ret,
            struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_err ignored;
    if (answer->status == 200 && answer->body.used > 0 &&
        rf_json_read_whole(&doc, answer->body.bytes, answer->body.used, &ignored) == RF_OK) {
        *ret = rf_aws_json_text(&doc, 0, "value");
    }
    rf_json_done(&doc);
    return *ret != NULL
               ? RF_OK
               : rf_fail(reterr, RF_ERR_SOURCE, where,
                         "gave no token (HTTP %ld); the job needs 'permissions: id-token: write'",
                         answer->status);
}

/** The token of a workflow that may ask for one. */
static rf_code
ask_github(struct rf_aws *aws, const char *url, const char *bearer, char **ret,
           struct rf_err *reterr)
{
    static const char *const where = "GitHub's OIDC (ACTIONS_ID_TOKEN_REQUEST_URL)";
    struct rf_http_answer answer = {0};
    if (strncmp(url, "https://", 8) != 0 && !rf_url_is_loopback(url)) {
        return rf_fail(reterr, RF_ERR_USAGE, where, "is no https:// address");
    }
    struct rf_http_request request = {
        .method = "GET",
        .url = rf_format("%s%saudience=" AUDIENCE, url, strchr(url, '?') == NULL ? "?" : "&"),
    };
    char *header = rf_format("bearer %s", bearer);
    rf_http_header_set(&request, "Authorization", header);
    rf_secret_free(header);
    RF_TRY(rf_aws_ask(aws, &request, where, &answer, reterr));
    rf_code code = read_github(&answer, where, ret, reterr);
    rf_http_answer_done(&answer);
    return code;
}

/* ---- the provider ---------------------------------------------------------------------------- */

static rf_code
find(struct rf_aws *aws, struct rf_aws_key *ret, char **ret_origin, bool *ret_found,
     struct rf_err *reterr)
{
    const char *role = rf_aws_variable("AWS_ROLE_ARN");
    const char *session = rf_aws_variable("AWS_ROLE_SESSION_NAME");
    const char *file = rf_aws_variable("AWS_WEB_IDENTITY_TOKEN_FILE");
    const char *url = rf_aws_variable("ACTIONS_ID_TOKEN_REQUEST_URL");
    const char *bearer = rf_aws_variable("ACTIONS_ID_TOKEN_REQUEST_TOKEN");
    char *token = NULL;
    if (file != NULL && role == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, "AWS_ROLE_ARN",
                       "is not set, but AWS_WEB_IDENTITY_TOKEN_FILE is: it names the role to take");
    }
    if (role == NULL || (file == NULL && (url == NULL || bearer == NULL))) {
        return RF_OK;
    }
    if (file != NULL) {
        RF_TRY(rf_aws_assume(aws, role, session, file, ret, reterr));
    } else {
        RF_TRY(ask_github(aws, url, bearer, &token, reterr));
        rf_code code = assume(aws, role, session, token, ret, reterr);
        rf_secret_free(token);
        RF_TRY(code);
    }
    *ret_origin = rf_format("web identity as %s", role);
    *ret_found = true;
    return RF_OK;
}

const struct rf_aws_provider rf_aws_from_identity = {"web identity", find};
