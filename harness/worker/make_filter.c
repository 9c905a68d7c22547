/* SPDX-License-Identifier: MIT */
/*
 * Run when refold is built: prints the seccomp filters of a worker (calls.h) as C, made by
 * libseccomp, and the names of all system calls. So neither refold nor a worker needs the library,
 * and a worker's start costs one system call.
 *
 *     make_filter filters     arrays, see sandbox.c
 *     make_filter call_names  an array of names by number, see tried.c
 */
#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "worker/protocol.h"
#include "worker/sandbox.h"

/* Numbers of system calls end far below; x32's begin far above. */
#define NUMBERS 1024

struct row {
    const char *call;
    bool limited; /* by the argument below */
    unsigned argument;
    scmp_datum_t mask;
    scmp_datum_t value;
    unsigned whose;
    bool limited_twice; /* by this argument too */
    unsigned other;
    scmp_datum_t other_value;
};

/* Who may make a call. */
enum { OBJECTS = 1, PROGRAMS = 2, RELAYS = 4 };

static const struct row rows[] = {
#define ALL                  ~(scmp_datum_t)0
#define ALWAYS(call, reason) {#call, false, 0, 0, 0, OBJECTS | PROGRAMS, false, 0, 0},
#define WHERE(call, argument, value, reason)                                                       \
    {#call, true, argument, ALL, value, OBJECTS | PROGRAMS, false, 0, 0},
#define BOTH(call, argument, value, other, other_value, reason)                                    \
    {#call, true, argument, ALL, value, OBJECTS | PROGRAMS, true, other, other_value},
#define PROGRAM(call, argument, mask, value, reason)                                               \
    {#call, (mask) != 0, argument, mask, value, PROGRAMS, false, 0, 0},
#define RELAY(call, reason) {#call, false, 0, 0, 0, RELAYS, false, 0, 0},
#include "worker/calls.h"
};

static void
check(int result, const char *what)
{
    if (result < 0) {
        (void)fprintf(stderr, "make_filter: %s: %s\n", what, strerror(-result));
        exit(1);
    }
}

static scmp_filter_ctx
begin(uint32_t otherwise)
{
    scmp_filter_ctx filter = seccomp_init(otherwise);
    check(filter == NULL ? -1 : 0, "seccomp_init");
    /* A binary search: what folding calls is found in eight steps. */
    (void)seccomp_attr_set(filter, SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return filter;
}

static void
allow(scmp_filter_ctx filter, const struct row *row)
{
    int call = seccomp_syscall_resolve_name(row->call);
    if (call == __NR_SCMP_ERROR) {
        return; /* newer than the library: it is asked for */
    }
    const struct scmp_arg_cmp where[] = {
        SCMP_CMP64(row->argument, SCMP_CMP_MASKED_EQ, row->mask, row->value & row->mask),
        SCMP_CMP64(row->other, SCMP_CMP_EQ, row->other_value),
    };
    unsigned count = row->limited_twice ? 2 : row->limited ? 1 : 0;
    check(seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, count, where), row->call);
}

static void
print(scmp_filter_ctx filter, const char *name)
{
    struct sock_filter code[4096];
    FILE *file = tmpfile();
    check(file == NULL ? -1 : 0, "tmpfile");
    check(seccomp_export_bpf(filter, fileno(file)), name);
    rewind(file);
    size_t count = fread(code, sizeof(code[0]), sizeof(code) / sizeof(code[0]), file);
    (void)fclose(file);
    printf("static const struct sock_filter %s[] = {\n", name);
    for (size_t i = 0; i < count; i++) {
        printf("    {%#x, %u, %u, %#x},\n", code[i].code, code[i].jt, code[i].jf, code[i].k);
    }
    printf("};\n");
    seccomp_release(filter);
}

static void
add_rows(scmp_filter_ctx filter, unsigned whose)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if ((rows[i].whose & whose) != 0) {
            allow(filter, &rows[i]);
        }
    }
}

static void
print_told(unsigned whose, const char *name)
{
    scmp_filter_ctx told = begin(SCMP_ACT_NOTIFY);
    add_rows(told, whose);
    print(told, name);
}

/* Without a listener nobody can tell what the loader opens from what the aggregate opens: until
 * it is loaded both may, and then, by a second filter, none. */
static const char *const loading[] = {"newfstatat", "stat",   "fstatat64", "stat64",
                                      "statx",      "access", "readlink"};

static void
allow_loading(scmp_filter_ctx filter)
{
    const scmp_datum_t writes = O_ACCMODE | O_CREAT | O_TRUNC;
    for (size_t i = 0; i < sizeof(loading) / sizeof(loading[0]); i++) {
        allow(filter, &(struct row){.call = loading[i]});
    }
    allow(filter, &(struct row){.call = "open", .limited = true, .argument = 1, .mask = writes});
    allow(filter, &(struct row){.call = "openat", .limited = true, .argument = 2, .mask = writes});
}

static void
print_untold(void)
{
    scmp_filter_ctx untold = begin(SCMP_ACT_ERRNO(1));
    add_rows(untold, OBJECTS);
    allow_loading(untold);
    allow(untold, &(struct row){.call = "seccomp"});
    print(untold, "untold_filter");
}

/* Of a program nothing of ours is left that could enter a second filter: what its loader may do, it
 * may do for good, and it may become once more what Landlock lets it execute. One without a loader
 * opens nothing. */
static void
print_program_untold(bool loads, const char *name)
{
    scmp_filter_ctx untold = begin(SCMP_ACT_ERRNO(1));
    add_rows(untold, PROGRAMS);
    if (loads) {
        allow_loading(untold);
    }
    allow(untold, &(struct row){.call = "execve"});
    check(seccomp_rule_add(untold, SCMP_ACT_ERRNO(38), seccomp_syscall_resolve_name("clone3"), 0),
          "clone3");
    print(untold, name);
}

static void
print_loaded(void)
{
    static const char *const others[] = {"open", "openat", "seccomp"};
    scmp_filter_ctx loaded = begin(SCMP_ACT_ALLOW);
    for (size_t i = 0; i < sizeof(loading) / sizeof(loading[0]); i++) {
        check(seccomp_rule_add(loaded, SCMP_ACT_ERRNO(13), seccomp_syscall_resolve_name(loading[i]),
                               0),
              loading[i]);
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        check(seccomp_rule_add(loaded, SCMP_ACT_ERRNO(13), seccomp_syscall_resolve_name(others[i]),
                               0),
              others[i]);
    }
    print(loaded, "loaded_filter");
}

static void
print_filters(void)
{
    print_told(OBJECTS, "told_filter");
    print_told(PROGRAMS, "program_told_filter");
    print_untold();
    print_program_untold(true, "program_untold_filter");
    print_program_untold(false, "static_untold_filter");
    print_loaded();
    scmp_filter_ctx relay = begin(SCMP_ACT_ERRNO(1));
    add_rows(relay, RELAYS);
    print(relay, "relay_filter");
}

static void
print_names(void)
{
    printf("static const char *const call_names[] = {\n");
    for (int number = 0; number < NUMBERS; number++) {
        char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE, number);
        if (name != NULL) {
            printf("    [%d] = \"%s\",\n", number, name);
        }
        free(name);
    }
    printf("};\n");
}

int
main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "filters") == 0) {
        print_filters();
    } else if (argc == 2 && strcmp(argv[1], "call_names") == 0) {
        print_names();
    } else {
        return 2;
    }
    return fflush(stdout) == 0 && !ferror(stdout) ? 0 : 1;
}
