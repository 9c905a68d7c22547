/* SPDX-License-Identifier: MIT */
/* certificate.json, which may lie beside the goldens: the objects that they were blessed of. */
#ifndef RF_GOLDEN_CERTIFICATE_FILE_H
#define RF_GOLDEN_CERTIFICATE_FILE_H

#include <stdbool.h>

#include "base/error.h"
#include "golden/listing.h"
#include "history/certificate.h"

/**
 * Read the certificate of a golden folder (RF_CERTIFICATE_NAME), the new one where a bless was cut
 * off.
 * @ret        for rf_certificate_done on RF_OK; all zero where there is none
 * @ret_there  whether there is one, be it one that is not right
 * @return     as rf_certificate_read; RF_OK where there is none
 */
RF_MUST_USE rf_code rf_certificate_beside(const char *folder, struct rf_certificate *ret,
                                          bool *ret_there, struct rf_err *reterr);

#endif
