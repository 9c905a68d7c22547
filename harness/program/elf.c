/* SPDX-License-Identifier: MIT */
/* Programs told from shared objects. */
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
