/* SPDX-License-Identifier: MIT */
/* Numbers and texts as bytes, for files that only refold reads. */
#include "base/wire.h"

#include <string.h>

#include "base/alloc.h"

#define NUMBER_BYTES 8
/** The length of a text that is NULL. */
#define NO_TEXT UINT64_MAX

void
rf_wire_put_number(struct rf_buf *out, uint64_t number)
{
    unsigned char bytes[NUMBER_BYTES];
    for (size_t i = 0; i < NUMBER_BYTES; i++) {
        bytes[i] = (unsigned char)(number >> 8 * i);
    }
    rf_buf_add(out, bytes, sizeof(bytes));
}

void
rf_wire_put_text(struct rf_buf *out, const char *text, size_t bytes)
{
    rf_wire_put_number(out, text == NULL ? NO_TEXT : bytes);
    if (text != NULL) {
        rf_buf_add(out, text, bytes);
    }
}

struct rf_wire
rf_wire_begin(const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    return (struct rf_wire){.at = at, .end = count == 0 ? at : at + count};
}

static size_t
left(const struct rf_wire *wire)
{
    return (size_t)(wire->end - wire->at);
}

static uint64_t
fail(struct rf_wire *wire)
{
    wire->broken = true;
    wire->at = wire->end;
    return 0;
}

uint64_t
rf_wire_number(struct rf_wire *wire)
{
    if (left(wire) < NUMBER_BYTES) {
        return fail(wire);
    }
    uint64_t number = 0;
    for (size_t i = 0; i < NUMBER_BYTES; i++) {
        number |= (uint64_t)wire->at[i] << 8 * i;
    }
    wire->at += NUMBER_BYTES;
    return number;
}

uint64_t
rf_wire_number_below(struct rf_wire *wire, uint64_t limit)
{
    uint64_t number = rf_wire_number(wire);
    return number < limit ? number : fail(wire);
}

bool
rf_wire_flag(struct rf_wire *wire)
{
    return rf_wire_number_below(wire, 2) == 1;
}

char *
rf_wire_text(struct rf_wire *wire, size_t *ret_bytes)
{
    uint64_t bytes = rf_wire_number(wire);
    if (ret_bytes != NULL) {
        *ret_bytes = 0;
    }
    if (wire->broken || bytes == NO_TEXT) {
        return NULL;
    }
    if (bytes > left(wire) ||
        (ret_bytes == NULL && bytes > 0 && memchr(wire->at, '\0', (size_t)bytes) != NULL)) {
        (void)fail(wire);
        return NULL;
    }
    char *text = rf_strndup((const char *)wire->at, (size_t)bytes);
    wire->at += bytes;
    if (ret_bytes != NULL) {
        *ret_bytes = (size_t)bytes;
    }
    return text;
}

size_t
rf_wire_count(struct rf_wire *wire, size_t item_bytes)
{
    uint64_t count = rf_wire_number(wire);
    return count <= left(wire) / item_bytes ? (size_t)count : (size_t)fail(wire);
}

bool
rf_wire_ended(const struct rf_wire *wire)
{
    return !wire->broken && wire->at == wire->end;
}
