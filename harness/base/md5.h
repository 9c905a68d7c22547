/* SPDX-License-Identifier: MIT */
/* MD5, against accidents only: where others wrote it beside what they made. */
#ifndef RF_BASE_MD5_H
#define RF_BASE_MD5_H

#include <stddef.h>

/** In base64, as Content-MD5 and manifests have it, with NUL. */
#define RF_MD5_TEXT_BYTES 25

/** An MD5 in the making. */
struct rf_md5;
/** NULL where the system's libcrypto gives none (FIPS): then nothing can be compared. */
struct rf_md5 *rf_md5_new(void);
void rf_md5_add(struct rf_md5 *md5, const void *bytes, size_t count);
/** Writes the text, and frees `md5`. */
void rf_md5_finish(struct rf_md5 *md5, char text[RF_MD5_TEXT_BYTES]);
/** Frees it unfinished. Accepts NULL. */
void rf_md5_free(struct rf_md5 *md5);

#endif
