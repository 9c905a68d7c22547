/* SPDX-License-Identifier: MIT */
/* Members of a JSON report, read one by one. */
#include "reports/shard_reading.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/hex.h"

static void
note_flaw(struct rf_reading *reading, const char *name)
{
    if (reading->flaw == NULL) {
        reading->flaw = name;
    }
}

uint32_t
rf_reading_member(struct rf_reading *reading, uint32_t object, const char *name, uint8_t kind,
                  bool needed)
{
    bool repeated = false;
    uint32_t node = object == RF_JSON_NONE
                        ? RF_JSON_NONE
                        : rf_json_member(reading->doc, object, name, strlen(name), &repeated);
    bool right = node != RF_JSON_NONE && reading->doc->nodes[node].kind == kind && !repeated;
    if (!right && (node != RF_JSON_NONE || needed)) {
        note_flaw(reading, name);
    }
    return right ? node : RF_JSON_NONE;
}

static uint64_t
read_count(struct rf_reading *reading, uint32_t object, const char *name, bool needed)
{
    uint64_t value = 0;
    uint32_t node = rf_reading_member(reading, object, name, RF_JSON_NUMBER, needed);
    if (node != RF_JSON_NONE && !rf_json_uint64(reading->doc, node, &value)) {
        note_flaw(reading, name);
        return 0;
    }
    return value;
}

uint64_t
rf_reading_count(struct rf_reading *reading, uint32_t object, const char *name)
{
    return read_count(reading, object, name, true);
}

uint64_t
rf_reading_count_if(struct rf_reading *reading, uint32_t object, const char *name)
{
    return read_count(reading, object, name, false);
}

int64_t
rf_reading_integer(struct rf_reading *reading, uint32_t object, const char *name, bool needed,
                   bool *ret_has)
{
    int64_t value = 0;
    uint32_t node = rf_reading_member(reading, object, name, RF_JSON_NUMBER, needed);
    bool has = node != RF_JSON_NONE && rf_json_int64(reading->doc, node, &value);
    if (node != RF_JSON_NONE && !has) {
        note_flaw(reading, name);
    }
    if (ret_has != NULL) {
        *ret_has = has;
    }
    return has ? value : 0;
}

bool
rf_reading_flag(struct rf_reading *reading, uint32_t object, const char *name)
{
    uint32_t node = object == RF_JSON_NONE
                        ? RF_JSON_NONE
                        : rf_json_member(reading->doc, object, name, strlen(name), NULL);
    uint8_t kind = node == RF_JSON_NONE ? RF_JSON_NULL : reading->doc->nodes[node].kind;
    if (kind != RF_JSON_TRUE && kind != RF_JSON_FALSE) {
        note_flaw(reading, name);
    }
    return kind == RF_JSON_TRUE;
}

char *
rf_reading_text(struct rf_reading *reading, uint32_t object, const char *name, bool needed,
                size_t *ret_bytes)
{
    const char *bytes = "";
    size_t count = 0;
    uint32_t node = rf_reading_member(reading, object, name, RF_JSON_STRING, needed);
    if (node != RF_JSON_NONE) {
        rf_json_string(reading->doc, node, &reading->scratch, &bytes, &count);
    }
    if (ret_bytes != NULL) {
        *ret_bytes = count;
    }
    return node == RF_JSON_NONE && !needed ? NULL : rf_strndup(bytes, count);
}

char *
rf_reading_value(struct rf_reading *reading, uint32_t object, const char *name)
{
    struct rf_err err;
    uint32_t node = object == RF_JSON_NONE
                        ? RF_JSON_NONE
                        : rf_json_member(reading->doc, object, name, strlen(name), NULL);
    if (node == RF_JSON_NONE) {
        return NULL;
    }
    rf_buf_clear(&reading->scratch);
    if (rf_json_canonical(reading->doc, node, true, &reading->scratch, &err) != RF_OK) {
        note_flaw(reading, name);
        return NULL;
    }
    return rf_strndup(reading->scratch.bytes, reading->scratch.used);
}

bool
rf_reading_time(struct rf_reading *reading, uint32_t object, const char *name, struct rf_time *ret)
{
    size_t bytes;
    char *text = rf_reading_text(reading, object, name, false, &bytes);
    bool has = text != NULL;
    if (has && !rf_time_parse(text, bytes, ret)) {
        note_flaw(reading, name);
        has = false;
    }
    free(text);
    return has;
}

void
rf_reading_hex(struct rf_reading *reading, uint32_t object, const char *name, size_t digits,
               char *ret)
{
    size_t bytes;
    char *text = rf_reading_text(reading, object, name, true, &bytes);
    if (bytes == digits && rf_hex_is(text, digits)) {
        memcpy(ret, text, digits + 1);
    } else {
        note_flaw(reading, name);
        memset(ret, '\0', digits + 1);
    }
    free(text);
}

void
rf_reading_multiset(struct rf_reading *reading, uint32_t object, const char *name,
                    struct rf_multiset *ret)
{
    char digits[33];
    rf_reading_hex(reading, object, name, 32, digits);
    ret->mixed = strtoull(digits + 16, NULL, 16);
    digits[16] = '\0';
    ret->sum = strtoull(digits, NULL, 16);
}

size_t
rf_reading_word(struct rf_reading *reading, uint32_t object, const char *name,
                const char *const *names)
{
    size_t found = 0;
    char *text = rf_reading_text(reading, object, name, true, NULL);
    while (names[found] != NULL && strcmp(names[found], text) != 0) {
        found++;
    }
    free(text);
    if (names[found] == NULL) {
        note_flaw(reading, name);
        return 0;
    }
    return found;
}

struct rf_texts
rf_reading_texts(struct rf_reading *reading, uint32_t object, const char *name)
{
    struct rf_texts texts = {0};
    uint32_t node = rf_reading_member(reading, object, name, RF_JSON_ARRAY, true);
    size_t count = node == RF_JSON_NONE ? 0 : reading->doc->nodes[node].count;
    texts.items = rf_calloc(count + 1, sizeof(*texts.items));
    for (uint32_t item = node + 1; texts.count < count; item = rf_reading_next(reading, item)) {
        const char *bytes = "";
        size_t length = 0;
        if (reading->doc->nodes[item].kind == RF_JSON_STRING) {
            rf_json_string(reading->doc, item, &reading->scratch, &bytes, &length);
        } else {
            note_flaw(reading, name);
        }
        texts.items[texts.count++] = rf_strndup(bytes, length);
    }
    return texts;
}

void
rf_texts_done(struct rf_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++) {
        free(texts->items[i]);
    }
    free(texts->items);
    *texts = (struct rf_texts){0};
}

uint32_t
rf_reading_objects(struct rf_reading *reading, uint32_t object, const char *name, size_t *ret_count)
{
    uint32_t node = rf_reading_member(reading, object, name, RF_JSON_ARRAY, true);
    size_t count = node == RF_JSON_NONE ? 0 : reading->doc->nodes[node].count;
    uint32_t item = node + 1;
    for (size_t i = 0; i < count; i++) {
        if (reading->doc->nodes[item].kind != RF_JSON_OBJECT) {
            note_flaw(reading, name);
            count = 0;
        } else {
            item = rf_reading_next(reading, item);
        }
    }
    *ret_count = count;
    return node + 1;
}

bool
rf_reading_damage_kind(const char *name, size_t bytes, enum rf_damage_kind *ret)
{
    for (int kind = 0; kind < RF_DAMAGE_COUNT_; kind++) {
        const char *known = rf_damage_name((enum rf_damage_kind)kind);
        if (rf_bytes_same(name, bytes, known, strlen(known))) {
            *ret = (enum rf_damage_kind)kind;
            return true;
        }
    }
    return false;
}
