/* SPDX-License-Identifier: MIT */
/* What the config says of AWS. */
#include "cli/config_aws.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/typo.h"

static rf_code
fail(const char *file, const char *key, const char *what, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_USAGE, file, "/aws%s%s: %s", key[0] == '\0' ? "" : "/", key,
                   what);
}

/** What would be a secret there, and be in git soon. */
static bool
is_secret(const char *key)
{
    static const char *const words[] = {"secret", "token", "access_key", "accesskey", "password"};
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcasestr(key, words[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static rf_code
fail_unknown(const char *file, const char *key, const char *const *known, struct rf_err *reterr)
{
    const char *nearest = rf_typo_nearest(key, known);
    if (is_secret(key)) {
        return fail(file, key,
                    "no secret belongs into the config; it comes from the environment or a profile",
                    reterr);
    }
    if (strcmp(key, "profile") == 0) {
        return fail(file, key,
                    "profiles are of one machine, and the config is of all: --profile, AWS_PROFILE",
                    reterr);
    }
    char *text = nearest == NULL ? rf_strdup("unknown key")
                                 : rf_format("unknown key; did you mean \"%s\"?", nearest);
    rf_code code = fail(file, key, text, reterr);
    free(text);
    return code;
}

static rf_code
take_text(const char *file, const char *key, json_t *value, char **ret, struct rf_err *reterr)
{
    const char *text = json_string_value(value);
    if (text == NULL || text[0] == '\0' || strlen(text) != json_string_length(value)) {
        return fail(file, key, "must be a string that is not empty", reterr);
    }
    *ret = rf_strdup(text);
    return RF_OK;
}

rf_code
rf_config_aws(const char *file, json_t *value, struct rf_config_aws *ret, struct rf_err *reterr)
{
    static const char *const known[] = {"region", "endpoint_url", "no_sign_request",
                                        "request_payer", NULL};
    char **texts[] = {&ret->region, &ret->endpoint_url};
    bool *flags[] = {&ret->no_sign_request, &ret->request_payer};
    const size_t text_count = sizeof(texts) / sizeof(texts[0]);
    const char *key;
    json_t *item;
    if (value == NULL) {
        return RF_OK;
    }
    if (!json_is_object(value)) {
        return fail(file, "", "must be an object", reterr);
    }
    json_object_foreach (value, key, item) {
        size_t i = 0;
        while (known[i] != NULL && strcmp(known[i], key) != 0) {
            i++;
        }
        if (known[i] == NULL) {
            return fail_unknown(file, key, known, reterr);
        }
        if (i < text_count) {
            RF_TRY(take_text(file, key, item, texts[i], reterr));
        } else if (json_is_boolean(item)) {
            *flags[i - text_count] = json_is_true(item);
        } else {
            return fail(file, key, "must be true or false", reterr);
        }
    }
    return RF_OK;
}

void
rf_config_aws_done(struct rf_config_aws *aws)
{
    free(aws->region);
    free(aws->endpoint_url);
    *aws = (struct rf_config_aws){0};
}
