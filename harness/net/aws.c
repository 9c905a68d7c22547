/* SPDX-License-Identifier: MIT */
/* An account at AWS: profile, region, endpoints. */
#include "net/aws.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "net/aws_internal.h"
#include "net/libcurl.h"
#include "net/url.h"

/** Where requests go when nobody says where: S3 knows from there where a bucket is. */
#define USUAL_REGION "us-east-1"

const struct rf_profile_entry *
rf_aws_setting(const struct rf_aws *aws, const char *key)
{
    return rf_profiles_find(&aws->profiles, RF_PROFILE, aws->profile, key);
}

/* ---- the profile ----------------------------------------------------------------------------- */

static rf_code
read_profiles(struct rf_aws *aws, struct rf_err *reterr)
{
    const char *config = rf_aws_variable("AWS_CONFIG_FILE");
    const char *credentials = rf_aws_variable("AWS_SHARED_CREDENTIALS_FILE");
    aws->config_path = config == NULL ? rf_aws_home("config") : rf_strdup(config);
    aws->credentials_path =
        credentials == NULL ? rf_aws_home("credentials") : rf_strdup(credentials);
    if (aws->config_path != NULL) {
        RF_TRY(rf_profiles_read(&aws->profiles, aws->config_path, false, reterr));
    }
    if (aws->credentials_path != NULL) { /* behind: what it says wins */
        RF_TRY(rf_profiles_read(&aws->profiles, aws->credentials_path, true, reterr));
    }
    return RF_OK;
}

static rf_code
choose_profile(struct rf_aws *aws, const char *option, struct rf_err *reterr)
{
    const char *name = option;
    const char *from = "--profile";
    static const char *const variables[] = {"AWS_PROFILE", "AWS_DEFAULT_PROFILE"};
    for (size_t i = 0; i < 2 && name == NULL; i++) {
        name = rf_aws_variable(variables[i]);
        from = variables[i];
    }
    aws->profile_option = option != NULL;
    aws->profile_named = name != NULL;
    aws->profile = rf_strdup(name == NULL ? "default" : name);
    RF_TRY(read_profiles(aws, reterr));
    if (name != NULL && !rf_profiles_have(&aws->profiles, RF_PROFILE, name)) {
        return rf_fail(reterr, RF_ERR_USAGE, from,
                       "there is no profile '%s' in %s or %s; 'aws configure list-profiles' lists "
                       "those that there are",
                       name, aws->config_path == NULL ? "~/.aws/config" : aws->config_path,
                       aws->credentials_path == NULL ? "~/.aws/credentials"
                                                     : aws->credentials_path);
    }
    return RF_OK;
}

/* ---- the region ------------------------------------------------------------------------------ */

bool
rf_aws_is_region(const char *text)
{
    size_t bytes = 0;
    while (islower((unsigned char)text[bytes]) || isdigit((unsigned char)text[bytes]) ||
           (bytes > 0 && text[bytes] == '-')) {
        bytes++;
    }
    return text[bytes] == '\0' && bytes > 0 && bytes < RF_REGION_BYTES && text[bytes - 1] != '-';
}

static rf_code
choose_region(struct rf_aws *aws, const char *option, struct rf_err *reterr)
{
    const struct rf_profile_entry *setting = rf_aws_setting(aws, "region");
    const struct {
        const char *from, *region;
    } places[] = {
        {"--region", option},
        {"AWS_REGION", rf_aws_variable("AWS_REGION")},
        {"AWS_DEFAULT_REGION", rf_aws_variable("AWS_DEFAULT_REGION")},
        {setting == NULL ? NULL : setting->path, setting == NULL ? NULL : setting->value},
    };
    for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        if (places[i].region != NULL && !rf_aws_is_region(places[i].region)) {
            return rf_fail(reterr, RF_ERR_USAGE, places[i].from,
                           "'%s' is no region: one is called eu-west-1, for example",
                           places[i].region);
        }
        if (places[i].region != NULL) {
            aws->region = rf_strdup(places[i].region);
            aws->region_known = true;
            return RF_OK;
        }
    }
    aws->region = rf_strdup(USUAL_REGION);
    return RF_OK;
}

/* ---- endpoints ------------------------------------------------------------------------------- */

/** "AWS_ENDPOINT_URL_S3" */
static const char *
service_variable(const char *service)
{
    char *name = rf_format("AWS_ENDPOINT_URL_%s", service);
    for (char *at = name; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    const char *value = rf_aws_variable(name);
    free(name);
    return value;
}

static const char *
endpoint_of_profile(const struct rf_aws *aws, const char *service)
{
    const struct rf_profile_entry *services = rf_aws_setting(aws, "services");
    const struct rf_profile_entry *found = NULL;
    if (services != NULL) {
        char *key = rf_format("%s.endpoint_url", service);
        found = rf_profiles_find(&aws->profiles, RF_SERVICES, services->value, key);
        free(key);
    }
    found = found != NULL ? found : rf_aws_setting(aws, "endpoint_url");
    return found == NULL ? NULL : found->value;
}

/** The option is about where the history is, not about who gives credentials. */
static bool
has_data(const char *service)
{
    return strcmp(service, "s3") == 0 || strcmp(service, "dynamodb") == 0;
}

const char *
rf_aws_given_endpoint(const struct rf_aws *aws, const char *service)
{
    const struct rf_profile_entry *ignored = rf_aws_setting(aws, "ignore_configured_endpoint_urls");
    if (aws->endpoint != NULL && has_data(service)) {
        return aws->endpoint;
    }
    if (rf_aws_variable_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") ||
        (ignored != NULL && strcasecmp(ignored->value, "true") == 0)) {
        return NULL;
    }
    const char *given = service_variable(service);
    given = given != NULL ? given : rf_aws_variable("AWS_ENDPOINT_URL");
    return given != NULL ? given : endpoint_of_profile(aws, service);
}

static rf_code
check_endpoint(const struct rf_aws *aws, const char *service, struct rf_err *reterr)
{
    const char *given = rf_aws_given_endpoint(aws, service);
    if (given == NULL || rf_libcurl() == NULL) { /* without it nothing is asked anyway */
        return RF_OK;
    }
    char *shown = rf_url_shown(given, false);
    char *url = NULL;
    rf_code code =
        !rf_url_is_http(given) || strchr(given, '@') != NULL || strchr(given, '?') != NULL
            ? rf_fail(reterr, RF_ERR_USAGE, shown,
                      "is no endpoint of %s: that is a scheme and a host, "
                      "https://s3.example.org, and no credentials or query",
                      service)
            : rf_url_join(given, "", &url, reterr);
    free(url);
    free(shown);
    return code;
}

char *
rf_aws_endpoint(struct rf_aws *aws, const char *service)
{
    const char *given = rf_aws_given_endpoint(aws, service);
    if (given == NULL) {
        return rf_format("https://%s.%s.amazonaws.com%s", service, aws->region,
                         strncmp(aws->region, "cn-", 3) == 0 ? ".cn" : "");
    }
    size_t bytes = strlen(given);
    while (bytes > 0 && given[bytes - 1] == '/') {
        bytes--;
    }
    return rf_strndup(given, bytes);
}

const char *
rf_aws_region(const struct rf_aws *aws)
{
    return aws->region;
}

/** Whether a bucket's name can be one step of a host's name: lower case letters, digits, dashes.
 * Buckets from before 2018 may be called otherwise. */
static bool
fits_host(const char *bucket)
{
    size_t bytes = strspn(bucket, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return bytes == strlen(bucket) && bytes <= 63 && bucket[0] != '-';
}

bool
rf_aws_path_style(struct rf_aws *aws, const char *bucket)
{
    return rf_aws_given_endpoint(aws, "s3") != NULL || !fits_host(bucket);
}

/* ---- the whole ------------------------------------------------------------------------------- */

rf_code
rf_aws_new(const struct rf_aws_settings *settings, struct rf_net *net, struct rf_aws **ret,
           struct rf_err *reterr)
{
    struct rf_aws *aws = rf_calloc(1, sizeof(*aws));
    RF_VERIFY(pthread_mutex_init(&aws->lock, NULL) == 0);
    aws->net = net;
    aws->no_sign = settings->no_sign_request;
    aws->request_payer = settings->request_payer;
    aws->run = settings->run;
    aws->endpoint = settings->endpoint_url == NULL ? NULL : rf_strdup(settings->endpoint_url);
    rf_code code = choose_profile(aws, settings->profile, reterr);
    code = code == RF_OK ? choose_region(aws, settings->region, reterr) : code;
    static const char *const services[] = {"s3", "dynamodb", "sts", "sso"};
    for (size_t i = 0; code == RF_OK && i < sizeof(services) / sizeof(services[0]); i++) {
        code = check_endpoint(aws, services[i], reterr);
    }
    if (code != RF_OK) {
        rf_aws_free(aws);
        return code;
    }
    *ret = aws;
    return RF_OK;
}

void
rf_aws_free(struct rf_aws *aws)
{
    if (aws == NULL) {
        return;
    }
    rf_aws_signings_free(aws);
    rf_aws_key_done(&aws->key);
    rf_profiles_done(&aws->profiles);
    (void)pthread_mutex_destroy(&aws->lock);
    free(aws->origin);
    free(aws->profile);
    free(aws->region);
    free(aws->endpoint);
    free(aws->config_path);
    free(aws->credentials_path);
    free(aws);
}
