/* SPDX-License-Identifier: MIT */
/* A growing file in memory that other processes can map read-only. */
#include "base/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/tmpfile.h"

/** Grow in steps of at least this much, so that small histories cost no more than a few pages: the
 * file is sparse, only touched pages exist. */
#define GROW_LEAST_BYTES ((size_t)1 << 20)

static int
open_anonymous(const char *name)
{
#ifdef MFD_ALLOW_SEALING
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 || errno != ENOSYS) {
        return fd;
    }
#endif
    (void)name;
    return rf_tmpfile_open();
}

rf_code
rf_memfile_open(struct rf_memfile *file, const char *name, struct rf_err *reterr)
{
    memset(file, 0, sizeof(*file));
    file->fd = open_anonymous(name);
    if (file->fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, name, "cannot make a memory file");
    }
    return RF_OK;
}

static _Noreturn void
out_of_memory(const struct rf_memfile *file, size_t size)
{
    (void)fprintf(stderr,
                  "refold: out of memory: a history file cannot grow from %zu to %zu bytes: %s\n",
                  file->size, size, strerror(errno));
    _exit(70);
}

void
rf_memfile_grow(struct rf_memfile *file, size_t size)
{
    if (size <= file->size) {
        return;
    }
    size_t target = file->size + file->size / 2;
    if (target < GROW_LEAST_BYTES) {
        target = GROW_LEAST_BYTES;
    }
    if (target < size) {
        target = size;
    }
    target = (target + GROW_LEAST_BYTES - 1) / GROW_LEAST_BYTES * GROW_LEAST_BYTES;
    if (ftruncate(file->fd, (off_t)target) != 0) {
        out_of_memory(file, target);
    }
    if (file->bytes != NULL) {
        (void)munmap(file->bytes, file->size);
    }
    void *fresh = mmap(NULL, target, PROT_READ | PROT_WRITE, MAP_SHARED, file->fd, 0);
    if (fresh == MAP_FAILED) {
        out_of_memory(file, target);
    }
    file->bytes = fresh;
    file->size = target;
}

#ifdef F_ADD_SEALS
static rf_code
add_seals(const struct rf_memfile *file, int seals, struct rf_err *reterr)
{
    /* An ordinary file cannot be sealed (EINVAL): workers get a read-only descriptor all the same.
     */
    if (fcntl(file->fd, F_ADD_SEALS, seals) != 0 && errno != EINVAL) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "history", "cannot seal a memory file");
    }
    return RF_OK;
}
#endif

rf_code
rf_memfile_guard(struct rf_memfile *file, struct rf_err *reterr)
{
#ifdef F_SEAL_FUTURE_WRITE
    return add_seals(file, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_FUTURE_WRITE, reterr);
#else
    (void)file;
    (void)reterr;
    return RF_OK;
#endif
}

rf_code
rf_memfile_seal(struct rf_memfile *file, struct rf_err *reterr)
{
    if (file->bytes != NULL) {
        (void)munmap(file->bytes, file->size);
        file->bytes = NULL;
    }
#ifdef F_ADD_SEALS
    RF_TRY(add_seals(file, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, reterr));
#endif
    if (file->size == 0) {
        return RF_OK;
    }
    void *fresh = mmap(NULL, file->size, PROT_READ, MAP_SHARED, file->fd, 0);
    if (fresh == MAP_FAILED) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "history", "cannot map a memory file");
    }
    file->bytes = fresh;
    return RF_OK;
}

int
rf_memfile_reader(const struct rf_memfile *file)
{
    char path[64];
    (void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
    int reader = open(path, O_RDONLY | O_CLOEXEC);
    if (reader < 0) {
        /* No /proc: a plain copy, which a sealed file protects well enough. */
        reader = fcntl(file->fd, F_DUPFD_CLOEXEC, 0);
    }
    return reader;
}

void
rf_memfile_done(struct rf_memfile *file)
{
    if (file->bytes != NULL) {
        (void)munmap(file->bytes, file->size);
    }
    if (file->fd > 0) {
        (void)close(file->fd);
    }
    memset(file, 0, sizeof(*file));
}
