/* SPDX-License-Identifier: MIT */
/* Addresses of sources. */
#include "net/url.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/alloc.h"
#include "base/buf.h"
#include "base/path.h"
#include "net/libcurl.h"

/* ---- without libcurl: also what is no address at all is looked at -----------------------------
 */

size_t
rf_url_scheme(const char *text)
{
    size_t bytes = 0;
    while (isalnum((unsigned char)text[bytes]) ||
           (text[bytes] != '\0' && strchr("+-.", text[bytes]) != NULL)) {
        bytes++;
    }
    bool is_scheme = isalpha((unsigned char)text[0]) && strncmp(text + bytes, "://", 3) == 0;
    return is_scheme ? bytes : 0;
}

bool
rf_url_is_http(const char *text)
{
    return strncasecmp(text, "http://", 7) == 0 || strncasecmp(text, "https://", 8) == 0;
}

void
rf_url_lower(char *text)
{
    size_t scheme = rf_url_scheme(text);
    size_t bytes = scheme == 0 ? 0 : scheme + 3;
    if (rf_url_is_http(text)) {
        bytes += strcspn(text + bytes, "/?#");
    }
    for (size_t i = 0; i < bytes; i++) {
        text[i] = (char)tolower((unsigned char)text[i]);
    }
}

char *
rf_url_shown(const char *text, bool marked)
{
    size_t scheme = rf_url_scheme(text);
    if (scheme == 0) {
        return rf_strdup(text);
    }
    struct rf_buf shown = {0};
    const char *host = text + scheme + 3;
    size_t host_bytes = strcspn(host, "/?#");
    const char *mark = marked ? "\xe2\x80\xa6" : "";
    rf_buf_add(&shown, text, scheme + 3);
    for (size_t i = host_bytes; i-- > 0;) {
        if (host[i] == '@') { /* the last one: a password may hold others */
            rf_buf_format(&shown, "%s%s", mark, marked ? "@" : "");
            host += i + 1;
            break;
        }
    }
    rf_buf_add(&shown, host, strcspn(host, "?#"));
    if (strchr(host, '?') != NULL) {
        rf_buf_format(&shown, "%s%s", marked ? "?" : "", mark);
    }
    char *text_shown = rf_strdup(rf_buf_text(&shown));
    rf_url_lower(text_shown);
    rf_buf_done(&shown);
    return text_shown;
}

/* ---- with it --------------------------------------------------------------------------------- */

/** One part of an address; owned, NULL where there is none. */
static char *
part_of(CURLU *url, CURLUPart part, unsigned flags)
{
    char *found = NULL;
    char *copy = NULL;
    if (rf_libcurl()->curl_url_get(url, part, &found, flags) == CURLUE_OK) {
        copy = rf_strdup(found);
    }
    rf_libcurl()->curl_free(found);
    return copy;
}

static CURLU *
parse(const char *text)
{
    CURLU *url = rf_libcurl()->curl_url();
    RF_VERIFY(url != NULL);
    if (rf_libcurl()->curl_url_set(url, CURLUPART_URL, text, 0) != CURLUE_OK) {
        rf_libcurl()->curl_url_cleanup(url);
        return NULL;
    }
    return url;
}

static bool
is_loopback_host(const char *host)
{
    int part[4];
    char rest;
    if (strcasecmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0) {
        return true;
    }
    return sscanf(host, "127.%d.%d.%d%c", &part[1], &part[2], &part[3], &rest) == 3;
}

static bool
is_loopback(CURLU *url)
{
    char *host = part_of(url, CURLUPART_HOST, 0);
    char *scheme = part_of(url, CURLUPART_SCHEME, 0);
    bool is =
        host != NULL && scheme != NULL && strcmp(scheme, "http") == 0 && is_loopback_host(host);
    free(host);
    free(scheme);
    return is;
}

bool
rf_url_is_loopback(const char *text)
{
    CURLU *url = parse(text);
    bool is = url != NULL && is_loopback(url);
    rf_libcurl()->curl_url_cleanup(url);
    return is;
}

static bool
same_part(CURLU *a, CURLU *b, CURLUPart part)
{
    char *in_a = part_of(a, part, CURLU_DEFAULT_PORT);
    char *in_b = part_of(b, part, CURLU_DEFAULT_PORT);
    bool same = in_a != NULL && in_b != NULL && strcasecmp(in_a, in_b) == 0;
    free(in_a);
    free(in_b);
    return same;
}

bool
rf_url_same_host(const char *a, const char *b)
{
    CURLU *url_a = parse(a);
    CURLU *url_b = parse(b);
    bool same = url_a != NULL && url_b != NULL && same_part(url_a, url_b, CURLUPART_SCHEME) &&
                same_part(url_a, url_b, CURLUPART_HOST) && same_part(url_a, url_b, CURLUPART_PORT);
    rf_libcurl()->curl_url_cleanup(url_a);
    rf_libcurl()->curl_url_cleanup(url_b);
    return same;
}

char *
rf_url_prefix(const char *base)
{
    CURLU *url = parse(base);
    char *path = url == NULL ? NULL : part_of(url, CURLUPART_PATH, CURLU_URLDECODE);
    const char *front = path == NULL ? "" : path + (path[0] == '/');
    size_t bytes = strlen(front);
    char *prefix = rf_format("%s%s", front, bytes == 0 || front[bytes - 1] == '/' ? "" : "/");
    rf_libcurl()->curl_url_cleanup(url);
    free(path);
    return prefix;
}

static rf_code
check_base(CURLU *url, const char *shown, struct rf_err *reterr)
{
    char *scheme = part_of(url, CURLUPART_SCHEME, 0);
    char *fragment = part_of(url, CURLUPART_FRAGMENT, 0);
    bool safe = scheme != NULL && (strcmp(scheme, "https") == 0 || is_loopback(url));
    rf_code code = RF_OK;
    if (!safe) {
        code = rf_fail(reterr, RF_ERR_USAGE, shown,
                       "http:// is read from this machine only (localhost, 127.0.0.1, [::1]): "
                       "what comes over a network without TLS may be anyone's; use https://");
    } else if (fragment != NULL) {
        code = rf_fail(reterr, RF_ERR_USAGE, shown, "a fragment (#...) means nothing here");
    }
    free(scheme);
    free(fragment);
    return code;
}

static rf_code
set_path(CURLU *url, const char *key, const char *shown, struct rf_err *reterr)
{
    /* The base's path is encoded already, or meant as it stands. */
    char *path = part_of(url, CURLUPART_PATH, 0);
    CURLU *other = rf_libcurl()->curl_url();
    RF_VERIFY(path != NULL && other != NULL);
    CURLUcode result = rf_libcurl()->curl_url_set(other, CURLUPART_PATH, key, CURLU_URLENCODE);
    char *encoded = result == CURLUE_OK ? part_of(other, CURLUPART_PATH, 0) : NULL;
    if (encoded != NULL) {
        char *whole = rf_path_below(path, encoded[0] == '/' ? encoded + 1 : encoded);
        result = rf_libcurl()->curl_url_set(url, CURLUPART_PATH, whole, 0);
        free(whole);
    }
    rf_libcurl()->curl_url_cleanup(other);
    free(path);
    free(encoded);
    return result == CURLUE_OK ? RF_OK
                               : rf_fail(reterr, RF_ERR_USAGE, shown, "is no address: %s",
                                         rf_libcurl()->curl_url_strerror(result));
}

rf_code
rf_url_join(const char *base, const char *key, char **ret, struct rf_err *reterr)
{
    char *shown = rf_url_shown(base, false);
    CURLU *url = parse(base);
    rf_code code = url == NULL ? rf_fail(reterr, RF_ERR_USAGE, shown, "is no address")
                               : check_base(url, shown, reterr);
    if (code == RF_OK && key[0] != '\0') {
        code = set_path(url, key, shown, reterr);
    }
    if (code == RF_OK) {
        *ret = part_of(url, CURLUPART_URL, 0);
        RF_VERIFY(*ret != NULL);
    }
    rf_libcurl()->curl_url_cleanup(url);
    free(shown);
    return code;
}
