/* SPDX-License-Identifier: MIT */
/* The versions with which instances begin: 0 or 1, but all of one aggregate with the same. */
#include "look/begins.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"

static void
make_room(struct rf_begins *begins, size_t count)
{
    if (count > begins->count) {
        begins->camps = rf_realloc(begins->camps, count, sizeof(*begins->camps));
        memset(begins->camps + begins->count, 0, (count - begins->count) * sizeof(*begins->camps));
        begins->count = count;
    }
}

static bool
comes_first(const struct rf_camp *camp, const char *id, size_t id_bytes)
{
    return camp->first == NULL ||
           rf_bytes_compare(id, id_bytes, camp->first, camp->first_bytes) < 0;
}

void
rf_begins_add(struct rf_begins *begins, size_t aggregate, int version, const char *id,
              size_t id_bytes)
{
    make_room(begins, aggregate + 1);
    struct rf_camp *camp = &begins->camps[aggregate][version];
    camp->count++;
    if (comes_first(camp, id, id_bytes)) {
        free(camp->first);
        camp->first = rf_strndup(id, id_bytes);
        camp->first_bytes = id_bytes;
    }
}

void
rf_begins_join(struct rf_begins *begins, struct rf_begins *from)
{
    make_room(begins, from->count);
    for (size_t i = 0; i < 2 * from->count; i++) {
        struct rf_camp *camp = &begins->camps[i / 2][i % 2];
        struct rf_camp *other = &from->camps[i / 2][i % 2];
        camp->count += other->count;
        if (other->first != NULL && comes_first(camp, other->first, other->first_bytes)) {
            free(camp->first);
            camp->first = other->first;
            camp->first_bytes = other->first_bytes;
            other->first = NULL;
        }
    }
    rf_begins_done(from);
}

void
rf_begins_uneven(const struct rf_begins *begins, struct rf_camp *ret)
{
    *ret = (struct rf_camp){0};
    for (size_t i = 0; i < begins->count; i++) {
        const struct rf_camp *camps = begins->camps[i];
        const struct rf_camp *fewer = &camps[camps[1].count <= camps[0].count];
        if (fewer->count == 0) {
            continue;
        }
        ret->count += fewer->count;
        if (comes_first(ret, fewer->first, fewer->first_bytes)) {
            ret->first = fewer->first;
            ret->first_bytes = fewer->first_bytes;
        }
    }
}

void
rf_begins_done(struct rf_begins *begins)
{
    for (size_t i = 0; i < 2 * begins->count; i++) {
        free(begins->camps[i / 2][i % 2].first);
    }
    free(begins->camps);
    *begins = (struct rf_begins){0};
}
