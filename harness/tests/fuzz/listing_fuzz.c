/* SPDX-License-Identifier: MIT */
/*
 * What S3 and its like answer. The first byte chooses:
 *
 *   page       a page of a listing is refused with words, or holds keys that are keys; written
 *              again, each byte as %XX, it is the same page
 *   error      an error's document is explained, or nothing is said of it
 *   address    an s3:// address is refused with words, or its URL leads to no other host
 *   inventory  a manifest is refused with words, or names its lists
 */
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "net/s3.h"
#include "net/s3_list.h"
#include "tests/fuzz/judge.h"
#include "tests/fuzz/seeds.h"
#include "walk/inventory.h"

const unsigned fuzz_texts = 1;
const char *const fuzz_words[] = {"<Contents>",
                                  "</Contents>",
                                  "<Key>a</Key>",
                                  "<Size>1</Size>",
                                  "<ETag>&quot;x&quot;</ETag>",
                                  "<IsTruncated>true</IsTruncated>",
                                  "<IsTruncated>false</IsTruncated>",
                                  "<NextContinuationToken>t</NextContinuationToken>",
                                  "<CommonPrefixes><Prefix>a/</Prefix></CommonPrefixes>",
                                  "<EncodingType>url</EncodingType>",
                                  "<KeyCount>1</KeyCount>",
                                  "<!DOCTYPE x [<!ENTITY a \"b\">]>",
                                  "&amp;",
                                  "&#10;",
                                  "%2F",
                                  "%00",
                                  "\"fileFormat\":\"CSV\"",
                                  "\"fileSchema\":\"Bucket, Key, Size\"",
                                  NULL};

const char *
fuzz_against(void)
{
    return "writing again";
}

static void
put_name(struct rf_buf *out, const char *front, const char *name, const char *back)
{
    rf_buf_string(out, front);
    for (; *name != '\0'; name++) {
        rf_buf_format(out, "%%%02x", (unsigned char)*name);
    }
    rf_buf_string(out, back);
}

static void
put_page(const struct rf_s3_page *page, struct rf_buf *out)
{
    rf_buf_string(out, "<ListBucketResult><EncodingType>url</EncodingType>");
    for (size_t i = 0; i < page->count; i++) {
        put_name(out, "<Contents><Key>", page->entries[i].key, "</Key>");
        rf_buf_format(out, "<Size>%llu</Size></Contents>",
                      (unsigned long long)page->entries[i].bytes);
    }
    for (size_t i = 0; i < page->folder_count; i++) {
        put_name(out, "<CommonPrefixes><Prefix>", page->folders[i], "</Prefix></CommonPrefixes>");
    }
    rf_buf_format(out, "<IsTruncated>%s</IsTruncated>%s</ListBucketResult>",
                  page->token == NULL ? "false" : "true",
                  page->token == NULL ? "" : "<NextContinuationToken>t</NextContinuationToken>");
}

static void
expect_same(const struct rf_s3_page *a, const struct rf_s3_page *b)
{
    expect(a->count == b->count && a->folder_count == b->folder_count, "another number of keys");
    for (size_t i = 0; i < a->count; i++) {
        const struct rf_s3_entry *one = &a->entries[i];
        const struct rf_s3_entry *other = &b->entries[i];
        expect(strcmp(one->key, other->key) == 0 && one->bytes == other->bytes, "another object");
        expect(one->key[0] != '\0' && one->storage != NULL, "an object without a key or a class");
        expect(one->bytes > 0 || one->key[strlen(one->key) - 1] != '/', "a folder marker is kept");
    }
    for (size_t i = 0; i < a->folder_count; i++) {
        expect(strcmp(a->folders[i], b->folders[i]) == 0, "another folder");
    }
    expect((a->token == NULL) == (b->token == NULL), "another end");
}

static void
try_page(const char *text, size_t bytes)
{
    struct rf_s3_page page = {0};
    struct rf_s3_page again = {0};
    struct rf_err err = {0};
    struct rf_buf written = {0};
    bool accepted = rf_s3_page_read("s3://b", text, bytes, &page, &err) == RF_OK;
    judge(accepted, &err);
    expect(accepted || (page.count == 0 && page.token == NULL), "refused, and left something");
    if (accepted) {
        put_page(&page, &written);
        expect(rf_s3_page_read("s3://b", written.bytes, written.used, &again, &err) == RF_OK,
               "what was read is refused when it is written");
        expect_same(&page, &again);
    }
    rf_s3_page_done(&page);
    rf_s3_page_done(&again);
    rf_buf_done(&written);
}

static void
try_error(const char *text, size_t bytes)
{
    struct rf_http_answer answer = {.status = 403};
    struct rf_buf said = {0};
    rf_buf_add(&answer.body, text, bytes);
    rf_s3_explain(&answer, &said);
    judge(said.used > 0, NULL);
    rf_buf_done(&said);
    rf_buf_done(&answer.body);
}

static void
try_address(const char *text)
{
    static const char host[] = "https://s3.example/";
    struct rf_s3_address address = {0};
    struct rf_err err = {0};
    char *whole_text = rf_format("s3://%s", text);
    bool accepted = rf_s3_address_read(whole_text, &address, &err) == RF_OK;
    judge(accepted, &err);
    if (accepted) {
        char *url = rf_s3_url("https://s3.example", true, address.bucket, address.prefix, NULL);
        expect(strncmp(url, host, strlen(host)) == 0, "a URL of another host");
        expect(strpbrk(url + strlen(host), "?#@ \\\r\n") == NULL, "a URL with more than a path");
        size_t prefix = strlen(address.prefix);
        expect(prefix == 0 || address.prefix[prefix - 1] == '/', "a prefix that is no folder");
        free(url);
    }
    rf_s3_address_done(&address);
    free(whole_text);
}

static void
try_inventory(const char *text, size_t bytes)
{
    struct rf_inventory inventory = {0};
    struct rf_err err = {0};
    bool accepted = rf_inventory_read("manifest.json", text, bytes, &inventory, &err) == RF_OK;
    judge(accepted, &err);
    for (size_t i = 0; i < inventory.file_count; i++) {
        expect(inventory.files[i].key != NULL && strlen(inventory.files[i].md5) == 32,
               "a list without a key or a checksum");
    }
    rf_inventory_done(&inventory);
}

void
fuzz_begin(struct seeds *seeds)
{
    static const char *const made[] = {
        "p<?xml "
        "version=\"1.0\"?><ListBucketResult><Contents><Key>a/b</Key><Size>1</Size></Contents>"
        "<IsTruncated>false</IsTruncated></ListBucketResult>",
        "p<ListBucketResult xmlns=\"x\"><EncodingType>url</EncodingType><KeyCount>2</KeyCount>"
        "<Contents><ETag>&quot;e&quot;</ETag><Key>a%2Bb+</Key><Size>7</Size><StorageClass>GLACIER"
        "</StorageClass></Contents><CommonPrefixes><Prefix>c/</Prefix></CommonPrefixes>"
        "<IsTruncated>true</IsTruncated><NextContinuationToken>t/+=</NextContinuationToken>"
        "</ListBucketResult>",
        "e<Error><Code>NoSuchBucket</Code><Message>m</Message></Error>",
        "e<Error><Code>New</Code><Message>m &amp; n</Message></Error>",
        "abucket/prefix/of a key",
        "aMy.Bucket-1/../x%2F?y",
        "i{\"sourceBucket\":\"b\",\"fileFormat\":\"CSV\",\"fileSchema\":\"Bucket, Key, Size\","
        "\"files\":[{\"key\":\"k\",\"size\":1,\"MD5checksum\":\"00000000000000000000000000000000\"}"
        "]}",
    };
    for (size_t i = 0; i < sizeof(made) / sizeof(made[0]); i++) {
        for (int often = 0; often < 8; often++) {
            seeds_add(seeds, made[i], strlen(made[i]));
        }
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *input, size_t bytes)
{
    char *text = rf_strndup((const char *)input, bytes); /* ends in a NUL, as addresses do */
    whole = text;
    whole_bytes = bytes;
    if (bytes > 0) {
        switch (text[0]) {
        case 'e':
            try_error(text + 1, bytes - 1);
            break;
        case 'a':
            try_address(text + 1);
            break;
        case 'i':
            try_inventory(text + 1, bytes - 1);
            break;
        default:
            try_page(text + 1, bytes - 1);
        }
    }
    free(text);
    return 0;
}
