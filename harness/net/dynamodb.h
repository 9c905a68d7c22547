/* SPDX-License-Identifier: MIT */
/* A table of DynamoDB, read: its items page by page, or those of one hash key. Nothing is written.
 */
#ifndef RF_NET_DYNAMODB_H
#define RF_NET_DYNAMODB_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/error.h"

struct rf_aws;
struct rf_net;

/** One table. */
struct rf_dynamodb;

/**
 * Ask for the table's description, which tells its hash key. Who may not see it is believed to read
 * a table whose hash key is the string `key`, as altairsix/eventsource makes them.
 * @aws, @net  borrowed for as long as `ret` is used
 * @table    its name
 * @where    for messages
 * @return   RF_OK; RF_ERR_USAGE: there is no such table, its name can be none, or there are no
 *           credentials; RF_ERR_SOURCE, RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_dynamodb_open(struct rf_aws *aws, struct rf_net *net, const char *table,
                                     const char *where, struct rf_dynamodb **ret,
                                     struct rf_err *reterr);
/** Accepts NULL. */
void rf_dynamodb_free(struct rf_dynamodb *table);

/** Whether the events of an item have its hash key as their id: where that is called `key`, as
 * altairsix/eventsource calls it. In other tables the id may be any of an item's attributes. */
bool rf_dynamodb_is_keyed_by_id(const struct rf_dynamodb *table);

/** What it took so far. Threads: any. */
struct rf_dynamodb_counts {
    uint64_t requests; /**< that were answered, with those that were tried again */
    uint64_t retries;  /**< of these: after a server was busy, or failed */
    uint64_t pages;
    uint64_t items;
    double capacity; /**< read capacity units that AWS counted */
};
struct rf_dynamodb_counts rf_dynamodb_counts(struct rf_dynamodb *table);

/** A way through the table: all of its items (Scan), or those of one hash key (Query), consistent
 * as of the moment of each page. */
struct rf_dynamodb_pages;
/** @id  the hash key, or NULL: all items */
struct rf_dynamodb_pages *rf_dynamodb_pages_new(struct rf_dynamodb *table, const char *id);
/** Accepts NULL. */
void rf_dynamodb_pages_free(struct rf_dynamodb_pages *pages);

/**
 * Append the items of the next page as an export has them, each a line {"Item":{…}}.
 *
 * The engine asks again where the server is busy (net.h); what is refused is not asked again. An
 * answer counts only if its checksum and its number of items are as it says itself; a page that
 * leads to one that was there before is an error.
 *
 * @ret_end  there was none: all are read
 * @return   RF_OK; RF_ERR_USAGE: the id can be no key; RF_ERR_SOURCE, RF_ERR_INTERRUPTED
 */
RF_MUST_USE rf_code rf_dynamodb_next(struct rf_dynamodb_pages *pages, struct rf_buf *lines,
                                     bool *ret_end, struct rf_err *reterr);

#endif
