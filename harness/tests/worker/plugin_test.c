/* SPDX-License-Identifier: MIT */
/* Aggregates as the worker loads, asks and drives them; those of tests/plugins and those that ship.
 */
#include "worker/plugin.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/hash.h"
#include "tests/worker/support.h"
#include "worker/own_state.h"
#include "worker/protocol.h"
#include "worker/values.h"

/* ---- loading ---- */

static void
expect_refused(const char *file, const char *sentence)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err = {0};
    cr_assert_eq(rf_plugin_load(built(file), &plugin, &err), RF_ERR_USAGE, "%s", file);
    cr_expect_not_null(strstr(err.text, sentence), "%s: %s", file, err.text);
    cr_expect_null(plugin);
}

Test(plugin, says_why_an_object_is_no_aggregate)
{
    expect_refused("tests/plugins/no_symbol.so", "has no symbol refold_aggregate_table");
    expect_refused("tests/plugins/wrong_abi.so",
                   "built for ABI 1, this refold speaks 2: rebuild it "
                   "with this refold's header");
    expect_refused("tests/plugins/short_table.so", "its table is 40 bytes long");
    expect_refused("tests/plugins/no_apply.so", "it has neither apply nor apply_batch");
}

Test(plugin, says_what_the_loader_says)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err = {0};
    cr_expect_eq(rf_plugin_load("/nowhere/at_all.so", &plugin, &err), RF_ERR_USAGE);
    cr_expect_eq(strncmp(err.text, "cannot be loaded: ", 18), 0, "%s", err.text);
}

static int32_t
take_all(void *state, const refold_event *event)
{
    (void)state;
    (void)event;
    return REFOLD_OK;
}

static void *
create_nothing(void)
{
    return NULL;
}

static const refold_type good_types[] = {REFOLD_TYPE("A", 1), REFOLD_TYPE("B", 2)};
static const refold_field good_fields[] = {
    {"n", REFOLD_F_INT64, 0, 0, REFOLD_NO_PRESENCE, 0, 0, NULL, NULL},
};

static refold_aggregate
good_table(void)
{
    return (refold_aggregate){
        .abi_version = REFOLD_ABI_VERSION,
        .size = sizeof(refold_aggregate),
        .name = "good",
        .state_version = 1,
        .state_size = 8,
        .types = good_types,
        .type_count = 2,
        .fields = good_fields,
        .field_count = 1,
        .apply = take_all,
    };
}

static void
expect_fault(const refold_aggregate *table, const char *sentence)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err = {0};
    cr_expect_eq(rf_plugin_new(table, &plugin, &err), RF_ERR_USAGE, "%s", sentence);
    cr_expect_not_null(strstr(err.text, sentence), "'%s' is not in '%s'", sentence, err.text);
}

Test(plugin, refuses_names_that_could_not_name_a_golden)
{
    static const char *const names[] = {NULL,  "",         ".hidden", "a/b",
                                        "a b", "\xC3\xBC", "a\n",     "a.pending"};
    refold_aggregate table = good_table();
    char longest[102];
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        table.name = names[i];
        expect_fault(&table, "its name is not 1 to 100 of");
    }
    memset(longest, 'a', 101);
    longest[101] = '\0';
    table.name = longest;
    expect_fault(&table, "its name is not 1 to 100 of");
    longest[100] = '\0';
    struct rf_plugin *plugin = NULL;
    cr_expect_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    rf_plugin_free(plugin);
}

Test(plugin, refuses_tables_that_cannot_be_driven)
{
    refold_aggregate table = good_table();
    table.flags = 1;
    expect_fault(&table, "its flags are 0x1");
    table = good_table();
    table.state_size = 0;
    expect_fault(&table, "its state_size is 0, and it has no create either");
    table.state_size = UINT64_C(1) << 40;
    expect_fault(&table, "its state_size is more than 1 GiB");
    table = good_table();
    table.create = create_nothing;
    expect_fault(&table, "only one of create and destroy");
    table = good_table();
    table.fields = NULL;
    table.field_count = 0;
    expect_fault(&table, "it has neither fields nor snapshot");
    table.field_count = 1;
    expect_fault(&table, "the table of fields is missing");
    table = good_table();
    table.state_size = 4;
    expect_fault(&table, "/n: it reaches beyond its struct");
}

static int32_t
handle_nothing(const void *state, const refold_event *command, const refold_host *host)
{
    (void)state;
    (void)command;
    (void)host;
    return REFOLD_OK;
}

Test(plugin, refuses_commands_without_a_handler_and_the_other_way_round)
{
    static const refold_type commands[] = {REFOLD_COMMAND("Do", 1), REFOLD_COMMAND("*", 7)};
    static const refold_type twice[] = {REFOLD_COMMAND("Do", 1), REFOLD_COMMAND("Do", 2)};
    struct rf_plugin *plugin = NULL;
    int32_t kind = 0;
    refold_aggregate table = good_table();
    table.handle = handle_nothing;
    expect_fault(&table, "only one of handle and its table of commands");
    table.commands = commands;
    expect_fault(&table, "its table of commands is missing, empty");
    table.command_count = 2;
    table.commands = twice;
    expect_fault(&table, "it declares the command Do twice");
    table.commands = commands;
    table.handle = NULL;
    expect_fault(&table, "only one of handle and its table of commands");
    table.handle = handle_nothing;
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    cr_expect(rf_plugin_command_kind(plugin, "Do", 2, &kind) && kind == 1);
    cr_expect(rf_plugin_command_kind(plugin, "Else", 4, &kind) && kind == 7);
    rf_plugin_free(plugin);
    table.command_count = 1;
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    cr_expect_not(rf_plugin_command_kind(plugin, "Else", 4, &kind));
    rf_plugin_free(plugin);
}

Test(plugin, takes_a_table_from_before_there_were_commands)
{
    struct rf_plugin *plugin = NULL;
    int32_t kind;
    refold_aggregate table = good_table();
    table.size = (uint32_t)offsetof(refold_aggregate, commands);
    table.commands = good_types; /* what lies behind the table is none of ours */
    table.command_count = 2;
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    cr_expect_not(rf_plugin_command_kind(plugin, "A", 1, &kind));
    rf_plugin_free(plugin);
}

Test(plugin, refuses_types_that_cannot_be_told_apart)
{
    refold_aggregate table = good_table();
    table.types = NULL;
    expect_fault(&table, "its table of event types is missing, empty");
    table = good_table();
    table.type_count = 0;
    expect_fault(&table, "its table of event types is missing, empty");
    const refold_type hole[] = {REFOLD_TYPE("A", 1), REFOLD_TYPE(NULL, 2)};
    table = good_table();
    table.types = hole;
    expect_fault(&table, "the name of its event type 1 is not 1 to 1024 bytes");
    const refold_type empty[] = {REFOLD_TYPE("A", 1), REFOLD_TYPE("", 2)};
    table.types = empty;
    expect_fault(&table, "the name of its event type 1 is not 1 to 1024 bytes");
    const refold_type twice[] = {REFOLD_TYPE("A", 1), REFOLD_TYPE("A", 2)};
    table.types = twice;
    expect_fault(&table, "it declares the event type A twice");
}

Test(plugin, reads_no_further_than_the_tables_own_size)
{
    refold_aggregate table = good_table();
    struct rf_plugin *plugin = NULL;
    table.size = (uint32_t)offsetof(refold_aggregate, apply_batch);
    /* What lies behind is not the table's. */
    memset((char *)&table + table.size, 0x5A, sizeof(table) - table.size);
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    cr_expect(plugin->table.apply == take_all);
    cr_expect(plugin->table.apply_batch == NULL);
    cr_expect(plugin->table.check == NULL);
    rf_plugin_free(plugin);
    table.size--;
    expect_fault(&table, "bytes long");
}

Test(plugin, takes_a_table_of_a_later_refold)
{
    struct {
        refold_aggregate table;
        void *later;
    } longer = {good_table(), NULL};
    struct rf_plugin *plugin = NULL;
    longer.table.size = sizeof(longer);
    cr_expect_eq(rf_plugin_new(&longer.table, &plugin, NULL), RF_OK);
    rf_plugin_free(plugin);
}

Test(plugin, gives_types_their_kinds)
{
    refold_aggregate table = good_table();
    struct rf_plugin *plugin = NULL;
    int32_t kind = 0;
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    cr_expect(rf_plugin_kind(plugin, "B", 1, &kind) && kind == 2);
    cr_expect_not(rf_plugin_kind(plugin, "C", 1, &kind));
    cr_expect_not(rf_plugin_kind(plugin, "A\0", 2, &kind));
    cr_expect_not(rf_plugin_kind(plugin, "", 0, &kind));
    rf_plugin_free(plugin);
    const refold_type all[] = {REFOLD_TYPE("*", 9), REFOLD_TYPE("A", 1)};
    table.types = all;
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    cr_expect(rf_plugin_kind(plugin, "A", 1, &kind) && kind == 1);
    cr_expect(rf_plugin_kind(plugin, "C", 1, &kind) && kind == 9);
    rf_plugin_free(plugin);
}

static struct rf_plugin *
load(const char *file)
{
    struct rf_plugin *plugin = NULL;
    struct rf_err err = {0};
    cr_assert_eq(rf_plugin_load(built(file), &plugin, &err), RF_OK, "%s: %s", file, err.text);
    return plugin;
}

/* Skips where nothing was built in C++, for there is no compiler for it. */
static void
need_cpp(void)
{
    const char *folder = getenv("REFOLD_BUILD");
    char path[4096];
    (void)snprintf(path, sizeof(path), "%s/tests/plugins/counter.so",
                   folder == NULL ? "build/release" : folder);
    if (access(path, R_OK) != 0 && system("command -v c++ >/dev/null") != 0) {
        cr_skip_test("there is no C++ compiler");
    }
}

Test(plugin, describes_an_aggregate_written_in_cpp)
{
    need_cpp();
    struct rf_plugin *plugin = load("tests/plugins/counter.so");
    struct rf_buf out = {0};
    rf_plugin_describe(plugin, &out);
    cr_expect_str_eq(rf_buf_text(&out),
                     "{\"name\":\"counter\",\"state_version\":1,\"types\":[\"Added\",\"Reset\"],"
                     "\"commands\":[\"Add\",\"Clear\"],"
                     "\"shape\":{\"kind\":9,\"fields\":[{\"name\":\"total\",\"kind\":3},"
                     "{\"name\":\"note\",\"kind\":6},{\"name\":\"limit\",\"kind\":3}]},"
                     "\"restores\":true}");
    rf_buf_done(&out);
    rf_plugin_free(plugin);
}

/* ---- driving ---- */

/* An instance in this process: its aggregate, its state, and how many events it got. */
struct drive {
    struct rf_plugin *plugin;
    void *state;
    int64_t version;
};

static struct drive
begin(const char *file)
{
    struct drive drive = {load(file), NULL, 0};
    rf_values_begin_instance();
    drive.state = rf_plugin_state_new(drive.plugin);
    return drive;
}

static void
end(struct drive *drive)
{
    rf_plugin_state_free(drive->plugin, drive->state);
    rf_plugin_free(drive->plugin);
    rf_values_done();
}

static int32_t
apply(struct drive *drive, const char *type, const char *data)
{
    struct rf_event_values values = {.text = {data, strlen(data)}};
    refold_event event = {
        .size = sizeof(event),
        .version = ++drive->version,
        .at = {1498126272 + drive->version, 0, 1},
        .aggregate = {"order", 5},
        .id = {"id-1", 4},
        .type = {type, strlen(type)},
        .host = rf_values_host(),
        .host_data = &values,
    };
    cr_assert(rf_plugin_kind(drive->plugin, type, strlen(type), &event.kind), "%s", type);
    rf_values_begin_call();
    return drive->plugin->table.apply(drive->state, &event);
}

static void
expect_state(struct drive *drive, const char *expected)
{
    struct rf_buf out = {0};
    struct rf_buf why = {0};
    uint32_t status = rf_plugin_snapshot(drive->plugin, drive->state, &out, &why);
    cr_expect_eq(status, RF_STATUS_OK, "%s", rf_buf_text(&why));
    cr_expect_str_eq(rf_buf_text(&out), expected);
    rf_buf_done(&out);
    rf_buf_done(&why);
}

static void
expect_rejected(struct drive *drive, const char *type, const char *data, const char *expected)
{
    const char *text;
    size_t bytes;
    cr_expect_eq(apply(drive, type, data), REFOLD_REJECTED, "%s %s", type, data);
    cr_assert(rf_values_rejection(&text, &bytes));
    cr_expect(bytes == strlen(expected) && memcmp(text, expected, bytes) == 0, "%.*s, not %s",
              (int)bytes, text, expected);
}

/* Ends the instance, and begins it again from its own snapshot. */
static void
restart(struct drive *drive)
{
    struct rf_buf out = {0};
    struct rf_buf why = {0};
    struct rf_err err = {0};
    cr_assert_eq(rf_plugin_snapshot(drive->plugin, drive->state, &out, &why), RF_STATUS_OK);
    rf_plugin_state_free(drive->plugin, drive->state);
    rf_values_begin_instance();
    drive->state = rf_plugin_state_new(drive->plugin);
    cr_assert_eq(rf_plugin_restore(drive->plugin, drive->state, out.bytes, out.used, &err), RF_OK,
                 "%s from %s", err.text, rf_buf_text(&out));
    expect_state(drive, rf_buf_text(&out));
    rf_buf_done(&out);
    rf_buf_done(&why);
}

Test(plugin, lets_an_aggregate_own_its_state)
{
    struct drive drive = begin("tests/plugins/owned.so");
    expect_state(&drive, "{\"seen\":0,\"sum\":0}");
    cr_expect_eq(apply(&drive, "Added", "{\"By\":5}"), REFOLD_OK);
    restart(&drive);
    cr_expect_eq(apply(&drive, "Added", "{\"By\":6}"), REFOLD_OK);
    expect_state(&drive, "{\"seen\":2,\"sum\":11}");
    end(&drive);
}

Test(plugin, calls_a_snapshot_broken_that_is_no_json_or_fails)
{
    struct drive drive = begin("tests/plugins/owned.so");
    struct rf_buf out = {0};
    struct rf_buf why = {0};
    (void)apply(&drive, "Added", "{\"By\":666}");
    cr_expect_eq(rf_plugin_snapshot(drive.plugin, drive.state, &out, &why), RF_STATUS_BROKEN);
    cr_expect_eq(out.used, 0);
    cr_expect_eq(strncmp(rf_buf_text(&why), "snapshot emitted no good JSON: ", 31), 0);
    (void)apply(&drive, "Added", "{\"By\":1}");
    cr_expect_eq(rf_plugin_snapshot(drive.plugin, drive.state, &out, &why), RF_STATUS_BROKEN);
    cr_expect_str_eq(rf_buf_text(&why), "snapshot returned 5");
    (void)apply(&drive, "Added", "{\"By\":1}");
    cr_expect_eq(rf_plugin_snapshot(drive.plugin, drive.state, &out, &why), RF_STATUS_BROKEN);
    cr_expect_str_eq(rf_buf_text(&why),
                     "snapshot called host->reject, and returned as if it had not");
    cr_expect_eq(out.used, 0);
    rf_buf_done(&out);
    rf_buf_done(&why);
    end(&drive);
}

Test(plugin, restores_no_state_that_was_refused)
{
    static const char json[] = "{\"sum\":669,\"seen\":1}";
    struct drive drive = begin("tests/plugins/owned.so");
    struct rf_err err = {0};
    cr_expect_eq(rf_plugin_restore(drive.plugin, drive.state, json, strlen(json), &err),
                 RF_ERR_USAGE);
    cr_expect_str_eq(err.text, "restore called host->reject, and returned as if it had not");
    end(&drive);
}

/* ---- any state goes to JSON and back ---- */

static uint64_t seed = 20170622;

static uint64_t
random_below(uint64_t bound)
{
    seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (seed >> 33) % bound;
}

static const char *
random_number(void)
{
    static char text[64];
    static const char *const odd[] = {"0",
                                      "-1",
                                      "9223372036854775807",
                                      "18446744073709551615",
                                      "-9223372036854775808",
                                      "0.1",
                                      "1e21",
                                      "5e-324",
                                      "1.7976931348623157e308",
                                      "-0.0",
                                      "12345.678"};
    uint64_t pick = random_below(16);
    if (pick < sizeof(odd) / sizeof(odd[0])) {
        return odd[pick];
    }
    (void)snprintf(text, sizeof(text), "%lld", (long long)random_below(1000000) - 500000);
    return text;
}

static const char *
random_string(void)
{
    static const char *const strings[] = {"\"\"",
                                          "\"plain\"",
                                          "\"\\u0000\\u001f\"",
                                          "\"a\\\"\\\\/b\"",
                                          "\"\\ud83d\\ude00\"",
                                          "\"\xC3\xBCx~/\"",
                                          "\"k1\"",
                                          "\"k2\"",
                                          "\"k3\"",
                                          "\"k4\"",
                                          "null"};
    return strings[random_below(sizeof(strings) / sizeof(strings[0]))];
}

static void
apply_random_event(struct drive *drive)
{
    char data[1024];
    const char *types[] = {"Set", "Line", "Visit", "Box", "Forget"};
    const char *type = types[random_below(5)];
    size_t used = (size_t)snprintf(data, sizeof(data), "{\"open\":%s",
                                   random_below(2) == 0 ? "true" : "false");
    static const char *const strings[] = {"name", "second", "sku", "who", "label"};
    static const char *const numbers[] = {"small", "whole", "natural",  "real",
                                          "quiet", "limit", "quantity", "weight"};
    for (size_t i = 0; i < 5; i++) {
        if (random_below(3) > 0) {
            used += (size_t)snprintf(data + used, sizeof(data) - used, ",\"%s\":%s", strings[i],
                                     random_string());
        }
    }
    for (size_t i = 0; i < 8; i++) {
        if (random_below(3) > 0) {
            used += (size_t)snprintf(data + used, sizeof(data) - used, ",\"%s\":%s", numbers[i],
                                     random_number());
        }
    }
    used += (size_t)snprintf(data + used, sizeof(data) - used,
                             ",\"mood\":%d,\"born\":%s,\"address\":{\"street\":%s}",
                             (int)random_below(4), random_number(), random_string());
    used += (size_t)snprintf(data + used, sizeof(data) - used, ",\"notes\":[%s,%s]}",
                             random_string(), random_string());
    cr_assert_lt(used, sizeof(data));
    (void)apply(drive, type, data);
}

Test(plugin, restores_any_nested_state_that_was_written)
{
    struct drive drive = begin("tests/plugins/zoo.so");
    for (int instance = 0; instance < 300; instance++) {
        rf_values_begin_instance();
        drive.state = rf_plugin_state_new(drive.plugin);
        restart(&drive);
        uint64_t events = random_below(40);
        for (uint64_t i = 0; i < events; i++) {
            apply_random_event(&drive);
        }
        restart(&drive);
        /* What was restored can be gone on with: its maps, lists and texts grow as before. */
        apply_random_event(&drive);
        apply_random_event(&drive);
        restart(&drive);
    }
    end(&drive);
}

/* ---- the aggregates that ship ---- */

Test(order, follows_its_table)
{
    struct drive drive = begin("aggregates/order.so");
    expect_state(&drive, "{\"items\":0,\"totalCents\":0}");
    cr_expect_eq(apply(&drive, "OrderCreated", "{}"), REFOLD_OK);
    expect_state(&drive,
                 "{\"createdAt\":\"2017-06-22T10:11:13Z\",\"items\":0,\"status\":\"created\","
                 "\"totalCents\":0,\"updatedAt\":\"2017-06-22T10:11:13Z\"}");
    cr_expect_eq(apply(&drive, "OrderItemAdded", "{\"Qty\":3,\"PriceCents\":-7}"), REFOLD_OK);
    cr_expect_eq(apply(&drive, "OrderItemAdded", "{\"Qty\":2,\"PriceCents\":500}"), REFOLD_OK);
    static const char *const steps[][3] = {
        {"OrderApproved", "{}", "approved"},
        {"OrderPaid", "{\"AmountCents\":1}", "paid"},
        {"OrderShipped", "{}", "shipped"},
        {"OrderDelivered", "{}", "delivered"},
        {"OrderCancelled", "{}", "cancelled"},
        {"OrderRefunded", "{\"AmountCents\":79}", "refunded"},
    };
    for (size_t i = 0; i < 6; i++) {
        char expected[256];
        cr_expect_eq(apply(&drive, steps[i][0], steps[i][1]), REFOLD_OK);
        (void)snprintf(expected, sizeof(expected),
                       "{\"createdAt\":\"2017-06-22T10:11:13Z\",\"items\":2,\"status\":\"%s\","
                       "\"totalCents\":%d,\"updatedAt\":\"2017-06-22T10:11:%dZ\"}",
                       steps[i][2], i == 5 ? 900 : 979, 16 + (int)i);
        expect_state(&drive, expected);
    }
    restart(&drive);
    end(&drive);
}

Test(order, refuses_what_is_wrong_with_its_own_data)
{
    struct drive drive = begin("aggregates/order.so");
    expect_rejected(&drive, "OrderItemAdded", "{}", "Qty is not an integer");
    expect_rejected(&drive, "OrderItemAdded", "{\"Qty\":1.0,\"PriceCents\":1}",
                    "Qty is not an integer");
    expect_rejected(&drive, "OrderItemAdded", "{\"Qty\":1,\"PriceCents\":\"1\"}",
                    "PriceCents is not an integer");
    expect_rejected(&drive, "OrderItemAdded", "{\"Qty\":4294967296,\"PriceCents\":4294967296}",
                    "totalCents would overflow");
    expect_rejected(&drive, "OrderPaid", "{}", "AmountCents is not an integer");
    expect_rejected(&drive, "OrderRefunded", "{\"AmountCents\":null}",
                    "AmountCents is not an integer");
    cr_expect_eq(apply(&drive, "OrderRefunded", "{\"AmountCents\":9223372036854775807}"),
                 REFOLD_OK);
    expect_rejected(&drive, "OrderRefunded", "{\"AmountCents\":2}", "totalCents would overflow");
    end(&drive);
}

Test(file, shows_that_it_is_gone_and_what_it_was)
{
    struct drive drive = begin("aggregates/file.so");
    expect_state(&drive, "{\"changes\":0,\"present\":false}");
    cr_expect_eq(
        apply(&drive, "FileAdded", "{\"blob\":\"b1\",\"mode\":\"100644\",\"commit\":\"c1\"}"),
        REFOLD_OK);
    cr_expect_eq(apply(&drive, "FileModified", "{\"blob\":\"b2\",\"commit\":\"c2\"}"), REFOLD_OK);
    cr_expect_eq(apply(&drive, "FileModeChanged", "{\"mode\":\"100755\",\"commit\":\"c3\"}"),
                 REFOLD_OK);
    expect_state(&drive, "{\"blob\":\"b2\",\"changes\":3,\"commit\":\"c3\",\"mode\":\"100755\","
                         "\"present\":true}");
    cr_expect_eq(apply(&drive, "FileDeleted", "{\"commit\":\"c4\"}"), REFOLD_OK);
    expect_state(&drive, "{\"blob\":\"b2\",\"changes\":4,\"commit\":\"c4\",\"mode\":\"100755\","
                         "\"present\":false}");
    restart(&drive);
    expect_rejected(&drive, "FileAdded", "{\"mode\":\"100644\",\"commit\":\"c\"}",
                    "blob is not a string");
    expect_rejected(&drive, "FileAdded", "{\"blob\":\"b\",\"commit\":\"c\"}",
                    "mode is not a string");
    expect_rejected(&drive, "FileModified", "{\"blob\":\"b\",\"commit\":1}",
                    "commit is not a string");
    end(&drive);
}

Test(case_, counts_types_and_joins_them)
{
    struct drive drive = begin("aggregates/case.so");
    expect_state(&drive, "{\"counts\":{},\"events\":0}");
    (void)apply(&drive, "B", "{}");
    (void)apply(&drive, "A", "null");
    restart(&drive);
    (void)apply(&drive, "B", "{}");
    expect_state(&drive, "{\"counts\":{\"A\":1,\"B\":2},\"events\":3,"
                         "\"first\":\"2017-06-22T10:11:13Z\",\"last\":\"2017-06-22T10:11:15Z\","
                         "\"lastType\":\"B\",\"path\":\"B > A > B\"}");
    end(&drive);
}

/* The value of "path", which is the state's last member. */
static void
expect_path(struct drive *drive, const char *expected)
{
    struct rf_buf out = {0};
    struct rf_buf why = {0};
    (void)rf_plugin_snapshot(drive->plugin, drive->state, &out, &why);
    const char *path = strstr(rf_buf_text(&out), "\"path\":\"");
    cr_assert_not_null(path);
    path += strlen("\"path\":\"");
    cr_expect(strncmp(path, expected, strlen(expected)) == 0 &&
                  strcmp(path + strlen(expected), "\"}") == 0,
              "%s is not %s", path, expected);
    rf_buf_done(&out);
    rf_buf_done(&why);
}

Test(case_, hashes_a_path_of_more_than_512_bytes)
{
    struct drive drive = begin("aggregates/case.so");
    char whole[4096] = "";
    char type[256];
    char digits[17];
    memset(type, 'x', sizeof(type));
    type[254] = '\0';
    (void)apply(&drive, type, "{}");
    (void)snprintf(whole, sizeof(whole), "%s > ", type);
    type[253] = 'y';
    type[254] = 'z';
    type[255] = '\0';
    (void)apply(&drive, type, "{}");
    (void)strcat(whole, type);
    cr_assert_eq(strlen(whole), 512);
    expect_path(&drive, whole);
    for (int i = 0; i < 20; i++) {
        (void)apply(&drive, "T", "{}");
        (void)strcat(whole, " > T");
        (void)snprintf(digits, sizeof(digits), "%016llx",
                       (unsigned long long)rf_xxh64(whole, strlen(whole)));
        expect_path(&drive, digits);
    }
    end(&drive);
}

Test(case_, goes_on_from_a_path_and_not_from_a_hash)
{
    struct drive drive = begin("aggregates/case.so");
    char type[600];
    /* One type that looks like a hash, and two that are as long as one. */
    (void)apply(&drive, "0123456789abcdef", "{}");
    restart(&drive);
    cr_expect_eq(apply(&drive, "B", "{}"), REFOLD_OK);
    expect_path(&drive, "0123456789abcdef > B");
    rf_values_begin_instance();
    drive.state = rf_plugin_state_new(drive.plugin);
    (void)apply(&drive, "abcdef", "{}");
    (void)apply(&drive, "ghijklm", "{}");
    restart(&drive);
    cr_expect_eq(apply(&drive, "B", "{}"), REFOLD_OK);
    expect_path(&drive, "abcdef > ghijklm > B");
    rf_values_begin_instance();
    drive.state = rf_plugin_state_new(drive.plugin);
    memset(type, 'x', sizeof(type) - 1);
    type[sizeof(type) - 1] = '\0';
    (void)apply(&drive, type, "{}");
    restart(&drive);
    expect_rejected(&drive, "B", "{}",
                    "the snapshot that the case goes on from has its path as a hash");
    end(&drive);
}

/* ---- in C++ ---- */

static struct drive
begin_cpp(const char *file)
{
    need_cpp();
    return begin(file);
}

#define SHELF_SET                                                                                  \
    "{\"open\":true,\"mood\":2,\"width\":-3,\"natural\":18446744073709551615,\"real\":0.1,"        \
    "\"built\":0.5,\"bits\":[true,false],\"deep\":{\"a\":{\"x\":1e300},\"\\u0001\\\"\":{}},"       \
    "\"odd\":1}"
#define SHELF_BOOK                                                                                 \
    "{\"book\":{\"title\":\"b\\n\",\"weight\":0.5,\"pages\":7,\"notes\":[{\"text\":\"n\","         \
    "\"page\":-1},"                                                                                \
    "{\"text\":\"\"}],\"last\":null}}"
#define SHELF_BOOK_STATE                                                                           \
    "{\"notes\":[{\"page\":-1,\"text\":\"n\"},{\"text\":\"\"}],\"pages\":7,\"title\":\"b\\n\","    \
    "\"weight\":0.5}"
#define SHELF_STATE                                                                                \
    "{\"bits\":[true,false],\"books\":[" SHELF_BOOK_STATE                                          \
    "],\"built\":\"1970-01-01T00:00:00.5Z\","                                                      \
    "\"by/name\":{\"b\\n\":" SHELF_BOOK_STATE                                                      \
    "},\"deep\":{\"\\u0001\\\"\":{},\"a\":{\"x\":1e+300}},"                                        \
    "\"mood\":\"\\\"loud\\\"\",\"natural\":18446744073709551615,\"open\":true,\"real\":0.1,"       \
    "\"times\":[\"2017-06-22T10:11:14Z\",null],\"width\":-3}"

Test(plugin, takes_a_class_of_cpp_for_a_state)
{
    struct drive drive = begin_cpp("tests/plugins/shelf.so");
    cr_expect_eq(apply(&drive, "Set", SHELF_SET), REFOLD_OK);
    cr_expect_eq(apply(&drive, "Added", SHELF_BOOK), REFOLD_OK);
    expect_state(&drive, SHELF_STATE);
    restart(&drive);
    expect_state(&drive, SHELF_STATE);
    expect_rejected(&drive, "Scaled", "{\"by\":\"2\"}", "by is not a number");
    expect_rejected(&drive, "Added", "{}", "book is not an object");
    expect_rejected(&drive, "Added", "{\"book\":{\"title\":1}}", "book/title is not a string");
    expect_rejected(&drive, "Added",
                    "{\"book\":{\"title\":\"\",\"weight\":1,\"pages\":65536,\"notes\":[]}}",
                    "book/pages is not a natural number");
    expect_rejected(&drive, "Added",
                    "{\"book\":{\"title\":\"\",\"weight\":1,\"pages\":1,\"notes\":[{}]}}",
                    "book/notes/0/text is missing");
    expect_state(&drive, SHELF_STATE);
    cr_expect_eq(apply(&drive, "Done", "{\"deed\":\"alive\"}"), REFOLD_OK);
    end(&drive);
}

/* Restores an empty shelf from this; the sentence that refuses it. */
static void
expect_no_restore(const char *json, const char *sentence)
{
    struct drive drive = begin_cpp("tests/plugins/shelf.so");
    struct rf_err err = {0};
    cr_expect_eq(rf_plugin_restore(drive.plugin, drive.state, json, strlen(json), &err),
                 RF_ERR_USAGE, "%s", json);
    cr_expect_str_eq(err.text, sentence);
    end(&drive);
}

#define SHELF_FRONT                                                                                \
    "{\"open\":true,\"width\":0,\"natural\":0,\"real\":0,\"books\":[],\"by/name\":{},\"bits\":[]," \
    "\"deep\":{},\"times\":"

Test(plugin, restores_no_class_from_what_is_none_of_its_states)
{
    expect_no_restore("[]", "is not an object");
    expect_no_restore("{}", "/open: is missing");
    expect_no_restore(SHELF_FRONT "[1,true]}", "/times/1: is not a time");
    expect_no_restore(SHELF_FRONT "[],\"more\":1}", "has a member that is unknown");
    expect_no_restore(SHELF_FRONT "[],\"mood\":\"glad\"}", "/mood: is not a name of the enum");
    expect_no_restore(SHELF_FRONT "[],\"built\":\"soon\"}", "/built: is not a time");
}

Test(plugin, tells_what_is_not_finite_in_a_state_that_writes_itself)
{
    struct drive drive = begin_cpp("tests/plugins/shelf.so");
    struct rf_buf out = {0};
    struct rf_buf why = {0};
    cr_expect_eq(apply(&drive, "Set", "{\"real\":1}"), REFOLD_OK);
    cr_expect_eq(apply(&drive, "Scaled", "{\"by\":0}"), REFOLD_OK);
    cr_expect_eq(rf_plugin_snapshot(drive.plugin, drive.state, &out, &why), RF_STATUS_NONFINITE);
    cr_expect_str_eq(rf_buf_text(&why), "/real");
    cr_expect_eq(out.used, 0);
    cr_expect_eq(rf_plugin_likeness(drive.plugin, drive.state, RF_LOOSE_REALS, &out, &why),
                 RF_STATUS_OK);
    cr_expect_not_null(strstr(rf_buf_text(&out), "\"real\":1e999,"), "%s", rf_buf_text(&out));
    rf_buf_done(&out);
    rf_buf_done(&why);
    end(&drive);
}

/* What canonical text would not tell apart is no likeness either. */
Test(plugin, tells_no_likeness_of_what_is_not_exact)
{
    static const char *const rows[] = {
        "{\"x\":1e999,\"y\":123456789012345678901234567890}",
        "{\"x\":1e999,\"y\":1,\"y\":1}",
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_buf out = {0};
        struct rf_buf why = {0};
        bool cut;
        rf_values_begin_call();
        rf_values_host()->emit(rows[i], strlen(rows[i]));
        cr_assert(rf_values_emitted(&cut)->used == strlen(rows[i]));
        cr_expect_eq(rf_own_state_take(false, &out, &why), RF_STATUS_NONFINITE);
        cr_expect_eq(rf_own_state_take(true, &out, &why), RF_STATUS_BROKEN, "%s", rows[i]);
        cr_expect(out.used == 0 && why.used > 0);
        rf_buf_done(&out);
        rf_buf_done(&why);
    }
}

Test(plugin, tells_why_a_state_cannot_be_written)
{
    static const struct {
        const char *data, *why;
    } rows[] = {
        {"{\"deed\":\"late\"}", "a time is none of the years 1 to 9999"},
        {"{\"deed\":\"moody\"}", "mood: the enum's value has no name"},
    };
    for (size_t i = 0; i < 2; i++) {
        struct drive drive = begin_cpp("tests/plugins/shelf.so");
        struct rf_buf out = {0};
        struct rf_buf why = {0};
        cr_expect_eq(apply(&drive, "Done", rows[i].data), REFOLD_OK);
        cr_expect_eq(rf_plugin_snapshot(drive.plugin, drive.state, &out, &why), RF_STATUS_BROKEN);
        cr_expect_str_eq(rf_buf_text(&why), rows[i].why);
        rf_buf_done(&out);
        rf_buf_done(&why);
        end(&drive);
    }
}

static void
expect_description(const char *file, const char *part, bool there)
{
    struct drive drive = begin_cpp(file);
    struct rf_buf out = {0};
    rf_plugin_describe(drive.plugin, &out);
    cr_expect_eq(strstr(rf_buf_text(&out), part) != NULL, there, "%s", rf_buf_text(&out));
    rf_buf_done(&out);
    end(&drive);
}

Test(plugin, describes_the_shape_of_a_class)
{
    expect_description("tests/plugins/shelf.so",
                       "{\"name\":\"books\",\"kind\":10,\"fields\":[{\"kind\":9,\"fields\":["
                       "{\"name\":\"title\",\"kind\":6},{\"name\":\"weight\",\"kind\":5},"
                       "{\"name\":\"pages\",\"kind\":4},{\"name\":\"notes\",\"kind\":10,",
                       true);
    expect_description("tests/plugins/shelf.so", "{\"name\":\"mood\",\"kind\":8}", true);
    expect_description("tests/plugins/shelf.so",
                       "{\"name\":\"deep\",\"kind\":11,\"fields\":[{\"kind\":11,\"fields\":["
                       "{\"kind\":5}]}]}",
                       true);
    expect_description("tests/plugins/tree.so", "\"restores\":true", true);
    expect_description("tests/plugins/tree.so", "\"shape\"", false);
}

static int32_t
write_nothing(const void *state, const refold_host *host)
{
    (void)state;
    host->emit("{}", 2);
    return REFOLD_OK;
}

Test(plugin, only_describes_by_fields_beside_a_snapshot)
{
    struct rf_plugin *plugin = NULL;
    struct rf_buf out = {0};
    refold_aggregate table = good_table();
    table.snapshot = write_nothing;
    table.state_size = 1; /* in which its fields do not fit */
    cr_assert_eq(rf_plugin_new(&table, &plugin, NULL), RF_OK);
    cr_expect_null(plugin->fields);
    rf_plugin_describe(plugin, &out);
    cr_expect_not_null(strstr(rf_buf_text(&out),
                              "\"shape\":{\"kind\":9,\"fields\":[{\"name\":\"n\","
                              "\"kind\":3}]}"));
    cr_expect_null(strstr(rf_buf_text(&out), "restores"));
    rf_buf_done(&out);
    rf_plugin_free(plugin);
    static const refold_field odd[] = {{"n", 99, 0, 0, REFOLD_NO_PRESENCE, 0, 0, NULL, NULL}};
    table.fields = odd;
    expect_fault(&table, "/n: its kind is unknown to this refold");
}
