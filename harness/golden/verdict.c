/* SPDX-License-Identifier: MIT */
/* From what was found to the exit status: contract.md, "Exit status". */
#include "golden/verdict.h"

int
rf_verdict_exit(const struct rf_flags *flags)
{
    if (flags->signal != 0) {
        return 128 + flags->signal;
    }
    if (flags->internal) {
        return 70;
    }
    if (flags->unwritten) {
        return 5;
    }
    if (flags->incomplete) {
        return 4;
    }
    if (flags->damaged) {
        return 3;
    }
    if (flags->nothing) {
        return 2;
    }
    return flags->changed || flags->untrusted ? 1 : 0;
}

const char *
rf_verdict_name(const struct rf_flags *flags)
{
    if (flags->signal != 0) {
        return "interrupted";
    }
    if (flags->internal || flags->incomplete) {
        return "incomplete";
    }
    if (flags->damaged) {
        return "damaged";
    }
    if (flags->nothing) {
        return "uncompared";
    }
    if (flags->changed || flags->untrusted) {
        return "changed";
    }
    if (flags->unwritten) {
        return "incomplete"; /* what was found is known, but it did not reach its reader */
    }
    return flags->no_compare ? "uncompared" : "same";
}
