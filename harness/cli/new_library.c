/* SPDX-License-Identifier: MIT */
/* What a new aggregate in Go or Rust needs of refold: the sources that speak with it. */
#include "cli/new_library.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"
#include "base/files.h"
#include "host/compile.h"

/** Owned by the caller; NULL where it is in no place. */
static char *
find_library(const char *library)
{
    static const char *const PLACES[] = {"share", REFOLD_SHARE_PLACE};
    char *own = rf_own_folder();
    char *found = NULL;
    for (size_t i = 0; own != NULL && found == NULL && i < sizeof(PLACES) / sizeof(PLACES[0]);
         i++) {
        char *place = rf_path_from(own, PLACES[i]);
        char *folder = rf_format("%s/%s", place, library);
        if (access(folder, R_OK | X_OK) == 0) {
            found = folder;
        } else {
            free(folder);
        }
        free(place);
    }
    free(own);
    return found;
}

static rf_code
copy_file(const char *from, const char *to, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    rf_code code = rf_file_read(from, &text, reterr);
    int fd = code == RF_OK ? open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666) : -1;
    bool written = fd >= 0 && rf_fd_write(fd, text.bytes, text.used);
    if (code == RF_OK && (!written || close(fd) != 0)) {
        code = rf_fail_errno(reterr, RF_ERR_OUTPUT, to, "cannot be written");
    }
    rf_buf_done(&text);
    return code;
}

static rf_code copy_folder(const char *from, const char *to, struct rf_err *reterr);

static rf_code
copy_entry(const char *from, const char *to, const char *name, struct rf_err *reterr)
{
    char *source = rf_format("%s/%s", from, name);
    char *target = rf_format("%s/%s", to, name);
    struct stat facts;
    bool folder = stat(source, &facts) == 0 && S_ISDIR(facts.st_mode);
    rf_code code = folder ? copy_folder(source, target, reterr) : copy_file(source, target, reterr);
    free(source);
    free(target);
    return code;
}

static rf_code
copy_folder(const char *from, const char *to, struct rf_err *reterr)
{
    if (mkdir(to, 0777) != 0) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, to, "cannot be made");
    }
    DIR *folder = opendir(from);
    if (folder == NULL) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, from, "cannot be read");
    }
    rf_code code = RF_OK;
    for (struct dirent *entry; code == RF_OK && (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] != '.') {
            code = copy_entry(from, to, entry->d_name, reterr);
        }
    }
    (void)closedir(folder);
    return code;
}

rf_code
rf_new_library_copy(const char *library, const char *to, struct rf_err *reterr)
{
    char *from = find_library(library);
    if (from == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, to,
                       "share/%s is not found beside this program, nor as %s/%s from there",
                       library, REFOLD_SHARE_PLACE, library);
    }
    rf_code code = copy_folder(from, to, reterr);
    free(from);
    return code;
}
