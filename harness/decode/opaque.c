/* SPDX-License-Identifier: MIT */
/* Payloads that are no JSON, told from what is broken or packed. */
#include "decode/opaque.h"

#include <string.h>

#include "base/json.h"
#include "decode/form.h"
#include "decode/kpl.h"

bool
rf_opaque_is(const char *bytes, size_t count)
{
    size_t sniffed = count < RF_FORM_SNIFF_BYTES ? count : RF_FORM_SNIFF_BYTES;
    if (rf_form_find_inner((const unsigned char *)bytes, sniffed) != NULL ||
        (count >= RF_KPL_MAGIC_BYTES && memcmp(bytes, RF_KPL_MAGIC, RF_KPL_MAGIC_BYTES) == 0)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte == '{' || byte == '[') { /* JSON begins so, whatever it is damaged by */
            return false;
        }
        if (byte != ' ' && (byte < '\t' || byte > '\r')) {
            break;
        }
    }
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (byte < ' ' && (byte < '\t' || byte > '\r')) {
            return true;
        }
    }
    return rf_utf8_valid(bytes, count) != count;
}
