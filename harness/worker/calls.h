/* SPDX-License-Identifier: MIT */
/*
 * The system calls that a worker may make, each with its reason. Any other is not made: the host is
 * asked (tried.h), which reports it, and says no.
 *
 *     ALWAYS(call, reason)                        with whatever arguments
 *     WHERE(call, argument, value, reason)        where this argument (from 0) has this value
 *     THREADS(call, argument, mask, value, reason)
 *                                                 only for aggregates that bring a runtime with
 *                                                 threads of its own, which none does yet
 *
 * Opening files is not here: the host lets the loader open what places.h lists, and once the
 * aggregate is loaded no one opens anything. Clocks are: whether a state depends on them is asked
 * elsewhere, and to the processor most are no system call at all.
 *
 * make_filter.c makes the filter of this list when refold is built.
 */

/* What the two ends say to each other. */
ALWAYS(read, "commands, and the loader reads libraries; there are no descriptors but its own")
WHERE(write, 0, RF_FD_NOTICES, "notices, and what a probe or scenario answers")
WHERE(write, 0, STDOUT_FILENO, "what the aggregate prints goes to the host")
WHERE(write, 0, STDERR_FILENO, "the same")
WHERE(writev, 0, STDOUT_FILENO, "so write puts of some C libraries")
WHERE(writev, 0, STDERR_FILENO, "the C library's last words: \"double free or corruption\"")
WHERE(sendmsg, 0, RF_FD_GUARD, "once, to hand over the listener, before the aggregate is loaded")
ALWAYS(lseek, "the sizes of what is mapped; the C library asks for a stream's place")
ALWAYS(close, "what is mapped needs no descriptor any more")
WHERE(fcntl, 1, F_GETFD, "nothing is changed by it")
WHERE(fcntl, 1, F_SETFD, "the protocol's files are closed on exec where there is no sandbox")
WHERE(fcntl, 1, F_GETFL, "the C library asks how a stream was opened")

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
ALWAYS(getrlimit, "how large the stack may grow")
ALWAYS(ugetrlimit, "the same on 32 bits")
ALWAYS(arch_prctl, "the loader, for a library's thread-local storage")

/* The end. */
ALWAYS(exit, "the end")
ALWAYS(exit_group, "the end")

/* A runtime with threads: a thread of this process, never another process. Its flags lie in memory
 * for clone3, which a filter cannot read: the C library falls back to clone where there is none. */
THREADS(clone, 0, CLONE_THREAD, CLONE_THREAD, "pthread_create")
THREADS(set_tid_address, 0, 0, 0, "a thread's end")
THREADS(epoll_create1, 0, 0, 0, "Go's runtime waits so")
THREADS(epoll_ctl, 0, 0, 0, "the same")
THREADS(epoll_pwait, 0, 0, 0, "the same")
THREADS(eventfd2, 0, 0, 0, "the same")
