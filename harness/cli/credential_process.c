/* SPDX-License-Identifier: MIT */
/* A profile's `credential_process`. */
#include "cli/credential_process.h"

#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"
#include "host/spawn.h"

/** People may have to touch a key meanwhile. */
#define LONGEST_MS 60000

extern char **environ;

rf_code
rf_credential_process(char *const *words, struct rf_buf *ret, struct rf_err *reterr)
{
    struct rf_capture capture = {
        .program = words[0],
        .arguments = words,
        .environment = environ,
        .search_path = true,
        .target = STDOUT_FILENO,
        .limit_bytes = RF_LIMIT_CREDENTIALS_BYTES,
        .limit_ms = LONGEST_MS,
    };
    enum rf_captured captured;
    struct rf_err err = {0};
    int status = -1;
    char how[128];
    if (rf_capture_run(&capture, ret, &captured, &status, &err) != RF_OK) {
        return rf_fail(reterr, RF_ERR_SOURCE, words[0], "cannot be started: %s", err.text);
    }
    if (captured == RF_CAPTURED_LATE) {
        return rf_fail(reterr, RF_ERR_SOURCE, words[0], "did not end within %d s",
                       LONGEST_MS / 1000);
    }
    if (captured == RF_CAPTURED_LONG) {
        return rf_fail(reterr, RF_ERR_SOURCE, words[0], "prints more than credentials take");
    }
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        rf_spawn_describe(status, how, sizeof(how));
        return rf_fail(reterr, RF_ERR_SOURCE, words[0], "ended with %s; run it by hand to see why",
                       how);
    }
    return RF_OK;
}
