/* SPDX-License-Identifier: MIT */
/* Reading files of scenarios: which form it is, and what both have in common. */
#include "scenario/read.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/limits.h"
#include "scenario/forms.h"

#define BYTE_ORDER_MARK "\xef\xbb\xbf"

size_t
rf_scenario_line_of(const char *text, size_t offset)
{
    size_t number = 1;
    const char *at = text;
    const char *end = text + offset;
    while ((at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        number++;
        at++;
    }
    return number;
}

rf_code
rf_scenario_take_name(const char *file, struct rf_scenario_line *line, const char *what,
                      const char *name, size_t bytes, struct rf_err *reterr)
{
    if (bytes == 0 || bytes > RF_LIMIT_NAME_BYTES) {
        return rf_scenario_fail(reterr, file, line->number, "%s is 1 to %d bytes long, not %zu",
                                what, RF_LIMIT_NAME_BYTES, bytes);
    }
    line->name = rf_strndup(name, bytes);
    line->name_bytes = bytes;
    return RF_OK;
}

/** Whether there is no value in it, nothing but objects: all else are their keys then. */
static bool
is_hollow(const struct rf_json *doc, uint32_t node)
{
    uint64_t keys = 0;
    uint64_t others = 0;
    for (uint32_t i = node; i < doc->nodes[node].next; i++) {
        bool is_object = doc->nodes[i].kind == RF_JSON_OBJECT;
        keys += is_object ? doc->nodes[i].count : 0;
        others += is_object ? 0 : 1;
    }
    return others == keys;
}

rf_code
rf_scenario_take_data(const char *file, struct rf_scenario_line *line, struct rf_json *doc,
                      uint32_t node, struct rf_err *reterr)
{
    uint64_t repeated;
    struct rf_buf canonical = {0};
    (void)rf_json_hash(doc, node, &repeated);
    if (repeated > 0) {
        return rf_scenario_fail(reterr, file, line->number, "a key stands twice in its JSON");
    }
    rf_code code = rf_json_canonical(doc, node, false, &canonical, NULL);
    rf_buf_done(&canonical);
    if (code != RF_OK) {
        return rf_scenario_fail(reterr, file, line->number,
                                "its JSON holds a number that is not finite as a double");
    }
    if (line->word == RF_SCENARIO_STATE && rf_json_find_inexact(doc, node) != RF_JSON_NONE) {
        return rf_scenario_fail(reterr, file, line->number,
                                "its JSON holds a number with more digits than 64 bits or a double "
                                "hold, which no state has: write it as a string");
    }
    line->hollow = is_hollow(doc, node);
    const char *token = rf_json_token(doc, node, &line->data_bytes);
    line->data = rf_strndup(token, line->data_bytes);
    return RF_OK;
}

rf_code
rf_scenario_take_time(const char *file, struct rf_scenario_line *line, const char *text,
                      size_t bytes, struct rf_err *reterr)
{
    if (!rf_time_parse(text, bytes, &line->at)) {
        return rf_scenario_fail(reterr, file, line->number,
                                "'%.*s' is no RFC 3339 time such as 2015-04-27T13:00:00Z",
                                (int)(bytes < 100 ? bytes : 100), text);
    }
    line->timed = true;
    return RF_OK;
}

rf_code
rf_scenario_take_word(const char *file, size_t number, const char *what, const char *bytes,
                      size_t count, size_t most, char **ret, struct rf_err *reterr)
{
    if (*ret != NULL) {
        return rf_scenario_fail(reterr, file, number, "%s stands twice", what);
    }
    if (count == 0 || count > most || memchr(bytes, '\0', count) != NULL) {
        return rf_scenario_fail(reterr, file, number, "%s is 1 to %zu bytes of text", what, most);
    }
    *ret = rf_strndup(bytes, count);
    return RF_OK;
}

rf_code
rf_scenarios_parse(const char *name, const char *text, size_t bytes, struct rf_scenarios *scenarios,
                   struct rf_err *reterr)
{
    if (bytes >= 3 && memcmp(text, BYTE_ORDER_MARK, 3) == 0) {
        text += 3;
        bytes -= 3;
    }
    size_t good = rf_utf8_valid(text, bytes);
    const char *nul = bytes == 0 ? NULL : memchr(text, '\0', good);
    if (good < bytes || nul != NULL) {
        size_t offset = nul == NULL ? good : (size_t)(nul - text);
        return rf_scenario_fail(reterr, name, rf_scenario_line_of(text, offset),
                                "is not text in UTF-8 (byte %zu): no file of scenarios", offset);
    }
    scenarios->files =
        rf_realloc(scenarios->files, scenarios->file_count + 1, sizeof(*scenarios->files));
    scenarios->files[scenarios->file_count++] = rf_strdup(name);
    size_t before = scenarios->count;
    size_t blanks = 0;
    while (blanks < bytes && strchr(" \t\r\n", text[blanks]) != NULL) {
        blanks++;
    }
    bool is_json = blanks < bytes && text[blanks] == '{';
    RF_TRY((is_json ? rf_scenarios_parse_json : rf_scenarios_parse_text)(text, bytes, scenarios,
                                                                         reterr));
    return scenarios->count > before
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, name,
                         "holds no scenario: one begins with 'scenario: what it shows'");
}

rf_code
rf_scenarios_read(const char *path, struct rf_scenarios *scenarios, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    rf_code code = rf_file_read(path, &text, reterr);
    if (code != RF_OK) {
        code = RF_ERR_USAGE;
        reterr->code = code;
    }
    if (code == RF_OK && text.used > RF_LIMIT_SCENARIO_BYTES) {
        code = rf_fail(reterr, RF_ERR_USAGE, path, "is longer than 16 MiB");
    }
    if (code == RF_OK) {
        code = rf_scenarios_parse(path, text.used == 0 ? "" : text.bytes, text.used, scenarios,
                                  reterr);
    }
    rf_buf_done(&text);
    return code;
}
