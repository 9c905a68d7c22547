/* SPDX-License-Identifier: MIT */
/* refold show: one instance, its events, and the state after each. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/fd.h"
#include "cli/interrupt.h"
#include "cli/near.h"
#include "cli/pager.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/show_view.h"
#include "cli/verbs.h"
#include "host/worker.h"
#include "walk/select.h"

#define SECONDS_PER_HOUR 3600

/** So much is held back before it is written. */
#define WRITE_BYTES ((size_t)64 << 10)
/** Of hundreds of aggregates that share an id no one wants to hear one by one. */
#define WARNINGS_MOST 10

/* ---- what was asked for ---------------------------------------------------------------------- */

/** A whole number, or a time. */
static rf_code
parse_when(const char *origin, const char *text, struct rf_when *ret, struct rf_err *reterr)
{
    char *end;
    *ret = (struct rf_when){.text = text};
    errno = 0;
    long long number = strtoll(text, &end, 10);
    bool is_number = end != text && *end == '\0' && text[0] != ' ' && text[0] != '+';
    if (is_number && errno == 0) {
        ret->version = number;
        return RF_OK;
    }
    ret->is_time = true;
    if (!is_number && rf_time_parse(text, strlen(text), &ret->time)) {
        return RF_OK;
    }
    int64_t hour;
    if (!is_number && rf_select_hour(origin, text, &hour, reterr) == RF_OK) {
        ret->time = (struct rf_time){.seconds = hour * SECONDS_PER_HOUR};
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, origin,
                   "'%s' is neither a version nor a time; write 2015-04-27T13:00:00Z, or as "
                   "--until has it: 2015-04-27, 2015-04-27T13, 2015/04/27/13",
                   text);
}

/** Two versions; what a variable holds is one text with a blank in it. */
static rf_code
parse_pair(const struct rf_arguments *arguments, struct rf_show_request *ret, char **ret_owned,
           struct rf_err *reterr)
{
    char buf[RF_OPTION_NAME_BYTES];
    const char *origin = rf_option_origin(arguments, RF_OPT_DIFF, buf);
    const char *const *values = arguments->given[RF_OPT_DIFF].values;
    const char *texts[2] = {values[0], NULL};
    if (arguments->given[RF_OPT_DIFF].count > 1) {
        texts[1] = values[1];
    } else {
        *ret_owned = rf_strdup(values[0]);
        char *blank = strchr(*ret_owned, ' ');
        if (blank == NULL) {
            return rf_fail(reterr, RF_ERR_USAGE, origin, "needs two versions: 'N M'");
        }
        *blank = '\0';
        texts[0] = *ret_owned;
        texts[1] = blank + 1;
    }
    RF_TRY(parse_when(origin, texts[0], &ret->at[0], reterr));
    return parse_when(origin, texts[1], &ret->at[1], reterr);
}

/** RFC 6901. */
static bool
is_pointer(const char *text)
{
    for (const char *tilde = text; (tilde = strchr(tilde, '~')) != NULL; tilde++) {
        if (tilde[1] != '0' && tilde[1] != '1') {
            return false;
        }
    }
    return text[0] == '/';
}

/** At most one of the views. */
static rf_code
pick_view(const struct rf_arguments *arguments, struct rf_show_request *ret, struct rf_err *reterr)
{
    static const struct {
        enum rf_option_id option;
        enum rf_show_view view;
        size_t at_count;
    } views[] = {
        {RF_OPT_AT, RF_SHOW_STATE, 1},
        {RF_OPT_DIFF, RF_SHOW_DIFF, 2},
        {RF_OPT_BLAME, RF_SHOW_BLAME, 0},
        {RF_OPT_PATH, RF_SHOW_PATH, 0},
    };
    const char *first = NULL;
    for (size_t i = 0; i < sizeof(views) / sizeof(views[0]); i++) {
        char buf[RF_OPTION_NAME_BYTES];
        if (!rf_flag(arguments, views[i].option)) {
            continue;
        }
        if (first != NULL) {
            return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, views[i].option, buf),
                           "shows something else than --%s: give one of them", first);
        }
        first = rf_options[views[i].option].name;
        ret->view = views[i].view;
        ret->at_count = views[i].at_count;
    }
    return RF_OK;
}

static rf_code
read_request(const struct rf_arguments *arguments, struct rf_show_request *ret, char **ret_owned,
             struct rf_err *reterr)
{
    char buf[RF_OPTION_NAME_BYTES];
    RF_TRY(pick_view(arguments, ret, reterr));
    if (ret->view == RF_SHOW_STATE) {
        return parse_when(rf_option_origin(arguments, RF_OPT_AT, buf),
                          rf_argument(arguments, RF_OPT_AT), &ret->at[0], reterr);
    }
    if (ret->view == RF_SHOW_DIFF) {
        return parse_pair(arguments, ret, ret_owned, reterr);
    }
    if (ret->view == RF_SHOW_PATH) {
        ret->pointer = rf_argument(arguments, RF_OPT_PATH);
        if (!is_pointer(ret->pointer)) {
            return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_PATH, buf),
                           "'%s' is no JSON pointer; write /status, or /items/0 (a slash in a key "
                           "as ~1, a tilde as ~0)",
                           ret->pointer);
        }
    }
    return RF_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

/** One call of `refold show`. */
struct call {
    struct rf_settings *settings;
    struct rf_replay replay;
    struct rf_show_request request;
    struct rf_near *near;
    struct rf_timelines timelines;
    /* The way out. */
    struct rf_buf out;
    struct rf_report report;
    struct rf_show show;
    struct rf_data_reader data;
    struct rf_masker masker;
    struct rf_buf masked;
    struct rf_pager pager;
    bool path_met;    /**< of --path: something stood there in some state */
    bool closed;      /**< the reader has gone, or the output cannot be written */
    bool broken_pipe; /**< it was no pager: that ends as SIGPIPE does */
};

static bool
wants_json(const struct call *call)
{
    return rf_flag(call->settings->arguments, RF_OPT_JSON);
}

/** Events of the id are there, and none of them takes part. */
static rf_code
fail_left_out(const struct call *call, size_t events, struct rf_err *reterr)
{
    const struct rf_timelines *timelines = &call->timelines;
    const char *id = call->settings->operands[0];
    const char *many = events == 1 ? "" : "s";
    if (timelines->terms[RF_TERM_UNSELECTED] > 0) {
        return rf_fail(reterr, RF_ERR_USAGE, id,
                       "it has %zu event%s, none of which is selected (--as-of, --until)", events,
                       many);
    }
    if (timelines->terms[RF_TERM_WITHDRAWN] > 0) {
        return rf_fail(reterr, RF_ERR_USAGE, id,
                       "it has %zu event%s, only in what could not be read to its end; "
                       "--keep-partial keeps what was read",
                       events, many);
    }
    return rf_fail(reterr, RF_ERR_USAGE, id, "it has %zu event%s, none of which is well-formed",
                   events, many);
}

static rf_code
fail_absent(const struct call *call, struct rf_err *reterr)
{
    const struct rf_replay *replay = &call->replay;
    const struct rf_sums *sums = &replay->sums;
    const char *id = call->settings->operands[0];
    size_t events = rf_history_events(replay->history);
    if (events > 0) {
        return fail_left_out(call, events, reterr);
    }
    struct rf_buf more = {0};
    if (sums->unreadable > 0) {
        rf_buf_format(&more, "; %" PRIu64 " object%s could not be read and may hold it",
                      sums->unreadable, sums->unreadable == 1 ? "" : "s");
    }
    rf_near_propose(call->near, &more);
    rf_code code = rf_fail(
        reterr, RF_ERR_USAGE, id,
        "no such instance in %" PRIu64 " object%s with %" PRIu64 " event%s%s%s", sums->objects,
        sums->objects == 1 ? "" : "s", sums->events, sums->events == 1 ? "" : "s",
        call->settings->until == NULL ? "" : " that --until selects", rf_buf_text(&more));
    rf_buf_done(&more);
    return code;
}

/** Where the text does not say it: an object, or a record, that no one could read may hold events
 * of the id. */
static void
warn_of_unread(struct call *call)
{
    static const enum rf_damage_kind kinds[] = {RF_DAMAGE_UNREADABLE, RF_DAMAGE_TRUNCATED,
                                                RF_DAMAGE_MALFORMED, RF_DAMAGE_ERRORS};
    uint64_t unread = 0;
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        unread += call->replay.damages.totals[kinds[i]];
    }
    if (unread > 0 && (call->settings->verbosity < 0 || wants_json(call))) {
        rf_replay_warn(&call->replay, "what could not be read may hold events of this id");
    }
}

/** "history ID": a folder where the id stands, and a source that is none, are the two turned round.
 */
static rf_code
check_order(const struct rf_settings *settings, struct rf_err *reterr)
{
    struct stat found;
    struct rf_err ignored;
    const char *id = settings->operands[0];
    if (settings->arguments->source_count == 0 || stat(id, &found) != 0 ||
        !S_ISDIR(found.st_mode) || rf_walk_check(settings->sources[0], &ignored) != RF_ERR_USAGE) {
        return RF_OK;
    }
    struct rf_buf words = {0};
    rf_escape_shell(&words, settings->sources[0], strlen(settings->sources[0]));
    rf_buf_byte(&words, ' ');
    rf_escape_shell(&words, id, strlen(id));
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, id,
                           "is a folder, and there is no source '%.100s': the id goes first:  "
                           "refold show %s",
                           settings->sources[0], rf_buf_text(&words));
    rf_buf_done(&words);
    return code;
}

/** Everything up to the timelines. */
static rf_code
read_history(struct call *call, struct rf_err *reterr)
{
    struct rf_replay *replay = &call->replay;
    struct rf_fold_sink sink = {.context = &call->timelines, .outcome = rf_timelines_outcome};
    RF_TRY(check_order(call->settings, reterr));
    call->near = rf_near_new(call->settings->operands[0]);
    replay->orders_unclaimed = true;
    replay->selects = rf_near_selects;
    replay->select_context = call->near;
    replay->only_id = call->settings->operands[0];
    RF_TRY(rf_replay_open(replay, reterr));
    RF_TRY(rf_replay_ingest(replay, reterr));
    replay->rules.passed = rf_timelines_pass;
    replay->rules.passed_context = &call->timelines;
    RF_TRY(rf_replay_fold(replay, &sink, reterr));
    rf_replay_warn_conduct(replay);
    rf_timelines_finish(&call->timelines);
    rf_replay_judge_damage(replay);
    warn_of_unread(call);
    return call->timelines.count > 0 ? RF_OK : fail_absent(call, reterr);
}

/* ---- the way out ----------------------------------------------------------------------------- */

/** Writes what has gathered; the rest is thrown away once the reader has gone. */
static void
write_out(struct call *call)
{
    struct rf_err err;
    if (call->closed) {
        rf_buf_clear(&call->out);
        return;
    }
    if (rf_fd_write(call->pager.fd, call->out.bytes, call->out.used)) {
        rf_buf_clear(&call->out);
        return;
    }
    int failed = errno;
    call->closed = true;
    call->broken_pipe = failed == EPIPE && call->pager.pid == 0;
    atomic_store(&rf_interrupted, true); /* whatever goes on is for no one */
    rf_worker_kill_all();
    if (failed != EPIPE) {
        errno = failed;
        (void)rf_fail_errno(&err, RF_ERR_OUTPUT, "standard output", "cannot write");
        rf_replay_fail(&call->replay, &err);
    }
}

static void
flush(void *context)
{
    struct call *call = context;
    if (call->out.used >= WRITE_BYTES || call->closed) {
        write_out(call);
    }
}

/** The report as it stands now: flags change while instances are shown. */
static void
describe(struct call *call)
{
    struct rf_report report;
    rf_damages_sort(&call->replay.damages);
    rf_replay_describe(&call->replay, NULL, &report);
    report.color = call->settings->color;
    call->report = rf_report_filled(&report);
}

/* ---- showing --------------------------------------------------------------------------------- */

/** The instances that have what was asked for, and where. */
struct choice {
    struct rf_place (*places)[2];
    bool *has;
    size_t count; /**< of those that have */
};

/** Instances that lack what others with their id have. */
static void
warn_of_lacking(struct call *call, const struct choice *choice, const struct rf_err *errors)
{
    size_t lacking = call->timelines.count - choice->count;
    size_t warned = 0;
    for (size_t i = 0; i < call->timelines.count && warned < WARNINGS_MOST; i++) {
        if (!choice->has[i]) {
            rf_replay_warn(&call->replay, "%s: %s", errors[i].where, errors[i].text);
            warned++;
        }
    }
    if (lacking > warned) {
        rf_replay_warn(&call->replay, "%zu more instances with this id lack it too",
                       lacking - warned);
    }
}

/** RF_ERR_USAGE where no instance has what was asked for: the first one's reason. */
static rf_code
choose(struct call *call, struct choice *choice, struct rf_err *reterr)
{
    const struct rf_timelines *timelines = &call->timelines;
    choice->places = rf_calloc(timelines->count, sizeof(*choice->places));
    choice->has = rf_calloc(timelines->count, sizeof(*choice->has));
    struct rf_err *errors = rf_calloc(timelines->count, sizeof(*errors));
    for (size_t i = 0; i < timelines->count; i++) {
        choice->has[i] = rf_show_resolve(&call->request, &timelines->items[i], choice->places[i],
                                         &errors[i]) == RF_OK;
        choice->count += choice->has[i];
    }
    if (choice->count > 0) {
        warn_of_lacking(call, choice, errors);
    } else {
        *reterr = errors[0];
    }
    free(errors);
    return choice->count > 0 ? RF_OK : RF_ERR_USAGE;
}

/** Nothing ever stood at --path: as a rule it is a typo. */
static void
fail_path(struct call *call)
{
    struct rf_err err;
    (void)rf_fail(&err, RF_ERR_USAGE, call->settings->operands[0],
                  "nothing stands at %s in any of its states; --at and --blame tell its paths",
                  call->request.pointer);
    rf_replay_fail(&call->replay, &err);
}

static rf_code
show_instances(struct call *call, const struct rf_show_format *format, const struct choice *choice,
               struct rf_err *reterr)
{
    call->data.names = rf_history_names(call->replay.history);
    for (size_t i = 0; i < call->timelines.count; i++) {
        struct rf_showing showing = {
            .show = &call->show,
            .format = format,
            .request = &call->request,
            .timeline = &call->timelines.items[i],
            .flush = flush,
            .flush_context = call,
        };
        if (!choice->has[i]) {
            continue;
        }
        memcpy(showing.places, choice->places[i], sizeof(showing.places));
        RF_TRY(rf_show_instance(&showing, &call->replay, reterr));
        call->replay.flags.changed = call->replay.flags.changed || showing.broken;
        call->path_met = call->path_met || showing.path_met;
    }
    return RF_OK;
}

/** Sentences on standard error wait for it: until then the screen is the pager's. */
static void
end_pager(struct call *call)
{
    struct rf_err err;
    if (rf_pager_close(&call->pager, &err) != RF_OK) {
        rf_replay_fail(&call->replay, &err);
    }
}

/** Writes it all; `choice` is NULL where there is no instance to show. */
static void
put_all(struct call *call, const struct choice *choice)
{
    bool json = wants_json(call);
    const struct rf_show_format *format = json ? &rf_show_json : &rf_show_text;
    struct rf_err err;
    describe(call);
    call->show = (struct rf_show){
        .out = &call->out,
        .report = &call->report,
        .history = call->replay.history,
        .data = &call->data,
        .private = rf_privacy_find_data(call->replay.privacy, "", 0),
        .masker = &call->masker,
        .masked = &call->masked,
        .rules = &call->replay.rules,
        .timelines = &call->timelines,
        .id = call->settings->operands[0],
        .view = call->request.view,
        .pointer = call->request.pointer,
    };
    rf_pager_open(&call->pager, !json && choice != NULL && rf_pager_fits());
    format->begin(&call->show);
    rf_code code = choice == NULL ? RF_OK : show_instances(call, format, choice, &err);
    write_out(call);
    end_pager(call);
    if (code != RF_OK && !call->closed) {
        rf_replay_fail(&call->replay, &err);
    } else if (choice != NULL && call->request.view == RF_SHOW_PATH && !call->path_met) {
        fail_path(call);
    }
    if (code == RF_OK) {
        describe(call);
        format->end(&call->show);
        write_out(call);
    }
}

static void
perform(struct call *call)
{
    struct choice choice = {0};
    struct rf_err err;
    bool chosen = false;
    if (read_history(call, &err) == RF_OK && choose(call, &choice, &err) == RF_OK) {
        chosen = true;
    } else {
        rf_replay_fail(&call->replay, &err);
    }
    rf_progress_stop(&call->replay.progress);
    put_all(call, chosen ? &choice : NULL);
    free(choice.places);
    free(choice.has);
}

int
rf_show(struct rf_settings *settings)
{
    struct call call = {.settings = settings, .pager = {.fd = STDOUT_FILENO}};
    struct rf_err err;
    char *owned = NULL;
    int status = 2;
    if (read_request(settings->arguments, &call.request, &owned, &err) != RF_OK) {
        rf_say_error(&err);
    } else {
        rf_replay_begin(&call.replay, settings);
        perform(&call);
        status = rf_verdict_exit(&call.replay.flags);
        rf_replay_done(&call.replay);
    }
    rf_timelines_done(&call.timelines);
    rf_data_reader_done(&call.data);
    rf_masker_done(&call.masker);
    rf_buf_done(&call.masked);
    rf_near_free(call.near);
    rf_buf_done(&call.out);
    free(owned);
    if (call.broken_pipe) {
        rf_interrupt_raise(SIGPIPE);
    }
    return status;
}
