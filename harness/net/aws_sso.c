/* SPDX-License-Identifier: MIT */
/* IAM Identity Center: 'aws sso login' left a token, with which the portal gives a role's key. */
#include <nettle/sha1.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/hex.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/aws_internal.h"
#include "net/s3.h"

/** What the profile says, borrowed. */
struct session {
    const char *name; /**< that the token's file is called by: the session's, else the address */
    const char *region;
    const char *account, *role;
};

static const char *
value_of(const struct rf_profile_entry *setting)
{
    return setting == NULL ? NULL : setting->value;
}

static rf_code
read_session(const struct rf_aws *aws, struct session *ret, struct rf_err *reterr)
{
    const struct rf_profile_entry *session = rf_aws_setting(aws, "sso_session");
    const struct rf_profile_entry *region = rf_aws_setting(aws, "sso_region");
    const struct rf_profile_entry *url = rf_aws_setting(aws, "sso_start_url");
    if (session != NULL) {
        region = rf_profiles_find(&aws->profiles, RF_SSO_SESSION, session->value, "sso_region");
        url = rf_profiles_find(&aws->profiles, RF_SSO_SESSION, session->value, "sso_start_url");
    }
    *ret = (struct session){
        .name = session != NULL ? session->value : value_of(url),
        .region = value_of(region),
        .account = value_of(rf_aws_setting(aws, "sso_account_id")),
        .role = value_of(rf_aws_setting(aws, "sso_role_name")),
    };
    const struct {
        const char *name;
        bool there;
    } needed[] = {
        {"sso_start_url", url != NULL},
        {"sso_region", ret->region != NULL && rf_aws_is_region(ret->region)},
        {"sso_account_id", ret->account != NULL},
        {"sso_role_name", ret->role != NULL},
    };
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!needed[i].there) {
            char *where = rf_format("profile '%s'", aws->profile);
            rf_code code =
                rf_fail(reterr, RF_ERR_USAGE, where,
                        "its SSO session lacks %s; 'aws configure sso' writes it", needed[i].name);
            free(where);
            return code;
        }
    }
    return RF_OK;
}

/* ---- the token ------------------------------------------------------------------------------- */

/** ~/.aws/sso/cache/<SHA-1 of the name>.json; owned, or NULL. */
static char *
cache_path(const char *name)
{
    unsigned char digest[SHA1_DIGEST_SIZE];
    char hex[2 * sizeof(digest) + 1];
    struct sha1_ctx sha1;
    struct rf_buf path = {0};
    sha1_init(&sha1);
    sha1_update(&sha1, strlen(name), (const uint8_t *)name);
    sha1_digest(&sha1, sizeof(digest), digest);
    rf_hex_put(digest, sizeof(digest), hex);
    rf_buf_format(&path, "sso/cache/%s.json", hex);
    char *whole = rf_aws_home(rf_buf_text(&path));
    rf_buf_done(&path);
    return whole;
}

static rf_code
fail_login(const struct rf_aws *aws, rf_code code, const char *what, struct rf_err *reterr)
{
    char *where = rf_format("profile '%s'", aws->profile);
    (void)rf_fail(reterr, code, where, "%s: aws sso login --profile %s", what, aws->profile);
    free(where);
    return code;
}

/** "2026-11-26T01:02:03Z"; old tools wrote "…UTC". */
static bool
is_over(const char *expires)
{
    struct rf_time at;
    size_t bytes = expires == NULL ? 0 : strlen(expires);
    char *text = bytes > 3 && strcmp(expires + bytes - 3, "UTC") == 0
                     ? rf_format("%.*sZ", (int)bytes - 3, expires)
                     : rf_strdup(expires == NULL ? "" : expires);
    bool over = !rf_time_parse(text, strlen(text), &at) || at.seconds <= rf_aws_now();
    free(text);
    return over;
}

/** @ret  the token, for rf_secret_free */
static rf_code
read_token(const struct rf_aws *aws, const char *path, char **ret, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    struct rf_json doc = {0};
    struct rf_err ignored;
    rf_buf_reserve(&text, RF_LIMIT_CREDENTIALS_BYTES);
    if (path == NULL || rf_file_read(path, &text, &ignored) != RF_OK) {
        rf_secret_done(&text);
        return fail_login(aws, RF_ERR_USAGE, "nobody has logged in to its SSO session", reterr);
    }
    rf_code code = RF_OK;
    if (text.used == 0 || rf_json_read_whole(&doc, text.bytes, text.used, &ignored) != RF_OK) {
        code = fail_login(aws, RF_ERR_USAGE, "the file with its SSO token is damaged", reterr);
    } else {
        char *token = rf_aws_json_text(&doc, 0, "accessToken");
        char *expires = rf_aws_json_text(&doc, 0, "expiresAt");
        if (token == NULL || is_over(expires)) {
            code = fail_login(aws, RF_ERR_USAGE, "its SSO token has expired", reterr);
        } else {
            *ret = token;
            token = NULL;
        }
        rf_secret_free(token);
        free(expires);
    }
    rf_json_done(&doc);
    rf_secret_done(&text);
    return code;
}

/* ---- the role -------------------------------------------------------------------------------- */

static struct rf_http_request
make_request(const struct rf_aws *aws, const struct session *session, const char *token)
{
    struct rf_buf url = {0};
    const char *given = rf_aws_given_endpoint(aws, "sso");
    if (given != NULL) {
        rf_buf_string(&url, given);
        while (url.used > 0 && url.bytes[url.used - 1] == '/') {
            url.used--;
        }
    } else {
        rf_buf_format(&url, "https://portal.sso.%s.amazonaws.com%s", session->region,
                      strncmp(session->region, "cn-", 3) == 0 ? ".cn" : "");
    }
    rf_buf_string(&url, "/federation/credentials?account_id=");
    rf_s3_encode(&url, session->account, strlen(session->account), false);
    rf_buf_string(&url, "&role_name=");
    rf_s3_encode(&url, session->role, strlen(session->role), false);
    struct rf_http_request request = {.method = "GET", .url = rf_strdup(rf_buf_text(&url))};
    rf_buf_done(&url);
    rf_http_header_set(&request, "x-amz-sso_bearer_token", token);
    return request;
}

static rf_code
read_role(const struct rf_aws *aws, const struct session *session,
          const struct rf_http_answer *answer, struct rf_aws_key *ret, struct rf_err *reterr)
{
    static const struct rf_aws_key_names names = {
        .within = "roleCredentials",
        .id = "accessKeyId",
        .secret = "secretAccessKey",
        .token = "sessionToken",
        .expires = "expiration",
        .token_needed = true,
    };
    if (answer->status == 401) {
        return fail_login(aws, RF_ERR_SOURCE, "its SSO token is accepted no more", reterr);
    }
    char *where = rf_format("profile '%s'", aws->profile);
    rf_code code =
        answer->status != 200
            ? rf_fail(reterr, RF_ERR_SOURCE, where,
                      "SSO does not give role %s of account %s (HTTP %ld); 'aws sso login' and "
                      "the role's assignment in IAM Identity Center decide that",
                      session->role, session->account, answer->status)
            : rf_aws_key_read(answer->body.used == 0 ? "" : answer->body.bytes, answer->body.used,
                              &names, where, ret, reterr);
    free(where);
    return code;
}

rf_code
rf_aws_sso(struct rf_aws *aws, struct rf_aws_key *ret, struct rf_err *reterr)
{
    struct session session;
    struct rf_http_answer answer = {0};
    char *token = NULL;
    RF_TRY(read_session(aws, &session, reterr));
    char *path = cache_path(session.name);
    rf_code code = read_token(aws, path, &token, reterr);
    free(path);
    RF_TRY(code);
    struct rf_http_request request = make_request(aws, &session, token);
    rf_secret_free(token);
    char *where = rf_format("profile '%s'", aws->profile);
    code = rf_aws_ask(aws, &request, where, &answer, reterr);
    free(where);
    RF_TRY(code);
    code = read_role(aws, &session, &answer, ret, reterr);
    rf_http_answer_done(&answer);
    return code;
}
