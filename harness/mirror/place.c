/* SPDX-License-Identifier: MIT */
/*
 * Keys are names that somebody else chose. What becomes a path here is opened step by step,
 * relative to the folder before it, and without following links: openat2(RESOLVE_BENEATH) would do
 * the same, but not on every kernel, and not while folders are made.
 */
#include "mirror/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/lock.h"
#include "base/path.h"
#include "walk/fetched.h"

struct rf_place {
    char *folder; /* for messages */
    int root;     /* -1: it is not there (dry) */
    int partials;
    int lock;
    bool dry;
    bool was_made; /* by this process */
    bool was_empty;
    bool was_cut_off;
};

/* ---- keys ------------------------------------------------------------------------------------ */

static const char *
step_fault(const char *step, size_t bytes)
{
    if (bytes == 0) {
        return "has an empty step, which no path can have";
    }
    if ((bytes == 1 && step[0] == '.') || (bytes == 2 && memcmp(step, "..", 2) == 0)) {
        return "has a step . or .., which may lead out of the folder";
    }
    if (bytes > NAME_MAX) {
        return "has a step of more than 255 bytes, which is no file's name";
    }
    if (rf_fetched_is_ours(step, bytes)) {
        return "has a step that is a name of fetch's own files";
    }
    return NULL;
}

const char *
rf_place_fault(const char *key)
{
    size_t bytes = strlen(key);
    if (bytes == 0) {
        return "is an object itself, at the prefix, and has no name below it";
    }
    if (bytes > RF_LIMIT_KEY_BYTES) {
        return "is longer than RF_LIMIT_KEY_BYTES";
    }
    if (key[0] == '/') {
        return "begins with a slash";
    }
    if (key[bytes - 1] == '/') {
        return "ends with a slash, as a folder does, and is not empty";
    }
    if (rf_utf8_valid(key, bytes) != bytes) {
        return "is no UTF-8";
    }
    for (size_t i = 0; i < bytes; i++) {
        if ((unsigned char)key[i] < ' ' || key[i] == 0x7f) {
            return "holds a control character";
        }
    }
    const char *fault = NULL;
    for (const char *at = key; fault == NULL && at <= key + bytes;) {
        size_t step = strcspn(at, "/");
        fault = step_fault(at, step);
        at += step + 1;
    }
    return fault;
}

/* ---- opening --------------------------------------------------------------------------------- */

/** Makes a folder with those above it, as far as they are missing. */
static bool
make_folders(const char *folder, bool *ret_made)
{
    char *path = rf_strdup(folder);
    bool good = true;
    for (char *at = path + 1; good && *at != '\0'; at++) {
        if (*at == '/') {
            *at = '\0';
            good = mkdir(path, 0777) == 0 || errno == EEXIST;
            *at = '/';
        }
    }
    *ret_made = good && mkdir(path, 0777) == 0;
    good = *ret_made || (good && errno == EEXIST);
    int error = errno;
    free(path);
    errno = error;
    return good;
}

static bool
is_there(int folder, const char *name)
{
    struct stat facts;
    return fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) == 0;
}

/** Whether nothing is in it, or fetch's own is. */
static rf_code
check_ours(struct rf_place *place, struct rf_err *reterr)
{
    if (is_there(place->root, RF_MANIFEST_NAME) || is_there(place->root, RF_PARTIALS_NAME)) {
        return RF_OK;
    }
    int fd = openat(place->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = fd < 0 ? NULL : fdopendir(fd);
    if (folder == NULL) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, place->folder, "the folder cannot be read");
    }
    bool empty = true;
    for (const struct dirent *entry; empty && (entry = readdir(folder)) != NULL;) {
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    }
    (void)closedir(folder);
    place->was_empty = empty;
    return empty ? RF_OK
                 : rf_fail(reterr, RF_ERR_USAGE, place->folder,
                           "is not empty, and was not fetched into before: name a new folder");
}

static rf_code
open_partials(struct rf_place *place, struct rf_err *reterr)
{
    place->was_cut_off = is_there(place->root, RF_PARTIALS_NAME);
    if (!place->dry && mkdirat(place->root, RF_PARTIALS_NAME, 0777) != 0 && errno != EEXIST) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, place->folder, "cannot write into the folder");
    }
    place->partials =
        openat(place->root, RF_PARTIALS_NAME, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (place->partials >= 0 || (place->dry && errno == ENOENT)) {
        return RF_OK;
    }
    return rf_fail_errno(reterr, RF_ERR_OUTPUT, place->folder,
                         "its " RF_PARTIALS_NAME " cannot be opened");
}

static rf_code
open_place(struct rf_place *place, struct rf_err *reterr)
{
    if (!place->dry && !make_folders(place->folder, &place->was_made)) {
        return errno == ENOTDIR ? rf_fail(reterr, RF_ERR_USAGE, place->folder, "is no folder")
                                : rf_fail_errno(reterr, RF_ERR_OUTPUT, place->folder,
                                                "the folder cannot be made");
    }
    place->root = open(place->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (place->root < 0 && place->dry && errno == ENOENT) {
        place->was_empty = true;
        return RF_OK;
    }
    if (place->root < 0) {
        return errno == ENOTDIR ? rf_fail(reterr, RF_ERR_USAGE, place->folder, "is no folder")
                                : rf_fail_errno(reterr, RF_ERR_OUTPUT, place->folder,
                                                "the folder cannot be opened");
    }
    RF_TRY(rf_lock_folder(place->folder, &place->lock, reterr));
    RF_TRY(check_ours(place, reterr));
    return open_partials(place, reterr);
}

rf_code
rf_place_open(const char *folder, bool dry, struct rf_place **ret, struct rf_err *reterr)
{
    struct rf_place *place = rf_alloc(sizeof(*place));
    *place = (struct rf_place){
        .folder = rf_strdup(folder), .root = -1, .partials = -1, .lock = -1, .dry = dry};
    rf_code code = open_place(place, reterr);
    if (code != RF_OK) {
        rf_place_close(place);
        return code;
    }
    *ret = place;
    return RF_OK;
}

void
rf_place_close(struct rf_place *place)
{
    if (place == NULL) {
        return;
    }
    if (place->partials >= 0) {
        (void)close(place->partials);
    }
    if (place->root >= 0) {
        if (!place->dry) {
            (void)unlinkat(place->root, RF_PARTIALS_NAME, AT_REMOVEDIR);
        }
        (void)close(place->root);
    }
    if (place->was_made) {
        (void)rmdir(place->folder); /* nothing came */
    }
    rf_unlock_folder(place->lock);
    free(place->folder);
    free(place);
}

bool
rf_place_was_empty(const struct rf_place *place)
{
    return place->was_empty;
}

/* ---- step by step ---------------------------------------------------------------------------- */

/** Back to the first `count` steps. */
static void
step_back(struct rf_place_cursor *cursor, size_t count)
{
    while (cursor->count > count) {
        (void)close(cursor->steps[--cursor->count].fd);
    }
}

void
rf_place_cursor_done(struct rf_place_cursor *cursor)
{
    step_back(cursor, 0);
    free(cursor->steps);
    free(cursor->key);
    *cursor = (struct rf_place_cursor){0};
}

/** Says why a step cannot be entered; `error` is openat's errno. */
static rf_code
fail_step(int folder, const char *step, const char *key, int error, struct rf_err *reterr)
{
    struct stat facts;
    bool there = fstatat(folder, step, &facts, AT_SYMLINK_NOFOLLOW) == 0;
    if (there && S_ISLNK(facts.st_mode)) {
        return rf_fail(reterr, RF_ERR_OUTPUT, key,
                       "'%s' on its way is a link, and none is followed: remove it", step);
    }
    if (there && !S_ISDIR(facts.st_mode)) {
        rf_code code = rf_fail(reterr, RF_ERR_OUTPUT, key,
                               "'%s' on its way is a file, and no folder: move it away", step);
        if (reterr != NULL) {
            reterr->sys_errno = ENOTDIR;
        }
        return code;
    }
    errno = error;
    return rf_fail_errno(reterr, RF_ERR_OUTPUT, key, "the folder '%s' cannot be opened", step);
}

/** Opens the folder that the step key[from..to) names. *ret is -1 where it is not there, and not to
 * be made. */
static rf_code
enter(int folder, const char *key, size_t from, size_t to, bool make, int *ret,
      struct rf_err *reterr)
{
    const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    char step[NAME_MAX + 1];
    RF_VERIFY(to > from && to - from <= NAME_MAX);
    memcpy(step, key + from, to - from);
    step[to - from] = '\0';
    *ret = openat(folder, step, flags);
    if (*ret < 0 && errno == ENOENT && make &&
        (mkdirat(folder, step, 0777) == 0 || errno == EEXIST)) {
        *ret = openat(folder, step, flags);
    }
    return *ret < 0 && (errno != ENOENT || make) ? fail_step(folder, step, key, errno, reterr)
                                                 : RF_OK;
}

/** How many of the cursor's steps lead to this folder too. */
static size_t
count_shared(const struct rf_place_cursor *cursor, const char *key, size_t folder_bytes)
{
    size_t same = 0;
    while (cursor->key != NULL && cursor->key[same] != '\0' && cursor->key[same] == key[same]) {
        same++;
    }
    size_t count = 0;
    while (count < cursor->count && cursor->steps[count].bytes <= same &&
           cursor->steps[count].bytes <= folder_bytes && key[cursor->steps[count].bytes] == '/') {
        count++;
    }
    return count;
}

/** Brings the cursor to the key's folder; *ret_fd is the cursor's or the place's, or -1. */
static rf_code
stand(struct rf_place *place, struct rf_place_cursor *cursor, const char *key, bool make,
      int *ret_fd, const char **ret_name, struct rf_err *reterr)
{
    const char *slash = strrchr(key, '/');
    size_t folder_bytes = slash == NULL ? 0 : (size_t)(slash - key);
    *ret_name = slash == NULL ? key : slash + 1;
    step_back(cursor, count_shared(cursor, key, folder_bytes));
    int fd = cursor->count == 0 ? place->root : cursor->steps[cursor->count - 1].fd;
    size_t at = cursor->count == 0 ? 0 : cursor->steps[cursor->count - 1].bytes + 1;
    rf_code code = RF_OK;
    while (code == RF_OK && fd >= 0 && at < folder_bytes) {
        size_t to = at + strcspn(key + at, "/");
        code = enter(fd, key, at, to, make, &fd, reterr);
        if (code == RF_OK && fd >= 0) {
            RF_GROW(cursor->steps, cursor->room, cursor->count + 1);
            cursor->steps[cursor->count++] = (struct rf_place_step){to, fd};
        }
        at = to + 1;
    }
    free(cursor->key);
    cursor->key = rf_strndup(key, cursor->count == 0 ? 0 : cursor->steps[cursor->count - 1].bytes);
    *ret_fd = fd;
    return code;
}

rf_code
rf_place_look(struct rf_place *place, struct rf_place_cursor *cursor, const char *key,
              struct stat *ret, bool *ret_there, struct rf_err *reterr)
{
    int folder;
    const char *name;
    *ret_there = false;
    RF_TRY(stand(place, cursor, key, false, &folder, &name, reterr));
    if (folder < 0) {
        return RF_OK;
    }
    if (fstatat(folder, name, ret, AT_SYMLINK_NOFOLLOW) != 0) {
        return errno == ENOENT ? RF_OK
                               : rf_fail_errno(reterr, RF_ERR_OUTPUT, key, "cannot be looked at");
    }
    *ret_there = true;
    return RF_OK;
}

rf_code
rf_place_read(struct rf_place *place, struct rf_place_cursor *cursor, const char *key, int *ret,
              struct rf_err *reterr)
{
    int folder;
    const char *name;
    RF_TRY(stand(place, cursor, key, false, &folder, &name, reterr));
    *ret = folder < 0 ? -1 : openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    return *ret >= 0 ? RF_OK : rf_fail_errno(reterr, RF_ERR_SOURCE, key, "cannot be opened");
}

rf_code
rf_place_put(struct rf_place *place, struct rf_place_cursor *cursor, const char *key,
             const char *partial, struct rf_err *reterr)
{
    int folder;
    const char *name;
    RF_TRY(stand(place, cursor, key, true, &folder, &name, reterr));
    if (renameat(place->partials, partial, folder, name) != 0) {
        return errno == EISDIR || errno == ENOTEMPTY || errno == EEXIST
                   ? rf_fail(reterr, RF_ERR_OUTPUT, key, "a folder is in its place: move it away")
                   : rf_fail_errno(reterr, RF_ERR_OUTPUT, key, "cannot be put into place");
    }
    return RF_OK;
}

/** Removes the folders of at least `from` bytes that lead to a key, from the innermost on, as long
 * as they are empty. */
static void
remove_empty_folders(struct rf_place *place, const char *key, size_t from)
{
    char *folder = rf_strdup(key);
    struct rf_place_cursor cursor = {0};
    int above;
    const char *name;
    bool removed = true;
    for (char *slash; removed && (slash = strrchr(folder, '/')) != NULL;) {
        *slash = '\0';
        removed = (size_t)(slash - folder) >= from &&
                  stand(place, &cursor, folder, false, &above, &name, NULL) == RF_OK &&
                  above >= 0 && unlinkat(above, name, AT_REMOVEDIR) == 0;
    }
    rf_place_cursor_done(&cursor);
    free(folder);
}

rf_code
rf_place_remove(struct rf_place *place, struct rf_place_cursor *cursor, const char *key,
                size_t from, struct rf_err *reterr)
{
    int folder;
    const char *name;
    struct stat facts;
    RF_TRY(stand(place, cursor, key, false, &folder, &name, reterr));
    if (folder < 0 || fstatat(folder, name, &facts, AT_SYMLINK_NOFOLLOW) != 0) {
        return RF_OK; /* gone already */
    }
    if (!S_ISREG(facts.st_mode)) {
        return rf_fail(reterr, RF_ERR_OUTPUT, key, "is no file any more, so it is not removed");
    }
    if (unlinkat(folder, name, 0) != 0) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, key, "cannot be removed");
    }
    rf_place_cursor_done(cursor); /* its folder may go, and be made again by another's put */
    remove_empty_folders(place, key, from);
    return RF_OK;
}

/** The folder's own descriptor, to be read; NULL where it cannot be. */
static DIR *
open_folder(struct rf_place *place, struct rf_place_cursor *cursor, const char *folder)
{
    char *within = rf_format("%s/.", folder);
    const char *name;
    int fd = -1;
    if (stand(place, cursor, within, false, &fd, &name, NULL) != RF_OK) {
        fd = -1;
    }
    free(within);
    fd = fd < 0 ? -1 : openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *ret = fd < 0 ? NULL : fdopendir(fd);
    if (fd >= 0 && ret == NULL) {
        (void)close(fd);
    }
    return ret;
}

static bool
is_dots(const char *name)
{
    return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

bool
rf_place_holds_only(struct rf_place *place, struct rf_place_cursor *cursor, const char *folder,
                    bool (*is)(void *context, const char *key), void *context)
{
    DIR *listing = open_folder(place, cursor, folder);
    bool any = false;
    bool good = listing != NULL;
    while (good) {
        errno = 0;
        const struct dirent *entry = readdir(listing);
        if (entry == NULL) {
            good = errno == 0;
            break;
        }
        if (is_dots(entry->d_name)) {
            continue;
        }
        char *key = rf_format("%s/%s", folder, entry->d_name);
        struct stat facts;
        bool there;
        good = rf_place_look(place, cursor, key, &facts, &there, NULL) == RF_OK && there &&
               (S_ISDIR(facts.st_mode) ? rf_place_holds_only(place, cursor, key, is, context)
                                       : S_ISREG(facts.st_mode) && is(context, key));
        any = true;
        free(key);
    }
    if (listing != NULL) {
        (void)closedir(listing);
    }
    return good && any;
}

/* ---- what is fetch's own --------------------------------------------------------------------- */

char *
rf_place_path(const struct rf_place *place, const char *name)
{
    return rf_path_join(place->folder, name);
}

int
rf_place_open_own(const struct rf_place *place, const char *name)
{
    if (place->root < 0) {
        errno = ENOENT;
        return -1;
    }
    return openat(place->root, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
}

rf_code
rf_place_put_own(const struct rf_place *place, const char *name, const char *partial,
                 struct rf_err *reterr)
{
    if (renameat(place->partials, partial, place->root, name) != 0) {
        return rf_fail_errno(reterr, RF_ERR_OUTPUT, name, "cannot be put into place");
    }
    return RF_OK;
}

bool
rf_place_was_cut_off(const struct rf_place *place)
{
    return place->was_cut_off;
}

int
rf_place_open_partial(const struct rf_place *place, const char *name, int flags)
{
    if (place->partials < 0) {
        errno = ENOENT;
        return -1;
    }
    return openat(place->partials, name, flags | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0666);
}

void
rf_place_drop_partial(const struct rf_place *place, const char *name)
{
    if (place->partials >= 0) {
        (void)unlinkat(place->partials, name, 0);
    }
}

bool
rf_place_flush(const struct rf_place *place)
{
    return syncfs(place->root) == 0;
}
