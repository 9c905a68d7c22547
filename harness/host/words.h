/* SPDX-License-Identifier: MIT */
/*
 * Last words: of what a worker prints, the sentence that tells why it ended.
 *
 * As a rule that is its last line. Runtimes print pages behind the sentence that matters:
 *
 *   Go           panic: …, fatal error: …        and stacks, whose first place of the program's
 *                                                own is told too: ", at order.go:41"
 *   Rust         thread 'main' panicked at …     over one line or two
 *   C++          terminate called …              and lines that go on, with a blank in front
 *   sanitizers   SUMMARY: …                      behind pages of addresses
 *
 * And a data race that a race detector (Go's -race, ThreadSanitizer) tells of, though the program
 * goes on.
 */
#ifndef RF_HOST_WORDS_H
#define RF_HOST_WORDS_H

#include <stdbool.h>
#include <stddef.h>

/** Of last words, which stand in a message; what is longer is cut. */
#define RF_WORDS_BYTES 400

/** What someone said, line by line. All zero is a valid beginning. */
struct rf_words {
    char line[RF_WORDS_BYTES]; /**< the one that is not at its end */
    size_t line_bytes;
    char final[RF_WORDS_BYTES]; /**< the last one that was */
    size_t final_bytes;
    char last[RF_WORDS_BYTES]; /**< the sentence so far */
    size_t last_bytes;
    enum {
        RF_WORDS_LAST,    /**< the last line, until something better comes */
        RF_WORDS_PANIC,   /**< Go's sentence: its stack may come */
        RF_WORDS_STACK,   /**< its stack */
        RF_WORDS_GOES_ON, /**< Rust's: the next line is its second half */
        RF_WORDS_SETTLED,
    } is;
    bool own_frame;            /**< the stack's function is not the runtime's */
    char race[RF_WORDS_BYTES]; /**< "data race: write at a.go:12, previous read at b.go:7"; or empty
                                */
    size_t race_bytes;
    int accesses;    /**< told of in it */
    bool placed;     /**< where the last of these was */
    bool race_whole; /**< all of it was said */
};

void rf_words_take(struct rf_words *words, const char *bytes, size_t count);

/** No more comes: a line without an end is one too. */
void rf_words_end(struct rf_words *words);

/** Something else begins. What was told of a race stays: whoever was told of it in the middle must
 * not lose it. */
void rf_words_begin_anew(struct rf_words *words);

/** Someone else speaks from here on: what was told of a race goes, too. */
void rf_words_forget(struct rf_words *words);

/** From here on the last line is the sentence, whatever it is: relay_end.h. */
void rf_words_settle_on_final(struct rf_words *words);

/** Whether the sentence is a runtime's that got no memory, and the program ended as that runtime
 * ends it: each has its own. Anyone can say so: what hangs on it wants better evidence too. */
bool rf_words_want_memory(const struct rf_words *words, int wait_status);

#endif
