# SPDX-License-Identifier: MIT
# Refusals that differ only behind what is kept of their text, or in bytes that are no text, are not the same.
. "$ROOT/harness/tests/cli/history.inc"
# builds BYTE...: one aggregate a byte, which refuses version 2 with SIZE - 1 times A and that byte.
builds() {
    for last; do
        cat > "with-$last.c" <<C
#include <string.h>
#include <refold/aggregate.h>
struct order { int64_t version; };
static const refold_type types[] = {REFOLD_TYPE("*", 1)};
static const refold_field fields[] = {REFOLD_INT(struct order, version, "version")};
static int32_t order_apply(void *state, const refold_event *event)
{
    char text[$SIZE];
    if (event->version < 2) {
        ((struct order *)state)->version = event->version;
        return REFOLD_OK;
    }
    memset(text, 'A', sizeof(text));
    text[sizeof(text) - 1] = (char)$last;
    event->host->reject(event, text, sizeof(text));
    return REFOLD_REJECTED;
}
REFOLD_AGGREGATE("order", struct order, types, fields, order_apply)
C
    done
}
life a 2 | into 00
SIZE=1100 builds 53 54
status refold bless h -a with-53.c
cut -c 1-80 golden/order.ndjson
grep -o '.\{20\} \[1100 bytes' golden/order.ndjson
status refold run -q h -a with-53.c
status refold run -q h -a with-54.c
status refold compare -q with-53.c with-54.c h
SIZE=3 builds 0 255 63
status refold compare -q with-0.c with-255.c h
status refold compare -q with-255.c with-63.c h
