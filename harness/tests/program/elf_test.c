/* SPDX-License-Identifier: MIT */
/* Programs told from shared objects. */
#include "program/elf.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <criterion/criterion.h>

/** A file with this content and mode is a program. */
static bool
is_program(const void *content, size_t bytes, mode_t mode)
{
    char path[] = "/tmp/refold-test-XXXXXX";
    int fd = mkstemp(path);
    cr_assert(fd >= 0 && write(fd, content, bytes) == (ssize_t)bytes && fchmod(fd, mode) == 0);
    (void)close(fd);
    bool program = rf_is_program(path);
    (void)unlink(path);
    return program;
}

Test(program_elf, executables_are_programs_and_libraries_are_not)
{
    char own[4096];
    ssize_t bytes = readlink("/proc/self/exe", own, sizeof(own) - 1);
    cr_assert(bytes > 0);
    own[bytes] = '\0';
    cr_expect(rf_is_program(own));
    cr_expect(rf_is_program("/bin/sh"));
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[4200];
    int libraries = 0;
    while (maps != NULL && fgets(line, sizeof(line), maps) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        /* libc itself can be executed, and says so. */
        if (strstr(line, "/libm.so") != NULL || strstr(line, "/libcriterion.so") != NULL) {
            cr_expect_not(rf_is_program(strchr(line, '/')), "%s", strchr(line, '/'));
            libraries++;
        }
    }
    (void)fclose(maps);
    cr_expect(libraries > 0);
}

Test(program_elf, scripts_need_their_mode)
{
    static const char script[] = "#!/bin/sh\n";
    cr_expect(is_program(script, sizeof(script) - 1, 0755));
    cr_expect_not(is_program(script, sizeof(script) - 1, 0644));
    cr_expect_not(is_program("#", 1, 0755));
}

Test(program_elf, whatever_else_is_none)
{
    cr_expect_not(rf_is_program("/nowhere/at/all"));
    cr_expect_not(rf_is_program("/tmp"));
    cr_expect_not(rf_is_program("/dev/null"));
    cr_expect_not(is_program("", 0, 0755));
    cr_expect_not(is_program("\x7f"
                             "ELF",
                             4, 0755));
    unsigned char head[64] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
    head[16] = 3; /* ET_DYN, with program headers beyond its end */
    head[54] = 56;
    head[56] = 9;
    head[39] = 0x7f;
    cr_expect_not(is_program(head, sizeof(head), 0755));
    head[16] = 2; /* ET_EXEC */
    cr_expect(is_program(head, sizeof(head), 0755));
    head[4] = 1; /* of 32 bits */
    cr_expect_not(is_program(head, sizeof(head), 0755));
}

/* Run paths: harness/tests/oracle/builds_test.py, where a linker writes them. */
Test(program_elf, what_cannot_be_read_is_not_anchored)
{
    char own[4096];
    ssize_t bytes = readlink("/proc/self/exe", own, sizeof(own) - 1);
    cr_assert(bytes > 0);
    own[bytes] = '\0';
    cr_expect(rf_elf_is_anchored(own));
    cr_expect(rf_elf_is_anchored("/bin/sh"));
    cr_expect_not(rf_elf_is_anchored("/nowhere/at/all"));
    cr_expect_not(rf_elf_is_anchored("/dev/null"));
    cr_expect_not(rf_elf_is_anchored("/tmp"));
}
