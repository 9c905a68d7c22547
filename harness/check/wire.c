/* SPDX-License-Identifier: MIT */
/* A speaker that was started, and the bytes to and from it. */
#include "check/wire.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/stop.h"
#include "host/limits.h"
#include "host/spawn.h"
#include "worker/protocol.h"

/** Longest time that a piece waits for the one before to be read. */
#define PIECE_MS 20
/** Longest wait at once: a program that ended may have left its pipe to a child. */
#define STEP_MS 50

/* ---- its beginning --------------------------------------------------------------------------- */

static void
close_one(int *fd)
{
    if (*fd >= 0) {
        (void)close(*fd);
        *fd = -1;
    }
}

static void
list(const struct rf_wire *wire, int fd, uint32_t events)
{
    struct epoll_event event = {.events = events};
    (void)epoll_ctl(wire->ready, EPOLL_CTL_ADD, fd, &event);
}

static rf_code
start(const char *worker, const char *file, bool program, const int theirs[2],
      const struct rf_ward_ends *ends, pid_t *ret, struct rf_err *reterr)
{
    char name[] = "refold-worker";
    char verb[16];
    char memory[24];
    (void)snprintf(verb, sizeof(verb), "%s", program ? "--launch" : "--speak");
    (void)snprintf(memory, sizeof(memory), "%llu", (unsigned long long)rf_worker_memory());
    char *arguments[] = {name, verb, (char *)file, memory, NULL};
    char *environment[] = {NULL};
    const struct rf_spawn_file files[] = {
        {theirs[0], STDIN_FILENO},
        {theirs[1], STDOUT_FILENO},
        {ends->output, STDERR_FILENO},
        {ends->guard, RF_FD_GUARD},
    };
    const struct rf_spawn request = {
        .program = worker,
        .arguments = arguments,
        .environment = environment,
        .files = files,
        .file_count = ends->guard < 0 ? 3 : 4,
    };
    return rf_spawn(&request, ret, reterr);
}

rf_code
rf_wire_open(const char *worker, const char *file, bool program, struct rf_wire *ret,
             struct rf_err *reterr)
{
    int in[2] = {-1, -1};
    int out[2] = {-1, -1};
    struct rf_ward_ends ends = {-1, -1};
    *ret = (struct rf_wire){.to = -1, .from = -1, .ready = -1, .ward = RF_WARD_NONE};
    ret->ready = epoll_create1(EPOLL_CLOEXEC);
    if (ret->ready < 0 || pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0) {
        close_one(&in[0]);
        close_one(&in[1]);
        return rf_fail_errno(reterr, RF_ERR_INTERNAL, file, "cannot make pipes to it");
    }
    ret->to = in[1];
    ret->from = out[0];
    rf_fd_unblock(ret->to);
    rf_fd_unblock(ret->from);
    list(ret, ret->from, EPOLLIN);
    const int theirs[2] = {in[0], out[1]};
    rf_code code = rf_ward_open(&ret->ward, NULL, file, true, &ends, reterr);
    if (code == RF_OK) {
        code = start(worker, file, program, theirs, &ends, &ret->pid, reterr);
    }
    rf_ward_close_ends(&ends);
    close_one(&in[0]);
    close_one(&out[1]);
    return code;
}

/* ---- both ways ------------------------------------------------------------------------------- */

bool
rf_wire_is_over(const struct rf_wire *wire)
{
    return (wire->until_ms > 0 && rf_clock_ms() >= wire->until_ms) || rf_stopped(wire->stop);
}

size_t
rf_wire_unread(const struct rf_wire *wire)
{
    int unread = 0;
    bool told = wire->to >= 0 && ioctl(wire->to, FIONREAD, &unread) == 0 && unread > 0;
    return (told ? (size_t)unread : 0) + wire->out.used - wire->written;
}

/** How many bytes may be written now. */
static size_t
allowance(struct rf_wire *wire)
{
    size_t left = wire->out.used - wire->written;
    if (wire->piece == 0 || left <= wire->piece) {
        return left;
    }
    if (rf_wire_unread(wire) > left && rf_clock_ms() - wire->piece_ms < PIECE_MS) {
        return 0;
    }
    wire->piece_ms = rf_clock_ms();
    return wire->piece;
}

/** Whether a byte was written. */
static bool
write_some(struct rf_wire *wire)
{
    bool any = false;
    while (wire->to >= 0 && !rf_wire_is_written(wire)) {
        size_t count = allowance(wire);
        if (count == 0) {
            /* While it is only being started its calls wait for an answer, and it reads nothing. */
            (void)rf_ward_poll(&wire->ward, -1, 0);
            rf_clock_sleep_us(20);
            return true;
        }
        ssize_t put = write(wire->to, wire->out.bytes + wire->written, count);
        if (put > 0) {
            wire->written += (size_t)put;
            any = true;
        } else if (errno == EPIPE) {
            wire->refuses = true;
            wire->written = wire->out.used;
        } else if (errno != EINTR) {
            break;
        }
    }
    if (rf_wire_is_written(wire)) {
        rf_buf_clear(&wire->out);
        wire->written = 0;
        if (wire->hangs_up) {
            close_one(&wire->to); /* leaves the epoll with it */
            wire->listed = false;
        }
    }
    return any;
}

/** Whether a byte was read. */
static bool
read_some(struct rf_wire *wire)
{
    if (wire->closed) {
        return false;
    }
    rf_buf_reserve(&wire->in, 1 << 16);
    ssize_t got = read(wire->from, wire->in.bytes + wire->in.used, 1 << 16);
    if (got > 0) {
        wire->in.used += (size_t)got;
        return true;
    }
    if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        wire->closed = true;
        (void)epoll_ctl(wire->ready, EPOLL_CTL_DEL, wire->from, NULL);
    }
    return false;
}

/** Waits until one of both can be done; only for reading where nothing is to be written. */
static void
wait_some(struct rf_wire *wire, int timeout_ms)
{
    bool wanted = wire->to >= 0 && !rf_wire_is_written(wire) && wire->piece == 0;
    if (wanted && !wire->listed) {
        list(wire, wire->to, EPOLLOUT);
    } else if (!wanted && wire->listed) {
        (void)epoll_ctl(wire->ready, EPOLL_CTL_DEL, wire->to, NULL);
    }
    wire->listed = wanted;
    (void)rf_ward_poll(&wire->ward, wire->ready, timeout_ms < STEP_MS ? timeout_ms : STEP_MS);
}

void
rf_wire_hang_up(struct rf_wire *wire)
{
    wire->hangs_up = true;
    (void)write_some(wire);
}

/** Takes the frame at the front of what came. */
static enum rf_wired
take(struct rf_wire *wire, struct rf_arrival *ret)
{
    size_t left = wire->in.used - wire->taken;
    ret->bytes = wire->in.bytes + wire->taken;
    ret->count = left;
    if (left < RF_FRAME_HEADER_BYTES) {
        return RF_WIRE_LATE;
    }
    if (!rf_talk_frame_read(ret->bytes, &ret->frame) || ret->frame.bytes > RF_FRAME_PAYLOAD_BYTES) {
        return RF_WIRE_GARBLED;
    }
    if (left - RF_FRAME_HEADER_BYTES < ret->frame.bytes) {
        return RF_WIRE_LATE;
    }
    ret->payload = ret->bytes + RF_FRAME_HEADER_BYTES;
    ret->count = RF_FRAME_HEADER_BYTES + (size_t)ret->frame.bytes;
    wire->taken += ret->count;
    return RF_WIRE_FRAME;
}

/** What was taken makes room. */
static void
forget_taken(struct rf_wire *wire)
{
    if (wire->taken == wire->in.used) {
        rf_buf_clear(&wire->in);
        wire->taken = 0;
    } else if (wire->taken > (1 << 20)) {
        memmove(wire->in.bytes, wire->in.bytes + wire->taken, wire->in.used - wire->taken);
        wire->in.used -= wire->taken;
        wire->taken = 0;
    }
}

enum rf_wired
rf_wire_next(struct rf_wire *wire, int timeout_ms, struct rf_arrival *ret)
{
    int64_t sign = rf_clock_ms();
    forget_taken(wire);
    for (;;) {
        enum rf_wired taken = take(wire, ret);
        if (taken != RF_WIRE_LATE) {
            return taken;
        }
        bool written = write_some(wire);
        bool moved = read_some(wire) || written;
        int64_t now = rf_clock_ms();
        sign = written ? now : sign;
        if (now - sign >= timeout_ms || rf_wire_is_over(wire)) {
            return take(wire, ret);
        }
        if (moved) {
            continue;
        }
        if (wire->closed) {
            return ret->count == 0 ? RF_WIRE_CLOSED : RF_WIRE_GARBLED;
        }
        wait_some(wire, (int)(timeout_ms - (now - sign)));
    }
}

bool
rf_wire_await_end(struct rf_wire *wire, int timeout_ms, int *ret_status)
{
    int64_t start_ms = rf_clock_ms();
    while (!rf_spawn_ended(wire->pid)) {
        int64_t left = timeout_ms - (rf_clock_ms() - start_ms);
        if (left <= 0 || rf_wire_is_over(wire)) {
            return false;
        }
        bool moved = write_some(wire);
        if (!read_some(wire) && !moved) {
            wait_some(wire, wire->closed ? 1 : (int)(left < STEP_MS ? left : STEP_MS));
        }
    }
    /* What it left in the pipe; a child of its own may go on with it for ever. */
    while (read_some(wire) && rf_clock_ms() - start_ms < timeout_ms) {
    }
    *ret_status = rf_spawn_reap(wire->pid);
    wire->pid = 0;
    rf_ward_end(&wire->ward);
    return true;
}

/* ---- its end --------------------------------------------------------------------------------- */

void
rf_wire_words(const struct rf_wire *wire, char *text, size_t room)
{
    text[0] = '\0';
    rf_ward_add_words(&wire->ward, text, room);
    if (text[0] == ':') {
        memmove(text, text + 2, strlen(text + 2) + 1);
    }
}

void
rf_wire_close(struct rf_wire *wire)
{
    if (wire->pid > 0) {
        rf_spawn_kill(wire->pid);
        (void)rf_spawn_reap(wire->pid);
        rf_ward_end(&wire->ward);
        wire->pid = 0;
    } else {
        rf_ward_end(&wire->ward);
    }
    close_one(&wire->to);
    close_one(&wire->from);
    close_one(&wire->ready);
    rf_buf_done(&wire->out);
    rf_buf_done(&wire->in);
}
