/* SPDX-License-Identifier: MIT */
/* Words, numbers and colour of the text report. */
#include "reports/text_paint.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/escape.h"

struct rf_page
rf_page_begin(const struct rf_report *report, struct rf_report *filled, struct rf_buf *out)
{
    *filled = rf_report_filled(report);
    return (struct rf_page){
        .out = out,
        .report = filled,
        .findings = filled->findings,
        .start = out->used,
        .verbose = filled->verbosity > 0,
    };
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
is_word(const char *bytes, size_t count)
{
    if (count == 0 || count > RF_NAME_WIDTH || bytes[0] == ':') {
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
    if (is_word(bytes, count)) {
        rf_buf_add(page->out, bytes, count);
    } else {
        rf_escape_quoted(page->out, bytes, count, RF_NAME_WIDTH);
    }
}

void
rf_paint_word(const struct rf_page *page, const char *name)
{
    rf_paint_name(page, name, strlen(name));
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
    if (!is_word(aggregate, length) || !is_letter(aggregate[length - 1])) {
        rf_paint_counted(page, count, "instance of ", "instances of ");
        rf_paint_word(page, aggregate);
        return;
    }
    rf_paint_number(page, count);
    rf_buf_byte(page->out, ' ');
    if (count == 1) {
        rf_buf_string(page->out, aggregate);
    } else {
        put_plural(page, aggregate);
    }
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
