/* SPDX-License-Identifier: MIT */
/* What makes requests believed, and what it learns from answers that refuse. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/aws_error.h"
#include "net/aws_internal.h"
#include "net/url.h"

/** Clocks that differ by more are what a refusal is about: servers take 300 or 900 seconds. */
#define CLOCK_SECONDS 120

/** One service, of S3 one bucket. */
struct rf_aws_signing {
    struct rf_aws_signing *next;
    struct rf_aws *aws;
    char *service;
    char *bucket;                 /**< or NULL */
    char region[RF_REGION_BYTES]; /**< under the lock of `aws`: it is learnt */
};

void
rf_aws_signings_free(struct rf_aws *aws)
{
    while (aws->signings != NULL) {
        struct rf_aws_signing *signing = aws->signings;
        aws->signings = signing->next;
        free(signing->service);
        free(signing->bucket);
        free(signing);
    }
}

/* ---- the address ----------------------------------------------------------------------------- */

/** Moves over a word that stands there. */
static bool
pass(const char **at, const char *word)
{
    size_t bytes = strlen(word);
    bool there = strncmp(*at, word, bytes) == 0;
    *at += there ? bytes : 0;
    return there;
}

static bool
is_end(const char *at)
{
    return *at == '\0' || *at == '/' || *at == '?';
}

/** The region within https://[bucket.]service.REGION.amazonaws.com[.cn]; NULL: no such address. */
static const char *
find_region(const struct rf_aws_signing *signing, const char *url, size_t *ret_bytes)
{
    for (int with_bucket = 1; with_bucket >= 0; with_bucket--) {
        const char *at = url;
        bool fits = pass(&at, "https://");
        if (with_bucket) {
            fits = fits && signing->bucket != NULL && pass(&at, signing->bucket) && pass(&at, ".");
        }
        fits = fits && pass(&at, signing->service) && pass(&at, ".");
        const char *region = at;
        at += strcspn(at, "./?");
        *ret_bytes = (size_t)(at - region);
        if (fits && pass(&at, ".amazonaws.com") && (pass(&at, ".cn"), is_end(at))) {
            return region;
        }
    }
    return NULL;
}

/** Whether it is an address at the endpoint that was given. */
static bool
is_at(const struct rf_aws_signing *signing, const char *endpoint, const char *url)
{
    size_t scheme = rf_url_scheme(endpoint) + strlen("://");
    char *host = rf_strndup(endpoint + scheme, strcspn(endpoint + scheme, "/"));
    bool same = strncmp(endpoint, url, scheme) == 0;
    const char *direct = url + (same ? scheme : 0);
    const char *within = direct;
    bool fits = same && ((pass(&direct, host) && is_end(direct)) ||
                         (signing->bucket != NULL && pass(&within, signing->bucket) &&
                          pass(&within, ".") && pass(&within, host) && is_end(within)));
    free(host);
    return fits;
}

/** Lead the request to the region, and make sure that it goes to the service: what is signed holds
 * a token, which is nobody else's business. */
static rf_code
aim(const struct rf_aws_signing *signing, const char *region, struct rf_http_request *request,
    struct rf_err *reterr)
{
    size_t bytes = 0;
    const char *given = rf_aws_given_endpoint(signing->aws, signing->service);
    const char *there = given == NULL ? find_region(signing, request->url, &bytes) : NULL;
    if (given == NULL ? there == NULL : !is_at(signing, given, request->url)) {
        char *shown = rf_url_shown(request->url, true);
        rf_code code = rf_fail(reterr, RF_ERR_SOURCE, shown,
                               "is no address of %s there, and is not signed: nobody else is shown "
                               "credentials",
                               signing->service);
        free(shown);
        return code;
    }
    if (there != NULL && (strlen(region) != bytes || memcmp(there, region, bytes) != 0)) {
        char *url =
            rf_format("%.*s%s%s", (int)(there - request->url), request->url, region, there + bytes);
        free(request->url);
        request->url = url;
    }
    return RF_OK;
}

/* ---- signing --------------------------------------------------------------------------------- */

static rf_code
sign(void *context, struct rf_http_request *request, struct rf_err *reterr)
{
    struct rf_aws_signing *signing = context;
    struct rf_aws *aws = signing->aws;
    struct rf_aws_key key = {0};
    char region[RF_REGION_BYTES];
    (void)pthread_mutex_lock(&aws->lock);
    memcpy(region, signing->region, sizeof(region));
    int64_t offset = aws->clock_offset;
    (void)pthread_mutex_unlock(&aws->lock);
    RF_TRY(aim(signing, region, request, reterr));
    if (aws->request_payer && strcmp(signing->service, "s3") == 0) {
        rf_http_header_set(request, "x-amz-request-payer", "requester");
    }
    if (aws->no_sign) {
        return RF_OK;
    }
    rf_code code = rf_aws_key_get(aws, &key, reterr);
    if (code == RF_OK) {
        code =
            rf_sigv4_sign(request, &key, region, signing->service, rf_aws_now() + offset, reterr);
    }
    rf_aws_key_done(&key);
    return code;
}

/* ---- learning -------------------------------------------------------------------------------- */

/** A step of "Credential=ID/DAY/REGION/SERVICE/aws4_request" of a signed request: 0 is the id.
 * NULL: it is not signed. */
static const char *
scope_step(const struct rf_http_request *request, int number, size_t *ret_bytes)
{
    const char *header = rf_http_headers_find(&request->headers, "Authorization");
    const char *at = header == NULL ? NULL : strstr(header, "Credential=");
    at = at == NULL ? NULL : at + strlen("Credential=");
    for (; at != NULL && number > 0; number--) {
        at = strchr(at, '/');
        at = at == NULL ? NULL : at + 1;
    }
    *ret_bytes = at == NULL ? 0 : strcspn(at, "/,");
    return at;
}

/** Another region than the request was for: next time that one. */
static bool
learn_region(struct rf_aws_signing *signing, const struct rf_http_request *request,
             const char *region)
{
    size_t bytes;
    const char *asked = scope_step(request, 2, &bytes);
    asked = asked == NULL ? find_region(signing, request->url, &bytes) : asked;
    if (asked == NULL || (strlen(region) == bytes && memcmp(asked, region, bytes) == 0)) {
        return false;
    }
    (void)pthread_mutex_lock(&signing->aws->lock);
    (void)snprintf(signing->region, sizeof(signing->region), "%s", region);
    (void)pthread_mutex_unlock(&signing->aws->lock);
    return true;
}

/** "Thu, 26 Nov 2026 01:02:03 GMT" */
static bool
read_date(const char *text, int64_t *ret)
{
    static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";
    int day, year, hour, minute, second;
    char month[4];
    if (text == NULL || sscanf(text, "%*3s, %2d %3s %4d %2d:%2d:%2d GMT", &day, month, &year, &hour,
                               &minute, &second) != 6) {
        return false;
    }
    const char *found = strstr(months, month);
    int number = found == NULL ? 0 : (int)(found - months) / 3 + 1;
    if (strlen(month) != 3 || !rf_date_valid(year, number, day)) {
        return false;
    }
    *ret = rf_days_from_date(year, number, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/** When a request was signed, by its x-amz-date: "20261126T010203Z". */
static bool
read_stamp(const struct rf_http_request *request, int64_t *ret)
{
    const char *stamp = rf_http_headers_find(&request->headers, "x-amz-date");
    int year, month, day, hour, minute, second;
    if (stamp == NULL ||
        sscanf(stamp, "%4d%2d%2dT%2d%2d%2dZ", &year, &month, &day, &hour, &minute, &second) != 6) {
        return false;
    }
    *ret = rf_days_from_date(year, month, day) * 86400 + hour * 3600 + minute * 60 + second;
    return true;
}

/** The server's clock, where it is another one than the request was signed by. */
static bool
learn_clock(struct rf_aws *aws, const struct rf_http_request *request,
            const struct rf_http_answer *answer)
{
    int64_t theirs, ours;
    if (!read_date(rf_http_headers_find(&answer->headers, "Date"), &theirs) ||
        !read_stamp(request, &ours) || llabs(theirs - ours) < CLOCK_SECONDS) {
        return false;
    }
    (void)pthread_mutex_lock(&aws->lock);
    aws->clock_offset = theirs - rf_aws_now();
    (void)pthread_mutex_unlock(&aws->lock);
    return true;
}

static bool
is_of(const char *code, const char *const *codes)
{
    for (; *codes != NULL; codes++) {
        if (strcmp(*codes, code) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_about_clock(const struct rf_aws_error *error)
{
    static const char *const codes[] = {"RequestTimeTooSkewed", "RequestExpired", NULL};
    static const char *const mixed[] = {"InvalidSignatureException", "SignatureDoesNotMatch", NULL};
    if (is_of(error->code, codes)) {
        return true;
    }
    return is_of(error->code, mixed) && error->message != NULL &&
           (strstr(error->message, "Signature expired") != NULL ||
            strstr(error->message, "Signature not yet current") != NULL);
}

/** Never for credentials that are refused: they would be refused again, and some servers count. */
static bool
refused(void *context, const struct rf_http_request *request, const struct rf_http_answer *answer)
{
    static const char *const regions[] = {
        "AuthorizationHeaderMalformed",       "PermanentRedirect", "TemporaryRedirect",
        "IllegalLocationConstraintException", "IncorrectEndpoint", NULL};
    static const char *const expired[] = {"ExpiredToken", "ExpiredTokenException",
                                          "TokenRefreshRequired", NULL};
    struct rf_aws_signing *signing = context;
    struct rf_aws_error error;
    bool again = false;
    rf_aws_error_read(answer, &error);
    bool moved = answer->status == 301 || answer->status == 307 || answer->status == 400;
    if (error.region != NULL && (error.code == NULL ? moved : is_of(error.code, regions))) {
        again = learn_region(signing, request, error.region);
    } else if (error.code != NULL && !signing->aws->no_sign && is_about_clock(&error)) {
        again = learn_clock(signing->aws, request, answer);
    } else if (error.code != NULL && !signing->aws->no_sign && is_of(error.code, expired)) {
        size_t bytes;
        const char *id = scope_step(request, 0, &bytes);
        again = id != NULL && rf_aws_key_expired(signing->aws, id, bytes);
    }
    rf_aws_error_done(&error);
    return again;
}

/* ---- the whole ------------------------------------------------------------------------------- */

static bool
is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/** The one of this service and bucket: what it learnt is known to all who read there. */
static struct rf_aws_signing *
get(struct rf_aws *aws, const char *service, const char *bucket)
{
    (void)pthread_mutex_lock(&aws->lock);
    struct rf_aws_signing *signing = aws->signings;
    while (signing != NULL &&
           !(is_same(signing->service, service) && is_same(signing->bucket, bucket))) {
        signing = signing->next;
    }
    if (signing == NULL) {
        signing = rf_calloc(1, sizeof(*signing));
        signing->aws = aws;
        signing->service = rf_strdup(service);
        signing->bucket = bucket == NULL ? NULL : rf_strdup(bucket);
        (void)snprintf(signing->region, sizeof(signing->region), "%s", aws->region);
        signing->next = aws->signings;
        aws->signings = signing;
    }
    (void)pthread_mutex_unlock(&aws->lock);
    return signing;
}

rf_code
rf_aws_signer(struct rf_aws *aws, const char *service, const char *bucket, struct rf_signer *ret,
              struct rf_err *reterr)
{
    bool anywhere = strcmp(service, "s3") == 0 || rf_aws_given_endpoint(aws, service) != NULL;
    if (!aws->region_known && !anywhere) {
        return rf_fail(reterr, RF_ERR_USAGE, service,
                       "needs a region: --region, AWS_REGION, or 'region' of the profile");
    }
    if (!aws->no_sign) {
        struct rf_aws_key key = {0};
        RF_TRY(rf_aws_key_get(aws, &key, reterr));
        rf_aws_key_done(&key);
    }
    *ret =
        (struct rf_signer){.context = get(aws, service, bucket), .sign = sign, .refused = refused};
    return RF_OK;
}
