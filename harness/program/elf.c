/* SPDX-License-Identifier: MIT */
/* Programs told from shared objects, and what is loaded with either. */
#include "program/elf.h"

#include <elf.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"

#if UINTPTR_MAX > UINT32_MAX
typedef Elf64_Ehdr file_header;
typedef Elf64_Phdr program_header;
typedef Elf64_Dyn dynamic_entry;
#define OWN_CLASS ELFCLASS64
#else
typedef Elf32_Ehdr file_header;
typedef Elf32_Phdr program_header;
typedef Elf32_Dyn dynamic_entry;
#define OWN_CLASS ELFCLASS32
#endif

/** Of a run path, or a library's name; longer than any folder that can be opened. */
#define TEXT_BYTES 8192
/** More than any linker writes. */
#define PROGRAM_HEADERS 64
#define DYNAMIC_ENTRIES 512
#ifndef DF_1_PIE
#define DF_1_PIE 0x08000000
#endif

static bool
read_at(int fd, void *ret, size_t bytes, uint64_t offset)
{
    size_t got = 0;
    return rf_fd_read_at(fd, ret, bytes, offset, &got) && got == bytes;
}

/** A static executable that can lie anywhere has no interpreter, and says so in its flags. */
static bool
says_executable(int fd, const program_header *dynamic)
{
    uint64_t count = dynamic->p_filesz / sizeof(dynamic_entry);
    for (uint64_t i = 0; i < count && i < DYNAMIC_ENTRIES; i++) {
        dynamic_entry entry;
        if (!read_at(fd, &entry, sizeof(entry), dynamic->p_offset + i * sizeof(entry)) ||
            entry.d_tag == DT_NULL) {
            return false;
        }
        if (entry.d_tag == DT_FLAGS_1) {
            return (entry.d_un.d_val & DF_1_PIE) != 0;
        }
    }
    return false;
}

static bool
is_executable(int fd, const file_header *header)
{
    if (header->e_type != ET_DYN || header->e_phentsize != sizeof(program_header)) {
        return header->e_type == ET_EXEC;
    }
    for (unsigned i = 0; i < header->e_phnum && i < PROGRAM_HEADERS; i++) {
        program_header row;
        if (!read_at(fd, &row, sizeof(row), header->e_phoff + i * sizeof(row))) {
            return false;
        }
        if (row.p_type == PT_INTERP || (row.p_type == PT_DYNAMIC && says_executable(fd, &row))) {
            return true;
        }
    }
    return false;
}

bool
rf_is_program(const char *path)
{
    file_header header;
    struct stat facts;
    size_t got = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) {
        return false;
    }
    memset(&header, 0, sizeof(header));
    bool program = false;
    if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) &&
        rf_fd_read_at(fd, &header, sizeof(header), 0, &got)) {
        if (memcmp(header.e_ident, "#!", 2) == 0) {
            program = (facts.st_mode & 0111) != 0;
        } else if (got == sizeof(header) && memcmp(header.e_ident, ELFMAG, SELFMAG) == 0) {
            /* Of another machine's files no more is asked: they cannot be executed here. */
            program = header.e_ident[EI_CLASS] == OWN_CLASS && is_executable(fd, &header);
        }
    }
    (void)close(fd);
    return program;
}

/* ---- where it leads -------------------------------------------------------------------------- */

struct elf {
    int fd;
    file_header header;
    program_header dynamic;
};

/** The next row of one type, from `*at` on; false where there is none. */
static bool
next_row(const struct elf *elf, uint32_t type, unsigned *at, program_header *ret)
{
    for (; *at < elf->header.e_phnum && *at < PROGRAM_HEADERS; *at += 1) {
        if (read_at(elf->fd, ret, sizeof(*ret), elf->header.e_phoff + *at * sizeof(*ret)) &&
            ret->p_type == type) {
            *at += 1;
            return true;
        }
    }
    return false;
}

/** Where in the file an address of the loaded one is. */
static bool
find_offset(const struct elf *elf, uint64_t address, uint64_t *ret)
{
    program_header row;
    for (unsigned at = 0; next_row(elf, PT_LOAD, &at, &row);) {
        if (address >= row.p_vaddr && address - row.p_vaddr < row.p_filesz) {
            *ret = row.p_offset + (address - row.p_vaddr);
            return true;
        }
    }
    return false;
}

static bool
read_entry(const struct elf *elf, uint64_t index, dynamic_entry *ret)
{
    uint64_t offset = elf->dynamic.p_offset + index * sizeof(*ret);
    return index < elf->dynamic.p_filesz / sizeof(*ret) &&
           read_at(elf->fd, ret, sizeof(*ret), offset) && ret->d_tag != DT_NULL;
}

static bool
find_strings(const struct elf *elf, uint64_t *ret)
{
    dynamic_entry entry;
    for (uint64_t i = 0; read_entry(elf, i, &entry); i++) {
        if (entry.d_tag == DT_STRTAB) {
            return find_offset(elf, entry.d_un.d_ptr, ret);
        }
    }
    return false;
}

static bool
is_anchored_name(const char *name, size_t bytes)
{
    return (bytes > 0 && name[0] == '/') || (bytes >= 7 && memcmp(name, "$ORIGIN", 7) == 0) ||
           (bytes >= 9 && memcmp(name, "${ORIGIN}", 9) == 0);
}

/** An empty run path is the working folder. */
static bool
are_anchored(const char *paths)
{
    for (;; paths++) {
        size_t bytes = strcspn(paths, ":");
        if (!is_anchored_name(paths, bytes)) {
            return false;
        }
        paths += bytes;
        if (*paths == '\0') {
            return true;
        }
    }
}

static bool
is_anchored_entry(const struct elf *elf, uint64_t strings, const dynamic_entry *entry)
{
    char text[TEXT_BYTES];
    size_t got = 0;
    bool is_path = entry->d_tag == DT_RPATH || entry->d_tag == DT_RUNPATH;
    if (!is_path && entry->d_tag != DT_NEEDED) {
        return true;
    }
    if (!rf_fd_read_at(elf->fd, text, sizeof(text), strings + entry->d_un.d_val, &got) ||
        memchr(text, '\0', got) == NULL) {
        return false;
    }
    return is_path ? are_anchored(text)
                   : strchr(text, '/') == NULL || is_anchored_name(text, strlen(text));
}

static bool
is_anchored(struct elf *elf)
{
    uint64_t strings = 0;
    unsigned at = 0;
    dynamic_entry entry;
    if (!read_at(elf->fd, &elf->header, sizeof(elf->header), 0) ||
        memcmp(elf->header.e_ident, ELFMAG, SELFMAG) != 0 ||
        elf->header.e_ident[EI_CLASS] != OWN_CLASS || elf->header.e_phnum > PROGRAM_HEADERS ||
        (elf->header.e_phnum > 0 && elf->header.e_phentsize != sizeof(program_header))) {
        return false;
    }
    if (!next_row(elf, PT_DYNAMIC, &at, &elf->dynamic)) {
        return true;
    }
    if (!find_strings(elf, &strings)) {
        return false;
    }
    for (uint64_t i = 0; read_entry(elf, i, &entry); i++) {
        if (!is_anchored_entry(elf, strings, &entry)) {
            return false;
        }
    }
    return true;
}

bool
rf_elf_is_anchored(const char *path)
{
    struct elf elf = {.fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
    if (elf.fd < 0) {
        return false;
    }
    bool anchored = is_anchored(&elf);
    (void)close(elf.fd);
    return anchored;
}
