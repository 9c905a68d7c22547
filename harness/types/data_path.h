/* SPDX-License-Identifier: MIT */
/* What stands at one JSON path of the data of one event type. */
#ifndef RF_TYPES_DATA_PATH_H
#define RF_TYPES_DATA_PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/time.h"
#include "types/range.h"
#include "types/value_set.h"

enum rf_kind {
    RF_KIND_NULL,
    RF_KIND_FALSE,
    RF_KIND_TRUE,
    RF_KIND_INTEGER, /**< a number token without fraction and exponent */
    RF_KIND_REAL,
    RF_KIND_STRING,
    RF_KIND_ARRAY,
    RF_KIND_OBJECT,
    RF_KIND_PRIVATE, /**< whatever it is: rf_data_path_hide */
    RF_KIND_COUNT_,
};

/** Least and greatest of what was counted; `any` false: nothing was. */
struct rf_span {
    bool any;
    uint64_t least, greatest;
};

/** A node of the tree of paths. */
struct rf_data_path {
    char *key; /**< owned: of a member; NULL of the root, of elements and of folded keys */
    size_t key_bytes;
    uint64_t kinds[RF_KIND_COUNT_]; /**< how often each stood here */
    uint64_t events;                /**< in how many events; not below folded keys */
    uint64_t last_event;            /**< the number of the last of these */
    struct rf_span characters;      /**< of strings (Unicode code points) */
    struct rf_span elements;        /**< of arrays */
    struct rf_range range;          /**< of numbers whose token it takes */
    uint64_t beyond;                /**< integers beyond 2^53: no double, and no JavaScript, holds
                                         them all */
    uint64_t long_numbers;          /**< tokens that the range does not take */
    bool other_strings;             /**< a string that is no RFC 3339 time */
    struct rf_time first, last;     /**< of strings while all of them are times */
    struct rf_value_set values;     /**< of strings and numbers */
    /* What is below. Objects have members until these are too many, then they have `any`. */
    struct rf_data_path **members;
    size_t member_count, member_room;
    size_t next_member; /**< where the one that comes next is expected */
    struct rf_data_path *any;
    struct rf_data_path *element;
};

/** Buffers for looking at values; all zero is valid. */
struct rf_data_path_scratch {
    struct rf_buf text;
};

/** How often anything stood here. */
uint64_t rf_data_path_count(const struct rf_data_path *path);
/** Whether some numbers were written as integers, and some not. */
bool rf_data_path_is_mixed(const struct rf_data_path *path);
/** Whether there are strings, and all of them are RFC 3339 times. */
bool rf_data_path_is_times(const struct rf_data_path *path);

/** The value `node` stood here; what is in an array or object is for the caller.
 *  @room  see rf_value_set_add */
void rf_data_path_see(struct rf_data_path *path, const struct rf_json *doc, uint32_t node,
                      struct rf_data_path_scratch *scratch, size_t *room);

/** An array of so many elements stood here. */
void rf_data_path_see_elements(struct rf_data_path *path, uint64_t count);

/** Forget all but how often something stood here; what is below it is the caller's. */
void rf_data_path_hide(struct rf_data_path *path, size_t *room);

/** Adds what the other one counted, but nothing of what is below it. */
void rf_data_path_join(struct rf_data_path *path, const struct rf_data_path *other, size_t *room);

/** Frees what the path owns, but not what is below it. */
void rf_data_path_done(struct rf_data_path *path, size_t *room);

#endif
