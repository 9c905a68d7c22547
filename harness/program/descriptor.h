/* SPDX-License-Identifier: MIT */
/* What a program says of itself in its HELLO, checked. */
#ifndef RF_PROGRAM_DESCRIPTOR_H
#define RF_PROGRAM_DESCRIPTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

/** The longest HELLO, and how deep its shapes may be: more than anyone writes by hand. */
#define RF_DESCRIPTOR_BYTES (UINT32_C(4) << 20)
#define RF_DESCRIPTOR_DEPTH 64
/** Types of an aggregate, or commands; and aggregates of a program. */
#define RF_DESCRIPTOR_NAMES   65536
#define RF_DESCRIPTOR_MEMBERS 256

/** One aggregate of a program. */
struct rf_descriptor_member {
    char *name;
    uint32_t state_version;
    char **types; /**< as they are listed, "*" among them */
    size_t type_count;
    char **commands; /**< NULL where it handles none */
    size_t command_count;
    bool restores, identifies, upcasts, checks;
    char *json;    /**< its object as it came, made canonical … */
    uint64_t hash; /**< … and a hash of that: whether it describes itself as it did before */
};

struct rf_descriptor {
    struct rf_descriptor_member *members;
    size_t member_count;
};

/**
 * @return  RF_OK, or RF_ERR_USAGE: "describes itself wrongly: …", or the version that it speaks
 * @ret     also where it fails: for rf_descriptor_done
 */
RF_MUST_USE rf_code rf_descriptor_read(const char *json, size_t bytes, struct rf_descriptor *ret,
                                       struct rf_err *reterr);
void rf_descriptor_done(struct rf_descriptor *descriptor);

#endif
