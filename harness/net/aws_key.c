/* SPDX-License-Identifier: MIT */
/* A key at AWS, taken from what programs and servers say. */
#include <string.h>

#include "base/alloc.h"
#include "base/files.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/secret.h"
#include "base/time.h"
#include "net/aws_internal.h"

/** Whether a header can hold it: printable ASCII, no blank. */
static bool
is_plain(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text <= ' ' || *text > '~') {
            return false;
        }
    }
    return true;
}

rf_code
rf_aws_key_set(struct rf_aws_key *key, const char *id, const char *secret, const char *token,
               int64_t expires, rf_code wrong, const char *where, struct rf_err *reterr)
{
    const char *const parts[] = {id, secret, token == NULL ? "-" : token};
    static const char *const names[] = {"access key id", "secret access key", "session token"};
    for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
        if (parts[i] == NULL || parts[i][0] == '\0') {
            return rf_fail(reterr, wrong, where, "has no %s", names[i]);
        }
        if (!is_plain(parts[i])) {
            return rf_fail(reterr, wrong, where,
                           "its %s has a blank, a line's end or another character that no %s has",
                           names[i], names[i]);
        }
    }
    key->id = rf_strdup(id);
    key->secret = rf_strdup(secret);
    key->token = token == NULL ? NULL : rf_strdup(token);
    key->expires = expires;
    return RF_OK;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

char *
rf_aws_json_text(const struct rf_json *doc, uint32_t object, const char *name)
{
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    uint32_t node = rf_json_member(doc, object, name, strlen(name), NULL);
    if (node == RF_JSON_NONE || doc->nodes[node].kind != RF_JSON_STRING) {
        return NULL;
    }
    (void)rf_json_token(doc, node, &count);
    rf_buf_reserve(&scratch, count); /* never moved, so that no copy is left behind */
    rf_json_string(doc, node, &scratch, &bytes, &count);
    char *text = memchr(bytes, '\0', count) != NULL ? NULL : rf_strndup(bytes, count);
    rf_secret_done(&scratch);
    return text;
}

/** When it expires: a time as text, or as a number of seconds or milliseconds. Nobody says: it does
 * not. */
static bool
read_expiry(const struct rf_json *doc, uint32_t object, const char *name, int64_t *ret)
{
    size_t count;
    struct rf_time at;
    uint32_t node = rf_json_member(doc, object, name, strlen(name), NULL);
    *ret = INT64_MAX;
    if (node == RF_JSON_NONE || doc->nodes[node].kind == RF_JSON_NULL) {
        return true;
    }
    const char *token = rf_json_token(doc, node, &count);
    bool read = doc->nodes[node].kind == RF_JSON_NUMBER   ? rf_time_from_number(token, count, &at)
                : doc->nodes[node].kind == RF_JSON_STRING ? rf_time_parse(token + 1, count - 2, &at)
                                                          : false;
    *ret = read ? at.seconds : 0;
    return read;
}

static rf_code
read_object(const struct rf_json *doc, const struct rf_aws_key_names *names, const char *where,
            struct rf_aws_key *ret, struct rf_err *reterr)
{
    int64_t expires;
    uint32_t object = names->within == NULL
                          ? 0
                          : rf_json_member(doc, 0, names->within, strlen(names->within), NULL);
    if (object == RF_JSON_NONE || doc->nodes[object].kind != RF_JSON_OBJECT) {
        return rf_fail(reterr, RF_ERR_SOURCE, where, "gave JSON without credentials");
    }
    if (!read_expiry(doc, object, names->expires, &expires)) {
        return rf_fail(reterr, RF_ERR_SOURCE, where, "its \"%s\" is no time", names->expires);
    }
    char *id = rf_aws_json_text(doc, object, names->id);
    char *secret = rf_aws_json_text(doc, object, names->secret);
    char *token = rf_aws_json_text(doc, object, names->token);
    rf_code code =
        names->token_needed && token == NULL
            ? rf_fail(reterr, RF_ERR_SOURCE, where, "has no session token (\"%s\")", names->token)
            : rf_aws_key_set(ret, id, secret, token, expires, RF_ERR_SOURCE, where, reterr);
    rf_secret_free(id);
    rf_secret_free(secret);
    rf_secret_free(token);
    return code;
}

rf_code
rf_aws_key_read(const char *json, size_t bytes, const struct rf_aws_key_names *names,
                const char *where, struct rf_aws_key *ret, struct rf_err *reterr)
{
    struct rf_json doc = {0};
    struct rf_err err = {0};
    rf_code code = rf_json_read_whole(&doc, json, bytes, &err) != RF_OK
                       ? rf_fail(reterr, RF_ERR_SOURCE, where, "gave no JSON: %s", err.text)
                       : read_object(&doc, names, where, ret, reterr);
    rf_json_done(&doc);
    return code;
}

/* ---- files ----------------------------------------------------------------------------------- */

rf_code
rf_aws_token_file(const char *path, char **ret, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    rf_buf_reserve(&text, RF_LIMIT_CREDENTIALS_BYTES + 1);
    rf_code code = rf_file_read(path, &text, reterr);
    while (text.used > 0 && strchr("\r\n", text.bytes[text.used - 1]) != NULL) {
        text.used--;
    }
    if (code != RF_OK) {
        code = RF_ERR_USAGE;
    } else if (text.used == 0 || text.used > RF_LIMIT_CREDENTIALS_BYTES ||
               strlen(rf_buf_text(&text)) != text.used || !is_plain(rf_buf_text(&text))) {
        code = rf_fail(reterr, RF_ERR_USAGE, path, "holds no token: that is one line of text");
    } else {
        *ret = rf_strndup(text.bytes, text.used);
    }
    if (reterr != NULL && code != RF_OK) {
        reterr->code = code;
    }
    rf_secret_done(&text);
    return code;
}
