/* SPDX-License-Identifier: MIT */
/* What AWS says when it refuses. */
#include "net/aws_error.h"

#include <string.h>

#include "base/alloc.h"
#include "base/secret.h"
#include "net/aws_internal.h"
#include "net/xml.h"

static rf_code
end_element(void *context, const char *path, const char *text, size_t bytes, struct rf_err *reterr)
{
    struct rf_aws_error *error = context;
    const struct rf_xml_wanted elements[] = {
        {"/Error/Code", &error->code},
        {"/Error/Message", &error->message},
        {"/Error/Region", &error->region},
        {"/Error/CanonicalRequest", &error->canonical},
    };
    (void)reterr;
    rf_xml_take(elements, sizeof(elements) / sizeof(elements[0]), path, text, bytes);
    return RF_OK;
}

/** {"__type": "com.amazonaws.dynamodb.v20120810#AccessDeniedException", "message": "…"} */
static void
read_json(const struct rf_buf *body, struct rf_aws_error *ret)
{
    struct rf_json doc = {0};
    struct rf_err ignored;
    if (rf_json_read_whole(&doc, body->bytes, body->used, &ignored) == RF_OK) {
        char *type = rf_aws_json_text(&doc, 0, "__type");
        const char *hash = type == NULL ? NULL : strrchr(type, '#');
        ret->code = type == NULL ? NULL : rf_strdup(hash == NULL ? type : hash + 1);
        ret->message = rf_aws_json_text(&doc, 0, "message");
        if (ret->message == NULL) {
            ret->message = rf_aws_json_text(&doc, 0, "Message");
        }
        rf_secret_free(type);
    }
    rf_json_done(&doc);
}

void
rf_aws_error_read(const struct rf_http_answer *answer, struct rf_aws_error *ret)
{
    struct rf_xml_reader reader = {.context = ret, .end = end_element};
    struct rf_err ignored;
    const struct rf_buf *body = &answer->body;
    *ret = (struct rf_aws_error){0};
    if (body->used > 0 && body->bytes[0] == '{') {
        read_json(body, ret);
    } else if (body->used > 0 &&
               rf_xml_read("an error", body->bytes, body->used, &reader, &ignored) != RF_OK) {
        rf_aws_error_done(ret);
    }
    if (ret->region == NULL) { /* HEAD has no body */
        const char *header = rf_http_headers_find(&answer->headers, "x-amz-bucket-region");
        ret->region = header == NULL ? NULL : rf_strdup(header);
    }
    if (ret->region != NULL && !rf_aws_is_region(ret->region)) {
        free(ret->region); /* it would become part of a host's name */
        ret->region = NULL;
    }
}

void
rf_aws_error_done(struct rf_aws_error *error)
{
    rf_secret_free(error->code);
    rf_secret_free(error->message);
    rf_secret_free(error->region);
    rf_secret_free(error->canonical);
    *error = (struct rf_aws_error){0};
}
