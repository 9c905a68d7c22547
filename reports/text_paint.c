/* SPDX-License-Identifier: MIT */
/* Words, numbers and colour of the reports that people read. */
#include "reports/text_internal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"

struct rf_page
rf_page_open(const struct rf_report *report, struct rf_buf *out)
{
    return (struct rf_page){
        .out = out,
        .report = report,
        .findings = report->findings,
        .start = out->used,
        .verbose = report->verbosity > 0,
        .name_width = RF_NAME_WIDTH,
        .value_width = RF_VALUE_WIDTH,
        .indent = "    ",
        .hints = true,
    };
}

struct rf_page
rf_page_begin(const struct rf_report *report, struct rf_report *filled, struct rf_buf *out)
{
    *filled = rf_report_filled(report);
    struct rf_page page = rf_page_open(filled, out);
    rf_text_add_up(&page);
    return page;
}

struct rf_page
rf_page_begin_plain(const struct rf_report *report, struct rf_report *filled, struct rf_buf *out)
{
    struct rf_report plain = *report;
    plain.color = false;
    plain.verbosity = 0;
    struct rf_page page = rf_page_begin(&plain, filled, out);
    page.hints = false;
    return page;
}

struct rf_page
rf_page_into(const struct rf_page *page, struct rf_buf *out)
{
    struct rf_page other = *page;
    other.out = out;
    other.start = out->used;
    return other;
}

void
rf_paint_cut(struct rf_buf *lines, size_t limit)
{
    static const char pointer[] = "cut here; the JSON report (-r json=FILE) tells more\n";
    if (lines->used <= limit) {
        return;
    }
    size_t end = limit - sizeof(pointer);
    while (end > 0 && lines->bytes[end - 1] != '\n') {
        end--;
    }
    lines->used = end;
    rf_buf_string(lines, pointer);
}

/* What was written from `start` on becomes a code span: as it is, whatever it holds. It begins and
 * ends with more backticks than there are in a row within. */
static void
close_span(const struct rf_page *page, size_t start)
{
    if (!page->spans || page->out->used == start) {
        return;
    }
    struct rf_buf text = {0};
    size_t longest = 0;
    size_t row = 0;
    rf_buf_add(&text, page->out->bytes + start, page->out->used - start);
    for (size_t i = 0; i < text.used; i++) {
        row = text.bytes[i] == '`' ? row + 1 : 0;
        longest = row > longest ? row : longest;
    }
    const char first = text.bytes[0];
    const char last = text.bytes[text.used - 1];
    bool padded = first == '`' || last == '`' || first == ' ' || last == ' ';
    page->out->used = start;
    rf_paint_repeated(page, '`', longest + 1);
    rf_buf_string(page->out, padded ? " " : "");
    rf_buf_add(page->out, text.bytes, text.used);
    rf_buf_string(page->out, padded ? " " : "");
    rf_paint_repeated(page, '`', longest + 1);
    rf_buf_done(&text);
}

void
rf_paint_repeated(const struct rf_page *page, char byte, size_t count)
{
    while (count-- > 0) {
        rf_buf_byte(page->out, byte);
    }
}

void
rf_paint_color(const struct rf_page *page, const char *code)
{
    if (page->report->color) {
        rf_buf_string(page->out, code);
    }
}

void
rf_paint_section(const struct rf_page *page)
{
    if (page->out->used > page->start) {
        rf_buf_byte(page->out, '\n');
    }
}

void
rf_paint_number(const struct rf_page *page, uint64_t value)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%" PRIu64, value);
    for (int i = 0; i < length; i++) {
        if (i > 0 && (length - i) % 3 == 0) {
            rf_buf_byte(page->out, ',');
        }
        rf_buf_byte(page->out, digits[i]);
    }
}

void
rf_paint_counted(const struct rf_page *page, uint64_t count, const char *one, const char *many)
{
    rf_paint_number(page, count);
    rf_buf_byte(page->out, ' ');
    rf_buf_string(page->out, count == 1 ? one : many);
}

static bool
is_letter(char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z');
}

/* Whether a name reads as one word without quotes. */
static bool
is_word(const struct rf_page *page, const char *bytes, size_t count)
{
    if (count == 0 || count > page->name_width || bytes[0] == ':') {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!is_letter(bytes[i]) && !(bytes[i] >= '0' && bytes[i] <= '9') &&
            (bytes[i] == '\0' || strchr("._:/@+=-~*", bytes[i]) == NULL)) {
            return false;
        }
    }
    return true;
}

void
rf_paint_name(const struct rf_page *page, const char *bytes, size_t count)
{
    size_t start = page->out->used;
    if (is_word(page, bytes, count)) {
        rf_buf_add(page->out, bytes, count);
    } else {
        rf_escape_quoted(page->out, bytes, count, page->name_width);
    }
    close_span(page, start);
}

void
rf_paint_word(const struct rf_page *page, const char *name)
{
    rf_paint_name(page, name, strlen(name));
}

void
rf_paint_message(const struct rf_page *page, const char *text, size_t limit)
{
    size_t start = page->out->used;
    rf_escape_shown(page->out, text, strlen(text), limit);
    close_span(page, start);
}

void
rf_paint_value(const struct rf_page *page, const char *json, size_t from)
{
    size_t start = page->out->used;
    rf_escape_json_shown(page->out, json, strlen(json), from, page->value_width);
    close_span(page, start);
}

static bool
ends_with(const char *name, const char *end)
{
    size_t length = strlen(name);
    size_t end_length = strlen(end);
    return length >= end_length && strcmp(name + length - end_length, end) == 0;
}

/* orders, categories, boxes, processes; "orders" stays. */
static void
put_plural(const struct rf_page *page, const char *name)
{
    size_t length = strlen(name);
    bool vowel_y = length > 1 && strchr("aeiou", name[length - 2]) != NULL;
    if (ends_with(name, "y") && !vowel_y) {
        rf_buf_add(page->out, name, length - 1);
        rf_buf_string(page->out, "ies");
        return;
    }
    rf_buf_string(page->out, name);
    if (ends_with(name, "ss") || ends_with(name, "us") || ends_with(name, "x") ||
        ends_with(name, "ch") || ends_with(name, "sh")) {
        rf_buf_string(page->out, "es");
    } else if (!ends_with(name, "s")) {
        rf_buf_byte(page->out, 's');
    }
}

void
rf_paint_instances(const struct rf_page *page, uint64_t count, const char *aggregate)
{
    size_t length = strlen(aggregate);
    if (!is_word(page, aggregate, length) || !is_letter(aggregate[length - 1])) {
        rf_paint_counted(page, count, "instance of ", "instances of ");
        rf_paint_word(page, aggregate);
        return;
    }
    rf_paint_number(page, count);
    rf_buf_byte(page->out, ' ');
    size_t start = page->out->used;
    if (count == 1) {
        rf_buf_string(page->out, aggregate);
    } else {
        put_plural(page, aggregate);
    }
    close_span(page, start);
}

void
rf_paint_part(const struct rf_page *page, uint64_t count, const char *one, const char *many)
{
    if (count > 0) {
        rf_buf_string(page->out, ", ");
        rf_paint_counted(page, count, one, many);
    }
}

void
rf_paint_path(const struct rf_page *page, const char *path)
{
    if (*path == '\0') {
        rf_buf_string(page->out, "the whole state");
    } else {
        rf_paint_word(page, path);
    }
}
