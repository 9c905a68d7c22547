/* SPDX-License-Identifier: MIT */
/* A file that is written must not be one that is read, nor become an object of what is read. */
#include "cli/outside.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/journal.h"
#include "base/path.h"
#include "base/temporary.h"
#include "golden/listing.h"
#include "golden/own.h"
#include "history/certificate.h"
#include "reports/recognize.h"
#include "walk/folder.h"
#include "walk/pack.h"
#include "walk/source.h"

/* ---- what would be lost ---------------------------------------------------------------------- */

/** Files that are there and are to be written. */
struct targets {
    struct target {
        char *path; /**< owned */
        struct stat facts;
    } * items;
    size_t count;
    size_t room;
    const char *writes; /**< what would overwrite them, for people */
    const char *remedy;
    bool (*is_former)(const char *path); /**< whether a file is one that was written so before */
};

static void
add_target(struct targets *targets, const char *path)
{
    struct stat facts;
    if (stat(path, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size > 0) {
        RF_GROW(targets->items, targets->room, targets->count + 1);
        targets->items[targets->count++] = (struct target){rf_strdup(path), facts};
    }
}

static void
free_targets(struct targets *targets)
{
    for (size_t i = 0; i < targets->count; i++) {
        free(targets->items[i].path);
    }
    free(targets->items);
}

static const struct target *
find_target(const struct targets *targets, uint64_t device, uint64_t inode)
{
    for (size_t i = 0; i < targets->count; i++) {
        if (targets->items[i].facts.st_dev == device && targets->items[i].facts.st_ino == inode) {
            return &targets->items[i];
        }
    }
    return NULL;
}

/** @what  it is, in front of `name` */
static rf_code
fail_target(const struct targets *targets, const struct target *target, const char *what,
            const char *name, struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_USAGE, target->path, "is %s%s, and the %s would overwrite it: %s",
                   what, name, targets->writes, targets->remedy);
}

/* ---- where it lies --------------------------------------------------------------------------- */

/** Whether a path lies below a folder; both resolved. */
static bool
is_below(const char *path, const char *folder)
{
    size_t bytes = strlen(folder);
    return strncmp(path, folder, bytes) == 0 &&
           (path[bytes] == '\0' || path[bytes] == '/' || bytes == 1);
}

/** Whether a file would lie within a folder that is read: then it is an object there next time. */
static bool
lies_within(const char *file, const char *source)
{
    char *parent = rf_folder_of(file);
    char *folder = rf_path_real(parent);
    char *outer = rf_path_real(source);
    struct stat facts;
    bool within = folder != NULL && outer != NULL && stat(outer, &facts) == 0 &&
                  S_ISDIR(facts.st_mode) && is_below(folder, outer);
    free(parent);
    free(folder);
    free(outer);
    return within;
}

/* ---- what is read ---------------------------------------------------------------------------- */

/** Whether a target, or what it is a link to, lies in a folder. */
static bool
is_within(const struct target *target, const char *folder)
{
    char *path = rf_path_resolve(target->path);
    bool is = lies_within(path, folder);
    free(path);
    return is;
}

/** The first target that lies in a folder, or NULL. */
static const struct target *
find_within(const struct targets *targets, const char *folder)
{
    const struct target *found = NULL;
    for (size_t i = 0; i < targets->count && found == NULL; i++) {
        found = is_within(&targets->items[i], folder) ? &targets->items[i] : NULL;
    }
    return found;
}

/** Lists the folder as the walk will: an object may be there by a link, or be left out by its hour.
 * Where that breaks off, what lies in the folder may be an object behind the break: it is not
 * written. A report elsewhere is, and tells of it. */
static rf_code
check_folder(const struct rf_settings *settings, const char *source, const struct targets *targets,
             struct rf_err *reterr)
{
    bool uses_golden = (settings->verb & (RF_VERB_GOLDENS | RF_VERB_GOLDEN)) != 0;
    struct rf_folder_golden golden = {.path = settings->golden, .owns = rf_golden_owns};
    struct rf_object_list list = {0};
    const struct target *first = NULL;
    uses_golden = uses_golden && stat(settings->golden, &golden.stat) == 0;
    rf_code listed = rf_folder_walk(source, 0, uses_golden ? &golden : NULL, NULL, &list, reterr);
    for (size_t i = 0; i < list.count; i++) {
        const struct rf_stamp *stamp = &list.items[i].stamp;
        const struct target *target = find_target(targets, stamp->device, stamp->inode);
        if (target != NULL && (first == NULL || strcmp(target->path, first->path) < 0)) {
            first = target; /* by name: a folder is listed in any order */
        }
        rf_object_done(&list.items[i]);
    }
    free(list.items);
    if (listed != RF_OK) { /* in any order: what was found in front of the break is chance */
        return first != NULL || find_within(targets, source) != NULL ? listed : RF_OK;
    }
    return first == NULL ? RF_OK : fail_target(targets, first, "an object of ", source, reterr);
}

/** A file that is read as WHAT, where there is one. */
static rf_code
check_file(const char *path, const char *what, const struct targets *targets, struct rf_err *reterr)
{
    struct stat facts;
    bool is_stdin = strcmp(path, "-") == 0;
    if ((is_stdin ? fstat(STDIN_FILENO, &facts) : stat(path, &facts)) != 0) {
        return RF_OK;
    }
    const struct target *target = find_target(targets, facts.st_dev, facts.st_ino);
    return target == NULL ? RF_OK : fail_target(targets, target, what, "", reterr);
}

/** A pack that is made of packs, and leaves nothing of them out, may take the place of one. */
static bool
takes_over(const struct rf_settings *settings)
{
    return settings->verb == RF_VERB_PACK && settings->since == NULL && settings->until == NULL &&
           rf_argument(settings->arguments, RF_OPT_WITHOUT) == NULL;
}

static rf_code
check_sources(const struct rf_settings *settings, const struct targets *targets,
              struct rf_err *reterr)
{
    for (size_t i = 0; i < settings->source_count; i++) {
        const char *source = settings->sources[i];
        struct stat facts;
        if (stat(source, &facts) == 0 && S_ISDIR(facts.st_mode)) {
            RF_TRY(check_folder(settings, source, targets, reterr));
        } else if (!takes_over(settings)) {
            RF_TRY(check_file(source, "a source", targets, reterr));
        }
    }
    return RF_OK;
}

static rf_code
check_option(const struct rf_arguments *arguments, enum rf_option_id id,
             const struct targets *targets, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    char *what = rf_format("the file of %s", rf_option_origin(arguments, id, origin));
    rf_code code = RF_OK;
    for (size_t i = 0; i < arguments->given[id].count && code == RF_OK; i++) {
        code = check_file(arguments->given[id].values[i], what, targets, reterr);
    }
    free(what);
    return code;
}

/** An aggregate may be a folder. What the compiler takes of it nobody knows before; but reports lie
 * there too, and one of before is none of it. */
static rf_code
check_aggregate(const char *path, const struct targets *targets, struct rf_err *reterr)
{
    RF_TRY(check_file(path, "an aggregate", targets, reterr));
    for (size_t i = 0; i < targets->count; i++) {
        const struct target *target = &targets->items[i];
        if (is_within(target, path) && !targets->is_former(target->path)) {
            return fail_target(targets, target, "a file of the aggregate in ", path, reterr);
        }
    }
    return RF_OK;
}

/** Those that are loaded, and those of the config, which may be meant for another day. */
static rf_code
check_aggregates(const struct rf_settings *settings, const struct targets *targets,
                 struct rf_err *reterr)
{
    for (size_t i = 0; i < settings->plugin_count; i++) {
        RF_TRY(check_aggregate(settings->plugins[i], targets, reterr));
        if (settings->rivals != NULL) {
            RF_TRY(check_aggregate(settings->rivals[i], targets, reterr));
        }
    }
    for (size_t i = 0; i < settings->config.aggregate_count; i++) {
        const char *plugin = settings->config.aggregates[i].plugin;
        if (plugin != NULL) {
            RF_TRY(check_aggregate(plugin, targets, reterr));
        }
    }
    return RF_OK;
}

/** Where files are wanted, one that lies in a folder that was named may be one of them. */
static rf_code
check_operand(const struct rf_settings *settings, const char *operand,
              const struct targets *targets, struct rf_err *reterr)
{
    bool are_files = (settings->verb & (RF_VERB_SCENARIO | RF_VERB_MERGE)) != 0;
    const struct target *within = are_files ? find_within(targets, operand) : NULL;
    return within != NULL ? fail_target(targets, within, "within ", operand, reterr)
                          : check_file(operand, "an operand", targets, reterr);
}

/** Whatever else is read: builds, lists, scenarios, the reports of shards, … */
static rf_code
check_others(const struct rf_settings *settings, const struct targets *targets,
             struct rf_err *reterr)
{
    static const enum rf_option_id read[] = {
        RF_OPT_KEYS,  RF_OPT_COOKIE_FILE, RF_OPT_IDS,        RF_OPT_PRIVATE_KEY_FILE,
        RF_OPT_LINES, RF_OPT_WITHOUT,     RF_OPT_CERTIFICATE};
    const char *const configured[] = {settings->config.path, settings->config.lines,
                                      settings->config.private_key_file};
    for (size_t i = 0; i < sizeof(configured) / sizeof(configured[0]); i++) {
        if (configured[i] != NULL) {
            RF_TRY(check_file(configured[i], i == 0 ? "the config" : "a file of the config",
                              targets, reterr));
        }
    }
    RF_TRY(check_aggregates(settings, targets, reterr));
    for (size_t i = 0; i < settings->operand_count; i++) {
        RF_TRY(check_operand(settings, settings->operands[i], targets, reterr));
    }
    for (size_t i = 0; i < sizeof(read) / sizeof(read[0]); i++) {
        RF_TRY(check_option(settings->arguments, read[i], targets, reterr));
    }
    return RF_OK;
}

static rf_code
check_read(const struct rf_settings *settings, const struct targets *targets, struct rf_err *reterr)
{
    if (targets->count == 0) {
        return RF_OK; /* nothing can be lost, and no folder is listed for it */
    }
    RF_TRY(check_others(settings, targets, reterr));
    return check_sources(settings, targets, reterr);
}

/* ---- where a golden has its files ------------------------------------------------------------ */

struct golden_search {
    const struct targets *targets;
    const struct target *found; /**< the smallest: a folder is listed in any order; or NULL */
};

static void
look_at_golden_file(void *context, int at, const char *name)
{
    struct golden_search *search = context;
    struct stat facts;
    if (!rf_golden_file_is(name) || fstatat(at, name, &facts, 0) != 0) {
        return;
    }
    const struct target *found = find_target(search->targets, facts.st_dev, facts.st_ino);
    if (found != NULL && (search->found == NULL || strcmp(found->path, search->found->path) < 0)) {
        search->found = found;
    }
}

/** Whether a path, as it is written or where it leads, is one of a golden's files. */
static bool
has_golden_name(const char *path, const char *folder)
{
    char *golden = rf_path_resolve(folder);
    char *parent = rf_folder_of(path);
    char *resolved = rf_path_resolve(parent);
    const char *name = rf_name_of(path);
    bool has = strcmp(resolved, golden) == 0 &&
               (rf_golden_file_is(name) || strcmp(name, RF_JOURNAL_NAME) == 0);
    free(golden);
    free(parent);
    free(resolved);
    return has;
}

/** The golden may be there only when the report is written: its names are kept free. */
static rf_code
check_golden(const char *folder, const char *file, const struct targets *targets,
             struct rf_err *reterr)
{
    struct golden_search search = {.targets = targets};
    struct rf_err ignored;
    rf_code listed = rf_golden_files_each(folder, look_at_golden_file, &search, &ignored);
    (void)listed; /* a golden that cannot be listed is not read either */
    char *path = rf_path_resolve(file);
    bool is_kept = has_golden_name(file, folder) || has_golden_name(path, folder);
    free(path);
    if (is_kept) {
        return rf_fail(reterr, RF_ERR_USAGE, file,
                       "has the name of a file of the golden in %s, and the %s would take its "
                       "place: name another file",
                       folder, targets->writes);
    }
    return search.found == NULL
               ? RF_OK
               : fail_target(targets, search.found, "a file of the golden in ", folder, reterr);
}

/** Whether a file lies where the lines of digest goldens do. Any may in a folder of --lines, but
 * none with such a name. */
static bool
is_of_lines(const char *file, const char *lines, bool any_name)
{
    char *path = rf_path_resolve(file);
    char *folder = rf_path_resolve(lines);
    bool is = is_below(path, folder) && (any_name || rf_golden_file_is(rf_name_of(path)));
    free(path);
    free(folder);
    return is;
}

static rf_code
check_lines(const struct rf_settings *settings, const char *file, const struct targets *targets,
            struct rf_err *reterr)
{
    char *hidden = rf_path_join(settings->golden, ".lines");
    bool is = is_of_lines(file, hidden, true) || is_of_lines(file, settings->lines, false);
    free(hidden);
    return !is ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, file,
                         "lies among the lines of digest goldens, and the %s might be taken for "
                         "some: name another file",
                         targets->writes);
}

static rf_code
check_goldens(const struct rf_settings *settings, const char *file, const struct targets *targets,
              struct rf_err *reterr)
{
    if (settings->golden != NULL) { /* merge has none */
        RF_TRY(check_golden(settings->golden, file, targets, reterr));
    }
    if (settings->lines != NULL) {
        RF_TRY(check_lines(settings, file, targets, reterr));
    }
    return settings->from == NULL ? RF_OK : check_golden(settings->from, file, targets, reterr);
}

/* ---- what is replaced ------------------------------------------------------------------------ */

/** Nobody knows all that a build or another tool reads: a file takes the place of its own kind
 * only. What is empty, or takes whatever comes, loses nothing. */
static rf_code
check_former(const struct targets *targets, const char *file, struct rf_err *reterr)
{
    struct stat facts;
    if (stat(file, &facts) != 0 || (S_ISREG(facts.st_mode) && facts.st_size == 0)) {
        return RF_OK;
    }
    if (S_ISDIR(facts.st_mode)) {
        return rf_fail(reterr, RF_ERR_USAGE, file, "is a folder, and the %s is a file: name one",
                       targets->writes);
    }
    return !S_ISREG(facts.st_mode) || targets->is_former(file)
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, file,
                         "is there and is no %s, so it is not replaced: name another file, or "
                         "remove it",
                         targets->writes);
}

/* ---- reports --------------------------------------------------------------------------------- */

/** Whether two paths are one file, which may be there only when the first is written. What is
 * neither file nor folder takes both. */
static bool
are_one_file(const char *a, const char *b)
{
    struct stat a_facts;
    struct stat b_facts;
    if (stat(a, &a_facts) == 0 && stat(b, &b_facts) == 0) {
        return S_ISREG(a_facts.st_mode) && a_facts.st_dev == b_facts.st_dev &&
               a_facts.st_ino == b_facts.st_ino;
    }
    char *a_path = rf_path_resolve(a);
    char *b_path = rf_path_resolve(b);
    bool same = strcmp(a_path, b_path) == 0;
    free(a_path);
    free(b_path);
    return same;
}

/** Whether a file is the one that standard output goes to. */
static bool
is_standard_output(const char *file)
{
    struct stat facts;
    struct stat out;
    return stat(file, &facts) == 0 && fstat(STDOUT_FILENO, &out) == 0 && S_ISREG(out.st_mode) &&
           facts.st_dev == out.st_dev && facts.st_ino == out.st_ino;
}

/** Whether what stands there stays: nothing is lost where both are such. */
static bool
appends(const struct rf_output *output)
{
    int flags = output->file == NULL ? fcntl(STDOUT_FILENO, F_GETFL) : -1;
    return output->append || (flags >= 0 && (flags & O_APPEND) != 0);
}

/** Of two reports in one file the first would be lost. */
static rf_code
check_apart(const struct rf_output *first, const struct rf_output *second, struct rf_err *reterr)
{
    const char *a = first->file;
    const char *b = second->file;
    bool same = a == NULL   ? b != NULL && is_standard_output(b)
                : b == NULL ? is_standard_output(a)
                            : are_one_file(a, b);
    if (!same || (appends(first) && appends(second))) {
        return RF_OK;
    }
    return rf_fail(reterr, RF_ERR_USAGE, b == NULL ? "standard output" : b,
                   "the %s report and the %s report (%s%s) would be one file, and one of them "
                   "would be lost: name another file",
                   second->format->name, first->format->name, a == NULL ? "standard output" : a,
                   first->append || second->append ? "; GITHUB_STEP_SUMMARY names it too" : "");
}

static rf_code
check_all_apart(const struct rf_settings *settings, struct rf_err *reterr)
{
    for (size_t i = 0; i < settings->output_count; i++) {
        for (size_t k = 0; k < i; k++) {
            RF_TRY(check_apart(&settings->outputs[k], &settings->outputs[i], reterr));
        }
    }
    return RF_OK;
}

rf_code
rf_check_reports(const struct rf_settings *settings, struct rf_err *reterr)
{
    struct targets targets = {
        .writes = "report", .remedy = "name another file", .is_former = rf_report_lies_in};
    for (size_t i = 0; i < settings->output_count; i++) {
        if (settings->outputs[i].file != NULL) {
            add_target(&targets, settings->outputs[i].file);
        }
    }
    rf_code code = check_all_apart(settings, reterr);
    if (code == RF_OK) {
        code = check_read(settings, &targets, reterr);
    }
    for (size_t i = 0; i < settings->output_count && code == RF_OK; i++) {
        const char *file = settings->outputs[i].file;
        code = file == NULL ? RF_OK : check_goldens(settings, file, &targets, reterr);
        if (code == RF_OK && file != NULL && !settings->outputs[i].append) {
            code = check_former(&targets, file, reterr);
        }
    }
    free_targets(&targets);
    return code;
}

/** Whether nothing that may be read, and no other report, is lost by it. */
static bool
is_harmless(const struct rf_settings *settings, const struct rf_output *output)
{
    struct rf_settings alone = *settings;
    struct rf_output own = *output;
    struct rf_err ignored;
    alone.outputs = &own;
    alone.output_count = 1;
    bool is = rf_check_reports(&alone, &ignored) == RF_OK;
    for (size_t i = 0; i < settings->output_count && is; i++) {
        const struct rf_output *other = &settings->outputs[i];
        is = other == output || check_apart(other, output, &ignored) == RF_OK;
    }
    return is;
}

void
rf_keep_harmless_reports(struct rf_settings *settings)
{
    bool *kept = rf_calloc(settings->output_count + 1, sizeof(*kept));
    size_t count = 0;
    for (size_t i = 0; i < settings->output_count; i++) {
        kept[i] = is_harmless(settings, &settings->outputs[i]);
    }
    for (size_t i = 0; i < settings->output_count; i++) {
        if (kept[i]) {
            settings->outputs[count++] = settings->outputs[i];
        }
    }
    settings->output_count = count;
    free(kept);
}

/* ---- goldens --------------------------------------------------------------------------------- */

struct golden_targets {
    const char *folder;
    struct targets targets;
};

static void
add_golden_file(void *context, int at, const char *name)
{
    struct golden_targets *found = context;
    (void)at;
    if (rf_golden_file_is(name)) {
        char *path = rf_path_join(found->folder, name);
        add_target(&found->targets, path);
        free(path);
    }
}

rf_code
rf_check_golden(const struct rf_settings *settings, struct rf_err *reterr)
{
    struct golden_targets found = {
        .folder = settings->golden,
        .targets = {.writes = "golden", .remedy = "choose another folder with -g"},
    };
    rf_code code = rf_golden_files_each(settings->golden, add_golden_file, &found, reterr);
    if (code == RF_OK && found.targets.count > 0) {
        code = check_sources(settings, &found.targets, reterr);
    }
    if (code == RF_OK) {
        code = rf_golden_check_own(settings->golden, reterr);
    }
    free_targets(&found.targets);
    return code;
}

/* ---- packs and certificates ------------------------------------------------------------------ */

static bool
is_certificate(const char *path)
{
    struct rf_certificate certificate;
    struct rf_err ignored;
    if (rf_certificate_read(path, &certificate, &ignored) != RF_OK) {
        return false;
    }
    rf_certificate_done(&certificate);
    return true;
}

rf_code
rf_check_outside(const struct rf_settings *settings, const char *file, struct rf_err *reterr)
{
    bool packs = settings->verb == RF_VERB_PACK;
    struct targets targets = {
        .writes = packs ? "pack" : "certificate",
        .remedy = "name another file",
        .is_former = packs ? rf_pack_is : is_certificate,
    };
    for (size_t i = 0; i < settings->source_count; i++) {
        if (lies_within(file, settings->sources[i])) {
            return rf_fail(reterr, RF_ERR_USAGE, file,
                           "lies within a source, of which it would be an object: name a file "
                           "outside");
        }
    }
    if (is_standard_output(file)) {
        return rf_fail(reterr, RF_ERR_USAGE, file,
                       "standard output goes there too, and would be lost: name another file");
    }
    add_target(&targets, file);
    rf_code code = check_read(settings, &targets, reterr);
    if (code == RF_OK) { /* a run would take it for the golden's */
        code = check_goldens(settings, file, &targets, reterr);
    }
    if (code == RF_OK) {
        code = check_former(&targets, file, reterr);
    }
    free_targets(&targets);
    return code;
}
