/* SPDX-License-Identifier: MIT */
/* refold.json: texts that showed a bug. */
#include "cli/config.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"

Test(config, with_a_nul_behind_a_number_is_no_json)
{
    const char *root = getenv("REFOLD_ROOT");
    char *path =
        rf_format("%s/fixtures/hostile/config/nul-behind-number.json", root == NULL ? "." : root);
    struct rf_config config;
    struct rf_err err = {0};
    cr_expect_eq(rf_config_read(path, &config, &err), RF_ERR_USAGE);
    cr_expect_str_eq(err.text, "byte 33 is a NUL, which no JSON holds");
    rf_config_done(&config);
    free(path);
}
