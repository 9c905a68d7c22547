/* SPDX-License-Identifier: MIT */
/* Files that can be started, told by their bytes. */
#include "worker/executable.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <criterion/criterion.h>

/** What is known of a file with these bytes. */
static struct rf_executable
read_bytes(const char *bytes, size_t count)
{
    char path[] = "/tmp/refold-executable-XXXXXX";
    struct rf_executable facts;
    int fd = mkstemp(path);
    cr_assert(fd >= 0);
    cr_assert_eq(write(fd, bytes, count), (ssize_t)count);
    (void)close(fd);
    rf_executable_read(path, &facts);
    (void)unlink(path);
    return facts;
}

Test(worker_executable, knows_a_loader)
{
    struct rf_executable facts;
    rf_executable_read("/proc/self/exe", &facts);
    cr_expect(facts.has_loader);
    cr_expect_eq(access(facts.loader, X_OK), 0, "%s", facts.loader);
}

Test(worker_executable, knows_nothing_of_what_is_no_program)
{
    struct rf_executable facts;
    rf_executable_read("/nowhere/at/all", &facts);
    cr_expect_not(facts.has_loader || facts.reserves);
    rf_executable_read("/", &facts);
    cr_expect_not(facts.has_loader || facts.reserves);
    facts = read_bytes("", 0);
    cr_expect_not(facts.has_loader || facts.reserves);
    facts = read_bytes("#!/bin/sh\n", 10);
    cr_expect_not(facts.has_loader || facts.reserves);
}

Test(worker_executable, knows_a_sanitizers_runtime)
{
    static const char words[] = "xx==%d==WARNING: ThreadSanitizer: %s";
    cr_expect(read_bytes(words, sizeof(words)).reserves);
    cr_expect_not(read_bytes(words, 20).reserves);
}

Test(worker_executable, believes_no_header)
{
    char image[4096];
    FILE *file = fopen("/proc/self/exe", "r");
    cr_assert_not_null(file);
    cr_assert_eq(fread(image, 1, sizeof(image), file), sizeof(image));
    (void)fclose(file);
    for (size_t cut = 0; cut < 1024; cut += 13) {
        (void)read_bytes(image, cut);
    }
    srandom(7);
    for (int i = 0; i < 2000; i++) {
        char damaged[sizeof(image)];
        memcpy(damaged, image, sizeof(image));
        for (int k = 0; k < 3; k++) {
            damaged[16 + random() % 700] = (char)random();
        }
        struct rf_executable facts = read_bytes(damaged, sizeof(damaged));
        cr_assert(!facts.has_loader || memchr(facts.loader, '\0', sizeof(facts.loader)) != NULL);
    }
}
