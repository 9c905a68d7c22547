/* SPDX-License-Identifier: MIT */
/* Landlock, by its system calls: the C library has no functions for them, and headers of older
 * systems lack the newer rights. The numbers are the kernel's ABI: landlock(7). */
#include "worker/landlock.h"

#include <stdint.h>
#include <string.h>

#include "worker/executable.h"
#include "worker/places.h"

#if !defined(__linux__)

bool
rf_landlock_is_known(void)
{
    return false;
}

bool
rf_landlock_enter(const char *file, const struct rf_executable *program)
{
    (void)file;
    (void)program;
    return false;
}

#else

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* The same on every architecture. */
#define CALL_CREATE_RULESET 444
#define CALL_ADD_RULE       445
#define CALL_RESTRICT_SELF  446

#define CREATE_RULESET_VERSION 1u
#define RULE_PATH_BENEATH      1

#define EXECUTE      UINT64_C(1)
#define READ_FILE    (UINT64_C(1) << 2)
#define ALL_OF_ABI_1 ((UINT64_C(1) << 13) - 1)
#define REFER        (UINT64_C(1) << 13) /* ABI 2 */
#define TRUNCATE     (UINT64_C(1) << 14) /* ABI 3 */
#define IOCTL_DEV    (UINT64_C(1) << 15) /* ABI 5 */
#define ALL_TCP      UINT64_C(3)         /* ABI 4: to bind, to connect */
#define ALL_SCOPES   UINT64_C(3)         /* ABI 6: abstract sockets, signals */

struct ruleset_attr {
    uint64_t files;
    uint64_t network;
    uint64_t scopes;
};

struct path_attr {
    uint64_t allowed;
    int32_t parent;
} __attribute__((packed));

/** Beside an aggregate no more than so many names are looked at: it may lie in /tmp. */
#define NAMES_BESIDE 1024

static long
ask_abi(void)
{
    return syscall(CALL_CREATE_RULESET, NULL, (size_t)0, CREATE_RULESET_VERSION);
}

bool
rf_landlock_is_known(void)
{
    return ask_abi() >= 0 || errno != ENOSYS;
}

static int
create_ruleset(void)
{
    long abi = ask_abi();
    if (abi < 1) {
        return -1;
    }
    struct ruleset_attr attr = {.files = ALL_OF_ABI_1};
    attr.files |= (abi >= 2 ? REFER : 0) | (abi >= 3 ? TRUNCATE : 0) | (abi >= 5 ? IOCTL_DEV : 0);
    attr.network = abi >= 4 ? ALL_TCP : 0;
    attr.scopes = abi >= 6 ? ALL_SCOPES : 0;
    size_t bytes = abi >= 6   ? sizeof(attr)
                   : abi >= 4 ? offsetof(struct ruleset_attr, scopes)
                              : offsetof(struct ruleset_attr, network);
    return (int)syscall(CALL_CREATE_RULESET, &attr, bytes, 0u);
}

/** What is not there needs no rule. */
static void
allow(int ruleset, uint64_t rights, int folder, const char *path, int flags)
{
    struct path_attr attr = {.allowed = rights};
    attr.parent = openat(folder, path, O_PATH | O_CLOEXEC | flags);
    if (attr.parent >= 0) {
        (void)syscall(CALL_ADD_RULE, ruleset, RULE_PATH_BENEATH, &attr, 0u);
        (void)close(attr.parent);
    }
}

/** Shared objects right beside the aggregate. A link among them is not followed: what it leads to
 * is allowed where it lies here itself. A folder of that name would let in all that is in it. */
static void
allow_beside(int ruleset, const char *file)
{
    char path[PATH_MAX];
    const char *slash = strrchr(file, '/');
    (void)snprintf(path, sizeof(path), "%.*s", (int)(slash - file) + 1, file);
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return;
    }
    const struct dirent *entry;
    for (int i = 0; i < NAMES_BESIDE && (entry = readdir(folder)) != NULL; i++) {
        struct stat facts;
        if (rf_place_is_library(entry->d_name) &&
            fstatat(dirfd(folder), entry->d_name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISREG(facts.st_mode)) {
            allow(ruleset, READ_FILE, dirfd(folder), entry->d_name, O_NOFOLLOW);
        }
    }
    (void)closedir(folder);
}

/** What a loader reads. */
static void
allow_loading(int ruleset, const char *file)
{
    for (size_t i = 0; rf_place_folders[i] != NULL; i++) {
        allow(ruleset, READ_FILE, AT_FDCWD, rf_place_folders[i], 0);
    }
    for (size_t i = 0; rf_place_files[i] != NULL; i++) {
        allow(ruleset, READ_FILE, AT_FDCWD, rf_place_files[i], 0);
    }
    allow_beside(ruleset, file);
}

bool
rf_landlock_enter(const char *file, const struct rf_executable *program)
{
    int ruleset = create_ruleset();
    if (ruleset < 0) {
        return false;
    }
    if (program == NULL || program->has_loader) {
        allow_loading(ruleset, file);
    }
    allow(ruleset, READ_FILE | (program != NULL ? EXECUTE : 0), AT_FDCWD, file, 0);
    if (program != NULL && program->has_loader) {
        allow(ruleset, READ_FILE | EXECUTE, AT_FDCWD, program->loader, 0);
        allow(ruleset, READ_FILE, AT_FDCWD, RF_PLACE_OWN_MAPS, 0);
    }
    bool entered = prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
                   syscall(CALL_RESTRICT_SELF, ruleset, 0u) == 0;
    (void)close(ruleset);
    return entered;
}

#endif
