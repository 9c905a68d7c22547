/* SPDX-License-Identifier: MIT */
/*
 * The system calls that a worker may make, each with its reason. Any other is not made: the host is
 * asked (tried.h), which reports it, and says no.
 *
 *     ALWAYS(call, reason)                        with whatever arguments
 *     WHERE(call, argument, value, reason)        where this argument (from 0) has this value
 *     BOTH(call, argument, value, argument, value, reason)
 *                                                 where both have
 *     PROGRAM(call, argument, mask, value, reason)
 *                                                 only for aggregates that are programs of their
 *                                                 own: where this argument, masked, has this value;
 *                                                 mask 0: with whatever arguments
 *     RELAY(call, reason)                         the relay between refold and such a program,
 *                                                 which may make these and no others
 *
 * Opening files is not here: the host lets the loader open what places.h lists, and once the
 * aggregate is loaded no one opens anything. Clocks are: whether a state depends on them is asked
 * elsewhere, and to the processor most are no system call at all.
 *
 * make_filter.c makes the filters of this list when refold is built. RF_OWN_PROCESS stands for the
 * process's own number, which is put in its place when the filter is entered.
 */

/* What the two ends say to each other. */
ALWAYS(read, "commands, and the loader reads libraries; there are no descriptors but its own")
ALWAYS(readv, "so reads fread of some C libraries")
WHERE(write, 0, RF_FD_NOTICES, "notices, and what a probe or scenario answers")
WHERE(write, 0, STDOUT_FILENO, "what the aggregate prints goes to the host")
WHERE(write, 0, STDERR_FILENO, "the same")
WHERE(writev, 0, STDOUT_FILENO, "so write puts of some C libraries")
WHERE(writev, 0, STDERR_FILENO, "the C library's last words: \"double free or corruption\"")
WHERE(write, 0, RF_FD_CONTROL, "a fork server: whom it forked; a worker has nothing there")
WHERE(recvmsg, 0, RF_FD_CONTROL, "the same: the channels of whom it is to fork")
WHERE(sendmsg, 0, RF_FD_GUARD, "once, to hand over the listener, before the aggregate is loaded")
ALWAYS(lseek, "the sizes of what is mapped; the C library asks for a stream's place")
ALWAYS(close, "what is mapped needs no descriptor any more")
WHERE(fcntl, 1, F_GETFD, "nothing is changed by it")
WHERE(fcntl, 1, F_SETFD, "the protocol's files are closed on exec where there is no sandbox")
WHERE(fcntl, 1, F_GETFL, "the C library asks how a stream was opened")
WHERE(ioctl, 1, TCGETS, "isatty: no terminal is among its files")

/* Memory: malloc, the loader's mappings, stacks. */
ALWAYS(brk, "malloc")
ALWAYS(mmap, "malloc; what the host hands over; libraries")
ALWAYS(mmap2, "the same on 32 bits")
ALWAYS(munmap, "free; requests are mapped anew where they grew")
ALWAYS(mremap, "realloc of large pieces")
ALWAYS(mprotect, "the loader seals relocated pages; malloc grows its heaps so")
ALWAYS(madvise, "free gives pages back; garbage collectors")
WHERE(prctl, 0, 0x53564d41, "PR_SET_VMA: malloc names its mappings")

/* What the loader asks of libraries it has opened. */
ALWAYS(pread64, "the loader, of a library's program headers")
ALWAYS(fstat, "the size of an open file, where the C library has a call without a path for it")

/* Waiting, and the C library's locks. */
ALWAYS(futex, "locks: malloc's, stdio's, a static's first use in C++")
ALWAYS(futex_time64, "the same on 32 bits")
ALWAYS(set_robust_list, "the C library, of its locks")
ALWAYS(rseq, "the C library, of its processor")
ALWAYS(sched_yield, "spinning locks")
ALWAYS(sched_getaffinity, "how many arenas malloc makes; std::thread::hardware_concurrency")
ALWAYS(getcpu, "where there is no vDSO")
ALWAYS(nanosleep, "whoever sleeps hangs, which is the watch's to tell (watch.h)")
ALWAYS(clock_nanosleep, "the same")
ALWAYS(pause, "the same")

/* Clocks and chance, where they are system calls: to hide them here would only hide them from
 * whoever looks for impure code. */
ALWAYS(clock_gettime, "where there is no vDSO")
ALWAYS(clock_gettime64, "the same on 32 bits")
ALWAYS(clock_getres, "C++'s clocks")
ALWAYS(gettimeofday, "where there is no vDSO")
ALWAYS(time, "where there is no vDSO")
ALWAYS(getrandom, "malloc's keys, the seeds of hash tables")

/* Signals of its own: a crash must be told by its signal. */
ALWAYS(rt_sigaction, "abort, and runtimes that turn faults into errors")
ALWAYS(rt_sigprocmask, "abort")
ALWAYS(rt_sigreturn, "the way back from a handler")
ALWAYS(sigreturn, "the same on 32 bits")
ALWAYS(sigaltstack, "runtimes that tell a stack overflow by a message")
ALWAYS(restart_syscall, "a wait that a signal broke off; the kernel's own")

/* About itself, which gives nothing away. */
ALWAYS(getpid, "raise")
ALWAYS(gettid, "raise")
ALWAYS(getppid, "nothing can be done with it")
ALWAYS(getuid, "nothing can be done with it")
ALWAYS(geteuid, "the same")
ALWAYS(getgid, "the same")
ALWAYS(getegid, "the same")
ALWAYS(uname, "what C libraries ask at their start")
ALWAYS(sysinfo, "qsort asks for the memory before it takes some")
ALWAYS(getrusage, "clock() of some C libraries")
WHERE(prlimit64, 2, 0, "to ask for a limit, not to set one")
BOTH(prlimit64, 0, 0, 1, RLIMIT_DATA, "bounds.c, of itself: once it is loaded, and only downwards")
ALWAYS(getrlimit, "how large the stack may grow")
ALWAYS(ugetrlimit, "the same on 32 bits")
ALWAYS(arch_prctl, "the loader, for a library's thread-local storage")

/* The end. */
ALWAYS(exit, "the end")
ALWAYS(exit_group, "the end")

/* A program has threads: of this process, never another process. clone3 is not among these: its
 * flags lie in memory, which a filter cannot read; it is answered as by a kernel that has none, and
 * C libraries fall back to clone (tried.c). */
PROGRAM(clone, 0, CLONE_THREAD, CLONE_THREAD, "pthread_create, Go's threads")
PROGRAM(set_tid_address, 0, 0, 0, "the C library at its start: a thread's end")
PROGRAM(membarrier, 0, 0, 0, "musl, where threads share what the loader adds")
PROGRAM(prctl, 0, ALL, PR_SET_NAME, "threads have names: Rust's, C++'s")
PROGRAM(tgkill, 0, ALL, RF_OWN_PROCESS, "Go stops its threads so, for others and for its collector")
PROGRAM(kill, 0, ALL, RF_OWN_PROCESS, "raise, of a runtime that knows no threads")

/* Its descriptors are the three that it is given and what it makes of these: no other can be had,
 * so each may be written. It takes its own copy of standard output, and waits as it likes. */
PROGRAM(write, 0, 0, 0,
        "frames, by a copy of standard output; pipes and eventfds that wake threads")
PROGRAM(writev, 0, 0, 0, "so write C libraries and Rust")
PROGRAM(dup, 0, 0, 0, "its own copy of standard output")
PROGRAM(dup2, 0, 0, 0, "standard error in the place of standard output")
PROGRAM(dup3, 0, 0, 0, "the same")
PROGRAM(fcntl, 1, ALL, F_DUPFD, "the same")
PROGRAM(fcntl, 1, ALL, F_DUPFD_CLOEXEC, "the same")
PROGRAM(fcntl, 1, ALL, F_SETFL, "Go reads pipes without being held up in it")
PROGRAM(ioctl, 1, ALL, TIOCGWINSZ, "musl asks so whether standard output is a terminal")
PROGRAM(pipe2, 0, 0, 0, "Go 1.21 and older wakes its poller so")
PROGRAM(eventfd2, 0, 0, 0, "Go 1.22 and newer does")
PROGRAM(epoll_create1, 0, 0, 0, "Go's poller")
PROGRAM(epoll_ctl, 0, 0, 0, "the same")
PROGRAM(epoll_wait, 0, 0, 0, "the same, on older kernels")
PROGRAM(epoll_pwait, 0, 0, 0, "the same")
PROGRAM(poll, 0, 0, 0, "Rust at its start: whether standard input, output and error are open")
PROGRAM(ppoll, 0, 0, 0, "the same where there is no poll")

/* The relay: frames to and from the program, answers to the host, memory, the program's end. It
 * runs nobody's code, and reads what the program writes: were it taken over by that, it could do
 * no more than say wrong things, and of these each is checked. */
RELAY(read, "commands; frames")
RELAY(readv, "the same")
RELAY(write, "notices; frames")
RELAY(writev, "the same")
RELAY(poll, "whichever comes first")
RELAY(ppoll, "the same where there is no poll")
RELAY(close, "what is done with")
RELAY(lseek, "stdio")
RELAY(fstat, "how much there is to map")
RELAY(newfstatat, "the same, by newer C libraries; no path can be opened")
RELAY(pread64, "its own memory, measured once (bounds.c)")
RELAY(brk, "malloc")
RELAY(mmap, "malloc; requests that grew")
RELAY(mmap2, "the same on 32 bits")
RELAY(munmap, "free")
RELAY(mremap, "realloc")
RELAY(mprotect, "malloc's heaps")
RELAY(madvise, "free gives pages back")
RELAY(futex, "locks of the C library")
RELAY(futex_time64, "the same on 32 bits")
RELAY(getrandom, "malloc's keys")
RELAY(clock_gettime, "where there is no vDSO")
RELAY(clock_gettime64, "the same on 32 bits")
RELAY(clock_nanosleep, "a moment's wait")
RELAY(nanosleep, "the same")
RELAY(restart_syscall, "a wait that a signal broke off; the kernel's own")
RELAY(sysinfo, "qsort asks for the memory before it takes some")
RELAY(wait4, "how the program ended")
RELAY(waitid, "the same")
RELAY(kill, "it ends the program")
RELAY(getpid, "raise: it ends as the program did")
RELAY(gettid, "the same")
RELAY(tgkill, "the same")
RELAY(rt_sigaction, "the same: the signal must not be caught")
RELAY(rt_sigprocmask, "the same")
RELAY(rt_sigreturn, "the way back from a handler")
RELAY(sigreturn, "the same on 32 bits")
RELAY(prlimit64, "no core file of that; its own memory (bounds.c)")
RELAY(getrlimit, "the same")
RELAY(setrlimit, "the same")
RELAY(ugetrlimit, "the same on 32 bits")
RELAY(exit, "the end")
RELAY(exit_group, "the end")
