/* SPDX-License-Identifier: MIT */
/* Whether a golden's private values were hashed as those of this run are. */
#include "golden/private_seal.h"

#include <string.h>

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

static void
explain(const struct rf_meta *golden, const struct rf_meta *run, struct rf_buf *out)
{
    if (golden->private_paths == NULL) {
        rf_buf_format(out,
                      "its states were blessed with nothing private, and now %s is: what it holds "
                      "is in the repository's history already",
                      run->private_paths);
    } else if (run->private_paths == NULL) {
        rf_buf_format(out,
                      "its states were blessed with %s private, and now nothing is: bring "
                      "\"private\" back into the config",
                      golden->private_paths);
    } else if (strcmp(golden->private_paths, run->private_paths) != 0) {
        rf_buf_format(out, "its states were blessed with %s private, and now %s is",
                      golden->private_paths, run->private_paths);
    } else {
        rf_buf_format(out,
                      "its private values were hashed with another key (check %s) than this one "
                      "(check %s): bring that key",
                      golden->private_check, run->private_check);
    }
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
