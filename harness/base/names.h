/* SPDX-License-Identifier: MIT */
/* Event types and aggregate names as numbers. */
#ifndef RF_BASE_NAMES_H
#define RF_BASE_NAMES_H

#include <stddef.h>
#include <stdint.h>

/**
 * A table of distinct strings, each with a number from 0 in the order in which they first came.
 * That order depends on threads: numbers never decide a result, names do. Threads: rf_names_number
 * may be called by many at once; the strings stay where they are until rf_names_free.
 */
struct rf_names;
struct rf_names *rf_names_new(void);
/** Accepts NULL. */
void rf_names_free(struct rf_names *names);

/** The number of this name; UINT32_MAX where RF_LIMIT_NAMES is reached. */
uint32_t rf_names_number(struct rf_names *names, const char *name, size_t bytes);
/** As rf_names_number, but UINT32_MAX where the name is not in the table. */
uint32_t rf_names_find(struct rf_names *names, const char *name, size_t bytes);
/** Borrowed, with a NUL behind it (it may hold others). `ret_bytes` may be NULL. */
const char *rf_names_text(const struct rf_names *names, uint32_t number, size_t *ret_bytes);
/** rf_hash(name, seed 7), computed once. */
uint64_t rf_names_hash(const struct rf_names *names, uint32_t number);
size_t rf_names_count(const struct rf_names *names);
/** A random number of this table's own: the seed with which strings of hostile input are placed in
 * hash tables, so that no one can prepare strings that meet. Never decides a result. */
uint64_t rf_names_seed(const struct rf_names *names);

/** A thread's own memory of names it asked for, so that the table's lock is rarely taken. */
struct rf_names_cache;
struct rf_names_cache *rf_names_cache_new(struct rf_names *names);
/** Accepts NULL. */
void rf_names_cache_free(struct rf_names_cache *cache);
uint32_t rf_names_cache_number(struct rf_names_cache *cache, const char *name, size_t bytes);

#endif
