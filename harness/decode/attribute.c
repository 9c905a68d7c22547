/* SPDX-License-Identifier: MIT */
/* Attributes as DynamoDB writes them. */
#include "decode/attribute.h"

#include <string.h>

uint32_t
rf_attribute_value(const struct rf_json *doc, uint32_t node, uint32_t *ret_tag)
{
    static const char tags[][5] = {"S", "N", "B", "M", "L", "SS", "NS", "BS", "BOOL", "NULL"};
    if (doc->nodes[node].kind != RF_JSON_OBJECT || doc->nodes[node].count != 1) {
        return RF_JSON_NONE;
    }
    *ret_tag = node + 1;
    size_t bytes;
    const char *token = rf_json_token(doc, *ret_tag, &bytes);
    for (size_t i = 0; i < sizeof(tags) / sizeof(tags[0]); i++) {
        size_t tag_bytes = strlen(tags[i]);
        if (bytes == tag_bytes + 2 && memcmp(token + 1, tags[i], tag_bytes) == 0) {
            return *ret_tag + 1;
        }
    }
    return RF_JSON_NONE;
}

bool
rf_attribute_is(const struct rf_json *doc, uint32_t tag, char letter)
{
    const struct rf_json_node *node = &doc->nodes[tag];
    return node->end - node->start == 3 && doc->text[node->start + 1] == letter;
}
