/* SPDX-License-Identifier: MIT */
/* The files of AWS's tools. */
#include "net/aws_profiles.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/limits.h"
#include "base/secret.h"

/** A piece of text, borrowed. */
struct piece {
    const char *bytes;
    size_t count;
};

/** Where the reader is. */
struct reader {
    struct rf_profiles *profiles;
    const char *path;
    bool is_credentials;
    unsigned line;
    bool in_section; /* one that is read */
    bool skipping;   /* in one that is not */
    enum rf_profile_section section;
    char *name;   /* of the section */
    char *parent; /* the key whose value was empty: lines that are indented belong to it */
};

static bool
is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

static struct piece
trim(struct piece piece)
{
    while (piece.count > 0 && is_blank(piece.bytes[0])) {
        piece.bytes++;
        piece.count--;
    }
    while (piece.count > 0 && is_blank(piece.bytes[piece.count - 1])) {
        piece.count--;
    }
    return piece;
}

static rf_code
fail(const struct reader *reader, struct rf_err *reterr, const char *what)
{
    return rf_fail(reterr, RF_ERR_USAGE, reader->path, "line %u: %s", reader->line, what);
}

static void
add(struct reader *reader, char *key, struct piece value)
{
    struct rf_profiles *profiles = reader->profiles;
    RF_GROW(profiles->entries, profiles->room, profiles->count + 1);
    profiles->entries[profiles->count++] = (struct rf_profile_entry){
        .section = reader->section,
        .name = rf_strdup(reader->name),
        .key = key,
        .value = value.count == 0 ? NULL : rf_strndup(value.bytes, value.count),
        .path = reader->path,
    };
}

/* ---- sections -------------------------------------------------------------------------------- */

/** Takes a word off the front of a section's title; false where it is another one. */
static bool
take_word(struct piece *title, const char *word)
{
    size_t bytes = strlen(word);
    if (title->count <= bytes || memcmp(title->bytes, word, bytes) != 0 ||
        !is_blank(title->bytes[bytes])) {
        return false;
    }
    *title = trim((struct piece){title->bytes + bytes, title->count - bytes});
    return true;
}

static bool
is_default(struct piece title)
{
    return title.count == strlen("default") && memcmp(title.bytes, "default", title.count) == 0;
}

/** `[profile x]` of the config, `[x]` of the credentials. Others are other programs'. */
static rf_code
begin_section(struct reader *reader, struct piece line, struct rf_err *reterr)
{
    const char *close = memchr(line.bytes, ']', line.count);
    if (close == NULL) {
        return fail(reader, reterr, "a section's name ends in ]");
    }
    struct piece title = trim((struct piece){line.bytes + 1, (size_t)(close - line.bytes) - 1});
    bool known = true;
    reader->section = RF_PROFILE;
    if (!reader->is_credentials) {
        if (take_word(&title, "sso-session")) {
            reader->section = RF_SSO_SESSION;
        } else if (take_word(&title, "services")) {
            reader->section = RF_SERVICES;
        } else {
            known = take_word(&title, "profile") || is_default(title);
        }
    }
    if (title.count > 1 && (title.bytes[0] == '"' || title.bytes[0] == '\'') &&
        title.bytes[title.count - 1] == title.bytes[0]) {
        title = (struct piece){title.bytes + 1, title.count - 2};
    }
    free(reader->name);
    free(reader->parent);
    reader->parent = NULL;
    reader->name = rf_strndup(title.bytes, title.count);
    reader->in_section = known;
    reader->skipping = !known;
    if (known) {
        add(reader, NULL, (struct piece){NULL, 0});
    }
    return RF_OK;
}

/* ---- settings -------------------------------------------------------------------------------- */

/** Without the comment behind it. */
static struct piece
value_of(struct piece text)
{
    for (size_t i = 1; i < text.count; i++) {
        if ((text.bytes[i] == '#' || text.bytes[i] == ';') && is_blank(text.bytes[i - 1])) {
            text.count = i;
        }
    }
    return trim(text);
}

static char *
lower(struct piece piece)
{
    char *copy = rf_strndup(piece.bytes, piece.count);
    for (char *at = copy; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    return copy;
}

/** An indented line behind a value: more of it. */
static void
go_on(struct rf_profile_entry *entry, struct piece more)
{
    char *whole = rf_format("%s %.*s", entry->value, (int)more.count, more.bytes);
    rf_secret_free(entry->value);
    entry->value = whole;
}

static rf_code
take_setting(struct reader *reader, struct piece line, bool indented, struct rf_err *reterr)
{
    struct rf_profiles *profiles = reader->profiles;
    struct rf_profile_entry *last =
        profiles->count == 0 ? NULL : &profiles->entries[profiles->count - 1];
    if (reader->skipping) {
        return RF_OK;
    }
    if (!reader->in_section) {
        return fail(reader, reterr, "a setting stands in front of the first [section]");
    }
    if (indented && reader->parent == NULL && last != NULL && last->value != NULL) {
        go_on(last, line);
        return RF_OK;
    }
    const char *equals = memchr(line.bytes, '=', line.count);
    if (equals == NULL || equals == line.bytes) {
        return fail(reader, reterr, "is neither [section] nor key = value");
    }
    char *key = lower(trim((struct piece){line.bytes, (size_t)(equals - line.bytes)}));
    struct piece value =
        value_of((struct piece){equals + 1, line.count - (size_t)(equals - line.bytes) - 1});
    if (indented && reader->parent != NULL) {
        char *inner = key;
        key = rf_format("%s.%s", reader->parent, inner);
        free(inner);
    } else {
        free(reader->parent);
        reader->parent = value.count == 0 ? rf_strdup(key) : NULL;
    }
    add(reader, key, value);
    return RF_OK;
}

static rf_code
take_line(struct reader *reader, struct piece line, struct rf_err *reterr)
{
    if (line.count > 0 && line.bytes[line.count - 1] == '\r') {
        line.count--;
    }
    bool indented = line.count > 0 && is_blank(line.bytes[0]);
    line = trim(line);
    if (line.count == 0 || line.bytes[0] == '#' || line.bytes[0] == ';') {
        return RF_OK;
    }
    if (memchr(line.bytes, '\0', line.count) != NULL) {
        return fail(reader, reterr, "holds a NUL byte");
    }
    return line.bytes[0] == '[' ? begin_section(reader, line, reterr)
                                : take_setting(reader, line, indented, reterr);
}

rf_code
rf_profiles_parse(struct rf_profiles *profiles, const char *text, size_t bytes, const char *path,
                  bool is_credentials, struct rf_err *reterr)
{
    struct reader reader = {
        .profiles = profiles, .path = path, .is_credentials = is_credentials, .line = 1};
    static const char mark[] = "\xef\xbb\xbf"; /* some editors begin a file with it */
    size_t at = bytes >= 3 && memcmp(text, mark, 3) == 0 ? 3 : 0;
    rf_code code = RF_OK;
    for (; code == RF_OK && at < bytes; reader.line++) {
        const char *feed = memchr(text + at, '\n', bytes - at);
        size_t count = (feed == NULL ? bytes : (size_t)(feed - text)) - at;
        code = take_line(&reader, (struct piece){text + at, count}, reterr);
        at += count + 1;
    }
    free(reader.name);
    free(reader.parent);
    return code;
}

rf_code
rf_profiles_read(struct rf_profiles *profiles, const char *path, bool is_credentials,
                 struct rf_err *reterr)
{
    struct stat facts;
    struct rf_buf text = {0};
    if (stat(path, &facts) != 0) {
        return errno == ENOENT || errno == ENOTDIR
                   ? RF_OK
                   : rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot look at the file");
    }
    if (S_ISCHR(facts.st_mode)) { /* /dev/null: who does not want any */
        return RF_OK;
    }
    if (S_ISREG(facts.st_mode) && (uint64_t)facts.st_size > RF_LIMIT_PROFILES_BYTES) {
        return rf_fail(reterr, RF_ERR_USAGE, path,
                       "is no file of AWS profiles: it has more than %d KiB",
                       (int)(RF_LIMIT_PROFILES_BYTES / RF_KIB));
    }
    if (S_ISREG(facts.st_mode)) { /* never moved, so that no copy is left behind */
        rf_buf_reserve(&text, (size_t)facts.st_size + 1);
    }
    rf_code code = rf_file_read(path, &text, reterr);
    if (code == RF_OK && text.used > 0) {
        code = rf_profiles_parse(profiles, text.bytes, text.used, path, is_credentials, reterr);
    } else if (code != RF_OK && reterr != NULL) {
        code = reterr->code = RF_ERR_USAGE;
    }
    rf_secret_done(&text);
    return code;
}

void
rf_profiles_done(struct rf_profiles *profiles)
{
    for (size_t i = 0; i < profiles->count; i++) {
        free(profiles->entries[i].name);
        free(profiles->entries[i].key);
        rf_secret_free(profiles->entries[i].value);
    }
    free(profiles->entries);
    memset(profiles, 0, sizeof(*profiles));
}

/* ---- asking ---------------------------------------------------------------------------------- */

static bool
is_of(const struct rf_profile_entry *entry, enum rf_profile_section section, const char *name)
{
    return entry->section == section && strcmp(entry->name, name) == 0;
}

bool
rf_profiles_have(const struct rf_profiles *profiles, enum rf_profile_section section,
                 const char *name)
{
    for (size_t i = 0; i < profiles->count; i++) {
        if (is_of(&profiles->entries[i], section, name)) {
            return true;
        }
    }
    return false;
}

const struct rf_profile_entry *
rf_profiles_find(const struct rf_profiles *profiles, enum rf_profile_section section,
                 const char *name, const char *key)
{
    for (size_t i = profiles->count; i-- > 0;) {
        const struct rf_profile_entry *entry = &profiles->entries[i];
        if (is_of(entry, section, name) && entry->key != NULL && strcmp(entry->key, key) == 0) {
            return entry->value == NULL ? NULL : entry;
        }
    }
    return NULL;
}
