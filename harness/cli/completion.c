/* SPDX-License-Identifier: MIT */
/* refold completion: a script with which a shell completes refold's command line. */
#include "cli/completion.h"

#include <string.h>
#include <unistd.h>

#include "base/error.h"
#include "cli/say.h"
#include "cli/verbs.h"

#define EXIT_USAGE  2
#define EXIT_OUTPUT 5

const struct rf_completion_shell rf_completion_shells[] = {
    {"bash", rf_completion_bash},
    {"zsh", rf_completion_zsh},
    {"fish", rf_completion_fish},
    {NULL, NULL},
};

void
rf_completion_quote(struct rf_buf *out, const char *text)
{
    rf_buf_byte(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            rf_buf_string(out, "'\\''");
        } else {
            rf_buf_byte(out, *text);
        }
    }
    rf_buf_byte(out, '\'');
}

int
rf_completion(struct rf_settings *settings)
{
    struct rf_buf script = {0};
    struct rf_err err;
    for (const struct rf_completion_shell *row = rf_completion_shells; row->name != NULL; row++) {
        if (strcmp(settings->operands[0], row->name) == 0) {
            row->write(&script);
        }
    }
    if (script.used == 0) {
        (void)rf_fail(&err, RF_ERR_USAGE, settings->operands[0],
                      "no shell that refold completes for: bash, zsh or fish");
        rf_say_error(&err);
        return EXIT_USAGE;
    }
    rf_code code = rf_say_whole(STDOUT_FILENO, "standard output", "script", &script, &err);
    rf_buf_done(&script);
    if (code != RF_OK) {
        rf_say_error(&err);
        return EXIT_OUTPUT;
    }
    return 0;
}
