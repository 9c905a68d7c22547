/* SPDX-License-Identifier: MIT */
/* How fast servers are asked, by a clock that the test turns. */
#include "net/pace.h"

#include <criterion/criterion.h>

static struct rf_pace
make(struct rf_net_options options)
{
    struct rf_pace pace;
    rf_pace_init(&pace, &options, 1, 42);
    return pace;
}

Test(pace, requests_of_a_second_are_as_many_as_are_allowed)
{
    struct rf_pace pace = make((struct rf_net_options){.requests_per_second = 50});
    int64_t now = 1000000;
    int begun = 0;
    for (int64_t end = now + 10000; now < end; now++) {
        while (rf_pace_begin_ms(&pace, now) <= now) {
            rf_pace_begin(&pace, true);
            begun++;
        }
    }
    cr_expect_geq(begun, 495);
    cr_expect_leq(begun, 506);
}

Test(pace, the_time_that_is_told_is_when_one_may_begin)
{
    struct rf_pace pace = make((struct rf_net_options){.requests_per_second = 0.5});
    int64_t now = 1000000;
    cr_expect_eq(rf_pace_begin_ms(&pace, now), now);
    rf_pace_begin(&pace, true);
    int64_t due = rf_pace_begin_ms(&pace, now);
    cr_expect_geq(due, now + 2000);
    cr_expect_leq(due, now + 2001);
    cr_expect_eq(rf_pace_begin_ms(&pace, due), due);
}

Test(pace, bytes_of_a_second_are_as_many_as_are_allowed)
{
    struct rf_pace pace = make((struct rf_net_options){.bytes_per_second = 1000000});
    int64_t now = 1000000;
    uint64_t received = 0;
    for (int64_t end = now + 10000; now < end; now++) {
        while (rf_pace_receive_ms(&pace, now) <= now) {
            rf_pace_receive(&pace, 65536);
            received += 65536;
        }
    }
    cr_expect_geq(received, 9900000);
    cr_expect_leq(received, 10000000 + 100000 + 65536);
    cr_expect_eq(pace.bytes, received);
}

Test(pace, a_wave_of_overload_halves_what_runs_and_counts_once)
{
    struct rf_pace pace = make((struct rf_net_options){.connections = 32});
    int64_t now = 1000000;
    for (int i = 0; i < 32; i++) {
        rf_pace_overloaded(&pace, now + i, now - 10);
    }
    cr_expect_eq(rf_pace_limit(&pace), 16);
    cr_expect_eq(rf_pace_begin_ms(&pace, now + 40), now + 40, "the first wave closes nothing");
    rf_pace_overloaded(&pace, now + 100, now + 50);
    cr_expect_eq(rf_pace_limit(&pace), 8);
    for (int i = 0; i < 10; i++) {
        rf_pace_overloaded(&pace, now + 200 + i, now + 200 + i);
    }
    cr_expect_eq(rf_pace_limit(&pace), 1);
    for (int i = 0; i < 600; i++) {
        rf_pace_well(&pace);
    }
    cr_expect_eq(rf_pace_limit(&pace), 32, "and no more than was asked for");
}

Test(pace, from_the_second_wave_on_all_wait_at_random_up_to_fifteen_seconds)
{
    int64_t longest = 0;
    int zeros = 0;
    for (uint64_t seed = 0; seed < 2000; seed++) {
        struct rf_pace pace;
        rf_pace_init(&pace, &(struct rf_net_options){0}, 1, seed);
        int64_t now = 1000000;
        for (int i = 1; i <= 8; i++) {
            now += 1;
            rf_pace_overloaded(&pace, now, now);
        }
        int64_t wait = rf_pace_begin_ms(&pace, now) - now;
        longest = wait > longest ? wait : longest;
        zeros += wait < 1500;
    }
    cr_expect_leq(longest, 15000);
    cr_expect_geq(longest, 14500);
    cr_expect(zeros > 150 && zeros < 250, "a tenth of them within a tenth: %d", zeros);
}

Test(pace, retries_are_never_more_than_twice_the_first_requests)
{
    struct rf_pace pace = make((struct rf_net_options){0});
    rf_pace_begin(&pace, true);
    for (int i = 0; i < 4; i++) {
        cr_expect(rf_pace_may_retry(&pace));
        rf_pace_begin(&pace, false);
    }
    cr_expect_not(rf_pace_may_retry(&pace), "of one request four, and of three six");
    rf_pace_begin(&pace, true);
    cr_expect_not(rf_pace_may_retry(&pace));
    rf_pace_begin(&pace, true);
    cr_expect(rf_pace_may_retry(&pace));
}

Test(pace, pauses_have_full_jitter_and_double)
{
    struct rf_pace pace = make((struct rf_net_options){0});
    static const int64_t mosts[] = {0, 1000, 2000, 4000, 8000, 16000, 20000, 20000};
    for (int tries = 1; tries < 8; tries++) {
        int64_t sum = 0;
        for (int i = 0; i < 4000; i++) {
            int64_t pause = rf_pace_pause_ms(&pace, tries);
            cr_assert(pause >= 0 && pause <= mosts[tries]);
            sum += pause;
        }
        int64_t mean = sum / 4000;
        cr_expect(mean > mosts[tries] * 45 / 100 && mean < mosts[tries] * 55 / 100, "%d: %lld",
                  tries, (long long)mean);
    }
}

Test(pace, what_is_used_up_is_named)
{
    struct rf_pace pace = make((struct rf_net_options){.max_requests = 2, .max_bytes = 2048});
    char text[RF_PACE_OPTION_BYTES];
    cr_expect_not(rf_pace_forbids(&pace, 1, 0, text));
    rf_pace_begin(&pace, true);
    cr_expect_not(rf_pace_forbids(&pace, 1, 0, text));
    rf_pace_begin(&pace, false);
    cr_expect(rf_pace_forbids(&pace, 1, 0, text));
    cr_expect_str_eq(text, "--max-requests 2");
    rf_pace_receive(&pace, 1024);
    cr_expect_not(rf_pace_forbids(&pace, 0, 1024, text));
    cr_expect(rf_pace_forbids(&pace, 0, 1025, text));
    cr_expect_str_eq(text, "--max-bytes 2K");
}
