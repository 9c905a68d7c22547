/* SPDX-License-Identifier: MIT */
/* What can stand in a place of the command line, told by what help calls that place. */
#include <string.h>

#include "cli/completion.h"
#include "cli/subcommand.h"
#include "cli/verbs.h"
#include "decode/envelope.h"
#include "reports/report.h"

static void
add_word(struct rf_buf *list, const char *word)
{
    rf_buf_format(list, "%s%s", list->used == 0 ? "" : " ", word);
}

static void
list_formats(struct rf_buf *list)
{
    for (const struct rf_report_format *row = rf_report_formats; row->name != NULL; row++) {
        add_word(list, row->name);
    }
}

static void
list_envelopes(struct rf_buf *list)
{
    add_word(list, rf_envelope_name(RF_ENVELOPE_AUTO));
    for (int kind = 0; kind < RF_ENVELOPE_COUNT_; kind++) {
        if (kind != RF_ENVELOPE_CUSTOM) { /* that one is no name, but pointers */
            add_word(list, rf_envelope_name((enum rf_envelope_kind)kind));
        }
    }
}

static void
list_times(struct rf_buf *list)
{
    rf_buf_string(list, "auto always never");
}

static void
list_sandboxes(struct rf_buf *list)
{
    rf_buf_string(list, "auto require off");
}

static void
list_shells(struct rf_buf *list)
{
    for (const struct rf_completion_shell *row = rf_completion_shells; row->name != NULL; row++) {
        add_word(list, row->name);
    }
}

static void
list_subcommands(struct rf_buf *list)
{
    for (const struct rf_subcommand *subcommand = rf_subcommands; subcommand->name != NULL;
         subcommand++) {
        add_word(list, subcommand->name);
    }
}

static void
list_languages(struct rf_buf *list)
{
    rf_buf_string(list, "c cpp go rust");
}

static void
list_purities(struct rf_buf *list)
{
    add_word(list, "all");
    add_word(list, "sample");
    add_word(list, "off");
}

/** An argument is what its name begins with; "[DIR]" can be left out, of "FILE..." there can be
 * more. */
static const struct {
    const char *argument;
    enum rf_words_kind kind;
    void (*list)(struct rf_buf *list);
} PLACES[] = {
    {"FILE", RF_WORDS_FILES, NULL},
    {"BASE", RF_WORDS_FILES, NULL},
    {"HEAD", RF_WORDS_FILES, NULL},
    {"REPORT", RF_WORDS_FILES, NULL},
    {"DIR", RF_WORDS_FOLDERS, NULL},
    {"PATH", RF_WORDS_FILES, NULL},
    {"WHEN", RF_WORDS_LISTED, list_times},
    {"HOW", RF_WORDS_LISTED, list_sandboxes},
    {"SHELL", RF_WORDS_LISTED, list_shells},
    {"LANG", RF_WORDS_LISTED, list_languages},
    {"SUBCOMMAND", RF_WORDS_LISTED, list_subcommands},
    {"=all|", RF_WORDS_LISTED, list_purities},
    {"NAME|k=/ptr", RF_WORDS_LISTED, list_envelopes},
    {"FORMAT[=FILE]", RF_WORDS_FORMATS, list_formats},
};

void
rf_words_of(const char *argument, struct rf_words *ret)
{
    memset(ret, 0, sizeof(*ret));
    argument += argument[0] == '[';
    for (size_t i = 0; i < sizeof(PLACES) / sizeof(PLACES[0]); i++) {
        if (strncmp(argument, PLACES[i].argument, strlen(PLACES[i].argument)) == 0) {
            ret->kind = PLACES[i].kind;
            if (PLACES[i].list != NULL) {
                PLACES[i].list(&ret->list);
            }
            return;
        }
    }
}

void
rf_words_done(struct rf_words *words)
{
    rf_buf_done(&words->list);
}

bool
rf_words_files(const struct rf_verb *verb)
{
    bool files = (verb->needs & RF_NEEDS_SOURCES) != 0;
    for (const char *const *operand = verb->operands; *operand != NULL; operand++) {
        struct rf_words words;
        rf_words_of(*operand, &words);
        files = files || words.kind == RF_WORDS_FILES || words.kind == RF_WORDS_FOLDERS;
        rf_words_done(&words);
    }
    return files;
}

void
rf_words_operands(const struct rf_verb *verb, struct rf_buf *ret)
{
    for (const char *const *operand = verb->operands; *operand != NULL; operand++) {
        struct rf_words words;
        rf_words_of(*operand, &words);
        if (words.kind == RF_WORDS_LISTED) {
            add_word(ret, rf_buf_text(&words.list));
        }
        rf_words_done(&words);
    }
}

void
rf_words_verbs(struct rf_buf *ret)
{
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        add_word(ret, verb->name);
    }
    add_word(ret, "help");
}
