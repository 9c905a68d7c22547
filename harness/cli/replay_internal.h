/* SPDX-License-Identifier: MIT */
/* What the parts of a replay are to each other. Of cli/replay*.c only. */
#ifndef RF_CLI_REPLAY_INTERNAL_H
#define RF_CLI_REPLAY_INTERNAL_H

#include "cli/replay.h"

/** replay_builds.c: open the builds, and make the claims and rules out of them and the config.
 * RF_ERR_USAGE where one does not load, or two cannot be told apart. */
RF_MUST_USE rf_code rf_replay_open_builds(struct rf_replay *replay, struct rf_err *reterr);

/** replay_identify.c: behind the builds; and at the end. RF_ERR_USAGE where builds are given for
 * nothing. */
RF_MUST_USE rf_code rf_replay_open_identifiers(struct rf_replay *replay, struct rf_err *reterr);
void rf_replay_close_identifiers(struct rf_replay *replay);

/** replay_goldens.c: in front of the walk. RF_ERR_USAGE where there is none to compare with. */
RF_MUST_USE rf_code rf_replay_begin_goldens(struct rf_replay *replay, struct rf_err *reterr);
/** … Takes over what its thread has read, once; nothing where none was begun. */
RF_MUST_USE rf_code rf_replay_end_goldens(struct rf_replay *replay, struct rf_err *reterr);

/** replay_walk.c: list the objects, and tell what is left out. RF_ERR_SOURCE where a folder is only
 * a part of the history, or a source cannot be listed. */
RF_MUST_USE rf_code rf_replay_walk(struct rf_replay *replay, struct rf_err *reterr);

/** replay_pointers.c: behind the ingest. RF_ERR_USAGE where a pointer that the user wrote leads to
 * nothing in all events that were read by it: it would pass for a history that has no versions, no
 * data; and where no event of an envelope with a name has data, but other members. */
RF_MUST_USE rf_code rf_replay_check_pointers(const struct rf_replay *replay, struct rf_err *reterr);

/** … Where only some events of an envelope lack data, though their records have members that it
 * does not read. */
void rf_replay_warn_bare(struct rf_replay *replay);

/** … A bless, of data that is JSON in a string: states may lack all that it says. */
void rf_replay_warn_texts(struct rf_replay *replay);

/** … Where no record is an event: what to say with -e, as their members let one think, for reports
 * (envelope_hint). */
void rf_replay_find_hint(struct rf_replay *replay);

/** … Of events of the envelope `flat` that have none: "; the event at … has /aggregateVersion: …",
 * where one at hand has a number of such a name. */
void rf_replay_add_likely_version(const struct rf_replay *replay, struct rf_buf *text);

/** replay_streams.c: behind the walk. Rules of the config's `streams` that match nothing are warned
 * of, and told to whoever is to say that rules are needed (rf_gather_rules). */
void rf_replay_check_streams(struct rf_replay *replay);

/** replay_unclaimed.c: behind the fold. Names that no loaded aggregate has, but nearly. */
void rf_replay_warn_unclaimed(struct rf_replay *replay);
/** … and parts of the config under the name of events that an aggregate which takes all folds: what
 * decides whose event it is, and how, is said of the aggregate that is loaded. */
void rf_replay_warn_taken(struct rf_replay *replay);
/** In each of these warnings. A merge, which has neither the config nor the builds, takes them from
 * its shards, each of which has said it of what it has folded. */
#define RF_TAKEN_SAYS_NOTHING "what it says of \"first\" and \"skip\" does nothing"

/** replay_unseen.c: objects that hold nothing; and, to who blesses, instances without versions, in
 * whose events no gap can be damage. */
void rf_replay_warn_hollow(struct rf_replay *replay);
void rf_replay_warn_versionless(struct rf_replay *replay);
/** Of a bless: whether the id that was read is each event's own. */
void rf_replay_warn_singles(struct rf_replay *replay);
/** Bytes that came without a checksum, or with one that did not fit: they may be others than were
 * written, and no one could tell. */
void rf_replay_warn_unproven(struct rf_replay *replay);

/** replay_early.c: what needs no build to be seen. */
void rf_replay_warn_early(struct rf_replay *replay);

#endif
