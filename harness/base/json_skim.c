/* SPDX-License-Identifier: MIT */
/* The first level of a JSON text that was read before: what an aggregate looks at of an event. */
#include <string.h>

#include "base/json.h"
#include "base/json_scan.h"

static inline const unsigned char *
skip_blanks(const unsigned char *at, const unsigned char *end)
{
    while (at < end && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t')) {
        at++;
    }
    return at;
}

/** Behind the string whose quote is at `at`. */
static inline const unsigned char *
skip_string(const unsigned char *at, const unsigned char *end, uint8_t *ret_flags)
{
    for (at++; (at = rf_scan_plain(at, end)) < end && *at != '"';) {
        if (*at == '\\') {
            *ret_flags = RF_JSON_ESCAPED;
            at++;
        }
        at++;
    }
    return at < end ? at + 1 : end;
}

/** Behind the array or object whose bracket is at `at`. */
static const unsigned char *
skip_container(const unsigned char *at, const unsigned char *end)
{
    uint8_t flags;
    size_t depth = 0;
    while (at < end) {
        if (*at == '"') {
            at = skip_string(at, end, &flags);
            continue;
        }
        depth += *at == '{' || *at == '[';
        depth -= *at == '}' || *at == ']';
        at++;
        if (depth == 0) {
            break;
        }
    }
    return at;
}

/** Behind a number or literal. */
static inline const unsigned char *
skip_token(const unsigned char *at, const unsigned char *end, uint8_t *ret_flags)
{
    for (; at < end && at[0] > ' ' && *at != ',' && *at != '}' && *at != ']'; at++) {
        if (*at == '.' || *at == 'e' || *at == 'E') {
            *ret_flags = RF_JSON_REAL;
        }
    }
    return at;
}

static struct rf_json_node *
add_node(struct rf_json *doc)
{
    RF_GROW(doc->nodes, doc->room, doc->used + 1);
    struct rf_json_node *node = &doc->nodes[doc->used++];
    memset(node, 0, sizeof(*node));
    return node;
}

/** Notes the value at `at` as one node, whatever is in it; returns the place behind it. */
static const unsigned char *
note_value(struct rf_json *doc, const unsigned char *at, const unsigned char *end)
{
    const unsigned char *front = (const unsigned char *)doc->text;
    uint8_t flags = 0;
    uint8_t kind = RF_JSON_NUMBER;
    const unsigned char *start = at;
    if (at < end && *at == '"') {
        kind = RF_JSON_STRING;
        at = skip_string(at, end, &flags);
    } else if (at < end && (*at == '{' || *at == '[')) {
        kind = *at == '{' ? RF_JSON_OBJECT : RF_JSON_ARRAY;
        at = skip_container(at, end);
    } else {
        at = skip_token(at, end, &flags);
        if (start < end && (*start == 't' || *start == 'f' || *start == 'n')) {
            kind = *start == 't' ? RF_JSON_TRUE : *start == 'f' ? RF_JSON_FALSE : RF_JSON_NULL;
            flags = 0;
        }
    }
    struct rf_json_node *node = add_node(doc);
    node->start = (uint32_t)(start - front);
    node->end = (uint32_t)(at - front);
    node->next = (uint32_t)doc->used;
    node->kind = kind;
    node->flags = flags;
    return at;
}

void
rf_json_skim(struct rf_json *doc, const char *text, size_t bytes)
{
    const unsigned char *end = (const unsigned char *)text + bytes;
    const unsigned char *at = skip_blanks((const unsigned char *)text, end);
    doc->text = text;
    doc->used = 0;
    if (at == end || (*at != '{' && *at != '[')) {
        (void)note_value(doc, at, end);
        return;
    }
    bool object = *at == '{';
    struct rf_json_node *root = add_node(doc);
    root->kind = object ? RF_JSON_OBJECT : RF_JSON_ARRAY;
    root->start = (uint32_t)(at - (const unsigned char *)text);
    uint32_t count = 0;
    for (at = skip_blanks(at + 1, end); at < end && *at != '}' && *at != ']'; count++) {
        if (object) {
            at = skip_blanks(note_value(doc, at, end), end); /* the key; then the colon */
            at = skip_blanks(at + (at < end), end);
        }
        at = skip_blanks(note_value(doc, at, end), end);
        at = at < end && *at == ',' ? skip_blanks(at + 1, end) : at;
    }
    doc->nodes[0].end = (uint32_t)(at - (const unsigned char *)text) + (at < end);
    doc->nodes[0].next = (uint32_t)doc->used;
    doc->nodes[0].count = count;
}
