/* SPDX-License-Identifier: MIT */
/* Completion for fish: a line for each verb and option. */
#include "cli/completion.h"
#include "cli/options.h"
#include "cli/verbs.h"

static const char HEAD[] = "# Completion for fish, made by 'refold completion fish'.\n"
                           "complete -c refold -f\n"
                           "complete -c refold -n __fish_use_subcommand -s h -l help\n"
                           "complete -c refold -n __fish_use_subcommand -s V -l version\n";

static void
add_quoted(struct rf_buf *out, const char *text)
{
    rf_buf_byte(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'' || *text == '\\') {
            rf_buf_byte(out, '\\');
        }
        rf_buf_byte(out, *text);
    }
    rf_buf_byte(out, '\'');
}

/** Behind one of `verbs`, by their bits. */
static void
add_row(struct rf_buf *out, unsigned verbs)
{
    rf_buf_string(out, "complete -c refold -n '__fish_seen_subcommand_from");
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        if (verb->bit & verbs) {
            rf_buf_format(out, " %s", verb->name);
        }
    }
    rf_buf_byte(out, '\'');
}

static void
add_verb(struct rf_buf *out, const struct rf_verb *verb)
{
    rf_buf_format(out, "complete -c refold -n __fish_use_subcommand -a %s -d ", verb->name);
    add_quoted(out, verb->summary);
    rf_buf_byte(out, '\n');
    struct rf_buf words = {0};
    rf_words_operands(verb, &words);
    if (words.used > 0) {
        add_row(out, verb->bit);
        rf_buf_format(out, " -a '%s'\n", rf_buf_text(&words));
    }
    rf_buf_done(&words);
    if (rf_words_files(verb)) {
        add_row(out, verb->bit);
        rf_buf_string(out, " -F\n");
    }
}

/** An option of these verbs, of which help says the same. */
static void
add_option(struct rf_buf *out, const struct rf_option *option, unsigned verbs, const char *help)
{
    add_row(out, verbs);
    if (option->letter != 0) {
        rf_buf_format(out, " -s %c", option->letter);
    }
    rf_buf_format(out, " -l %s", option->name);
    if (option->argument != NULL) {
        struct rf_words words;
        rf_words_of(option->argument, &words);
        switch (words.kind) {
        case RF_WORDS_FREE:
            rf_buf_string(out, " -x");
            break;
        case RF_WORDS_FILES:
            rf_buf_string(out, " -r -F");
            break;
        case RF_WORDS_FOLDERS:
            rf_buf_string(out, " -x -a '(__fish_complete_directories)'");
            break;
        case RF_WORDS_LISTED:
            /* Without -x fish asks for it behind '=' alone. */
            rf_buf_format(out, " %s -a '%s'", rf_option_is_optional(option) ? "-f" : "-x",
                          rf_buf_text(&words.list));
            break;
        case RF_WORDS_FORMATS:
            rf_buf_format(out, " -r -F -a '%s'", rf_buf_text(&words.list));
            break;
        }
        rf_words_done(&words);
    }
    rf_buf_string(out, " -d ");
    add_quoted(out, help);
    rf_buf_byte(out, '\n');
}

/** A row for each text that help has for it. */
static void
add_option_of_all(struct rf_buf *out, const struct rf_option *option)
{
    unsigned left = option->verbs;
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        if (!(left & verb->bit)) {
            continue;
        }
        const char *help = rf_option_help(option, verb->bit);
        unsigned alike = 0;
        for (const struct rf_verb *other = verb; other->name != NULL; other++) {
            bool same = (left & other->bit) && rf_option_help(option, other->bit) == help;
            alike |= same ? other->bit : 0;
        }
        add_option(out, option, alike, help);
        left &= ~alike;
    }
}

void
rf_completion_fish(struct rf_buf *out)
{
    rf_buf_string(out, HEAD);
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        add_verb(out, verb);
    }
    struct rf_buf verbs = {0};
    rf_words_verbs(&verbs);
    rf_buf_format(out,
                  "complete -c refold -n __fish_use_subcommand -a help -d 'what a verb does, and "
                  "its options'\n"
                  "complete -c refold -n '__fish_seen_subcommand_from help' -a '%s'\n",
                  rf_buf_text(&verbs));
    rf_buf_done(&verbs);
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        add_option_of_all(out, &rf_options[i]);
    }
}
