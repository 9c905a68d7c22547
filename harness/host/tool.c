/* SPDX-License-Identifier: MIT */
/* Running what builds aggregates: git, compilers, go, cargo. */
#include "host/tool.h"

#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "host/spawn.h"

extern char **environ;

/** A tool that says more than this about one aggregate says nothing that is read. */
#define OUTPUT_BYTES (4 * RF_MIB)

/** The environment with one more variable; NULL: with none. Shallow: only the array is owned. */
static char **
with_variable(char *const *environment, char *variable)
{
    size_t name_bytes = variable == NULL ? 0 : strcspn(variable, "=") + 1;
    size_t count = 0;
    while (environment[count] != NULL) {
        count++;
    }
    char **list = rf_calloc(count + 2, sizeof(*list));
    size_t used = 0;
    for (size_t i = 0; i < count; i++) {
        if (variable == NULL || strncmp(environment[i], variable, name_bytes) != 0) {
            list[used++] = environment[i];
        }
    }
    list[used] = variable;
    return list;
}

/** As the system's call wants them: not const. Owned by the caller, with its words. */
static char **
copy_words(const char *const *words)
{
    size_t count = 0;
    while (words[count] != NULL) {
        count++;
    }
    char **copies = rf_calloc(count + 1, sizeof(*copies));
    for (size_t i = 0; i < count; i++) {
        copies[i] = rf_strdup(words[i]);
    }
    return copies;
}

static void
free_words(char **words)
{
    for (size_t i = 0; words[i] != NULL; i++) {
        free(words[i]);
    }
    free(words);
}

rf_code
rf_tool_run(const struct rf_tool *tool, struct rf_buf *ret, int *ret_status, struct rf_err *reterr)
{
    char *variable = tool->variable == NULL ? NULL : rf_strdup(tool->variable);
    char *temporaries =
        tool->temporaries == NULL ? NULL : rf_format("TMPDIR=%s", tool->temporaries);
    char **of_variable = with_variable(environ, variable);
    char **environment = with_variable(of_variable, temporaries);
    char **words = copy_words(tool->words);
    struct rf_capture capture = {
        .program = words[0],
        .arguments = words,
        .environment = environment,
        .search_path = true,
        .folder = tool->folder,
        .target = tool->target,
        .limit_bytes = OUTPUT_BYTES,
    };
    enum rf_captured captured = RF_CAPTURED;
    rf_code code = rf_capture_run(&capture, ret, &captured, ret_status, reterr);
    if (code != RF_OK) {
        code = RF_ERR_USAGE;
        if (reterr != NULL) {
            reterr->code = code;
        }
    }
    free_words(words);
    free(environment);
    free(of_variable);
    free(temporaries);
    free(variable);
    return code;
}

bool
rf_tool_succeeded(int status)
{
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
