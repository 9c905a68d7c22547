/* SPDX-License-Identifier: MIT */
/* The memory that states live in, against plain models. */
#include "worker/memory.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "worker/world.h"

struct entry {
    refold_text key;
    uint64_t value;
};

Test(memory, gives_aligned_pieces_and_never_null)
{
    struct rf_memory memory = {0};
    cr_expect_not_null(rf_memory_take(&memory, 0));
    cr_expect_neq(rf_memory_take(&memory, 0), rf_memory_take(&memory, 0));
    for (uint64_t bytes = 1; bytes < 600000; bytes = bytes * 3 + 1) {
        char *piece = rf_memory_take(&memory, bytes);
        cr_assert_eq((uintptr_t)piece % RF_MEMORY_ALIGN, 0);
        memset(piece, 0xEE, bytes);
    }
    rf_memory_done(&memory);
}

Test(memory, zeroes_what_an_earlier_instance_left)
{
    struct rf_memory memory = {0};
    memset(rf_memory_take(&memory, 5000), 0xEE, 5000);
    rf_memory_clear(&memory);
    const char *piece = rf_memory_take_zeroed(&memory, 5000);
    for (int i = 0; i < 5000; i++) {
        cr_assert_eq(piece[i], 0);
    }
    rf_memory_done(&memory);
}

Test(memory, of_a_made_world_is_filled_and_may_come_downwards)
{
    struct rf_memory memory = {0};
    for (int round = 0; round < 4; round++) {
        bool other = round % 2 == 1;
        rf_world.bits = RF_WORLD_MADE | (other ? RF_WORLD_HEAP | RF_WORLD_LAYOUT : 0);
        rf_memory_clear(&memory); /* of the world before: nothing of it is left */
        const char *before = NULL;
        for (uint64_t bytes = 1; bytes < 600000; bytes = bytes * 3 + 1) {
            char *piece = rf_memory_take(&memory, bytes);
            cr_assert_eq((uintptr_t)piece % RF_MEMORY_ALIGN, 0);
            for (uint64_t i = 0; i < bytes; i++) {
                cr_assert_eq((unsigned char)piece[i], other ? 0xA5 : 0x00);
            }
            memset(piece, 0xEE, bytes);
            if (before != NULL && bytes < 3000) { /* of one chunk */
                cr_assert(other ? piece < before : piece > before);
            }
            before = piece;
        }
    }
    rf_world.bits = 0;
    rf_memory_done(&memory);
}

Test(memory, uses_the_same_pages_for_the_next_instance)
{
    struct rf_memory memory = {0};
    for (int i = 0; i < 300; i++) {
        (void)rf_memory_take(&memory, 10000);
    }
    size_t kept = memory.kept_bytes;
    cr_expect_geq(kept, 3000000);
    for (int instance = 0; instance < 50; instance++) {
        rf_memory_clear(&memory);
        for (int i = 0; i < 300; i++) {
            (void)rf_memory_take(&memory, 10000);
        }
    }
    cr_expect_eq(memory.kept_bytes, kept);
    rf_memory_done(&memory);
}

Test(memory, gives_back_what_is_more_than_the_cap)
{
    struct rf_memory memory = {0};
    (void)rf_memory_take(&memory, RF_MEMORY_KEEP_BYTES + 1);
    rf_memory_clear(&memory);
    cr_expect_eq(memory.kept_bytes, 0);
    cr_expect_not_null(rf_memory_take(&memory, 10));
    rf_memory_done(&memory);
}

#ifndef __SANITIZE_ADDRESS__ /* which ends such a call itself */
Test(memory, ends_the_process_where_no_one_has_so_much, .exit_code = 70)
{
    struct rf_memory memory = {0};
    (void)rf_memory_take(&memory, UINT64_MAX - 3);
}

Test(memory, ends_the_process_where_a_list_would_wrap, .exit_code = 70)
{
    struct rf_memory memory = {0};
    refold_list list = {0};
    (void)rf_list_push(&memory, &list, UINT64_MAX / 4);
}
#endif

Test(memory, copies_texts_and_tells_empty_from_absent)
{
    struct rf_memory memory = {0};
    refold_text text = {0};
    char bytes[] = "a\0b";
    rf_text_set(&memory, &text, bytes, 3);
    bytes[0] = 'x';
    cr_expect_eq(text.len, 3);
    cr_expect_eq(memcmp(text.ptr, "a\0b", 3), 0);
    rf_text_set(&memory, &text, "", 0);
    cr_expect_not_null(text.ptr);
    cr_expect_eq(text.len, 0);
    rf_text_set(&memory, &text, NULL, 0);
    cr_expect_null(text.ptr);
    rf_text_set(&memory, &text, "", 0);
    cr_expect_not_null(text.ptr);
    rf_memory_done(&memory);
}

Test(memory, sets_a_text_to_a_part_of_itself)
{
    struct rf_memory memory = {0};
    refold_text text = {0};
    rf_text_set(&memory, &text, "abcdefgh", 8);
    rf_text_set(&memory, &text, text.ptr + 2, 5);
    cr_expect_eq(text.len, 5);
    cr_expect_eq(memcmp(text.ptr, "cdefg", 5), 0);
    rf_memory_done(&memory);
}

Test(memory, lists_keep_their_elements_while_they_grow)
{
    struct rf_memory memory = {0};
    refold_list list = {0};
    for (uint64_t i = 0; i < 5000; i++) {
        uint64_t *element = rf_list_push(&memory, &list, 3 * sizeof(uint64_t));
        cr_assert_eq(element[0], 0);
        cr_assert_eq(element[2], 0);
        element[0] = i;
        element[2] = ~i;
        if (i % 7 == 0) { /* other memory in between, as apply has it */
            memset(rf_memory_take(&memory, 40), 0xEE, 40);
        }
    }
    const uint64_t *items = list.items;
    for (uint64_t i = 0; i < 5000; i++) {
        cr_assert_eq(items[3 * i], i);
        cr_assert_eq(items[3 * i + 2], ~i);
    }
    rf_memory_done(&memory);
}

Test(memory, an_element_that_was_dropped_comes_back_zeroed)
{
    struct rf_memory memory = {0};
    refold_list list = {0};
    *(uint64_t *)rf_list_push(&memory, &list, 8) = 7;
    list.count--;
    cr_expect_eq(*(uint64_t *)rf_list_push(&memory, &list, 8), 0);
    rf_memory_done(&memory);
}

/* A map against an array that is indexed by the key's number. */
#define MODEL_KEYS 700

static void
check_against_model(const refold_map *map, const uint64_t *model)
{
    uint64_t count = 0;
    for (uint64_t i = 0; i < MODEL_KEYS; i++) {
        char key[32];
        uint64_t bytes = (uint64_t)snprintf(key, sizeof(key), "key %llu", (unsigned long long)i);
        const struct entry *entry = rf_map_find(map, sizeof(struct entry), key, bytes);
        cr_assert_eq(entry != NULL, model[i] != 0, "%s", key);
        cr_assert(entry == NULL || entry->value == model[i], "%s", key);
        count += model[i] != 0;
    }
    cr_assert_eq(map->count, count);
}

Test(memory, maps_hold_what_was_put_and_not_removed)
{
    struct rf_memory memory = {0};
    refold_map map = {0};
    uint64_t model[MODEL_KEYS] = {0};
    uint64_t seed = 42;
    for (uint64_t turn = 1; turn <= 60000; turn++) {
        seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407;
        /* First few keys, then many, then few again: with and without an index, and shrinking. */
        uint64_t range = turn < 5000 ? 7 : turn < 40000 ? MODEL_KEYS : 20;
        uint64_t number = (seed >> 33) % range;
        bool remove = (seed >> 20) % 5 < 2;
        char key[32];
        uint64_t bytes =
            (uint64_t)snprintf(key, sizeof(key), "key %llu", (unsigned long long)number);
        if (remove) {
            int32_t removed = rf_map_remove(&map, sizeof(struct entry), key, bytes);
            cr_assert_eq(removed, model[number] != 0);
            model[number] = 0;
        } else {
            struct entry *entry = rf_map_put(&memory, &map, sizeof(struct entry), key, bytes);
            cr_assert_eq(entry->value, model[number]);
            cr_assert_eq(entry->key.len, bytes);
            entry->value = model[number] = turn;
        }
        if (turn % 1000 == 0) {
            check_against_model(&map, model);
        }
    }
    rf_memory_done(&memory);
}

Test(memory, maps_take_the_empty_key_and_keys_with_nul)
{
    struct rf_memory memory = {0};
    refold_map map = {0};
    struct entry *empty = rf_map_put(&memory, &map, sizeof(*empty), NULL, 0);
    empty->value = 1;
    struct entry *zero = rf_map_put(&memory, &map, sizeof(*zero), "\0", 1);
    zero->value = 2;
    cr_expect_eq(map.count, 2);
    cr_expect_eq(((struct entry *)rf_map_find(&map, sizeof(*empty), "", 0))->value, 1);
    cr_expect_eq(((struct entry *)rf_map_find(&map, sizeof(*empty), "\0", 1))->value, 2);
    cr_expect_null(rf_map_find(&map, sizeof(*empty), "\0\0", 2));
    rf_memory_done(&memory);
}
