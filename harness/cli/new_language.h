/* SPDX-License-Identifier: MIT */
/* In which languages `refold new` writes an aggregate, and of which files that is made. */
#ifndef RF_CLI_NEW_LANGUAGE_H
#define RF_CLI_NEW_LANGUAGE_H

#include <stddef.h>

/** A file that is written. Path and content hold placeholders, such as @name@. */
struct rf_new_part {
    const char *path; /**< below the new folder */
    const unsigned char *bytes;
    size_t count;
};

struct rf_new_language {
    const char *name;    /**< as --lang has it */
    const char *source;  /**< the part that people make their own; its path */
    const char *plugin;  /**< what -a and the config name, below the new folder */
    const char *library; /**< what goes along as a folder refold/, of what is shared; or NULL */
    const char *written; /**< what there is beside the source, for people */
    const char *compiler, *flags, *standard; /**< for the Makefile, where there is one */
    struct rf_new_part parts[8];             /**< ends with one without a path */
};

/** By name, of all that there are; NULL: none of them. */
const struct rf_new_language *rf_new_language_find(const char *name);

#endif
