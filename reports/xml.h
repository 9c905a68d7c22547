/* SPDX-License-Identifier: MIT */
/* Names and shown text (base/escape.h) as XML. Of the JUnit reports only. */
#ifndef RF_REPORTS_XML_H
#define RF_REPORTS_XML_H

#include <inttypes.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/escape.h"

/* A name in full as shown text; in quotes where it has blanks that a reader might trim. */
static inline void
rf_xml_name(struct rf_buf *out, const char *bytes, size_t count)
{
    if (count > 0 && bytes[0] != ' ' && bytes[count - 1] != ' ') {
        rf_escape_terminal(out, bytes, count);
    } else {
        rf_escape_quoted(out, bytes, count, SIZE_MAX);
    }
}

static inline void
rf_xml_text(struct rf_buf *out, const struct rf_buf *shown)
{
    for (size_t i = 0; i < shown->used; i++) {
        switch (shown->bytes[i]) {
        case '&':
            rf_buf_string(out, "&amp;");
            break;
        case '<':
            rf_buf_string(out, "&lt;");
            break;
        case '>': /* also in "]]>" */
            rf_buf_string(out, "&gt;");
            break;
        case '"':
            rf_buf_string(out, "&quot;");
            break;
        default:
            rf_buf_byte(out, shown->bytes[i]);
        }
    }
}

static inline void
rf_xml_attribute(struct rf_buf *out, const char *name, const struct rf_buf *shown)
{
    rf_buf_format(out, " %s=\"", name);
    rf_xml_text(out, shown);
    rf_buf_byte(out, '"');
}

/* Milliseconds as integers: printf's decimal point depends on the locale. */
static inline void
rf_xml_seconds(struct rf_buf *out, double seconds)
{
    uint64_t millis = seconds > 0 ? (uint64_t)(seconds * 1000 + 0.5) : 0;
    rf_buf_format(out, " time=\"%" PRIu64 ".%03" PRIu64 "\"", millis / 1000, millis % 1000);
}

#endif
