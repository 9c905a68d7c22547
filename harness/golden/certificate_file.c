/* SPDX-License-Identifier: MIT */
/* certificate.json, which may lie beside the goldens: the objects that they were blessed of. */
#include "golden/certificate_file.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/journal.h"

rf_code
rf_certificate_beside(const char *folder, struct rf_certificate *ret, bool *ret_there,
                      struct rf_err *reterr)
{
    struct rf_journal journal;
    struct rf_err unbelieved; /* whoever reads the goldens tells of it */
    struct stat facts;
    char *place = rf_journal_read(folder, &journal, &unbelieved) == RF_OK
                      ? rf_journal_place(&journal, folder, RF_CERTIFICATE_NAME)
                      : rf_format("%s/" RF_CERTIFICATE_NAME, folder);
    rf_journal_done(&journal);
    memset(ret, 0, sizeof(*ret));
    *ret_there = lstat(place, &facts) == 0;
    rf_code code = *ret_there ? rf_certificate_read(place, ret, reterr) : RF_OK;
    free(place);
    return code;
}
