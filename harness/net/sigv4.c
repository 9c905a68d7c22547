/* SPDX-License-Identifier: MIT */
/* AWS Signature Version 4. */
#include "net/sigv4.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "base/alloc.h"
#include "base/hex.h"
#include "base/hmac.h"
#include "base/order.h"
#include "base/secret.h"
#include "base/sha256.h"
#include "net/url.h"

#define ALGORITHM    "AWS4-HMAC-SHA256"
#define TOKEN_HEADER "x-amz-security-token"
#define HASH_HEADER  "x-amz-content-sha256"

/** "20130524T000000Z" and NUL. */
#define STAMP_BYTES 17
#define DAY_BYTES   8

void
rf_aws_key_done(struct rf_aws_key *key)
{
    rf_secret_free(key->id);
    rf_secret_free(key->secret);
    rf_secret_free(key->token);
    memset(key, 0, sizeof(*key));
}

/* ---- percent-encoding ------------------------------------------------------------------------ */

static bool
is_unreserved(unsigned char byte)
{
    return (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z') ||
           (byte >= '0' && byte <= '9') || (byte != '\0' && strchr("-._~", byte) != NULL);
}

static void
encode(struct rf_buf *out, const char *bytes, size_t count, bool keep_slash)
{
    static const char digits[] = "0123456789ABCDEF";
    for (size_t i = 0; i < count; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if (is_unreserved(byte) || (keep_slash && byte == '/')) {
            rf_buf_byte(out, (char)byte);
        } else {
            const char escape[] = {'%', digits[byte >> 4], digits[byte & 15]};
            rf_buf_add(out, escape, sizeof(escape));
        }
    }
}

static int
hex_digit(char digit)
{
    if (digit >= '0' && digit <= '9') {
        return digit - '0';
    }
    int lower = tolower((unsigned char)digit);
    return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

/** As every server reads it: a percent sign in front of anything else stands for itself, and so
 * does a plus sign, which only forms take for a blank. */
static void
decode(struct rf_buf *out, const char *bytes, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        int high = bytes[i] == '%' && count - i > 2 ? hex_digit(bytes[i + 1]) : -1;
        int low = high < 0 ? -1 : hex_digit(bytes[i + 2]);
        if (low >= 0) {
            rf_buf_byte(out, (char)(high * 16 + low));
            i += 2;
        } else {
            rf_buf_byte(out, bytes[i]);
        }
    }
}

/** Encoded as a signature has it, however it was encoded before. */
static void
encode_anew(struct rf_buf *out, const char *bytes, size_t count, bool keep_slash)
{
    struct rf_buf plain = {0};
    decode(&plain, bytes, count);
    encode(out, plain.bytes, plain.used, keep_slash);
    rf_buf_done(&plain);
}

/* ---- the address ----------------------------------------------------------------------------- */

/** The parts of "scheme://host/path?query", borrowed from it. */
struct parts {
    const char *host, *path, *query;
    size_t before_host, host_bytes, path_bytes, query_bytes;
};

static bool
split(const char *url, struct parts *ret)
{
    size_t scheme = rf_url_scheme(url);
    if (scheme == 0 || strchr(url, '#') != NULL) {
        return false;
    }
    ret->before_host = scheme + 3;
    ret->host = url + ret->before_host;
    ret->host_bytes = strcspn(ret->host, "/?");
    ret->path = ret->host + ret->host_bytes;
    ret->path_bytes = strcspn(ret->path, "?");
    ret->query = ret->path + ret->path_bytes;
    ret->query += *ret->query == '?';
    ret->query_bytes = strlen(ret->query);
    return ret->host_bytes > 0 && memchr(ret->host, '@', ret->host_bytes) == NULL;
}

/** How much of the host the header of that name holds: without a port that goes without saying. */
static size_t
shown_host_bytes(const char *url, const struct parts *parts)
{
    const char *port = strncasecmp(url, "https:", 6) == 0 ? ":443" : ":80";
    size_t bytes = strlen(port);
    bool usual = parts->host_bytes > bytes &&
                 memcmp(parts->host + parts->host_bytes - bytes, port, bytes) == 0;
    return parts->host_bytes - (usual ? bytes : 0);
}

/** Other services than S3: no `.`, `..` and empty steps, then encoded as it stands. */
static void
add_normal_path(struct rf_buf *out, const char *path, size_t path_bytes)
{
    struct rf_buf normal = {0};
    const char *end = path + path_bytes;
    bool open = true; /* what was added last ends in a slash */
    for (const char *at = path; at < end;) {
        const char *step = at + (*at == '/');
        const char *slash = memchr(step, '/', (size_t)(end - step));
        size_t bytes = (size_t)((slash == NULL ? end : slash) - step);
        bool here = bytes == 0 || (bytes == 1 && step[0] == '.');
        bool up = bytes == 2 && memcmp(step, "..", 2) == 0;
        while (up && normal.used > 0 && normal.bytes[--normal.used] != '/') {
        }
        if (!here && !up) {
            rf_buf_byte(&normal, '/');
            rf_buf_add(&normal, step, bytes);
        }
        at = step + bytes;
        open = here || up;
    }
    if (open || normal.used == 0) {
        rf_buf_byte(&normal, '/');
    }
    encode(out, normal.bytes, normal.used, true);
    rf_buf_done(&normal);
}

struct parameter {
    char *name, *value; /* owned, encoded */
};

static int
compare_parameters(const void *left, const void *right)
{
    const struct parameter *a = left;
    const struct parameter *b = right;
    int order = strcmp(a->name, b->name);
    return order != 0 ? order : strcmp(a->value, b->value);
}

static char *
encoded_copy(const char *bytes, size_t count)
{
    struct rf_buf encoded = {0};
    encode_anew(&encoded, bytes, count, false);
    char *copy = rf_strdup(rf_buf_text(&encoded));
    rf_buf_done(&encoded);
    return copy;
}

static void
add_query(struct rf_buf *out, const char *query, size_t query_bytes)
{
    struct parameter *parameters = NULL;
    size_t count = 0, room = 0;
    const char *end = query + query_bytes;
    for (const char *at = query; at < end; at++) {
        const char *and = memchr(at, '&', (size_t)(end - at));
        const char *last = and == NULL ? end : and;
        const char *equals = memchr(at, '=', (size_t)(last - at));
        const char *name_end = equals == NULL ? last : equals;
        const char *value = equals == NULL ? last : equals + 1;
        if (last > at) {
            RF_GROW(parameters, room, count + 1);
            parameters[count++] = (struct parameter){encoded_copy(at, (size_t)(name_end - at)),
                                                     encoded_copy(value, (size_t)(last - value))};
        }
        at = last;
    }
    if (count > 0) {
        qsort(parameters, count, sizeof(*parameters), compare_parameters);
    }
    for (size_t i = 0; i < count; i++) {
        rf_buf_format(out, "%s%s=%s", i == 0 ? "" : "&", parameters[i].name, parameters[i].value);
        free(parameters[i].name);
        free(parameters[i].value);
    }
    free(parameters);
}

/** The address as it is signed is the address that is sent. */
static void
write_url(struct rf_http_request *request, const struct parts *parts, bool is_s3)
{
    struct rf_buf url = {0};
    rf_buf_add(&url, request->url, parts->before_host + parts->host_bytes);
    for (size_t i = parts->before_host; i < url.used; i++) { /* some servers look at it so */
        url.bytes[i] = (char)tolower((unsigned char)url.bytes[i]);
    }
    if (parts->path_bytes == 0) {
        rf_buf_byte(&url, '/');
    } else if (is_s3) {
        encode_anew(&url, parts->path, parts->path_bytes, true);
    } else {
        rf_buf_add(&url, parts->path, parts->path_bytes);
    }
    size_t before = url.used;
    rf_buf_byte(&url, '?');
    add_query(&url, parts->query, parts->query_bytes);
    url.used -= url.used == before + 1; /* no parameter: no question mark */
    char *written = rf_strdup(rf_buf_text(&url));
    rf_buf_done(&url);
    free(request->url);
    request->url = written;
}

/* ---- headers --------------------------------------------------------------------------------- */

/** What a server in between may add to, take away or write otherwise. */
static bool
may_change_on_the_way(const char *name)
{
    static const char *const changing[] = {
        "authorization", "user-agent",        "accept-encoding", "connection", "expect", "te",
        "host",          "transfer-encoding", "x-amzn-trace-id"};
    for (size_t i = 0; i < sizeof(changing) / sizeof(changing[0]); i++) {
        if (strcasecmp(name, changing[i]) == 0) {
            return true;
        }
    }
    return false;
}

/** A header as it is signed. */
struct line {
    const char *name; /* borrowed, in any case */
    const char *value;
    size_t value_bytes;
    size_t place; /* among all: of one name the first stays the first */
};

static int
compare_lines(const void *left, const void *right)
{
    const struct line *a = left;
    const struct line *b = right;
    int order = strcasecmp(a->name, b->name);
    return order != 0 ? order : RF_ORDER(a->place, b->place);
}

static void
add_lower(struct rf_buf *out, const char *name)
{
    for (; *name != '\0'; name++) {
        rf_buf_byte(out, (char)tolower((unsigned char)*name));
    }
}

/** Without blanks at both ends, and one for several. */
static void
add_value(struct rf_buf *out, const char *value, size_t bytes)
{
    size_t begin = out->used;
    bool blank = false;
    for (size_t i = 0; i < bytes; i++) {
        if (value[i] == ' ' || value[i] == '\t') {
            blank = out->used > begin;
            continue;
        }
        if (blank) {
            rf_buf_byte(out, ' ');
        }
        blank = false;
        rf_buf_byte(out, value[i]);
    }
}

/** The headers' lines, and their names, as they are signed. The lines are reserved at once: they
 * hold a token. */
static void
add_headers(const struct rf_http_request *request, const struct parts *parts, bool hide_token,
            struct rf_buf *lines, struct rf_buf *names)
{
    struct line *signed_lines = rf_calloc(request->headers.count + 1, sizeof(*signed_lines));
    size_t count = 0, bytes = 0;
    signed_lines[count++] =
        (struct line){"host", parts->host, shown_host_bytes(request->url, parts), 0};
    for (size_t i = 0; i < request->headers.count; i++) {
        const struct rf_http_header *header = &request->headers.items[i];
        if (!may_change_on_the_way(header->name)) {
            bool hidden = hide_token && strcasecmp(header->name, TOKEN_HEADER) == 0;
            const char *value = hidden ? "\xe2\x80\xa6" : header->value;
            signed_lines[count] = (struct line){header->name, value, strlen(value), count};
            count++;
            bytes += strlen(header->name) + strlen(value) + 2;
        }
    }
    qsort(signed_lines, count, sizeof(*signed_lines), compare_lines);
    rf_buf_reserve(lines, bytes + parts->host_bytes + 8);
    for (size_t i = 0; i < count; i++) {
        bool again = i > 0 && strcasecmp(signed_lines[i - 1].name, signed_lines[i].name) == 0;
        bool more =
            i + 1 < count && strcasecmp(signed_lines[i].name, signed_lines[i + 1].name) == 0;
        if (!again) {
            add_lower(lines, signed_lines[i].name);
            rf_buf_byte(lines, ':');
            rf_buf_string(names, i == 0 ? "" : ";");
            add_lower(names, signed_lines[i].name);
        }
        add_value(lines, signed_lines[i].value, signed_lines[i].value_bytes);
        rf_buf_byte(lines, more ? ',' : '\n');
    }
    free(signed_lines);
}

/* ---- what is signed -------------------------------------------------------------------------- */

static void
hash_hex(const void *bytes, size_t count, char hex[RF_SHA256_HEX_BYTES])
{
    rf_sha256_make(bytes, count, hex);
}

/** The canonical request; it may hold a token. The address is as write_url left it. */
static void
add_canonical(const struct rf_http_request *request, bool is_s3, bool hide_token,
              struct rf_buf *out, struct rf_buf *names)
{
    struct parts parts;
    struct rf_buf lines = {0};
    char payload[RF_SHA256_HEX_BYTES];
    RF_VERIFY(split(request->url, &parts));
    add_headers(request, &parts, hide_token, &lines, names);
    hash_hex(request->body, request->body_bytes, payload);
    rf_buf_reserve(out, lines.used + names->used + strlen(request->url) * 3 + 128);
    rf_buf_string(out, request->method);
    rf_buf_byte(out, '\n');
    if (is_s3) {
        rf_buf_add(out, parts.path, parts.path_bytes);
    } else {
        add_normal_path(out, parts.path, parts.path_bytes);
    }
    rf_buf_byte(out, '\n');
    rf_buf_add(out, parts.query, parts.query_bytes);
    rf_buf_byte(out, '\n');
    rf_buf_add(out, lines.bytes, lines.used);
    rf_buf_byte(out, '\n');
    rf_buf_add(out, names->bytes, names->used);
    rf_buf_byte(out, '\n');
    rf_buf_string(out, payload);
    rf_secret_done(&lines);
}

static void
derive(unsigned char key[RF_HMAC_BYTES], const void *from, size_t from_bytes, const char *text)
{
    struct rf_hmac *hmac = rf_hmac_new(from, from_bytes);
    rf_hmac_make(hmac, "", 0, text, strlen(text), key);
    rf_hmac_free(hmac);
}

static void
make_signature(const char *secret, const char *day, const char *region, const char *service,
               const char *text, char hex[2 * RF_HMAC_BYTES + 1])
{
    unsigned char key[RF_HMAC_BYTES];
    struct rf_buf first = {0};
    rf_buf_reserve(&first, strlen(secret) + sizeof("AWS4"));
    rf_buf_string(&first, "AWS4");
    rf_buf_string(&first, secret);
    derive(key, first.bytes, first.used, day);
    rf_secret_done(&first);
    derive(key, key, sizeof(key), region);
    derive(key, key, sizeof(key), service);
    derive(key, key, sizeof(key), "aws4_request");
    derive(key, key, sizeof(key), text);
    rf_hex_put(key, sizeof(key), hex);
    explicit_bzero(key, sizeof(key));
}

/** The header itself, of a request that is otherwise whole. */
static void
authorize(struct rf_http_request *request, const struct rf_aws_key *key, const char *stamp,
          const char *region, const char *service)
{
    struct rf_buf canonical = {0}, names = {0};
    char hash[RF_SHA256_HEX_BYTES], signature[2 * RF_HMAC_BYTES + 1];
    char *day = rf_strndup(stamp, DAY_BYTES);
    char *scope = rf_format("%s/%s/%s/aws4_request", day, region, service);
    add_canonical(request, strcmp(service, "s3") == 0, false, &canonical, &names);
    hash_hex(canonical.bytes, canonical.used, hash);
    char *text = rf_format(ALGORITHM "\n%s\n%s\n%s", stamp, scope, hash);
    make_signature(key->secret, day, region, service, text, signature);
    char *header = rf_format(ALGORITHM " Credential=%s/%s, SignedHeaders=%s, Signature=%s", key->id,
                             scope, rf_buf_text(&names), signature);
    rf_http_header_set(request, "Authorization", header);
    explicit_bzero(signature, sizeof(signature));
    rf_secret_free(header);
    rf_secret_done(&canonical);
    rf_buf_done(&names);
    free(text);
    free(scope);
    free(day);
}

rf_code
rf_sigv4_sign(struct rf_http_request *request, const struct rf_aws_key *key, const char *region,
              const char *service, int64_t unix_seconds, struct rf_err *reterr)
{
    struct parts parts;
    struct tm utc;
    char stamp[STAMP_BYTES];
    time_t seconds = (time_t)unix_seconds;
    bool is_s3 = strcmp(service, "s3") == 0;
    if (!split(request->url, &parts)) {
        return rf_fail(reterr, RF_ERR_USAGE, NULL,
                       "an address without a host, with credentials in front of it or with a "
                       "fragment (#...) cannot be signed");
    }
    write_url(request, &parts, is_s3);
    RF_VERIFY(gmtime_r(&seconds, &utc) != NULL &&
              strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", &utc) == STAMP_BYTES - 1);
    rf_http_headers_remove(&request->headers, "Authorization");
    rf_http_headers_remove(&request->headers, TOKEN_HEADER);
    rf_http_header_set(request, "x-amz-date", stamp);
    if (is_s3) {
        char payload[RF_SHA256_HEX_BYTES];
        hash_hex(request->body, request->body_bytes, payload);
        rf_http_header_set(request, HASH_HEADER, payload);
    }
    if (key->token != NULL) {
        rf_http_header_set(request, TOKEN_HEADER, key->token);
    }
    authorize(request, key, stamp, region, service);
    return RF_OK;
}

void
rf_sigv4_explain(const struct rf_http_request *request, const char *service, struct rf_buf *ret)
{
    struct rf_buf names = {0};
    add_canonical(request, strcmp(service, "s3") == 0, true, ret, &names);
    rf_buf_done(&names);
}
