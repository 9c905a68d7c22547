/* SPDX-License-Identifier: MIT */
/* Members of a JSON report, read one by one. Of reports/shard_read*.c only. */
#ifndef RF_REPORTS_SHARD_READING_H
#define RF_REPORTS_SHARD_READING_H

#include "reports/shard_read.h"

/**
 * What is being read. The first member that is missing, or of another kind than it should be, is
 * kept in `flaw`; what is read from then on is 0 or NULL, so that whoever reads asks but once, at
 * the end.
 */
struct rf_reading {
    struct rf_json *doc;
    struct rf_buf scratch;
    const char *flaw; /**< the member's name, or NULL */
};

/** The member, or RF_JSON_NONE, which is a flaw only where it is `needed`. Of RF_JSON_NONE there
 * are no members. */
uint32_t rf_reading_member(struct rf_reading *reading, uint32_t object, const char *name,
                           uint8_t kind, bool needed);
uint64_t rf_reading_count(struct rf_reading *reading, uint32_t object, const char *name);
/** 0 where it is not there. */
uint64_t rf_reading_count_if(struct rf_reading *reading, uint32_t object, const char *name);
int64_t rf_reading_integer(struct rf_reading *reading, uint32_t object, const char *name,
                           bool needed, bool *ret_has);
bool rf_reading_flag(struct rf_reading *reading, uint32_t object, const char *name);
/** Owned; NULL where it is not there and not needed. `ret_bytes` may be NULL. */
char *rf_reading_text(struct rf_reading *reading, uint32_t object, const char *name, bool needed,
                      size_t *ret_bytes);
/** A value's canonical text, owned, or NULL where it is not there. */
char *rf_reading_value(struct rf_reading *reading, uint32_t object, const char *name);
bool rf_reading_time(struct rf_reading *reading, uint32_t object, const char *name,
                     struct rf_time *ret);
/** `digits` hex digits, into a text of one more byte; an empty one where that is not so. */
void rf_reading_hex(struct rf_reading *reading, uint32_t object, const char *name, size_t digits,
                    char *ret);
void rf_reading_multiset(struct rf_reading *reading, uint32_t object, const char *name,
                         struct rf_multiset *ret);
/** The index in `names`, which end with NULL. */
size_t rf_reading_word(struct rf_reading *reading, uint32_t object, const char *name,
                       const char *const *names);
/** An array of strings. */
struct rf_texts rf_reading_texts(struct rf_reading *reading, uint32_t object, const char *name);
void rf_texts_done(struct rf_texts *texts);

/** The elements of an array: `for (node = first; count-- > 0; node = rf_reading_next(…))`. Each is
 * an object, or it is a flaw and `ret_count` is 0. */
uint32_t rf_reading_objects(struct rf_reading *reading, uint32_t object, const char *name,
                            size_t *ret_count);
static inline uint32_t
rf_reading_next(const struct rf_reading *reading, uint32_t node)
{
    return reading->doc->nodes[node].next;
}

/** shard_findings.c: aggregates, clusters, differences. */
void rf_reading_findings(struct rf_reading *reading, struct rf_notes *notes);
/** damage_total, which must be that of both kinds of totals, and the list. */
void rf_reading_damages(struct rf_reading *reading, struct rf_shard_file *file);
/** shard_conduct.c: of the builds, which are read. */
void rf_reading_conduct(struct rf_reading *reading, struct rf_shard_file *file);
/** A kind of damage by its name. */
bool rf_reading_damage_kind(const char *name, size_t bytes, enum rf_damage_kind *ret);

#endif
