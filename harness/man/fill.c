/* SPDX-License-Identifier: MIT */
/*
 * Fills a manual page: what the tables of refold know is printed from them.
 *
 *     fill PAGE < PAGE.in > PAGE          PAGE is refold.1, refold-run.1, refold.json.5, …
 *
 * A line of PAGE.in that begins with @ is one of SECTIONS below and becomes what that prints; all
 * other lines are roff, in the macros of man(7), and pass as they are. A build tool: it is not
 * installed.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "cli/exits.h"
#include "cli/options.h"
#include "cli/verbs.h"
#include "reports/report.h"

struct page {
    const char *name;           /**< "refold-run" */
    const char *section;        /**< "1" */
    const struct rf_verb *verb; /**< NULL: a page that is not about one verb */
};

/** Text as roff prints it: what it gives a meaning to is escaped. */
static void
add_text(struct rf_buf *out, const char *text)
{
    bool begins_line = true;
    for (; *text != '\0'; text++) {
        if (begins_line && *text == '.') {
            rf_buf_string(out, "\\&");
        }
        begins_line = *text == '\n';
        switch (*text) {
        case '\\':
            rf_buf_string(out, "\\e");
            break;
        case '-':
            rf_buf_string(out, "\\-");
            break;
        case '\'':
            rf_buf_string(out, "\\(aq");
            break;
        case '`':
            rf_buf_string(out, "\\(ga");
            break;
        case '^':
            rf_buf_string(out, "\\(ha");
            break;
        case '~':
            rf_buf_string(out, "\\(ti");
            break;
        default:
            rf_buf_byte(out, *text);
        }
    }
}

static void
add_title(const struct page *page, struct rf_buf *out)
{
    rf_buf_string(out, ".nr HY 0\n.TH "); /* no name is torn apart at a line's end */
    for (const char *c = page->name; *c != '\0'; c++) {
        rf_buf_byte(out, (char)toupper((unsigned char)*c));
    }
    rf_buf_format(out, " %s \"\" \"refold %s\" \"refold\"\n", page->section, REFOLD_VERSION);
    rf_buf_string(out, ".ad l\n");
}

static void
add_name(const struct page *page, struct rf_buf *out)
{
    rf_buf_string(out, ".SH NAME\nrefold\\-");
    add_text(out, page->verb->name);
    rf_buf_string(out, " \\- ");
    add_text(out, page->verb->summary);
    rf_buf_byte(out, '\n');
}

/** "refold run [OPTION...]": the words in capitals stand for others. */
static void
add_synopsis(const struct page *page, struct rf_buf *out)
{
    rf_buf_string(out, ".SH SYNOPSIS\n\\fB");
    bool italic = false;
    for (const char *c = page->verb->usage; *c != '\0'; c++) {
        bool stands_for = isupper((unsigned char)*c) != 0;
        if (isalpha((unsigned char)*c) && stands_for != italic) {
            rf_buf_string(out, stands_for ? "\\fI" : "\\fB");
            italic = stands_for;
        }
        const char one[] = {*c, '\0'};
        add_text(out, one);
    }
    rf_buf_string(out, "\\fR\n");
}

static void
add_formats(struct rf_buf *out, bool scenarios)
{
    rf_buf_string(out, ".SS Formats of reports\n");
    for (const struct rf_report_format *row = rf_report_formats; row->name != NULL; row++) {
        if (rf_report_format_fits(row, scenarios)) {
            rf_buf_format(out, ".TP\n\\fB%s\\fR\n", row->name);
            add_text(out, row->summary);
            rf_buf_string(out, ".\n");
        }
    }
}

static void
add_options(const struct page *page, struct rf_buf *out)
{
    rf_buf_string(out, ".SH OPTIONS\n");
    for (size_t i = 0; i < RF_OPT_COUNT_; i++) {
        const struct rf_option *option = &rf_options[i];
        if (!(option->verbs & page->verb->bit)) {
            continue;
        }
        rf_buf_string(out, ".TP\n");
        if (option->letter != 0) {
            rf_buf_format(out, "\\fB\\-%c\\fR, ", option->letter);
        }
        rf_buf_string(out, "\\fB\\-\\-");
        add_text(out, option->name);
        rf_buf_string(out, "\\fR");
        if (option->argument != NULL) {
            rf_buf_string(out, rf_option_is_optional(option) ? "\\fI" : " \\fI");
            add_text(out, option->argument);
            rf_buf_string(out, "\\fR");
        }
        rf_buf_byte(out, '\n');
        add_text(out, rf_option_help(option, page->verb->bit));
        rf_buf_string(out, option->repeatable ? ".\nCan be given several times.\n" : ".\n");
    }
    if (rf_options[RF_OPT_REPORT].verbs & page->verb->bit) {
        add_formats(out, page->verb->bit == RF_VERB_SCENARIO);
    }
}

static void
add_verbs(const struct page *page, struct rf_buf *out)
{
    (void)page;
    rf_buf_string(out, ".SH VERBS\n");
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        rf_buf_string(out, ".TP\n\\fBrefold\\-");
        add_text(out, verb->name);
        rf_buf_string(out, "\\fR(1)\n");
        add_text(out, verb->summary);
        rf_buf_string(out, ".\n");
    }
    rf_buf_string(out, ".TP\n\\fBrefold help\\fR [\\fIVERB\\fR]\nthe verbs, or one verb\\(aqs "
                       "options with examples.\n");
}

static void
add_exit_status(const struct page *page, struct rf_buf *out)
{
    (void)page;
    rf_buf_string(out, ".SH EXIT STATUS\n");
    for (const struct rf_exit *row = rf_exits; row->codes != NULL; row++) {
        rf_buf_format(out, ".TP\n\\fB%s\\fR\n", row->codes);
        add_text(out, row->meaning);
        rf_buf_string(out, ".\n");
    }
    rf_buf_string(out, ".PP\nWhere several hold, the first of 70, 5, 4, 3, 2, 1, 0 is returned.\n");
}

static void
add_examples(const struct page *page, struct rf_buf *out)
{
    rf_buf_string(out, ".SH EXAMPLES\n");
    for (const char *const *example = page->verb->examples; *example != NULL; example += 2) {
        rf_buf_format(out, "%s%c", example == page->verb->examples ? "" : ".PP\n",
                      toupper((unsigned char)example[0][0]));
        add_text(out, example[0] + 1);
        rf_buf_string(out, out->bytes[out->used - 1] == '?' ? "" : ":");
        rf_buf_string(out, "\n.PP\n.RS 4\n.EX\n");
        add_text(out, example[1]);
        rf_buf_string(out, "\n.EE\n.RE\n");
    }
}

static void
add_environment(const struct page *page, struct rf_buf *out)
{
    struct rf_buf by_hand = {0};
    rf_options_by_hand(page->verb->bit, &by_hand);
    rf_buf_string(out, ".SH ENVIRONMENT\nEach option but ");
    add_text(out, rf_buf_text(&by_hand));
    rf_buf_done(&by_hand);
    rf_buf_string(out, "\n"
                       "can be set as \\fBREFOLD_\\fINAME\\fR, in capitals and with "
                       "underscores for dashes;\n"
                       "a flag by 1, true or yes, and not by 0, false or no.\n"
                       "Options win over the environment, the environment over\n"
                       "\\fBrefold.json\\fR(5).\n"
                       "The other variables that refold hears stand in\n"
                       "\\fBrefold\\fR(1).\n");
}

/** One of a list, unless it is this page itself. */
static void
add_reference(const struct page *page, const char *name, const char *section, struct rf_buf *list)
{
    if (strcmp(name, page->name) != 0) {
        rf_buf_string(list, list->used == 0 ? "\\fB" : ",\n\\fB");
        add_text(list, name);
        rf_buf_format(list, "\\fR(%s)", section);
    }
}

static void
add_see_also(const struct page *page, struct rf_buf *out)
{
    struct rf_buf list = {0};
    add_reference(page, "refold", "1", &list);
    for (const struct rf_verb *verb = rf_verbs; verb->name != NULL; verb++) {
        char *name = rf_format("refold-%s", verb->name);
        add_reference(page, name, "1", &list);
        free(name);
    }
    add_reference(page, "refold.json", "5", &list);
    add_reference(page, "refold-aggregate", "3", &list);
    rf_buf_format(out, ".SH SEE ALSO\n%s\n", rf_buf_text(&list));
    rf_buf_done(&list);
}

static const struct {
    const char *line;
    bool of_verb; /**< only in the page of a verb */
    void (*add)(const struct page *page, struct rf_buf *out);
} SECTIONS[] = {
    {"@title", false, add_title},       {"@name", true, add_name},
    {"@synopsis", true, add_synopsis},  {"@options", true, add_options},
    {"@verbs", false, add_verbs},       {"@exit-status", false, add_exit_status},
    {"@examples", true, add_examples},  {"@environment", true, add_environment},
    {"@see-also", false, add_see_also},
};

/** Returns false for a line that names no section of this page. */
static bool
add_section(const struct page *page, const char *line, struct rf_buf *out)
{
    for (size_t i = 0; i < sizeof(SECTIONS) / sizeof(SECTIONS[0]); i++) {
        if (strcmp(line, SECTIONS[i].line) == 0 && (page->verb != NULL || !SECTIONS[i].of_verb)) {
            SECTIONS[i].add(page, out);
            return true;
        }
    }
    return false;
}

/** "refold-run.1" is the page of the verb run; refold-aggregate.3 is of no verb. */
static bool
page_of(char *file, struct page *ret)
{
    char *dot = strrchr(file, '.');
    if (dot == NULL) {
        return false;
    }
    *dot = '\0';
    *ret = (struct page){.name = file, .section = dot + 1};
    if (strncmp(file, "refold-", 7) == 0 && strcmp(ret->section, "1") == 0) {
        ret->verb = rf_verb_find(file + 7);
        return ret->verb != NULL;
    }
    return true;
}

int
main(int argc, char **argv)
{
    struct page page;
    if (argc != 2 || !page_of(argv[1], &page)) {
        (void)fprintf(stderr, "fill: '%s' is no page of refold or of one of its verbs\n",
                      argc == 2 ? argv[1] : "");
        return 2;
    }
    struct rf_buf out = {0};
    char *line = NULL;
    size_t room = 0;
    ssize_t got;
    while ((got = getline(&line, &room, stdin)) > 0) {
        if (line[0] != '@') {
            rf_buf_add(&out, line, (size_t)got);
            continue;
        }
        line[strcspn(line, "\n")] = '\0';
        if (!add_section(&page, line, &out)) {
            (void)fprintf(stderr, "fill: %s: no section of this page: %s\n", page.name, line);
            return 2;
        }
    }
    free(line);
    bool written = fwrite(out.bytes, 1, out.used, stdout) == out.used && fflush(stdout) == 0;
    rf_buf_done(&out);
    return written ? 0 : 1;
}
