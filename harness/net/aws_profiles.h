/* SPDX-License-Identifier: MIT */
/* The files of AWS's tools, ~/.aws/config and ~/.aws/credentials: sections of settings. */
#ifndef RF_NET_AWS_PROFILES_H
#define RF_NET_AWS_PROFILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum rf_profile_section {
    RF_PROFILE,     /**< [profile x], of credentials [x]; [default] */
    RF_SSO_SESSION, /**< [sso-session x] */
    RF_SERVICES,    /**< [services x] */
};

/** One setting. Values may be secrets: they are overwritten when freed. */
struct rf_profile_entry {
    enum rf_profile_section section;
    char *name;  /**< of the section */
    char *key;   /**< lower case; of a nested one "s3.endpoint_url"; NULL: the section itself */
    char *value; /**< or NULL */
    const char *path; /**< of the file; borrowed from who read it */
};

/** What several files say, in the order in which they were read. All zero is empty. */
struct rf_profiles {
    struct rf_profile_entry *entries;
    size_t count;
    size_t room;
};

/**
 * Add what a text says.
 *
 * A line is `[section]`, `key = value`, blank, or a comment (# or ; in front). Behind a value a
 * blank and # or ; begin a comment. An indented line below `key =` is a setting of its own within
 * that key, below another value more of it.
 *
 * @path           for messages, and of the entries; borrowed for as long as they are used
 * @is_credentials sections of this file are profiles by their bare names
 * @return         RF_OK; RF_ERR_USAGE with the line's number, and not its text, which may be secret
 */
RF_MUST_USE rf_code rf_profiles_parse(struct rf_profiles *profiles, const char *text, size_t bytes,
                                      const char *path, bool is_credentials, struct rf_err *reterr);

/** The same of a file; one that is not there says nothing. RF_ERR_USAGE where it cannot be read, or
 * is larger than any that people write. */
RF_MUST_USE rf_code rf_profiles_read(struct rf_profiles *profiles, const char *path,
                                     bool is_credentials, struct rf_err *reterr);

void rf_profiles_done(struct rf_profiles *profiles);

bool rf_profiles_have(const struct rf_profiles *profiles, enum rf_profile_section section,
                      const char *name);
/** The last one that was read; NULL: nothing, or an empty value, says so. Borrowed. */
const struct rf_profile_entry *rf_profiles_find(const struct rf_profiles *profiles,
                                                enum rf_profile_section section, const char *name,
                                                const char *key);

#endif
