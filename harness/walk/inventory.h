/* SPDX-License-Identifier: MIT */
/* An S3 Inventory: manifest.json, and the lists that it names. */
#ifndef RF_WALK_INVENTORY_H
#define RF_WALK_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "walk/walk.h"

/** A list of keys of an inventory, as its manifest names it. */
struct rf_inventory_file {
    char *key; /**< owned; in the inventory's bucket */
    char *md5; /**< owned, 32 hex digits */
    uint64_t bytes;
};

/** The columns that are read; each may be missing but the key. */
enum rf_inventory_column {
    RF_INVENTORY_BUCKET,
    RF_INVENTORY_KEY,
    RF_INVENTORY_SIZE,
    RF_INVENTORY_MODIFIED,
    RF_INVENTORY_ETAG,
    RF_INVENTORY_STORAGE,
    RF_INVENTORY_LATEST,
    RF_INVENTORY_DELETED,
    RF_INVENTORY_COLUMNS_
};

/** All zero is none; owned. */
struct rf_inventory {
    char *bucket; /**< whose objects they are */
    struct rf_inventory_file *files;
    size_t file_count;
    size_t columns;                       /**< of a line */
    size_t column[RF_INVENTORY_COLUMNS_]; /**< where it stands, from 0; SIZE_MAX: it is not there */
};

/**
 * Read a manifest.
 * @where   what messages call it
 * @return  RF_OK; RF_ERR_USAGE: it is none, or one whose lists are ORC or Parquet
 */
RF_MUST_USE rf_code rf_inventory_read(const char *where, const char *json, size_t bytes,
                                      struct rf_inventory *ret, struct rf_err *reterr);
void rf_inventory_done(struct rf_inventory *inventory);

/** One object of the list: not deleted, and the latest of its versions. Borrowed for the call. */
struct rf_inventory_entry {
    const char *key;
    uint64_t bytes;      /**< or RF_BYTES_UNKNOWN */
    const char *etag;    /**< as a header has it, or NULL */
    const char *storage; /**< static, or NULL */
};
typedef rf_code rf_inventory_take(void *context, const struct rf_inventory_entry *entry,
                                  struct rf_err *reterr);

/**
 * Read a list (CSV in gzip), whose bytes `read` gives, and call `take` for each object in it; only
 * at its end it is known to be whole.
 * @where   what messages call the list
 * @return  RF_OK; what `read` and `take` return; RF_ERR_SOURCE: it is damaged, or not the one that
 *          the manifest names (size, MD5)
 */
RF_MUST_USE rf_code rf_inventory_list(const struct rf_inventory *inventory,
                                      const struct rf_inventory_file *file, const char *where,
                                      const struct rf_gunzip *gunzip, rf_read_function *read,
                                      void *read_context, rf_inventory_take *take,
                                      void *take_context, struct rf_err *reterr);

#endif
