/* SPDX-License-Identifier: MIT */
/* known-damage.json, which lies beside the goldens: read, and written. */
#ifndef RF_GOLDEN_KNOWN_FILE_H
#define RF_GOLDEN_KNOWN_FILE_H

#include "base/buf.h"
#include "base/error.h"
#include "base/json.h"
#include "golden/listing.h"
#include "history/known.h"

#define RF_KNOWN_FORMAT 1

/**
 * Read the file of a golden folder (RF_KNOWN_DAMAGE_NAME), the new one where a bless was cut off.
 * @today    entries whose last day lies in front of it are expired
 * @accepts  damage that is not known yet may be accepted
 * @ret      for rf_known_free; NULL where there is no file, and nothing is to be accepted
 * @return   RF_OK; RF_ERR_CORRUPT: it is not right (file and line are told), and nothing of it is
 *           believed; RF_ERR_SOURCE: it cannot be read
 */
RF_MUST_USE rf_code rf_known_read(const char *folder, const char *today, bool accepts,
                                  struct rf_known_damage **ret, struct rf_err *reterr);

/** One entry, an object of `doc`; for rf_known_entry_done. @return  RF_OK or RF_ERR_MALFORMED */
RF_MUST_USE rf_code rf_known_entry_read(struct rf_json *doc, uint32_t object, const char *today,
                                        struct rf_known_entry *ret, struct rf_err *reterr);
/** The same of a finding that has an identity, with its reason and last day (or NULL). */
void rf_known_entry_make(const char *identity, const char *reason, const char *until,
                         struct rf_known_entry *ret);

/** Appends one entry as the file has it, without a line's end. */
void rf_known_entry_write(const struct rf_known_entry *entry, struct rf_buf *out);
/** Appends the whole file. @items  in the order of rf_known_compare */
void rf_known_write(const struct rf_known_entry *items, size_t count, struct rf_buf *out);

#endif
