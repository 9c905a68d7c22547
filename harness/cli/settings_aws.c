/* SPDX-License-Identifier: MIT */
/* What options, variables and the config say about AWS. */
#include "cli/settings_aws.h"

#include "cli/credential_process.h"

static const char *
choose(const struct rf_arguments *arguments, enum rf_option_id id, const char *configured)
{
    const char *given = rf_argument(arguments, id);
    return given != NULL ? given : configured;
}

void
rf_settings_aws(const struct rf_arguments *arguments, const struct rf_config *config,
                struct rf_aws_settings *ret)
{
    const struct rf_config_aws *aws = &config->aws;
    *ret = (struct rf_aws_settings){
        .endpoint_url = choose(arguments, RF_OPT_ENDPOINT_URL, aws->endpoint_url),
        .region = choose(arguments, RF_OPT_REGION, aws->region),
        .profile = rf_argument(arguments, RF_OPT_PROFILE),
        .no_sign_request = rf_flag(arguments, RF_OPT_NO_SIGN_REQUEST) || aws->no_sign_request,
        .request_payer = rf_flag(arguments, RF_OPT_REQUEST_PAYER) || aws->request_payer,
        .run = rf_credential_process,
    };
}
