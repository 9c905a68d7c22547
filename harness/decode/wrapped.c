/* SPDX-License-Identifier: MIT */
/* Records around records: CloudWatch's, SNS's, and Firehose's errors. */
#include "decode/wrapped.h"

#include <string.h>

#include "decode/base64.h"
#include "decode/blank.h"
#include "decode/front.h"
#include "decode/opening.h"

static uint32_t
member(const struct rf_json *doc, uint32_t node, const char *key, bool *ret_repeated)
{
    return rf_json_member(doc, node, key, strlen(key), ret_repeated);
}

static bool
is_text(const struct rf_json *doc, uint32_t node, const char *text)
{
    size_t count;
    const char *token = rf_json_token(doc, node, &count);
    return doc->nodes[node].kind == RF_JSON_STRING && count == strlen(text) + 2 &&
           memcmp(token + 1, text, count - 2) == 0;
}

static bool
is_one_of(const struct rf_json *doc, uint32_t key, const char *const *texts)
{
    while (*texts != NULL && !is_text(doc, key, *texts)) {
        texts++;
    }
    return *texts != NULL;
}

/** Whether a text is JSON, or has something in it that begins as an object does. */
static bool
may_be_json(const char *text, size_t bytes)
{
    if (bytes == 0) {
        return false;
    }
    struct rf_opening opening = {0};
    size_t at = rf_front_of_text(text, bytes);
    rf_opening_feed(&opening, text, bytes);
    return (at < bytes && text[at] == '{') || memchr(text, '[', at) != NULL || opening.found;
}

static bool
may_hold_events(const struct rf_json *doc, uint32_t value)
{
    if (doc->nodes[value].kind != RF_JSON_STRING) {
        return doc->nodes[value].count > 0;
    }
    struct rf_buf decoded = {0};
    const char *text;
    size_t bytes;
    rf_json_string(doc, value, &decoded, &text, &bytes);
    bool may = may_be_json(text, bytes);
    rf_buf_done(&decoded);
    return may;
}

bool
rf_hides_more(const struct rf_json *doc, uint32_t node, const char *const *read)
{
    uint32_t key = node + 1;
    bool more = false;
    for (uint32_t left = doc->nodes[node].count; left > 0 && !more; left--) {
        more = !is_one_of(doc, key, read) && may_hold_events(doc, key + 1);
        key = doc->nodes[key + 1].next;
    }
    return more;
}

/** The one string with this key, decoded; NULL, or `wrong`. */
static const char *
read_string(const struct rf_json *doc, uint32_t node, const char *key, const char *wrong,
            struct rf_buf *out)
{
    bool repeated = false;
    uint32_t value = member(doc, node, key, &repeated);
    if (value == RF_JSON_NONE || repeated || doc->nodes[value].kind != RF_JSON_STRING) {
        return wrong;
    }
    const char *bytes;
    size_t count;
    rf_json_string(doc, value, out, &bytes, &count);
    if (bytes != out->bytes) { /* it has no escapes */
        rf_buf_clear(out);
        rf_buf_add(out, bytes, count);
    }
    return NULL;
}

static bool
is_blank(const struct rf_buf *text)
{
    size_t at = 0;
    while (at < text->used && rf_is_blank(text->bytes[at])) {
        at++;
    }
    return at == text->used;
}

bool
rf_cloudwatch_fits(const struct rf_json *doc, uint32_t node)
{
    return member(doc, node, "messageType", NULL) != RF_JSON_NONE &&
           member(doc, node, "logEvents", NULL) != RF_JSON_NONE;
}

static bool
is_filled(const struct rf_buf *message)
{
    return !is_blank(message);
}

static bool
may_be_event(const struct rf_buf *message)
{
    return may_be_json(message->bytes, message->used);
}

/** Whether a log event has a message that is such, or is none. */
static bool
has_message(const struct rf_json *doc, uint32_t events, bool (*is_such)(const struct rf_buf *))
{
    struct rf_buf message = {0};
    bool has = false;
    uint32_t at = events + 1;
    uint32_t left = doc->nodes[events].kind == RF_JSON_ARRAY ? doc->nodes[events].count : 0;
    for (; left > 0 && !has; left--) {
        has = read_string(doc, at, "message", "none", &message) != NULL || is_such(&message);
        at = doc->nodes[at].next;
    }
    rf_buf_done(&message);
    return has;
}

/** Of one that holds nothing of the producer's. NULL, or why it is malformed. */
static const char *
check_empty_cloudwatch(const struct rf_json *doc, uint32_t node)
{
    static const char *const own[] = {"logEvents", "subscriptionFilters", NULL};
    return rf_hides_more(doc, node, own) ? "holds no log events of CloudWatch's, and what stands "
                                           "beside them would not be read"
                                         : NULL;
}

const char *
rf_cloudwatch_read(const struct rf_json *doc, uint32_t node, uint32_t *ret_events)
{
    bool repeated[2];
    uint32_t type = member(doc, node, "messageType", &repeated[0]);
    *ret_events = member(doc, node, "logEvents", &repeated[1]);
    if (repeated[0] || repeated[1]) {
        return repeated[0] ? "the key 'messageType' occurs twice"
                           : "the key 'logEvents' occurs twice";
    }
    if (is_text(doc, type, "CONTROL_MESSAGE")) {
        bool hides = has_message(doc, *ret_events, may_be_event);
        *ret_events = RF_JSON_NONE;
        return hides ? "is a control message, and its log events would not be read"
                     : check_empty_cloudwatch(doc, node);
    }
    if (!is_text(doc, type, "DATA_MESSAGE")) {
        return "/messageType is neither DATA_MESSAGE nor CONTROL_MESSAGE";
    }
    if (doc->nodes[*ret_events].kind != RF_JSON_ARRAY) {
        return "/logEvents is no array";
    }
    return has_message(doc, *ret_events, is_filled) ? NULL : check_empty_cloudwatch(doc, node);
}

const char *
rf_cloudwatch_message(const struct rf_json *doc, uint32_t event, struct rf_buf *out)
{
    static const char *const none[] = {NULL};
    const char *wrong = read_string(
        doc, event, "message", "a log event of CloudWatch without a message (one string)", out);
    if (wrong == NULL && is_blank(out) && rf_hides_more(doc, event, none)) {
        wrong = "the message of a log event is blank, and what stands beside it would not be read";
    }
    return wrong;
}

bool
rf_sns_fits(const struct rf_json *doc, uint32_t node)
{
    return member(doc, node, "Type", NULL) != RF_JSON_NONE &&
           member(doc, node, "TopicArn", NULL) != RF_JSON_NONE &&
           member(doc, node, "Message", NULL) != RF_JSON_NONE;
}

const char *
rf_sns_read(const struct rf_json *doc, uint32_t node, struct rf_buf *out, bool *ret_empty)
{
    static const char *const none[] = {NULL};
    bool repeated;
    uint32_t type = member(doc, node, "Type", &repeated);
    *ret_empty = false;
    if (repeated) {
        return "the key 'Type' occurs twice";
    }
    if (is_text(doc, type, "SubscriptionConfirmation") ||
        is_text(doc, type, "UnsubscribeConfirmation")) {
        *ret_empty = true;
        return rf_hides_more(doc, node, none) ? "is a confirmation of SNS's, and what stands "
                                                "beside it would not be read"
                                              : NULL;
    }
    if (!is_text(doc, type, "Notification")) {
        return "/Type is none of SNS's: neither Notification nor a confirmation";
    }
    const char *wrong = read_string(doc, node, "Message",
                                    "a notification of SNS without a Message (one string)", out);
    if (wrong == NULL && is_blank(out) && rf_hides_more(doc, node, none)) {
        wrong = "its Message is blank, and what stands beside it would not be read";
    }
    return wrong;
}

const char *
rf_error_record_read(const struct rf_json *doc, uint32_t node, struct rf_buf *out)
{
    struct rf_buf coded = {0};
    const char *wrong = read_string(
        doc, node, "rawData", "an error record without rawData (one string of base64)", &coded);
    if (wrong == NULL && !rf_base64_decode(coded.bytes, coded.used, out)) {
        wrong = "rawData is not base64";
    }
    rf_buf_done(&coded);
    return wrong;
}
