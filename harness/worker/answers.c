/* SPDX-License-Identifier: MIT */
/* The worker's end of the protocol: commands in; notices and the stream of answers out. */
#include "worker/answers.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"

#define STATUS_OWN_FAILURE 3

_Noreturn void
rf_worker_fail(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    (void)fprintf(stderr, "refold-worker: ");
    (void)vfprintf(stderr, format, args);
    (void)fprintf(stderr, "\n");
    va_end(args);
    /* Not exit: nothing that the plugin registered is to run. */
    _exit(STATUS_OWN_FAILURE);
}

/* ---- commands and notices -------------------------------------------------------------------- */

void
rf_notice_send(uint32_t kind, uint64_t number, uint64_t value)
{
    struct rf_notice notice = {.kind = kind, .number = number, .value = value};
    if (!rf_fd_write(RF_FD_NOTICES, &notice, sizeof(notice))) {
        rf_worker_fail("cannot write a notice: %s", strerror(errno));
    }
}

/* False at the end of the commands: the host closed them, or is gone. */
static bool
read_command(struct rf_command *ret)
{
    size_t got;
    if (!rf_fd_read(RF_FD_COMMANDS, ret, sizeof(*ret), &got)) {
        rf_worker_fail("cannot read a command: %s", strerror(errno));
    }
    return got == sizeof(*ret);
}

static void
add_credit(struct rf_answers *answers)
{
    answers->free_slots++;
    if (answers->free_slots > RF_ANSWER_SLOTS) {
        rf_worker_fail("the host gives credit for more than %d slots", RF_ANSWER_SLOTS);
    }
}

/* Waits until a slot may be begun. */
static void
wait_for_credit(struct rf_answers *answers)
{
    while (answers->free_slots == 0) {
        struct rf_command command;
        if (!read_command(&command) || command.kind == RF_COMMAND_QUIT) {
            _exit(0);
        }
        if (command.kind != RF_COMMAND_CREDIT) {
            rf_worker_fail("command %u in the middle of a batch", command.kind);
        }
        add_credit(answers);
    }
}

bool
rf_answers_next_batch(struct rf_answers *answers, struct rf_command *ret)
{
    for (;;) {
        if (!read_command(ret) || ret->kind == RF_COMMAND_QUIT) {
            return false;
        }
        if (ret->kind == RF_COMMAND_FOLD) {
            return true;
        }
        if (ret->kind != RF_COMMAND_CREDIT) {
            rf_worker_fail("command %u is unknown", ret->kind);
        }
        add_credit(answers);
    }
}

/* ---- the stream ------------------------------------------------------------------------------ */

void
rf_answers_open(struct rf_answers *answers)
{
    size_t bytes = (size_t)(RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES);
    void *slots = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_SHARED, RF_FD_ANSWERS, 0);
    if (slots == MAP_FAILED) {
        rf_worker_fail("cannot map the answer file: %s", strerror(errno));
    }
    (void)close(RF_FD_ANSWERS);
    *answers = (struct rf_answers){.slots = slots, .free_slots = RF_ANSWER_SLOTS};
}

/* Hands the slot in use over, and goes on in the next one. */
static void
hand_over(struct rf_answers *answers)
{
    rf_notice_send(RF_NOTICE_SLOT, answers->slot, answers->used_bytes);
    answers->slot++;
    answers->used_bytes = 0;
}

static void
put_bytes(struct rf_answers *answers, const void *bytes, size_t count)
{
    const char *from = bytes;
    while (count > 0) {
        if (answers->used_bytes == 0) {
            wait_for_credit(answers);
            answers->free_slots--;
        }
        size_t room = (size_t)(RF_ANSWER_SLOT_BYTES - answers->used_bytes);
        size_t part = count < room ? count : room;
        memcpy(answers->slots + answers->slot % RF_ANSWER_SLOTS * RF_ANSWER_SLOT_BYTES +
                   answers->used_bytes,
               from, part);
        answers->used_bytes += part;
        from += part;
        count -= part;
        if (part == room) {
            hand_over(answers);
        }
    }
}

void
rf_answers_send(struct rf_answers *answers, const struct rf_answer *answer,
                const struct rf_buf *text)
{
    static const char padding[8] = {0};
    const char *bytes = text->used == 0 ? padding : text->bytes;
    struct rf_answer whole = *answer;
    whole.magic = RF_ANSWER_MAGIC;
    whole.text_bytes = (uint32_t)text->used;
    whole.sequence = answers->sequence++;
    whole.checksum = rf_answer_checksum(&whole, bytes);
    put_bytes(answers, &whole, sizeof(whole));
    put_bytes(answers, bytes, text->used);
    put_bytes(answers, padding, (8 - text->used % 8) % 8);
}

void
rf_answers_end_batch(struct rf_answers *answers, uint64_t batch)
{
    if (answers->used_bytes > 0) {
        hand_over(answers);
    }
    (void)fflush(stdout); /* what the aggregate printed: the process ends without exit() */
    rf_notice_send(RF_NOTICE_BATCH, batch, 0);
}
