/* SPDX-License-Identifier: MIT */
/* Every limit that input can hit, with its reason. A limit that is hit is named in the message. */
#ifndef RF_BASE_LIMITS_H
#define RF_BASE_LIMITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RF_KIB (UINT64_C(1) << 10)
#define RF_MIB (UINT64_C(1) << 20)
#define RF_GIB (UINT64_C(1) << 30)

/* ---- those that a user may set (--limit NAME=VALUE, "limits" of the config) ----
 *
 * What stands here is built in; what holds is in rf_limits. */

/** `object`: inflated bytes of one object. Firehose closes an object at 128 MiB of input or
 * earlier. */
#define RF_LIMIT_OBJECT_BYTES (4 * RF_GIB)
/** `ratio`: inflated to stored bytes, checked each time RF_LIMIT_RATIO_FROM_BYTES have come out.
 * One layer of deflate ends near 1,032:1; JSON events stay below 50:1. */
#define RF_LIMIT_RATIO            500
#define RF_LIMIT_RATIO_FROM_BYTES (16 * RF_MIB)
/** `members` of one archive. Three years of objects every five minutes are 315,360; each costs an
 * object in memory, a few hundred bytes. */
#define RF_LIMIT_MEMBERS 1000000
/** `record`: Firehose takes at most 1,000 KiB; other producers a little more. A record is held
 * whole, once for each thread. */
#define RF_LIMIT_RECORD_BYTES (16 * RF_MIB)
#define RF_LIMIT_RECORD_MOST  (64 * RF_MIB)
/** `string`: the token of one string within a record, which may be decoded into a copy. What is
 * recognized (decode/recognize.h) is shorter than the least that can be set, and not looked at. */
#define RF_LIMIT_STRING_BYTES (8 * RF_MIB)
#define RF_LIMIT_STRING_LEAST (64 * RF_KIB)
/** `depth`: nesting of JSON values; keeps every walk over a value within a small stack. */
#define RF_LIMIT_JSON_DEPTH      512
#define RF_LIMIT_JSON_DEPTH_MOST 2000
/** `keys` of one object in a record: canonical JSON sorts them, and people read none of so many. */
#define RF_LIMIT_OBJECT_KEYS 65536
/** `id`: an aggregate's id or an event's, in bytes. DynamoDB allows 2,048 for a hash key. */
#define RF_LIMIT_ID_BYTES 4096
#define RF_LIMIT_ID_MOST  (32 * RF_KIB)
/** `listed`: differences and damages that a report lists; counts and clusters cover all. */
#define RF_LIMIT_LISTED 10000
/** `changes` listed within one difference. */
#define RF_LIMIT_CHANGES 200

/** What holds: set before there is a second thread, read by all. */
struct rf_limits {
    uint64_t object_bytes;
    uint64_t ratio;
    uint64_t members;
    uint64_t record_bytes;
    uint64_t string_bytes;
    uint64_t json_depth;
    uint64_t keys;
    uint64_t id_bytes;
    uint64_t listed;
    uint64_t changes;
};
extern struct rf_limits rf_limits;
#define RF_LIMIT_COUNT_ (sizeof(struct rf_limits) / sizeof(uint64_t))

/** One of them, as it is set. */
struct rf_limit {
    const char *name; /**< NULL: the end of the table */
    uint64_t *value;  /**< in rf_limits */
    bool is_size;     /**< bytes, written as 16M; else a number */
    uint64_t least;
    uint64_t most;
};
extern const struct rf_limit rf_limit_table[];

/** What a message about a limit that was hit ends with: its name, and how to raise it. */
#define RF_LIMIT_HINT              "(limit '"
#define RF_LIMIT_SIZE_HINT(name)   "(limit '" name "': --limit " name "=SIZE raises it)"
#define RF_LIMIT_NUMBER_HINT(name) "(limit '" name "': --limit " name "=N raises it)"

/** NULL where there is none of this name. */
const struct rf_limit *rf_limit_find(const char *name, size_t bytes);
/** False where the text is no such value, or out of range. Not with a second thread. */
bool rf_limit_set(const struct rf_limit *limit, const char *text);
#define RF_LIMIT_RANGE_BYTES 96
/** For messages: "no size from 1K to 64M". */
void rf_limit_range(const struct rf_limit *limit, char text[RF_LIMIT_RANGE_BYTES]);

/* ---- those that are as they are ---- */

/** Forms in which an object is packed one within the other: Firehose's own around its producer's,
 * as CloudWatch's gzip. Each further one would multiply what a bomb may hold. */
#define RF_LIMIT_LAYERS 2
/** A form within another one that takes so many times the bytes that it holds, looked at behind
 * RF_LIMIT_RATIO_FROM_BYTES: no packer's, for all make their input smaller, or a little larger. */
#define RF_LIMIT_WORTH 16
/** A block of Snappy, and a frame of Hadoop's framing, unpacked: they are held whole, once for each
 * thread. Firehose's have 32 KiB and 256 KiB. */
#define RF_LIMIT_SNAPPY_BLOCK_BYTES (64 * RF_MIB)
/** The window of zstd, as the power of two: as much as its own program takes without being told
 * (128 MiB, of which only what is reached back for is held, once for each thread). */
#define RF_LIMIT_ZSTD_WINDOW_LOG 27
/** What refold writes around the data of an event that it keeps beside a golden: the names, id and
 * key that it came with, each byte escaped to six. Its line may be longer than a record by so much,
 * and its data lies one value deeper. */
#define RF_LIMIT_KEPT_BYTES                                                                        \
    (6 * (RF_LIMIT_ID_MOST + RF_LIMIT_KEY_BYTES + 2 * RF_LIMIT_NAME_BYTES) + 512)
/** Records within records, each with buffers of its own: an error record, the aggregate that could
 * not be processed, CloudWatch's record in that, its message, and one more. */
#define RF_LIMIT_NESTED 6
/** Distinct paths at which two states differ that are kept while they are compared, and their
 * bytes; all others are told apart by a hash. */
#define RF_LIMIT_PATHS_KEPT  4096
#define RF_LIMIT_PATHS_BYTES RF_MIB
/** Paths that a cluster tells, and values that are watched one by one while a changed instance is
 * folded once more: each is looked up behind each event. */
#define RF_LIMIT_CLUSTER_PATHS 200
/** A key in bytes. S3 allows 1,024; a path in an archive may have folders in front of that. */
#define RF_LIMIT_KEY_BYTES 4096
/** A manifest of a DynamoDB table's export: some 250 bytes for each data file, of which a table of
 * 10 TB has about 100,000. It is held whole while sources are listed. */
#define RF_LIMIT_MANIFEST_BYTES (64 * RF_MIB)
/** Zeros behind the last member of a tar. Writers fill up to their block: 10 KiB as a rule, on
 * tapes up to a few MiB; without a limit a sparse file would be read for hours. */
#define RF_LIMIT_TAR_PADDING_BYTES (16 * RF_MIB)
/** Bytes looked at again behind damaged records of one object, so that an object made of nothing
 * else cannot take quadratic time. */
#define RF_LIMIT_RECOVERY_BYTES RF_GIB
/** ~/.aws/config and ~/.aws/credentials: some hundred profiles of some hundred bytes. */
#define RF_LIMIT_PROFILES_BYTES (4 * RF_MIB)
/** What a server or program that gives credentials answers: a session's token has some KiB. */
#define RF_LIMIT_CREDENTIALS_BYTES (256 * RF_KIB)
/** An event type or aggregate name in bytes. */
#define RF_LIMIT_NAME_BYTES 1024
/** Distinct event types and aggregate names in one history. */
#define RF_LIMIT_NAMES 1000000
/** The canonical text of one state. */
#define RF_LIMIT_STATE_BYTES (64 * RF_MIB)
/** The same with its private values hashed, each of which may be one digit before and 39 bytes
 * then. A golden's line has to hold it, with what stands beside. */
#define RF_LIMIT_MASKED_STATE_BYTES (3 * RF_LIMIT_STATE_BYTES)
/** A line of a golden: one state, and what stands beside it, which is short. */
#define RF_LIMIT_LINE_BYTES (4 * RF_LIMIT_STATE_BYTES)
/** Events that one command may make, and their bytes. The talk's library stores them in one item of
 * at most 400 KiB: a handler that goes on beyond these is in a loop. */
#define RF_LIMIT_COMMAND_EVENTS 10000
#define RF_LIMIT_COMMAND_BYTES  (16 * RF_MIB)
/** A file of scenarios, written by people or by their programs. */
#define RF_LIMIT_SCENARIO_BYTES (16 * RF_MIB)
/** Memory of one worker, --aggregate-memory: what an aggregate's states take, and all else that it
 * allocates. Sixteen times the longest state's text; what needs more leaks, or grows without end.
 * Not made of what the machine has, for the verdict must not depend on that. */
#define RF_LIMIT_AGGREGATE_BYTES RF_GIB
/** Less than this a worker itself may take. */
#define RF_LIMIT_AGGREGATE_LEAST (16 * RF_MIB)
/** Instances of one aggregate that hang, each found by waiting for --timeout twice: of an aggregate
 * that hangs so often everybody knows, and the rest would take the night. */
#define RF_LIMIT_HANGS 20
/** Entries of known-damage.json: each was to be accepted by someone who looked at it. */
#define RF_LIMIT_KNOWN 10000
/** Different things that an aggregate tried and was not let do. Whoever goes through a disk finds
 * more, and who reads the report knows by then. */
#define RF_LIMIT_TRIED 64
/** What an aggregate prints, in all: a few lines tell where it is, more is a log, which no one
 * reads in a report. */
#define RF_LIMIT_PRINTED_BYTES (4 * RF_KIB)
/** A JUnit report: GitLab reads none of 30 MB, none of more than 250,000 parsed objects (a test
 * case with a failure is about eight), and no text above 10 MB; people read none above 16 KiB. */
#define RF_LIMIT_JUNIT_BYTES        (18 * RF_MIB)
#define RF_LIMIT_JUNIT_DAMAGE_BYTES (4 * RF_MIB)
#define RF_LIMIT_JUNIT_CASES        15000
#define RF_LIMIT_JUNIT_TEXT_BYTES   (16 * RF_KIB)
/** A Markdown report: GitHub takes no comment of more than 65,536 characters. */
#define RF_LIMIT_MARKDOWN_BYTES 60000
/** The file that GITHUB_STEP_SUMMARY names: above 1 MiB GitHub shows none of it. */
#define RF_LIMIT_SUMMARY_BYTES (900 * RF_KIB)
/** The text of an annotation on GitHub: more is read nowhere. */
#define RF_LIMIT_ANNOTATION_BYTES (8 * RF_KIB)
/** Clusters and aggregates that a TAP report lists. */
#define RF_LIMIT_TAP_POINTS 1000

/** Private pointers of one aggregate, of states and of data each: a bit for each in a word. */
#define RF_LIMIT_PRIVATE 64

/* refold types: what it keeps of a history of any size. Where one of these is hit, the listing says
 * so. */

/** Event types, counted by aggregate. Systems have tens to hundreds; where ids stand in the names,
 * no one reads so many. */
#define RF_LIMIT_TYPES 20000
/** Different pairs of a type and the one behind it: 500 types of which each follows each. */
#define RF_LIMIT_TRANSITIONS (1 << 18)
/** Keys of the objects at one path, over all events of a type. With more it is a map, and its keys
 * are one, `*`. The widest records that people design have some tens. */
#define RF_LIMIT_KEYS 100
/** Paths of one type's data. With more the widest objects are taken for maps: one of ids that has
 * not shown RF_LIMIT_KEYS yet, with forty paths below each, is what makes so many. */
#define RF_LIMIT_PATHS 4000
/** How deep paths go: nobody reads a longer one. */
#define RF_LIMIT_PATH_STEPS 16
/** Distinct values of a path that are all listed, with counts: a status, a currency, a country. */
#define RF_LIMIT_VALUES 16
/** Of more values, so many are kept as examples. */
#define RF_LIMIT_EXAMPLES 3
/** Bytes of a value that is listed; a longer one is cut, and its path has examples only. */
#define RF_LIMIT_VALUE_BYTES 64
/** Memory for paths and values of one catalogue; each thread has one, and there is one more in
 * which they meet. About 90,000 paths: thirty for each of 3,000 types. */
#define RF_LIMIT_CATALOG_BYTES (64 * RF_MIB)

#endif
