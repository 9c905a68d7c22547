/* SPDX-License-Identifier: MIT */
/* known-damage.json: read, written, refused. */
#include "golden/known_file.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SHA  "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define HASH "0123456789abcdef"

static char folder[64];

static void
make(void)
{
    strcpy(folder, "/tmp/refold-known-XXXXXX");
    cr_assert(mkdtemp(folder) != NULL);
}

static void
drop(void)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/" RF_KNOWN_DAMAGE_NAME, folder);
    (void)unlink(path);
    (void)rmdir(folder);
}

static rf_code
read_text(const char *text, struct rf_known_damage **ret, struct rf_err *err)
{
    char path[128];
    (void)snprintf(path, sizeof(path), "%s/" RF_KNOWN_DAMAGE_NAME, folder);
    FILE *file = fopen(path, "w");
    cr_assert(file != NULL && fputs(text, file) >= 0 && fclose(file) == 0);
    return rf_known_read(folder, "2026-11-25", false, ret, err);
}

TestSuite(known_file, .init = make, .fini = drop);

Test(known_file, entries_of_all_shapes_are_written_as_they_are_read)
{
    static const char text[] =
        "{\"damage\":[\n"
        "{\"digest\":\"" SHA "\",\"kind\":\"unreadable\",\"object\":\"a\",\"reason\":\"r\"},\n"
        "{\"digest\":\"" SHA
        "\",\"kind\":\"unreadable\",\"object\":\"a\",\"offset\":0,\"reason\":\"r\"},\n"
        "{\"digest\":\"" SHA "\",\"kind\":\"truncated\",\"object\":\"a\",\"offset\":"
        "18446744073709551615,\"reason\":\"r\"},\n"
        "{\"aggregate\":\"order\",\"count\":2,\"event\":\"" SHA
        "\",\"id\":\"\",\"kind\":\"malformed\",\"reason\":\"\\u001b\"},\n"
        "{\"digest\":\"" SHA "\",\"kind\":\"malformed\",\"object\":\"b\",\"offset\":1,\"reason\":"
        "\"r\",\"until\":\"2026-11-25\"},\n"
        "{\"bytes\":18446744073709551615,\"digest\":\"" SHA
        "\",\"kind\":\"malformed\",\"object\":\"b\",\"offset\":2,\"reason\":\"r\"},\n"
        "{\"bytes\":7,\"digest\":\"" SHA "\",\"kind\":\"malformed\",\"object\":\"b\",\"offset\":2,"
        "\"part\":\"41/0\",\"reason\":\"r\"},\n"
        "{\"bytes\":7,\"digest\":\"" SHA "\",\"kind\":\"malformed\",\"object\":\"b\",\"offset\":2,"
        "\"part\":1,\"reason\":\"r\"},\n"
        "{\"digest\":\"" SHA "\",\"kind\":\"malformed\",\"object\":\"b\",\"offset\":2,"
        "\"part\":\"42\",\"reason\":\"r\"},\n"
        "{\"id\":\"x\",\"kind\":\"gap\",\"reason\":\"r\",\"to\":9223372036854775807,\"version\":0},"
        "\n"
        "{\"dropped\":\"" SHA "\",\"folded\":\"" SHA
        "\",\"id\":\"x\",\"kind\":\"conflict\",\"reason\":\"r\",\"version\":1},\n"
        "{\"found\":\"" HASH
        "\",\"id\":\"x\",\"kind\":\"conflict\",\"reason\":\"r\",\"snapshot\":\"" HASH
        "\",\"version\":2},\n"
        "{\"events\":\"" HASH
        "\",\"golden\":4,\"id\":\"x\",\"kind\":\"cut-short\",\"reason\":\"r\",\"version\":3},\n"
        "{\"id\":\"y\",\"kind\":\"cut-short\",\"reason\":\"r\",\"snapshot\":\"" HASH
        "\",\"version\":3},\n"
        "{\"digest\":\"" SHA "\",\"kind\":\"errors\",\"object\":\"processing-failed/"
        "x\",\"reason\":\"r\",\"until\":\"2026-11-24\"}\n"
        "],\"format\":1}\n";
    struct rf_known_damage *known;
    struct rf_err err;
    struct rf_buf out = {0};
    cr_assert(read_text(text, &known, &err) == RF_OK, "%s: %s", err.where, err.text);
    cr_assert(known->count == 15);
    rf_known_write(known->items, known->count, &out);
    cr_assert_str_eq(rf_buf_text(&out), text);
    for (size_t i = 0; i < known->count; i++) {
        cr_assert(known->items[i].expired == (i == 14), "%zu", i);
        cr_assert(known->items[i].of_before == (i == 4 || i == 7), "%zu", i);
        cr_assert(rf_known_find(known, known->items[i].identity) == &known->items[i]);
    }
    rf_buf_done(&out);
    rf_known_free(known);
}

Test(known_file, what_is_made_of_a_finding_is_what_is_read)
{
    struct rf_known_entry entry;
    rf_known_entry_make("{\"id\":\"x\",\"kind\":\"gap\",\"to\":4,\"version\":3}", "why",
                        "2026-12-31", &entry);
    cr_assert_str_eq(entry.identity, "{\"id\":\"x\",\"kind\":\"gap\",\"to\":4,\"version\":3}");
    cr_assert_str_eq(entry.reason, "why");
    cr_assert_str_eq(entry.until, "2026-12-31");
    cr_assert(entry.kind == RF_DAMAGE_GAP && entry.version == 3 && entry.count == 1 &&
              !entry.expired);
    rf_known_entry_done(&entry);
}

Test(known_file, white_space_order_and_remarks_make_no_other_finding)
{
    struct rf_known_damage *known;
    struct rf_err err;
    cr_assert(
        read_text(
            "{ \"format\" : 1, \"damage\" : [ {\"version\":3, \"to\":4, \"until\":\"2026-12-31\",\n"
            "\"reason\":\"a\", \"kind\":\"g\\u0061p\", \"id\":\"\\u0078\"} ] }",
            &known, &err) == RF_OK,
        "%s", err.text);
    cr_assert_str_eq(known->items[0].identity,
                     "{\"id\":\"x\",\"kind\":\"gap\",\"to\":4,\"version\":3}");
    rf_known_free(known);
    /* The same finding, with other remarks: it is there twice, and the second is on line 3. */
    cr_assert(
        read_text(
            "{\"format\":1,\"damage\":[\n"
            "{\"version\":3,\"to\":4,\"reason\":\"a\",\"kind\":\"gap\",\"id\":\"x\"},\n"
            "{\"version\":3,\"to\":4,\"reason\":\"b\",\"kind\":\"gap\",\"id\":\"x\",\"count\":7}]}",
            &known, &err) == RF_ERR_CORRUPT);
    cr_assert(strstr(err.where, RF_KNOWN_DAMAGE_NAME ":3") != NULL, "%s", err.where);
}

Test(known_file, there_is_none_where_no_one_accepts)
{
    struct rf_known_damage *known;
    struct rf_err err;
    cr_assert(rf_known_read(folder, "2026-11-25", false, &known, &err) == RF_OK);
    cr_assert(known == NULL);
    cr_assert(rf_known_read(folder, "2026-11-25", true, &known, &err) == RF_OK);
    cr_assert(known != NULL && known->accepts && known->count == 0 && known->text == NULL);
    rf_known_free(known);
}

Test(known_file, every_cut_is_told)
{
    static const char text[] =
        "{\"damage\":[\n{\"id\":\"x\",\"kind\":\"gap\",\"reason\":\"r\",\"to\":4,\"version\":3}\n"
        "],\"format\":1}";
    for (size_t cut = 0; cut < sizeof(text) - 1; cut++) {
        char part[sizeof(text)];
        struct rf_known_damage *known;
        struct rf_err err;
        (void)snprintf(part, sizeof(part), "%.*s", (int)cut, text);
        cr_assert(read_text(part, &known, &err) == RF_ERR_CORRUPT, "%zu", cut);
        cr_assert(known == NULL);
    }
}

#define GAP_WITH(more) "{\"id\":\"x\",\"kind\":\"gap\",\"reason\":\"r\",\"to\":4," more "}"
#define LIST(entries)  "{\"format\":1,\"damage\":[\n" entries "\n]}"

Test(known_file, what_is_no_known_damage_is_told_by_line_and_reason)
{
    static const struct {
        const char *text;
        int line;
        const char *says;
    } cases[] = {
        {"[]", 1, "is no JSON object"},
        {"{\"damage\":[]}", 1, "has no \"format\" number"},
        {"{\"format\":\"1\",\"damage\":[]}", 1, "has no \"format\" number"},
        {"{\"format\":1.5,\"damage\":[]}", 1, "has no \"format\" number"},
        {"{\"format\":-1,\"damage\":[]}", 1, "has no \"format\" number"},
        {"{\"format\":0,\"damage\":[]}", 1, "has no \"format\" number"},
        {"\n{\"damage\":[],\n\"format\":2}", 3, "by a newer refold (format 2, this one reads 1)"},
        {"{\"format\":1,\n\"damages\":[]}", 2, "\"damages\"; did you mean \"damage\"?"},
        {"{\"format\":1,\"zzzzzzzzz\":1,\"damage\":[]}", 1, "unknown key \"zzzzzzzzz\";"},
        {"{\"format\":1}", 1, "has not one list \"damage\""},
        {"{\"format\":1,\"damage\":{}}", 1, "has not one list \"damage\""},
        {"{\"format\":1,\"damage\":[],\"damage\":[]}", 1, "has not one list \"damage\""},
        {LIST(GAP_WITH("\"version\":3,\"zzzzzzzzz\":1")), 2, "unknown key \"zzzzzzzzz\""},
        {LIST(GAP_WITH("\"versoin\":3")), 2, "did you mean \"version\"?"},
        {LIST(GAP_WITH("\"version\":3,\"version\":3")), 2, "\"version\" is there twice"},
        {LIST(GAP_WITH("\"version\":\"3\"")), 2, "is no integer"},
        {LIST(GAP_WITH("\"version\":3.5")), 2, "is no integer"},
        {LIST(GAP_WITH("\"version\":3,\"count\":0")), 2, "is no count"},
        {LIST(GAP_WITH("\"version\":3,\"count\":-2")), 2, "is no count"},
        {LIST(GAP_WITH("\"version\":3,\"count\":\"2\"")), 2, "is no count"},
        {LIST(GAP_WITH("\"version\":3,\"part\":0")), 2, "\"part\" is no place"},
        {LIST(GAP_WITH("\"version\":3,\"part\":-1")), 2, "\"part\" is no place"},
        {LIST(GAP_WITH("\"version\":3,\"part\":\"\"")), 2, "\"part\" is no place"},
        {LIST(GAP_WITH("\"version\":3,\"part\":\"41/\"")), 2, "\"part\" is no place"},
        {LIST(GAP_WITH("\"version\":3,\"part\":\"/41\"")), 2, "\"part\" is no place"},
        {LIST(GAP_WITH("\"version\":3,\"part\":\"041\"")), 2, "\"part\" is no place"},
        {LIST(GAP_WITH("\"version\":3,\"part\":\"41 \"")), 2, "\"part\" is no place"},
        {LIST(GAP_WITH("\"version\":3,\"part\":\"41/0\"")), 2, "has no \"part\""},
        {LIST(GAP_WITH("\"version\":3,\"bytes\":0")), 2, "\"bytes\" is no count"},
        {LIST(GAP_WITH("\"version\":3,\"bytes\":1")), 2, "has no \"bytes\""},
        {LIST(GAP_WITH("\"version\":3,\"aggregate\":7")), 2, "is no text"},
        {LIST(GAP_WITH("\"version\":3,\"aggregate\":\"a\\u0000b\"")), 2, "is no text"},
        {LIST(GAP_WITH("\"version\":3,\"until\":\"2026-02-30\"")), 2, "is no day"},
        {LIST("{\"kind\":7,\"reason\":\"r\"}"), 2, "kind"},
        {LIST("{\"kind\":\"gone\",\"reason\":\"r\"}"), 2, "kind"},
        {LIST("{\"kind\":\"gap\",\"reason\":\" \\n\\t\"}"), 2, "is empty"},
        {LIST("{\"kind\":\"errors\",\"object\":\"a\",\"digest\":\"" HASH "\",\"reason\":\"r\"}"), 2,
         "is no SHA-256 in 64 hex digits"},
        {LIST("{\"id\":\"x\",\"kind\":\"conflict\",\"version\":1,\"found\":\"" HASH
              "\",\"snapshot\":\"0123456789ABCDEF\",\"reason\":\"r\"}"),
         2, "is no hash in 16 hex digits"},
        {LIST("7"), 2, ""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct rf_known_damage *known;
        struct rf_err err;
        char place[64];
        (void)snprintf(place, sizeof(place), RF_KNOWN_DAMAGE_NAME ":%d", cases[i].line);
        cr_assert(read_text(cases[i].text, &known, &err) == RF_ERR_CORRUPT, "%s", cases[i].text);
        cr_assert(known == NULL, "%s", cases[i].text);
        cr_assert(strstr(err.text, cases[i].says) != NULL, "%s: %s", cases[i].text, err.text);
        cr_assert(strstr(err.where, place) != NULL, "%s: %s", cases[i].text, err.where);
    }
}
