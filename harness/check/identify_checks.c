/* SPDX-License-Identifier: MIT */
/* Identifying: payloads of an aggregate's own, and others. */
#include <string.h>

#include "base/bytes.h"
#include "base/time.h"
#include "check/scene.h"

static bool
fail_identified(struct rf_ask *ask, const char *text, size_t bytes, const char *expected)
{
    return rf_kit_wrong(ask->kit, RF_CHECK_IDENTIFY, text, bytes, expected, "%.*s",
                        (int)(bytes < 300 ? bytes : 300), text);
}

static bool
judge_member(struct rf_json *doc, uint32_t key, const char **ret_wrong)
{
    struct rf_buf scratch = {0};
    struct rf_time time;
    int64_t number;
    const char *name;
    const char *text;
    size_t name_bytes;
    size_t bytes;
    uint32_t value = key + 1;
    rf_json_string(doc, key, &scratch, &name, &name_bytes);
    char own[16] = "";
    memcpy(own, name, name_bytes < sizeof(own) - 1 ? name_bytes : 0);
    bool string = doc->nodes[value].kind == RF_JSON_STRING;
    if (strcmp(own, "id") == 0 || strcmp(own, "type") == 0 || strcmp(own, "error") == 0) {
        *ret_wrong = string ? NULL : "`id`, `type` and `error` as strings";
    } else if (strcmp(own, "version") == 0) {
        *ret_wrong = rf_json_int64(doc, value, &number) ? NULL : "`version` as an integer";
    } else if (strcmp(own, "at") == 0) {
        *ret_wrong = "`at` as an RFC 3339 time";
        if (string) {
            rf_json_string(doc, value, &scratch, &text, &bytes);
            *ret_wrong = rf_time_parse(text, bytes, &time) ? NULL : *ret_wrong;
        }
    } else if (strcmp(own, "data") != 0) {
        *ret_wrong = "no other members than `id`, `type`, `version`, `at` and `data`, or `error`";
    }
    rf_buf_done(&scratch);
    return *ret_wrong == NULL;
}

static bool
judge_identified(struct rf_ask *ask, const char *text, size_t bytes)
{
    struct rf_err err;
    struct rf_json *doc = &ask->json;
    const char *wrong = NULL;
    if (bytes == 0) {
        return true;
    }
    if (rf_json_read_whole(doc, text, bytes, &err) != RF_OK ||
        doc->nodes[0].kind != RF_JSON_OBJECT) {
        return fail_identified(ask, text, bytes, "nothing, or a JSON object");
    }
    uint32_t key = 1;
    for (uint32_t i = 0; i < doc->nodes[0].count && wrong == NULL; i++) {
        (void)judge_member(doc, key, &wrong);
        key = doc->nodes[key + 1].next;
    }
    bool error = rf_json_member(doc, 0, "error", 5, NULL) != RF_JSON_NONE;
    bool whole = rf_json_member(doc, 0, "id", 2, NULL) != RF_JSON_NONE &&
                 rf_json_member(doc, 0, "type", 4, NULL) != RF_JSON_NONE;
    if (wrong == NULL && !error && !whole) {
        wrong = "`id` and `type`, or `error`";
    }
    return wrong == NULL || fail_identified(ask, text, bytes, wrong);
}

static bool
judge_all(struct rf_ask *ask, const struct rf_answer *answer)
{
    size_t at = 0;
    for (uint32_t i = 0; i < answer->count; i++) {
        uint32_t bytes = rf_get_u32(answer->text.bytes + at);
        if (!judge_identified(ask, answer->text.bytes + at + 4, bytes)) {
            return false;
        }
        at += 4 + (size_t)bytes;
    }
    return true;
}

#define PAYLOADS 9

static void
make_payloads(struct rf_buf *payloads)
{
    static const char *const texts[] = {
        "", "x", "{}", "{\"id\":\"a\",\"type\":\"B\",\"version\":1}", "no one's payload"};
    for (size_t i = 0; i < 5; i++) {
        rf_buf_string(&payloads[i], texts[i]);
    }
    for (int i = 0; i < 256; i++) {
        rf_buf_byte(&payloads[5], (char)i);
        rf_buf_byte(&payloads[6], (char)(i % 2 == 0 ? 0 : 0xff));
    }
    for (uint32_t i = 0; i < 300000; i++) {
        rf_buf_byte(&payloads[7], (char)(i * 2654435761u >> 24));
    }
    rf_buf_add(&payloads[8], "\x0a\x03\x61\x62\x63\x10\x01\x1a\x02\x08\x05", 11); /* protobuf's */
}

static bool
identify_twice(struct rf_scene *scene, uint32_t aggregate, const struct rf_buf *payloads)
{
    struct rf_ask *ask = &scene->ask;
    uint64_t none = rf_ask_identify(ask, aggregate, payloads, 0);
    uint64_t one = rf_ask_identify(ask, aggregate, payloads, PAYLOADS);
    (void)rf_scene_fold(scene, aggregate, 0, 2);
    uint64_t two = rf_ask_identify(ask, aggregate, payloads, PAYLOADS);
    const struct rf_answer *second = rf_ask_await(ask, two);
    if (second == NULL || rf_ask_await(ask, none) == NULL) {
        return false;
    }
    const struct rf_answer *first = rf_ask_await(ask, one);
    if (!rf_bytes_same(first->text.bytes, first->text.used, second->text.bytes,
                       second->text.used)) {
        return rf_kit_wrong(ask->kit, RF_CHECK_IDENTIFY, NULL, 0,
                            "the same answers for the same payloads", "others the second time");
    }
    return judge_all(ask, first);
}

bool
rf_check_identify(struct rf_kit *kit)
{
    struct rf_scene scene;
    struct rf_buf payloads[PAYLOADS] = {{0}};
    size_t tried = 0;
    bool good = rf_scene_begin(kit, &scene);
    make_payloads(payloads);
    for (uint32_t i = 0; good && i < rf_scene_aggregates(&scene); i++) {
        if (rf_scene_member(&scene, i)->identifies) {
            good = identify_twice(&scene, i, payloads);
            tried++;
        }
    }
    for (size_t i = 0; i < PAYLOADS; i++) {
        rf_buf_done(&payloads[i]);
    }
    good = rf_scene_done(&scene, good);
    return good && (tried > 0 || rf_kit_skip(kit, "no aggregate of it identifies"));
}
