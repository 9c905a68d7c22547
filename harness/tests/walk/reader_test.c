/* SPDX-License-Identifier: MIT */
/* Reading an object: all of its bytes, and a word when the file is another one than was listed. */
#include "walk/walk.h"

#include "base/buf.h"
#include "tests/walk/tree.h"

static struct rf_objects
walk(const char *source)
{
    struct rf_objects objects;
    struct rf_err err = {0};
    struct rf_walk_request request = {.sources = &source, .source_count = 1};
    cr_assert_eq(rf_walk(&request, &objects, &err), RF_OK, "%s", err.text);
    return objects;
}

/** Reads what is left of an object, a few bytes at a time. */
static rf_code
read_rest(struct rf_reader *reader, struct rf_buf *ret, struct rf_err *reterr)
{
    char bytes[7];
    size_t got;
    do {
        RF_TRY(rf_reader_read(reader, bytes, sizeof(bytes), &got, reterr));
        rf_buf_add(ret, bytes, got);
    } while (got > 0);
    return RF_OK;
}

/** Opens and reads the only object of a tree. */
static rf_code
read_all(const struct rf_objects *objects, struct rf_buf *ret, struct rf_err *reterr)
{
    struct rf_reader *reader = NULL;
    cr_assert_eq(objects->count, 1);
    RF_TRY(rf_reader_open(objects, &objects->items[0], &reader, reterr));
    rf_code code = read_rest(reader, ret, reterr);
    rf_reader_close(reader);
    return code;
}

Test(reader, gives_every_byte_and_then_the_end)
{
    char *root = tree_new();
    static const char text[] = "twenty-nine bytes of content\n";
    tree_file(root, "a/b", text);
    struct rf_objects objects = walk(root);
    struct rf_reader *reader = NULL;
    struct rf_buf found = {0};
    struct rf_err err;
    size_t got = 1;
    cr_assert_eq(rf_reader_open(&objects, &objects.items[0], &reader, &err), RF_OK);
    cr_expect_eq(read_rest(reader, &found, &err), RF_OK);
    cr_expect_str_eq(rf_buf_text(&found), text);
    cr_expect_eq(rf_reader_read(reader, &(char){0}, 1, &got, &err), RF_OK);
    cr_expect_eq(got, 0, "the end stays the end");
    rf_reader_close(reader);
    rf_reader_close(NULL);
    rf_buf_done(&found);
    rf_objects_done(&objects);
    tree_free(root);
}

Test(reader, opens_a_source_that_is_a_file)
{
    char *root = tree_new();
    char *file = rf_format("%s/a/b.gz", root);
    tree_file(root, "a/b.gz", "content");
    struct rf_objects objects = walk(file);
    struct rf_buf found = {0};
    struct rf_err err;
    cr_expect_eq(read_all(&objects, &found, &err), RF_OK);
    cr_expect_str_eq(rf_buf_text(&found), "content");
    rf_buf_done(&found);
    rf_objects_done(&objects);
    free(file);
    tree_free(root);
}

Test(reader, reads_standard_input_from_a_pipe_and_from_a_file)
{
    char *root = tree_new();
    char *file = rf_format("%s/file", root);
    struct rf_err err;
    struct rf_buf found = {0};
    int ends[2];
    struct rf_objects objects = walk("-");
    cr_assert_eq(pipe(ends), 0);
    cr_assert_eq(write(ends[1], "through a pipe", 14), 14);
    close(ends[1]);
    cr_assert_eq(dup2(ends[0], STDIN_FILENO), STDIN_FILENO);
    cr_expect_eq(read_all(&objects, &found, &err), RF_OK);
    cr_expect_str_eq(rf_buf_text(&found), "through a pipe");
    tree_file(root, "file", "0123456789");
    int fd = open(file, O_RDONLY);
    cr_assert_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    cr_assert_eq(lseek(STDIN_FILENO, 4, SEEK_SET), 4);
    rf_buf_clear(&found);
    cr_expect_eq(read_all(&objects, &found, &err), RF_OK);
    cr_expect_str_eq(rf_buf_text(&found), "456789");
    close(fd);
    rf_buf_done(&found);
    rf_objects_done(&objects);
    free(file);
    tree_free(root);
}

Test(reader, refuses_standard_input_that_shrinks)
{
    char *root = tree_new();
    char *file = rf_format("%s/file", root);
    struct rf_err err;
    struct rf_buf found = {0};
    struct rf_reader *reader = NULL;
    struct rf_objects objects = walk("-");
    tree_file(root, "file", "0123456789");
    int fd = open(file, O_RDWR);
    cr_assert_eq(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    cr_assert_eq(rf_reader_open(&objects, &objects.items[0], &reader, &err), RF_OK);
    cr_assert_eq(ftruncate(fd, 5), 0);
    cr_expect_eq(read_rest(reader, &found, &err), RF_ERR_SOURCE);
    rf_reader_close(reader);
    close(fd);
    rf_buf_done(&found);
    rf_objects_done(&objects);
    free(file);
    tree_free(root);
}

/* What can happen to a file; each with the same length, where that is possible. */
enum change { GROW, SHRINK, TOUCH, REPLACE, REMOVE, FIFO, CHANGE_COUNT_ };

static void
change_file(const char *root, enum change change)
{
    char *path = rf_format("%s/a/b", root);
    char *other = rf_format("%s/other", root);
    struct stat was;
    cr_assert_eq(stat(path, &was), 0);
    struct timespec times[2] = {was.st_atim, was.st_mtim};
    if (change == GROW) {
        tree_file(root, "a/b", "01234567890");
    } else if (change == SHRINK) {
        cr_assert_eq(truncate(path, 9), 0);
    } else if (change == TOUCH) {
        times[1].tv_nsec = (times[1].tv_nsec + 1) % 1000000000;
    } else if (change == REPLACE) {
        tree_file(root, "other", "0123456789");
        cr_assert_eq(rename(other, path), 0);
    } else {
        cr_assert_eq(remove(path), 0);
    }
    if (change == FIFO) {
        cr_assert_eq(mkfifo(path, 0600), 0);
    }
    if (change != REMOVE) {
        /* so that only what this change is about differs */
        cr_assert_eq(utimensat(AT_FDCWD, path, times, 0), 0);
    }
    free(path);
    free(other);
}

/** Changes the file after its listing (`when` 0), after opening (1), or in the midst (2). */
static void
expect_refused(enum change change, int when)
{
    char *root = tree_new();
    struct rf_err err = {0};
    struct rf_buf found = {0};
    struct rf_reader *reader = NULL;
    tree_file(root, "a/b", "0123456789");
    struct rf_objects objects = walk(root);
    if (when == 0) {
        change_file(root, change);
    }
    rf_code code = rf_reader_open(&objects, &objects.items[0], &reader, &err);
    cr_expect_eq(code, when == 0 ? RF_ERR_SOURCE : RF_OK, "change %d at %d", (int)change, when);
    if (code == RF_OK) {
        char bytes[4];
        size_t got = 0;
        if (when == 2) {
            cr_expect_eq(rf_reader_read(reader, bytes, sizeof(bytes), &got, &err), RF_OK);
            cr_expect_eq(got, sizeof(bytes));
        }
        change_file(root, change);
        cr_expect_eq(read_rest(reader, &found, &err), RF_ERR_SOURCE, "change %d at %d", (int)change,
                     when);
    }
    cr_expect_str_eq(err.where, "a/b");
    rf_reader_close(reader);
    rf_buf_done(&found);
    rf_objects_done(&objects);
    tree_free(root);
}

Test(reader, refuses_a_file_that_changed_after_it_was_listed, .timeout = 10)
{
    for (enum change change = GROW; change < CHANGE_COUNT_; change++) {
        expect_refused(change, 0);
    }
}

Test(reader, refuses_a_file_that_changed_while_it_was_read, .timeout = 10)
{
    for (enum change change = GROW; change < CHANGE_COUNT_; change++) {
        expect_refused(change, 1);
        expect_refused(change, 2);
    }
}

Test(reader, never_opens_a_fifo, .timeout = 10)
{
    char *root = tree_new();
    char *fifo = tree_path(root, "fifo");
    struct rf_err err = {0};
    struct rf_buf found = {0};
    cr_assert_eq(mkfifo(fifo, 0600), 0);
    struct rf_objects objects = walk(root);
    cr_expect(objects.items[0].special);
    cr_expect_eq(read_all(&objects, &found, &err), RF_ERR_SOURCE);
    rf_buf_done(&found);
    rf_objects_done(&objects);
    free(fifo);
    tree_free(root);
}

Test(reader, refuses_a_file_that_it_may_not_read)
{
    char *root = tree_new();
    char *file = rf_format("%s/closed", root);
    bool super = geteuid() == 0;
    struct rf_err err = {0};
    struct rf_buf found = {0};
    tree_file(root, "closed", "1");
    cr_assert_eq(chmod(root, 0755), 0);
    cr_assert_eq(chmod(file, 0), 0);
    struct rf_objects objects = walk(root);
    /* Nothing is closed to the superuser. */
    cr_assert(!super || seteuid(65534) == 0);
    cr_expect_eq(read_all(&objects, &found, &err), RF_ERR_SOURCE);
    cr_assert(!super || seteuid(0) == 0);
    cr_expect_neq(err.sys_errno, 0);
    cr_expect_str_eq(err.where, "closed");
    rf_buf_done(&found);
    rf_objects_done(&objects);
    free(file);
    tree_free(root);
}
