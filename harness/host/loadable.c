/* SPDX-License-Identifier: MIT */
/* Whether this machine can load or run a file, told before it is tried. */
#include "host/loadable.h"

#include <elf.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "host/ward.h"
#include "program/elf.h"

/** The front of an ELF file that is the same for 32 and 64 bits. */
struct head {
    unsigned char ident[EI_NIDENT];
    uint16_t type;
    uint16_t machine;
};

/** False where it is no ELF file. `got` is zero behind what the file holds. */
static bool
read_head(const char *file, struct head *ret)
{
    memset(ret, 0, sizeof(*ret));
    size_t got = 0;
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && rf_fd_read(fd, ret, sizeof(*ret), &got);
    if (fd >= 0) {
        (void)close(fd);
    }
    return good && got == sizeof(*ret) && memcmp(ret->ident, ELFMAG, SELFMAG) == 0;
}

static void
describe(const struct head *head, char *text, size_t room)
{
    static const struct {
        uint16_t machine;
        const char *name;
    } known[] = {{EM_X86_64, "x86-64"}, {EM_386, "x86"},     {EM_AARCH64, "ARM64"}, {EM_ARM, "ARM"},
                 {EM_RISCV, "RISC-V"},  {EM_PPC64, "POWER"}, {EM_S390, "s390"}};
    const char *bits = head->ident[EI_CLASS] == ELFCLASS32   ? "32 bits"
                       : head->ident[EI_CLASS] == ELFCLASS64 ? "64 bits"
                                                             : "an unknown number of bits";
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (known[i].machine == head->machine) {
            (void)snprintf(text, room, "%s, %s", known[i].name, bits);
            return;
        }
    }
    (void)snprintf(text, room, "machine %u of ELF, %s", head->machine, bits);
}

/** Whether it begins with #!. */
static bool
is_script(const char *file)
{
    struct head head;
    (void)read_head(file, &head);
    return memcmp(head.ident, "#!", 2) == 0;
}

const char *
rf_loadable_advice(const char *file)
{
    return !rf_sandbox_is_off() && is_script(file) ? "; scripts can be run with --sandbox=off only"
                                                   : "";
}

rf_code
rf_loadable_look(const char *file, const char *name, bool *ret_program, struct rf_err *reterr)
{
    struct head head;
    struct head own;
    if (read_head(file, &head) && read_head("/proc/self/exe", &own) &&
        (head.machine != own.machine ||
         memcmp(head.ident + EI_CLASS, own.ident + EI_CLASS, EI_VERSION - EI_CLASS) != 0)) {
        char theirs[64];
        char ours[64];
        describe(&head, theirs, sizeof(theirs));
        describe(&own, ours, sizeof(ours));
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "is built for another machine (%s), and refold is for %s: build it for that",
                       theirs, ours);
    }
    *ret_program = rf_is_program(file);
    if ((*ret_program || is_script(file)) && access(file, X_OK) != 0) {
        return rf_fail(reterr, RF_ERR_USAGE, name, "is a program that may not be run: chmod +x it");
    }
    return RF_OK;
}
