/* SPDX-License-Identifier: MIT */
/* Walking a folder: nothing is passed over, nothing hangs. */
#include "walk/folder.h"

#include <sys/socket.h>
#include <sys/un.h>

#include "tests/walk/tree.h"

static void
list_free(struct rf_object_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->items[i].key);
    }
    free(list->items);
}

static const struct rf_object *
list_find(const struct rf_object_list *list, const char *key)
{
    const struct rf_object *found = NULL;
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i].key, key) == 0) {
            cr_expect_null(found, "%s is listed twice", key);
            found = &list->items[i];
        }
    }
    return found;
}

/** Walks ROOT, which is expected to fail; the message's place ends in `where`. */
static void
expect_failure(const char *root, const char *where, const char *says)
{
    struct rf_object_list list = {0};
    struct rf_err err = {0};
    cr_expect_eq(rf_folder_walk(root, 0, NULL, NULL, &list, &err), RF_ERR_SOURCE);
    size_t place = strlen(err.where);
    cr_expect(place >= strlen(where) && strcmp(err.where + place - strlen(where), where) == 0, "%s",
              err.where);
    cr_expect_not_null(strstr(err.text, says), "%s", err.text);
    list_free(&list);
}

Test(folder, lists_every_file_with_its_size)
{
    char *root = tree_new();
    struct rf_object_list list = {0};
    struct rf_err err;
    tree_file(root, "a", "");
    tree_file(root, "b/c/d.gz", "12345");
    tree_file(root, "b/.hidden", "1");
    free(tree_path(root, "empty/folder/x"));
    cr_assert_eq(rf_folder_walk(root, 3, NULL, NULL, &list, &err), RF_OK);
    cr_expect_eq(list.count, 3);
    cr_assert_not_null(list_find(&list, "b/c/d.gz"));
    cr_expect_eq(list_find(&list, "b/c/d.gz")->bytes, 5);
    cr_expect_eq(list_find(&list, "b/c/d.gz")->source, 3);
    cr_expect_not(list_find(&list, "b/c/d.gz")->special);
    cr_expect_not_null(list_find(&list, "b/.hidden"));
    cr_expect_not_null(list_find(&list, "a"));
    list_free(&list);
    tree_free(root);
}

Test(folder, gives_the_same_keys_with_slashes_behind_the_source)
{
    char *root = tree_new();
    char *slashed = rf_format("%s//", root);
    struct rf_object_list list = {0};
    struct rf_err err;
    tree_file(root, "a/b", "");
    cr_assert_eq(rf_folder_walk(slashed, 0, NULL, NULL, &list, &err), RF_OK);
    cr_assert_eq(list.count, 1);
    cr_expect_str_eq(list.items[0].key, "a/b");
    list_free(&list);
    free(slashed);
    tree_free(root);
}

Test(folder, follows_links_to_files_and_folders)
{
    char *root = tree_new();
    struct rf_object_list list = {0};
    struct rf_err err;
    tree_file(root, "real/x", "123");
    tree_link(root, "file", "real/x");
    tree_link(root, "folder", "real");
    cr_assert_eq(rf_folder_walk(root, 0, NULL, NULL, &list, &err), RF_OK);
    cr_expect_eq(list.count, 3);
    cr_assert_not_null(list_find(&list, "file"));
    cr_expect_eq(list_find(&list, "file")->bytes, 3);
    cr_expect_not_null(list_find(&list, "folder/x"));
    list_free(&list);
    tree_free(root);
}

Test(folder, enters_a_loop_of_links_once, .timeout = 10)
{
    char *root = tree_new();
    struct rf_object_list list = {0};
    struct rf_err err;
    tree_file(root, "a/x", "");
    tree_file(root, "b/y", "");
    tree_link(root, "a/self", ".");
    tree_link(root, "a/up", "..");
    tree_link(root, "b/to-a", "../a");
    cr_assert_eq(rf_folder_walk(root, 0, NULL, NULL, &list, &err), RF_OK);
    cr_expect_eq(list.count, 3);
    cr_expect_not_null(list_find(&list, "a/x"));
    cr_expect_not_null(list_find(&list, "b/y"));
    cr_expect_not_null(list_find(&list, "b/to-a/x"));
    list_free(&list);
    tree_free(root);
}

Test(folder, marks_fifos_and_sockets_and_never_waits_for_them, .timeout = 10)
{
    char *root = tree_new();
    char *fifo = tree_path(root, "a/fifo.gz");
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    struct rf_object_list list = {0};
    struct rf_err err;
    int listener = socket(AF_UNIX, SOCK_STREAM, 0);
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    cr_assert_lt(snprintf(address.sun_path, sizeof(address.sun_path), "%s/socket", root),
                 (int)sizeof(address.sun_path));
    cr_assert_eq(bind(listener, (const struct sockaddr *)&address, sizeof(address)), 0);
    tree_file(root, "x", "");
    cr_assert_eq(rf_folder_walk(root, 0, NULL, NULL, &list, &err), RF_OK);
    cr_expect_eq(list.count, 3);
    cr_assert_not_null(list_find(&list, "a/fifo.gz"));
    cr_assert_not_null(list_find(&list, "socket"));
    cr_expect(list_find(&list, "a/fifo.gz")->special);
    cr_expect(list_find(&list, "socket")->special);
    cr_expect_not(list_find(&list, "x")->special);
    close(listener);
    free(fifo);
    list_free(&list);
    tree_free(root);
}

Test(folder, refuses_a_dangling_link_and_names_it)
{
    char *root = tree_new();
    tree_link(root, "a/dangling.gz", "nowhere");
    expect_failure(root, "/a/dangling.gz", "does not exist");
    tree_free(root);
}

Test(folder, refuses_a_link_to_itself)
{
    char *root = tree_new();
    tree_link(root, "a/self", "self");
    expect_failure(root, "/a/self", "cannot be looked at: ");
    tree_free(root);
}

Test(folder, takes_names_that_are_not_utf8)
{
    char *root = tree_new();
    struct rf_object_list list = {0};
    struct rf_err err;
    tree_file(root, "caf\xe9/\xff\xfe\x01\n.gz", "1");
    cr_assert_eq(rf_folder_walk(root, 0, NULL, NULL, &list, &err), RF_OK);
    cr_assert_eq(list.count, 1);
    cr_expect_str_eq(list.items[0].key, "caf\xe9/\xff\xfe\x01\n.gz");
    list_free(&list);
    tree_free(root);
}

Test(folder, takes_64_levels_and_refuses_more)
{
    char *root = tree_new();
    char key[256] = "";
    struct rf_object_list list = {0};
    struct rf_err err;
    for (int i = 0; i < RF_FOLDER_DEPTH - 1; i++) {
        strncat(key, "d/", sizeof(key) - strlen(key) - 1);
    }
    strncat(key, "x", sizeof(key) - strlen(key) - 1);
    tree_file(root, key, "");
    cr_expect_eq(rf_folder_walk(root, 0, NULL, NULL, &list, &err), RF_OK);
    cr_expect_eq(list.count, 1);
    list_free(&list);
    strncpy(strchr(key, 'x'), "d/x", 4);
    tree_file(root, key, "");
    expect_failure(root, "/d", "more than 64 folders deep");
    tree_free(root);
}

Test(folder, refuses_a_folder_that_it_may_not_read)
{
    char *root = tree_new();
    char *closed = tree_path(root, "a/closed/");
    bool super = geteuid() == 0;
    cr_assert_eq(chmod(root, 0755), 0);
    cr_assert_eq(chmod(closed, 0), 0);
    /* Nothing is closed to the superuser. */
    cr_assert(!super || seteuid(65534) == 0);
    expect_failure(root, "/a/closed", "cannot be opened: ");
    cr_assert(!super || seteuid(0) == 0);
    cr_assert_eq(chmod(closed, 0700), 0);
    free(closed);
    tree_free(root);
}

static bool
owns_two(const char *folder, const char *name)
{
    cr_expect_str_eq(strrchr(folder, '/'), "/golden");
    return strcmp(name, "a.ndjson") == 0 || strcmp(name, "b.ndjson") == 0;
}

Test(folder, leaves_out_of_the_golden_folder_what_is_told_to_be_its_own)
{
    char *root = tree_new();
    struct rf_object_list list = {0};
    struct rf_err err;
    tree_file(root, "golden/a.ndjson", "1");
    tree_file(root, "golden/c.ndjson", "1");
    tree_file(root, "golden/.temporary", "1");
    tree_file(root, "golden/below/b.ndjson", "1");
    tree_file(root, "other/a.ndjson", "1");
    char *path = tree_path(root, "golden");
    struct rf_folder_golden golden = {.path = path, .owns = owns_two};
    cr_assert_eq(stat(path, &golden.stat), 0);
    cr_assert_eq(rf_folder_walk(root, 0, &golden, NULL, &list, &err), RF_OK);
    cr_expect_eq(golden.left_out, 2);
    cr_expect_eq(list.count, 3);
    cr_expect_not_null(list_find(&list, "golden/c.ndjson"));
    cr_expect_not_null(list_find(&list, "golden/below/b.ndjson"));
    cr_expect_not_null(list_find(&list, "other/a.ndjson"));
    list_free(&list);
    free(path);
    tree_free(root);
}
