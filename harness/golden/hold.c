/* SPDX-License-Identifier: MIT */
/* Taking hold of a golden folder. */
#include "golden/hold.h"

#include <stdlib.h>

#include "base/alloc.h"
#include "base/journal.h"
#include "base/lock.h"
#include "base/temporary.h"
#include "golden/listing.h"

struct rf_golden_hold {
    char *folder;
    int lock;
    size_t finished;
    size_t swept;
};

rf_code
rf_golden_hold(const char *folder, struct rf_golden_hold **ret, struct rf_err *reterr)
{
    struct rf_golden_hold *hold = rf_calloc(1, sizeof(*hold));
    *ret = NULL;
    hold->folder = rf_strdup(folder);
    rf_code code = rf_lock_folder(folder, &hold->lock, reterr);
    if (code == RF_OK) {
        code = rf_journal_finish(folder, &hold->finished, reterr);
    }
    if (code != RF_OK) {
        rf_golden_release(hold);
        return code;
    }
    if (hold->lock >= 0) {
        hold->swept = rf_temporaries_clear(folder, rf_golden_temporary_is);
    } else {
        rf_temporaries_sweep(folder, NULL);
    }
    *ret = hold;
    return RF_OK;
}

rf_code
rf_golden_hold_made(struct rf_golden_hold *hold, struct rf_err *reterr)
{
    return hold->lock >= 0 ? RF_OK : rf_lock_folder(hold->folder, &hold->lock, reterr);
}

size_t
rf_golden_hold_finished(const struct rf_golden_hold *hold)
{
    return hold->finished;
}

size_t
rf_golden_hold_swept(const struct rf_golden_hold *hold)
{
    return hold->swept;
}

bool
rf_golden_hold_is_alone(const struct rf_golden_hold *hold)
{
    return hold != NULL && hold->lock >= 0;
}

void
rf_golden_release(struct rf_golden_hold *hold)
{
    if (hold != NULL) {
        rf_unlock_folder(hold->lock);
        free(hold->folder);
        free(hold);
    }
}
