/* SPDX-License-Identifier: MIT */
/* A file that is written must not become an object of what is read. */
#include "cli/outside.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/alloc.h"

/** Whether a file would lie within a folder that is read: then it is an object there next time. */
static bool
lies_within(const char *file, const char *source)
{
    const char *slash = strrchr(file, '/');
    char *parent = slash == NULL   ? rf_strdup(".")
                   : slash == file ? rf_strdup("/")
                                   : rf_strndup(file, (size_t)(slash - file));
    char *folder = realpath(parent, NULL);
    char *outer = realpath(source, NULL);
    size_t bytes = outer == NULL ? 0 : strlen(outer);
    struct stat facts;
    bool within = folder != NULL && outer != NULL && stat(outer, &facts) == 0 &&
                  S_ISDIR(facts.st_mode) && strncmp(folder, outer, bytes) == 0 &&
                  (folder[bytes] == '\0' || folder[bytes] == '/' || bytes == 1);
    free(parent);
    free(folder);
    free(outer);
    return within;
}

rf_code
rf_check_outside(const struct rf_settings *settings, const char *file, struct rf_err *reterr)
{
    for (size_t i = 0; i < settings->source_count; i++) {
        if (lies_within(file, settings->sources[i])) {
            return rf_fail(reterr, RF_ERR_USAGE, file,
                           "lies within a source, of which it would be an object: name a file "
                           "outside");
        }
    }
    return RF_OK;
}
