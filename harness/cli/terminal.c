/* SPDX-License-Identifier: MIT */
/* Asking whoever sits at the terminal. */
#include "cli/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/interrupt.h"

#define ESCAPE         0x1b
#define END_OF_INPUT   0x04 /* Ctrl-D, where the terminal does not take it */
#define COLUMNS_UNTOLD 80
/** Within so many milliseconds what follows an escape belongs to the same key. */
#define SEQUENCE_MS 30

/* Of the one terminal: signal handlers need them. */
static struct termios before;             /* as the terminal was */
static struct termios keyed;              /* as it is while a key is waited for */
static volatile sig_atomic_t is_keyed;    /* whether it is so now */
static volatile sig_atomic_t was_stopped; /* and went on: what stood on the screen is gone */

bool
rf_terminal_is(void)
{
    return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

size_t
rf_terminal_width(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) {
        return COLUMNS_UNTOLD;
    }
    return size.ws_col;
}

void
rf_terminal_forget(void)
{
    (void)tcflush(STDIN_FILENO, TCIFLUSH);
}

/* ---- the terminal's mode --------------------------------------------------------------------- */

void
rf_terminal_restore(void)
{
    int kept = errno;
    if (is_keyed) {
        is_keyed = 0;
        (void)tcsetattr(STDIN_FILENO, TCSANOW, &before);
    }
    errno = kept;
}

/** Ctrl-Z: the shell finds the terminal as it was; the keys are ours again when the process goes
 * on. */
static void
handle_stop(int signal_number)
{
    int kept = errno;
    (void)signal_number;
    rf_terminal_restore();
    (void)raise(SIGSTOP);
    (void)tcsetattr(STDIN_FILENO, TCSANOW, &keyed);
    is_keyed = 1;
    was_stopped = 1;
    errno = kept;
}

static bool
take_keys(void)
{
    if (tcgetattr(STDIN_FILENO, &before) != 0) {
        return false;
    }
    keyed = before;
    keyed.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    keyed.c_cc[VMIN] = 1;
    keyed.c_cc[VTIME] = 0;
    keyed.c_cc[VQUIT] = _POSIX_VDISABLE; /* it would leave the terminal like this */
    is_keyed = 1;
    if (tcsetattr(STDIN_FILENO, TCSANOW, &keyed) != 0) {
        is_keyed = 0;
        return false;
    }
    return true;
}

/* ---- bytes and keys -------------------------------------------------------------------------- */

/**
 * Waits for input, a signal or the time: no signal can come unseen between the look and the wait.
 * @return  what ppoll returns; -1 with EINTR where a signal came before
 */
static int
wait_for_input(const struct timespec *longest)
{
    struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t ours;
    sigset_t mask;
    (void)sigemptyset(&ours);
    (void)sigaddset(&ours, SIGINT);
    (void)sigaddset(&ours, SIGTERM);
    (void)sigaddset(&ours, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &ours, &mask);
    int ready = -1;
    int error = EINTR;
    if (!atomic_load(&rf_interrupted)) {
        ready = ppoll(&input, 1, longest, &mask);
        error = errno;
    }
    (void)pthread_sigmask(SIG_SETMASK, &mask, NULL);
    errno = error;
    return ready;
}

/** One byte, or RF_KEY_…; 0 where the process was stopped and went on. */
static int
read_byte(void)
{
    unsigned char byte;
    for (;;) {
        int ready = wait_for_input(NULL);
        if (atomic_load(&rf_interrupted)) {
            return RF_KEY_INTERRUPTED;
        }
        if (was_stopped) {
            was_stopped = 0;
            return 0;
        }
        if (ready < 0 && errno == EINTR) {
            continue;
        }
        return ready == 1 && read(STDIN_FILENO, &byte, 1) == 1 ? byte : RF_KEY_END;
    }
}

/** Passes over the rest of a key that sends more than one byte: an arrow must not be taken for the
 * letter at its end. */
static void
pass_over_sequence(void)
{
    const struct timespec longest = {0, SEQUENCE_MS * 1000000L};
    unsigned char byte;
    while (wait_for_input(&longest) == 1 && read(STDIN_FILENO, &byte, 1) == 1) {
        continue;
    }
}

int
rf_terminal_key(void)
{
    struct sigaction stop = {.sa_handler = handle_stop};
    struct sigaction stop_before;
    (void)sigaction(SIGTSTP, NULL, &stop_before);
    bool is_stoppable = stop_before.sa_handler == SIG_DFL;
    if (!take_keys()) {
        return RF_KEY_END;
    }
    if (is_stoppable) {
        (void)sigaction(SIGTSTP, &stop, NULL);
    }
    int key = read_byte();
    if (key == ESCAPE || key >= 0x80) {
        pass_over_sequence();
        key = 0;
    }
    if (is_stoppable) {
        (void)sigaction(SIGTSTP, &stop_before, NULL);
    }
    rf_terminal_restore();
    return key == END_OF_INPUT ? RF_KEY_END : key;
}

int
rf_terminal_line(struct rf_buf *ret)
{
    for (;;) {
        int byte = read_byte();
        if (byte < 0) {
            return byte;
        }
        if (byte == '\n') {
            return 0;
        }
        if (byte != 0) {
            rf_buf_byte(ret, (char)byte);
        }
    }
}
