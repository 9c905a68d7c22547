/* SPDX-License-Identifier: MIT */
/* The option table, and reading a command line by it. */
#include "cli/options.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/typo.h"
#include "cli/subcommand.h"
#include "cli/verbs.h"

const struct rf_option rf_options[] = {
    {RF_OPT_CONFIG, "config", 'C', "FILE", false, RF_VERB_TAKES | RF_VERB_SCENARIO | RF_VERB_FETCH,
     "refold.json (else the nearest one upwards from here, else none)"},
    {RF_OPT_AGGREGATE, "aggregate", 'a', "FILE", true,
     (RF_VERB_DECODES & ~RF_VERB_COMPARE) | RF_VERB_SCENARIO,
     "a compiled aggregate: a .so, a program that speaks the worker protocol, a .c or .cpp, or the "
     "folder of a program in Go or Rust; sources are compiled first"},
    {RF_OPT_GOLDEN, "golden", 'g', "DIR", false, RF_VERB_GOLDENS | RF_VERB_GOLDEN,
     "where the goldens lie (golden/ beside the config, else here)"},
    {RF_OPT_ENVELOPE, "envelope", 'e', "NAME|k=/ptr,...", false, RF_VERB_DECODES | RF_VERB_SCENARIO,
     "how a record is read: auto, eventsource, flat, cloudevents, eventbridge, cloudwatch, "
     "dynamodb-stream, or pointers of your own for id, aggregate, version, type, at, data, eid "
     "(default auto)"},
    {RF_OPT_KEYS, "keys", 0, "FILE", false, RF_VERB_TAKES | RF_VERB_FETCH,
     "keys of the objects below an http(s):// source, one a line (- is standard input); or an S3 "
     "Inventory's manifest.json; or s3://bucket/prefix, which is listed"},
    {RF_OPT_COOKIE_FILE, "cookie-file", 0, "FILE", false, RF_VERB_FETCHES,
     "one line, as a Cookie header has it, that http(s):// sources are sent: CloudFront's signed "
     "cookies; shown nowhere"},
    {RF_OPT_ENDPOINT_URL, "endpoint-url", 0, "URL", false, RF_VERB_FETCHES,
     "where S3 and DynamoDB are, when that is not AWS: MinIO, Ceph, R2, ..."},
    {RF_OPT_REGION, "region", 0, "REGION", false, RF_VERB_FETCHES,
     "the region at AWS (else that of the environment or of the profile)"},
    {RF_OPT_PROFILE, "profile", 0, "NAME", false, RF_VERB_FETCHES,
     "the profile of ~/.aws/config and ~/.aws/credentials whose credentials sign, and no others"},
    {RF_OPT_NO_SIGN_REQUEST, "no-sign-request", 0, NULL, false, RF_VERB_FETCHES,
     "sign nothing and look for no credentials: for public buckets"},
    {RF_OPT_REQUEST_PAYER, "request-payer", 0, NULL, false, RF_VERB_FETCHES,
     "pay for what is read from a bucket whose owner does not"},
    {RF_OPT_SINCE, "since", 0, "T", false, RF_VERB_GOLDENS | RF_VERB_SELECTS,
     "only objects of hour folders from T on"},
    {RF_OPT_UNTIL, "until", 0, "T", false, (RF_VERB_TAKES & ~RF_VERB_GOLDEN) | RF_VERB_FETCH,
     "only objects of hour folders before T: 2015-04-27, 2015-04-27T13, 2015/04/27/13"},
    {RF_OPT_AS_OF, "as-of", 0, "T", false, RF_VERB_READS & ~(RF_VERB_GOLDEN | RF_VERB_DOCTOR),
     "an instance ends before its first version with a later time (RFC 3339)"},
    {RF_OPT_FROM, "from", 0, "DIR", false, RF_VERB_GOLDENS,
     "go on from the states of the golden in DIR; what its versions cover is not folded again"},
    {RF_OPT_ID, "id", 0, "ID", true, RF_VERB_REPORTS | RF_VERB_TYPES | RF_VERB_CAT,
     "only this instance"},
    {RF_OPT_IDS, "ids", 0, "FILE", true, RF_VERB_REPORTS | RF_VERB_TYPES | RF_VERB_CAT,
     "only the instances whose ids stand in FILE, one a line"},
    {RF_OPT_SHARD, "shard", 0, "K/N", false, RF_VERB_RUN,
     "only the instances of part K of N (from 1/N to N/N), told by their ids: for a CI matrix, "
     "whose JSON reports 'refold merge' puts together"},
    {RF_OPT_IGNORE, "ignore", 0, "[AGG:]/ptr", true, RF_VERB_REPLAYS,
     "leave this JSON pointer out of the comparison; * stands for any one step"},
    {RF_OPT_AT_HEAD, "at-head", 0, NULL, false, RF_VERB_GOLDENS,
     "compare the last state, not the state at the golden's version"},
    {RF_OPT_REQUIRE_GOLDEN, "require-golden", 0, NULL, false, RF_VERB_RUN,
     "an instance without a golden line is a difference"},
    {RF_OPT_NO_COMPARE, "no-compare", 0, NULL, false, RF_VERB_RUN,
     "fold and report, compare nothing"},
    {RF_OPT_PURITY, "purity", 0, "[=all|sample|N|off]", false, RF_VERB_REPLAYS,
     "fold instances in two other worlds too (addresses, clock, locale, order, ...): code whose "
     "states differ is impure. Alone it is --purity=sample: a sample of them, as every bless does "
     "it; or all, or about N"},
    {RF_OPT_KEEP_PARTIAL, "keep-partial", 0, NULL, false, RF_VERB_READS,
     "keep the whole records in front of the break in a broken object"},
    {RF_OPT_ERRORS, "errors", 0, NULL, false, RF_VERB_TAKES,
     "read what Firehose wrote below error prefixes (processing-failed/, ...) too: the records as "
     "they were put"},
    {RF_OPT_VERIFY, "verify", 0, NULL, false, RF_VERB_TAKES | RF_VERB_FETCH,
     "compare a pack with the contents of its objects, not with their sizes and times, as where CI "
     "is set; and a folder that was fetched with its manifest"},
    {RF_OPT_REVIEW, "review", 0, NULL, false, RF_VERB_BLESS,
     "ask, cluster by cluster of alike differences, which of them are accepted"},
    {RF_OPT_CLUSTER, "cluster", 0, "KEY", true, RF_VERB_BLESS,
     "accept only this cluster of alike differences; KEY, or its front, as --dry-run, run -v and "
     "the JSON report tell it"},
    {RF_OPT_REASON, "reason", 0, "TEXT", false, RF_VERB_BLESS,
     "why --cluster is accepted; kept beside the golden"},
    {RF_OPT_DRY_RUN, "dry-run", 0, NULL, false, RF_VERB_GOLDENS | RF_VERB_GOLDEN | RF_VERB_FETCH,
     "tell what would be written, and write nothing"},
    {RF_OPT_LINES, "lines", 0, "PATH", false, RF_VERB_GOLDENS | RF_VERB_GOLDEN,
     "the folder in which the lines of digest goldens lie (.lines/ in the golden folder)"},
    {RF_OPT_DIGEST, "digest", 0, NULL, false, RF_VERB_BLESS,
     "a new golden becomes a digest golden: git gets its digests, its lines go to --lines"},
    {RF_OPT_ACCEPT_DAMAGE, "accept-damage", 0, "REASON", false, RF_VERB_BLESS,
     "accept the damage that is there, exactly: it is written to known-damage.json beside the "
     "goldens, and counts no more"},
    {RF_OPT_LAST_DAY, "last-day", 0, "DAY", false, RF_VERB_BLESS,
     "the last day on which --accept-damage counts, such as 2026-12-31"},
    {RF_OPT_TODAY, "today", 0, "DAY", false, RF_VERB_REPORTS,
     "the day by which last days are over, of known damage and ignore rules (default: today in "
     "UTC)"},
    {RF_OPT_PRIVATE_KEY_FILE, "private-key-file", 0, "FILE", false, RF_VERB_FOLDS | RF_VERB_CAT,
     "the key with which values that the config calls private are hashed (or the key itself in "
     "REFOLD_PRIVATE_KEY)"},
    {RF_OPT_LIMIT, "limit", 0, "NAME=VALUE", true, RF_VERB_TAKES | RF_VERB_MERGE,
     "another limit against bombs than the built-in one, such as record=32M or depth=1000; there "
     "are object, ratio, members, record, string, depth, keys, id, and of reports listed and "
     "changes"},
    {RF_OPT_CI, "ci", 0, NULL, false, RF_VERB_BLESS | RF_VERB_GOLDEN,
     "write goldens although CI is set in the environment"},
    {RF_OPT_TYPE, "type", 0, "TYPE", true, RF_VERB_TYPES | RF_VERB_CAT, "only this event type"},
    {RF_OPT_REPORT, "report", 'r', "FORMAT[=FILE]", true,
     RF_VERB_REPORTS | RF_VERB_SCENARIO | RF_VERB_MERGE,
     "how to report, in a format listed below; without FILE to standard output"},
    {RF_OPT_JOBS, "jobs", 'j', "N", false, RF_VERB_TAKES | RF_VERB_FETCH,
     "threads and workers (default: the processors this process may use)"},
    {RF_OPT_MEMORY, "memory", 0, "SIZE", false, RF_VERB_DECODES,
     "above it the history goes to disk, in $TMPDIR (default: half of what there is)"},
    {RF_OPT_CONNECTIONS, "connections", 0, "N", false, RF_VERB_FETCHES,
     "requests to servers at the same time, from 1 to 1024 (default 32)"},
    {RF_OPT_REQUESTS_PER_SECOND, "requests-per-second", 0, "N", false, RF_VERB_FETCHES,
     "ask servers no more often than that"},
    {RF_OPT_BANDWIDTH, "bandwidth", 0, "SIZE", false, RF_VERB_FETCHES,
     "fetch no more than that in a second, such as 10M"},
    {RF_OPT_MAX_REQUESTS, "max-requests", 0, "N", false, RF_VERB_FETCHES,
     "end with exit status 4 where servers would be asked more than N times in all"},
    {RF_OPT_MAX_BYTES, "max-bytes", 0, "SIZE", false, RF_VERB_FETCHES,
     "end with exit status 4 where more than that would be fetched in all"},
    {RF_OPT_TIMEOUT, "timeout", 0, "SECONDS", false,
     RF_VERB_DECODES | RF_VERB_SCENARIO | RF_VERB_WORKER_CHECK,
     "longest one apply may take (default 10)"},
    {RF_OPT_AGGREGATE_MEMORY, "aggregate-memory", 0, "SIZE", false,
     RF_VERB_DECODES | RF_VERB_SCENARIO | RF_VERB_WORKER_CHECK,
     "memory that an aggregate may take in each worker; an instance that needs more has crashed "
     "(default 1G)"},
    {RF_OPT_SANDBOX, "sandbox", 0, "HOW", false,
     RF_VERB_DECODES | RF_VERB_SCENARIO | RF_VERB_WORKER_CHECK,
     "hold compiled code in a sandbox: auto (as far as the system can), require (or not at all), "
     "off (for debuggers)"},
    {RF_OPT_STATS, "stats", 0, NULL, false, RF_VERB_REPLAYS,
     "tell on standard error, and in the JSON report, where the CPU time went"},
    {RF_OPT_AT, "at", 0, "VERSION|TIME", false, RF_VERB_SHOW,
     "the whole state behind that version, or behind the last event that is no later than TIME "
     "(RFC 3339, or as --until has it), as --as-of has it; 0 is the state before the first event"},
    {RF_OPT_DIFF, "diff", 0, "N M", false, RF_VERB_SHOW,
     "what differs between the states behind two versions, or at two times"},
    {RF_OPT_BLAME, "blame", 0, NULL, false, RF_VERB_SHOW,
     "for each value of the state the event behind which it became so"},
    {RF_OPT_PATH, "path", 0, "/ptr", false, RF_VERB_SHOW,
     "the events that changed the value at this JSON pointer, with the old and the new one"},
    {RF_OPT_JSON, "json", 0, NULL, false,
     RF_VERB_SHOW | RF_VERB_TYPES | RF_VERB_GOLDEN | RF_VERB_FETCH | RF_VERB_LS | RF_VERB_DOCTOR |
         RF_VERB_WORKER_CHECK,
     "for programs: JSON, with a schema in reports/schema/"},
    {RF_OPT_DOT, "dot", 0, NULL, false, RF_VERB_TYPES,
     "which type comes behind which, as a graph for Graphviz"},
    {RF_OPT_OBJECTS, "objects", 'l', NULL, false, RF_VERB_LS, "a line for each object"},
    {RF_OPT_CERTIFICATE, "certificate", 0, "FILE", false, RF_VERB_DOCTOR,
     "tell which objects were added, changed or removed since this certificate, which --output of "
     "an earlier doctor wrote"},
    {RF_OPT_CERTIFY, "certify", 0, NULL, false, RF_VERB_BLESS,
     "keep certificate.json beside the golden, which names every object with its digest; where "
     "there is one, each bless of everything writes it anew, and a run that differs tells what "
     "changed"},
    {RF_OPT_REPAIR, "repair", 0, NULL, false, RF_VERB_GOLDEN,
     "put the files of a bless that was cut off into place, and remove what killed ones left"},
    {RF_OPT_OLD_LINES, "old-lines", 0, NULL, false, RF_VERB_GOLDEN,
     "remove nothing but files with lines of digest goldens that no manifest in DIR names, no "
     "history is read; manifests of other branches may name them"},
    {RF_OPT_OUTPUT, "output", 'o', "PATH", false, RF_VERB_PACK | RF_VERB_FETCH | RF_VERB_DOCTOR,
     "the pack that is written"},
    {RF_OPT_WITHOUT, "without", 0, "PACK", true, RF_VERB_PACK | RF_VERB_LS,
     "leave out the objects that PACK holds, so that both packs together are the history"},
    {RF_OPT_DELETE, "delete", 0, NULL, false, RF_VERB_FETCH,
     "remove what was fetched before and is no longer there; nothing else is ever removed"},
    {RF_OPT_LANG, "lang", 0, "LANG", false, RF_VERB_NEW,
     "the language in which it is written: c (the default), cpp, go, rust"},
    {RF_OPT_QUIET, "quiet", 'q', NULL, false, RF_VERB_ALL & ~RF_VERB_COMPLETION,
     "the verdict only"},
    {RF_OPT_VERBOSE, "verbose", 'v', NULL, true, RF_VERB_ALL & ~RF_VERB_COMPLETION,
     "more of everything"},
    {RF_OPT_COLOR, "color", 0, "WHEN", false, RF_VERB_ALL & ~RF_VERB_COMPLETION,
     "auto, always or never (default auto; NO_COLOR is heard)"},
    {RF_OPT_PROGRESS, "progress", 0, "WHEN", false, RF_VERB_TAKES | RF_VERB_FETCH,
     "auto, always or never (default auto: on a terminal)"},
    {RF_OPT_HELP, "help", 'h', NULL, false, RF_VERB_ALL, "this help"},
};

_Static_assert(sizeof(rf_options) / sizeof(rf_options[0]) == RF_OPT_COUNT_, "a row for each id");

/** What options are where they are something else than of other verbs. */
static const struct {
    enum rf_option_id id;
    unsigned verbs;
    const char *help;
} APART[] = {
    {RF_OPT_SINCE, RF_VERB_GOLDENS,
     "only objects of hour folders from T on; with --from only, for the events before T are "
     "needed"},
    {RF_OPT_VERIFY, RF_VERB_FETCH,
     "compare what is here by its contents, not by its size and time alone"},
    {RF_OPT_DRY_RUN, RF_VERB_RUN, "tell what would be read, as 'refold ls' does, and read nothing"},
    {RF_OPT_DRY_RUN, RF_VERB_FETCH, "tell what would be fetched and removed, and write nothing"},
    {RF_OPT_LINES, RF_VERB_RUN,
     "the folder or archive in which the lines of digest goldens lie (.lines/ in the golden "
     "folder)"},
    {RF_OPT_TYPE, RF_VERB_TYPES,
     "only this event type; others are named where they stand around it"},
    {RF_OPT_OUTPUT, RF_VERB_FETCH, "the folder that is fetched into"},
    {RF_OPT_OUTPUT, RF_VERB_DOCTOR,
     "write a certificate of all objects and instances, for --certificate later"},
    {RF_OPT_QUIET, RF_VERB_SHOW, "the bare lines only"},
    {RF_OPT_QUIET, RF_VERB_LS, "the first line only"},
    {RF_OPT_QUIET, RF_VERB_DOCTOR, "the last line only"},
    {RF_OPT_QUIET, RF_VERB_NEW | RF_VERB_PACK, "not a word of what was written"},
    {RF_OPT_QUIET, RF_VERB_WORKER_CHECK, "only what is not ok, and the verdict"},
};

/** Options that a variable does not set, and of which verbs. */
static const struct {
    enum rf_option_id id;
    unsigned verbs;
    const char *refused; /**< why one that is set ends all; NULL: it is not looked at */
} BY_HAND[] = {
    {RF_OPT_AGGREGATE, RF_VERB_LOADLESS, NULL}, /* it is meant for other verbs */
    {RF_OPT_ACCEPT_DAMAGE, RF_VERB_ALL,
     "is not heard: what is accepted is told on the command line, each time"},
    {RF_OPT_DRY_RUN, RF_VERB_RUN,
     "a run compares nothing then: give --dry-run on the command line, or unset it"},
    {RF_OPT_HELP, RF_VERB_ALL, NULL},
};

const char *
rf_option_help(const struct rf_option *option, unsigned verb)
{
    for (size_t i = 0; i < sizeof(APART) / sizeof(APART[0]); i++) {
        if (APART[i].id == option->id && (APART[i].verbs & verb)) {
            return APART[i].help;
        }
    }
    return option->help;
}

/** @ret_refused  as in the table */
static bool
find_by_hand(const struct rf_option *option, unsigned verb, const char **ret_refused)
{
    for (size_t i = 0; i < sizeof(BY_HAND) / sizeof(BY_HAND[0]); i++) {
        if (BY_HAND[i].id == option->id && (BY_HAND[i].verbs & verb)) {
            *ret_refused = BY_HAND[i].refused;
            return true;
        }
    }
    return false;
}

bool
rf_option_is_by_hand(const struct rf_option *option, unsigned verb)
{
    const char *refused;
    return find_by_hand(option, verb, &refused);
}

void
rf_options_by_hand(unsigned verb, struct rf_buf *out)
{
    bool first = true;
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if ((rf_options[i].verbs & verb) && rf_option_is_by_hand(&rf_options[i], verb)) {
            bool last = i == RF_OPT_HELP; /* every verb has it */
            rf_buf_format(out, "%s--%s", first ? "" : last ? " and " : ", ", rf_options[i].name);
            first = false;
        }
    }
}

static const struct rf_option *
find_name(const char *name, size_t bytes)
{
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if (strlen(rf_options[i].name) == bytes && memcmp(rf_options[i].name, name, bytes) == 0) {
            return &rf_options[i];
        }
    }
    return NULL;
}

static const struct rf_option *
find_letter(char letter)
{
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if (rf_options[i].letter == letter) {
            return &rf_options[i];
        }
    }
    return NULL;
}

static rf_code
unknown_option(const char *word, size_t name_bytes, unsigned verb, struct rf_err *reterr)
{
    const char *names[RF_OPT_COUNT_ + 1];
    size_t count = 0;
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        if (rf_options[i].verbs & verb) {
            names[count++] = rf_options[i].name;
        }
    }
    names[count] = NULL;
    char *name = rf_strndup(word + 2, name_bytes);
    const char *nearest = rf_typo_nearest(name, names);
    rf_code code =
        nearest == NULL
            ? rf_fail(reterr, RF_ERR_USAGE, word, "no such option; see --help")
            : rf_fail(reterr, RF_ERR_USAGE, word, "no such option; did you mean --%s?", nearest);
    free(name);
    return code;
}

/** "a FILE", "an ID" */
static const char *
article(const char *noun)
{
    return strchr("AEIO", noun[0]) != NULL || strcmp(noun, "N") == 0 ? "an" : "a";
}

/** An option of other verbs: names these. */
static rf_code
other_verbs_option(const struct rf_option *option, const char *where, struct rf_err *reterr)
{
    struct rf_buf names = {0};
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        if (option->verbs & verb->bit) {
            rf_buf_format(&names, "%s'refold %s'", names.used == 0 ? "" : " or ", verb->name);
        }
    }
    rf_code code = rf_fail(reterr, RF_ERR_USAGE, where, "only %s takes it", rf_buf_text(&names));
    rf_buf_done(&names);
    return code;
}

/** @where  the option as it was written, without its value: for messages */
static rf_code
take(struct rf_arguments *arguments, const struct rf_option *option, const char *value,
     const char *where, unsigned verb, struct rf_err *reterr)
{
    if (!(option->verbs & verb)) {
        return other_verbs_option(option, where, reterr);
    }
    size_t count = arguments->given[option->id].count;
    if (count > 0 && !option->repeatable && option->argument != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, where, "can be given only once");
    }
    if (rf_option_is_optional(option) && value[0] == '\0') {
        return rf_fail(reterr, RF_ERR_USAGE, where, "needs a word behind its '='; see --help");
    }
    if (option->argument != NULL && value[0] == '\0') {
        return rf_fail(reterr, RF_ERR_USAGE, where, "needs %s %s that is not empty",
                       article(option->argument), option->argument);
    }
    arguments->given[option->id].values =
        rf_realloc(arguments->given[option->id].values, count + 1, sizeof(const char *));
    arguments->given[option->id].values[count] = value;
    arguments->given[option->id].count = count + 1;
    return RF_OK;
}

/** Whether an option takes two words. Its name in the table tells; none of them has a letter. */
static bool
is_pair(const struct rf_option *option)
{
    return option->argument != NULL && strchr(option->argument, ' ') != NULL;
}

/** The second word of such an option. */
static rf_code
take_second(struct rf_arguments *arguments, const struct rf_option *option, int argc, char **argv,
            int *index, struct rf_err *reterr)
{
    if (*index + 1 >= argc) {
        char where[RF_OPTION_NAME_BYTES];
        (void)snprintf(where, sizeof(where), "--%s", option->name);
        return rf_fail(reterr, RF_ERR_USAGE, where, "needs two words: %s", option->argument);
    }
    *index += 1;
    arguments->given[option->id].values =
        rf_realloc(arguments->given[option->id].values, 2, sizeof(const char *));
    arguments->given[option->id].values[1] = argv[*index];
    arguments->given[option->id].count = 2;
    return RF_OK;
}

/** One word that begins with two dashes. */
static rf_code
take_long(struct rf_arguments *arguments, int argc, char **argv, int *index, unsigned verb,
          struct rf_err *reterr)
{
    const char *word = argv[*index];
    const char *equals = strchr(word, '=');
    size_t name_bytes = equals == NULL ? strlen(word) - 2 : (size_t)(equals - word) - 2;
    const struct rf_option *option = find_name(word + 2, name_bytes);
    if (option == NULL) {
        return unknown_option(word, name_bytes, verb, reterr);
    }
    char where[RF_OPTION_NAME_BYTES];
    (void)snprintf(where, sizeof(where), "--%s", option->name);
    if (option->argument == NULL) {
        if (equals != NULL) {
            return rf_fail(reterr, RF_ERR_USAGE, where, "takes no argument");
        }
        return take(arguments, option, NULL, where, verb, reterr);
    }
    if (equals == NULL && rf_option_is_optional(option)) {
        return take(arguments, option, "sample", where, verb, reterr);
    }
    if (equals == NULL && *index + 1 >= argc) {
        return rf_fail(reterr, RF_ERR_USAGE, where, "needs %s %s",
                       is_pair(option) ? "two words:" : article(option->argument),
                       option->argument);
    }
    const char *value = equals != NULL ? equals + 1 : argv[++*index];
    RF_TRY(take(arguments, option, value, where, verb, reterr));
    return is_pair(option) ? take_second(arguments, option, argc, argv, index, reterr) : RF_OK;
}

/** One word of letters: -q, -j2, -a order.so, -qa order.so. */
static rf_code
take_letters(struct rf_arguments *arguments, int argc, char **argv, int *index, unsigned verb,
             struct rf_err *reterr)
{
    const char *word = argv[*index];
    for (const char *letter = word + 1; *letter != '\0'; letter++) {
        const struct rf_option *option = find_letter(*letter);
        const char where[] = {'-', *letter, '\0'};
        if (option == NULL) {
            bool whole = (unsigned char)*letter < 0x80; /* else a part of a character */
            return rf_fail(reterr, RF_ERR_USAGE, whole ? where : word,
                           "no such option; see --help");
        }
        if (option->argument == NULL) {
            RF_TRY(take(arguments, option, NULL, where, verb, reterr));
            continue;
        }
        if (letter[1] != '\0') {
            return take(arguments, option, letter + 1, where, verb, reterr);
        }
        if (*index + 1 >= argc) {
            return rf_fail(reterr, RF_ERR_USAGE, where, "needs %s %s", article(option->argument),
                           option->argument);
        }
        *index += 1;
        return take(arguments, option, argv[*index], where, verb, reterr);
    }
    return RF_OK;
}

static void
append_word(const char ***words, size_t *count, const char *word)
{
    *words = rf_realloc(*words, *count + 1, sizeof(const char *));
    (*words)[(*count)++] = word;
}

/** The subcommand of `refold golden`, once its word has come; NULL: another verb, or no such
 * subcommand. */
static const struct rf_subcommand *
subcommand_of(const struct rf_arguments *arguments, const struct rf_verb *verb)
{
    bool told = verb->bit == RF_VERB_GOLDEN && arguments->operand_count > 0;
    return told ? rf_subcommand_find(arguments->operands[0]) : NULL;
}

/** What the words are called: a subcommand has its own. */
static const char *const *
operands_of(const struct rf_arguments *arguments, const struct rf_verb *verb)
{
    const struct rf_subcommand *subcommand = subcommand_of(arguments, verb);
    return subcommand == NULL ? verb->operands : subcommand->operands;
}

/** Whether further words are sources. */
static bool
takes_sources(const struct rf_arguments *arguments, const struct rf_verb *verb)
{
    const struct rf_subcommand *subcommand = subcommand_of(arguments, verb);
    return ((subcommand == NULL ? verb->needs : subcommand->needs) & RF_NEEDS_SOURCES) != 0;
}

/** What the word behind `count` operands is called; NULL: it is none. */
static const char *
next_operand(const char *const *operands, size_t count)
{
    const char *operand = NULL;
    for (size_t i = 0; i <= count && operands[i] != NULL; i++) {
        const char *name = operands[i];
        size_t bytes = strlen(name);
        bool takes_all = bytes > 3 && strcmp(name + bytes - 3, "...") == 0;
        operand = i == count || takes_all ? name : NULL;
    }
    return operand;
}

/** A word that is no option: first the verb's operands, then sources. */
static rf_code
take_word(struct rf_arguments *arguments, const char *word, const struct rf_verb *verb,
          struct rf_err *reterr)
{
    const char *operand = next_operand(operands_of(arguments, verb), arguments->operand_count);
    if (operand != NULL && word[0] == '\0') {
        return rf_fail(reterr, RF_ERR_USAGE, operand, "cannot be empty");
    }
    if (operand != NULL) {
        append_word(&arguments->operands, &arguments->operand_count, word);
        return RF_OK;
    }
    if (!takes_sources(arguments, verb)) {
        return rf_fail(reterr, RF_ERR_USAGE, word, "one word too many; see 'refold %s --help'",
                       verb->name);
    }
    if (word[0] == '\0') {
        return rf_fail(reterr, RF_ERR_USAGE, "SOURCE", "a source cannot be empty");
    }
    append_word(&arguments->sources, &arguments->source_count, word);
    return RF_OK;
}

static rf_code
check_operands(const struct rf_arguments *arguments, const struct rf_verb *verb,
               struct rf_err *reterr)
{
    size_t needed = 0;
    const char *const *operands = operands_of(arguments, verb);
    while (operands[needed] != NULL && operands[needed][0] != '[') {
        needed++;
    }
    if (arguments->operand_count >= needed || rf_flag(arguments, RF_OPT_HELP)) {
        return RF_OK;
    }
    const char *missing = operands[arguments->operand_count];
    const char *what = islower((unsigned char)missing[0]) ? "the word" : article(missing);
    const struct rf_subcommand *subcommand = subcommand_of(arguments, verb);
    return rf_fail(reterr, RF_ERR_USAGE, verb->name, "needs %s %s: %s", what, missing,
                   subcommand == NULL ? verb->usage : subcommand->usage);
}

/** What a flag's variable says. What is neither yes nor no is refused: a guess could let a check be
 * left out in silence. */
static rf_code
read_switch(const char *name, const char *value, bool *ret, struct rf_err *reterr)
{
    *ret =
        strcmp(value, "1") == 0 || strcasecmp(value, "true") == 0 || strcasecmp(value, "yes") == 0;
    if (*ret || value[0] == '\0' || strcmp(value, "0") == 0 || strcasecmp(value, "false") == 0 ||
        strcasecmp(value, "no") == 0) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, name, "'%s' is neither yes nor no", value);
}

/** REFOLD_<NAME>, dashes as underscores. */
static void
name_variable(const struct rf_option *option, char buf[RF_OPTION_NAME_BYTES])
{
    int length = snprintf(buf, RF_OPTION_NAME_BYTES, "REFOLD_%s", option->name);
    for (int i = 0; i < length; i++) {
        buf[i] = buf[i] == '-' ? '_' : (char)toupper((unsigned char)buf[i]);
    }
}

static rf_code
take_variable(struct rf_arguments *arguments, const struct rf_option *option, unsigned verb,
              struct rf_err *reterr)
{
    const char *refused = NULL;
    bool by_hand = find_by_hand(option, verb, &refused);
    if (arguments->given[option->id].count > 0 || !(option->verbs & verb) ||
        (by_hand && refused == NULL)) {
        return RF_OK;
    }
    char name[RF_OPTION_NAME_BYTES];
    name_variable(option, name);
    const char *value = getenv(name);
    bool is_on = true;
    if (value != NULL && option->argument == NULL) {
        RF_TRY(read_switch(name, value, &is_on, reterr));
    }
    if (value == NULL || value[0] == '\0' || !is_on) {
        return RF_OK;
    }
    if (by_hand) {
        return rf_fail(reterr, RF_ERR_USAGE, name, "%s", refused);
    }
    RF_TRY(take(arguments, option, option->argument == NULL ? NULL : value, name, verb, reterr));
    arguments->given[option->id].from_environment = true;
    return RF_OK;
}

/** A subcommand takes a part of the options of `refold golden`: a variable that is set for others
 * is none of its. */
static rf_code
check_subcommand(struct rf_arguments *arguments, const struct rf_verb *verb, struct rf_err *reterr)
{
    if (verb->bit != RF_VERB_GOLDEN || arguments->operand_count == 0) {
        return RF_OK;
    }
    const struct rf_subcommand *subcommand = subcommand_of(arguments, verb);
    if (subcommand == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, arguments->operands[0], "no such subcommand: %s",
                       verb->usage);
    }
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        char where[RF_OPTION_NAME_BYTES];
        if (arguments->given[i].count == 0 ||
            rf_subcommand_takes(subcommand, (enum rf_option_id)i)) {
            continue;
        }
        if (!arguments->given[i].from_environment) {
            (void)snprintf(where, sizeof(where), "--%s", rf_options[i].name);
            return rf_fail(reterr, RF_ERR_USAGE, where, "'refold golden %s' does not take it",
                           subcommand->name);
        }
        arguments->given[i].count = 0;
        arguments->given[i].from_environment = false;
    }
    return RF_OK;
}

/** The word at `index`, and what belongs to it. */
static rf_code
take_next(struct rf_arguments *arguments, int argc, char **argv, int *index, bool *options_over,
          const struct rf_verb *verb, struct rf_err *reterr)
{
    const char *word = argv[*index];
    if (*options_over || word[0] != '-' || word[1] == '\0') {
        return take_word(arguments, word, verb, reterr);
    }
    if (strcmp(word, "--") == 0) {
        *options_over = true;
        return RF_OK;
    }
    return word[1] == '-' ? take_long(arguments, argc, argv, index, verb->bit, reterr)
                          : take_letters(arguments, argc, argv, index, verb->bit, reterr);
}

/** Only the first fault is told. */
static void
note(rf_code code, const struct rf_err *err, rf_code *first, struct rf_err *reterr)
{
    if (code != RF_OK && *first == RF_OK) {
        *first = code;
        *reterr = *err;
    }
}

rf_code
rf_arguments_parse(int argc, char **argv, unsigned verb, struct rf_arguments *ret,
                   struct rf_err *reterr)
{
    memset(ret, 0, sizeof(*ret));
    const struct rf_verb *row = rf_verb_find_bit(verb);
    struct rf_err err = {0};
    rf_code first = RF_OK;
    bool options_over = false;
    for (int i = 0; i < argc; i++) {
        note(take_next(ret, argc, argv, &i, &options_over, row, &err), &err, &first, reterr);
    }
    note(check_operands(ret, row, &err), &err, &first, reterr);
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        note(take_variable(ret, &rf_options[i], verb, &err), &err, &first, reterr);
    }
    note(check_subcommand(ret, row, &err), &err, &first, reterr);
    return first;
}

void
rf_arguments_done(struct rf_arguments *arguments)
{
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        free(arguments->given[i].values);
    }
    free(arguments->operands);
    free(arguments->sources);
    memset(arguments, 0, sizeof(*arguments));
}

const char *
rf_argument(const struct rf_arguments *arguments, enum rf_option_id id)
{
    size_t count = arguments->given[id].count;
    return count == 0 ? NULL : arguments->given[id].values[count - 1];
}

const char *
rf_option_origin(const struct rf_arguments *arguments, enum rf_option_id id,
                 char buf[RF_OPTION_NAME_BYTES])
{
    if (arguments->given[id].from_environment) {
        name_variable(&rf_options[id], buf);
    } else {
        (void)snprintf(buf, RF_OPTION_NAME_BYTES, "--%s", rf_options[id].name);
    }
    return buf;
}

bool
rf_flag(const struct rf_arguments *arguments, enum rf_option_id id)
{
    return arguments->given[id].count > 0;
}
