/* SPDX-License-Identifier: MIT */
/* HELLO, and the end of all input. */
#include <string.h>

#include "base/bytes.h"
#include "check/judge.h"
#include "check/scene.h"

/** The protocol's own, whatever --timeout says. */
#define HELLO_MS 10000

/** The answer's JSON. */
static const struct rf_buf *
greet(struct rf_ask *ask, const char *hello)
{
    const struct rf_answer *answer = rf_ask_await(ask, rf_ask_hello(ask, hello));
    return answer == NULL ? NULL : &answer->text;
}

/** What the speaker calls itself: for the report. */
static void
note_speaker(struct rf_kit *kit)
{
    struct rf_json doc = {0};
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_skim(&doc, kit->hello.bytes, kit->hello.used);
    uint32_t node = rf_json_member(&doc, 0, "speaker", 7, NULL);
    if (node != RF_JSON_NONE && doc.nodes[node].kind == RF_JSON_STRING) {
        rf_json_string(&doc, node, &scratch, &bytes, &count);
        kit->report->speaker = rf_strndup(bytes, count);
    }
    rf_buf_done(&scratch);
    rf_json_done(&doc);
}

static bool
read_descriptor(struct rf_kit *kit, const struct rf_buf *text)
{
    struct rf_err err;
    if (rf_descriptor_read(text->bytes, text->used, &kit->described, &err) != RF_OK) {
        rf_descriptor_done(&kit->described);
        memset(&kit->described, 0, sizeof(kit->described));
        return rf_kit_wrong(kit, RF_CHECK_HELLO, text->bytes, text->used,
                            "a descriptor as the page has it", "one that %s", err.text);
    }
    rf_buf_add(&kit->hello, text->bytes, text->used);
    note_speaker(kit);
    return true;
}

bool
rf_check_hello(struct rf_kit *kit)
{
    struct rf_ask ask;
    int patience_ms = kit->patience_ms;
    kit->patience_ms = HELLO_MS;
    bool good = rf_ask_start(kit, &ask);
    const struct rf_buf *text = good ? greet(&ask, RF_KIT_HELLO) : NULL;
    bool was_late = kit->patience_ms < HELLO_MS;
    kit->patience_ms = was_late && kit->patience_ms < patience_ms ? kit->patience_ms : patience_ms;
    good = text != NULL && read_descriptor(kit, text);
    return rf_ask_done(&ask, good);
}

bool
rf_check_hello_more(struct rf_kit *kit)
{
    struct rf_ask ask;
    bool good =
        rf_ask_start(kit, &ask) &&
        greet(&ask, " { \"refold\" : \"99.0.0\",\n\"later\":{\"deep\":[1,null,\"\\u0000\"]}, "
                    "\"protocol\":" RF_KIT_PROTOCOL ", \"more\":1e3} ") != NULL;
    return rf_ask_done(&ask, good);
}

bool
rf_check_hello_same(struct rf_kit *kit)
{
    struct rf_ask ask;
    bool good = rf_ask_start(kit, &ask);
    for (int i = 0; i < 2 && good; i++) {
        const struct rf_buf *text = greet(&ask, RF_KIT_HELLO);
        good = text != NULL;
        if (good && !rf_bytes_same(text->bytes, text->used, kit->hello.bytes, kit->hello.used)) {
            good = rf_kit_wrong(kit, RF_CHECK_HELLO_SAME, text->bytes, text->used,
                                "the descriptor of the first start", "another one: %.*s",
                                (int)(text->used < 300 ? text->used : 300), text->bytes);
        }
        good = rf_ask_done(&ask, good) && (i > 0 || rf_ask_start(kit, &ask));
    }
    return good;
}

/* Where its input ends: behind HELLO, in an instance, behind one. */
bool
rf_check_quiet_end(struct rf_kit *kit)
{
    bool good = true;
    for (int place = 0; place < 3 && good; place++) {
        struct rf_scene scene;
        good = rf_scene_begin(kit, &scene);
        if (good && place > 0) {
            (void)rf_scene_open(&scene, 0, 1, NULL);
            (void)rf_scene_events(&scene, 0, 0, 1);
        }
        if (good && place > 1) {
            (void)rf_ask_end_instance(&scene.ask);
        }
        good = good && rf_ask_end(&scene.ask);
        good = rf_scene_done(&scene, good);
    }
    return good;
}
