/* SPDX-License-Identifier: MIT */
/* JSONTestSuite (fixtures/jsontestsuite): every file of it, and what refold does where the standard
 * leaves it open. */
#include "base/json.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What the reader says to a file that may be accepted or refused, and what the writer says to it
 * then. */
struct choice {
    const char *name;
    rf_code read;
    rf_code write;
};

static const struct choice choices[] = {
    /* Numbers are tokens; only their canonical text asks for a finite double. */
    {"i_number_double_huge_neg_exp.json", RF_OK, RF_OK},
    {"i_number_huge_exp.json", RF_OK, RF_ERR_LIMIT},
    {"i_number_neg_int_huge_exp.json", RF_OK, RF_ERR_LIMIT},
    {"i_number_pos_double_huge_exp.json", RF_OK, RF_ERR_LIMIT},
    {"i_number_real_neg_overflow.json", RF_OK, RF_ERR_LIMIT},
    {"i_number_real_pos_overflow.json", RF_OK, RF_ERR_LIMIT},
    {"i_number_real_underflow.json", RF_OK, RF_OK},
    {"i_number_too_big_neg_int.json", RF_OK, RF_OK},
    {"i_number_too_big_pos_int.json", RF_OK, RF_OK},
    {"i_number_very_big_negative_int.json", RF_OK, RF_OK},
    /* Half a surrogate pair is no character. */
    {"i_object_key_lone_2nd_surrogate.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_1st_surrogate_but_2nd_missing.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_1st_valid_surrogate_2nd_invalid.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_incomplete_surrogate_and_escape_valid.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_incomplete_surrogate_pair.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_incomplete_surrogates_escape_valid.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_invalid_lonely_surrogate.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_invalid_surrogate.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_inverted_surrogates_U+1D11E.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_lone_second_surrogate.json", RF_ERR_MALFORMED, RF_OK},
    /* Text is UTF-8, without a byte order mark. */
    {"i_string_UTF-16LE_with_BOM.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_UTF-8_invalid_sequence.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_UTF8_surrogate_U+D800.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_invalid_utf-8.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_iso_latin_1.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_lone_utf8_continuation_byte.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_not_in_unicode_range.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_overlong_sequence_2_bytes.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_overlong_sequence_6_bytes.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_overlong_sequence_6_bytes_null.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_truncated-utf-8.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_utf16BE_no_BOM.json", RF_ERR_MALFORMED, RF_OK},
    {"i_string_utf16LE_no_BOM.json", RF_ERR_MALFORMED, RF_OK},
    {"i_structure_UTF-8_BOM_empty_object.json", RF_ERR_MALFORMED, RF_OK},
    /* Below RF_LIMIT_JSON_DEPTH. */
    {"i_structure_500_nested_arrays.json", RF_OK, RF_OK},
};

static void
folder_path(char *ret, size_t room)
{
    const char *root = getenv("REFOLD_ROOT");
    (void)snprintf(ret, room, "%s/fixtures/jsontestsuite/test_parsing", root == NULL ? "." : root);
}

/* The file's bytes, in memory that ends where they end; for free(). */
static char *
load(const char *name, size_t *ret_bytes)
{
    char folder[2048];
    char path[4096];
    folder_path(folder, sizeof(folder));
    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    cr_assert_not_null(file, "%s", path);
    cr_assert_eq(fseek(file, 0, SEEK_END), 0);
    *ret_bytes = (size_t)ftell(file);
    rewind(file);
    char *text = malloc(*ret_bytes == 0 ? 1 : *ret_bytes);
    cr_assert_eq(fread(text, 1, *ret_bytes, file), *ret_bytes);
    (void)fclose(file);
    return text;
}

/* What was read survives being written: the canonical text is read as the same value. */
static void
check_round_trip(struct rf_json *doc, const char *name)
{
    uint64_t hash = rf_json_hash(doc, 0, NULL);
    struct rf_buf literal = {0};
    struct rf_json again = {0};
    cr_assert_eq(rf_json_canonical(doc, 0, true, &literal, NULL), RF_OK, "%s", name);
    cr_expect_eq(rf_json_read_whole(&again, literal.bytes, literal.used, NULL), RF_OK, "%s", name);
    cr_expect_eq(rf_json_hash(&again, 0, NULL), hash, "%s", name);
    rf_buf_done(&literal);
    rf_json_done(&again);
}

static rf_code
read_file(const char *name, rf_code *ret_write)
{
    size_t bytes;
    char *text = load(name, &bytes);
    struct rf_json doc = {0};
    struct rf_buf out = {0};
    rf_code code = rf_json_read_whole(&doc, text, bytes, NULL);
    *ret_write = RF_OK;
    if (code == RF_OK) {
        *ret_write = rf_json_canonical(&doc, 0, false, &out, NULL);
        check_round_trip(&doc, name);
    }
    rf_buf_done(&out);
    rf_json_done(&doc);
    free(text);
    return code;
}

/* Reads all files whose names begin with `letter`; each must be read as `accept` says. */
static size_t
read_all(char letter, bool accept)
{
    char path[2048];
    folder_path(path, sizeof(path));
    DIR *folder = opendir(path);
    cr_assert_not_null(folder, "%s", path);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        if (entry->d_name[0] == letter && entry->d_name[1] == '_') {
            rf_code written;
            rf_code code = read_file(entry->d_name, &written);
            cr_expect_eq(code == RF_OK, accept, "%s: code %d", entry->d_name, code);
            cr_expect_eq(written, RF_OK, "%s", entry->d_name);
            count++;
        }
    }
    (void)closedir(folder);
    return count;
}

Test(jsontestsuite, accepts_what_is_json)
{
    cr_expect_eq(read_all('y', true), 95);
}

Test(jsontestsuite, refuses_what_is_not_json)
{
    cr_expect_eq(read_all('n', false), 188);
}

Test(jsontestsuite, keeps_its_table_where_the_standard_is_open)
{
    const size_t count = sizeof(choices) / sizeof(*choices);
    cr_expect_eq(count, 35, "all of them: %zu", count);
    for (size_t i = 0; i < count; i++) {
        rf_code written;
        rf_code code = read_file(choices[i].name, &written);
        cr_expect_eq(code, choices[i].read, "%s: code %d", choices[i].name, code);
        cr_expect_eq(written, choices[i].write, "%s: written %d", choices[i].name, written);
    }
}

/* Nested too deep is a limit, and says so, rather than malformed. */
Test(jsontestsuite, names_the_limit_for_a_hundred_thousand_brackets)
{
    rf_code written;
    cr_expect_eq(read_file("n_structure_100000_opening_arrays.json", &written), RF_ERR_LIMIT);
    cr_expect_eq(read_file("n_structure_open_array_object.json", &written), RF_ERR_LIMIT);
}
