/* SPDX-License-Identifier: MIT */
/* The table of checks. Each is one function; its row stands in the order in which they are made. */
#ifndef RF_CHECK_CHECKS_H
#define RF_CHECK_CHECKS_H

/**
 * Id, name, chapter of harness/docs/worker-protocol.md, what a program promises there, and the
 * function rf_check_… that tries it.
 *
 * Those down to `once` hold for every frame that a program writes: whichever check sees one of them
 * broken, it is that one that is told to be wrong (ask.h).
 */
#define RF_CHECKS(X)                                                                               \
    X(HELLO, "hello", "Hello", "answers HELLO with its descriptor, within ten seconds", hello)     \
    X(FRAMES, "frames", "Frames", "writes frames, and nothing else", frames)                       \
    X(ALIVE, "alive", "What goes wrong", "goes on as long as there is input", alive)               \
    X(FLUSH, "flush", "Frames", "hands over each answer before it waits for more input", flush)    \
    X(ANSWERS, "answers", "Frames", "answers every frame that is to be answered", answers)         \
    X(KINDS, "kinds", "Frames", "answers with the kind, status and payload that a frame asks for", \
      kinds)                                                                                       \
    X(NUMBERS, "numbers", "Frames", "an answer has the number of the frame that it answers",       \
      numbers)                                                                                     \
    X(ORDER, "order", "Frames", "answers in the order of the frames", order)                       \
    X(ONCE, "once", "Frames", "answers each frame once", once)                                     \
    X(APPLIED, "applied", "Folding", "counts the events that it applied", applied)                 \
    X(RECEIPT, "receipt", "Folding", "gives the receipt of the events that it applied", receipt)   \
    X(TEXT, "text", "Frames", "writes texts in UTF-8", text)                                       \
    X(STATE, "state", "Folding", "gives states as JSON, the same one each time", state)            \
    X(PURE, "pure", "Folding", "the same events give the same state, whatever was folded before",  \
      pure)                                                                                        \
    X(ENDED, "ended", "Folding", "answers END, also of an instance that is over", ended)           \
    X(PASSED, "passed-over", "Folding", "answers nothing but END once an instance is over",        \
      passed)                                                                                      \
    X(HELLO_MORE, "hello-more", "Hello", "takes members in HELLO that it does not know",           \
      hello_more)                                                                                  \
    X(HELLO_SAME, "hello-same", "Hello", "describes itself alike each time", hello_same)           \
    X(QUIET_END, "end-of-input", "What goes wrong",                                                \
      "ends with status 0 where its input ends between two frames", quiet_end)                     \
    X(EMPTY, "empty", "Folding", "folds instances without events, and EVENTS of none", empty)      \
    X(BATCHES, "batches", "Folding", "folds alike however events are put into frames", batches)    \
    X(TYPES, "types", "Folding", "hears TYPE between any two frames", types)                       \
    X(UNKNOWN, "unknown-type", "Folding", "refuses types that it does not name", unknown)          \
    X(RECORDS, "records", "Folding", "takes any time and version", records)                        \
    X(SIZES, "sizes", "Frames", "takes records and frames of all sizes", sizes)                    \
    X(HOSTILE_TEXT, "hostile-text", "Folding", "takes any JSON as data, or refuses it", odd_data)  \
    X(NO_JSON, "no-json", "Folding",                                                               \
      "neither hangs nor dies of data that is no JSON, which refold never sends", no_json)         \
    X(IDS, "ids", "Folding", "takes ids and names of all lengths", ids)                            \
    X(MANY, "many", "Folding", "folds many instances, of all its aggregates", many)                \
    X(HUGE, "huge", "Folding", "folds an instance of very many events", huge)                      \
    X(READS, "reads", "Frames", "takes thousands of frames that are sent ahead", reads)            \
    X(SPLIT, "split", "Frames", "takes frames in whatever pieces they come", split)                \
    X(SNAPSHOT, "snapshot", "Folding", "goes on from a snapshot as if it had folded its events",   \
      snapshot)                                                                                    \
    X(OTHER_SNAPSHOT, "other-snapshot", "Folding", "restores nothing of another shape",            \
      other_snapshot)                                                                              \
    X(COMMAND, "command", "Folding", "decides about commands, and leaves the state alone",         \
      command)                                                                                     \
    X(UNKNOWN_COMMAND, "unknown-command", "Folding",                                               \
      "has no answer to commands that it does not name", unknown_command)                          \
    X(IDENTIFY, "identify", "Identifying", "tells payloads of its own from others", identify)      \
    X(BAD_LETTERS, "bad-letters", "What goes wrong", "ends at a frame without the letters",        \
      bad_letters)                                                                                 \
    X(BAD_KIND, "bad-kind", "What goes wrong", "ends at a frame of an unknown kind", bad_kind)     \
    X(BAD_LENGTH, "bad-length", "What goes wrong", "ends at a frame that is too long", bad_length) \
    X(BAD_NUMBER, "bad-number", "What goes wrong", "ends at a number that is not the next",        \
      bad_number)                                                                                  \
    X(BAD_HELLO, "bad-hello", "What goes wrong", "ends where HELLO is not first, none, or again",  \
      bad_hello)                                                                                   \
    X(BAD_PROTOCOL, "bad-protocol", "Hello", "answers another protocol with its own, and ends",    \
      bad_protocol)                                                                                \
    X(BAD_PAYLOAD, "bad-payload", "What goes wrong", "ends at payloads too short or too long",     \
      bad_payload)                                                                                 \
    X(BAD_RECORD, "bad-record", "What goes wrong", "ends at records that are none", bad_record)    \
    X(BAD_FLAG, "bad-flag", "What goes wrong", "ends at flags that it does not know", bad_flag)    \
    X(BAD_TYPE, "bad-type", "What goes wrong",                                                     \
      "ends at a type's number out of turn, or not given", bad_type)                               \
    X(BAD_AGGREGATE, "bad-aggregate", "What goes wrong", "ends at an aggregate that it has not",   \
      bad_aggregate)                                                                               \
    X(BAD_PLACE, "bad-place", "What goes wrong",                                                   \
      "ends at frames outside or inside of an instance "                                           \
      "that do not belong there",                                                                  \
      bad_place)                                                                                   \
    X(BAD_END, "bad-end", "What goes wrong",                                                       \
      "ends with a status other than 0 where its input "                                           \
      "ends within a frame",                                                                       \
      bad_end)

enum rf_check_id {
#define RF_CHECK_ID_(id, name, chapter, promise, function) RF_CHECK_##id,
    RF_CHECKS(RF_CHECK_ID_)
#undef RF_CHECK_ID_
        RF_CHECK_COUNT_,
};

struct rf_check {
    const char *name;
    const char *chapter; /**< of harness/docs/worker-protocol.md */
    const char *promise;
};
extern const struct rf_check rf_checks[RF_CHECK_COUNT_];

#endif
