/* SPDX-License-Identifier: MIT */
/*
 * Records around records: what CloudWatch Logs and SNS send, and what Firehose writes below an
 * error prefix. What is in them is framed anew (nested.c).
 *
 *     {"messageType":"DATA_MESSAGE", …, "logEvents":[{"id","timestamp","message":TEXT}, …]}
 *     {"messageType":"CONTROL_MESSAGE", …}      nothing of the producer's
 *     {"Type":"Notification", "MessageId", "TopicArn", …, "Message":TEXT}
 *     {"Type":"SubscriptionConfirmation", "TopicArn", …}  nothing of the producer's
 *     {"errorCode", …, "rawData":BASE64}        the record as it was put
 */
#ifndef RF_DECODE_WRAPPED_H
#define RF_DECODE_WRAPPED_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/json.h"

/** Whether an object has, beside the members that are read (a list that ends in NULL), what may be
 * an event, or hold some: a value with members or elements, or a text that may be JSON. */
bool rf_hides_more(const struct rf_json *doc, uint32_t node, const char *const *read);

/** Whether an object has the members by which CloudWatch's are told: messageType and logEvents. */
bool rf_cloudwatch_fits(const struct rf_json *doc, uint32_t node);
/**
 * What it holds.
 * @ret_events  the array of log events; RF_JSON_NONE: it is a control message
 * @return      NULL, or why it is malformed
 */
const char *rf_cloudwatch_read(const struct rf_json *doc, uint32_t node, uint32_t *ret_events);
/** A log event's text, decoded into `out`. NULL, or why it is malformed. */
const char *rf_cloudwatch_message(const struct rf_json *doc, uint32_t event, struct rf_buf *out);

/** Whether an object has the members by which those of SNS are told: Type, TopicArn and Message
 * (docs.aws.amazon.com/sns, "Parsing message formats"; a Firehose stream that is subscribed to a
 * topic gets these, unless raw message delivery is on). */
bool rf_sns_fits(const struct rf_json *doc, uint32_t node);
/**
 * What was published, decoded into `out`.
 * @ret_empty  it confirms a subscription, and holds nothing of the producer's
 * @return     NULL, or why it is malformed
 */
const char *rf_sns_read(const struct rf_json *doc, uint32_t node, struct rf_buf *out,
                        bool *ret_empty);

/** The bytes that were put, of an error record, decoded into `out`. NULL, or why it is malformed.
 */
const char *rf_error_record_read(const struct rf_json *doc, uint32_t node, struct rf_buf *out);

#endif
