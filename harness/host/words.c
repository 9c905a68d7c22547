/* SPDX-License-Identifier: MIT */
/* Last words: of what a worker prints, the sentence that tells why it ended. */
#include "host/words.h"

#include <ctype.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

/** A line, without its end. */
struct line {
    const char *text;
    size_t bytes;
};

static bool
begins(struct line line, const char *front)
{
    size_t bytes = strlen(front);
    return line.bytes >= bytes && memcmp(line.text, front, bytes) == 0;
}

static bool
holds(struct line line, const char *words)
{
    return memmem(line.text, line.bytes, words, strlen(words)) != NULL;
}

static bool
ends(struct line line, const char *back)
{
    size_t bytes = strlen(back);
    return line.bytes >= bytes && memcmp(line.text + line.bytes - bytes, back, bytes) == 0;
}

static struct line
without_blanks(struct line line)
{
    while (line.bytes > 0 && (*line.text == ' ' || *line.text == '\t')) {
        line.text++;
        line.bytes--;
    }
    return line;
}

static void
append(char text[RF_WORDS_BYTES], size_t *used, struct line more)
{
    size_t room = RF_WORDS_BYTES - *used;
    size_t part = more.bytes < room ? more.bytes : room;
    memcpy(text + *used, more.text, part);
    *used += part;
}

static void
append_text(char text[RF_WORDS_BYTES], size_t *used, const char *more)
{
    append(text, used, (struct line){more, strlen(more)});
}

/** "/path/order.go:41 +0x1d", "f() /path/order.cpp:7:3 (a+0x1)" to "order.go:41", "order.cpp:7". No
 * bytes where there is no such place in the line. */
static struct line
place_in(struct line line)
{
    const char *end = line.text + line.bytes;
    for (const char *colon = line.text; colon < end; colon++) {
        const char *last = colon + 1;
        while (last < end && isdigit((unsigned char)*last)) {
            last++;
        }
        if (*colon != ':' || last == colon + 1) {
            continue;
        }
        const char *first = colon;
        while (first > line.text && first[-1] != '/' && first[-1] != ' ' && first[-1] != '\t') {
            first--;
        }
        if (memchr(first, '.', (size_t)(colon - first)) != NULL) {
            return (struct line){first, (size_t)(last - first)};
        }
    }
    return (struct line){line.text, 0};
}

/** Whether a function of a stack is no one's own: Go's runtime or library, a C library's or a
 * sanitizer's. */
static bool
is_librarys(struct line function)
{
    static const char *const fronts[] = {
        "runtime.",   "runtime/", "panic(",    "internal/", "sync.",   "sync/", "time.",
        "reflect.",   "syscall.", "encoding/", "fmt.",      "errors.", "sort.", "strings.",
        "strconv.",   "bytes.",   "bufio.",    "io.",       "os.",     "math/", "regexp.",
        "container/", "context.", "refold.(",  "#0 __",
    };
    for (size_t i = 0; i < sizeof(fronts) / sizeof(fronts[0]); i++) {
        if (begins(function, fronts[i])) {
            return true;
        }
    }
    return false;
}

/* ---- the sentence ---------------------------------------------------------------------------- */

static void
set_last(struct rf_words *words, struct line line)
{
    words->last_bytes = 0;
    append(words->last, &words->last_bytes, line);
}

/** "thread 'main' (4711) panicked at": the number is another one each time. */
static void
set_rust_panic(struct rf_words *words, struct line line)
{
    const char *at = memmem(line.text, line.bytes, " panicked at ", strlen(" panicked at "));
    const char *number = memmem(line.text, line.bytes, "' (", strlen("' ("));
    bool goes_on = ends(line, ":");
    words->last_bytes = 0;
    if (number != NULL && number < at) {
        append(words->last, &words->last_bytes,
               (struct line){line.text, (size_t)(number + 1 - line.text)});
        line.bytes -= (size_t)(at - line.text);
        line.text = at;
    }
    append(words->last, &words->last_bytes, line);
    words->is = goes_on ? RF_WORDS_GOES_ON : RF_WORDS_SETTLED;
}

/** "SIGABRT: abort": Go's word for a signal that it was sent. */
static bool
is_go_signal(struct line line)
{
    size_t letters = 0;
    while (letters < line.bytes && isupper((unsigned char)line.text[letters])) {
        letters++;
    }
    return begins(line, "SIG") && letters > 3 && letters + 1 < line.bytes &&
           line.text[letters] == ':' && line.text[letters + 1] == ' ';
}

/** A line while no sentence stands. */
static void
take_plain(struct rf_words *words, struct line line)
{
    if (begins(line, "panic: ") || begins(line, "fatal error: ") || is_go_signal(line)) {
        set_last(words, line);
        words->is = RF_WORDS_PANIC;
    } else if (begins(line, "thread '") && holds(line, " panicked at ")) {
        set_rust_panic(words, line);
    } else if (begins(line, "memory allocation of ") && ends(line, " bytes failed")) {
        set_last(words, line);
        words->is = RF_WORDS_SETTLED;
    } else if (line.text[0] == ' ' && words->last_bytes > 0) {
        append(words->last, &words->last_bytes, line);
    } else {
        set_last(words, line);
    }
}

/** A line behind Go's sentence. */
static void
take_behind_panic(struct rf_words *words, struct line line)
{
    if (begins(line, "\tpanic: ")) { /* recovered, and raised again */
        append_text(words->last, &words->last_bytes, "; ");
        append(words->last, &words->last_bytes, without_blanks(line));
    } else if (begins(line, "goroutine ")) {
        words->is = RF_WORDS_STACK;
    } else if (begins(line, "panic: ") || begins(line, "fatal error: ")) {
        set_last(words, line);
    }
}

/** A line of Go's stack: a function, or below it its place. */
static void
take_frame(struct rf_words *words, struct line line)
{
    struct line place = place_in(line);
    if (line.text[0] != '\t') {
        words->own_frame = !is_librarys(line);
    } else if (words->own_frame && place.bytes > 0) {
        append_text(words->last, &words->last_bytes, ", at ");
        append(words->last, &words->last_bytes, place);
        words->is = RF_WORDS_SETTLED;
    }
}

static void
take_sentence(struct rf_words *words, struct line line)
{
    if (begins(line, "SUMMARY: ")) {
        set_last(words, line);
        words->is = RF_WORDS_SETTLED;
        return;
    }
    switch (words->is) {
    case RF_WORDS_LAST:
        take_plain(words, line);
        break;
    case RF_WORDS_PANIC:
        take_behind_panic(words, line);
        break;
    case RF_WORDS_STACK:
        take_frame(words, line);
        break;
    case RF_WORDS_GOES_ON:
        append_text(words->last, &words->last_bytes, " ");
        append(words->last, &words->last_bytes, line);
        words->is = RF_WORDS_SETTLED;
        break;
    case RF_WORDS_SETTLED:
        break;
    }
}

/* ---- a race ---------------------------------------------------------------------------------- */

/** "Write at 0x00c0 by goroutine 7:" to "write"; no bytes of another line. */
static struct line
access_in(struct line line)
{
    static const char *const kinds[] = {
        "Write",        "Read",        "Previous write",        "Previous read",
        "Atomic write", "Atomic read", "Previous atomic write", "Previous atomic read"};
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        struct line rest = {line.text + strlen(kinds[i]), line.bytes - strlen(kinds[i])};
        if (begins(line, kinds[i]) && (begins(rest, " at ") || begins(rest, " of size "))) {
            return (struct line){kinds[i], strlen(kinds[i])};
        }
    }
    return (struct line){line.text, 0};
}

static void
add_access(struct rf_words *words, struct line access)
{
    append_text(words->race, &words->race_bytes, words->accesses == 0 ? ": " : ", ");
    size_t first = words->race_bytes;
    append(words->race, &words->race_bytes, access);
    if (first < RF_WORDS_BYTES) {
        words->race[first] = (char)tolower((unsigned char)words->race[first]);
    }
    words->accesses++;
    words->placed = false;
    words->own_frame = false;
}

/** A line of the stack of an access: ThreadSanitizer has function and place in one, Go in two. */
static void
take_race_frame(struct rf_words *words, struct line line)
{
    struct line place = place_in(line);
    if (place.bytes == 0 || line.text[0] == '#') {
        words->own_frame = !is_librarys(line);
    }
    if (place.bytes > 0 && words->own_frame) {
        append_text(words->race, &words->race_bytes, " at ");
        append(words->race, &words->race_bytes, place);
        words->placed = true;
        words->race_whole = words->accesses == 2;
    }
}

/** A line of a race's report: who reads and writes, and with which stacks. */
static void
take_race(struct rf_words *words, struct line line)
{
    line = without_blanks(line);
    struct line access = access_in(line);
    if (access.bytes > 0) {
        add_access(words, access);
    } else if (begins(line, "=====") || begins(line, "SUMMARY: ") || holds(line, "created ")) {
        words->race_whole = true;
    } else if (words->accesses > 0 && !words->placed) {
        take_race_frame(words, line);
    }
}

static void
end_line(struct rf_words *words)
{
    struct line line = {words->line, words->line_bytes};
    words->line_bytes = 0;
    if (line.bytes == 0) {
        return;
    }
    words->final_bytes = 0;
    append(words->final, &words->final_bytes, line);
    if (words->race_bytes == 0 && (begins(line, "WARNING: DATA RACE") ||
                                   begins(line, "WARNING: ThreadSanitizer: data race"))) {
        append_text(words->race, &words->race_bytes, "data race");
    } else if (words->race_bytes > 0 && !words->race_whole) {
        take_race(words, line);
    } else {
        take_sentence(words, line);
    }
}

/* ---- the whole ------------------------------------------------------------------------------- */

void
rf_words_take(struct rf_words *words, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (bytes[i] == '\n') {
            end_line(words);
        } else if (words->line_bytes < sizeof(words->line)) {
            words->line[words->line_bytes++] = bytes[i];
        }
    }
}

void
rf_words_end(struct rf_words *words)
{
    end_line(words);
}

void
rf_words_begin_anew(struct rf_words *words)
{
    words->last_bytes = words->final_bytes = 0;
    words->is = RF_WORDS_LAST;
    if (words->race_bytes == 0) {
        words->line_bytes = 0;
    }
}

void
rf_words_forget(struct rf_words *words)
{
    *words = (struct rf_words){0};
}

void
rf_words_settle_on_final(struct rf_words *words)
{
    memcpy(words->last, words->final, words->final_bytes);
    words->last_bytes = words->final_bytes;
    words->is = RF_WORDS_SETTLED;
}

bool
rf_words_want_memory(const struct rf_words *words, int wait_status)
{
    static const struct {
        const char *front; /* … of the line: anyone may speak of memory in the midst of one */
        const char *back;
        int exit_status; /* or 0: SIGABRT */
    } sentences[] = {
        {"fatal error: out of memory", "", 2},          /* Go */
        {"fatal error: runtime: out of memory", "", 2}, /* the same */
        {"fatal error: runtime: cannot allocate memory", "", 2},
        {"fatal error: runtime: cannot reserve arena", "", 2},
        {"fatal error: failed to reserve page summary memory", "", 2},
        {"terminate called after throwing an instance of 'std::bad_alloc'", "", 0}, /* C++ */
        {"libc++abi: terminating due to uncaught exception of type std::bad_alloc", "", 0},
        {"libc++abi: terminating with uncaught exception of type std::bad_alloc", "", 0},
        {"memory allocation of ", " bytes failed", 0}, /* Rust */
    };
    struct line last = {words->last, words->last_bytes};
    for (size_t i = 0; i < sizeof(sentences) / sizeof(sentences[0]); i++) {
        int status = sentences[i].exit_status;
        bool ended_so = status == 0 ? WIFSIGNALED(wait_status) && WTERMSIG(wait_status) == SIGABRT
                                    : WIFEXITED(wait_status) && WEXITSTATUS(wait_status) == status;
        if (ended_so && begins(last, sentences[i].front) && ends(last, sentences[i].back)) {
            return true;
        }
    }
    return false;
}
