/* SPDX-License-Identifier: MIT */
/* A profile's `credential_process`: a program of the user's that prints credentials. */
#ifndef RF_CLI_CREDENTIAL_PROCESS_H
#define RF_CLI_CREDENTIAL_PROCESS_H

#include "base/buf.h"
#include "base/error.h"

/**
 * Run it, without a shell, with refold's environment less the secrets in it (rf_aws_take_secrets),
 * no input, and no standard error: what it prints there may be a secret too.
 * @words  the program and its arguments, NULL behind the last
 * @ret    appended to: what it prints; a secret
 * @return RF_OK; RF_ERR_SOURCE: it is not there, fails, is late or prints too much
 */
RF_MUST_USE rf_code rf_credential_process(char *const *words, struct rf_buf *ret,
                                          struct rf_err *reterr);

#endif
