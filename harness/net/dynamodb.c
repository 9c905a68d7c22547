/* SPDX-License-Identifier: MIT */
/* A table of DynamoDB, read over its JSON protocol (API version 2012-08-10). */
#include "net/dynamodb.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/json.h"
#include "net/aws.h"
#include "net/aws_error.h"
#include "net/net.h"

/** A page holds 1 MiB of items by DynamoDB's own measure; as JSON, with binary values in base64 and
 * escapes in strings, a few times as much. */
#define PAGE_BYTES ((size_t)32 << 20)
/** So much of a server's sentence is told. */
#define MESSAGE_BYTES 200
/** The hash key that altairsix/eventsource gives its tables. */
#define HASH_KEY "key"

struct rf_dynamodb {
    struct rf_aws *aws; /* borrowed, as net is */
    struct rf_net *net;
    struct rf_signer signer;
    char *url;
    char *table;
    char *where;
    char *hash_key;
    char hash_type[2]; /* "S" or "N" */
    pthread_mutex_t lock;
    struct rf_dynamodb_counts counts; /* under the lock */
};

struct rf_dynamodb_pages {
    struct rf_dynamodb *table; /* borrowed */
    char *id;                  /* of the hash key; or NULL */
    struct rf_json doc;
    char *from;       /* the key that the next page begins behind, as JSON; NULL: the first page */
    char *remembered; /* one that was there before; or NULL */
    uint64_t since;   /* pages since it was remembered */
    uint64_t until;   /* after so many another one is */
    bool ended;
};

/* ---- errors ---------------------------------------------------------------------------------- */

static bool
is_one_of(const char *code, const char *const *codes)
{
    for (; code != NULL && *codes != NULL; codes++) {
        if (strcmp(code, *codes) == 0) {
            return true;
        }
    }
    return false;
}

/** The engine has tried these again already (net/outcome.c). */
static bool
is_throttled(const char *code)
{
    static const char *const codes[] = {"ProvisionedThroughputExceededException",
                                        "ThrottlingException",
                                        "Throttling",
                                        "RequestLimitExceeded",
                                        "ThrottledException",
                                        NULL};
    return is_one_of(code, codes);
}

static bool
is_denied(const char *code)
{
    static const char *const codes[] = {"AccessDeniedException", "AccessDenied", NULL};
    return is_one_of(code, codes);
}

/** What the server says, cut to what a line can hold. */
static void
add_message(struct rf_buf *text, const struct rf_aws_error *error)
{
    if (error->message != NULL) {
        size_t bytes = strlen(error->message);
        size_t shown = bytes < MESSAGE_BYTES ? bytes : MESSAGE_BYTES;
        rf_buf_format(text, ": %.*s%s", (int)rf_utf8_valid(error->message, shown), error->message,
                      shown < bytes ? "…" : "");
    }
}

static rf_code
fail_answer(struct rf_dynamodb *table, const char *action, const struct rf_http_answer *answer,
            const struct rf_aws_error *error, struct rf_err *reterr)
{
    struct rf_buf text = {0};
    rf_code code = RF_ERR_SOURCE;
    if (is_one_of(error->code, (const char *const[]){"ResourceNotFoundException", NULL})) {
        code = RF_ERR_USAGE;
        rf_buf_format(&text,
                      "there is no table '%s' in %s: its name is spelt otherwise, or it is in "
                      "another region (--region), in another account, or at another endpoint "
                      "(--endpoint-url)",
                      table->table, rf_aws_region(table->aws));
    } else if (is_denied(error->code)) {
        rf_buf_format(&text, "%s was refused", action);
        add_message(&text, error);
        rf_buf_string(&text, "; reading takes dynamodb:DescribeTable, dynamodb:Query and "
                             "dynamodb:Scan on the table");
    } else {
        rf_buf_format(&text, "%s failed with status %ld", action, answer->status);
        if (error->code != NULL) {
            rf_buf_format(&text, ", %s", error->code);
        }
        add_message(&text, error);
        struct rf_buf advice = {0};
        if (rf_aws_advice(table->aws, NULL, answer, &advice)) {
            rf_buf_format(&text, "; %s", rf_buf_text(&advice));
        } else if (is_throttled(error->code)) {
            rf_buf_format(&text, "; it was asked %d times: read the table when less is asked of it",
                          answer->tries);
        }
        rf_buf_done(&advice);
    }
    code = rf_fail(reterr, code, table->where, "%s", rf_buf_text(&text));
    rf_buf_done(&text);
    return code;
}

/** An answer that is none, although its status is well. */
static rf_code
fail_body(const struct rf_dynamodb *table, const char *action, const char *what,
          struct rf_err *reterr)
{
    return rf_fail(reterr, RF_ERR_SOURCE, table->where,
                   "the answer to %s %s: no server of DynamoDB's, or not all of its answer came",
                   action, what);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/** One that was answered, at last. */
static void
count_request(struct rf_dynamodb *table, const struct rf_http_answer *answer)
{
    RF_VERIFY(pthread_mutex_lock(&table->lock) == 0);
    table->counts.requests += (uint64_t)answer->tries;
    table->counts.retries += (uint64_t)answer->tries - 1;
    (void)pthread_mutex_unlock(&table->lock);
}

static rf_code
ask_once(struct rf_dynamodb *table, const char *action, const struct rf_buf *body,
         struct rf_http_answer *ret, struct rf_err *reterr)
{
    struct rf_http_request request = {.method = "POST", .url = rf_strdup(table->url)};
    char *target = rf_format("DynamoDB_20120810.%s", action);
    rf_http_header_set(&request, "Content-Type", "application/x-amz-json-1.0");
    rf_http_header_set(&request, "X-Amz-Target", target);
    request.body = rf_strndup(body->bytes, body->used);
    request.body_bytes = body->used;
    rf_code code = rf_net_ask(table->net, &request, &table->signer, PAGE_BYTES, ret, reterr);
    rf_http_request_done(&request);
    free(target);
    return code;
}

/** Whether the body is what the server's checksum tells; it is, where there is none. */
static bool
is_whole(const struct rf_http_answer *answer)
{
    const char *header = rf_http_headers_find(&answer->headers, "x-amz-crc32");
    if (header == NULL) {
        return true;
    }
    char *end;
    unsigned long wanted = strtoul(header, &end, 10);
    return end != header && *end == '\0' &&
           wanted ==
               crc32(crc32(0, NULL, 0), (const Bytef *)answer->body.bytes, (uInt)answer->body.used);
}

/** @ret         for rf_http_answer_done on RF_OK
 *  @ret_denied  may be NULL; else a refusal is no error, but said here, and there is no answer */
static rf_code
ask(struct rf_dynamodb *table, const char *action, const struct rf_buf *body,
    struct rf_http_answer *ret, bool *ret_denied, struct rf_err *reterr)
{
    rf_code code = RF_OK;
    *ret = (struct rf_http_answer){0};
    RF_TRY(ask_once(table, action, body, ret, reterr));
    count_request(table, ret);
    if (ret->status != 200) {
        struct rf_aws_error error;
        rf_aws_error_read(ret, &error);
        bool denied = ret_denied != NULL && is_denied(error.code);
        if (denied) {
            *ret_denied = true;
        } else {
            code = fail_answer(table, action, ret, &error, reterr);
        }
        rf_aws_error_done(&error);
        rf_http_answer_done(ret);
    } else if (!is_whole(ret)) {
        code = fail_body(table, action, "has not the checksum that it tells", reterr);
        rf_http_answer_done(ret);
    }
    return code;
}

/* ---- the table ------------------------------------------------------------------------------- */

/** Three to 255 of A-Z a-z 0-9 _ - . (AWS, "Naming rules"). */
static bool
is_table_name(const char *name)
{
    size_t bytes =
        strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
    return name[bytes] == '\0' && bytes >= 3 && bytes <= 255;
}

static void
begin_body(const struct rf_dynamodb *table, struct rf_buf *body)
{
    rf_buf_string(body, "{\"TableName\":");
    rf_canon_string(body, table->table, strlen(table->table));
}

static uint32_t
member(const struct rf_json *doc, uint32_t node, const char *key)
{
    return node == RF_JSON_NONE ? RF_JSON_NONE : rf_json_member(doc, node, key, strlen(key), NULL);
}

/** A member that is a string without escapes; NULL: none. Owned. */
static char *
member_text(const struct rf_json *doc, uint32_t node, const char *key)
{
    uint32_t found = member(doc, node, key);
    if (found == RF_JSON_NONE || doc->nodes[found].kind != RF_JSON_STRING) {
        return NULL;
    }
    struct rf_buf scratch = {0};
    const char *bytes;
    size_t count;
    rf_json_string(doc, found, &scratch, &bytes, &count);
    char *text = rf_strndup(bytes, count);
    rf_buf_done(&scratch);
    return text;
}

/** The one of an array's objects in which a member has this value, or RF_JSON_NONE. */
static uint32_t
find_element(const struct rf_json *doc, uint32_t array, const char *key, const char *value)
{
    bool is_array = array != RF_JSON_NONE && doc->nodes[array].kind == RF_JSON_ARRAY;
    uint32_t node = array + 1;
    for (uint32_t left = is_array ? doc->nodes[array].count : 0; left > 0; left--) {
        char *text = member_text(doc, node, key);
        bool same = text != NULL && strcmp(text, value) == 0;
        free(text);
        if (same) {
            return node;
        }
        node = doc->nodes[node].next;
    }
    return RF_JSON_NONE;
}

/** The hash key's name and type, from what DescribeTable answers. */
static rf_code
read_description(struct rf_dynamodb *table, const struct rf_buf *body, struct rf_err *reterr)
{
    struct rf_json doc = {0};
    if (rf_json_read_whole(&doc, body->bytes, body->used, NULL) != RF_OK) {
        rf_json_done(&doc);
        return fail_body(table, "DescribeTable", "is no JSON", reterr);
    }
    uint32_t node = member(&doc, 0, "Table");
    uint32_t hash = find_element(&doc, member(&doc, node, "KeySchema"), "KeyType", "HASH");
    char *name = member_text(&doc, hash, "AttributeName");
    uint32_t attribute =
        name == NULL
            ? RF_JSON_NONE
            : find_element(&doc, member(&doc, node, "AttributeDefinitions"), "AttributeName", name);
    char *type = member_text(&doc, attribute, "AttributeType");
    rf_code code = RF_OK;
    if (type == NULL) {
        code = fail_body(table, "DescribeTable", "tells no hash key", reterr);
    } else if (strcmp(type, "S") != 0 && strcmp(type, "N") != 0) {
        code = rf_fail(reterr, RF_ERR_USAGE, table->where,
                       "its hash key '%s' is neither a string nor a number: it is no id", name);
    } else {
        free(table->hash_key);
        table->hash_key = name;
        table->hash_type[0] = type[0];
        name = NULL;
    }
    free(name);
    free(type);
    rf_json_done(&doc);
    return code;
}

static rf_code
describe(struct rf_dynamodb *table, struct rf_err *reterr)
{
    struct rf_buf body = {0};
    struct rf_http_answer answer;
    bool denied = false;
    begin_body(table, &body);
    rf_buf_byte(&body, '}');
    rf_code code = ask(table, "DescribeTable", &body, &answer, &denied, reterr);
    rf_buf_done(&body);
    if (code != RF_OK || denied) {
        return code;
    }
    code = read_description(table, &answer.body, reterr);
    rf_http_answer_done(&answer);
    return code;
}

rf_code
rf_dynamodb_open(struct rf_aws *aws, struct rf_net *net, const char *name, const char *where,
                 struct rf_dynamodb **ret, struct rf_err *reterr)
{
    if (!is_table_name(name)) {
        return rf_fail(
            reterr, RF_ERR_USAGE, where,
            "is no address of a table: behind :// stands its name, 3 to 255 of A-Z a-z 0-9 _ "
            "- .");
    }
    RF_TRY(rf_net_check(where, reterr));
    struct rf_dynamodb *table = rf_calloc(1, sizeof(*table));
    RF_VERIFY(pthread_mutex_init(&table->lock, NULL) == 0);
    char *endpoint = rf_aws_endpoint(aws, "dynamodb");
    table->aws = aws;
    table->net = net;
    table->url = rf_format("%s/", endpoint);
    table->table = rf_strdup(name);
    table->where = rf_strdup(where);
    table->hash_key = rf_strdup(HASH_KEY);
    table->hash_type[0] = 'S';
    free(endpoint);
    rf_code code = rf_aws_signer(aws, "dynamodb", NULL, &table->signer, reterr);
    code = code == RF_OK ? describe(table, reterr) : code;
    if (code != RF_OK) {
        rf_dynamodb_free(table);
        return code;
    }
    *ret = table;
    return RF_OK;
}

void
rf_dynamodb_free(struct rf_dynamodb *table)
{
    if (table != NULL) {
        (void)pthread_mutex_destroy(&table->lock);
        free(table->url);
        free(table->table);
        free(table->where);
        free(table->hash_key);
        free(table);
    }
}

bool
rf_dynamodb_is_keyed_by_id(const struct rf_dynamodb *table)
{
    return strcmp(table->hash_key, HASH_KEY) == 0;
}

struct rf_dynamodb_counts
rf_dynamodb_counts(struct rf_dynamodb *table)
{
    RF_VERIFY(pthread_mutex_lock(&table->lock) == 0);
    struct rf_dynamodb_counts counts = table->counts;
    (void)pthread_mutex_unlock(&table->lock);
    return counts;
}

/* ---- its pages ------------------------------------------------------------------------------- */

struct rf_dynamodb_pages *
rf_dynamodb_pages_new(struct rf_dynamodb *table, const char *id)
{
    struct rf_dynamodb_pages *pages = rf_calloc(1, sizeof(*pages));
    pages->table = table;
    pages->id = id == NULL ? NULL : rf_strdup(id);
    pages->until = 1;
    return pages;
}

void
rf_dynamodb_pages_free(struct rf_dynamodb_pages *pages)
{
    if (pages != NULL) {
        rf_json_done(&pages->doc);
        free(pages->id);
        free(pages->from);
        free(pages->remembered);
        free(pages);
    }
}

static void
write_body(const struct rf_dynamodb_pages *pages, struct rf_buf *body)
{
    const struct rf_dynamodb *table = pages->table;
    begin_body(table, body);
    rf_buf_string(body, ",\"ConsistentRead\":true,\"ReturnConsumedCapacity\":\"TOTAL\"");
    if (pages->id != NULL) {
        rf_buf_string(body, ",\"KeyConditionExpression\":\"#k = :k\","
                            "\"ExpressionAttributeNames\":{\"#k\":");
        rf_canon_string(body, table->hash_key, strlen(table->hash_key));
        rf_buf_format(body, "},\"ExpressionAttributeValues\":{\":k\":{\"%s\":", table->hash_type);
        rf_canon_string(body, pages->id, strlen(pages->id));
        rf_buf_string(body, "}}");
    }
    if (pages->from != NULL) {
        rf_buf_format(body, ",\"ExclusiveStartKey\":%s", pages->from);
    }
    rf_buf_byte(body, '}');
}

static rf_code
add_items(struct rf_dynamodb_pages *pages, const char *action, struct rf_buf *lines,
          uint64_t *ret_count, struct rf_err *reterr)
{
    const struct rf_json *doc = &pages->doc;
    uint32_t items = member(doc, 0, "Items");
    uint32_t count = member(doc, 0, "Count");
    if (items == RF_JSON_NONE || doc->nodes[items].kind != RF_JSON_ARRAY) {
        return fail_body(pages->table, action, "has no Items", reterr);
    }
    uint32_t node = items + 1;
    for (uint32_t left = doc->nodes[items].count; left > 0; left--) {
        size_t bytes;
        const char *token = rf_json_token(doc, node, &bytes);
        if (doc->nodes[node].kind != RF_JSON_OBJECT) {
            return fail_body(pages->table, action, "has an item that is none", reterr);
        }
        rf_buf_string(lines, "{\"Item\":");
        rf_buf_add(lines, token, bytes);
        rf_buf_string(lines, "}\n");
        node = doc->nodes[node].next;
    }
    if (count == RF_JSON_NONE || !rf_json_uint64(doc, count, ret_count) ||
        *ret_count != doc->nodes[items].count) {
        return fail_body(pages->table, action, "counts other items than it has", reterr);
    }
    return RF_OK;
}

/** Notes where the next page begins. One that was there before would go round for ever: each is
 * held against the one before and against one that is remembered for longer and longer (Brent). */
static rf_code
go_on(struct rf_dynamodb_pages *pages, const char *action, struct rf_err *reterr)
{
    const struct rf_json *doc = &pages->doc;
    uint32_t last = member(doc, 0, "LastEvaluatedKey");
    pages->ended = last == RF_JSON_NONE || doc->nodes[last].kind == RF_JSON_NULL;
    if (pages->ended) {
        return RF_OK;
    }
    if (doc->nodes[last].kind != RF_JSON_OBJECT) {
        return fail_body(pages->table, action, "has a LastEvaluatedKey that is none", reterr);
    }
    size_t bytes;
    const char *token = rf_json_token(doc, last, &bytes);
    char *from = rf_strndup(token, bytes);
    if ((pages->from != NULL && strcmp(from, pages->from) == 0) ||
        (pages->remembered != NULL && strcmp(from, pages->remembered) == 0)) {
        free(from);
        return rf_fail(reterr, RF_ERR_SOURCE, pages->table->where,
                       "%s leads back to a page that was read already (LastEvaluatedKey): the "
                       "server would never come to an end",
                       action);
    }
    if (++pages->since == pages->until) {
        free(pages->remembered);
        pages->remembered = rf_strdup(from);
        pages->since = 0;
        pages->until *= 2;
    }
    free(pages->from);
    pages->from = from;
    return RF_OK;
}

static void
count_page(struct rf_dynamodb_pages *pages, uint64_t items)
{
    const struct rf_json *doc = &pages->doc;
    struct rf_dynamodb *table = pages->table;
    double units;
    uint32_t node = member(doc, member(doc, 0, "ConsumedCapacity"), "CapacityUnits");
    RF_VERIFY(pthread_mutex_lock(&table->lock) == 0);
    table->counts.pages++;
    table->counts.items += items;
    if (node != RF_JSON_NONE && rf_json_real(doc, node, &units)) {
        table->counts.capacity += units;
    }
    (void)pthread_mutex_unlock(&table->lock);
}

rf_code
rf_dynamodb_next(struct rf_dynamodb_pages *pages, struct rf_buf *lines, bool *ret_end,
                 struct rf_err *reterr)
{
    const char *action = pages->id == NULL ? "Scan" : "Query";
    struct rf_http_answer answer;
    struct rf_buf body = {0};
    uint64_t items = 0;
    *ret_end = pages->ended;
    if (pages->ended) {
        return RF_OK;
    }
    if (pages->id != NULL && rf_utf8_valid(pages->id, strlen(pages->id)) != strlen(pages->id)) {
        return rf_fail(reterr, RF_ERR_USAGE, pages->table->where,
                       "holds no key that is no UTF-8, as this id is");
    }
    write_body(pages, &body);
    rf_code code = ask(pages->table, action, &body, &answer, NULL, reterr);
    rf_buf_done(&body);
    RF_TRY(code);
    if (rf_json_read_whole(&pages->doc, answer.body.bytes, answer.body.used, NULL) != RF_OK) {
        code = fail_body(pages->table, action, "is no JSON", reterr);
    } else {
        code = add_items(pages, action, lines, &items, reterr);
        code = code == RF_OK ? go_on(pages, action, reterr) : code;
        count_page(pages, items);
    }
    rf_http_answer_done(&answer);
    return code;
}
