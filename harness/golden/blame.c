/* SPDX-License-Identifier: MIT */
/* Which event each value of a state is of: told by the states behind each event. */
#include "golden/blame.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "golden/state.h"

/** A state, and for each node of it the number of events behind which it became so. */
struct side {
    struct rf_state state;
    uint64_t *writers;
    size_t room;
};

struct rf_blame {
    struct side now;
    struct side before;
    uint64_t applied; /* of the state at hand */
    struct rf_buf now_key;
    struct rf_buf before_key;
};

struct rf_blame *
rf_blame_new(void)
{
    return rf_calloc(1, sizeof(struct rf_blame));
}

static void
side_done(struct side *side)
{
    rf_state_done(&side->state);
    free(side->writers);
}

void
rf_blame_free(struct rf_blame *blame)
{
    if (blame == NULL) {
        return;
    }
    side_done(&blame->now);
    side_done(&blame->before);
    rf_buf_done(&blame->now_key);
    rf_buf_done(&blame->before_key);
    free(blame);
}

/* ---- from one state to the next -------------------------------------------------------------- */

static void settle(struct rf_blame *blame, uint32_t node, uint32_t before);

/** Both lists of members are sorted by their keys. */
static void
settle_members(struct rf_blame *blame, uint32_t node, uint32_t before)
{
    const struct rf_json *now_doc = &blame->now.state.doc;
    const struct rf_json *before_doc = &blame->before.state.doc;
    uint32_t now_end = now_doc->nodes[node].next;
    uint32_t before_end = before_doc->nodes[before].next;
    uint32_t old = before + 1;
    for (uint32_t key = node + 1; key < now_end; key = now_doc->nodes[key + 1].next) {
        const char *now_key;
        const char *old_key;
        size_t now_bytes;
        size_t old_bytes;
        int order = 1;
        rf_json_string(now_doc, key, &blame->now_key, &now_key, &now_bytes);
        while (old < before_end) {
            rf_json_string(before_doc, old, &blame->before_key, &old_key, &old_bytes);
            order = rf_bytes_compare(old_key, old_bytes, now_key, now_bytes);
            if (order >= 0) {
                break;
            }
            old = before_doc->nodes[old + 1].next;
        }
        bool same_key = old < before_end && order == 0;
        settle(blame, key + 1, same_key ? old + 1 : RF_JSON_NONE);
    }
}

static void
settle_elements(struct rf_blame *blame, uint32_t node, uint32_t before)
{
    const struct rf_json_node *now_nodes = blame->now.state.doc.nodes;
    const struct rf_json_node *before_nodes = blame->before.state.doc.nodes;
    uint32_t old = before + 1;
    for (uint32_t at = node + 1; at < now_nodes[node].next; at = now_nodes[at].next) {
        bool is_there = old < before_nodes[before].next;
        settle(blame, at, is_there ? old : RF_JSON_NONE);
        old = is_there ? before_nodes[old].next : old;
    }
}

/** Gives a value and all in it their writers. `before` is what stood at its path in the state
 * before, or RF_JSON_NONE. Recursion ends at rf_limits.json_depth, which the reader keeps. */
static void
settle(struct rf_blame *blame, uint32_t node, uint32_t before)
{
    const struct rf_json *now_doc = &blame->now.state.doc;
    const struct rf_json *before_doc = &blame->before.state.doc;
    uint32_t end = now_doc->nodes[node].next;
    if (before != RF_JSON_NONE) {
        size_t now_bytes;
        size_t old_bytes;
        const char *now_token = rf_json_token(now_doc, node, &now_bytes);
        const char *old_token = rf_json_token(before_doc, before, &old_bytes);
        uint8_t kind = now_doc->nodes[node].kind;
        if (rf_bytes_same(now_token, now_bytes, old_token, old_bytes)) {
            /* The same text has the same nodes. */
            memcpy(blame->now.writers + node, blame->before.writers + before,
                   (end - node) * sizeof(*blame->now.writers));
            return;
        }
        if (kind == before_doc->nodes[before].kind && now_doc->nodes[node].count > 0 &&
            (kind == RF_JSON_OBJECT || kind == RF_JSON_ARRAY)) {
            blame->now.writers[node] = blame->applied;
            (kind == RF_JSON_OBJECT ? settle_members : settle_elements)(blame, node, before);
            return;
        }
    }
    for (uint32_t at = node; at < end; at++) {
        blame->now.writers[at] = blame->applied;
    }
}

void
rf_blame_state(struct rf_blame *blame, uint64_t applied, const char *state, size_t state_bytes)
{
    if (state == NULL) {
        return;
    }
    struct side spare = blame->before;
    blame->before = blame->now;
    blame->now = spare;
    bool begun = blame->before.state.doc.used > 0;
    rf_state_read(&blame->now.state, state, state_bytes);
    RF_GROW(blame->now.writers, blame->now.room, blame->now.state.doc.used);
    /* What was there when states began was written by no one known. */
    blame->applied = begun ? applied : 0;
    settle(blame, 0, begun ? 0 : RF_JSON_NONE);
}

/* ---- what came of it ------------------------------------------------------------------------- */

/** A walk over the last state. */
struct walk {
    const struct rf_blame *blame;
    void (*each)(void *context, const char *path, const char *value, size_t value_bytes,
                 uint64_t applied);
    void *context;
    struct rf_buf path;
    struct rf_buf key;
};

static void
visit(struct walk *walk, uint32_t node)
{
    const struct rf_json *doc = &walk->blame->now.state.doc;
    const struct rf_json_node *value = &doc->nodes[node];
    size_t above = walk->path.used;
    if (value->count == 0) {
        size_t bytes;
        const char *token = rf_json_token(doc, node, &bytes);
        walk->each(walk->context, rf_buf_text(&walk->path), token, bytes,
                   walk->blame->now.writers[node]);
        return;
    }
    bool is_object = value->kind == RF_JSON_OBJECT;
    size_t index = 0;
    for (uint32_t at = node + 1; at < value->next; at = doc->nodes[at].next) {
        if (is_object) {
            const char *key;
            size_t bytes;
            rf_json_string(doc, at, &walk->key, &key, &bytes);
            rf_pointer_push(&walk->path, key, bytes);
            at++; /* to the value */
        } else {
            rf_pointer_push_index(&walk->path, index++);
        }
        visit(walk, at);
        walk->path.used = above;
    }
}

void
rf_blame_each(const struct rf_blame *blame,
              void (*each)(void *context, const char *path, const char *value, size_t value_bytes,
                           uint64_t applied),
              void *context)
{
    struct walk walk = {.blame = blame, .each = each, .context = context};
    if (blame->now.state.doc.used > 0) {
        visit(&walk, 0);
    }
    rf_buf_done(&walk.path);
    rf_buf_done(&walk.key);
}
