/* SPDX-License-Identifier: MIT */
/* Attributes as DynamoDB writes them: {"S":"x"}, {"N":"1"}, {"B":"aGk="}. */
#ifndef RF_DECODE_ATTRIBUTE_H
#define RF_DECODE_ATTRIBUTE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"

/** The value in an attribute, or RF_JSON_NONE where it is none: an object with one member, a
 * type's.
 * @ret_type  the member's key */
uint32_t rf_attribute_value(const struct rf_json *doc, uint32_t attribute, uint32_t *ret_type);

/** Whether the type that rf_attribute_value gave is this one of a letter: S, N, B, M, L. */
bool rf_attribute_is(const struct rf_json *doc, uint32_t type, char letter);

#endif
