/* SPDX-License-Identifier: MIT */
/* Completion for zsh: a call of _arguments for each verb. */
#include <string.h>

#include "cli/completion.h"
#include "cli/options.h"
#include "cli/verbs.h"

static const char HEAD[] = "#compdef refold\n"
                           "# Completion for zsh, made by 'refold completion zsh'.\n"
                           "_refold()\n"
                           "{\n"
                           "    local -a verbs\n"
                           "    verbs=(\n";

/* Behind it _arguments sees the verb as the command's name. */
static const char CHOICE[] = "    )\n"
                             "    if (( CURRENT == 2 )); then\n"
                             "        _describe -t verbs verb verbs\n"
                             "        compadd -- --help --version\n"
                             "        return\n"
                             "    fi\n"
                             "    shift words\n"
                             "    (( CURRENT-- ))\n"
                             "    case $words[1] in\n"
                             "    (help) _describe -t verbs verb verbs ;;\n";

/* An autoloaded file is called, one that is sourced is registered. */
static const char TAIL[] = "    esac\n"
                           "}\n"
                           "if [[ $funcstack[1] == _refold ]]; then\n"
                           "    _refold \"$@\"\n"
                           "else\n"
                           "    compdef _refold refold\n"
                           "fi\n";

/** `text` for _arguments or _describe: with a backslash in front of what has a meaning there. */
static void
add_marked(struct rf_buf *out, const char *text, const char *marks)
{
    for (; *text != '\0'; text++) {
        if (strchr(marks, *text) != NULL) {
            rf_buf_byte(out, '\\');
        }
        rf_buf_byte(out, *text);
    }
}

static void
add_quoted(struct rf_buf *out, struct rf_buf *text)
{
    rf_completion_quote(out, rf_buf_text(text));
    rf_buf_done(text);
}

/** "MESSAGE:ACTION", what may stand in a place that help calls `name`. */
static void
add_place(struct rf_buf *out, const char *name)
{
    struct rf_words words;
    rf_words_of(name, &words);
    add_marked(out, name, ":\\");
    rf_buf_byte(out, ':');
    switch (words.kind) {
    case RF_WORDS_FREE:
        rf_buf_byte(out, ' ');
        break;
    case RF_WORDS_FILES:
        rf_buf_string(out, "_files");
        break;
    case RF_WORDS_FOLDERS:
        rf_buf_string(out, "_path_files -/");
        break;
    case RF_WORDS_LISTED:
        rf_buf_format(out, "(%s)", rf_buf_text(&words.list));
        break;
    case RF_WORDS_FORMATS:
        rf_buf_format(out, "{ compset -P \"*=\" && _files || compadd -- %s }",
                      rf_buf_text(&words.list));
        break;
    }
    rf_words_done(&words);
}

/** '(-C --config)'{-C+,--config=}'[…]:FILE:_files', '--since=[…]:T: ' */
static void
add_option(struct rf_buf *out, const struct rf_option *option, unsigned verb)
{
    bool takes = option->argument != NULL;
    struct rf_buf word = {0};
    rf_buf_string(out, " \\\n            ");
    if (option->letter == 0) {
        rf_buf_format(&word, "%s--%s%s%s", option->repeatable ? "*" : "", option->name,
                      takes ? "=" : "", rf_option_is_optional(option) ? "-" : "");
    } else {
        if (option->repeatable) {
            rf_buf_string(out, "'*'");
        } else {
            rf_buf_format(out, "'(-%c --%s)'", option->letter, option->name);
        }
        rf_buf_format(out, "{-%c%s,--%s%s}", option->letter, takes ? "+" : "", option->name,
                      takes ? "=" : "");
    }
    rf_buf_byte(&word, '[');
    add_marked(&word, rf_option_help(option, verb), "[]\\");
    rf_buf_byte(&word, ']');
    if (takes) {
        rf_buf_string(&word, rf_option_is_optional(option) ? "::" : ":");
        add_place(&word, option->argument);
    }
    add_quoted(out, &word);
}

static void
add_verb(struct rf_buf *out, const struct rf_verb *verb)
{
    rf_buf_format(out, "    (%s)\n        _arguments -s -S", verb->name);
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if (rf_options[i].verbs & verb->bit) {
            add_option(out, &rf_options[i], verb->bit);
        }
    }
    for (const char *const *operand = verb->operands; *operand != NULL; operand++) {
        struct rf_buf place = {0};
        rf_buf_string(&place, strstr(*operand, "...") != NULL ? "*:"
                              : (*operand)[0] == '['          ? "::"
                                                              : ":");
        add_place(&place, *operand);
        rf_buf_string(out, " \\\n            ");
        add_quoted(out, &place);
    }
    if (verb->needs & RF_NEEDS_SOURCES) {
        rf_buf_string(out, " \\\n            '*:SOURCE:_files'");
    }
    rf_buf_string(out, "\n        ;;\n");
}

void
rf_completion_zsh(struct rf_buf *out)
{
    rf_buf_string(out, HEAD);
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        struct rf_buf row = {0};
        rf_buf_format(&row, "%s:", verb->name);
        add_marked(&row, verb->summary, ":\\");
        rf_buf_string(out, "        ");
        add_quoted(out, &row);
        rf_buf_byte(out, '\n');
    }
    rf_buf_string(out, "        'help:what a verb does, and its options'\n");
    rf_buf_string(out, CHOICE);
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        add_verb(out, verb);
    }
    rf_buf_string(out, TAIL);
}
