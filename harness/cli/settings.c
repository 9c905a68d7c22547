/* SPDX-License-Identifier: MIT */
/* What a verb goes by. */
#include "cli/settings.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/depth.h"
#include "base/path.h"
#include "cli/again.h"
#include "cli/raise.h"
#include "cli/settings_accept.h"
#include "cli/settings_aws.h"
#include "cli/settings_limits.h"
#include "cli/settings_net.h"
#include "cli/settings_report.h"
#include "cli/verbs.h"
#include "host/artifact.h"
#include "net/url.h"
#include "walk/select.h"
#include "walk/source.h"

bool
rf_in_ci(void)
{
    const char *ci = getenv("CI");
    return ci != NULL && ci[0] != '\0' && strcmp(ci, "false") != 0 && strcmp(ci, "0") != 0;
}

static bool
begins_as_elf(const char *path)
{
    char magic[4] = {0};
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    bool is = fread(magic, 1, sizeof(magic), file) == sizeof(magic) &&
              memcmp(magic, "\177ELF", sizeof(magic)) == 0;
    (void)fclose(file);
    return is;
}

bool
rf_looks_like_aggregate(const char *source)
{
    size_t bytes = strlen(source);
    struct stat facts;
    if (rf_url_scheme(source) > 0) {
        return false;
    }
    bool is_named_so = (bytes > 3 && strcmp(source + bytes - 3, ".so") == 0) ||
                       (bytes > 2 && strcmp(source + bytes - 2, ".c") == 0);
    switch (rf_named_as(source)) {
    case RF_NAMED_NOTHING:
        return is_named_so;
    case RF_NAMED_FILE:
        return stat(source, &facts) == 0 && S_ISREG(facts.st_mode) &&
               (is_named_so || begins_as_elf(source));
    case RF_NAMED_FOLDER:
        return false;
    default:
        return true;
    }
}

bool
rf_runs_subcommand(const struct rf_settings *settings, enum rf_subcommand_kind kind)
{
    return settings->subcommand != NULL && settings->subcommand->kind == kind;
}

/** What is put together: RF_NEEDS_…; to remove old lines no history is read. */
static unsigned
needs_of(const struct rf_settings *settings)
{
    bool old_lines = rf_runs_subcommand(settings, RF_SUBCOMMAND_PRUNE) &&
                     rf_flag(settings->arguments, RF_OPT_OLD_LINES);
    unsigned needs = settings->subcommand == NULL ? rf_verb_find_bit(settings->verb)->needs
                                                  : settings->subcommand->needs;
    return old_lines ? 0 : needs;
}

/** What a start from a snapshot goes with, and what goes only with it; a pack may begin anywhere.
 */
static rf_code
check_from(const struct rf_arguments *arguments, unsigned verb, struct rf_err *reterr)
{
    static const enum rf_option_id others[] = {RF_OPT_AS_OF, RF_OPT_REVIEW, RF_OPT_CLUSTER,
                                               RF_OPT_SHARD};
    static const char *const reasons[] = {
        "a snapshot holds what came before an hour, whatever the events' own times",
        "accept a part of what differs without a snapshot",
        "accept a part of what differs without a snapshot",
        "each shard would go on from the states of all others too",
    };
    char origin[RF_OPTION_NAME_BYTES];
    if (rf_argument(arguments, RF_OPT_FROM) == NULL) {
        return rf_argument(arguments, RF_OPT_SINCE) == NULL || (verb & RF_VERB_SELECTS) != 0
                   ? RF_OK
                   : rf_fail(reterr, RF_ERR_USAGE,
                             rf_option_origin(arguments, RF_OPT_SINCE, origin),
                             "a replay needs the events before it too: leave it out, or name with "
                             "--from the golden that holds their states");
    }
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        if (arguments->given[others[i]].count > 0) {
            return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, others[i], origin),
                           "does not go with --from: %s", reasons[i]);
        }
    }
    return RF_OK;
}

/** Someone may have forgotten HEAD: what stands there is a source then. */
static rf_code
check_rivals(const struct rf_arguments *arguments, unsigned verb, struct rf_err *reterr)
{
    static const char *const names[] = {"BASE", "HEAD"};
    for (size_t i = 0; verb == RF_VERB_COMPARE && i < 2; i++) {
        const char *given = arguments->operands[i];
        if (rf_named_as(given) == RF_NAMED_FOLDER) {
            return rf_fail(reterr, RF_ERR_USAGE, names[i],
                           "%s is a folder, and a build is wanted: refold compare BASE HEAD "
                           "[SOURCE...]; the folder of a build has Go files or a Cargo.toml",
                           given);
        }
    }
    return RF_OK;
}

static void
set_sources(struct rf_settings *settings, const char *const *sources, size_t count)
{
    settings->source_count = count;
    settings->sources = rf_calloc(count + 1, sizeof(char *));
    for (size_t i = 0; i < count; i++) {
        settings->sources[i] = sources[i];
    }
}

/** Those that the command names are set; else the config's are. */
static rf_code
make_sources(struct rf_settings *settings, const struct rf_arguments *arguments,
             struct rf_err *reterr)
{
    const struct rf_config *config = &settings->config;
    if (!(needs_of(settings) & RF_NEEDS_SOURCES)) {
        settings->source_count = 0;
        return RF_OK;
    }
    if (settings->source_count == 0 && config->source_count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, "SOURCE",
                       "no history: name a folder or file, or give \"source\" in refold.json");
    }
    if (settings->source_count == 0) {
        free(settings->sources);
        set_sources(settings, (const char *const *)config->sources, config->source_count);
    }
    settings->keys = rf_argument(arguments, RF_OPT_KEYS);
    return RF_OK;
}

static rf_code
fail_no_plugin(const struct rf_settings *settings, struct rf_err *reterr)
{
    for (size_t i = 0; i < settings->source_count + settings->operand_count; i++) {
        const char *word = i < settings->source_count
                               ? settings->sources[i]
                               : settings->operands[i - settings->source_count];
        if (rf_looks_like_aggregate(word)) {
            return rf_fail(reterr, RF_ERR_USAGE, word, "looks like an aggregate; put -a in front");
        }
    }
    return rf_fail(reterr, RF_ERR_USAGE, "--aggregate",
                   "no aggregate: give -a FILE (a .so, .c or .cpp, a program, or its folder in Go "
                   "or Rust), or \"plugin\" in refold.json");
}

bool
rf_settings_has_plugin(const struct rf_settings *settings, const char *plugin)
{
    for (size_t i = 0; i < settings->plugin_count; i++) {
        if (strcmp(settings->plugins[i], plugin) == 0) {
            return true;
        }
    }
    return false;
}

static rf_code
make_plugins(struct rf_settings *settings, const struct rf_arguments *arguments,
             struct rf_err *reterr)
{
    size_t given = arguments->given[RF_OPT_AGGREGATE].count;
    bool loadless = (settings->verb & RF_VERB_LOADLESS) != 0; /* -a is for identify alone there */
    settings->plugins = rf_calloc(given + settings->config.aggregate_count + 1, sizeof(char *));
    if (settings->verb == RF_VERB_COMPARE) { /* BASE and HEAD */
        settings->plugins[settings->plugin_count++] = arguments->operands[0];
        settings->rivals = &arguments->operands[1];
        return RF_OK;
    }
    for (size_t i = 0; i < given; i++) {
        settings->plugins[settings->plugin_count++] = arguments->given[RF_OPT_AGGREGATE].values[i];
    }
    for (size_t i = 0; given == 0 && !loadless && i < settings->config.aggregate_count; i++) {
        const char *plugin = settings->config.aggregates[i].plugin;
        if (plugin != NULL && !rf_settings_has_plugin(settings, plugin)) {
            settings->plugins[settings->plugin_count++] = plugin;
        }
    }
    bool needed = (needs_of(settings) & RF_NEEDS_AGGREGATES) != 0;
    return needed && settings->plugin_count == 0 ? fail_no_plugin(settings, reterr) : RF_OK;
}

/** Whoever names a golden's file means the folder that it lies in. */
static rf_code
check_golden(const struct rf_settings *settings, const char *origin, struct rf_err *reterr)
{
    struct stat found;
    bool is_file = stat(settings->golden, &found) == 0 && S_ISREG(found.st_mode);
    return is_file ? rf_fail(reterr, RF_ERR_USAGE, origin,
                             "%s is a file: give the folder that goldens lie in", settings->golden)
                   : RF_OK;
}

/** Whether it is the DIR of `refold golden`. */
static bool
names_golden(const struct rf_settings *settings)
{
    return settings->verb == RF_VERB_GOLDEN && settings->operand_count > 1;
}

/** The folder that the command names, or NULL. */
static const char *
given_golden(const struct rf_settings *settings)
{
    return names_golden(settings) ? settings->operands[1]
                                  : rf_argument(settings->arguments, RF_OPT_GOLDEN);
}

static rf_code
make_golden(struct rf_settings *settings, const struct rf_arguments *arguments,
            struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES] = "";
    const char *given = given_golden(settings);
    free(settings->golden);
    if (given != NULL) {
        settings->golden = rf_strdup(given);
    } else if (settings->config.golden != NULL) {
        settings->golden = rf_strdup(settings->config.golden);
    } else if (strcmp(settings->config.folder, ".") == 0) {
        settings->golden = rf_strdup("golden");
    } else {
        settings->golden = rf_format("%s/golden", settings->config.folder);
    }
    for (size_t bytes = strlen(settings->golden);
         bytes > 1 && settings->golden[bytes - 1] == '/';) {
        settings->golden[--bytes] = '\0'; /* paths of its files go by it */
    }
    bool by_option = !names_golden(settings) && given != NULL;
    return check_golden(
        settings, by_option ? rf_option_origin(arguments, RF_OPT_GOLDEN, origin) : origin, reterr);
}

static void
make_lines(struct rf_settings *settings, const struct rf_arguments *arguments)
{
    const char *given = rf_argument(arguments, RF_OPT_LINES);
    given = given == NULL ? settings->config.lines : given;
    settings->digest = rf_flag(arguments, RF_OPT_DIGEST);
    settings->lines_hidden = given == NULL;
    settings->lines = given == NULL ? rf_path_join(settings->golden, ".lines") : rf_strdup(given);
}

/** What is said on the command line, or by a variable, holds for the objects of all streams. */
static void
drop_stream_envelopes(struct rf_config *config)
{
    for (size_t i = 0; i < config->stream_count; i++) {
        rf_envelope_done(&config->streams[i].envelope);
        config->streams[i].has_envelope = false;
    }
}

static rf_code
make_envelope(struct rf_settings *settings, const struct rf_arguments *arguments,
              struct rf_err *reterr)
{
    const char *given = rf_argument(arguments, RF_OPT_ENVELOPE);
    if (given == NULL && settings->config.has_envelope) {
        settings->envelope = settings->config.envelope;
        memset(&settings->config.envelope, 0, sizeof(settings->config.envelope));
        return RF_OK;
    }
    struct rf_err err = {0};
    if (rf_envelope_parse(given == NULL ? "auto" : given, &settings->envelope, &err) != RF_OK) {
        char origin[RF_OPTION_NAME_BYTES];
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_ENVELOPE, origin),
                       "%s", err.text);
    }
    if (given != NULL) {
        drop_stream_envelopes(&settings->config);
    }
    return RF_OK;
}

static rf_code
make_times(struct rf_settings *settings, const struct rf_arguments *arguments,
           struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    int64_t hour;
    settings->since = rf_argument(arguments, RF_OPT_SINCE);
    settings->until = rf_argument(arguments, RF_OPT_UNTIL);
    if (settings->since != NULL) {
        RF_TRY(rf_select_hour(rf_option_origin(arguments, RF_OPT_SINCE, origin), settings->since,
                              &hour, reterr));
    }
    if (settings->until != NULL) {
        RF_TRY(rf_select_hour(rf_option_origin(arguments, RF_OPT_UNTIL, origin), settings->until,
                              &hour, reterr));
    }
    const char *given = rf_argument(arguments, RF_OPT_AS_OF);
    settings->as_of_text = given;
    if (given != NULL && !rf_time_parse(given, strlen(given), &settings->as_of)) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_AS_OF, origin),
                       "'%s' is no RFC 3339 time such as 2015-04-27T13:00:00Z", given);
    }
    return RF_OK;
}

/** Whether the walk will. */
static bool
reads_stdin(const struct rf_settings *settings)
{
    bool reads = settings->keys != NULL && strcmp(settings->keys, "-") == 0;
    for (size_t i = 0; i < settings->source_count; i++) {
        reads = reads || strcmp(settings->sources[i], "-") == 0;
    }
    return reads;
}

static rf_code
make_ids(struct rf_settings *settings, const struct rf_arguments *arguments, struct rf_err *reterr)
{
    size_t ids = arguments->given[RF_OPT_ID].count;
    size_t files = arguments->given[RF_OPT_IDS].count;
    if (ids + files == 0) {
        return RF_OK;
    }
    settings->ids = rf_ids_new();
    for (size_t i = 0; i < ids; i++) {
        const char *id = arguments->given[RF_OPT_ID].values[i];
        rf_ids_add(settings->ids, id, strlen(id));
    }
    for (size_t i = 0; i < files; i++) {
        const char *file = arguments->given[RF_OPT_IDS].values[i];
        if (strcmp(file, "-") == 0 && reads_stdin(settings)) {
            return rf_fail(reterr, RF_ERR_USAGE, "-", "standard input can be read only once");
        }
        RF_TRY(rf_ids_read(settings->ids, file, reterr));
    }
    rf_ids_sort(settings->ids);
    return RF_OK;
}

/** "2/4": nothing but digits and one stroke. */
static rf_code
make_shard(struct rf_settings *settings, const struct rf_arguments *arguments,
           struct rf_err *reterr)
{
    const char *given = rf_argument(arguments, RF_OPT_SHARD);
    if (given == NULL) {
        return RF_OK;
    }
    char origin[RF_OPTION_NAME_BYTES];
    int used = 0;
    bool well = strspn(given, "0123456789/") == strlen(given) &&
                sscanf(given, "%4" SCNu32 "/%4" SCNu32 "%n", &settings->shard.k, &settings->shard.n,
                       &used) == 2 &&
                given[used] == '\0';
    if (!well || settings->shard.k < 1 || settings->shard.k > settings->shard.n ||
        settings->shard.n > RF_SHARDS_MOST) {
        return rf_fail(reterr, RF_ERR_USAGE, rf_option_origin(arguments, RF_OPT_SHARD, origin),
                       "'%s' is no shard K/N such as 2/4, with K from 1 to N and N at most %d",
                       given, RF_SHARDS_MOST);
    }
    const char *config = settings->config.path;
    return config == NULL ? RF_OK : rf_sha256_file(config, settings->config_sha256, reterr);
}

/** A verb that knows no --config is not disturbed by one that lies about. */
static rf_code
read_config(const struct rf_arguments *arguments, unsigned verb, struct rf_config *ret,
            struct rf_err *reterr)
{
    if (rf_options[RF_OPT_CONFIG].verbs & verb) {
        return rf_config_read(rf_argument(arguments, RF_OPT_CONFIG), ret, reterr);
    }
    ret->folder = rf_strdup(".");
    return RF_OK;
}

rf_code
rf_settings_begin(const struct rf_arguments *arguments, unsigned verb, struct rf_settings *ret,
                  struct rf_err *reterr)
{
    memset(ret, 0, sizeof(*ret));
    ret->verb = verb;
    ret->arguments = arguments;
    ret->operands = arguments->operands;
    ret->operand_count = arguments->operand_count;
    ret->subcommand = verb == RF_VERB_GOLDEN && arguments->operand_count > 0
                          ? rf_subcommand_find(arguments->operands[0])
                          : NULL;
    set_sources(ret, arguments->sources, arguments->source_count);
    ret->from = rf_argument(arguments, RF_OPT_FROM);
    if (rf_verb_find_bit(verb)->needs != 0) { /* else it has none */
        const char *golden = given_golden(ret);
        ret->golden =
            rf_strdup(golden == NULL ? "golden" : golden); /* the config may say another */
    }
    return rf_settings_outputs(ret, arguments, reterr);
}

rf_code
rf_settings_make(const struct rf_arguments *arguments, unsigned verb, struct rf_settings *ret,
                 struct rf_err *reterr)
{
    RF_TRY(rf_settings_begin(arguments, verb, ret, reterr));
    rf_depth_raiser = (rf_options[RF_OPT_LIMIT].verbs & verb) != 0 ? RF_DEPTH_OPTION
                      : rf_verb_find_bit(verb)->needs != 0         ? RF_DEPTH_CONFIG
                                                                   : RF_DEPTH_NOTHING;
    ret->at_head = rf_flag(arguments, RF_OPT_AT_HEAD);
    ret->require_golden = rf_flag(arguments, RF_OPT_REQUIRE_GOLDEN);
    ret->no_compare = rf_flag(arguments, RF_OPT_NO_COMPARE);
    ret->keep_partial = rf_flag(arguments, RF_OPT_KEEP_PARTIAL);
    ret->errors = rf_flag(arguments, RF_OPT_ERRORS);
    ret->verify = rf_flag(arguments, RF_OPT_VERIFY);
    ret->ci_allowed = rf_flag(arguments, RF_OPT_CI);
    ret->stats = rf_flag(arguments, RF_OPT_STATS);
    RF_TRY(rf_settings_looks(ret, arguments, reterr));
    if (rf_verb_find_bit(verb)->needs == 0) {
        RF_TRY(rf_raise_limits(&ret->config, arguments, reterr));
        if (rf_options[RF_OPT_TIMEOUT].verbs & verb) {
            RF_TRY(rf_settings_limits(ret, arguments, reterr));
        }
        return RF_OK; /* a config that cannot be read is no matter of this verb */
    }
    RF_TRY(check_from(arguments, verb, reterr));
    RF_TRY(check_rivals(arguments, verb, reterr));
    RF_TRY(read_config(arguments, verb, &ret->config, reterr));
    RF_TRY(make_sources(ret, arguments, reterr));
    RF_TRY(make_plugins(ret, arguments, reterr));
    RF_TRY(make_golden(ret, arguments, reterr));
    make_lines(ret, arguments);
    RF_TRY(make_envelope(ret, arguments, reterr));
    RF_TRY(make_times(ret, arguments, reterr));
    RF_TRY(make_ids(ret, arguments, reterr));
    RF_TRY(make_shard(ret, arguments, reterr));
    RF_TRY(rf_settings_accept(ret, arguments, reterr));
    RF_TRY(rf_settings_limits(ret, arguments, reterr));
    RF_TRY(rf_settings_net(arguments, ret->memory_bytes, &ret->net, reterr));
    rf_settings_aws(arguments, &ret->config, &ret->net.aws);
    RF_TRY(rf_raise_limits(&ret->config, arguments, reterr));
    rf_again_make(ret);
    return RF_OK;
}

void
rf_settings_done(struct rf_settings *settings)
{
    rf_config_done(&settings->config);
    free(settings->sources);
    free(settings->plugins);
    free(settings->golden);
    free(settings->lines);
    rf_envelope_done(&settings->envelope);
    rf_ids_free(settings->ids);
    for (size_t i = 0; i < settings->ignore_count; i++) {
        rf_ignore_done(&settings->ignores[i]);
    }
    free(settings->ignores);
    free(settings->outputs);
    free(settings->again);
    free(settings->again_whole);
    free(settings->options);
    free(settings->again_run);
    free(settings->again_bless);
    free(settings->again_show);
    free(settings->again_sources);
    free(settings->again_types);
    free(settings->again_review);
    memset(settings, 0, sizeof(*settings));
}
