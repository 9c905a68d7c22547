/* SPDX-License-Identifier: MIT */
/*
 * The worker's end of its sandbox.
 *
 * An aggregate's code is whatever a pull request says it is, and it runs beside whatever CI holds.
 * So a worker has an empty environment and the protocol's descriptors, and before it loads anything
 * it gives up, for good:
 *
 *   files              but those that the loader reads (places.h); by Landlock (landlock.h)
 *   all system calls   but those that folding makes (calls.h); by a seccomp filter
 *
 * What the filter does not let through stands still until the host has decided (ward.h): it lets
 * the loader open what it may read, tells of everything else, and refuses it. When the aggregate is
 * loaded the worker says so, and nothing is opened from there on. Constructors run inside dlopen:
 * for them all of this holds.
 *
 * A program (an aggregate that is an executable) is held so before it is executed: by the process
 * that becomes it. It may have threads besides, and writes on descriptors that it copied. It cannot
 * say that it is loaded: its hello does (ward.h).
 *
 * The kernel judges files (Landlock), not the host, who only looks at a path that the worker could
 * change meanwhile. What the worker says of itself can only make things stricter.
 */
#ifndef RF_WORKER_SANDBOX_H
#define RF_WORKER_SANDBOX_H

struct rf_executable; /* executable.h */

/** In calls.h, and in filters as they are built: the number of the process that enters them. */
#define RF_OWN_PROCESS 0x52464f57

/**
 * Before the aggregate is loaded: enter the sandbox as the host ordered, and tell it what is
 * lacking. Without an order nothing is done. Does not come back where the order cannot be followed.
 * @file  the aggregate's, absolute
 */
void rf_sandbox_enter(const char *file);

/**
 * The same of a process that is about to become a program, by execve of that very path: it may
 * execute it, once, and no other. Closes all descriptors but standard input, output and error.
 */
void rf_sandbox_enter_program(const char *file, const struct rf_executable *program);

/** Of the relay between refold and a program, once that runs: from here on it reads, writes, maps
 * memory, waits for the program's end, and does nothing else. Where the host wants no sandbox
 * nothing is done. */
void rf_sandbox_enter_relay(void);

/** The program that the relay started has said hello: waits until the host has heard of that, so
 * that nothing it does from here on is taken for loading. */
void rf_sandbox_program_loaded(void);

/** Once it is loaded. What was printed so far is handed over. */
void rf_sandbox_loaded(void);

#endif
