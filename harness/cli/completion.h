/* SPDX-License-Identifier: MIT */
/* Completion of refold's command line, made from the tables of verbs and options: a script for each
 * shell, and what the scripts share. */
#ifndef RF_CLI_COMPLETION_H
#define RF_CLI_COMPLETION_H

#include <stdbool.h>

#include "base/buf.h"

enum rf_words_kind {
    RF_WORDS_FREE,    /**< an id, a number, a time: nothing to propose */
    RF_WORDS_FILES,   /**< files, and the folders on the way */
    RF_WORDS_FOLDERS, /**< folders alone */
    RF_WORDS_LISTED,  /**< one of a few words */
    RF_WORDS_FORMATS, /**< one of a few words, and a file behind = */
};

/** What can stand in one place of the command line. */
struct rf_words {
    enum rf_words_kind kind;
    struct rf_buf list; /**< RF_WORDS_LISTED and _FORMATS: the words, a blank between them */
};

/** By what help calls the place: "FILE", "DIR", "WHEN", … What it does not know is free. */
void rf_words_of(const char *argument, struct rf_words *ret);
void rf_words_done(struct rf_words *words);

struct rf_verb;
/** Whether the words of a verb that are no options may be files or folders. */
bool rf_words_files(const struct rf_verb *verb);
/** The words that are proposed for a verb's operands, of those that are a few: "bash zsh fish". */
void rf_words_operands(const struct rf_verb *verb, struct rf_buf *ret);
/** The names of all verbs, and help. */
void rf_words_verbs(struct rf_buf *ret);

/** `text` in single quotes, as bash and zsh read them. */
void rf_completion_quote(struct rf_buf *out, const char *text);

/** A shell, and the function that writes its script. */
struct rf_completion_shell {
    const char *name;
    void (*write)(struct rf_buf *out);
};

/** All shells; ends with a NULL name. */
extern const struct rf_completion_shell rf_completion_shells[];

void rf_completion_bash(struct rf_buf *out);
void rf_completion_zsh(struct rf_buf *out);
void rf_completion_fish(struct rf_buf *out);

#endif
