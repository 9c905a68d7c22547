/* SPDX-License-Identifier: MIT */
/* What is to be known of a program before it is executed. */
#include "worker/executable.h"

#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/** A file, mapped. */
struct image {
    const char *bytes;
    size_t size;
};

/** The program header that names the loader, or NULL. */
static const ElfW(Phdr) * find_loader(const struct image *image)
{
    const ElfW(Ehdr) *head = (const void *)image->bytes;
    if (image->size < sizeof(*head) || memcmp(head->e_ident, ELFMAG, SELFMAG) != 0 ||
        head->e_phentsize != sizeof(ElfW(Phdr)) || head->e_phoff % sizeof(uintptr_t) != 0 ||
        head->e_phoff > image->size ||
        head->e_phnum > (image->size - head->e_phoff) / sizeof(ElfW(Phdr))) {
        return NULL;
    }
    const ElfW(Phdr) *part = (const void *)(image->bytes + head->e_phoff);
    for (size_t i = 0; i < head->e_phnum; i++) {
        if (part[i].p_type == PT_INTERP) {
            return &part[i];
        }
    }
    return NULL;
}

static bool
copy_loader(const struct image *image, const ElfW(Phdr) * part, char loader[PATH_MAX])
{
    if (part == NULL || part->p_filesz == 0 || part->p_filesz > PATH_MAX ||
        part->p_offset > image->size || part->p_filesz > image->size - part->p_offset) {
        return false;
    }
    memcpy(loader, image->bytes + part->p_offset, part->p_filesz);
    bool ends = loader[part->p_filesz - 1] == '\0';
    loader[part->p_filesz - 1] = '\0';
    return ends;
}

static bool
has_sanitizer(const struct image *image)
{
    static const char *const runtimes[] = {"ThreadSanitizer", "AddressSanitizer"};
    for (size_t i = 0; i < sizeof(runtimes) / sizeof(runtimes[0]); i++) {
        if (memmem(image->bytes, image->size, runtimes[i], strlen(runtimes[i])) != NULL) {
            return true;
        }
    }
    return false;
}

void
rf_executable_read(const char *file, struct rf_executable *ret)
{
    struct stat facts;
    memset(ret, 0, sizeof(*ret));
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return;
    }
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0) {
        struct image image = {.size = (size_t)facts.st_size};
        void *at = mmap(NULL, image.size, PROT_READ, MAP_PRIVATE, fd, 0);
        if (at != MAP_FAILED) {
            image.bytes = at;
            ret->has_loader = copy_loader(&image, find_loader(&image), ret->loader);
            ret->reserves = has_sanitizer(&image);
            (void)munmap(at, image.size);
        }
    }
    (void)close(fd);
}
