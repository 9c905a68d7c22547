/* SPDX-License-Identifier: MIT */
/* An aggregate whose state is the data of its last Set event, whatever JSON that is; and states
 * that cannot be made, or are another each time. */
#define _POSIX_C_SOURCE 200809L /* getpid under -std=c11 */
#include <refold/aggregate.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

struct mirror {
    refold_text text;
    int32_t kind;
};

enum { SET = 1, SAME, TRAP, ODD, IMPURE };

static const refold_type types[] = {
    {"Set", SET, 0}, {"Same", SAME, 0}, {"Trap", TRAP, 0}, {"Odd", ODD, 0}, {"Impure", IMPURE, 0},
};

static int32_t
mirror_apply(void *state, const refold_event *event)
{
    struct mirror *mirror = state;
    if (event->kind == SAME) {
        return REFOLD_OK;
    }
    mirror->kind = event->kind;
    if (event->kind == IMPURE) {
        char text[40]; /* each worker is a process of its own */
        int length = snprintf(text, sizeof(text), "%ld", (long)getpid());
        refold_text_set(event, &mirror->text, (refold_string){text, (uint64_t)length});
        return REFOLD_OK;
    }
    refold_text_set(event, &mirror->text, refold_event_data(event));
    return REFOLD_OK;
}

static int32_t
mirror_snapshot(const void *state, const refold_host *host)
{
    const struct mirror *mirror = state;
    if (mirror->kind == TRAP) {
        abort();
    }
    if (mirror->kind == ODD) {
        host->emit("{\"torn", 6);
    } else if (mirror->text.ptr == NULL) {
        host->emit("{}", 2);
    } else {
        host->emit(mirror->text.ptr, mirror->text.len);
    }
    return REFOLD_OK;
}

extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "mirror",
    .state_version = 1,
    .types = types,
    .type_count = sizeof(types) / sizeof(types[0]),
    .state_size = sizeof(struct mirror),
    .apply = mirror_apply,
    .snapshot = mirror_snapshot,
};
