/* SPDX-License-Identifier: MIT */
/* An aggregate that was loaded, or a program that was started: its states made, written and read.
 */
#include "worker/plugin.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "base/aggregate_name.h"
#include "base/alloc.h"
#include "base/bytes.h"
#include "base/limits.h"
#include "worker/own_state.h"
#include "worker/protocol.h"
#include "worker/restore.h"
#include "worker/snapshot.h"
#include "worker/values.h"
#include "worker/world.h"

/* ---- checking the table ---------------------------------------------------------------------- */

/* What an aggregate's table has at least. */
#define TABLE_BYTES_MIN (offsetof(refold_aggregate, apply) + sizeof(((refold_aggregate *)0)->apply))

static bool
name_is_good(const char *name)
{
    return rf_aggregate_name_fits(name, strnlen(name, RF_AGGREGATE_NAME_BYTES + 1));
}

/* Looks at version and size before anything else of the table, and then no further than that. */
static rf_code
copy_table(const refold_aggregate *table, refold_aggregate *ret, struct rf_err *reterr)
{
    if (table->abi_version != REFOLD_ABI_VERSION) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "built for ABI %u, this refold speaks %d: rebuild it with this refold's "
                       "header",
                       table->abi_version, REFOLD_ABI_VERSION);
    }
    if (table->size < TABLE_BYTES_MIN) {
        return rf_fail(
            reterr, RF_ERR_USAGE, NULL,
            "its table is %u bytes long, and one of ABI %d has at least %zu: `size` must "
            "be sizeof(refold_aggregate)",
            table->size, REFOLD_ABI_VERSION, TABLE_BYTES_MIN);
    }
    memset(ret, 0, sizeof(*ret));
    memcpy(ret, table, table->size < sizeof(*ret) ? table->size : sizeof(*ret));
    return RF_OK;
}

static rf_code
check_identity(const refold_aggregate *table, struct rf_err *reterr)
{
    if (table->name == NULL || !name_is_good(table->name)) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "its name is not " RF_AGGREGATE_NAME_RULE);
    }
    if (table->flags != 0) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "its flags are %#x, and this refold knows none",
                       table->flags);
    }
    return RF_OK;
}

static rf_code
check_functions(const refold_aggregate *table, struct rf_err *reterr)
{
    if (table->apply == NULL && table->apply_batch == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "it has neither apply nor apply_batch");
    }
    if (table->create == NULL && table->state_size == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "its state_size is 0, and it has no create either");
    }
    if (table->state_size > RF_STATE_BYTES_MAX) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "its state_size is more than 1 GiB");
    }
    if ((table->create == NULL) != (table->destroy == NULL)) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "it has only one of create and destroy: a state of its own needs both");
    }
    if (table->create != NULL && table->snapshot == NULL && table->state_size == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "it has create but no snapshot, and no state_size that its fields fit in");
    }
    if (table->snapshot == NULL && table->field_count == 0) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "it has neither fields nor snapshot");
    }
    return RF_OK;
}

static int
compare_names(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* The name that two rows have, or NULL. */
static const char *
find_repeated(const refold_type *types, size_t count)
{
    const char *repeated = NULL;
    const char **names = rf_alloc(count * sizeof(*names));
    for (size_t i = 0; i < count; i++) {
        names[i] = types[i].name;
    }
    qsort(names, count, sizeof(*names), compare_names);
    for (size_t i = 1; i < count && repeated == NULL; i++) {
        if (strcmp(names[i - 1], names[i]) == 0) {
            repeated = names[i];
        }
    }
    free(names);
    return repeated;
}

/* A table of event types or of commands. @what  "event type", "command" */
static rf_code
check_rows(const refold_type *rows, uint64_t count, const char *what, bool *ret_all,
           int32_t *ret_all_kind, struct rf_err *reterr)
{
    if (rows == NULL || count == 0 || count > RF_TYPES_MAX) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "its table of %ss is missing, empty, or longer than %d", what, RF_TYPES_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const char *name = rows[i].name;
        size_t bytes = name == NULL ? 0 : strnlen(name, RF_LIMIT_NAME_BYTES + 1);
        if (bytes == 0 || bytes > RF_LIMIT_NAME_BYTES || rf_utf8_valid(name, bytes) != bytes) {
            return rf_fail(reterr, RF_ERR_USAGE, NULL,
                           "the name of its %s %zu is not 1 to %d bytes of UTF-8", what, i,
                           RF_LIMIT_NAME_BYTES);
        }
        if (strcmp(name, "*") == 0) {
            *ret_all = true;
            *ret_all_kind = rows[i].kind;
        }
    }
    const char *repeated = find_repeated(rows, (size_t)count);
    return repeated == NULL
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, NULL, "it declares the %s %s twice", what, repeated);
}

static rf_code
check_types(struct rf_plugin *plugin, struct rf_err *reterr)
{
    const refold_aggregate *table = &plugin->table;
    RF_TRY(check_rows(table->types, table->type_count, "event type", &plugin->takes_all,
                      &plugin->all_kind, reterr));
    if ((table->handle == NULL) != (table->commands == NULL)) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "it has only one of handle and its table of commands: commands need both");
    }
    if (table->handle == NULL) {
        return RF_OK;
    }
    return check_rows(table->commands, table->command_count, "command", &plugin->handles_all,
                      &plugin->all_commands_kind, reterr);
}

static rf_code
check_table(struct rf_plugin *plugin, const refold_aggregate *table, struct rf_err *reterr)
{
    RF_TRY(copy_table(table, &plugin->table, reterr));
    RF_TRY(check_identity(&plugin->table, reterr));
    RF_TRY(check_functions(&plugin->table, reterr));
    RF_TRY(check_types(plugin, reterr));
    bool describes = plugin->table.snapshot != NULL;
    if (describes && plugin->table.field_count == 0) {
        return RF_OK;
    }
    /* Beside a snapshot fields only describe: where members lie in the state does not count. */
    RF_TRY(rf_fields_new(plugin->table.fields, plugin->table.field_count,
                         describes ? UINT32_MAX : plugin->table.state_size, &plugin->fields,
                         reterr));
    if (describes) {
        rf_fields_free(plugin->fields);
        plugin->fields = NULL;
    }
    return RF_OK;
}

/* ---- loading --------------------------------------------------------------------------------- */

static rf_code
open_library(struct rf_plugin *plugin, const char *path, const refold_aggregate **ret,
             struct rf_err *reterr)
{
    /* The loader looks for a name without a slash everywhere but here. */
    char *place = rf_format("%s%s", strchr(path, '/') == NULL ? "./" : "", path);
    plugin->library = dlopen(place, RTLD_NOW | RTLD_LOCAL);
    free(place);
    if (plugin->library == NULL) {
        const char *why = dlerror();
        return rf_fail(reterr, RF_ERR_USAGE, NULL, "cannot be loaded: %s",
                       why == NULL ? "the loader does not say why" : why);
    }
    *ret = dlsym(plugin->library, REFOLD_SYMBOL);
    if (*ret == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "has no symbol %s: no aggregate of refold, or its table is not exported "
                       "(REFOLD_AGGREGATE defines it)",
                       REFOLD_SYMBOL);
    }
    return RF_OK;
}

rf_code
rf_plugin_load(const char *path, struct rf_plugin **ret, struct rf_err *reterr)
{
    struct rf_plugin *plugin = rf_calloc(1, sizeof(*plugin));
    const refold_aggregate *table = NULL;
    rf_code code = open_library(plugin, path, &table, reterr);
    if (code == RF_OK) {
        code = check_table(plugin, table, reterr);
    }
    if (code != RF_OK) {
        rf_plugin_free(plugin);
        return code;
    }
    *ret = plugin;
    return RF_OK;
}

rf_code
rf_plugin_new(const refold_aggregate *table, struct rf_plugin **ret, struct rf_err *reterr)
{
    struct rf_plugin *plugin = rf_calloc(1, sizeof(*plugin));
    rf_code code = check_table(plugin, table, reterr);
    if (code != RF_OK) {
        rf_plugin_free(plugin);
        return code;
    }
    *ret = plugin;
    return RF_OK;
}

/** A program's names as a table's rows: the kind of each is its place. Owned by the caller. */
static const refold_type *
rows_of(char *const *names, size_t count, bool *ret_all, int32_t *ret_all_kind)
{
    refold_type *rows = rf_calloc(count + 1, sizeof(*rows));
    for (size_t i = 0; i < count; i++) {
        rows[i] = (refold_type){names[i], (int32_t)i, 0};
        if (strcmp(names[i], "*") == 0) {
            *ret_all = true;
            *ret_all_kind = (int32_t)i;
        }
    }
    return rows;
}

void
rf_plugin_of_program(struct rf_relay *program, struct rf_plugin **ret)
{
    const struct rf_descriptor_member *member = rf_relay_member(program);
    struct rf_plugin *plugin = rf_calloc(1, sizeof(*plugin));
    plugin->program = program;
    plugin->table.name = member->name;
    plugin->table.state_version = member->state_version;
    plugin->table.types =
        rows_of(member->types, member->type_count, &plugin->takes_all, &plugin->all_kind);
    plugin->table.type_count = member->type_count;
    plugin->table.commands = rows_of(member->commands, member->command_count, &plugin->handles_all,
                                     &plugin->all_commands_kind);
    plugin->table.command_count = member->command_count;
    *ret = plugin;
}

void
rf_plugin_free(struct rf_plugin *plugin)
{
    if (plugin == NULL) {
        return;
    }
    if (plugin->program != NULL) {
        free((void *)(uintptr_t)plugin->table.types);
        free((void *)(uintptr_t)plugin->table.commands);
    }
    rf_fields_free(plugin->fields);
    if (plugin->library != NULL) {
        (void)dlclose(plugin->library);
    }
    free(plugin);
}

/* ---- what it says of itself ------------------------------------------------------------------ */

static const refold_type *
find_row(const refold_type *rows, uint64_t count, const char *name, size_t bytes)
{
    for (size_t i = 0; i < count; i++) {
        if (strlen(rows[i].name) == bytes && memcmp(rows[i].name, name, bytes) == 0) {
            return &rows[i];
        }
    }
    return NULL;
}

bool
rf_plugin_kind(const struct rf_plugin *plugin, const char *type, size_t type_bytes, int32_t *ret)
{
    const refold_type *row =
        find_row(plugin->table.types, plugin->table.type_count, type, type_bytes);
    *ret = row == NULL ? plugin->all_kind : row->kind;
    return row != NULL || plugin->takes_all;
}

bool
rf_plugin_command_kind(const struct rf_plugin *plugin, const char *command, size_t command_bytes,
                       int32_t *ret)
{
    const refold_type *row =
        find_row(plugin->table.commands, plugin->table.command_count, command, command_bytes);
    *ret = row == NULL ? plugin->all_commands_kind : row->kind;
    return row != NULL || plugin->handles_all;
}

static void
describe_rows(const refold_type *rows, uint64_t count, struct rf_buf *out)
{
    rf_buf_byte(out, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0) {
            rf_buf_byte(out, ',');
        }
        rf_canon_string(out, rows[i].name, strlen(rows[i].name));
    }
    rf_buf_byte(out, ']');
}

void
rf_plugin_describe(const struct rf_plugin *plugin, struct rf_buf *out)
{
    const refold_aggregate *table = &plugin->table;
    rf_buf_string(out, "{\"name\":");
    rf_canon_string(out, table->name, strlen(table->name));
    rf_buf_format(out, ",\"state_version\":%u,\"types\":", table->state_version);
    describe_rows(table->types, table->type_count, out);
    if (table->handle != NULL) {
        rf_buf_string(out, ",\"commands\":");
        describe_rows(table->commands, table->command_count, out);
    }
    if (table->field_count > 0) {
        rf_buf_string(out, ",\"shape\":");
        rf_fields_describe(table->fields, table->field_count, out);
    }
    if (plugin->fields != NULL || table->restore != NULL) {
        rf_buf_string(out, ",\"restores\":true");
    }
    rf_buf_string(out, table->identify == NULL ? "" : ",\"identifies\":true");
    rf_buf_string(out, table->upcast == NULL ? "" : ",\"upcasts\":true");
    rf_buf_string(out, table->check == NULL ? "" : ",\"checks\":true");
    rf_buf_byte(out, '}');
}

/* ---- states ---------------------------------------------------------------------------------- */

void
rf_plugin_name(const struct rf_plugin *plugin, refold_string aggregate, refold_string id)
{
    if (plugin->program != NULL) {
        rf_relay_begin(plugin->program, aggregate, id);
    }
}

void *
rf_plugin_state_new(const struct rf_plugin *plugin)
{
    if (plugin->program != NULL) {
        return plugin->program; /* the program has one state at a time */
    }
    rf_world_before_call();
    if (plugin->table.create != NULL) {
        return plugin->table.create();
    }
    void *state = rf_memory_take_zeroed(rf_values_memory(), plugin->table.state_size);
    if (plugin->table.init != NULL) {
        plugin->table.init(state);
    }
    return state;
}

void
rf_plugin_state_free(const struct rf_plugin *plugin, void *state)
{
    if (plugin->program != NULL) {
        rf_relay_end(plugin->program);
    } else if (plugin->table.create != NULL) {
        plugin->table.destroy(state);
    }
}

bool
rf_plugin_takes_many(const struct rf_plugin *plugin)
{
    const refold_aggregate *table = &plugin->table;
    return plugin->program != NULL ||
           (table->apply_batch != NULL && table->upcast == NULL && table->check == NULL);
}

bool
rf_plugin_handles(const struct rf_plugin *plugin)
{
    return plugin->program != NULL ? plugin->table.command_count > 0 : plugin->table.handle != NULL;
}

/* What snapshot or restore returned. True where it did its work; else `out` has the reason: its own
 * words, where it has any. */
static bool
judge_result(const char *function, int32_t result, struct rf_buf *out)
{
    const char *text;
    size_t bytes;
    bool rejected = rf_values_rejection(&text, &bytes);
    if (result == REFOLD_OK && !rejected) {
        return true;
    }
    if (result == REFOLD_REJECTED && rejected) {
        rf_buf_add(out, text, bytes);
    } else if (rejected) {
        rf_buf_format(out, "%s called host->reject, and returned as if it had not", function);
    } else {
        rf_buf_format(out, "%s returned %d", function, (int)result);
    }
    return false;
}

uint32_t
rf_plugin_snapshot(const struct rf_plugin *plugin, const void *state, struct rf_buf *out,
                   struct rf_buf *ret_why)
{
    if (plugin->program != NULL) {
        return rf_relay_snapshot(plugin->program, out, ret_why);
    }
    if (plugin->fields != NULL) {
        return rf_fields_snapshot(plugin->fields, state, out, ret_why);
    }
    rf_buf_clear(ret_why);
    rf_values_begin_call();
    rf_world_before_call();
    int32_t result = plugin->table.snapshot(state, rf_values_host());
    if (!judge_result("snapshot", result, ret_why)) {
        return RF_STATUS_BROKEN;
    }
    return rf_own_state_take(false, out, ret_why);
}

uint32_t
rf_plugin_likeness(const struct rf_plugin *plugin, const void *state, enum rf_loose loose,
                   struct rf_buf *out, struct rf_buf *ret_why)
{
    uint32_t status;
    if (plugin->fields == NULL) {
        status = rf_plugin_snapshot(plugin, state, out, ret_why);
        bool again = status == RF_STATUS_NONFINITE && plugin->program == NULL;
        return again ? rf_own_state_take(true, out, ret_why) : status;
    }
    plugin->fields->loose = loose;
    status = rf_fields_snapshot(plugin->fields, state, out, ret_why);
    plugin->fields->loose = RF_LOOSE_NONE;
    return status;
}

/* ---- commands -------------------------------------------------------------------------------- */

/* The state as it can be told, or why it cannot. What was emitted and refused before stays. */
static uint32_t
look_at(const struct rf_plugin *plugin, const void *state, struct rf_buf *ret)
{
    struct rf_values_said said;
    struct rf_buf why = {0};
    rf_values_take_aside(&said);
    uint32_t status = rf_plugin_likeness(plugin, state, RF_LOOSE_ALL, ret, &why);
    rf_values_give_back(&said);
    if (status != RF_STATUS_OK) {
        rf_buf_add(ret, why.bytes, why.used);
    }
    rf_buf_done(&why);
    return status;
}

static int32_t
call_handle(const struct rf_plugin *plugin, const void *state, const refold_event *command,
            struct rf_buf *ret_why)
{
    if (plugin->program != NULL) {
        return rf_relay_handle(plugin->program, command, ret_why);
    }
    int32_t result = plugin->table.handle(state, command, rf_values_host());
    if (result != REFOLD_OK && result != REFOLD_REJECTED) {
        rf_buf_format(ret_why, "handle returned %d", (int)result);
    }
    return result;
}

int32_t
rf_plugin_handle(const struct rf_plugin *plugin, const void *state, const refold_event *command,
                 struct rf_buf *ret_why)
{
    struct rf_buf before = {0};
    struct rf_buf after = {0};
    uint32_t first = look_at(plugin, state, &before);
    int32_t result = call_handle(plugin, state, command, ret_why);
    if ((result == REFOLD_OK || result == REFOLD_REJECTED) &&
        (look_at(plugin, state, &after) != first ||
         !rf_bytes_same(before.bytes, before.used, after.bytes, after.used))) {
        rf_buf_add(ret_why, command->type.ptr, (size_t)command->type.len);
        rf_buf_string(ret_why, " changed the state, which only events may");
        result = RF_NO_ANSWER;
    }
    rf_buf_done(&before);
    rf_buf_done(&after);
    return result;
}

/* ---- snapshots that are read ----------------------------------------------------------------- */

static rf_code
restore_by_itself(const struct rf_plugin *plugin, void *state, const struct rf_json *doc,
                  struct rf_err *reterr)
{
    static const int32_t kinds[] = {REFOLD_NULL,   REFOLD_BOOL,  REFOLD_BOOL,  REFOLD_NUMBER,
                                    REFOLD_STRING, REFOLD_ARRAY, REFOLD_OBJECT};
    if (plugin->table.restore == NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "%s writes its snapshot itself, and has no restore to read one",
                       plugin->table.name);
    }
    size_t bytes;
    refold_value snapshot = {.kind = kinds[doc->nodes[0].kind]};
    snapshot.json.ptr = rf_json_token(doc, 0, &bytes);
    snapshot.json.len = bytes;
    rf_values_begin_call();
    int32_t result = plugin->table.restore(state, &snapshot, rf_values_host());
    struct rf_buf why = {0};
    if (judge_result("restore", result, &why)) {
        return RF_OK;
    }
    (void)rf_fail(reterr, RF_ERR_USAGE, NULL, "%s", rf_buf_text(&why));
    rf_buf_done(&why);
    return RF_ERR_USAGE;
}

rf_code
rf_plugin_restore(const struct rf_plugin *plugin, void *state, const char *json, size_t json_bytes,
                  struct rf_err *reterr)
{
    if (plugin->program != NULL) {
        return rf_relay_restore(plugin->program, json, json_bytes, reterr);
    }
    struct rf_json doc = {0};
    rf_code code = rf_json_read_whole(&doc, json, json_bytes, reterr);
    if (code != RF_OK) {
        code = RF_ERR_USAGE; /* the text says where */
    } else if (plugin->fields != NULL) {
        code = rf_fields_restore(plugin->fields, state, &doc, 0, rf_values_memory(), reterr);
    } else {
        code = restore_by_itself(plugin, state, &doc, reterr);
    }
    rf_json_done(&doc);
    return code;
}
