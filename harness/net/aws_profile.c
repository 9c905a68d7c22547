/* SPDX-License-Identifier: MIT */
/* Credentials of a profile: written there, an SSO session's, a web identity's, a program's. */
#include <string.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/secret.h"
#include "net/aws_internal.h"

/** The value of a setting, or NULL. */
static const char *
value_of(const struct rf_aws *aws, const char *key)
{
    const struct rf_profile_entry *setting = rf_aws_setting(aws, key);
    return setting == NULL ? NULL : setting->value;
}

/** What the profile's tools can do and refold cannot: said, for other credentials than those that
 * were meant are worse than none. */
static rf_code
check_unread(const struct rf_aws *aws, struct rf_err *reterr)
{
    static const char *const unread[] = {"source_profile", "credential_source", "login_session"};
    for (size_t i = 0; i < sizeof(unread) / sizeof(unread[0]); i++) {
        const struct rf_profile_entry *setting = rf_aws_setting(aws, unread[i]);
        if (setting != NULL) {
            return rf_fail(
                reterr, RF_ERR_USAGE, setting->path,
                "profile '%s' has %s, which refold does not read; let AWS's own tool do that: eval "
                "\"$(aws configure export-credentials --profile %s --format env)\", or a profile "
                "with credential_process = aws configure export-credentials --profile %s",
                aws->profile, unread[i], aws->profile, aws->profile);
        }
    }
    return RF_OK;
}

/* ---- a program ------------------------------------------------------------------------------- */

/** The words of a command, as a shell takes quotes and backslashes; nothing else of it is heard. */
static bool
split_words(const char *command, char ***ret, size_t *ret_count)
{
    struct rf_buf word = {0};
    size_t room = 0;
    char quote = '\0';
    bool begun = false;
    *ret = NULL;
    *ret_count = 0;
    for (const char *at = command;; at++) {
        bool blank = quote == '\0' && (*at == ' ' || *at == '\t');
        if (blank || *at == '\0') {
            RF_GROW(*ret, room, *ret_count + 2);
            if (begun) {
                (*ret)[(*ret_count)++] = rf_strdup(rf_buf_text(&word));
            }
            rf_buf_clear(&word);
            begun = false;
            (*ret)[*ret_count] = NULL;
            if (*at == '\0') {
                break;
            }
            continue;
        }
        begun = true;
        if (quote == '\0' && (*at == '"' || *at == '\'')) {
            quote = *at;
        } else if (quote != '\0' && *at == quote) {
            quote = '\0';
        } else {
            bool escapes = quote == '\0' || (quote == '"' && (at[1] == '"' || at[1] == '\\'));
            at += *at == '\\' && escapes && at[1] != '\0';
            rf_buf_byte(&word, *at);
        }
    }
    rf_buf_done(&word);
    return quote == '\0' && *ret_count > 0;
}

static void
free_words(char **words, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(words[i]);
    }
    free(words);
}

static rf_code
run_process(struct rf_aws *aws, const struct rf_profile_entry *setting, const char *where,
            struct rf_aws_key *ret, struct rf_err *reterr)
{
    static const struct rf_aws_key_names names = {
        .id = "AccessKeyId",
        .secret = "SecretAccessKey",
        .token = "SessionToken",
        .expires = "Expiration",
    };
    char **words;
    size_t count;
    struct rf_buf said = {0};
    struct rf_err err = {0};
    rf_buf_reserve(&said, RF_LIMIT_CREDENTIALS_BYTES + 1); /* never moved: it holds a secret */
    rf_code code = RF_OK;
    if (!split_words(setting->value, &words, &count)) {
        code = rf_fail(reterr, RF_ERR_USAGE, where, "its credential_process has an open quote");
    } else if (aws->run == NULL) {
        code = rf_fail(reterr, RF_ERR_USAGE, where, "its credential_process is not run here");
    } else if (aws->run(words, &said, &err) != RF_OK) {
        code = rf_fail(reterr, RF_ERR_SOURCE, where, "its credential_process %s: %s", words[0],
                       err.text);
    } else {
        code = rf_aws_key_read(said.used == 0 ? "" : said.bytes, said.used, &names, where, ret,
                               reterr);
    }
    free_words(words, count);
    rf_secret_done(&said);
    return code;
}

/* ---- all of them ----------------------------------------------------------------------------- */

static rf_code
take_static(const struct rf_aws *aws, const char *where, struct rf_aws_key *ret,
            struct rf_err *reterr)
{
    const char *id = value_of(aws, "aws_access_key_id");
    const char *secret = value_of(aws, "aws_secret_access_key");
    if (id == NULL || secret == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, where, "has %s without %s",
                       id == NULL ? "aws_secret_access_key" : "aws_access_key_id",
                       id == NULL ? "aws_access_key_id" : "aws_secret_access_key");
    }
    return rf_aws_key_set(ret, id, secret, value_of(aws, "aws_session_token"), INT64_MAX,
                          RF_ERR_USAGE, where, reterr);
}

/** By whatever the profile says, in the order of AWS's tools. */
static rf_code
take(struct rf_aws *aws, const char *where, struct rf_aws_key *ret, bool *ret_found,
     struct rf_err *reterr)
{
    const char *token_file = value_of(aws, "web_identity_token_file");
    const struct rf_profile_entry *process = rf_aws_setting(aws, "credential_process");
    *ret_found = true;
    if (token_file != NULL) {
        const char *role = value_of(aws, "role_arn");
        return role == NULL ? rf_fail(reterr, RF_ERR_USAGE, where,
                                      "has web_identity_token_file without role_arn")
                            : rf_aws_assume(aws, role, value_of(aws, "role_session_name"),
                                            token_file, ret, reterr);
    }
    if (value_of(aws, "sso_session") != NULL || value_of(aws, "sso_start_url") != NULL) {
        return rf_aws_sso(aws, ret, reterr);
    }
    if (value_of(aws, "aws_access_key_id") != NULL ||
        value_of(aws, "aws_secret_access_key") != NULL) {
        return take_static(aws, where, ret, reterr);
    }
    if (process != NULL) {
        return run_process(aws, process, where, ret, reterr);
    }
    *ret_found = false;
    return RF_OK;
}

static rf_code
find(struct rf_aws *aws, struct rf_aws_key *ret, char **ret_origin, bool *ret_found,
     struct rf_err *reterr)
{
    RF_TRY(check_unread(aws, reterr));
    char *where = rf_format("profile '%s'", aws->profile);
    rf_code code = take(aws, where, ret, ret_found, reterr);
    if (code == RF_OK && *ret_found) {
        *ret_origin = where;
    } else {
        free(where);
    }
    return code;
}

const struct rf_aws_provider rf_aws_from_profile = {"a profile", find};
