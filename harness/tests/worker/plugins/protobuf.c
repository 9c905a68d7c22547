/* SPDX-License-Identifier: MIT */
/* Orders whose events are protobuf messages (aggregates/go/examples/protobuf/order.proto): what a
 * payload is `identify` tells; they are folded as aggregates/order.c folds those of JSON. */
#include <stdio.h>

#include <refold/aggregate.h>

#undef REFOLD_AGGREGATE_COMMANDS
#define REFOLD_AGGREGATE_COMMANDS(name, version, state_type, type_rows, field_rows, apply,         \
                                  command_rows, handle)
#include "../../../../aggregates/order.c"

/* What is left to be read. */
struct wire {
    const unsigned char *at;
    const unsigned char *end;
    int broken;
};

struct wire_field {
    uint64_t number;
    uint64_t value;     /* of a varint */
    struct wire inside; /* of a string or message */
};

static uint64_t
take_varint(struct wire *wire)
{
    uint64_t value = 0;
    for (int shift = 0; shift < 70 && wire->at < wire->end; shift += 7) {
        unsigned char byte = *wire->at++;
        value |= shift < 64 ? (uint64_t)(byte & 127) << shift : 0;
        if (byte < 128) {
            return value;
        }
    }
    wire->broken = 1;
    return 0;
}

static void
take_bytes(struct wire *wire, uint64_t count, struct wire *ret)
{
    if (count > (uint64_t)(wire->end - wire->at)) {
        wire->broken = 1;
        return;
    }
    *ret = (struct wire){wire->at, wire->at + count, 0};
    wire->at += count;
}

/* 0 at the end, or where it is broken. */
static int
next_field(struct wire *wire, struct wire_field *ret)
{
    *ret = (struct wire_field){0};
    if (wire->broken || wire->at == wire->end) {
        return 0;
    }
    uint64_t key = take_varint(wire);
    ret->number = key >> 3;
    switch (key & 7) {
    case 0:
        ret->value = take_varint(wire);
        break;
    case 1:
        take_bytes(wire, 8, &ret->inside);
        break;
    case 2:
        take_bytes(wire, take_varint(wire), &ret->inside);
        break;
    case 5:
        take_bytes(wire, 4, &ret->inside);
        break;
    default:
        wire->broken = 1;
    }
    return !wire->broken;
}

/* Emits {"Qty":…,"PriceCents":…} or {"AmountCents":…}. Returns whether the message is whole. */
static int
emit_data(struct wire message, int is_item, const refold_host *host)
{
    int64_t values[4] = {0}; /* by field */
    struct wire_field field;
    char text[160];
    while (next_field(&message, &field)) {
        if (field.number < 4) {
            values[field.number] = (int64_t)field.value;
        }
    }
    int bytes = is_item
                    ? snprintf(text, sizeof(text), "{\"Qty\":%lld,\"PriceCents\":%lld}",
                               (long long)values[2], (long long)values[3])
                    : snprintf(text, sizeof(text), "{\"AmountCents\":%lld}", (long long)values[1]);
    host->emit(text, (uint64_t)bytes);
    return !message.broken;
}

static int32_t
identify(refold_string bytes, refold_event *ret, const refold_host *host)
{
    const unsigned char *front = (const unsigned char *)bytes.ptr;
    struct wire wire = {front, front + bytes.len, 0};
    struct wire_field field;
    int whole = 1;
    int64_t nanos = 0;
    while (next_field(&wire, &field)) {
        refold_string text = {(const char *)field.inside.at,
                              (uint64_t)(field.inside.end - field.inside.at)};
        if (field.number == 1) {
            ret->id = text;
        } else if (field.number == 2) {
            ret->version = (int64_t)field.value;
        } else if (field.number == 3) {
            ret->type = text;
        } else if (field.number == 4) {
            nanos = (int64_t)field.value;
        } else if (field.number >= 5 && field.number <= 7) {
            whole = emit_data(field.inside, field.number == 5, host) && whole;
        }
    }
    if (wire.broken || !whole) {
        return refold_reject(ret, "the message breaks off");
    }
    if (ret->id.len == 0 || ret->type.len == 0) {
        return REFOLD_NOT_MINE;
    }
    ret->at.seconds = nanos / 1000000000;
    ret->at.nanos = (int32_t)(nanos % 1000000000);
    ret->at.set = 1;
    return REFOLD_OK;
}

REFOLD_AGGREGATE_WHOLE("order", 1, struct order, types, fields, order_apply, identify, NULL, NULL,
                       commands, order_handle)
