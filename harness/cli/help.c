/* SPDX-License-Identifier: MIT */
/* Help, made from the tables of verbs and options; 80 columns. */
#include "cli/help.h"

#include <jansson.h>
#include <nettle/version.h>
#include <stdio.h>
#include <string.h>
#include <xxhash.h>
#include <zlib.h>

#include <refold/aggregate.h>

#include "cli/exits.h"
#include "cli/options.h"
#include "cli/subcommand.h"
#include "decode/gzip.h"
#include "net/libcurl.h"
#include "program/frame.h"
#include "reports/report.h"
#include "walk/libarchive.h"

#define WIDTH  80
#define INDENT 28

/** `text` in lines that end before WIDTH; the first begins at `column`. */
static void
add_wrapped(struct rf_buf *out, const char *text, size_t column)
{
    if (column >= INDENT) {
        rf_buf_byte(out, '\n');
        column = 0;
    }
    for (; column < INDENT; column++) {
        rf_buf_byte(out, ' ');
    }
    while (*text != '\0') {
        size_t word = strcspn(text, " ");
        if (column + word > WIDTH && column > INDENT) {
            out->used -= 1; /* the blank behind the last word */
            rf_buf_format(out, "\n%*s", INDENT, "");
            column = INDENT;
        }
        rf_buf_add(out, text, word);
        text += word;
        column += word;
        if (*text == ' ') {
            rf_buf_byte(out, ' ');
            text++;
            column++;
        }
    }
    rf_buf_byte(out, '\n');
}

static void
add_example(struct rf_buf *out, const char *const *example)
{
    rf_buf_format(out, "  # %s\n  %s\n", example[0], example[1]);
}

static void
add_examples(struct rf_buf *out, const struct rf_verb *verb)
{
    for (const char *const *example = verb->examples; *example != NULL; example += 2) {
        add_example(out, example);
    }
}

static void
add_option(struct rf_buf *out, const struct rf_option *option, unsigned verb)
{
    struct rf_buf head = {0};
    if (option->letter != 0) {
        rf_buf_format(&head, "  -%c, --%s", option->letter, option->name);
    } else {
        rf_buf_format(&head, "      --%s", option->name);
    }
    if (option->argument != NULL) {
        rf_buf_format(&head, "%s%s", rf_option_is_optional(option) ? "" : " ", option->argument);
    }
    rf_buf_add(out, head.bytes, head.used);
    add_wrapped(out, rf_option_help(option, verb), head.used + 1);
    rf_buf_done(&head);
}

void
rf_help_overview(struct rf_buf *out)
{
    rf_buf_string(out, "refold folds an event history again and says what changed.\n\n");
    add_examples(out, rf_verb_find("bless"));
    add_examples(out, rf_verb_find("run"));
    rf_buf_string(out, "\nVerbs\n");
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        rf_buf_format(out, "  %-12s %s\n", verb->name, verb->summary);
    }
    rf_buf_string(out, "\nExit status\n");
    for (const struct rf_exit *row = rf_exits; row->codes != NULL; row++) {
        if (row->brief != NULL) {
            rf_buf_format(out, "  %-3s %s\n", row->codes, row->brief);
        }
    }
    rf_buf_string(out, "\n'refold VERB --help' lists a verb's options; 'refold --version' tells "
                       "versions.\n");
}

/** Whether a verb has an option that the environment can set. */
static bool
takes_settings(const struct rf_verb *verb)
{
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if (i != RF_OPT_HELP && (rf_options[i].verbs & verb->bit)) {
            return true;
        }
    }
    return false;
}

static void
add_formats(struct rf_buf *out, bool scenarios)
{
    rf_buf_string(out, "\nFormats of reports\n");
    for (const struct rf_report_format *format = rf_report_formats; format->name != NULL;
         format++) {
        if (rf_report_format_fits(format, scenarios)) {
            rf_buf_format(out, "  %-9s %s\n", format->name, format->summary);
        }
    }
}

/** What `refold golden` does, and how each of it is called. */
static void
add_subcommands(struct rf_buf *out)
{
    for (const struct rf_subcommand *subcommand = rf_subcommands; subcommand->name != NULL;
         subcommand++) {
        rf_buf_format(out, "  %s\n      %s\n", subcommand->usage, subcommand->summary);
    }
    rf_buf_string(out, "\n'refold golden SUBCOMMAND --help' lists what each takes.\n\n");
}

/** The options of a verb; with a subcommand only those that it takes. */
static void
add_options(struct rf_buf *out, const struct rf_verb *verb, const struct rf_subcommand *subcommand)
{
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if ((rf_options[i].verbs & verb->bit) &&
            (subcommand == NULL || rf_subcommand_takes(subcommand, (enum rf_option_id)i))) {
            add_option(out, &rf_options[i], verb->bit);
        }
    }
}

void
rf_help_verb(const struct rf_verb *verb, const struct rf_subcommand *subcommand, struct rf_buf *out)
{
    unsigned needs = subcommand == NULL ? verb->needs : subcommand->needs;
    if (subcommand == NULL) {
        rf_buf_format(out, "refold %s: %s\n\n", verb->name, verb->summary);
        add_examples(out, verb);
    } else {
        rf_buf_format(out, "refold %s %s: %s\n\n", verb->name, subcommand->name,
                      subcommand->summary);
        add_example(out, verb->examples + 2 * (subcommand - rf_subcommands));
    }
    rf_buf_format(out, "\nUsage: %s\n\n", subcommand == NULL ? verb->usage : subcommand->usage);
    if (verb->bit == RF_VERB_GOLDEN && subcommand == NULL) {
        add_subcommands(out);
    }
    if (verb->bit == RF_VERB_COMPARE) {
        rf_buf_string(
            out, "BASE and HEAD are builds of the same aggregates: a .so, a program, a .c or .cpp\n"
                 "or the folder of a program in Go or Rust, which are compiled first, or\n"
                 "REV:path, a source as git has it in that revision.\n");
    }
    if (verb->bit == RF_VERB_FETCH) {
        rf_buf_string(out, "SOURCE is an s3://bucket/prefix, or an https:// base with --keys; "
                           "without it the\nconfig's \"source\" is fetched.\n\n");
    } else if (needs & RF_NEEDS_SOURCES) {
        rf_buf_string(
            out, "SOURCE is a folder in the Firehose layout, an archive of one (.tar, .tar.gz,\n"
                 ".tar.zst, .zip), a file, a pack of 'refold pack', an s3://bucket/prefix, an\n"
                 "https:// base with --keys, a DynamoDB table (dynamodb://NAME), or - for\n"
                 "standard input; several are one history. Without SOURCE the config's \"source\"\n"
                 "is read.\n\n");
    }
    add_options(out, verb, subcommand);
    if ((rf_options[RF_OPT_REPORT].verbs & verb->bit) &&
        (subcommand == NULL || rf_subcommand_takes(subcommand, RF_OPT_REPORT))) {
        add_formats(out, verb->bit == RF_VERB_SCENARIO);
    }
    if (!takes_settings(verb)) {
        return;
    }
    rf_buf_string(out, "\nEach option but ");
    rf_options_by_hand(verb->bit, out);
    rf_buf_string(out, " can be set as REFOLD_<NAME>\n"
                       "in the environment; options win over the environment, the environment\n"
                       "over refold.json.\n");
}

void
rf_help_version(struct rf_buf *out)
{
    rf_buf_format(out, "refold %s\n", REFOLD_VERSION);
    rf_buf_format(out, "aggregate ABI %d, worker protocol %d\n", REFOLD_ABI_VERSION,
                  RF_SPOKEN_PROTOCOL);
    rf_buf_format(out, "zlib %s, jansson %s, xxHash %u.%u.%u, nettle %d.%d, %s, %s, %s\n",
                  zlibVersion(), jansson_version_str(), XXH_versionNumber() / 10000,
                  XXH_versionNumber() / 100 % 100, XXH_versionNumber() % 100,
                  nettle_version_major(), nettle_version_minor(), rf_gzip_engine_text(),
                  rf_libarchive_text(), rf_libcurl_text());
}
