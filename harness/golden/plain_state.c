/* SPDX-License-Identifier: MIT */
/* Whether a state is canonical, where that can be seen at once. */
#include "golden/plain_state.h"

#include "base/bytes.h"

/** Digits and a sign that fit into 64 bits whatever they are. */
#define SHORT_NUMBER_BYTES 18

/** An integer that is written as it stands. -0 is not. */
static bool
is_plain_number(const struct rf_json *doc, const struct rf_json_node *node)
{
    return (node->flags & RF_JSON_REAL) == 0 && node->end - node->start <= SHORT_NUMBER_BYTES &&
           !(doc->text[node->start] == '-' && doc->text[node->start + 1] == '0');
}

static bool
is_plain_scalar(const struct rf_json *doc, const struct rf_json_node *node)
{
    return node->kind == RF_JSON_NUMBER ? is_plain_number(doc, node) : node->flags == 0;
}

bool
rf_scalars_are_plain(const struct rf_json *doc, uint32_t first, uint32_t count)
{
    for (uint32_t i = first; i < first + count; i++) {
        if (!is_plain_scalar(doc, &doc->nodes[i])) {
            return false;
        }
    }
    return true;
}

/** Whether the keys have no escapes and rise, which repeated ones do not. */
static bool
is_rising(const struct rf_json *doc, uint32_t object)
{
    const struct rf_json_node *nodes = doc->nodes;
    const struct rf_json_node *before = NULL;
    uint32_t key = object + 1;
    for (uint32_t i = 0; i < nodes[object].count; i++, key = nodes[key + 1].next) {
        const struct rf_json_node *now = &nodes[key];
        /* Between their quotes. */
        if (now->flags != 0 ||
            (before != NULL &&
             rf_bytes_compare(doc->text + before->start + 1, before->end - before->start - 2,
                              doc->text + now->start + 1, now->end - now->start - 2) >= 0)) {
            return false;
        }
        before = now;
    }
    return true;
}

bool
rf_state_is_plain(const struct rf_json *doc, uint32_t node)
{
    const struct rf_json_node *nodes = doc->nodes;
    uint64_t bytes = 0; /* of the text, if there is no blank in it */
    for (uint32_t i = node; i < nodes[node].next; i++) {
        switch (nodes[i].kind) {
        case RF_JSON_OBJECT:
            if (!is_rising(doc, i)) {
                return false;
            }
            bytes += nodes[i].count; /* colons */
            bytes += 2 + (nodes[i].count > 1 ? nodes[i].count - 1 : 0);
            break;
        case RF_JSON_ARRAY:
            bytes += 2 + (nodes[i].count > 1 ? nodes[i].count - 1 : 0);
            break;
        default:
            if (!is_plain_scalar(doc, &nodes[i])) {
                return false;
            }
            bytes += nodes[i].end - nodes[i].start;
            break;
        }
    }
    return bytes == nodes[node].end - nodes[node].start;
}
