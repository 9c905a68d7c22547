/* SPDX-License-Identifier: MIT */
/* refold new: a skeleton of an aggregate with its history, golden and scenarios, green at once. */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/aggregate_name.h"
#include "base/alloc.h"
#include "base/escape.h"
#include "base/fd.h"
#include "cli/new_language.h"
#include "cli/new_library.h"
#include "cli/say.h"
#include "cli/verbs.h"

#define EXIT_USAGE  2
#define EXIT_OUTPUT 5

/* ---- names ----------------------------------------------------------------------------------- */

/** What stands in the place of @name@, @ident@, @IDENT@ and @Type@, and of what the language has.
 */
struct words {
    const char *name; /**< "invoice-line" */
    char *ident;      /**< "invoice_line": goes into C identifiers, never one by itself */
    char *upper;      /**< "INVOICE_LINE" */
    char *type;       /**< "InvoiceLine" */
    char *source;     /**< "invoice-line.c" */
    char *plugin;     /**< the same, or "." */
    const struct rf_new_language *language;
};

static rf_code
check_name(const char *name, struct rf_err *reterr)
{
    if (!rf_aggregate_name_fits(name, strlen(name))) {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "is no name of an aggregate: " RF_AGGREGATE_NAME_RULE);
    }
    if (name[0] == '-') {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "begins with a dash: each command would take it for an option");
    }
    return RF_OK;
}

/** Appends a template with its placeholders replaced. */
static void
expand(const char *text, size_t bytes, const struct words *words, struct rf_buf *out)
{
    const struct {
        const char *mark;
        const char *word;
    } marks[] = {
        {"@name@", words->name},
        {"@ident@", words->ident},
        {"@IDENT@", words->upper},
        {"@Type@", words->type},
        {"@source@", words->source},
        {"@plugin@", words->plugin},
        {"@CC@", words->language->compiler},
        {"@FLAGS@", words->language->flags},
        {"@std@", words->language->standard},
    };
    const size_t count = sizeof(marks) / sizeof(marks[0]);
    for (size_t at = 0; at < bytes;) {
        size_t i = 0;
        while (i < count && (bytes - at < strlen(marks[i].mark) ||
                             memcmp(text + at, marks[i].mark, strlen(marks[i].mark)) != 0)) {
            i++;
        }
        if (i < count) {
            rf_buf_string(out, marks[i].word);
            at += strlen(marks[i].mark);
        } else {
            rf_buf_byte(out, text[at++]);
        }
    }
}

/** Owned by the caller. */
static char *
expand_text(const char *text, const struct words *words)
{
    struct rf_buf out = {0};
    expand(text, strlen(text), words, &out);
    (void)rf_buf_text(&out);
    return out.bytes;
}

static void
make_words(const char *name, const struct rf_new_language *language, struct words *ret)
{
    struct rf_buf ident = {0};
    struct rf_buf type = {0};
    bool begins = true; /* a piece of the name */
    for (const char *at = name; *at != '\0'; at++) {
        if (!isalnum((unsigned char)*at)) {
            begins = true;
            continue;
        }
        if (begins && ident.used > 0) {
            rf_buf_byte(&ident, '_');
        } else if (begins && isdigit((unsigned char)*at)) {
            rf_buf_string(&ident, "a_"); /* no identifier begins with a digit */
        }
        rf_buf_byte(&ident, (char)tolower((unsigned char)*at));
        rf_buf_byte(&type, (char)(begins ? toupper((unsigned char)*at) : *at));
        begins = false;
    }
    ret->name = name;
    ret->ident = rf_strdup(ident.used == 0 ? "aggregate" : rf_buf_text(&ident));
    ret->type = rf_strdup(type.used == 0 ? "Aggregate" : rf_buf_text(&type));
    ret->upper = rf_strdup(ret->ident);
    for (char *at = ret->upper; *at != '\0'; at++) {
        *at = (char)toupper((unsigned char)*at);
    }
    rf_buf_done(&ident);
    rf_buf_done(&type);
    ret->language = language;
    ret->source = expand_text(language->source, ret);
    ret->plugin = expand_text(language->plugin, ret);
}

static void
free_words(struct words *words)
{
    free(words->source);
    free(words->plugin);
    free(words->ident);
    free(words->upper);
    free(words->type);
}

/* ---- files ----------------------------------------------------------------------------------- */

static bool
is_empty_folder(const char *path)
{
    DIR *folder = opendir(path);
    if (folder == NULL) {
        return false;
    }
    size_t entries = 0;
    while (readdir(folder) != NULL) {
        entries++; /* "." and ".." are two */
    }
    (void)closedir(folder);
    return entries <= 2;
}

static rf_code
make_folder(const char *path, struct rf_err *reterr)
{
    if (mkdir(path, 0777) == 0) {
        return RF_OK;
    }
    if (errno != EEXIST) {
        return rf_fail_errno(reterr, errno == ENOSPC ? RF_ERR_OUTPUT : RF_ERR_USAGE, path,
                             "cannot be made");
    }
    return is_empty_folder(path)
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, path,
                         "is there already, and nothing is overwritten: name a new folder, "
                         "'refold new NAME DIR'");
}

/** All folders that the path leads through. */
static rf_code
make_parents(const char *path, struct rf_err *reterr)
{
    char *copy = rf_strdup(path);
    rf_code code = RF_OK;
    for (char *slash = strchr(copy + 1, '/'); slash != NULL && code == RF_OK;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(copy, 0777) != 0 && errno != EEXIST) {
            code = rf_fail_errno(reterr, RF_ERR_OUTPUT, copy, "cannot be made");
        }
        *slash = '/';
    }
    free(copy);
    return code;
}

static rf_code
write_part(const char *folder, const struct rf_new_part *part, const struct words *words,
           struct rf_err *reterr)
{
    struct rf_buf path = {0};
    struct rf_buf text = {0};
    rf_buf_format(&path, "%s/", folder);
    expand(part->path, strlen(part->path), words, &path);
    expand((const char *)part->bytes, part->count, words, &text);
    const char *name = rf_buf_text(&path);
    rf_code code = make_parents(name, reterr);
    if (code == RF_OK) {
        int fd = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        bool written = fd >= 0 && rf_fd_write(fd, text.bytes, text.used);
        if (!written || close(fd) != 0) {
            code = rf_fail_errno(reterr, RF_ERR_OUTPUT, name,
                                 "cannot be written; what is in %s is not whole", folder);
        }
    }
    rf_buf_done(&path);
    rf_buf_done(&text);
    return code;
}

/* ---- the golden ------------------------------------------------------------------------------ */

/** Accepts the states of the skeleton's own history, as `refold bless` in the new folder would;
 * what goes wrong is said there. Returns its exit status. */
static int
bless(const char *folder, const struct words *words)
{
    struct rf_arguments arguments;
    struct rf_settings settings = {0};
    struct rf_err err;
    char *config = rf_format("--config=%s/refold.json", folder);
    bool whole = strcmp(words->plugin, ".") == 0; /* the folder is what is built */
    char *plugin = whole ? rf_format("--aggregate=%s", folder)
                         : rf_format("--aggregate=%s/%s", folder, words->plugin);
    char *golden = rf_format("--golden=%s/golden", folder);
    char *history = rf_format("%s/history", folder);
    char ci[] = "--ci";
    char end[] = "--";
    char *given[] = {config, plugin, golden, ci, end, history};
    int status = EXIT_USAGE;
    if (rf_arguments_parse(6, given, RF_VERB_BLESS, &arguments, &err) != RF_OK ||
        rf_settings_make(&arguments, RF_VERB_BLESS, &settings, &err) != RF_OK) {
        rf_say_error(&err);
    } else {
        settings.output_count = 0; /* no report: this is the verb `new` */
        status = rf_bless(&settings);
    }
    rf_settings_done(&settings);
    rf_arguments_done(&arguments);
    free(config);
    free(plugin);
    free(golden);
    free(history);
    return status;
}

/* ---- the verb -------------------------------------------------------------------------------- */

static rf_code
choose_language(const struct rf_settings *settings, const struct rf_new_language **ret,
                struct rf_err *reterr)
{
    const char *name = rf_argument(settings->arguments, RF_OPT_LANG);
    char origin[RF_OPTION_NAME_BYTES];
    *ret = rf_new_language_find(name == NULL ? "c" : name);
    return *ret != NULL ? RF_OK
                        : rf_fail(reterr, RF_ERR_USAGE,
                                  rf_option_origin(settings->arguments, RF_OPT_LANG, origin),
                                  "'%s' is none of c, cpp, go, rust", name);
}

static rf_code
write_skeleton(const char *folder, const struct words *words, struct rf_err *reterr)
{
    const struct rf_new_language *language = words->language;
    RF_TRY(make_folder(folder, reterr));
    for (const struct rf_new_part *part = language->parts; part->path != NULL; part++) {
        RF_TRY(write_part(folder, part, words, reterr));
    }
    if (language->library == NULL) {
        return RF_OK;
    }
    char *library = rf_format("%s/refold", folder);
    rf_code code = rf_new_library_copy(language->library, library, reterr);
    free(library);
    return code;
}

/** What there is now, and what to do next. */
static rf_code
print(const char *folder, const struct words *words, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, "written: ");
    rf_escape_shell(&text, folder, strlen(folder));
    rf_buf_format(&text,
                  " with %s, %s.scenario, %s, history/ and golden/\n"
                  "next:  cd ",
                  words->source, words->name, words->language->written);
    rf_escape_shell(&text, folder, strlen(folder));
    rf_buf_format(&text, " && refold run && refold scenario %s.scenario\n", words->name);
    rf_buf_format(&text, "then make %s your own; 'refold bless' accepts the states that it makes\n",
                  words->source);
    rf_code code = rf_say_whole(STDOUT_FILENO, "standard output", "summary", &text, reterr);
    rf_buf_done(&text);
    return code;
}

int
rf_new(struct rf_settings *settings)
{
    const char *name = settings->operands[0];
    const char *folder = settings->operand_count > 1 ? settings->operands[1] : name;
    struct words words = {0};
    struct rf_err err;
    int status = 0;
    const struct rf_new_language *language = NULL;
    rf_code code = check_name(name, &err);
    if (code == RF_OK) {
        code = choose_language(settings, &language, &err);
    }
    if (code == RF_OK) {
        make_words(name, language, &words);
        code = write_skeleton(folder, &words, &err);
    }
    if (code == RF_OK) {
        status = bless(folder, &words);
        if (status != 0) {
            (void)rf_fail(&err, RF_ERR_USAGE, folder,
                          "is written, but for its golden: 'refold bless' there writes it");
            rf_say_error(&err);
        } else if (settings->verbosity >= 0) {
            code = print(folder, &words, &err);
        }
    }
    if (code != RF_OK) {
        rf_say_error(&err);
        status = code == RF_ERR_OUTPUT ? EXIT_OUTPUT : EXIT_USAGE;
    }
    free_words(&words);
    return status;
}
