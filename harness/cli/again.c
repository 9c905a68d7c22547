/* SPDX-License-Identifier: MIT */
/* The commands to go on with: what a report proposes repeats what decides of this command line. */
#include "cli/again.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "net/url.h"

/** A command to go on with, and what it repeats of this one. */
struct proposal {
    unsigned verb;
    bool with_ids;
    bool compares; /* else it has no use for --ignore and --at-head */
    bool whole;    /* else it accepts a part, which nobody certifies */
    bool dry_run;
    bool sharded; /* else of all shards */
};

/** Whether a proposed command repeats an option: what hangs depends on --timeout too, and what
 * crashes on --aggregate-memory. */
static bool
is_repeated(const struct rf_arguments *arguments, enum rf_option_id id,
            const struct proposal *proposal)
{
    bool decides = id <= RF_OPT_CI || id == RF_OPT_TIMEOUT || id == RF_OPT_AGGREGATE_MEMORY ||
                   (id == RF_OPT_CERTIFY && proposal->whole);
    bool names_ids = id == RF_OPT_ID || id == RF_OPT_IDS;
    /* What is accepted is told each time; but who has tried it may be offered to do it. */
    bool accepts = rf_flag(arguments, RF_OPT_DRY_RUN) && !proposal->dry_run;
    bool of_comparing = id == RF_OPT_IGNORE || id == RF_OPT_AT_HEAD;
    return decides && (rf_options[id].verbs & proposal->verb) &&
           !arguments->given[id].from_environment && (proposal->with_ids || !names_ids) &&
           (accepts || (id != RF_OPT_ACCEPT_DAMAGE && id != RF_OPT_LAST_DAY)) &&
           (proposal->sharded || id != RF_OPT_SHARD) && (proposal->compares || !of_comparing) &&
           (proposal->dry_run || id != RF_OPT_DRY_RUN);
}

static void
repeat_option(struct rf_buf *text, const struct rf_option *option, const char *value)
{
    if (option->letter != 0) {
        rf_buf_format(text, "-%c ", option->letter);
    } else {
        rf_buf_format(text, "--%s%s", option->name, rf_option_is_optional(option) ? "=" : " ");
    }
    if (option->argument != NULL) {
        char *shown = option->id == RF_OPT_ENDPOINT_URL ? rf_url_shown(value, true) : NULL;
        value = shown == NULL ? value : shown; /* as of sources: reports carry it */
        rf_escape_shell(text, value, strlen(value));
        rf_buf_byte(text, ' ');
        free(shown);
    }
}

static void
repeat_word(struct rf_buf *text, const char *word)
{
    rf_escape_shell(text, word, strlen(word));
    rf_buf_byte(text, ' ');
}

static bool
is_like_an_option(const char *word)
{
    return word[0] == '-' && word[1] != '\0';
}

/** The verb's operands, where it is the same verb, and the sources. */
static void
repeat_words(struct rf_buf *text, const struct rf_arguments *arguments, bool with_operands)
{
    size_t operands = with_operands ? arguments->operand_count : 0;
    bool like_options = false;
    for (size_t i = 0; i < operands; i++) {
        like_options = like_options || is_like_an_option(arguments->operands[i]);
    }
    for (size_t i = 0; i < arguments->source_count; i++) {
        like_options = like_options || is_like_an_option(arguments->sources[i]);
    }
    rf_buf_string(text, like_options ? "-- " : "");
    for (size_t i = 0; i < operands; i++) {
        repeat_word(text, arguments->operands[i]);
    }
    for (size_t i = 0; i < arguments->source_count; i++) {
        char *shown = rf_url_shown(arguments->sources[i], true); /* reports carry it */
        rf_escape_shell(text, shown, strlen(shown));
        rf_buf_byte(text, ' ');
        free(shown);
    }
}

/** What to type behind a verb to go on from here; behind `show` an id comes first. */
static char *
make_again(const struct rf_settings *settings, struct proposal proposal)
{
    const struct rf_arguments *arguments = settings->arguments;
    struct rf_buf text = {0};
    if (settings->rivals != NULL && proposal.verb != settings->verb) {
        rf_buf_string(&text, "-a ");
        repeat_word(&text, settings->rivals[0]);
    }
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        size_t count = arguments->given[i].count;
        if (!is_repeated(arguments, (enum rf_option_id)i, &proposal)) {
            continue;
        }
        for (size_t j = rf_options[i].repeatable || count == 0 ? 0 : count - 1; j < count; j++) {
            repeat_option(&text, &rf_options[i], arguments->given[i].values[j]);
        }
    }
    repeat_words(&text, arguments, proposal.verb == settings->verb);
    text.used -= text.used > 0;
    char *again = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return again;
}

/** What again_show ends with: what looks like an option goes between its options and these. */
static char *
make_sources(const struct rf_settings *settings)
{
    struct rf_buf text = {0};
    repeat_words(&text, settings->arguments, false);
    text.used -= text.used > 0;
    char *sources = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return sources;
}

/** What makes two runs unlike, wherever their files lie: what is in these is told by digests. */
static char *
make_options(const struct rf_settings *settings)
{
    static const enum rf_option_id apart[] = {RF_OPT_CONFIG,
                                              RF_OPT_AGGREGATE,
                                              RF_OPT_GOLDEN,
                                              RF_OPT_LINES,
                                              RF_OPT_KEYS,
                                              RF_OPT_ID,
                                              RF_OPT_IDS,
                                              RF_OPT_SHARD,
                                              RF_OPT_TODAY,
                                              RF_OPT_PRIVATE_KEY_FILE,
                                              RF_OPT_COOKIE_FILE,
                                              RF_OPT_ENDPOINT_URL,
                                              RF_OPT_REGION,
                                              RF_OPT_PROFILE,
                                              RF_OPT_NO_SIGN_REQUEST,
                                              RF_OPT_REQUEST_PAYER};
    struct rf_buf text = {0};
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        bool decides = i <= RF_OPT_CI || i == RF_OPT_TIMEOUT || i == RF_OPT_AGGREGATE_MEMORY;
        for (size_t j = 0; j < sizeof(apart) / sizeof(apart[0]); j++) {
            decides = decides && apart[j] != i;
        }
        size_t count = decides ? settings->arguments->given[i].count : 0;
        for (size_t j = rf_options[i].argument == NULL && count > 0 ? count - 1 : 0; j < count;
             j++) {
            repeat_option(&text, &rf_options[i], settings->arguments->given[i].values[j]);
        }
    }
    text.used -= text.used > 0;
    char *options = rf_strdup(rf_buf_text(&text));
    rf_buf_done(&text);
    return options;
}

void
rf_again_make(struct rf_settings *settings)
{
    bool chosen = settings->review || settings->cluster_count > 0;
    struct proposal same = {
        .verb = settings->verb, .with_ids = true, .compares = true, .whole = true, .dry_run = true};
    settings->again_whole = make_again(settings, same);
    settings->options = make_options(settings);
    same.sharded = true;
    settings->again = make_again(settings, same);
    settings->again_run =
        make_again(settings, (struct proposal){.verb = RF_VERB_RUN, .compares = true});
    settings->again_bless = make_again(
        settings, (struct proposal){
                      .verb = RF_VERB_BLESS, .with_ids = true, .compares = chosen, .whole = true});
    if (settings->from == NULL) { /* a review does not go with it */
        settings->again_review = make_again(
            settings, (struct proposal){.verb = RF_VERB_BLESS, .with_ids = true, .compares = true});
    }
    settings->again_show = make_again(settings, (struct proposal){.verb = RF_VERB_SHOW});
    settings->again_sources = make_sources(settings);
    settings->again_types = make_again(settings, (struct proposal){.verb = RF_VERB_TYPES});
}
