/* SPDX-License-Identifier: MIT */
/* MD5, for what others give by it (S3's inventories): against accidents only. */
#ifndef RF_BASE_MD5_H
#define RF_BASE_MD5_H

#include <stddef.h>

#define RF_MD5_HEX_BYTES 33

struct rf_md5;
struct rf_md5 *rf_md5_new(void);
void rf_md5_add(struct rf_md5 *md5, const void *bytes, size_t count);
/** The digest in hex; frees it. */
void rf_md5_finish(struct rf_md5 *md5, char hex[RF_MD5_HEX_BYTES]);

#endif
