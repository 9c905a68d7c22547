/* SPDX-License-Identifier: MIT */
/* Which event each value of a state is of: told by the states behind each event. */
#ifndef RF_GOLDEN_BLAME_H
#define RF_GOLDEN_BLAME_H

#include <stddef.h>
#include <stdint.h>

/**
 * The values of one instance's last state, each with the event behind which it became what it is.
 *
 * A value is told by its path, an element by its index: where an element goes in at the front, all
 * behind it that are not equal by chance are of that event. A value that is taken away and comes
 * again is of the event that brought it again.
 */
struct rf_blame;
struct rf_blame *rf_blame_new(void);
/** Accepts NULL. */
void rf_blame_free(struct rf_blame *blame);

/** The state behind `applied` events; the empty state (0) first. NULL where it has no JSON: what
 * changed meanwhile is of the next one that has. Takes time by the length of the state. */
void rf_blame_state(struct rf_blame *blame, uint64_t applied, const char *state,
                    size_t state_bytes);

/**
 * Calls `each` for every value of the last state that holds no others (objects and arrays only
 * where they are empty), in the order of its canonical text. `path` is a JSON pointer, `value`
 * canonical JSON; `applied` is the number of events behind which it became so; 0: it was never
 * another.
 */
void rf_blame_each(const struct rf_blame *blame,
                   void (*each)(void *context, const char *path, const char *value,
                                size_t value_bytes, uint64_t applied),
                   void *context);

#endif
