/* SPDX-License-Identifier: MIT */
/* The types that --type asks for, and which types came. */
#include "cli/wanted_types.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/typo.h"

/** The number of the i-th that is asked for; one that no name has, where it is not in the history.
 */
static uint32_t
number_of(const struct rf_wanted_types *wanted, size_t i, const char **ret_name)
{
    const struct rf_replay *replay = wanted->replay;
    *ret_name = replay->settings->arguments->given[RF_OPT_TYPE].values[i];
    return rf_names_find(rf_history_names(replay->history), *ret_name, strlen(*ret_name));
}

static size_t
count_asked(const struct rf_wanted_types *wanted)
{
    return wanted->replay->settings->arguments->given[RF_OPT_TYPE].count;
}

void
rf_wanted_types_begin(struct rf_wanted_types *wanted, struct rf_replay *replay)
{
    wanted->replay = replay;
    wanted->count = rf_names_count(rf_history_names(replay->history));
    wanted->asked = rf_calloc(wanted->count + 1, sizeof(*wanted->asked));
    wanted->came = rf_calloc(wanted->count + 1, sizeof(*wanted->came));
    for (size_t i = 0; i < count_asked(wanted); i++) {
        const char *name;
        uint32_t number = number_of(wanted, i, &name);
        if (number < wanted->count) {
            wanted->asked[number] = true;
        }
    }
}

void
rf_wanted_types_done(struct rf_wanted_types *wanted)
{
    free(wanted->asked);
    free(wanted->came);
    *wanted = (struct rf_wanted_types){0};
}

bool
rf_wanted_types_take(const void *context, uint32_t type)
{
    const struct rf_wanted_types *wanted = context;
    RF_VERIFY(type < wanted->count);
    if (!atomic_load_explicit(&wanted->came[type], memory_order_relaxed)) {
        atomic_store_explicit(&wanted->came[type], true, memory_order_relaxed);
    }
    return wanted->asked[type];
}

static int
compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/** Of the types that came, ended by NULL. In the order of their bytes: which of two that are as
 * near is named must not depend on threads. */
static const char **
list_names(const struct rf_wanted_types *wanted)
{
    const struct rf_names *table = rf_history_names(wanted->replay->history);
    const char **names = rf_calloc(wanted->count + 1, sizeof(*names));
    size_t count = 0;
    for (size_t type = 0; type < wanted->count; type++) {
        if (wanted->came[type]) {
            names[count++] = rf_names_text(table, (uint32_t)type, NULL);
        }
    }
    qsort(names, count, sizeof(*names), compare_names);
    return names;
}

/** Where it was looked for. */
static const char *
told_place(const struct rf_wanted_types *wanted)
{
    static const enum rf_option_id narrowing[] = {RF_OPT_ID,    RF_OPT_IDS,   RF_OPT_AS_OF,
                                                  RF_OPT_SINCE, RF_OPT_UNTIL, RF_OPT_WITHOUT};
    for (size_t i = 0; i < sizeof(narrowing) / sizeof(narrowing[0]); i++) {
        if (rf_flag(wanted->replay->settings->arguments, narrowing[i])) {
            return "in what is selected of the history";
        }
    }
    return "in the history";
}

void
rf_wanted_types_warn(const struct rf_wanted_types *wanted)
{
    if (wanted->replay == NULL) {
        return;
    }
    const char **names = list_names(wanted);
    for (size_t i = 0; i < count_asked(wanted); i++) {
        const char *name;
        uint32_t number = number_of(wanted, i, &name);
        if (number < wanted->count && wanted->came[number]) {
            continue;
        }
        const char *nearest = rf_typo_nearest(name, names);
        if (nearest != NULL) {
            rf_replay_warn(wanted->replay, "no event of type %s %s; did you mean %s?", name,
                           told_place(wanted), nearest);
        } else {
            rf_replay_warn(wanted->replay, "no event of type %s %s", name, told_place(wanted));
        }
    }
    free(names);
}
