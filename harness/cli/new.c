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

#include "base/alloc.h"
#include "base/escape.h"
#include "base/fd.h"
#include "cli/say.h"
#include "cli/skeleton.inc"
#include "cli/verbs.h"

#define EXIT_USAGE  2
#define EXIT_OUTPUT 5

/* ABI: an aggregate's name. */
#define NAME_BYTES   100
#define NAME_LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-"

/* ---- the parts ------------------------------------------------------------------------------- */

struct part {
    const char *path; /**< below the new folder; holds placeholders like the content */
    const unsigned char *bytes;
    size_t count;
};

#define PART(path, name)                                                                           \
    {                                                                                              \
        path, skeleton_##name, sizeof(skeleton_##name)                                             \
    }

/* Objects as Firehose names them: the hour, the stream, the time of the oldest record. */
static const struct part parts[] = {
    PART("@name@.c", aggregate_c),
    PART("refold.json", refold_json),
    PART("@name@.scenario", scenario),
    PART("history/2026/03/02/09/events-1-2026-03-02-09-00-00-6b0f1f5e-3a0e-4d7c-9a55-0d6f0f3c2a11",
         morning),
    PART("history/2026/03/02/12/events-1-2026-03-02-12-05-00-c1d8a0b4-52f7-4b6e-8f0e-77a4c9b1e302",
         noon),
    PART("Makefile", Makefile),
    PART(".gitignore", gitignore),
};
#define PART_COUNT (sizeof(parts) / sizeof(parts[0]))

/* ---- names ----------------------------------------------------------------------------------- */

/** What stands in the place of @name@, @ident@, @IDENT@ and @Type@. */
struct words {
    const char *name; /**< "invoice-line" */
    char *ident;      /**< "invoice_line": goes into C identifiers, never one by itself */
    char *upper;      /**< "INVOICE_LINE" */
    char *type;       /**< "InvoiceLine" */
};

static rf_code
check_name(const char *name, struct rf_err *reterr)
{
    size_t bytes = strlen(name);
    if (bytes > NAME_BYTES || strspn(name, NAME_LETTERS) != bytes || name[0] == '.') {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "is no name of an aggregate: 1 to %d of A-Z a-z 0-9 . _ - without a leading "
                       "dot",
                       NAME_BYTES);
    }
    if (name[0] == '-') {
        return rf_fail(reterr, RF_ERR_USAGE, name,
                       "begins with a dash: each command would take it for an option");
    }
    return RF_OK;
}

static void
make_words(const char *name, struct words *ret)
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
}

static void
free_words(struct words *words)
{
    free(words->ident);
    free(words->upper);
    free(words->type);
}

/** Appends a template with its placeholders replaced. */
static void
expand(const char *text, size_t bytes, const struct words *words, struct rf_buf *out)
{
    const struct {
        const char *mark;
        const char *word;
    } marks[] = {{"@name@", words->name},
                 {"@ident@", words->ident},
                 {"@IDENT@", words->upper},
                 {"@Type@", words->type}};
    for (size_t at = 0; at < bytes;) {
        size_t i = 0;
        while (i < 4 && (bytes - at < strlen(marks[i].mark) ||
                         memcmp(text + at, marks[i].mark, strlen(marks[i].mark)) != 0)) {
            i++;
        }
        if (i < 4) {
            rf_buf_string(out, marks[i].word);
            at += strlen(marks[i].mark);
        } else {
            rf_buf_byte(out, text[at++]);
        }
    }
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
write_part(const char *folder, const struct part *part, const struct words *words,
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
bless(const char *folder, const char *name)
{
    struct rf_arguments arguments;
    struct rf_settings settings = {0};
    struct rf_err err;
    char *config = rf_format("--config=%s/refold.json", folder);
    char *plugin = rf_format("--aggregate=%s/%s.c", folder, name);
    char *golden = rf_format("--golden=%s/golden", folder);
    char *history = rf_format("%s/history", folder);
    char ci[] = "--ci";
    char end[] = "--";
    char *words[] = {config, plugin, golden, ci, end, history};
    int status = EXIT_USAGE;
    if (rf_arguments_parse(6, words, RF_VERB_BLESS, &arguments, &err) != RF_OK ||
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
write_skeleton(const char *folder, const struct words *words, struct rf_err *reterr)
{
    RF_TRY(make_folder(folder, reterr));
    for (size_t i = 0; i < PART_COUNT; i++) {
        RF_TRY(write_part(folder, &parts[i], words, reterr));
    }
    return RF_OK;
}

/** What there is now, and what to do next. */
static rf_code
print(const char *folder, const struct words *words, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    rf_buf_string(&text, "written: ");
    rf_escape_shell(&text, folder, strlen(folder));
    rf_buf_format(&text,
                  " with %s.c, %s.scenario, refold.json, Makefile, history/ and golden/\n"
                  "next:  cd ",
                  words->name, words->name);
    rf_escape_shell(&text, folder, strlen(folder));
    rf_buf_format(&text, " && refold run && refold scenario %s.scenario\n", words->name);
    rf_buf_format(&text,
                  "then make %s.c your own; 'refold bless' accepts the states that it makes\n",
                  words->name);
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
    rf_code code = check_name(name, &err);
    if (code == RF_OK) {
        make_words(name, &words);
        code = write_skeleton(folder, &words, &err);
    }
    if (code == RF_OK) {
        status = bless(folder, name);
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
