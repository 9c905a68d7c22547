/* SPDX-License-Identifier: MIT */
/* Walking a folder: readdir and fstatat relative to open folders, depth first. */
#include "walk/folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/path.h"

/* One folder of the chain that leads to the one that is being read. */
struct level {
    const struct level *parent;
    dev_t device;
    ino_t inode;
    unsigned depth;
};

struct walk {
    struct rf_object_list *list;
    uint32_t source;
    struct rf_buf path; /* of what is looked at, with the source in front: for messages and keys */
    size_t key_start;   /* where the key begins in `path` */
    struct rf_folder_golden *golden; /* or NULL */
    struct rf_folders *links;        /* or NULL */
    struct rf_err *reterr;
};

static rf_code walk_folder(struct walk *walk, int fd, const struct level *parent);

/** Says why an entry that was listed cannot be looked at. `error` is fstatat's errno. */
static rf_code
entry_fail(struct walk *walk, int folder, const char *name, int error)
{
    const char *path = rf_buf_text(&walk->path);
    struct stat link;
    if (error == ENOENT) {
        bool there = fstatat(folder, name, &link, AT_SYMLINK_NOFOLLOW) == 0;
        return rf_fail(walk->reterr, RF_ERR_SOURCE, path, "%s",
                       there ? "a link to something that does not exist"
                             : "vanished while its folder was listed");
    }
    errno = error;
    return rf_fail_errno(walk->reterr, RF_ERR_SOURCE, path, "cannot be looked at");
}

static bool
is_ancestor(const struct level *level, const struct stat *stat)
{
    for (; level != NULL; level = level->parent) {
        if (level->device == stat->st_dev && level->inode == stat->st_ino) {
            return true;
        }
    }
    return false;
}

/** Whether an object in the golden folder, at this path below it, is a file that refold keeps
 * there: at its top, or below a name with a dot in front. Anything else may be history. */
static bool
is_goldens_own(const struct rf_folder_golden *golden, const char *path)
{
    return path[0] == '.' || (strchr(path, '/') == NULL && golden->owns(golden->path, path));
}

/** The golden folder, that `fd` is open on: all but its own files are objects as others. */
static rf_code
walk_golden(struct walk *walk, int fd, const struct level *level)
{
    size_t kept = walk->list->count;
    size_t below = walk->path.used + 1 - walk->key_start;
    size_t before = kept;
    rf_code code = walk_folder(walk, fd, level);
    for (size_t i = before; i < walk->list->count; i++) {
        struct rf_object *object = &walk->list->items[i];
        if (is_goldens_own(walk->golden, object->key + below)) {
            walk->golden->left_out++;
            rf_object_done(object);
        } else {
            walk->list->items[kept++] = *object;
        }
    }
    walk->list->count = kept;
    return code;
}

/** An entry that is a link: where what it leads to lies. Many links in a row lead into one folder.
 */
static rf_code
note_link(struct walk *walk)
{
    char *path = rf_path_real(rf_buf_text(&walk->path));
    if (path == NULL) {
        return rf_fail_errno(walk->reterr, RF_ERR_SOURCE, rf_buf_text(&walk->path),
                             "its real path cannot be found");
    }
    char *slash = strrchr(path, '/');
    slash[slash == path] = '\0';
    rf_folders_add(walk->links, path);
    return RF_OK;
}

static bool
is_link(int folder, const struct dirent *entry)
{
    struct stat stat;
    return entry->d_type == DT_LNK ||
           (entry->d_type == DT_UNKNOWN &&
            fstatat(folder, entry->d_name, &stat, AT_SYMLINK_NOFOLLOW) == 0 &&
            S_ISLNK(stat.st_mode));
}

static rf_code
walk_entry(struct walk *walk, int folder, const struct dirent *entry, const struct level *level)
{
    const char *name = entry->d_name;
    struct stat stat;
    if (fstatat(folder, name, &stat, 0) != 0) {
        return entry_fail(walk, folder, name, errno);
    }
    if (walk->links != NULL && is_link(folder, entry)) {
        RF_TRY(note_link(walk));
    }
    if (!S_ISDIR(stat.st_mode)) {
        char *key = rf_strdup(rf_buf_text(&walk->path) + walk->key_start);
        (void)rf_object_list_add_file(walk->list, key, walk->source, &stat);
        return RF_OK;
    }
    if (is_ancestor(level, &stat)) {
        return RF_OK;
    }
    if (level->depth == RF_FOLDER_DEPTH) {
        return rf_fail(walk->reterr, RF_ERR_SOURCE, rf_buf_text(&walk->path),
                       "more than %d folders deep", RF_FOLDER_DEPTH);
    }
    int fd = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return rf_fail_errno(walk->reterr, RF_ERR_SOURCE, rf_buf_text(&walk->path),
                             "the folder cannot be opened");
    }
    if (walk->golden != NULL && walk->golden->stat.st_dev == stat.st_dev &&
        walk->golden->stat.st_ino == stat.st_ino) {
        return walk_golden(walk, fd, level);
    }
    return walk_folder(walk, fd, level);
}

static rf_code
walk_entries(struct walk *walk, DIR *folder, const struct level *level)
{
    size_t path_bytes = walk->path.used;
    for (;;) {
        errno = 0;
        const struct dirent *entry = readdir(folder);
        if (entry == NULL) {
            break;
        }
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0) {
            continue;
        }
        if (walk->path.bytes[path_bytes - 1] != '/') {
            rf_buf_byte(&walk->path, '/');
        }
        rf_buf_string(&walk->path, entry->d_name);
        RF_TRY(walk_entry(walk, dirfd(folder), entry, level));
        walk->path.used = path_bytes;
    }
    if (errno != 0) {
        return rf_fail_errno(walk->reterr, RF_ERR_SOURCE, rf_buf_text(&walk->path),
                             "the folder cannot be read to its end");
    }
    return RF_OK;
}

/** Lists the folder that `fd` is open on, and what lies below; closes `fd`. Recursion is as deep
 * as RF_FOLDER_DEPTH lets it. */
static rf_code
walk_folder(struct walk *walk, int fd, const struct level *parent)
{
    struct stat stat;
    DIR *folder = fstat(fd, &stat) == 0 ? fdopendir(fd) : NULL;
    if (folder == NULL) {
        rf_code code = rf_fail_errno(walk->reterr, RF_ERR_SOURCE, rf_buf_text(&walk->path),
                                     "the folder cannot be read");
        (void)close(fd);
        return code;
    }
    struct level level = {parent, stat.st_dev, stat.st_ino, parent == NULL ? 1 : parent->depth + 1};
    rf_code code = walk_entries(walk, folder, &level);
    (void)closedir(folder);
    return code;
}

rf_code
rf_folder_walk(const char *path, uint32_t source, struct rf_folder_golden *golden,
               struct rf_folders *links, struct rf_object_list *list, struct rf_err *reterr)
{
    struct walk walk = {
        .list = list,
        .source = source,
        .golden = golden,
        .links = links,
        .reterr = reterr,
    };
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_SOURCE, path, "the folder cannot be opened");
    }
    rf_buf_string(&walk.path, path);
    walk.key_start = walk.path.used + (path[walk.path.used - 1] != '/');
    rf_code code = walk_folder(&walk, fd, NULL);
    rf_buf_done(&walk.path);
    return code;
}
