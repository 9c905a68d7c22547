/* SPDX-License-Identifier: MIT */
/* The key with which private values are hashed. */
#include "cli/private_key.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/path.h"
#include "host/spawn.h"

#define VARIABLE "REFOLD_PRIVATE_KEY"

/* 128 bits as hex; "openssl rand -hex 32" gives twice that. */
#define KEY_BYTES_LEAST 32
#define KEY_BYTES_MOST  4096
/* "changemechangeme…" has fewer different bytes than 32 hex digits by chance ever have (the odds
 * for seven or fewer are below 1 in 10^7). */
#define KEY_KINDS_LEAST 8

#define RECIPE                                                                                     \
    "make one outside of the repository:  (umask 077 && openssl rand -hex 32 > "                   \
    "~/.refold-private-key)"

extern char **environ;

static char *taken; /* what stood in the environment, or NULL */

/* ---- where it is ----------------------------------------------------------------------------- */

void
rf_private_key_take(void)
{
    char *value = getenv(VARIABLE);
    if (value == NULL || taken != NULL) {
        return;
    }
    taken = rf_strdup(value);
    explicit_bzero(value, strlen(value)); /* /proc/PID/environ shows this memory */
    (void)unsetenv(VARIABLE);
}

void
rf_private_key_wipe(struct rf_buf *key)
{
    if (key->bytes != NULL) {
        explicit_bzero(key->bytes, key->room);
    }
    rf_buf_done(key);
}

/* ---- whether it is a secret ------------------------------------------------------------------ */

static rf_code
check_strength(const char *where, const struct rf_buf *key, struct rf_err *reterr)
{
    bool seen[256] = {false};
    size_t kinds = 0;
    for (size_t i = 0; i < key->used; i++) {
        bool *one = &seen[(unsigned char)key->bytes[i]];
        kinds += !*one;
        *one = true;
    }
    if (key->used < KEY_BYTES_LEAST) {
        return rf_fail(reterr, RF_ERR_USAGE, where,
                       "a key of %zu characters can be guessed, %d are the least; " RECIPE,
                       key->used, KEY_BYTES_LEAST);
    }
    if (key->used > KEY_BYTES_MOST) {
        return rf_fail(reterr, RF_ERR_USAGE, where,
                       "is no key: it has more than %d characters; " RECIPE, KEY_BYTES_MOST);
    }
    return kinds >= KEY_KINDS_LEAST
               ? RF_OK
               : rf_fail(reterr, RF_ERR_USAGE, where,
                         "a key with only %zu different characters can be guessed; " RECIPE, kinds);
}

/** Whether a file lies below a folder, links resolved. */
static bool
is_below(const char *file, const char *folder)
{
    char *inner = rf_path_real(file);
    char *outer = rf_path_real(folder);
    size_t bytes = outer == NULL ? 0 : strlen(outer);
    bool below = inner != NULL && outer != NULL && strncmp(inner, outer, bytes) == 0 &&
                 (inner[bytes] == '/' || strcmp(outer, "/") == 0);
    free(inner);
    free(outer);
    return below;
}

/** Whether git has the file. Where there is no git, it has none. */
static bool
is_tracked(const char *path)
{
    char *real = rf_path_real(path);
    char *slash = real == NULL ? NULL : strrchr(real, '/');
    if (slash == NULL) {
        free(real);
        return false;
    }
    *slash = '\0';
    char *name = rf_format(":(literal)%s", slash + 1);
    char git[] = "git", with[] = "-c", quiet[] = "core.fsmonitor=false", at[] = "-C",
         list[] = "ls-files", strict[] = "--error-unmatch", rest[] = "--", root[] = "/";
    char *words[] = {git,  with,   quiet, at,   real[0] == '\0' ? root : real,
                     list, strict, rest,  name, NULL};
    struct rf_capture capture = {
        .program = git,
        .arguments = words,
        .environment = environ,
        .search_path = true,
        .target = STDOUT_FILENO,
        .limit_bytes = 1 << 16,
    };
    struct rf_buf ignored = {0};
    enum rf_captured captured;
    int status = -1;
    struct rf_err err;
    bool tracked = rf_capture_run(&capture, &ignored, &captured, &status, &err) == RF_OK &&
                   WIFEXITED(status) && WEXITSTATUS(status) == 0;
    rf_buf_done(&ignored);
    free(name);
    free(real);
    return tracked;
}

/** A pipe, as a shell's <(…) is, lies nowhere. */
static rf_code
check_place(const char *path, const struct stat *facts, const char *golden, struct rf_err *reterr)
{
    if (S_ISDIR(facts->st_mode)) {
        return rf_fail(reterr, RF_ERR_USAGE, path, "is a folder; name the file with the key");
    }
    if (!S_ISREG(facts->st_mode)) {
        return RF_OK;
    }
    if ((facts->st_mode & (S_IROTH | S_IWOTH)) != 0) {
        return rf_fail(reterr, RF_ERR_USAGE, path,
                       "every user of this machine may read or write this key; chmod 600 it, or "
                       "make another");
    }
    if (is_below(path, golden)) {
        return rf_fail(reterr, RF_ERR_USAGE, path,
                       "the key lies in the golden folder, which is shared with everyone whom it "
                       "should keep out; " RECIPE);
    }
    if (is_tracked(path)) {
        return rf_fail(reterr, RF_ERR_USAGE, path,
                       "git has this key, and with it everyone who has the repository; it is "
                       "burnt: " RECIPE ", then bless anew");
    }
    return RF_OK;
}

/* ---- reading --------------------------------------------------------------------------------- */

static rf_code
read_open(int fd, const char *path, struct rf_buf *ret, struct rf_err *reterr)
{
    ssize_t got;
    rf_buf_reserve(ret, KEY_BYTES_MOST + 64); /* never moved, so that no copy is left behind */
    do {
        got = read(fd, ret->bytes + ret->used, KEY_BYTES_MOST + 3 - ret->used);
        ret->used += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && ret->used < KEY_BYTES_MOST + 3) || (got < 0 && errno == EINTR));
    return got < 0 ? rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the key") : RF_OK;
}

static rf_code
read_file(const char *path, const char *golden, struct rf_buf *ret, struct rf_err *reterr)
{
    struct stat facts;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot open the key file");
    }
    rf_code code = fstat(fd, &facts) != 0
                       ? rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot look at the key file")
                       : check_place(path, &facts, golden, reterr);
    code = code == RF_OK ? read_open(fd, path, ret, reterr) : code;
    (void)close(fd);
    return code;
}

/** A line's end is the editor's, and no part of the key. */
static void
trim(struct rf_buf *key)
{
    while (key->used > 0 &&
           (key->bytes[key->used - 1] == '\n' || key->bytes[key->used - 1] == '\r')) {
        key->used--;
    }
}

rf_code
rf_private_key_read(const struct rf_settings *settings, struct rf_buf *ret, struct rf_err *reterr)
{
    char origin[RF_OPTION_NAME_BYTES];
    const char *file = rf_argument(settings->arguments, RF_OPT_PRIVATE_KEY_FILE);
    bool from_environment = settings->arguments->given[RF_OPT_PRIVATE_KEY_FILE].from_environment;
    const char *text = taken != NULL && taken[0] != '\0' ? taken : NULL;
    if (file != NULL && from_environment && text != NULL) {
        return rf_fail(reterr, RF_ERR_USAGE, VARIABLE,
                       "and %s are both set: one of them is the key",
                       rf_option_origin(settings->arguments, RF_OPT_PRIVATE_KEY_FILE, origin));
    }
    if (file == NULL && text == NULL) {
        file = settings->config.private_key_file;
    }
    if (file != NULL) {
        RF_TRY(read_file(file, settings->golden, ret, reterr));
    } else if (text != NULL) {
        rf_buf_string(ret, text);
    } else {
        return rf_fail(
            reterr, RF_ERR_USAGE, settings->config.path,
            "values are \"private\" there, and there is no key to hash them with; " RECIPE
            ", and name it with --private-key-file, \"private_key_file\" in the config, "
            "or, where CI keeps it as a secret, give it as " VARIABLE);
    }
    trim(ret);
    return check_strength(file != NULL ? file : VARIABLE, ret, reterr);
}
