/* SPDX-License-Identifier: MIT */
/* Options that come from the environment: all but those that help names, of each verb. */
#include <criterion/criterion.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/help.h"
#include "cli/options.h"
#include "cli/verbs.h"

/** The contract's, in the order of help: what a variable does not set. */
static const struct {
    const char *verb;
    const char *by_hand;
} APART[] = {{"run", "--dry-run and --help"},
             {"bless", "--accept-damage and --help"},
             {"pack", "--aggregate and --help"},
             {"doctor", "--aggregate and --help"}};

static const char *
by_hand_of(const struct rf_verb *verb)
{
    for (size_t i = 0; i < sizeof(APART) / sizeof(APART[0]); i++) {
        if (strcmp(APART[i].verb, verb->name) == 0) {
            return APART[i].by_hand;
        }
    }
    return "--help";
}

/** Whether a list of options has this one. */
static bool
has(const char *list, const char *name)
{
    char word[64];
    char text[128];
    (void)snprintf(word, sizeof(word), " --%s ", name);
    (void)snprintf(text, sizeof(text), " %s ", list);
    return strstr(text, word) != NULL;
}

/** Parses the verb with this one variable, and with the words that it cannot do without. */
static void
expect_variable(const struct rf_verb *verb, const struct rf_subcommand *subcommand,
                const struct rf_option *option)
{
    char name[64];
    char *words[4];
    int count = 0;
    const char *const *operands = subcommand == NULL ? verb->operands : subcommand->operands;
    for (; operands[count] != NULL && operands[count][0] != '['; count++) {
        words[count] = (char *)operands[count];
    }
    int length = snprintf(name, sizeof(name), "REFOLD_%s", option->name);
    for (int i = 0; i < length; i++) {
        name[i] = name[i] == '-' ? '_' : (char)toupper((unsigned char)name[i]);
    }
    bool heard = !has(by_hand_of(verb), option->name);
    struct rf_arguments arguments;
    struct rf_err err = {0};
    cr_assert(setenv(name, "1", 1) == 0);
    rf_code code = rf_arguments_parse(count, words, verb->bit, &arguments, &err);
    cr_expect_eq(arguments.given[option->id].from_environment, heard, "%s: %s", verb->name, name);
    cr_expect_eq(arguments.given[option->id].count, heard ? 1 : 0, "%s: %s", verb->name, name);
    if (code != RF_OK) { /* said to be refused, in its name */
        cr_expect(!heard && code == RF_ERR_USAGE, "%s: %s: %s", verb->name, name, err.text);
        cr_expect_str_eq(err.where, name);
    }
    rf_arguments_done(&arguments);
    cr_assert(unsetenv(name) == 0);
}

Test(options, each_comes_from_its_variable_but_those_that_help_names)
{
    size_t tried = 0;
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
            const struct rf_option *option = &rf_options[i];
            if (!(option->verbs & verb->bit)) {
                continue;
            }
            if (verb->bit != RF_VERB_GOLDEN) {
                expect_variable(verb, NULL, option);
                tried++;
                continue;
            }
            for (const struct rf_subcommand *row = rf_subcommands; row->name != NULL; row++) {
                if (rf_subcommand_takes(row, option->id)) {
                    expect_variable(verb, row, option);
                    tried++;
                }
            }
        }
    }
    cr_expect_gt(tried, 400);
}

Test(options, help_names_those_that_are_told_on_the_command_line_alone)
{
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        char wanted[160];
        struct rf_buf text = {0};
        (void)snprintf(wanted, sizeof(wanted),
                       "\nEach option but %s can be set as REFOLD_<NAME>\nin the environment",
                       by_hand_of(verb));
        rf_help_verb(verb, NULL, &text);
        bool found = strstr(rf_buf_text(&text), wanted) != NULL;
        cr_expect_eq(found, verb->bit != RF_VERB_COMPLETION, "%s: %s", verb->name, wanted);
        rf_buf_done(&text);
    }
}

Test(options, help_is_of_the_verb_that_was_asked_for)
{
    struct rf_buf text = {0};
    for (const struct rf_subcommand *row = rf_subcommands; row->name != NULL; row++) {
        rf_help_verb(rf_verb_find("golden"), row, &text);
        for (const struct rf_subcommand *other = rf_subcommands; other->name != NULL; other++) {
            char example[64];
            (void)snprintf(example, sizeof(example), "refold golden %s ", other->name);
            const char *head = strstr(rf_buf_text(&text), "  # ");
            const char *usage = strstr(rf_buf_text(&text), "\nUsage: ");
            const char *found = strstr(head, example);
            cr_expect_eq(found != NULL && found < usage, other == row, "%s: %s", row->name,
                         other->name);
        }
        rf_buf_clear(&text);
    }
    rf_buf_done(&text);
}
