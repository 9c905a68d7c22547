/* SPDX-License-Identifier: MIT */
/* Completion for bash. Files are left to readline (-o default), which knows ~ and quotes. */
#include "cli/completion.h"
#include "cli/options.h"
#include "cli/verbs.h"

static const char HEAD[] = "# Completion for bash, made by 'refold completion bash'.\n\n";

/* Sees what the two functions above it set: bash's variables are those of whoever calls. */
static const char LOGIC[] =
    "_refold()\n"
    "{\n"
    "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} joined=''\n"
    "    local words='' options='' kind=files\n"
    "    COMPREPLY=()\n"
    "    # Bash makes three words of --color=auto.\n"
    "    if [[ $word == '=' ]]; then\n"
    "        word='' joined='='\n"
    "    elif [[ $before == '=' ]]; then\n"
    "        before=${COMP_WORDS[COMP_CWORD - 2]} joined='='\n"
    "    fi\n"
    "    if ((COMP_CWORD == 1)); then\n"
    "        _refold_verb ''\n"
    "    elif ! _refold_argument \"$before\" && ! _refold_argument \"$before$joined\"; then\n"
    "        _refold_verb \"${COMP_WORDS[1]}\"\n"
    "        if [[ $word == -* ]]; then\n"
    "            words=$options\n"
    "        fi\n"
    "    fi\n"
    "    case $kind in\n"
    "    folders) compopt +o default -o dirnames ;;\n"
    "    none) compopt +o default ;;\n"
    "    esac\n"
    "    if [[ $words ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$word\")\n"
    "    fi\n"
    "}\n"
    "complete -o default -F _refold refold\n";

/** "--color" or "-C | --config", and what may stand behind it. */
static void
add_argument(struct rf_buf *out, const struct rf_option *option)
{
    struct rf_words words;
    rf_words_of(option->argument, &words);
    rf_buf_string(out, "    ");
    if (option->letter != 0) {
        rf_buf_format(out, "-%c | ", option->letter);
    }
    rf_buf_format(out, "--%s%s)", option->name, rf_option_is_optional(option) ? "=" : "");
    switch (words.kind) {
    case RF_WORDS_FREE:
        rf_buf_string(out, " kind=none");
        break;
    case RF_WORDS_FILES:
        break;
    case RF_WORDS_FOLDERS:
        rf_buf_string(out, " kind=folders");
        break;
    case RF_WORDS_LISTED:
    case RF_WORDS_FORMATS: /* the file behind = comes as a word of its own */
        rf_buf_format(out, " kind=none words='%s'", rf_buf_text(&words.list));
        break;
    }
    rf_buf_string(out, " ;;\n");
    rf_words_done(&words);
}

static void
add_verb(struct rf_buf *out, const struct rf_verb *verb)
{
    rf_buf_format(out, "    %s)\n        options='", verb->name);
    const char *blank = "";
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if (rf_options[i].verbs & verb->bit) {
            rf_buf_format(out, "%s--%s", blank, rf_options[i].name);
            blank = " ";
        }
    }
    struct rf_buf words = {0};
    rf_words_operands(verb, &words);
    rf_buf_format(out, "'\n        words='%s' kind=%s\n        ;;\n", rf_buf_text(&words),
                  rf_words_files(verb) ? "files" : "none");
    rf_buf_done(&words);
}

void
rf_completion_bash(struct rf_buf *out)
{
    struct rf_buf verbs = {0};
    rf_words_verbs(&verbs);
    rf_buf_string(out, HEAD);
    rf_buf_string(out, "# What a verb takes; without a verb, the verbs.\n"
                       "_refold_verb()\n{\n    case $1 in\n");
    rf_buf_format(out, "    '') kind=none words='%s --help --version' ;;\n", rf_buf_text(&verbs));
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        add_verb(out, verb);
    }
    rf_buf_format(out, "    help) kind=none words='%s' ;;\n    esac\n}\n\n", rf_buf_text(&verbs));
    rf_buf_string(out, "# What stands behind an option that wants an argument.\n"
                       "_refold_argument()\n{\n    case $1 in\n");
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if (rf_options[i].argument != NULL) {
            add_argument(out, &rf_options[i]);
        }
    }
    rf_buf_string(out, "    *) return 1 ;;\n    esac\n}\n\n");
    rf_buf_string(out, LOGIC);
    rf_buf_done(&verbs);
}
