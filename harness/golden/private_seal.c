/* SPDX-License-Identifier: MIT */
/* Whether a golden's private values were hashed as those of this run are. */
#include "golden/private_seal.h"

#include <string.h>

#include "base/alloc.h"
#include "base/json.h"

/* Of the pointers of one list. */
#define PATHS_SHOWN 120

void
rf_private_seal(const struct rf_privacy *privacy, const char *aggregate, struct rf_meta *meta)
{
    const struct rf_private *private = rf_privacy_find(privacy, aggregate);
    struct rf_buf paths = {0};
    if (private == NULL) {
        return;
    }
    rf_private_list(private, &paths);
    (void)rf_buf_text(&paths);
    meta->private_paths = paths.bytes;
    rf_privacy_check(privacy, meta->private_check);
}

void
rf_private_keep(const struct rf_meta *before, struct rf_meta *meta)
{
    if (before != NULL && before->private_paths != NULL) {
        meta->private_paths = rf_strdup(before->private_paths);
        memcpy(meta->private_check, before->private_check, sizeof(meta->private_check));
    }
}

/** A sentence must keep its end, where many pointers stand in the middle. */
static void
add_paths(struct rf_buf *out, const char *paths)
{
    size_t bytes = strlen(paths);
    size_t shown = bytes > PATHS_SHOWN ? rf_utf8_valid(paths, PATHS_SHOWN) : bytes;
    rf_buf_add(out, paths, shown);
    rf_buf_string(out, shown < bytes ? "…" : "");
}

static void
explain(const struct rf_meta *golden, const struct rf_meta *run, struct rf_buf *out)
{
    bool same = golden->private_paths != NULL && run->private_paths != NULL &&
                strcmp(golden->private_paths, run->private_paths) == 0;
    if (same) {
        rf_buf_format(out,
                      "its private values were hashed with another key (check %s) than this one "
                      "(check %s): bring that key",
                      golden->private_check, run->private_check);
        return;
    }
    rf_buf_string(out, "its states were blessed with ");
    add_paths(out, golden->private_paths == NULL ? "nothing" : golden->private_paths);
    rf_buf_string(out, " private, and now ");
    add_paths(out, run->private_paths == NULL ? "nothing" : run->private_paths);
    rf_buf_string(out, golden->private_paths == NULL
                           ? " is: what it holds is in the repository's history already"
                       : run->private_paths == NULL ? " is: bring \"private\" back into the config"
                                                    : " is");
}

bool
rf_private_fits(const struct rf_privacy *privacy, const char *aggregate, const struct rf_meta *meta,
                struct rf_buf *ret_why)
{
    static const struct rf_meta none;
    const struct rf_meta *golden = meta == NULL ? &none : meta;
    struct rf_meta run = {0};
    rf_private_seal(privacy, aggregate, &run);
    bool fits =
        (golden->private_paths == NULL) == (run.private_paths == NULL) &&
        (run.private_paths == NULL || (strcmp(golden->private_paths, run.private_paths) == 0 &&
                                       strcmp(golden->private_check, run.private_check) == 0));
    if (!fits && ret_why != NULL) {
        explain(golden, &run, ret_why);
    }
    rf_meta_done(&run);
    return fits;
}
