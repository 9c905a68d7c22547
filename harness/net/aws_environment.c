/* SPDX-License-Identifier: MIT */
/* What the environment says of AWS: the secrets in it are taken out, and kept here. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "net/aws_internal.h"

/** What is a secret in itself. The last one is GitHub's, for its OIDC. */
static struct {
    const char *name;
    char *taken;
} secrets[] = {
    {"AWS_SECRET_ACCESS_KEY", NULL},
    {"AWS_SESSION_TOKEN", NULL},
    {"AWS_SECURITY_TOKEN", NULL},
    {"AWS_CONTAINER_AUTHORIZATION_TOKEN", NULL},
    {"ACTIONS_ID_TOKEN_REQUEST_TOKEN", NULL},
};
#define SECRET_COUNT (sizeof(secrets) / sizeof(secrets[0]))

void
rf_aws_take_secrets(void)
{
    for (size_t i = 0; i < SECRET_COUNT; i++) {
        char *value = getenv(secrets[i].name);
        if (value != NULL && secrets[i].taken == NULL) {
            secrets[i].taken = rf_strdup(value);
            explicit_bzero(value, strlen(value)); /* /proc/PID/environ shows this memory */
            (void)unsetenv(secrets[i].name);
        }
    }
}

const char *
rf_aws_variable(const char *name)
{
    const char *value = getenv(name);
    for (size_t i = 0; i < SECRET_COUNT; i++) {
        if (strcmp(secrets[i].name, name) == 0 && secrets[i].taken != NULL) {
            value = secrets[i].taken;
        }
    }
    return value != NULL && value[0] != '\0' ? value : NULL;
}

bool
rf_aws_variable_true(const char *name)
{
    const char *value = rf_aws_variable(name);
    return value != NULL && strcasecmp(value, "true") == 0;
}

char *
rf_aws_home(const char *path)
{
    const char *home = rf_aws_variable("HOME");
    return home == NULL ? NULL : rf_format("%s/.aws/%s", home, path);
}

static rf_code
find(struct rf_aws *aws, struct rf_aws_key *ret, char **ret_origin, bool *ret_found,
     struct rf_err *reterr)
{
    const char *id = rf_aws_variable("AWS_ACCESS_KEY_ID");
    const char *secret = rf_aws_variable("AWS_SECRET_ACCESS_KEY");
    const char *token = rf_aws_variable("AWS_SESSION_TOKEN");
    (void)aws;
    if (id == NULL && secret == NULL) {
        return RF_OK;
    }
    if (id == NULL || secret == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE,
                       id == NULL ? "AWS_ACCESS_KEY_ID" : "AWS_SECRET_ACCESS_KEY",
                       "is not set, but %s is: a key has both",
                       id == NULL ? "AWS_SECRET_ACCESS_KEY" : "AWS_ACCESS_KEY_ID");
    }
    RF_TRY(rf_aws_key_set(ret, id, secret,
                          token != NULL ? token : rf_aws_variable("AWS_SECURITY_TOKEN"), INT64_MAX,
                          RF_ERR_USAGE, "the environment's AWS_ variables", reterr));
    *ret_origin = rf_strdup("the environment (AWS_ACCESS_KEY_ID)");
    *ret_found = true;
    return RF_OK;
}

const struct rf_aws_provider rf_aws_from_environment = {"the environment", find};
