/* SPDX-License-Identifier: MIT */
/* Files without a name in $TMPDIR: whatever ends the process, nothing is left of them. */
#include "base/tmpfile.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"

const char *
rf_tmpfile_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder == NULL || folder[0] == '\0' ? "/tmp" : folder;
}

/** For systems and file systems on which a file must have had a name. */
static int
open_named(void)
{
    char *path = rf_format("%s/refold-XXXXXX", rf_tmpfile_folder());
    int file = mkstemp(path);
    if (file >= 0) {
        (void)unlink(path);
        (void)fcntl(file, F_SETFD, FD_CLOEXEC);
    }
    free(path);
    return file;
}

int
rf_tmpfile_open(void)
{
#ifdef O_TMPFILE
    int file =
        open(rf_tmpfile_folder(), O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file >= 0) {
        return file;
    }
#endif
    return open_named();
}
