/* SPDX-License-Identifier: MIT */
/* What the files of the intake share: intake.c takes an object, intake_read.c reads its bytes,
 * intake_front.c looks at
 * its first ones, intake_judge.c says what its fate is, intake_count.c counts. */
#ifndef RF_HISTORY_INTAKE_INTERNAL_H
#define RF_HISTORY_INTAKE_INTERNAL_H

#include "history/intake.h"

/** The span of times from `*ret_first` to `*ret_last`, where there is one, takes in another. */
static inline void
rf_intake_widen(struct rf_time first, struct rf_time last, bool *has, struct rf_time *ret_first,
                struct rf_time *ret_last)
{
    if (!*has || rf_time_compare(first, *ret_first) < 0) {
        *ret_first = first;
    }
    if (!*has || rf_time_compare(last, *ret_last) > 0) {
        *ret_last = last;
    }
    *has = true;
}

/* ---- intake_read.c --------------------------------------------------------------------------- */

/** Whether nothing that comes of this object can matter any more. */
bool rf_intake_is_pointless(const struct rf_intake *intake);

/** What the object at hand is decoded from (rf_decode_input). */
RF_MUST_USE rf_code rf_intake_read(void *context, void *bytes, size_t room, size_t *ret_got,
                                   struct rf_err *reterr);

/** Reads what decoding left, for only at the end is it known that the object did not change under
 * the reader: then its damage is none of the history's. */
RF_MUST_USE rf_code rf_intake_drain(struct rf_intake *intake, struct rf_err *reterr);

/** The digest of an object that is not decoded: its stored bytes are read for nothing else. */
RF_MUST_USE rf_code rf_intake_digest_stored(struct rf_intake *intake, struct rf_err *reterr);

/** What only the whole object tells: its events as a set, and its digest. */
void rf_intake_complete_facts(struct rf_intake *intake);

void rf_intake_show_progress(struct rf_intake *intake, uint64_t bytes);

/* ---- intake_front.c -------------------------------------------------------------------------- */

/** Whether an object's name is that of what macOS leaves beside files, and not the user's word:
 * then its first bytes are looked at before anything is decoded. */
bool rf_intake_is_suspect(const struct rf_object *object);

/** Reads the first bytes of the object, which is open, and keeps them for the decoder.
 * @return  RF_OK: decode it, unless it is_litter, which was read to its end; or as rf_intake_read
 */
RF_MUST_USE rf_code rf_intake_look_at_front(struct rf_intake *intake, struct rf_err *broken);

/* ---- intake_judge.c -------------------------------------------------------------------------- */

/**
 * Whether an object without events is none of the history's. One that the user named is; so is one
 * that promises events by its name, that a table's export names, that lies below an error prefix
 * that was asked for, or begins as an aggregate does. Of what broke while it was read no one can
 * say that it holds no events, but for text that is plainly something else (a README whose brackets
 * do not close).
 */
bool rf_intake_is_foreign(const struct rf_intake *intake, rf_code code);

/** The fate of an object that was read to its end, and of one that broke. */
void rf_intake_judge_read(struct rf_intake *intake);
void rf_intake_judge_broken(struct rf_intake *intake, rf_code code, const struct rf_err *broken);

/** What an export's manifest promises of the object: so many lines are in it, or it is not the file
 * that was exported. Nothing says for certain of which bytes the MD5 is, so another is told, and no
 * damage. */
void rf_intake_judge_promise(struct rf_intake *intake);

/** @message  owned by what is returned */
struct rf_damage rf_intake_damage(const struct rf_intake *intake, enum rf_damage_kind kind,
                                  char *message);

/** Whether damage of the object at hand can be told exactly, if there is any. What is broken in an
 * archive's own form has no bytes that would tell. */
bool rf_intake_is_told(const struct rf_intake *intake);

/** Whether the damage is known, which the object's key and bytes tell. */
void rf_intake_judge_damage(const struct rf_intake *intake, const char *sha256,
                            struct rf_damage *damage);
void rf_intake_judge_damages(struct rf_intake *intake);

/* ---- intake_count.c -------------------------------------------------------------------------- */

/** Counts the object as its facts have it, which are whole now. */
void rf_intake_settle(struct rf_intake *intake);

#endif
