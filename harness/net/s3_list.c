/* SPDX-License-Identifier: MIT */
/* Listings of a bucket, page by page. */
#include "net/s3_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/limits.h"
#include "base/time.h"
#include "net/s3.h"
#include "net/xml.h"

void
rf_s3_page_done(struct rf_s3_page *page)
{
    for (size_t i = 0; i < page->count; i++) {
        free(page->entries[i].key);
        free(page->entries[i].etag);
    }
    for (size_t i = 0; i < page->folder_count; i++) {
        free(page->folders[i]);
    }
    free(page->entries);
    free(page->folders);
    free(page->token);
    *page = (struct rf_s3_page){0};
}

const char *
rf_s3_storage(const char *name, size_t bytes)
{
    static const char *const classes[] = {
        "STANDARD",   "STANDARD_IA",     "ONEZONE_IA",   "INTELLIGENT_TIERING",
        "GLACIER_IR", "GLACIER",         "DEEP_ARCHIVE", "REDUCED_REDUNDANCY",
        "OUTPOSTS",   "EXPRESS_ONEZONE", "SNOW",
    };
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++) {
        if (strlen(classes[i]) == bytes && memcmp(classes[i], name, bytes) == 0) {
            return classes[i];
        }
    }
    return bytes == 0 ? classes[0] : "other";
}

char *
rf_s3_etag(const char *text, size_t bytes)
{
    bool quoted = memchr(text, '"', bytes) != NULL;
    if (bytes == 0 || (bytes == 2 && memcmp(text, "\"\"", 2) == 0)) {
        return NULL;
    }
    return quoted ? rf_strndup(text, bytes) : rf_format("\"%.*s\"", (int)bytes, text);
}

static int
hex_value(char byte)
{
    return byte >= '0' && byte <= '9'   ? byte - '0'
           : byte >= 'a' && byte <= 'f' ? byte - 'a' + 10
           : byte >= 'A' && byte <= 'F' ? byte - 'A' + 10
                                        : -1;
}

bool
rf_s3_decode(struct rf_buf *out, const char *text, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        char byte = text[i];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%') {
            int high = i + 2 < bytes ? hex_value(text[i + 1]) : -1;
            int low = high >= 0 ? hex_value(text[i + 2]) : -1;
            if (low < 0) {
                return false;
            }
            byte = (char)(high * 16 + low);
            i += 2;
        }
        if (byte == '\0') {
            return false;
        }
        rf_buf_byte(out, byte);
    }
    return true;
}

/* ---- one page -------------------------------------------------------------------------------- */

enum { SAID_NOT, SAID_NO, SAID_YES };

/** A page that is being read. */
struct reading {
    const char *where;
    struct rf_s3_page *page;
    struct rf_s3_entry entry; /* the one at hand: owned here until it is whole */
    bool has_bytes;
    int truncated;
    bool encoded; /* keys are as URLs; what is so is decoded behind the last element */
    bool has_count;
    uint64_t said_count;
};

static rf_code
fail(const struct reading *reading, struct rf_err *reterr, const char *why)
{
    return rf_fail(reterr, RF_ERR_SOURCE, reading->where, "the server's listing is no good: %s",
                   why);
}

/** Takes a text that may be there once. */
static rf_code
take_once(const struct reading *reading, char **ret, const char *text, size_t bytes,
          struct rf_err *reterr)
{
    if (*ret != NULL) {
        return fail(reading, reterr, "an object has a key, or an ETag, twice");
    }
    *ret = rf_strndup(text, bytes);
    return RF_OK;
}

static bool
read_number(const char *text, size_t bytes, uint64_t *ret)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; i++) {
        uint64_t digit = (uint64_t)(text[i] - '0');
        if (digit > 9 || value > (UINT64_MAX / 2 - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *ret = value;
    return bytes > 0;
}

static rf_code
end_entry(struct reading *reading, struct rf_err *reterr)
{
    struct rf_s3_page *page = reading->page;
    if (reading->entry.key == NULL || reading->entry.key[0] == '\0' || !reading->has_bytes) {
        return fail(reading, reterr, "an object has no key or no size");
    }
    if (reading->entry.storage == NULL) {
        reading->entry.storage = rf_s3_storage("", 0);
    }
    RF_GROW(page->entries, page->room, page->count + 1);
    page->entries[page->count++] = reading->entry;
    reading->entry = (struct rf_s3_entry){0};
    reading->has_bytes = false;
    return RF_OK;
}

/** Something in <Contents>. */
static rf_code
end_in_entry(struct reading *reading, const char *name, const char *text, size_t bytes,
             struct rf_err *reterr)
{
    struct rf_s3_entry *entry = &reading->entry;
    struct rf_time modified;
    if (strcmp(name, "Key") == 0) {
        return take_once(reading, &entry->key, text, bytes, reterr);
    }
    if (strcmp(name, "ETag") == 0) {
        char *etag = rf_s3_etag(text, bytes);
        if (etag == NULL) {
            return RF_OK;
        }
        rf_code code = take_once(reading, &entry->etag, etag, strlen(etag), reterr);
        free(etag);
        return code;
    }
    if (strcmp(name, "Size") == 0) {
        if (reading->has_bytes || !read_number(text, bytes, &entry->bytes)) {
            return fail(reading, reterr, "an object's size is no number");
        }
        reading->has_bytes = true;
    } else if (strcmp(name, "StorageClass") == 0) {
        entry->storage = rf_s3_storage(text, bytes);
    } else if (strcmp(name, "LastModified") == 0 && rf_time_parse(text, bytes, &modified)) {
        entry->modified = modified.seconds;
    }
    return RF_OK;
}

static rf_code
end_folder(struct reading *reading, const char *text, size_t bytes, struct rf_err *reterr)
{
    struct rf_s3_page *page = reading->page;
    if (bytes == 0) {
        return fail(reading, reterr, "a folder has no name");
    }
    RF_GROW(page->folders, page->folder_room, page->folder_count + 1);
    page->folders[page->folder_count++] = rf_strndup(text, bytes);
    return RF_OK;
}

static rf_code
end_truncated(struct reading *reading, const char *text, struct rf_err *reterr)
{
    bool yes = strcmp(text, "true") == 0;
    if (reading->truncated != SAID_NOT || (!yes && strcmp(text, "false") != 0)) {
        return fail(reading, reterr, "IsTruncated is neither true nor false");
    }
    reading->truncated = yes ? SAID_YES : SAID_NO;
    return RF_OK;
}

static rf_code
begin_element(void *context, const char *path, const char *text, size_t bytes,
              struct rf_err *reterr)
{
    (void)text;
    (void)bytes;
    bool is_root = strchr(path + 1, '/') == NULL;
    if (is_root && strcmp(path, "/ListBucketResult") != 0) {
        return fail(context, reterr, "it is another document; is this an S3 endpoint?");
    }
    return RF_OK;
}

static rf_code
end_element(void *context, const char *path, const char *text, size_t bytes, struct rf_err *reterr)
{
    static const char root[] = "/ListBucketResult/";
    static const char contents[] = "Contents/";
    struct reading *reading = context;
    if (strncmp(path, root, strlen(root)) != 0) {
        return RF_OK;
    }
    const char *name = path + strlen(root);
    if (strncmp(name, contents, strlen(contents)) == 0) {
        return end_in_entry(reading, name + strlen(contents), text, bytes, reterr);
    }
    if (strcmp(name, "Contents") == 0) {
        return end_entry(reading, reterr);
    }
    if (strcmp(name, "CommonPrefixes/Prefix") == 0) {
        return end_folder(reading, text, bytes, reterr);
    }
    if (strcmp(name, "IsTruncated") == 0) {
        return end_truncated(reading, text, reterr);
    }
    if (strcmp(name, "NextContinuationToken") == 0) {
        return take_once(reading, &reading->page->token, text, bytes, reterr);
    }
    if (strcmp(name, "EncodingType") == 0) {
        reading->encoded = strcmp(text, "url") == 0;
    } else if (strcmp(name, "KeyCount") == 0) {
        reading->has_count = read_number(text, bytes, &reading->said_count);
    }
    return RF_OK;
}

/** A key or folder, as it is in the bucket. */
static rf_code
decode_name(const struct reading *reading, char **name, struct rf_err *reterr)
{
    if (reading->encoded) {
        struct rf_buf plain = {0};
        bool decoded = rf_s3_decode(&plain, *name, strlen(*name));
        free(*name);
        *name = rf_strndup(plain.bytes == NULL ? "" : plain.bytes, plain.used);
        rf_buf_done(&plain);
        if (!decoded) {
            return fail(reading, reterr, "a key is not encoded as it says, or holds a NUL byte");
        }
    }
    return strlen(*name) <= RF_LIMIT_KEY_BYTES
               ? RF_OK
               : fail(reading, reterr, "a key is longer than RF_LIMIT_KEY_BYTES");
}

/** Behind the last element: keys are decoded, folder markers left out. */
static rf_code
finish_page(struct reading *reading, struct rf_err *reterr)
{
    struct rf_s3_page *page = reading->page;
    size_t kept = 0;
    if (reading->truncated == SAID_NOT) {
        return fail(reading, reterr, "it does not say whether it is cut (IsTruncated)");
    }
    if (reading->truncated == SAID_YES && (page->token == NULL || page->token[0] == '\0')) {
        return fail(reading, reterr,
                    "it goes on, and names no page that does (NextContinuationToken); is this S3's "
                    "ListObjectsV2?");
    }
    if (reading->truncated == SAID_NO && page->token != NULL) {
        if (page->token[0] != '\0') {
            return fail(reading, reterr,
                        "it says that it is the last page (IsTruncated), and names a next one "
                        "(NextContinuationToken)");
        }
        free(page->token);
        page->token = NULL;
    }
    /* Some servers count objects only, not folders. */
    bool counted = reading->said_count == page->count + page->folder_count ||
                   reading->said_count == page->count;
    if (reading->has_count && !counted) {
        return fail(reading, reterr, "it holds another number of keys than it says (KeyCount)");
    }
    for (size_t i = 0; i < page->folder_count; i++) {
        RF_TRY(decode_name(reading, &page->folders[i], reterr));
    }
    for (size_t i = 0; i < page->count; i++) {
        RF_TRY(decode_name(reading, &page->entries[i].key, reterr));
    }
    for (size_t i = 0; i < page->count; i++) {
        struct rf_s3_entry entry = page->entries[i];
        if (entry.bytes == 0 && entry.key[strlen(entry.key) - 1] == '/') {
            free(entry.key);
            free(entry.etag);
            page->markers++;
        } else {
            page->entries[kept++] = entry;
        }
    }
    page->count = kept;
    return RF_OK;
}

rf_code
rf_s3_page_read(const char *where, const char *bytes, size_t count, struct rf_s3_page *ret,
                struct rf_err *reterr)
{
    struct rf_s3_page page = {0};
    struct reading reading = {.where = where, .page = &page};
    struct rf_xml_reader reader = {&reading, begin_element, end_element};
    rf_code code = rf_xml_read(where, bytes, count, &reader, reterr);
    if (code == RF_OK) {
        code = finish_page(&reading, reterr);
    }
    free(reading.entry.key);
    free(reading.entry.etag);
    if (code != RF_OK) {
        rf_s3_page_done(&page);
        return code;
    }
    *ret = page;
    return RF_OK;
}

/* ---- page after page ------------------------------------------------------------------------- */

static void
add_parameter(struct rf_buf *query, const char *name, const char *value)
{
    rf_buf_format(query, "%s%s=", query->used == 0 ? "" : "&", name);
    rf_s3_encode(query, value, strlen(value), false);
}

/** Sorted by name, as a signature wants it. */
static void
make_query(const struct rf_s3_listing *listing, struct rf_buf *query)
{
    if (listing->token != NULL) {
        add_parameter(query, "continuation-token", listing->token);
    }
    if (listing->by_folder) {
        add_parameter(query, "delimiter", "/");
    }
    add_parameter(query, "encoding-type", "url");
    add_parameter(query, "list-type", "2");
    rf_buf_format(query, "&max-keys=%d", RF_S3_PAGE_KEYS);
    add_parameter(query, "prefix", listing->prefix);
    if (listing->token == NULL && listing->start_after != NULL) {
        add_parameter(query, "start-after", listing->start_after);
    }
}

static rf_code
fail_listing(const struct rf_s3_listing *listing, struct rf_err *reterr, const char *why)
{
    return rf_fail(reterr, RF_ERR_SOURCE, listing->where,
                   "the server's listing does not go on at page %" PRIu64 ": %s", listing->pages,
                   why);
}

/** A token that was given before leads round in a circle. One token is kept, for 1, 2, 4, 8 …
 * pages: a circle of any length is found, in constant memory (Brent). */
static rf_code
check_token(struct rf_s3_listing *listing, const char *token, struct rf_err *reterr)
{
    bool same_again = (listing->token != NULL && strcmp(token, listing->token) == 0) ||
                      (listing->seen_token != NULL && strcmp(token, listing->seen_token) == 0);
    if (same_again) {
        return fail_listing(listing, reterr,
                            "it names a page that was read before (NextContinuationToken repeats)");
    }
    if ((listing->pages & (listing->pages - 1)) == 0) {
        free(listing->seen_token);
        listing->seen_token = rf_strdup(token);
    }
    return RF_OK;
}

/** @before  the one in front of it on its page, or NULL */
static rf_code
check_name(const struct rf_s3_listing *listing, const char *name, const char *before,
           const char **greatest, struct rf_err *reterr)
{
    if (strncmp(name, listing->prefix, strlen(listing->prefix)) != 0) {
        return fail_listing(listing, reterr, "a key is not below the prefix that was asked for");
    }
    const char *last = listing->last == NULL ? listing->start_after : listing->last;
    bool back =
        (last != NULL && strcmp(name, last) <= 0) || (before != NULL && strcmp(name, before) <= 0);
    if (back && !listing->unordered) {
        return fail_listing(listing, reterr,
                            "its keys go back, or come again; objects may be missing");
    }
    *greatest = *greatest == NULL || strcmp(name, *greatest) > 0 ? name : *greatest;
    return RF_OK;
}

static rf_code
check_page(struct rf_s3_listing *listing, const struct rf_s3_page *page, struct rf_err *reterr)
{
    const char *greatest = NULL;
    const char *before = NULL;
    if (page->folder_count > 0 && !listing->by_folder) {
        return fail_listing(listing, reterr,
                            "it names folders (CommonPrefixes) where all objects were asked for; "
                            "objects may be missing");
    }
    for (size_t i = 0; i < page->count; i++, before = page->entries[i - 1].key) {
        RF_TRY(check_name(listing, page->entries[i].key, before, &greatest, reterr));
    }
    before = NULL;
    for (size_t i = 0; i < page->folder_count; i++, before = page->folders[i - 1]) {
        RF_TRY(check_name(listing, page->folders[i], before, &greatest, reterr));
    }
    if (greatest != NULL) {
        free(listing->last);
        listing->last = rf_strdup(greatest);
    }
    listing->empty = greatest == NULL ? listing->empty + 1 : 0;
    if (listing->empty > RF_S3_EMPTY_PAGES) {
        return fail_listing(listing, reterr, "page after page holds nothing");
    }
    return page->token == NULL ? RF_OK : check_token(listing, page->token, reterr);
}

rf_code
rf_s3_list_next(struct rf_s3_listing *listing, struct rf_s3_page *ret, bool *ret_end,
                struct rf_err *reterr)
{
    rf_s3_page_done(ret);
    *ret_end = listing->ended;
    if (listing->ended) {
        return RF_OK;
    }
    struct rf_buf query = {0};
    struct rf_buf answer = {0};
    make_query(listing, &query);
    listing->pages++;
    rf_code code = listing->ask(listing->context, rf_buf_text(&query), &answer, reterr);
    if (code == RF_OK) {
        code = rf_s3_page_read(listing->where, answer.bytes, answer.used, ret, reterr);
    }
    if (code == RF_OK) {
        code = check_page(listing, ret, reterr);
    }
    if (code == RF_OK) {
        free(listing->token);
        listing->token = ret->token == NULL ? NULL : rf_strdup(ret->token);
        listing->ended = ret->token == NULL;
    }
    rf_buf_done(&query);
    rf_buf_done(&answer);
    return code;
}

void
rf_s3_listing_done(struct rf_s3_listing *listing)
{
    free(listing->token);
    free(listing->seen_token);
    free(listing->last);
    listing->token = listing->seen_token = listing->last = NULL;
}
