/* SPDX-License-Identifier: MIT */
/* The conformance kit: all checks, one after the other. */
#include "check/kit.h"

#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/clock.h"
#include "base/stop.h"
#include "check/kit_internal.h"
#include "check/samples.h"
#include "host/build.h"

/** Once something did not come in time: the waits from then on. */
#define IMPATIENT_MS 1000
/** A check may take so many waits in all: a speaker that always answers at the last moment, or
 * reads its input byte by byte, would take for ever; and at least so long. */
#define CHECK_WAITS    30
#define CHECK_LEAST_MS (30 * 1000)
/** So often answers may be late: then all other good traffic would wait for the same. */
#define LATES_MOST 4
/** Bytes that are kept of what was wrong. */
#define SHOWN_BYTES 48

const struct rf_check rf_checks[RF_CHECK_COUNT_] = {
#define RF_CHECK_ROW_(id, name, chapter, promise, function) {name, chapter, promise},
    RF_CHECKS(RF_CHECK_ROW_)
#undef RF_CHECK_ROW_
};

static bool (*const performers[RF_CHECK_COUNT_])(struct rf_kit *kit) = {
#define RF_CHECK_FUNCTION_(id, name, chapter, promise, function) rf_check_##function,
    RF_CHECKS(RF_CHECK_FUNCTION_)
#undef RF_CHECK_FUNCTION_
};

/* ---- findings -------------------------------------------------------------------------------- */

bool
rf_kit_wrong(struct rf_kit *kit, enum rf_check_id culprit, const void *bytes, size_t count,
             const char *expected, const char *seen, ...)
{
    char text[1024];
    va_list args;
    struct rf_checked *own = &kit->report->checks[kit->check];
    struct rf_checked *checked = &kit->report->checks[culprit];
    if (culprit != kit->check && own->result == RF_CHECK_UNTRIED) {
        own->result = RF_CHECK_STOPPED;
        own->culprit = culprit;
    }
    if (checked->result == RF_CHECK_WRONG) {
        return false;
    }
    va_start(args, seen);
    (void)vsnprintf(text, sizeof(text), seen, args);
    va_end(args);
    checked->result = RF_CHECK_WRONG;
    checked->during = rf_strdup(kit->during);
    checked->expected = rf_strdup(expected);
    checked->seen = rf_strdup(text);
    rf_buf_add(&checked->bytes, bytes, count < SHOWN_BYTES ? count : SHOWN_BYTES);
    return false;
}

bool
rf_kit_skip(struct rf_kit *kit, const char *why, ...)
{
    char text[300];
    va_list args;
    struct rf_checked *own = &kit->report->checks[kit->check];
    va_start(args, why);
    (void)vsnprintf(text, sizeof(text), why, args);
    va_end(args);
    if (own->result == RF_CHECK_UNTRIED) {
        own->result = RF_CHECK_SKIPPED;
        own->seen = rf_strdup(text);
    }
    return false;
}

void
rf_kit_lose_patience(struct rf_kit *kit)
{
    kit->patience_ms = kit->patience_ms < IMPATIENT_MS ? kit->patience_ms : IMPATIENT_MS;
}

/* ---- all of them ----------------------------------------------------------------------------- */

/** What is wrong by another check's traffic stays wrong, whatever its own one says. */
static void
perform(struct rf_kit *kit, enum rf_check_id check)
{
    struct rf_checked *own = &kit->report->checks[check];
    int64_t most_ms = (int64_t)CHECK_WAITS * kit->patience_ms;
    kit->check = check;
    kit->during = rf_checks[check].promise;
    kit->until_ms = rf_clock_ms() + (most_ms < CHECK_LEAST_MS ? CHECK_LEAST_MS : most_ms);
    if (kit->described.member_count == 0 && check != RF_CHECK_HELLO) {
        own->culprit = RF_CHECK_HELLO;
        own->result = own->result == RF_CHECK_UNTRIED ? RF_CHECK_STOPPED : own->result;
        return;
    }
    if (kit->lates >= LATES_MOST && check < RF_CHECK_BAD_LETTERS) {
        own->culprit = kit->late;
        own->result = own->result == RF_CHECK_UNTRIED ? RF_CHECK_STOPPED : own->result;
        return;
    }
    bool good = performers[check](kit);
    if (own->result == RF_CHECK_UNTRIED && good) {
        own->result = RF_CHECK_OK;
    }
}

/** Writing to a speaker that has ended must not end refold. */
static void
run_checks(struct rf_kit *kit)
{
    struct sigaction former;
    const struct sigaction ignored = {.sa_handler = SIG_IGN};
    (void)sigaction(SIGPIPE, &ignored, &former);
    for (int i = 0; i < RF_CHECK_COUNT_ && kit->error.code == RF_OK; i++) {
        if (rf_stopped(kit->request->stop)) {
            (void)rf_fail(&kit->error, RF_ERR_INTERRUPTED, kit->request->file, "interrupted");
            break;
        }
        perform(kit, (enum rf_check_id)i);
    }
    (void)sigaction(SIGPIPE, &former, NULL);
}

/** Where HELLO itself was no HELLO, `culprit` is what stood in the way of all. */
static void
count_results(struct rf_kit_report *report)
{
    const struct rf_checked *hello = &report->checks[RF_CHECK_HELLO];
    for (int i = 0; i < RF_CHECK_COUNT_; i++) {
        struct rf_checked *checked = &report->checks[i];
        if (checked->result == RF_CHECK_STOPPED && checked->culprit == RF_CHECK_HELLO &&
            hello->result == RF_CHECK_STOPPED) {
            checked->culprit = hello->culprit;
        }
        RF_VERIFY(checked->result != RF_CHECK_UNTRIED);
        report->counts[checked->result]++;
    }
}

rf_code
rf_kit_run(const struct rf_kit_request *request, struct rf_kit_report *ret, struct rf_err *reterr)
{
    memset(ret, 0, sizeof(*ret));
    struct rf_kit kit = {
        .request = request,
        .report = ret,
        .patience_ms = request->timeout_ms,
    };
    RF_TRY(rf_worker_program(&kit.worker, reterr));
    run_checks(&kit);
    if (kit.error.code == RF_OK) {
        count_results(ret);
    } else if (reterr != NULL) {
        *reterr = kit.error;
    }
    ret->aggregates = kit.described.member_count;
    rf_samples_free(&kit);
    rf_descriptor_done(&kit.described);
    rf_buf_done(&kit.hello);
    free(kit.worker);
    return kit.error.code;
}

void
rf_kit_report_done(struct rf_kit_report *report)
{
    for (int i = 0; i < RF_CHECK_COUNT_; i++) {
        free(report->checks[i].during);
        free(report->checks[i].expected);
        free(report->checks[i].seen);
        rf_buf_done(&report->checks[i].bytes);
    }
    free(report->speaker);
}
