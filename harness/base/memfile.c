/* SPDX-License-Identifier: MIT */
/* A growing file in memory that other processes can map read-only. */
#include "base/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/fd.h"

/** Grow in steps of at least this much, so that small histories cost no more than a few pages: the
 * file is sparse, only touched pages exist. */
#define GROW_LEAST_BYTES ((size_t)1 << 20)

static uint64_t budget = UINT64_MAX;
static atomic_uint_fast64_t in_memory;

void
rf_memfile_set_budget(uint64_t bytes)
{
    budget = bytes;
}

static const char *
disk_folder(void)
{
    const char *folder = getenv("TMPDIR");
    return folder == NULL || folder[0] == '\0' ? "/tmp" : folder;
}

static int
open_on_disk(void)
{
    char *path = rf_format("%s/refold-XXXXXX", disk_folder());
    int file = mkstemp(path);
    if (file >= 0) {
        (void)unlink(path);
        (void)fcntl(file, F_SETFD, FD_CLOEXEC);
    }
    free(path);
    return file;
}

static int
open_anonymous(const char *name, bool *ret_on_disk)
{
#ifdef MFD_ALLOW_SEALING
    int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 || errno != ENOSYS) {
        return fd;
    }
#endif
    (void)name;
    *ret_on_disk = true;
    return open_on_disk();
}

rf_code
rf_memfile_open(struct rf_memfile *file, const char *name, struct rf_err *reterr)
{
    memset(file, 0, sizeof(*file));
    file->fd = open_anonymous(name, &file->on_disk);
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

/** The same bytes in a file of the disk; the mapping is made anew by the caller. `target` is for
 * the message. */
static void
move_to_disk(struct rf_memfile *file, size_t target)
{
    int fd = open_on_disk();
    if (fd < 0) {
        (void)fprintf(stderr,
                      "refold: the history is larger than --memory and cannot go to disk, to %s: "
                      "%s; set TMPDIR to a folder with room, or raise --memory\n",
                      disk_folder(), strerror(errno));
        _exit(70);
    }
    if (!rf_fd_write(fd, file->bytes, file->size)) {
        out_of_memory(file, target);
    }
    (void)close(file->fd);
    file->fd = fd;
    file->on_disk = true;
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
    if (!file->on_disk) {
        uint64_t all = atomic_fetch_add(&in_memory, target - file->size) + (target - file->size);
        if (all > budget) {
            move_to_disk(file, target);
            atomic_fetch_sub(&in_memory, target);
        }
    }
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

rf_code
rf_memfile_seal(struct rf_memfile *file, struct rf_err *reterr)
{
    if (file->bytes != NULL) {
        (void)munmap(file->bytes, file->size);
        file->bytes = NULL;
    }
#ifdef F_ADD_SEALS
    /* An ordinary file cannot be sealed (EINVAL): workers get a read-only descriptor all the same.
     */
    if (fcntl(file->fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0 &&
        errno != EINVAL) {
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, "history", "cannot seal a memory file");
    }
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
    if (!file->on_disk) {
        atomic_fetch_sub(&in_memory, file->size);
    }
    if (file->fd > 0) {
        (void)close(file->fd);
    }
    memset(file, 0, sizeof(*file));
}
