/* SPDX-License-Identifier: MIT */
/* Credentials: where they are looked for, in the order of AWS's tools, and kept fresh. */
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "net/aws_internal.h"

/** So long before they expire they are asked for again: a transfer that was signed goes on. */
#define REFRESH_AHEAD_SECONDS 300
/** And not more often than so, whatever they say: this machine's clock may be wrong. */
#define REFRESH_PAUSE_SECONDS 30

static const struct rf_aws_provider *const providers[] = {
    &rf_aws_from_environment, &rf_aws_from_identity, &rf_aws_from_profile,
    &rf_aws_from_container,   &rf_aws_from_instance,
};
#define PROVIDER_COUNT (sizeof(providers) / sizeof(providers[0]))

int64_t
rf_aws_now(void)
{
    return (int64_t)time(NULL);
}

rf_code
rf_aws_ask(struct rf_aws *aws, struct rf_http_request *request, const char *where,
           struct rf_http_answer *ret, struct rf_err *reterr)
{
    struct rf_err err = {0};
    rf_code code = rf_net_ask(aws->net, request, NULL, RF_LIMIT_CREDENTIALS_BYTES, ret, &err);
    rf_http_request_done(request);
    return code == RF_OK ? RF_OK : rf_fail(reterr, code, where, "%s: %s", err.where, err.text);
}

/* ---- looking for them ------------------------------------------------------------------------ */

/** --profile means that one, whatever the environment has; AWS_PROFILE means it where the
 * environment has no key. Where it has none, nothing else is taken in its place. */
static bool
is_looked_at(const struct rf_aws *aws, const struct rf_aws_provider *provider)
{
    bool in_front = provider == &rf_aws_from_environment || provider == &rf_aws_from_identity;
    bool behind = provider == &rf_aws_from_container || provider == &rf_aws_from_instance;
    return !(in_front && aws->profile_option) && !(behind && aws->profile_named);
}

static rf_code
fail_none(const struct rf_aws *aws, struct rf_err *reterr)
{
    if (aws->profile_named) {
        return rf_fail(
            reterr, RF_ERR_USAGE, aws->profile,
            "this AWS profile has no credentials: none of aws_access_key_id, sso_session, "
            "web_identity_token_file or credential_process stands there");
    }
    return rf_fail(reterr, RF_ERR_USAGE, "AWS credentials",
                   "there are none: not in the environment (AWS_ACCESS_KEY_ID, "
                   "AWS_WEB_IDENTITY_TOKEN_FILE), not in profile 'default', and no container or "
                   "instance gives any; log in (aws sso login, aws configure), name a profile with "
                   "--profile, or read a public bucket with --no-sign-request");
}

/** Ask one provider; what it gives is the key from then on. Under the lock. */
static rf_code
take(struct rf_aws *aws, const struct rf_aws_provider *provider, bool *ret_found,
     struct rf_err *reterr)
{
    struct rf_aws_key key = {0};
    char *origin = NULL;
    *ret_found = false;
    rf_code code = provider->find(aws, &key, &origin, ret_found, reterr);
    if (code != RF_OK || !*ret_found) {
        rf_aws_key_done(&key);
        free(origin);
        return code;
    }
    int64_t now = rf_aws_now();
    rf_aws_key_done(&aws->key);
    free(aws->origin);
    aws->key = key;
    aws->origin = origin;
    aws->provider = provider;
    aws->refresh_at = key.expires == INT64_MAX ? INT64_MAX : key.expires - REFRESH_AHEAD_SECONDS;
    if (aws->refresh_at < now + REFRESH_PAUSE_SECONDS) {
        aws->refresh_at = now + REFRESH_PAUSE_SECONDS;
    }
    return RF_OK;
}

static rf_code
look(struct rf_aws *aws, struct rf_err *reterr)
{
    for (size_t i = 0; i < PROVIDER_COUNT; i++) {
        bool found = false;
        if (is_looked_at(aws, providers[i])) {
            RF_TRY(take(aws, providers[i], &found, reterr));
        }
        if (found) {
            return RF_OK;
        }
    }
    return fail_none(aws, reterr);
}

/* ---- keeping them fresh ---------------------------------------------------------------------- */

/** Those that are there serve until they expire, where no others are to be had. */
static rf_code
refresh(struct rf_aws *aws, struct rf_err *reterr)
{
    bool found = false;
    struct rf_err err = {0};
    int64_t now = rf_aws_now();
    rf_code code = take(aws, aws->provider, &found, &err);
    if (code == RF_OK && found) {
        return RF_OK;
    }
    aws->refresh_at = now + REFRESH_PAUSE_SECONDS;
    if (now < aws->key.expires || code == RF_ERR_INTERRUPTED) {
        return code == RF_ERR_INTERRUPTED ? code : RF_OK;
    }
    if (code == RF_OK) {
        return rf_fail(reterr, RF_ERR_SOURCE, aws->origin,
                       "its credentials have expired, and there are no others");
    }
    return rf_fail(reterr, RF_ERR_SOURCE, aws->origin,
                   "its credentials have expired, and asking for others failed: %s: %s", err.where,
                   err.text);
}

rf_code
rf_aws_key_get(struct rf_aws *aws, struct rf_aws_key *ret, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    (void)pthread_mutex_lock(&aws->lock);
    if (aws->provider == NULL) {
        code = look(aws, reterr);
    } else if (rf_aws_now() >= aws->refresh_at) {
        code = refresh(aws, reterr);
    }
    if (code == RF_OK) {
        ret->id = rf_strdup(aws->key.id);
        ret->secret = rf_strdup(aws->key.secret);
        ret->token = aws->key.token == NULL ? NULL : rf_strdup(aws->key.token);
        ret->expires = aws->key.expires;
    }
    (void)pthread_mutex_unlock(&aws->lock);
    return code;
}

bool
rf_aws_key_expired(struct rf_aws *aws, const char *id, size_t id_bytes)
{
    bool another = false;
    (void)pthread_mutex_lock(&aws->lock);
    if (aws->provider != NULL && aws->key.id != NULL) {
        bool same = strlen(aws->key.id) == id_bytes && memcmp(aws->key.id, id, id_bytes) == 0;
        another = !same; /* it was refreshed meanwhile */
        if (same && aws->key.expires != INT64_MAX) {
            bool found = false;
            struct rf_err err;
            another = take(aws, aws->provider, &found, &err) == RF_OK && found;
        }
    }
    (void)pthread_mutex_unlock(&aws->lock);
    return another;
}
