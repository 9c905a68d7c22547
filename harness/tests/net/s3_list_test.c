/* SPDX-License-Identifier: MIT */
/* Listings: pages that are read, pages that are refused, and pages that would go on for ever. */
#include "net/s3_list.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include <criterion/criterion.h>

#include "tests/net/model_bucket.h"

#define PAGE(inner)                                                                                \
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?><ListBucketResult>" inner "</ListBucketResult>"
#define OBJECT(key) "<Contents><Key>" key "</Key><Size>1</Size></Contents>"
#define LAST        "<IsTruncated>false</IsTruncated>"
#define URL         "<EncodingType>url</EncodingType>"

static rf_code
read_page(const char *text, struct rf_s3_page *page, struct rf_err *err)
{
    memset(page, 0, sizeof(*page));
    memset(err, 0, sizeof(*err));
    return rf_s3_page_read("s3://b", text, strlen(text), page, err);
}

Test(s3_list, a_page_tells_objects_and_folders)
{
    struct rf_s3_page page;
    struct rf_err err;
    cr_assert_eq(
        read_page(
            "<?xml version=\"1.0\"?>\n<ListBucketResult xmlns=\"http://s3/\">\n <Name>b</Name>"
            "<Prefix>x</Prefix><KeyCount>4</KeyCount><IsTruncated>true</IsTruncated>\n"
            "<NextContinuationToken>1ue/+G==</NextContinuationToken>"
            "<Contents><Key>ev/a&amp;b</Key><LastModified>2026-07-13T14:07:12.000Z</LastModified>"
            "<ETag>&quot;9b2c-1&quot;</ETag><Size>5242880</Size><StorageClass>GLACIER</"
            "StorageClass>"
            "</Contents><Contents><Size>0</Size><Key>ev/dir/</Key></Contents>"
            "<Contents><ETag>abc</ETag><Size>7</Size><Key>ev/%41+</Key></Contents>"
            "<CommonPrefixes><Prefix>ev/2026/</Prefix></CommonPrefixes></ListBucketResult>",
            &page, &err),
        RF_OK, "%s", err.text);
    cr_assert_eq(page.count, 2);
    cr_expect_str_eq(page.entries[0].key, "ev/a&b");
    cr_expect_str_eq(page.entries[0].etag, "\"9b2c-1\"");
    cr_expect_str_eq(page.entries[0].storage, "GLACIER");
    cr_expect_eq(page.entries[0].bytes, 5242880);
    cr_expect_eq(page.entries[0].modified, 1783951632);
    cr_expect_str_eq(page.entries[1].key, "ev/%41+", "nothing says that keys are encoded");
    cr_expect_str_eq(page.entries[1].etag, "\"abc\"");
    cr_expect_str_eq(page.entries[1].storage, "STANDARD");
    cr_assert_eq(page.folder_count, 1);
    cr_expect_str_eq(page.folders[0], "ev/2026/");
    cr_expect_str_eq(page.token, "1ue/+G==");
    cr_expect_eq(page.markers, 1);
    rf_s3_page_done(&page);
}

Test(s3_list, an_empty_etag_is_none)
{
    struct rf_s3_page page;
    struct rf_err err;
    cr_assert_eq(read_page(PAGE("<Contents><Key>a</Key><Size>1</Size><ETag></ETag></Contents>"
                                "<Contents><Key>b</Key><Size>1</Size><ETag>&quot;&quot;</ETag>"
                                "</Contents>" LAST),
                           &page, &err),
                 RF_OK, "%s", err.text);
    cr_assert_eq(page.count, 2);
    cr_expect_null(page.entries[0].etag, "it would be the same for all objects");
    cr_expect_null(page.entries[1].etag);
    rf_s3_page_done(&page);
}

Test(s3_list, an_empty_token_of_the_last_page_is_none)
{
    struct rf_s3_page page;
    struct rf_err err;
    cr_assert_eq(read_page(PAGE(OBJECT("a") LAST "<NextContinuationToken/>"), &page, &err), RF_OK,
                 "%s", err.text);
    cr_expect_null(page.token);
    rf_s3_page_done(&page);
}

Test(s3_list, encoded_keys_are_decoded_wherever_the_page_says_so)
{
    struct rf_s3_page page;
    struct rf_err err;
    cr_assert_eq(read_page(PAGE(OBJECT("a+b%2Bc%25%2F..%2f%01%FF%C3%A9") URL LAST), &page, &err),
                 RF_OK);
    cr_expect_str_eq(page.entries[0].key, "a b+c%/../\x01\xff\xc3\xa9");
    rf_s3_page_done(&page);
}

Test(s3_list, folders_count_as_keys_or_do_not)
{
    static const char *const counts[] = {"1", "2", "0", "3"};
    for (size_t i = 0; i < 4; i++) {
        struct rf_s3_page page;
        struct rf_err err;
        char *text = rf_format(
            PAGE("<KeyCount>%s</KeyCount>" OBJECT("a") "<CommonPrefixes><Prefix>"
                                                       "b/</Prefix></CommonPrefixes>" LAST),
            counts[i]);
        cr_expect_eq(read_page(text, &page, &err), i < 2 ? RF_OK : RF_ERR_SOURCE, "%s", counts[i]);
        rf_s3_page_done(&page);
        free(text);
    }
}

Test(s3_list, what_is_no_whole_listing_is_refused)
{
    static const struct {
        const char *text;
        const char *says;
    } rows[] = {
        {"", "no element"},
        {"<html><body>Welcome</body></html>", "is this an S3 endpoint?"},
        {"{}", "no whole XML"},
        {PAGE(OBJECT("a")), "IsTruncated"},
        {PAGE("<IsTruncated>yes</IsTruncated>"), "IsTruncated"},
        {PAGE(LAST LAST), "IsTruncated"},
        {PAGE("<IsTruncated>true</IsTruncated>" OBJECT("a")), "NextContinuationToken"},
        {PAGE("<IsTruncated>true</IsTruncated><NextContinuationToken/>" OBJECT("a")),
         "NextContinuationToken"},
        {PAGE(LAST "<NextContinuationToken>t</NextContinuationToken>" OBJECT("a")),
         "says that it is the last page"},
        {PAGE("<Contents><Key>a</Key></Contents>" LAST), "no key or no size"},
        {PAGE("<Contents><Size>1</Size></Contents>" LAST), "no key or no size"},
        {PAGE("<Contents><Key></Key><Size>1</Size></Contents>" LAST), "no key or no size"},
        {PAGE("<Contents><Key>a</Key><Key>b</Key><Size>1</Size></Contents>" LAST), "twice"},
        {PAGE("<Contents><Key>a</Key><Size>-1</Size></Contents>" LAST), "size is no number"},
        {PAGE("<Contents><Key>a</Key><Size>99999999999999999999</Size></Contents>" LAST),
         "size is no number"},
        {PAGE(URL OBJECT("a%2") LAST), "not encoded"},
        {PAGE(URL OBJECT("a%zz") LAST), "not encoded"},
        {PAGE(URL OBJECT("a%00b") LAST), "NUL"},
        {PAGE("<KeyCount>2</KeyCount>" OBJECT("a") LAST), "KeyCount"},
        {PAGE("<CommonPrefixes><Prefix></Prefix></CommonPrefixes>" LAST), "no name"},
        {"<ListBucketResult>" LAST OBJECT("a"), "no whole XML"},
        {"<ListBucketResult>" LAST "</ListBucketResult><x/>", "no whole XML"},
        {"<!DOCTYPE l [<!ENTITY a \"aa\"><!ENTITY b "
         "\"&a;&a;&a;\">]><ListBucketResult><Name>&b;</Name>" LAST "</ListBucketResult>",
         "document type"},
        {PAGE("<a><b><c><d><e><f><g><h><i><j><k><l><m><n><o><p><q/></p></o></n></m></l></k></j></"
              "i></h></g></f>"
              "</e></d></c></b></a>" LAST),
         "too deep"},
    };
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct rf_s3_page page;
        struct rf_err err;
        cr_expect_eq(read_page(rows[i].text, &page, &err), RF_ERR_SOURCE, "%s", rows[i].text);
        cr_expect(strstr(err.text, rows[i].says) != NULL, "%s: %s", rows[i].text, err.text);
    }
}

Test(s3_list, a_page_that_is_cut_anywhere_is_refused)
{
    static const char whole[] = PAGE(
        URL OBJECT("a") OBJECT("b") "<CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>" LAST);
    for (size_t bytes = 0; bytes + 1 < sizeof(whole); bytes++) {
        struct rf_s3_page page = {0};
        struct rf_err err;
        cr_expect_eq(rf_s3_page_read("s3://b", whole, bytes, &page, &err), RF_ERR_SOURCE, "%zu",
                     bytes);
    }
}

/* ---- page after page ---- */

static struct rf_s3_listing
listing_of(rf_s3_ask_function *ask, void *context)
{
    return (struct rf_s3_listing){.ask = ask, .context = context, .where = "s3://b", .prefix = "k"};
}

/** Reads all pages; counts keys. */
static rf_code
read_all(struct rf_s3_listing *listing, size_t *ret_keys, struct rf_err *err)
{
    struct rf_s3_page page = {0};
    bool end = false;
    rf_code code = RF_OK;
    memset(err, 0, sizeof(*err));
    *ret_keys = 0;
    while (code == RF_OK && !end) {
        code = rf_s3_list_next(listing, &page, &end, err);
        *ret_keys += code == RF_OK ? page.count : 0;
    }
    rf_s3_page_done(&page);
    rf_s3_listing_done(listing);
    return code;
}

Test(s3_list, all_pages_of_a_bucket_give_all_its_keys)
{
    struct model_bucket bucket = {.page_keys = 7};
    char key[32];
    for (int i = 0; i < 100; i++) {
        (void)snprintf(key, sizeof(key), "k%03d", i);
        model_add(&bucket, key);
    }
    model_add(&bucket, "j");
    model_add(&bucket, "l");
    model_sort(&bucket);
    struct rf_s3_listing listing = listing_of(model_ask, &bucket);
    struct rf_err err;
    size_t keys;
    cr_expect_eq(read_all(&listing, &keys, &err), RF_OK, "%s", err.text);
    cr_expect_eq(keys, 100);
    cr_expect_eq(bucket.requests, 15);
    model_done(&bucket);
}

/** A server that goes wrong at some page. */
struct liar {
    size_t page;
    size_t circle; /* tokens come again after so many pages */
    bool empty;
    bool back;  /* keys go back at page 3 */
    bool again; /* page 3 is page 2 */
    bool outside;
    bool folder;  /* page 2 has one */
    size_t pages; /* then it ends; 0: never */
};

static rf_code
lie(void *context, const char *query, struct rf_buf *ret, struct rf_err *reterr)
{
    struct liar *liar = context;
    size_t page = ++liar->page;
    (void)query;
    (void)reterr;
    cr_assert(page < 5000, "it goes on for ever");
    size_t shown = liar->back && page == 3 ? 1 : liar->again && page == 3 ? 2 : page;
    rf_buf_string(ret, "<ListBucketResult>");
    if (!liar->empty) {
        rf_buf_format(ret, OBJECT("%s%05zu"), liar->outside && page == 2 ? "x" : "k", shown);
    }
    if (liar->folder && page == 2) {
        rf_buf_string(ret, "<CommonPrefixes><Prefix>k9/</Prefix></CommonPrefixes>");
    }
    if (page == liar->pages) {
        rf_buf_string(ret, LAST);
    } else {
        rf_buf_format(ret,
                      "<IsTruncated>true</IsTruncated><NextContinuationToken>t%zu"
                      "</NextContinuationToken>",
                      liar->circle == 0 ? page : page % liar->circle);
    }
    rf_buf_string(ret, "</ListBucketResult>");
    return RF_OK;
}

static void
expect_lie(struct liar liar, const char *says, size_t at_most)
{
    struct rf_s3_listing listing = listing_of(lie, &liar);
    struct rf_err err;
    size_t keys;
    cr_expect_eq(read_all(&listing, &keys, &err), RF_ERR_SOURCE, "%s", says);
    cr_expect(strstr(err.text, says) != NULL, "%s: %s", says, err.text);
    cr_expect_leq(liar.page, at_most, "%s: after %zu pages", says, liar.page);
}

Test(s3_list, pages_that_do_not_go_on_are_an_error_and_no_loop)
{
    expect_lie((struct liar){.circle = 1}, "repeats", 2);
    expect_lie((struct liar){.circle = 3, .empty = true}, "repeats", 12);
    expect_lie((struct liar){.circle = 100, .empty = true}, "repeats", 400);
    expect_lie((struct liar){.empty = true}, "holds nothing", RF_S3_EMPTY_PAGES + 1);
    expect_lie((struct liar){.back = true}, "go back, or come again", 3);
    expect_lie((struct liar){.again = true}, "go back, or come again", 3);
    expect_lie((struct liar){.outside = true}, "not below the prefix", 2);
    expect_lie((struct liar){.folder = true}, "names folders", 2);
    struct liar honest = {.pages = 2000};
    struct rf_s3_listing listing = listing_of(lie, &honest);
    struct rf_err err;
    size_t keys;
    cr_expect_eq(read_all(&listing, &keys, &err), RF_OK, "%s", err.text);
    cr_expect_eq(keys, 2000);
    struct liar slow = {.pages = RF_S3_EMPTY_PAGES, .empty = true};
    listing = listing_of(lie, &slow);
    cr_expect_eq(read_all(&listing, &keys, &err), RF_OK, "empty pages may come: %s", err.text);
}

Test(s3_list, parameters_are_sorted_and_encoded)
{
    struct model_bucket bucket = {.page_keys = 1};
    model_add(&bucket, "k a/1");
    model_add(&bucket, "k a/2&<");
    model_sort(&bucket);
    struct rf_s3_listing listing = {.ask = model_ask,
                                    .context = &bucket,
                                    .where = "b",
                                    .prefix = "k a/",
                                    .start_after = "k a/1"};
    struct rf_err err;
    size_t keys;
    cr_expect_eq(read_all(&listing, &keys, &err), RF_OK, "%s", err.text);
    cr_expect_eq(keys, 1, "start-after leaves out the first");
    model_done(&bucket);
}
