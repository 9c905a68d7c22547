/* SPDX-License-Identifier: MIT */
/*
 * A program that speaks the worker protocol by the letter, in C and with nothing of refold's; but
 * for the fault after which it is named: started as "planted-receipt" its receipts are wrong, as
 * "planted" nothing is. What each fault does stands where it is asked for: has("receipt").
 *
 * Started as "planted-liar-SEED" it lies about some of its instances, and only about these: about
 * which ones and how is told by a hash of SEED and the instance's id (scripts/fuzz-protocol has the
 * same). No lie leaves the instance the state that it should have.
 *
 * Its aggregate `tally` counts events and adds up "By". It restores, handles Make (which makes an
 * event) and Never (which it refuses), and identifies payloads that begin with "tally:".
 */
#define _GNU_SOURCE
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LONGEST (UINT32_C(128) << 20)
#define NAMES   4096

enum { HELLO = 1, TYPE, BEGIN, EVENTS, STATE, END, COMMAND, IDENTIFY, ANSWER = 128 };

struct bytes {
    char *bytes;
    size_t used, room;
};

/* What of a payload is not read yet. */
struct rest {
    const char *at;
    size_t left;
};

struct state {
    long long events, sum;
};

static const char *fault = "";
static const char *seed;     /* of a liar, or NULL */
static const char *lie = ""; /* a fault, for the instance at hand */
static uint32_t chance;      /* its hash */
static struct bytes in, out, held;
static size_t in_at;   /* what of `in` is taken */
static uint64_t frame; /* number of the one at hand */
static int greeted, inside, over;
static struct state now;
static uint64_t applied;
static uint32_t receipt;
static char names[NAMES][64];
static size_t name_count;

static int
has(const char *name)
{
    return strcmp(fault, name) == 0 || strcmp(lie, name) == 0;
}

/* FNV-1a. */
static uint32_t
hash(const char *one, const char *two, size_t two_bytes)
{
    uint32_t value = UINT32_C(2166136261);
    for (; *one != '\0'; one++) {
        value = (value ^ (unsigned char)*one) * UINT32_C(16777619);
    }
    for (size_t i = 0; i < two_bytes; i++) {
        value = (value ^ (unsigned char)two[i]) * UINT32_C(16777619);
    }
    return value;
}

static const char *const lies[] = {"receipt", "applied", "twice",   "stray", "letters",
                                   "number",  "kind",    "short",   "state", "wrong",
                                   "abort",   "quit",    "crashed", "flip",  "half"};

static void
choose_lie(const char *id, size_t bytes)
{
    uint32_t value = hash(seed, id, bytes);
    lie = value % 16 == 0 ? lies[value / 16 % (sizeof(lies) / sizeof(lies[0]))] : "";
    chance = value / 16 / 15;
}

/* What it reads does not stand in the protocol. */
static _Noreturn void
refuse(const char *why)
{
    if (has("crash")) {
        abort();
    }
    if (!has("mute")) {
        (void)fprintf(stderr, "planted: frame %" PRIu64 ": %s\n", frame, why);
    }
    exit(has("zero") ? 0 : 3);
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static uint32_t
u32(const char *bytes)
{
    const unsigned char *at = (const unsigned char *)bytes;
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void
add(struct bytes *to, const void *bytes, size_t count)
{
    if (to->room - to->used < count) {
        to->room = 2 * (to->used + count) + 4096;
        to->bytes = realloc(to->bytes, to->room);
    }
    if (count > 0) {
        memcpy(to->bytes + to->used, bytes, count);
    }
    to->used += count;
}

static void
put(char *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        at[i] = (char)(value >> (8 * i));
    }
}

static uint32_t crc_table[256];

static void
make_crc_table(void)
{
    for (uint32_t i = 0; i < 256; i++) {
        crc_table[i] = i;
        for (int bit = 0; bit < 8; bit++) {
            crc_table[i] = crc_table[i] >> 1 ^ (crc_table[i] & 1 ? UINT32_C(0x82f63b78) : 0);
        }
    }
}

static uint32_t
crc32c(uint32_t crc, const char *bytes, size_t count)
{
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc = crc >> 8 ^ crc_table[(crc ^ (unsigned char)bytes[i]) & 255];
    }
    return ~crc;
}

static const char *
take(struct rest *rest, size_t count)
{
    const char *at = rest->at;
    if (count > rest->left) {
        refuse("its payload is too short");
    }
    rest->at += count;
    rest->left -= count;
    return at;
}

static void
end_payload(const struct rest *rest)
{
    if (rest->left > 0) {
        refuse("its payload is too long");
    }
}

/* ---- both ways ------------------------------------------------------------------------------- */

static int drips;

static void
flush(void)
{
    for (size_t at = 0; at < out.used;) {
        ssize_t got = write(STDOUT_FILENO, out.bytes + at, drips ? 1 : out.used - at);
        if (drips) {
            (void)usleep(250 * 1000);
        }
        if (got <= 0) {
            exit(1);
        }
        at += (size_t)got;
    }
    out.used = 0;
}

static int bytewise; /* reads of a byte, one behind the other */

/* 0 at the end of the input. */
static int
read_more(void)
{
    static char chunk[1 << 16];
    if (!has("flush") || !greeted || out.used > 4096) {
        flush();
    }
    if (in_at > 0) {
        memmove(in.bytes, in.bytes + in_at, in.used - in_at);
        in.used -= in_at;
        in_at = 0;
    }
    ssize_t got = read(STDIN_FILENO, chunk, sizeof(chunk));
    bytewise = got == 1 ? bytewise + 1 : 0;
    if (got > 0) {
        add(&in, chunk, (size_t)got);
    }
    return got > 0;
}

/* How many bytes of a frame are there: 0: not its header. */
static size_t
next_bytes(void)
{
    return in.used - in_at < 16 ? 0 : 16 + (size_t)u32(in.bytes + in_at);
}

static void
send_answer(uint16_t kind, uint64_t number, const void *front, size_t front_bytes, const void *text,
            size_t bytes)
{
    char header[16];
    put(header, front_bytes + bytes, 4);
    put(header + 4, kind, 2);
    put(header + 6, has("letters") && kind == ANSWER + END ? 0 : 0x4652, 2);
    put(header + 8, number, 8);
    add(&out, header, sizeof(header));
    add(&out, front, front_bytes);
    add(&out, text, bytes);
}

/* RESTORED: u32. APPLIED, STATE, ENDED: status, receipt, applied. */
static void
answer_status(uint16_t kind, uint32_t status, const char *text)
{
    char front[4];
    put(front, status, 4);
    send_answer(kind, frame, front, sizeof(front), text, strlen(text));
}

static void
answer_course(uint16_t kind, uint32_t status, const char *text)
{
    char front[16];
    uint64_t number = has("number") && kind == ANSWER + END ? frame + 1 : frame;
    uint16_t told = has("kind") && kind == ANSWER + STATE ? ANSWER + EVENTS : kind;
    put(front, status, 4);
    put(front + 4, receipt ^ has("receipt"), 4);
    put(front + 8, applied + (uint64_t)(has("applied") && kind == ANSWER + EVENTS), 8);
    send_answer(told, number, front, has("short") && kind == ANSWER + END ? 12 : sizeof(front),
                text, strlen(text));
    if (has("twice") && kind == ANSWER + STATE) {
        send_answer(told, number, front, sizeof(front), text, strlen(text));
    }
}

/* ---- HELLO, TYPE ----------------------------------------------------------------------------- */

static const char descriptor[] =
    "{\"protocol\":1,\"speaker\":\"planted\",\"aggregates\":[{\"name\":\"tally\","
    "\"state_version\":1,\"types\":[\"Added\",\"Removed\"],\"commands\":[\"Make\",\"Never\"],"
    "\"restores\":true,\"identifies\":true,\"shape\":{\"kind\":9,\"fields\":"
    "[{\"name\":\"events\",\"kind\":3},{\"name\":\"sum\",\"kind\":3}]}}]}";

static void
hello(struct rest *rest)
{
    const char *json = descriptor;
    static const char wrong[] = "{\"protocol\":1,\"aggregates\":[{\"name\":\"tally\"}]}";
    char *text = strndup(rest->at, rest->left);
    char *protocol = strstr(text, "\"protocol\"");
    int whole = text[0] != '\0' && strchr(text, '}') != NULL;
    if (!whole || protocol == NULL) {
        refuse("HELLO without a protocol");
    }
    protocol += strcspn(protocol, "0123456789");
    if (has("members") && strstr(text, "later") != NULL) {
        refuse("HELLO with a member that is not known");
    }
    if (has("descriptor")) {
        json = wrong;
    }
    send_answer(ANSWER + HELLO, frame, NULL, 0, json, strlen(json));
    greeted = 1;
    if (atoi(protocol) != 1 && !has("protocol")) {
        flush();
        refuse("another protocol than 1");
    }
    free(text);
    if (!has("flush")) {
        return;
    }
    flush(); /* this one; no other one */
}

static void
type(struct rest *rest)
{
    uint32_t given = u32(take(rest, 4));
    if (has("deaf") && over) {
        return;
    }
    if (given != name_count || name_count == NAMES) {
        refuse("a type's number out of turn");
    }
    (void)snprintf(names[name_count++], sizeof(names[0]), "%.*s", (int)rest->left, rest->at);
}

/* ---- instances ------------------------------------------------------------------------------- */

static int
read_state(const char *text, size_t bytes, struct state *ret)
{
    char copy[200];
    int end = 0;
    (void)snprintf(copy, sizeof(copy), "%.*s", bytes > 150 ? 150 : (int)bytes, text);
    return sscanf(copy, "{\"events\":%lld,\"sum\":%lld}%n", &ret->events, &ret->sum, &end) == 2 &&
           copy[end] == '\0' && end > 0;
}

static void
begin(struct rest *rest)
{
    uint32_t aggregate = u32(take(rest, 4));
    uint32_t flags = u32(take(rest, 4));
    uint32_t name_bytes = u32(take(rest, 4));
    uint32_t id_bytes = u32(take(rest, 4));
    if (aggregate != 0) {
        refuse("an aggregate that there is not");
    }
    if (flags > 1 && !has("flags")) {
        refuse("an unknown flag");
    }
    (void)take(rest, name_bytes);
    const char *id = take(rest, id_bytes);
    if (seed != NULL) {
        choose_lie(id, id_bytes);
    }
    inside = 1;
    over = 0;
    applied = 0;
    receipt = 0;
    now.events = 0;
    if (!has("impure")) {
        now.sum = 0;
    }
    if ((flags & 1) == 0) {
        end_payload(rest);
        return;
    }
    struct state restored = {0, 0};
    int good = read_state(rest->at, rest->left, &restored);
    over = !good && !has("restores");
    if (good && !has("ignores")) {
        now = restored;
    }
    answer_status(ANSWER + BEGIN, over ? 3 : 0, over ? "the snapshot is none of a tally" : "");
}

/* A record, checked. */
static const char *
take_record(struct rest *rest, size_t *ret_bytes, const char **ret_name)
{
    uint32_t bytes = u32(take(rest, 4));
    if (has("trusts") && (bytes > rest->left || bytes < 28)) {
        bytes = (uint32_t)rest->left;
    }
    if (bytes < 28) {
        refuse("a record that is too short");
    }
    const char *record = take(rest, bytes);
    if (u32(record) >= name_count) {
        refuse("a type that was never told");
    }
    if (u32(record + 4) > 1 && !has("flags")) {
        refuse("an unknown flag");
    }
    *ret_name = names[u32(record)];
    *ret_bytes = bytes;
    return record;
}

/* Why it is refused, or NULL. */
static const char *
apply(const char *name, const char *data, size_t bytes)
{
    char text[100];
    long long by = 0;
    int added = strcmp(name, "Added") == 0;
    if (!added && strcmp(name, "Removed") != 0 && !has("unknown")) {
        return "tally does not know it";
    }
    const char *found = memmem(data, bytes, "\"By\":", 5);
    size_t left = found == NULL ? 0 : bytes - (size_t)(found - data);
    (void)snprintf(text, sizeof(text), "%.*s", left > 90 ? 90 : (int)left,
                   found == NULL ? "" : found);
    if (sscanf(text, "\"By\":%lld", &by) != 1 && !has("unknown")) {
        return has("text") ? "By is not \xff\xfe" : "By is not there";
    }
    now.events++;
    now.sum = (long long)((unsigned long long)now.sum + (unsigned long long)(added ? by : -by));
    return NULL;
}

static void
events(struct rest *rest)
{
    uint32_t count = u32(take(rest, 4));
    for (uint32_t i = 0; i < count; i++) {
        size_t bytes;
        const char *name;
        if (has("trusts") && rest->left < 4) {
            break;
        }
        const char *record = take_record(rest, &bytes, &name);
        const char *why = apply(name, record + 28, bytes - 28);
        if (has("stray") && applied == (seed == NULL ? 5 : 0)) {
            add(&out, "applying\n", 9);
        }
        if (why != NULL) {
            if (has("receipt-refused")) {
                receipt = crc32c(receipt, record - 4, bytes + 4);
            }
            over = 1;
            answer_course(ANSWER + EVENTS, 1, why);
            return;
        }
        receipt = crc32c(receipt, record - 4, bytes + 4);
        applied++;
    }
    if (!has("trusts")) {
        end_payload(rest);
    }
    answer_course(ANSWER + EVENTS, 0, "");
    /* Its answer waits for that of the next frame, where that is there already. */
    if (has("order") && next_bytes() > 0 && in.used - in_at >= next_bytes() &&
        in.bytes[in_at + 4] == STATE) {
        size_t mine = 32;
        add(&held, out.bytes + out.used - mine, mine);
        out.used -= mine;
    }
}

/* Lies about a state whose answer begins at `place`. */
static void
end_as_told(size_t place)
{
    if (has("flip")) { /* one bit of it, any one */
        size_t bit = chance % (8 * (out.used - place));
        out.bytes[place + bit / 8] ^= (char)(1 << bit % 8);
    } else if (has("half")) {
        out.used = place + chance % (out.used - place);
        flush();
        exit(0);
    } else if (has("crashed")) {
        out.used = place;
        send_answer(255, frame, NULL, 0, "it crashed", 10);
        flush();
        exit(1);
    } else if (has("abort")) {
        abort();
    } else if (has("quit")) {
        exit(0);
    }
}

static void
give_state(void)
{
    static int asked;
    char text[100];
    (void)snprintf(
        text, sizeof(text),
        has("state") ? "{events:%lld,sum:%lld}" : "{\"events\":%lld,\"sum\":%lld}", now.events,
        now.sum + has("wrong") + (has("unsteady") ? asked++ : 0) + (has("pieces") && bytewise > 8));
    size_t place = out.used;
    answer_course(ANSWER + STATE, 0, text);
    end_as_told(place);
    if (has("drips")) {
        drips = 1;
        flush();
        drips = 0;
    } else if (has("dawdles")) {
        flush();
        (void)usleep(300 * 1000);
    }
    add(&out, held.bytes, held.used);
    held.used = 0;
}

static void
end(void)
{
    if (!(has("ended") && over)) {
        answer_course(ANSWER + END, 0, "");
    }
    inside = 0;
    over = 0;
    lie = "";
}

/* ---- commands, payloads ---------------------------------------------------------------------- */

static void
command(struct rest *rest)
{
    static const char type_name[] = "Added";
    static const char data[] = "{\"By\":1}";
    size_t bytes;
    const char *name;
    char front[16];
    (void)take_record(rest, &bytes, &name);
    end_payload(rest);
    put(front, 0, 8);
    if (strcmp(name, "Make") == 0) {
        struct bytes text = {0};
        now.sum += has("command");
        put(front + 4, 1, 4);
        put(front + 8, sizeof(type_name) - 1, 4);
        put(front + 12, sizeof(data) - 1, 4);
        add(&text, type_name, sizeof(type_name) - 1);
        add(&text, data, sizeof(data) - 1);
        send_answer(ANSWER + COMMAND, frame, front, 16, text.bytes, text.used);
        free(text.bytes);
        return;
    }
    int refused = strcmp(name, "Never") == 0;
    const char *why = refused ? "never" : "tally does not know it";
    over = !refused;
    put(front, refused ? 1 : 3, 4);
    send_answer(ANSWER + COMMAND, frame, front, 8, why, strlen(why));
}

static void
identify(struct rest *rest)
{
    static int asked;
    struct bytes text = {0};
    uint32_t aggregate = u32(take(rest, 4));
    uint32_t count = u32(take(rest, 4));
    char number[4];
    if (aggregate != 0) {
        refuse("an aggregate that there is not");
    }
    for (uint32_t i = 0; i < count; i++) {
        char json[100] = "";
        uint32_t bytes = u32(take(rest, 4));
        const char *payload = take(rest, bytes);
        if ((bytes > 6 && memcmp(payload, "tally:", 6) == 0) || has("identify")) {
            (void)snprintf(json, sizeof(json), "{\"id\":\"%d\",\"type\":\"Added\"}",
                           has("identify") ? asked++ : (int)bytes);
        }
        put(number, strlen(json), 4);
        add(&text, number, 4);
        add(&text, json, strlen(json));
    }
    end_payload(rest);
    put(number, count, 4);
    send_answer(ANSWER + IDENTIFY, frame, number, 4, text.bytes, text.used);
    free(text.bytes);
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void
perform(uint16_t kind, struct rest *rest)
{
    if ((kind == HELLO) == greeted) {
        refuse("HELLO comes first, and once");
    }
    if ((kind == EVENTS || kind == STATE || kind == COMMAND || kind == END) && !inside) {
        refuse("it comes outside of an instance");
    }
    if ((kind == BEGIN || kind == IDENTIFY) && inside && !has("inside")) {
        refuse("it comes in an instance");
    }
    if (over && (kind == EVENTS || kind == STATE || kind == COMMAND) &&
        !(has("passed") && kind == STATE)) {
        return;
    }
    if ((kind == STATE || kind == END) && !has("trusts")) {
        end_payload(rest);
    }
    switch (kind) {
    case HELLO:
        hello(rest);
        return;
    case TYPE:
        type(rest);
        return;
    case BEGIN:
        begin(rest);
        return;
    case EVENTS:
        events(rest);
        return;
    case STATE:
        give_state();
        return;
    case END:
        end();
        return;
    case COMMAND:
        command(rest);
        return;
    case IDENTIFY:
        identify(rest);
        return;
    default:
        if (!has("guesses")) {
            refuse("its kind is unknown");
        }
    }
}

/* 0 at the end of the input, which is between two frames. */
static int
take_frame(void)
{
    while (next_bytes() == 0) {
        if (!read_more()) {
            if (in.used > in_at && !has("cut")) {
                refuse("the input ends in its header");
            }
            return 0;
        }
    }
    frame++;
    if (u32(in.bytes + in_at + 4) >> 16 != 0x4652) {
        refuse("it lacks the letters");
    }
    if (u32(in.bytes + in_at) > LONGEST) {
        refuse("it is too long");
    }
    if ((u32(in.bytes + in_at + 8) != frame || u32(in.bytes + in_at + 12) != 0) && !has("skips")) {
        refuse("its number is not the next");
    }
    while (in.used - in_at < next_bytes()) {
        if (!read_more()) {
            if (has("cut")) {
                return 0;
            }
            refuse("the input ends in its payload");
        }
    }
    return 1;
}

int
main(int argc, char **argv)
{
    static const char front[] = "planted-";
    static const char liar[] = "liar-";
    const char *name = argc > 0 ? strstr(argv[0], front) : NULL;
    fault = name == NULL ? "" : name + strlen(front);
    seed = strncmp(fault, liar, strlen(liar)) == 0 ? fault + strlen(liar) : NULL;
    make_crc_table();
    if (has("ready")) {
        (void)!write(STDOUT_FILENO, "ready for frames\n", 17);
    }
    while (take_frame()) {
        uint16_t kind = (uint16_t)u32(in.bytes + in_at + 4);
        struct rest rest = {in.bytes + in_at + 16, u32(in.bytes + in_at)};
        in_at += next_bytes();
        if (has("stops") && frame > 2500) {
            (void)pause();
        }
        if (has("quits") && frame > 300) {
            exit(0);
        }
        perform(kind, &rest);
    }
    if (has("tail")) {
        add(&out, "bye\n", 4);
    } else if (has("tail-frame")) {
        answer_course(ANSWER + STATE, 0, "{\"events\":1,\"sum\":1}");
    } else if (has("tail-crashed")) {
        send_answer(255, frame, NULL, 0, "it crashed", 10);
    } else if (has("tail-late")) {
        (void)usleep(300 * 1000);
    }
    flush();
    return has("hasty") || has("tail-late");
}
