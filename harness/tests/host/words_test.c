/* SPDX-License-Identifier: MIT */
/* The texts are as Go 1.19, rustc 1.63 and 1.95, g++ 12 and their race detectors print them. */
#include "host/words.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>

#include <criterion/criterion.h>

/** Takes a text in pieces of `cut` bytes. */
static struct rf_words
read_words(const char *text, size_t cut)
{
    struct rf_words words = {0};
    for (size_t at = 0; at < strlen(text); at += cut) {
        size_t left = strlen(text) - at;
        rf_words_take(&words, text + at, left < cut ? left : cut);
    }
    rf_words_end(&words);
    return words;
}

static const char *
last_of(const char *text, size_t cut)
{
    static char last[RF_WORDS_BYTES + 1];
    struct rf_words words = read_words(text, cut);
    (void)snprintf(last, sizeof(last), "%.*s", (int)words.last_bytes, words.last);
    return last;
}

static const char *
race_of(const char *text, size_t cut)
{
    static char race[RF_WORDS_BYTES + 1];
    struct rf_words words = read_words(text, cut);
    (void)snprintf(race, sizeof(race), "%.*s", (int)words.race_bytes, words.race);
    return race;
}

#define EXPECT_LAST(text, wanted)                                                                  \
    do {                                                                                           \
        cr_expect_str_eq(last_of((text), 1000), (wanted));                                         \
        cr_expect_str_eq(last_of((text), 1), (wanted));                                            \
    } while (0)

Test(host_words, tells_the_last_line_where_nothing_is_better)
{
    EXPECT_LAST("", "");
    EXPECT_LAST("one\n\ntwo\n\n", "two");
    EXPECT_LAST("one\nno end", "no end");
}

Test(host_words, tells_gos_panic_with_its_own_place)
{
    EXPECT_LAST("folding\npanic: runtime error: index out of range [3] with length 2\n\n"
                "goroutine 18 [running]:\nencoding/json.f()\n\tencoding/json/x.go:1 +0x1\n"
                "main.apply(...)\n\t/home/x/my orders/order.go:41 +0x1d\nmain.main()\n"
                "\t/home/x/main.go:7 +0x25\n",
                "panic: runtime error: index out of range [3] with length 2, at order.go:41");
    EXPECT_LAST("panic: first [recovered]\n\tpanic: second\n\ngoroutine 1 [running]:\n"
                "panic({0x45, 0x46})\n\t/usr/lib/go-1.19/src/runtime/panic.go:884 +0x212\n"
                "orders/fold.(*T).On(0x1)\n\torders/fold/on.go:9 +0x5\nexit status 2\n",
                "panic: first [recovered]; panic: second, at on.go:9");
    EXPECT_LAST("panic: of\ntwo lines\n\ngoroutine 1 [running]:\nruntime.f()\n\ta/b.go:1 +0x1\n",
                "panic: of");
}

Test(host_words, tells_what_gos_runtime_ends_with)
{
    EXPECT_LAST("fatal error: all goroutines are asleep - deadlock!\n\n"
                "goroutine 1 [semacquire]:\nsync.runtime_SemacquireMutex(0x0, 0x0, 0x0)\n"
                "\t/usr/lib/go-1.19/src/runtime/sema.go:77 +0x26\nsync.(*Mutex).Lock(...)\n"
                "\t/usr/lib/go-1.19/src/sync/mutex.go:90\nmain.main()\n\t/x/main.go:9 +0x5\n",
                "fatal error: all goroutines are asleep - deadlock!, at main.go:9");
    EXPECT_LAST("SIGABRT: abort\nPC=0x45 m=0 sigcode=0\n\ngoroutine 0 [idle]:\nruntime.futex()\n"
                "\t/x/sys.s:5 +0x2\n\ngoroutine 1 [running]:\nmain.f()\n\t/x/a.go:3 +0x1\n\n"
                "rax    0x0\n",
                "SIGABRT: abort, at a.go:3");
}

Test(host_words, tells_rusts_panic_in_one_line)
{
    EXPECT_LAST("thread 'main' panicked at 'boom', src/main.rs:4:5\n"
                "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
                "thread 'main' panicked at 'boom', src/main.rs:4:5");
    EXPECT_LAST("\nthread 'main' (24145) panicked at src/main.rs:4:5:\nboom: it is out\n"
                "note: run with `RUST_BACKTRACE=1` environment variable to display a backtrace\n",
                "thread 'main' panicked at src/main.rs:4:5: boom: it is out");
    EXPECT_LAST("\nthread 'main' has overflowed its stack\nfatal runtime error: stack overflow\n",
                "fatal runtime error: stack overflow");
}

Test(host_words, joins_what_goes_on)
{
    EXPECT_LAST("terminate called after throwing an instance of 'std::runtime_error'\n"
                "  what():  boom\n",
                "terminate called after throwing an instance of 'std::runtime_error'  what():  "
                "boom");
}

Test(host_words, knows_who_got_no_memory)
{
    const int two = 2 << 8; /* exit status 2, as wait(2) has it */
    static const char cpp[] = "terminate called after throwing an instance of 'std::bad_alloc'\n"
                              "  what():  std::bad_alloc\n";
    const struct {
        const char *text;
        int status;
        bool wants;
    } cases[] = {
        {"runtime: out of memory: cannot allocate 1-byte block\nfatal error: out of memory\n\n",
         two, true},
        {"fatal error: runtime: out of memory\n\ngoroutine 1 [running]:\nmain.f()\n\ta/b.go:1\n",
         two, true},
        {"fatal error: runtime: cannot allocate memory\n", two, true},
        {cpp, SIGABRT, true},
        {"memory allocation of 1099511627776 bytes failed\n", SIGABRT, true},
        {"", two, false},
        {"out of memory? no\n", two, false},
        {"panic: out of memory\n", two, false},
        {"fatal error: fault\n", two, false},
        {"memory allocation of 1 bytes\n", SIGABRT, false},
        /* In the midst of a line. */
        {"order 7: fatal error: out of memory\n", two, false},
        {"corrupted state: caught std::bad_alloc earlier\n", SIGABRT, false},
        {"std::bad_alloc\n", SIGABRT, false},
        /* With another end than that runtime's. */
        {"fatal error: out of memory\n", 1 << 8, false},
        {"fatal error: out of memory\n", SIGSEGV, false},
        {cpp, SIGSEGV, false},
        {cpp, two, false},
        {"memory allocation of 1099511627776 bytes failed\n", two, false},
        {"memory allocation of 1099511627776 bytes failed\n", 0, false},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rf_words words = read_words(cases[i].text, 7);
        cr_expect_eq(rf_words_want_memory(&words, cases[i].status), cases[i].wants, "%d: %s",
                     cases[i].status, cases[i].text);
    }
}

static const char go_race[] =
    "==================\nWARNING: DATA RACE\nRead at 0x00c0000ac008 by goroutine 7:\n"
    "  main.touch()\n      /tmp/race/main.go:11 +0x76\n  main.main.func1()\n"
    "      /tmp/race/main.go:18 +0x18\n\nPrevious write at 0x00c0000ac008 by goroutine 8:\n"
    "  sync.f()\n      /usr/lib/go/src/sync/f.go:1 +0x1\n  main.touch()\n"
    "      refold/race/main.go:12 +0x88\n\nGoroutine 7 (running) created at:\n  main.main()\n"
    "      /tmp/race/main.go:18 +0x8d\n==================\n";

static const char tsan_race[] =
    "==================\nWARNING: ThreadSanitizer: data race (pid=4711)\n"
    "  Write of size 4 at 0x55d0 by thread T1:\n    #0 touch() /tmp/race.cpp:5:3 (race+0x1)\n\n"
    "  Previous write of size 4 at 0x55d0 by main thread:\n"
    "    #0 __tsan_memcpy <null> (race+0x2)\n    #1 main /tmp/race.cpp:9:3 (race+0x3)\n\n"
    "SUMMARY: ThreadSanitizer: data race /tmp/race.cpp:5:3 in touch()\n==================\n";

Test(host_words, tells_where_a_race_is)
{
    static const char go[] = "data race: read at main.go:11, previous write at main.go:12";
    cr_expect_str_eq(race_of(go_race, 1000), go);
    cr_expect_str_eq(race_of(go_race, 1), go);
    cr_expect_str_eq(race_of(tsan_race, 9),
                     "data race: write at race.cpp:5, previous write at race.cpp:9");
    cr_expect_str_eq(race_of("WARNING: DATA RACE\nWrite at 0x1 by goroutine 7:\n"
                             "  [failed to restore the stack]\n\nPrevious read at 0x1 by main "
                             "goroutine:\n  [failed to restore the stack]\n====\n",
                             5),
                     "data race: write, previous read");
    cr_expect_str_eq(race_of("no race\n", 3), "");
}

Test(host_words, keeps_a_race_that_something_else_begins_in)
{
    struct rf_words words = {0};
    rf_words_take(&words, go_race, 100);
    cr_expect_not(words.race_whole);
    rf_words_begin_anew(&words);
    rf_words_take(&words, go_race + 100, sizeof(go_race) - 101);
    cr_expect(words.race_whole);
    cr_expect_eq(words.accesses, 2);
}

Test(host_words, forgets_all_where_another_speaks)
{
    struct rf_words words = {0};
    rf_words_take(&words, go_race, 100); /* in the midst of a line */
    rf_words_forget(&words);
    rf_words_take(&words, "one\n", 4);
    rf_words_end(&words);
    cr_expect(words.race_bytes == 0 && words.accesses == 0 && !words.race_whole);
    cr_expect(words.last_bytes == 3 && memcmp(words.last, "one", 3) == 0);
}

Test(host_words, cuts_what_is_longer_than_its_room)
{
    char text[3 * RF_WORDS_BYTES];
    memset(text, 'x', sizeof(text));
    memcpy(text, "panic: ", 7);
    struct rf_words words = {0};
    for (int i = 0; i < 5; i++) {
        rf_words_take(&words, text, sizeof(text));
        rf_words_take(&words, "\n\tpanic: \n", 10);
    }
    rf_words_end(&words);
    cr_expect_eq(words.last_bytes, RF_WORDS_BYTES);
}

Test(host_words, takes_the_last_line_where_it_is_told_to)
{
    struct rf_words words = read_words("panic: no\nit said this\n", 4);
    rf_words_settle_on_final(&words);
    cr_expect_eq(words.last_bytes, strlen("it said this"));
    cr_expect_eq(memcmp(words.last, "it said this", words.last_bytes), 0);
}
