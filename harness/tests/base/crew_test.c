/* SPDX-License-Identifier: MIT */
/* A crew does each part once, and ends as it promises. */
#include <criterion/criterion.h>
#include <sched.h>

#include "base/crew.h"

TestSuite(crew, .timeout = 30);

#define PARTS   1000
#define MEMBERS 4

struct member {
    atomic_int *done; /**< for each part: how often */
    size_t bad;       /**< the part that fails, or PARTS */
    rf_code code;     /**< with which */
    int left;
    int parts_behind; /**< parts that came after `leave` */
    atomic_bool *stop;
};

static rf_code
work(void *context, size_t part, struct rf_err *reterr)
{
    struct member *member = context;
    member->parts_behind += member->left > 0;
    atomic_fetch_add(&member->done[part], 1);
    if (member->stop != NULL && part == PARTS / 2) {
        atomic_store(member->stop, true);
    }
    return part == member->bad ? rf_fail(reterr, member->code, "part", "bad") : RF_OK;
}

static void
leave(void *context)
{
    ((struct member *)context)->left++;
}

static rf_code
run(size_t bad, rf_code code, atomic_bool *stop, atomic_int done[PARTS], struct rf_err *reterr)
{
    struct member members[MEMBERS];
    for (size_t i = 0; i < MEMBERS; i++) {
        members[i] = (struct member){.done = done, .bad = bad, .code = code, .stop = stop};
    }
    struct rf_crew_job job = {.part_count = PARTS, .work = work, .leave = leave, .stop = stop};
    rf_code got = rf_crew_run(&job, members, sizeof(members[0]), MEMBERS, reterr);
    for (size_t i = 0; i < MEMBERS; i++) {
        cr_expect_eq(members[i].left, 1, "each member leaves once");
        cr_expect_eq(members[i].parts_behind, 0);
    }
    return got;
}

static size_t
count_done(atomic_int done[PARTS])
{
    size_t count = 0;
    for (size_t i = 0; i < PARTS; i++) {
        cr_expect(atomic_load(&done[i]) <= 1, "part %zu was done twice", i);
        count += atomic_load(&done[i]) == 1;
    }
    return count;
}

Test(crew, does_each_part_once)
{
    static atomic_int done[PARTS];
    struct rf_err err;
    cr_assert_eq(run(PARTS, RF_OK, NULL, done, &err), RF_OK);
    cr_assert_eq(count_done(done), PARTS);
}

Test(crew, ends_with_what_failed)
{
    static atomic_int done[PARTS];
    struct rf_err err;
    cr_assert_eq(run(3, RF_ERR_CORRUPT, NULL, done, &err), RF_ERR_CORRUPT);
    cr_assert_str_eq(err.text, "bad");
    cr_assert_lt(count_done(done), PARTS);
}

Test(crew, is_stopped)
{
    static atomic_int done[PARTS];
    atomic_bool stop = false;
    struct rf_err err;
    cr_assert_eq(run(PARTS, RF_OK, &stop, done, &err), RF_ERR_INTERRUPTED);
    cr_assert_lt(count_done(done), PARTS);
}

Test(crew, says_what_failed_rather_than_that_it_was_stopped)
{
    static atomic_int done[PARTS];
    atomic_bool stop = false;
    struct rf_err err;
    cr_assert_eq(run(PARTS / 2, RF_ERR_INTERNAL, &stop, done, &err), RF_ERR_INTERNAL);
}

Test(crew, does_nothing_of_nothing)
{
    struct member member = {0};
    struct rf_crew_job job = {.work = work};
    struct rf_err err;
    cr_assert_eq(rf_crew_run(&job, &member, sizeof(member), 1, &err), RF_OK);
}

/** Part 0 fails once part 1 has failed. */
static rf_code
fail_late(void *context, size_t part, struct rf_err *reterr)
{
    static atomic_bool second_failed;
    (void)context;
    while (part == 0 && !atomic_load(&second_failed)) {
        (void)sched_yield();
    }
    rf_code code = rf_fail(reterr, part == 0 ? RF_ERR_CORRUPT : RF_ERR_SOURCE, "part", "%zu", part);
    if (part == 1) {
        atomic_store(&second_failed, true);
    }
    return code;
}

Test(crew, tells_the_first_part_that_failed_not_the_first_failure)
{
    int members[2];
    struct rf_crew_job job = {.part_count = 2, .work = fail_late};
    struct rf_err err;
    cr_assert_eq(rf_crew_run(&job, members, sizeof(members[0]), 2, &err), RF_ERR_CORRUPT);
    cr_assert_str_eq(err.text, "0");
}
