/* SPDX-License-Identifier: MIT */
/* The option table: one place from which parsing and help come, and every list of options later. */
#ifndef RF_CLI_OPTIONS_H
#define RF_CLI_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"

/** Verbs that take an option, as bits. */
enum {
    RF_VERB_RUN = 1 << 0,
    RF_VERB_BLESS = 1 << 1,
    RF_VERB_COMPARE = 1 << 2,
    RF_VERB_SHOW = 1 << 3,
    RF_VERB_TYPES = 1 << 4,
    RF_VERB_SCENARIO = 1 << 5,
    RF_VERB_NEW = 1 << 6,
    RF_VERB_COMPLETION = 1 << 7,
    RF_VERB_GOLDEN = 1 << 8,
    RF_VERB_MERGE = 1 << 9,
    RF_VERB_PACK = 1 << 10,
    RF_VERB_LS = 1 << 11,
    RF_VERB_CAT = 1 << 12,
    RF_VERB_DOCTOR = 1 << 13,
    RF_VERB_FETCH = 1 << 15,
    RF_VERB_WORKER_CHECK = 1 << 16,
    RF_VERB_GOLDENS = RF_VERB_RUN | RF_VERB_BLESS,       /**< look at goldens */
    RF_VERB_REPLAYS = RF_VERB_GOLDENS | RF_VERB_COMPARE, /**< tell what differs */
    RF_VERB_REPORTS = RF_VERB_REPLAYS | RF_VERB_GOLDEN,  /**< give reports (-r) */
    RF_VERB_FOLDS = RF_VERB_REPORTS | RF_VERB_SHOW,      /**< fold a history */
    RF_VERB_LOOKS = RF_VERB_CAT | RF_VERB_DOCTOR,        /**< look at events as they are */
    RF_VERB_READS = RF_VERB_FOLDS | RF_VERB_TYPES | RF_VERB_LOOKS, /**< read a history */
    RF_VERB_DECODES = RF_VERB_READS | RF_VERB_PACK,                /**< its events, folded or not */
    RF_VERB_TAKES = RF_VERB_DECODES | RF_VERB_LS,                  /**< take objects of sources */
    RF_VERB_FETCHES = RF_VERB_TAKES | RF_VERB_FETCH,               /**< … of servers too */
    RF_VERB_LOADLESS =
        RF_VERB_PACK | RF_VERB_LS | RF_VERB_DOCTOR | RF_VERB_FETCH, /**< hold for any aggregate */
    RF_VERB_SELECTS =
        RF_VERB_LS | RF_VERB_LOOKS | RF_VERB_PACK | RF_VERB_FETCH, /**< may begin at any hour */
    RF_VERB_ALL = RF_VERB_TAKES | RF_VERB_SCENARIO | RF_VERB_NEW | RF_VERB_COMPLETION |
                  RF_VERB_MERGE | RF_VERB_FETCH | RF_VERB_WORKER_CHECK,
};

enum rf_option_id {
    /* What is replayed, compared and written: a proposed command repeats these. */
    RF_OPT_CONFIG,
    RF_OPT_AGGREGATE,
    RF_OPT_GOLDEN,
    RF_OPT_ENVELOPE,
    RF_OPT_KEYS,
    RF_OPT_COOKIE_FILE,
    RF_OPT_ENDPOINT_URL,
    RF_OPT_REGION,
    RF_OPT_PROFILE,
    RF_OPT_NO_SIGN_REQUEST,
    RF_OPT_REQUEST_PAYER,
    RF_OPT_SINCE,
    RF_OPT_UNTIL,
    RF_OPT_AS_OF,
    RF_OPT_FROM,
    RF_OPT_ID,
    RF_OPT_IDS,
    RF_OPT_SHARD,
    RF_OPT_IGNORE,
    RF_OPT_AT_HEAD,
    RF_OPT_REQUIRE_GOLDEN,
    RF_OPT_NO_COMPARE,
    RF_OPT_PURITY,
    RF_OPT_KEEP_PARTIAL,
    RF_OPT_ERRORS,
    RF_OPT_VERIFY,
    RF_OPT_REVIEW,
    RF_OPT_CLUSTER,
    RF_OPT_REASON,
    RF_OPT_DRY_RUN,
    RF_OPT_LINES,
    RF_OPT_DIGEST,
    RF_OPT_ACCEPT_DAMAGE,
    RF_OPT_LAST_DAY,
    RF_OPT_TODAY,
    RF_OPT_PRIVATE_KEY_FILE,
    RF_OPT_LIMIT,
    RF_OPT_CI,
    RF_OPT_TYPE,
    /* How that is done and shown. */
    RF_OPT_REPORT,
    RF_OPT_JOBS,
    RF_OPT_MEMORY,
    RF_OPT_CONNECTIONS,
    RF_OPT_REQUESTS_PER_SECOND,
    RF_OPT_BANDWIDTH,
    RF_OPT_MAX_REQUESTS,
    RF_OPT_MAX_BYTES,
    RF_OPT_TIMEOUT,
    RF_OPT_AGGREGATE_MEMORY,
    RF_OPT_SANDBOX,
    RF_OPT_STATS,
    RF_OPT_AT,
    RF_OPT_DIFF,
    RF_OPT_BLAME,
    RF_OPT_PATH,
    RF_OPT_JSON,
    RF_OPT_DOT,
    RF_OPT_OBJECTS,
    RF_OPT_CERTIFICATE,
    RF_OPT_CERTIFY,
    RF_OPT_REPAIR,
    RF_OPT_OLD_LINES,
    RF_OPT_OUTPUT,
    RF_OPT_WITHOUT,
    RF_OPT_DELETE,
    RF_OPT_LANG,
    RF_OPT_QUIET,
    RF_OPT_VERBOSE,
    RF_OPT_COLOR,
    RF_OPT_PROGRESS,
    RF_OPT_HELP,
    RF_OPT_COUNT_,
};

struct rf_option {
    enum rf_option_id id;
    const char *name;     /**< without the dashes */
    char letter;          /**< or 0 */
    const char *argument; /**< what help calls its argument; NULL: it takes none; with a blank in
                               it, it is two words; "[=WORD]": it may be left out, and is then
                               "sample" */
    bool repeatable;
    unsigned verbs;
    const char *help; /**< of most verbs: rf_option_help() */
};

/** Whether its argument may be left out. */
static inline bool
rf_option_is_optional(const struct rf_option *option)
{
    return option->argument != NULL && option->argument[0] == '[' && option->argument[1] == '=';
}

/** RF_OPT_COUNT_ rows, in the order of their ids. */
extern const struct rf_option rf_options[];

/** What help says of an option of this verb. */
const char *rf_option_help(const struct rf_option *option, unsigned verb);
/** Whether an option of this verb is told on the command line alone: REFOLD_<NAME> is not heard. */
bool rf_option_is_by_hand(const struct rf_option *option, unsigned verb);
/** All of these: "--dry-run and --help". */
void rf_options_by_hand(unsigned verb, struct rf_buf *out);

/** What stood on the command line or in REFOLD_… variables. Strings are borrowed from there. */
struct rf_arguments {
    struct {
        /** Owned array; of an option of two words, both. What a variable says of two words is one
         * value. */
        const char **values;
        size_t count; /**< how often; flags count too */
        bool from_environment;
    } given[RF_OPT_COUNT_];
    const char **operands; /**< owned array: what the verb wants in front of the sources */
    size_t operand_count;
    const char **sources; /**< owned array: all other words that are no options */
    size_t source_count;
};

/**
 * Parse what stands behind the verb. Options that are not given, and are not by hand, are looked up
 * as REFOLD_<NAME> in the environment (dashes as underscores; a flag is set by 1, true or yes, and
 * not by 0, false, no or an empty value).
 * @return  RF_OK or RF_ERR_USAGE: an unknown option (with a suggestion), one that the verb does not
 *          take, a missing or surplus argument, an option twice that can be given once, too few or
 *          too many words for the verb's operands. What else stands there is taken all the same:
 *          the reports that were asked for tell of the fault
 */
RF_MUST_USE rf_code rf_arguments_parse(int argc, char **argv, unsigned verb,
                                       struct rf_arguments *ret, struct rf_err *reterr);
void rf_arguments_done(struct rf_arguments *arguments);

/** The last value of an option, or NULL. */
const char *rf_argument(const struct rf_arguments *arguments, enum rf_option_id id);
bool rf_flag(const struct rf_arguments *arguments, enum rf_option_id id);

#define RF_OPTION_NAME_BYTES 64

/** Where an option's value came from, for messages: "--jobs" or "REFOLD_JOBS". Returns `buf`. */
const char *rf_option_origin(const struct rf_arguments *arguments, enum rf_option_id id,
                             char buf[RF_OPTION_NAME_BYTES]);

#endif
