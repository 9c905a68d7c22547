/* SPDX-License-Identifier: MIT */
/* What a golden was blessed of: certificate.json beside it, and what became of these objects. */
#ifndef RF_CLI_CERTIFY_H
#define RF_CLI_CERTIFY_H

#include "cli/replay.h"

/** The certificate of a run or a bless; NULL in the replay: there is none, and none is wanted. */
struct rf_certify;
/** Accepts NULL. */
void rf_certify_free(struct rf_certify *certify);

/**
 * Before anything is read: look whether the golden has a certificate. With one, a run of everything
 * and a bless of everything have their objects' digests made; --certify has a bless make one.
 * @return  RF_OK, also where the certificate is not right (warned of); RF_ERR_USAGE: --certify of a
 *          part
 */
RF_MUST_USE rf_code rf_certify_open(struct rf_replay *replay, struct rf_err *reterr);

/** Where a run has found that something differs: warn of objects that are other than certified. */
void rf_certify_tell(struct rf_replay *replay);

/** Have a bless write the certificate together with its goldens. */
void rf_certify_with(struct rf_replay *replay, struct rf_bless_request *request);

#endif
