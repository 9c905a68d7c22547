/* SPDX-License-Identifier: MIT */
/* A request to a server and its answer. */
#include "net/http.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/secret.h"

static struct rf_http_header *
find(const struct rf_http_headers *headers, const char *name)
{
    for (size_t i = 0; i < headers->count; i++) {
        if (strcasecmp(headers->items[i].name, name) == 0) {
            return &headers->items[i];
        }
    }
    return NULL;
}

void
rf_http_headers_set(struct rf_http_headers *headers, const char *name, const char *value)
{
    struct rf_http_header *header = find(headers, name);
    if (header == NULL) {
        RF_GROW(headers->items, headers->room, headers->count + 1);
        header = &headers->items[headers->count++];
        header->name = rf_strdup(name);
    } else {
        rf_secret_free(header->value);
    }
    header->value = rf_strdup(value);
    for (char *at = header->value; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f) {
            *at = ' ';
        }
    }
}

void
rf_http_headers_remove(struct rf_http_headers *headers, const char *name)
{
    struct rf_http_header *header = find(headers, name);
    if (header == NULL) {
        return;
    }
    free(header->name);
    rf_secret_free(header->value);
    size_t behind = headers->count - (size_t)(header - headers->items) - 1;
    memmove(header, header + 1, behind * sizeof(*header));
    headers->count--;
}

const char *
rf_http_headers_find(const struct rf_http_headers *headers, const char *name)
{
    const struct rf_http_header *header = find(headers, name);
    return header == NULL ? NULL : header->value;
}

void
rf_http_headers_done(struct rf_http_headers *headers)
{
    for (size_t i = 0; i < headers->count; i++) {
        free(headers->items[i].name);
        rf_secret_free(headers->items[i].value);
    }
    free(headers->items);
    *headers = (struct rf_http_headers){0};
}

void
rf_http_header_set(struct rf_http_request *request, const char *name, const char *value)
{
    rf_http_headers_set(&request->headers, name, value);
}

void
rf_http_request_done(struct rf_http_request *request)
{
    rf_http_headers_done(&request->headers);
    rf_secret_free(request->url);
    if (request->body != NULL) {
        explicit_bzero(request->body, request->body_bytes);
    }
    free(request->body);
    *request = (struct rf_http_request){0};
}

void
rf_http_answer_done(struct rf_http_answer *answer)
{
    rf_http_headers_done(&answer->headers);
    rf_secret_done(&answer->body);
    *answer = (struct rf_http_answer){0};
}
