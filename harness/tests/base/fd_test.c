/* SPDX-License-Identifier: MIT */
/* Whole reads and writes. */
#include "base/fd.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define MANY ((size_t)1 << 20)

static void
ignore(int number)
{
    (void)number;
}

/* Signals that end system calls early, as long as the test runs. */
static void
disturb(void)
{
    struct sigaction action = {.sa_handler = ignore};
    struct itimerval often = {{0, 500}, {0, 500}};
    cr_assert(sigaction(SIGALRM, &action, NULL) == 0 && setitimer(ITIMER_REAL, &often, NULL) == 0);
}

static void *
write_many(void *context)
{
    static char bytes[MANY];
    for (size_t i = 0; i < MANY; i++) {
        bytes[i] = (char)(i % 251);
    }
    /* A pipe holds 64 KiB: this is many writes. */
    cr_assert(rf_fd_write(*(int *)context, bytes, MANY));
    (void)close(*(int *)context);
    return NULL;
}

Test(fd, writes_and_reads_all_through_a_pipe_that_holds_less)
{
    static char bytes[MANY + 1];
    int tube[2];
    pthread_t writer;
    size_t got;
    disturb();
    cr_assert(pipe(tube) == 0);
    cr_assert(pthread_create(&writer, NULL, write_many, &tube[1]) == 0);
    cr_assert(rf_fd_read(tube[0], bytes, 1000, &got));
    cr_expect_eq(got, 1000);
    cr_assert(rf_fd_read(tube[0], bytes + 1000, MANY + 1 - 1000, &got));
    cr_expect_eq(got, MANY - 1000, "all there is, and no more");
    for (size_t i = 0; i < MANY; i++) {
        cr_assert_eq(bytes[i], (char)(i % 251), "byte %zu", i);
    }
    cr_assert(pthread_join(writer, NULL) == 0);
    (void)close(tube[0]);
}

Test(fd, works_at_an_offset_wherever_the_descriptor_stands)
{
    FILE *file = tmpfile();
    int fd = fileno(file);
    char bytes[16] = "";
    size_t got;
    cr_assert(rf_fd_write_at(fd, "world", 5, 6) && rf_fd_write_at(fd, "hello ", 6, 0));
    cr_expect_eq(lseek(fd, 0, SEEK_CUR), 0);
    cr_assert(rf_fd_read_at(fd, bytes, 5, 6, &got));
    cr_expect(got == 5 && memcmp(bytes, "world", 5) == 0);
    cr_assert(rf_fd_read_at(fd, bytes, sizeof(bytes), 0, &got));
    cr_expect(got == 11 && memcmp(bytes, "hello world", 11) == 0);
    cr_assert(rf_fd_read_at(fd, bytes, 1, 11, &got));
    cr_expect_eq(got, 0);
    (void)fclose(file);
}

Test(fd, tells_errors)
{
    char byte = 0;
    size_t got;
    int fd = open("/dev/null", O_RDONLY);
    cr_expect(!rf_fd_write(fd, &byte, 1) && errno == EBADF);
    cr_expect(!rf_fd_write_at(fd, &byte, 1, 0) && errno == EBADF);
    (void)close(fd);
    cr_expect(!rf_fd_read(fd, &byte, 1, &got) && errno == EBADF);
    cr_expect(!rf_fd_read_at(fd, &byte, 1, 0, &got) && errno == EBADF);
    cr_expect(rf_fd_write(fd, NULL, 0), "nothing is always written");
    fd = open("/dev/full", O_WRONLY);
    cr_expect(fd < 0 || (!rf_fd_write(fd, &byte, 1) && errno == ENOSPC));
    (void)close(fd);
}
