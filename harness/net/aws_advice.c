/* SPDX-License-Identifier: MIT */
/* What is wrong when AWS does not believe a request, and what to do. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "net/aws_error.h"
#include "net/aws_internal.h"

/** What a line may hold that a report must not: the front of it, up to which it is shown. */
static const char *const hidden[] = {
    "x-amz-security-token:", "X-Amz-Security-Token=", "X-Amz-Signature=", "X-Amz-Credential="};

/** A line of a canonical request, without tokens; owned. */
static char *
shown_line(const char *line, size_t bytes)
{
    struct rf_buf out = {0};
    for (size_t at = 0; at < bytes;) {
        size_t cut = 0;
        for (size_t i = 0; i < sizeof(hidden) / sizeof(hidden[0]); i++) {
            size_t name = strlen(hidden[i]);
            if (bytes - at >= name && strncasecmp(line + at, hidden[i], name) == 0) {
                cut = name;
            }
        }
        rf_buf_add(&out, line + at, cut > 0 ? cut : 1);
        at += cut > 0 ? cut : 1;
        if (cut > 0) {
            rf_buf_string(&out, "\xe2\x80\xa6");
            while (at < bytes && line[at] != '&') {
                at++;
            }
        }
    }
    char *shown = rf_strdup(rf_buf_text(&out));
    rf_buf_done(&out);
    return shown;
}

/** The next line of a text; false behind the last. */
static bool
next_line(const char **at, char **ret)
{
    if (*at == NULL) {
        return false;
    }
    size_t bytes = strcspn(*at, "\n");
    *ret = shown_line(*at, bytes);
    *at = (*at)[bytes] == '\0' ? NULL : *at + bytes + 1;
    return true;
}

/** In which line the two differ first; 0: in none. */
static unsigned
first_difference(const char *theirs, const char *ours, char **ret_theirs, char **ret_ours)
{
    for (unsigned number = 1;; number++) {
        char *a = NULL, *b = NULL;
        bool more_a = next_line(&theirs, &a);
        bool more_b = next_line(&ours, &b);
        if (more_a != more_b || (more_a && strcmp(a, b) != 0)) {
            *ret_theirs = a == NULL ? rf_strdup("") : a;
            *ret_ours = b == NULL ? rf_strdup("") : b;
            return number;
        }
        free(a);
        free(b);
        if (!more_a) {
            return 0;
        }
    }
}

static void
add_canonical(struct rf_buf *ret, const char *canonical)
{
    char *line;
    rf_buf_string(ret, "; the server's canonical request:");
    for (const char *at = canonical; next_line(&at, &line);) {
        rf_buf_format(ret, "\n%s", line);
        free(line);
    }
}

/** Whether it is the key, or a line on the way: a server in between, or a bug. */
static void
add_signature(struct rf_buf *ret, const struct rf_http_request *request, const char *canonical)
{
    struct rf_buf ours = {0};
    char *a = NULL, *b = NULL;
    if (canonical == NULL) {
        rf_buf_string(ret,
                      "the signature is not what the server computes: the secret access key is "
                      "another one than the id's, or something in between changed the request");
        return;
    }
    if (request == NULL) {
        rf_buf_string(ret, "the signature is not what the server computes");
    } else {
        const char *header = rf_http_headers_find(&request->headers, "Authorization");
        bool is_s3 = header == NULL || strstr(header, "/s3/aws4_request") != NULL;
        rf_sigv4_explain(request, is_s3 ? "s3" : "other", &ours);
        unsigned line = first_difference(canonical, rf_buf_text(&ours), &a, &b);
        if (line == 0) {
            rf_buf_string(ret, "the secret access key is another one than the id's: the server "
                               "signs the same request otherwise");
        } else {
            rf_buf_format(ret,
                          "the request was changed on its way (a proxy?): line %u that the server "
                          "signs is '%s', and was sent as '%s'",
                          line, a, b);
        }
    }
    free(a);
    free(b);
    rf_buf_done(&ours);
    add_canonical(ret, canonical);
}

/** "profile 'x', key AKIA…": an id is no secret. */
static char *
who(struct rf_aws *aws)
{
    char *text = NULL;
    if (aws == NULL) {
        return rf_strdup("these credentials");
    }
    (void)pthread_mutex_lock(&aws->lock);
    if (aws->origin != NULL) {
        text = rf_format("the key %s of %s", aws->key.id, aws->origin);
    }
    (void)pthread_mutex_unlock(&aws->lock);
    return text == NULL ? rf_strdup("a request without credentials (--no-sign-request)") : text;
}

enum kind { OTHER, UNKNOWN_KEY, SIGNATURE, EXPIRED, TOKEN, CLOCK, DENIED, REGION };

static enum kind
kind_of(const struct rf_aws_error *error)
{
    static const struct {
        const char *code;
        enum kind kind;
    } kinds[] = {
        {"InvalidAccessKeyId", UNKNOWN_KEY},
        {"UnrecognizedClientException", UNKNOWN_KEY},
        {"InvalidClientTokenId", UNKNOWN_KEY},
        {"SignatureDoesNotMatch", SIGNATURE},
        {"InvalidSignatureException", SIGNATURE},
        {"IncompleteSignature", SIGNATURE},
        {"IncompleteSignatureException", SIGNATURE},
        {"ExpiredToken", EXPIRED},
        {"ExpiredTokenException", EXPIRED},
        {"TokenRefreshRequired", EXPIRED},
        {"InvalidToken", TOKEN},
        {"RequestTimeTooSkewed", CLOCK},
        {"RequestExpired", CLOCK},
        {"AccessDenied", DENIED},
        {"AccessDeniedException", DENIED},
        {"AuthorizationHeaderMalformed", REGION},
        {"PermanentRedirect", REGION},
        {"IllegalLocationConstraintException", REGION},
        {"IncorrectEndpoint", REGION},
    };
    for (size_t i = 0; error->code != NULL && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].code, error->code) == 0) {
            return kinds[i].kind;
        }
    }
    return OTHER;
}

bool
rf_aws_advice(struct rf_aws *aws, const struct rf_http_request *request,
              const struct rf_http_answer *answer, struct rf_buf *ret)
{
    struct rf_aws_error error;
    rf_aws_error_read(answer, &error);
    enum kind kind = kind_of(&error);
    char *asker = who(aws);
    switch (kind) {
    case UNKNOWN_KEY:
        rf_buf_format(ret, "the server does not know %s", asker);
        break;
    case SIGNATURE:
        add_signature(ret, request, error.canonical);
        break;
    case EXPIRED:
        rf_buf_format(ret, "%s has expired: log in again, or renew it", asker);
        break;
    case TOKEN:
        rf_buf_format(ret, "the session token that goes with %s is not accepted", asker);
        break;
    case CLOCK:
        rf_buf_string(ret, "this machine's clock differs too much from the server's: set it");
        break;
    case DENIED:
        rf_buf_format(ret,
                      "%s may not do that: listing takes s3:ListBucket on the bucket, reading "
                      "s3:GetObject on the objects, and kms:Decrypt where a key encrypts them "
                      "(refold-read-only-policy.json allows just these)",
                      asker);
        break;
    case REGION:
        rf_buf_format(ret, "the bucket is in %s: name it with --region",
                      error.region == NULL ? "another region" : error.region);
        break;
    case OTHER:
        break;
    }
    free(asker);
    rf_aws_error_done(&error);
    return kind != OTHER;
}
