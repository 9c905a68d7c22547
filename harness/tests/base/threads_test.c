/* SPDX-License-Identifier: MIT */
/* Crews of threads. */
#include "base/threads.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>

struct member {
    atomic_int *present;
    int calls;
    int crew;
    pthread_t thread;
};

/** Ends only once all are there: they run at the same time. */
static void *
meet(void *context)
{
    struct member *member = context;
    member->calls++;
    member->thread = pthread_self();
    atomic_fetch_add(member->present, 1);
    while (atomic_load(member->present) < member->crew) {
        (void)sched_yield();
    }
    return NULL;
}

Test(threads, all_run_at_once_each_with_its_own_context)
{
    for (int crew = 1; crew <= 9; crew += 4) {
        struct member members[9] = {0};
        atomic_int present = 0;
        for (int i = 0; i < crew; i++) {
            members[i] = (struct member){.present = &present, .crew = crew};
        }
        cr_expect_eq(rf_threads_run(meet, members, sizeof(members[0]), (size_t)crew), crew);
        for (int i = 0; i < 9; i++) {
            cr_expect_eq(members[i].calls, i < crew ? 1 : 0);
        }
        cr_expect(pthread_equal(members[0].thread, pthread_self()), "the first is the caller's");
    }
}
