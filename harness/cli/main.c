/* SPDX-License-Identifier: MIT */
/* clang-format off: it would flow the map below */
/*
 * refold folds an event history again and says what changed.
 *
 * The map, in the order in which the data moves:
 *
 *     main                      this file: finds the verb, reads its options
 *       settings, config        options over REFOLD_… variables over refold.json
 *       run, bless, show, types, cat, …   one file a verb, on the way that they share:
 *       replay
 *         rf_artifact_open      harness/host/     what -a names: checked out, built
 *         rf_builds_open        harness/host/     what is in it: asked of a worker, not loaded
 *         rf_goldens_open       harness/golden/   what was accepted
 *         rf_from_open          harness/cli/      --from: the golden that it goes on from
 *         rf_walk               harness/walk/     where the objects are, source by source
 *         rf_ingest             harness/history/  threads take objects …
 *           rf_transfer_new     harness/net/      … those on servers come ahead of them …
 *           rf_packs_load       harness/history/  … of packs as they were once found …
 *           rf_decode_object    harness/decode/   … whose bytes become events …
 *           rf_asking_add         harness/key/      … of what is no JSON builds tell which …
 *           rf_writer_add       harness/history/  … which go to buckets by id
 *         rf_fold               harness/fold/     threads take buckets …
 *           rf_history_open_bucket               … which come back from disk, if they went there …
 *           rf_gather           harness/history/  … whose events become instances, in order,
 *                                                 behind what a snapshot covers (start.c) …
 *           rf_worker_submit    harness/host/     … which workers fold (harness/worker/:
 *                                                 worker_main.c, fold_loop.c) in a sandbox
 *           rf_comparison_…     harness/golden/   the sink: state against golden (compare*.c),
 *                                                 or bless*.c, or parting.c: against another
 *                                                 build's; digest_*.c: git has digests only
 *         rf_accept_part        harness/cli/      bless --review: both sinks, then who is asked
 *         rf_prove              harness/golden/   golden prove: the lines, and what follows them
 *         rf_presence_add       harness/golden/   golden prune: which instances there are
 *         rf_survey             harness/types/    or, for types, not folded but listed …
 *           rf_catalog_add      harness/types/    … by type, with the shape of their data
 *         rf_recite             harness/look/     or, for cat, written as lines …
 *         rf_check_up           harness/look/     or, for doctor, looked at: what is missing …
 *         rf_sums_check         harness/history/  everything read is accounted for
 *         rf_verdict_exit       harness/golden/   the exit status
 *         rf_report_formats     reports/          what people and CI read; rf_show_… of one id
 *       merge                   reports/        of a run's shards, read back and put together
 *       ls                      the walk alone, then:
 *         rf_outlook_make       harness/look/     what is there, by hour, and what it costs
 *       fetch                   walk, then what is there comes as it is:
 *         rf_mirror             harness/mirror/   what is here, and what not (plan.c), or in the
 *                                                 way (way.c); it comes (move.c), under its
 *                                                 key when whole (place.c), and is written
 *                                                 down (ledger.c)
 *       pack                    walk and ingest, then:
 *         rf_pack_write         harness/history/  what was found, as one file
 *       golden verify           a golden's files alone: golden/verify*.c
 *       scenario                a way of its own, without history and golden:
 *         rf_scenarios_read     harness/scenario/ files to scenarios: text_form.c, json_form.c
 *         rf_scenario_settle    what was left out; checked against the build
 *         rf_scenario_play      harness/host/     a worker plays one (worker/dispatch_loop.c)
 *         rf_scenario_judge     what was written against what came
 *       new                     writes harness/cli/skeleton/, and blesses it
 *       worker-check            tries a speaker of the worker protocol: harness/check/kit.c,
 *                               its checks in checks.h
 *
 * What all stations stand on is harness/base/.
 */
/* clang-format on */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/escape.h"
#include "base/typo.h"
#include "cli/cores.h"
#include "cli/help.h"
#include "cli/interrupt.h"
#include "cli/memory.h"
#include "cli/options.h"
#include "cli/outside.h"
#include "cli/private_key.h"
#include "cli/replay.h"
#include "cli/say.h"
#include "cli/settings.h"
#include "cli/settings_report.h"
#include "cli/subcommand.h"
#include "cli/verbs.h"
#include "net/aws.h"

#define EXIT_USAGE    2
#define EXIT_SOURCE   4
#define EXIT_OUTPUT   5
#define EXIT_INTERNAL 70

/**
 * Where a standard descriptor is closed, the next file that is opened would get its number, and a
 * golden would be read from standard input, or a report written into one. Each is held by a
 * descriptor that fails (EBADF) where it is used, as a closed one would.
 */
static bool
hold_standard_descriptors(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
        if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd) {
            return false;
        }
    }
    return true;
}

/** Prints what was asked for; 5 where standard output cannot take it. */
static int
print(struct rf_buf *text, const char *what)
{
    struct rf_err err;
    rf_code code = rf_say_whole(STDOUT_FILENO, "standard output", what, text, &err);
    rf_buf_done(text);
    if (code != RF_OK) {
        rf_say_error(&err);
        return EXIT_OUTPUT;
    }
    return 0;
}

static int
unknown_verb(const char *word)
{
    const char *names[32] = {"help", NULL};
    size_t count = 1;
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        RF_VERIFY(count + 1 < sizeof(names) / sizeof(names[0]));
        names[count++] = verb->name;
    }
    names[count] = NULL;
    const char *nearest = rf_typo_nearest(word, names);
    struct rf_err err;
    if (nearest != NULL) {
        (void)rf_fail(&err, RF_ERR_USAGE, word, "no such verb; did you mean 'refold %s'?", nearest);
    } else {
        (void)rf_fail(&err, RF_ERR_USAGE, word, "no such verb; 'refold help' lists them");
    }
    rf_say_error(&err);
    return EXIT_USAGE;
}

static int
help(int argc, char **argv)
{
    struct rf_buf text = {0};
    if (argc > 0) {
        const struct rf_verb *verb = rf_verb_find(argv[0]);
        if (verb == NULL) {
            return unknown_verb(argv[0]);
        }
        rf_help_verb(verb, NULL, &text);
    } else {
        rf_help_overview(&text);
    }
    return print(&text, "help");
}

/** What fails before the verb begins is reported as what fails later: no report of an earlier run
 * stays that could pass for this one's. */
static int
refuse(struct rf_settings *settings, const struct rf_err *err)
{
    rf_keep_harmless_reports(settings);
    if (!rf_settings_reports(settings)) {
        rf_say_error(err);
        return err->code == RF_ERR_SOURCE ? EXIT_SOURCE : EXIT_USAGE;
    }
    return settings->verb == RF_VERB_SCENARIO ? rf_scenario_refuse(settings, err)
                                              : rf_replay_refuse(settings, err);
}

static int
perform(const struct rf_verb *verb, int argc, char **argv)
{
    struct rf_arguments arguments;
    struct rf_settings settings = {0};
    struct rf_err err;
    int status = EXIT_USAGE;
    if (rf_arguments_parse(argc, argv, verb->bit, &arguments, &err) != RF_OK) {
        rf_code none = rf_settings_begin(&arguments, verb->bit, &settings, NULL);
        (void)none; /* one fault is told */
        status = refuse(&settings, &err);
    } else if (rf_flag(&arguments, RF_OPT_HELP)) {
        struct rf_buf text = {0};
        bool told = verb->bit == RF_VERB_GOLDEN && arguments.operand_count > 0;
        rf_help_verb(verb, told ? rf_subcommand_find(arguments.operands[0]) : NULL, &text);
        status = print(&text, "help");
    } else if (rf_settings_make(&arguments, verb->bit, &settings, &err) != RF_OK) {
        status = refuse(&settings, &err);
    } else if (rf_check_reports(&settings, &err) != RF_OK) {
        status = refuse(&settings, &err);
    } else {
        status = verb->perform(&settings);
    }
    rf_settings_done(&settings);
    rf_arguments_done(&arguments);
    return status;
}

/** Whether refold ends the process itself, with the status that it found. */
static atomic_bool is_over;

/** A library that gives up ends the program: libarchive by exit(1), where memory lacks, and 1 is
 * "changed". */
static void
refuse_foreign_end(void)
{
    static const char text[] =
        "refold: a library gave up and ended the program, most likely for it "
        "was out of memory; nothing of this can be relied on\n";
    if (!atomic_load(&is_over)) {
        ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);
        (void)ignored;
        _exit(EXIT_INTERNAL);
    }
}

static int
run(int argc, char **argv)
{
    struct rf_err err;
    if (rf_memory_prepare(&err) != RF_OK) {
        rf_say_error(&err);
        return EXIT_INTERNAL;
    }
    rf_cores_forbid();
    rf_private_key_take();
    rf_aws_take_secrets();
    rf_interrupt_install();
    if (argc < 2) {
        struct rf_buf text = {0};
        rf_help_overview(&text);
        (void)fwrite(text.bytes, 1, text.used, stderr);
        rf_buf_done(&text);
        return EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0 || strcmp(word, "-V") == 0) {
        struct rf_buf text = {0};
        rf_help_version(&text);
        return print(&text, "version");
    }
    if (strcmp(word, "help") == 0 || strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0) {
        return help(argc - 2, argv + 2);
    }
    const struct rf_verb *verb = rf_verb_find(word);
    int status = verb == NULL ? unknown_verb(word) : perform(verb, argc - 2, argv + 2);
    int signal_number = rf_interrupt_signal();
    if (signal_number != 0 && status == 128 + signal_number) {
        rf_interrupt_raise(signal_number); /* one that came too late has ended nothing */
    }
    return status;
}

int
main(int argc, char **argv)
{
    if (!hold_standard_descriptors() || atexit(refuse_foreign_end) != 0) {
        return EXIT_INTERNAL;
    }
    int status = run(argc, argv);
    atomic_store(&is_over, true);
    return status;
}
