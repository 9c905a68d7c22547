/* SPDX-License-Identifier: MIT */
/* A speaker of the worker protocol for a shared object: so far its hello, and identify. */
#include "worker/speak.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "program/frame.h"
#include "worker/answers.h"
#include "worker/identify.h"

struct speaker {
    const struct rf_plugin *plugin;
    int output; /* where standard output was */
    struct rf_buf payload;
    struct rf_buf answer;
};

/* The next frame, and its payload. False at the end. */
static bool
hear(struct speaker *speaker, struct rf_talk_frame *ret)
{
    char header[RF_FRAME_HEADER_BYTES];
    size_t got;
    if (!rf_fd_read(STDIN_FILENO, header, sizeof(header), &got)) {
        rf_worker_fail("cannot read a frame: %s", strerror(errno));
    }
    if (got == 0) {
        return false;
    }
    if (got < sizeof(header) || !rf_talk_frame_read(header, ret) ||
        ret->bytes > RF_FRAME_PAYLOAD_BYTES) {
        rf_worker_fail("what came is no frame");
    }
    rf_buf_clear(&speaker->payload);
    rf_buf_reserve(&speaker->payload, ret->bytes);
    if (!rf_fd_read(STDIN_FILENO, speaker->payload.bytes, ret->bytes, &got) || got < ret->bytes) {
        rf_worker_fail("a frame breaks off");
    }
    speaker->payload.used = got;
    return true;
}

static void
say(struct speaker *speaker)
{
    (void)fflush(stdout);
    if (!rf_fd_write(speaker->output, speaker->answer.bytes, speaker->answer.used)) {
        rf_worker_fail("cannot write an answer: %s", strerror(errno));
    }
}

static void
say_hello(struct speaker *speaker)
{
    rf_buf_format(&speaker->answer,
                  "{\"protocol\":%d,\"speaker\":\"refold-worker\",\"aggregates\":[",
                  RF_SPOKEN_PROTOCOL);
    rf_plugin_describe(speaker->plugin, &speaker->answer);
    rf_buf_string(&speaker->answer, "]}");
}

/* A number at `*at` of the payload, which goes on behind it. */
static uint32_t
take_number(const struct speaker *speaker, size_t *at)
{
    if (speaker->payload.used - *at < 4) {
        rf_worker_fail("a frame is shorter than what it holds");
    }
    *at += 4;
    return rf_get_u32(speaker->payload.bytes + *at - 4);
}

static void
identify(struct speaker *speaker)
{
    size_t at = 0;
    uint32_t aggregate = take_number(speaker, &at);
    uint32_t count = take_number(speaker, &at);
    if (aggregate != 0 || speaker->plugin->table.identify == NULL) {
        rf_worker_fail("identify was asked of an aggregate that is not there, or has none");
    }
    rf_put_u32(&speaker->answer, count);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bytes = take_number(speaker, &at);
        if (bytes > speaker->payload.used - at) {
            rf_worker_fail("a frame is shorter than what it holds");
        }
        size_t place = speaker->answer.used;
        rf_put_u32(&speaker->answer, 0);
        rf_identify(speaker->plugin, speaker->payload.bytes + at, bytes, &speaker->answer);
        uint32_t length = (uint32_t)(speaker->answer.used - place - 4);
        for (int j = 0; j < 4; j++) {
            speaker->answer.bytes[place + (size_t)j] = (char)(length >> (8 * j));
        }
        at += bytes;
    }
}

int
rf_speak_begin(void)
{
    int output = dup(STDOUT_FILENO);
    if (output < 0 || dup2(STDERR_FILENO, STDOUT_FILENO) < 0) {
        rf_worker_fail("cannot take standard output: %s", strerror(errno));
    }
    return output;
}

void
rf_speak(const struct rf_plugin *plugin, int output)
{
    struct rf_talk_frame frame;
    struct speaker speaker = {.plugin = plugin, .output = output};
    while (hear(&speaker, &frame)) {
        rf_buf_clear(&speaker.answer);
        size_t place =
            rf_talk_frame_open(&speaker.answer, RF_FRAME_ANSWER | frame.kind, frame.number);
        if (frame.kind == RF_FRAME_HELLO) {
            say_hello(&speaker);
        } else if (frame.kind == RF_FRAME_IDENTIFY) {
            identify(&speaker);
        } else {
            rf_worker_fail("a frame of kind %u cannot be answered here", frame.kind);
        }
        rf_talk_frame_close(&speaker.answer, place);
        say(&speaker);
    }
}
