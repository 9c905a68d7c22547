/* SPDX-License-Identifier: MIT */
/*
 * A program that speaks the worker protocol, in C and with nothing of refold's: it counts events
 * and adds up their "By". Where an event's data has "Do", it does that too:
 *
 *   refuse       it is refused, after it was counted
 *   segv abort exit0 exit7 exit94
 *                how it ends
 *   hang sleep   for ever, and computes or not
 *   alloc        takes memory until there is none
 *   crash        CRASHED, with a stack
 *   hello        prints to standard output
 *   close        closes standard output, and lives on
 *   receipt applied kind unknown number early twice long status letters cut
 *                an answer that is a lie
 *   json nan broken
 *                its next state is no JSON, or there is none
 *   odd          its next state is not canonical, but the same
 *   bare         its next state is without its sum
 *   huge         its next state has 20 MB
 *   environment  its next state holds how many variables and which files there are
 *   home         its next state holds $HOME
 *   leave deaf linger
 *                right behind its ENDED: it ends with 0, or closes its input; or behind one more
 *   doze         it takes a fifth of a second
 *
 * Started by another name than its own it has several aggregates (see `casts`), of which "second"
 * subtracts; lies in its hello, or says none: see hello().
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

extern char **environ;

static const char *own_name;
static unsigned char *payload;
static uint32_t payload_bytes;
static uint64_t frame_number;
static FILE *answers;

static struct {
    uint64_t applied;
    uint32_t receipt;
    int64_t events, sum;
    int over;
    uint32_t aggregate;
    char next[32]; /* what its next state is like */
    char last[32]; /* what it does behind its END */
} now;

static int lingers; /* so many ENDs more */

static char names[4096][128];

static uint32_t
u32(const unsigned char *at)
{
    return at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static void
put(unsigned char *at, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++) {
        at[i] = (unsigned char)(value >> (8 * i));
    }
}

static _Noreturn void
die(const char *why)
{
    (void)fprintf(stderr, "counter: %s\n", why);
    exit(3);
}

static uint32_t
add_receipt(uint32_t crc, const unsigned char *bytes, size_t count)
{
    crc = ~crc;
    for (size_t i = 0; i < count; i++) {
        crc ^= bytes[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
        }
    }
    return ~crc;
}

/* ---- answers --------------------------------------------------------------------------------- */

static void
answer(uint16_t kind, const void *bytes, size_t count)
{
    unsigned char header[16];
    put(header, count, 4);
    put(header + 4, kind, 2);
    put(header + 6, 0x4652, 2);
    put(header + 8, frame_number, 8);
    (void)fwrite(header, 1, sizeof(header), answers);
    (void)fwrite(bytes, 1, count, answers);
}

/* APPLIED, STATE, ENDED */
static void
answer_course(uint16_t kind, uint32_t status, const char *text)
{
    size_t bytes = strlen(text);
    unsigned char *front = malloc(16 + bytes);
    put(front, status, 4);
    put(front + 4, now.receipt, 4);
    put(front + 8, now.applied, 8);
    memcpy(front + 16, text, bytes);
    answer(kind, front, 16 + bytes);
    free(front);
}

/* Aggregates of whoever is called so: their names, each with a type of its own or all. */
static const struct {
    const char *called;
    const char *names[3];
    const char *types[3];
} casts[] = {
    {"twins", {"counter", "second"}, {"*", "Subtracted"}},
    {"swapped", {"second", "counter"}, {"Subtracted", "*"}},
    {"triplets", {"counter", "second", "third"}, {"*", "Subtracted", "Noted"}},
    {"stars", {"counter", "second"}, {"*", "*"}},
    {"namesakes", {"counter", "counter"}, {"*", "Subtracted"}},
    {"adder", {"counter"}, {"Added"}},
    {"both", {"counter", "second"}, {"Added", "Subtracted"}},
    {"greedy", {"counter", "second"}, {"Added", "*"}},
    {"", {"counter"}, {"*"}},
};

static size_t
own_cast(void)
{
    size_t i = 0;
    while (strstr(own_name, casts[i].called) == NULL) {
        i++;
    }
    return i;
}

static void
hello(void)
{
    static const char one[] =
        "%s{\"name\":\"%s\",\"state_version\":1,\"types\":[\"%s\"],"
        "\"commands\":[\"Make\",\"Fail\"],\"restores\":true,\"shape\":{\"kind\":9,"
        "\"fields\":[{\"name\":\"events\",\"kind\":3},{\"name\":\"sum\",\"kind\":3}]}}";
    char text[2048];
    char list[1024];
    size_t cast = own_cast();
    int used = 0;
    for (int i = 0; i < 3 && casts[cast].names[i] != NULL; i++) {
        used += snprintf(list + used, sizeof(list) - (size_t)used, one, i == 0 ? "" : ",",
                         casts[cast].names[i], casts[cast].types[i]);
    }
    (void)snprintf(text, sizeof(text),
                   "{\"protocol\":%d,\"speaker\":\"counter\",\"aggregates\":[%s]}",
                   strstr(own_name, "tomorrow") != NULL ? 2 : 1, list);
    if (strstr(own_name, "mute") != NULL) {
        exit(0);
    }
    if (strstr(own_name, "printer") != NULL) {
        (void)fprintf(answers, "Hello, world!\n");
        return;
    }
    if (strstr(own_name, "slip") != NULL) {
        answer(129, "{\"protocol\":1,\"aggregates\":[{}]}", 32);
        return;
    }
    answer(129, text, strlen(text));
}

/* ---- what it is told to do ------------------------------------------------------------------- */

/* The string member `name` of a JSON text that is written as our tests write it. */
static int
find(const char *data, size_t bytes, const char *name, char *ret, size_t room)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "\"%s\":\"", name);
    const char *at = memmem(data, bytes, wanted, strlen(wanted));
    if (at == NULL) {
        return 0;
    }
    at += strlen(wanted);
    size_t used = 0;
    while (at < data + bytes && *at != '"' && used + 1 < room) {
        ret[used++] = *at++;
    }
    ret[used] = '\0';
    return 1;
}

static int64_t
find_number(const char *data, size_t bytes, const char *name)
{
    char wanted[64];
    (void)snprintf(wanted, sizeof(wanted), "\"%s\":", name);
    const char *at = memmem(data, bytes, wanted, strlen(wanted));
    return at == NULL ? 0 : strtoll(at + strlen(wanted), NULL, 10);
}

static volatile uint64_t spins;

static void
end_by(const char *deed)
{
    (void)fflush(answers);
    if (strcmp(deed, "segv") == 0) {
        (void)raise(SIGSEGV);
    } else if (strcmp(deed, "abort") == 0) {
        abort();
    } else if (strncmp(deed, "exit", 4) == 0) {
        (void)fprintf(stderr, "going with %s\n", deed + 4);
        exit(atoi(deed + 4));
    } else if (strcmp(deed, "hang") == 0) {
        for (;;) {
            spins++;
        }
    } else if (strcmp(deed, "sleep") == 0) {
        for (;;) {
            (void)pause();
        }
    } else if (strcmp(deed, "alloc") == 0) {
        for (;;) {
            char *taken = malloc(1 << 20);
            if (taken == NULL) {
                abort();
            }
            memset(taken, 1, 1 << 20);
        }
    } else if (strcmp(deed, "crash") == 0) {
        static const char text[] = "panic: index out of range [3] with length 2, at order.go:41\n"
                                   "goroutine 1:\n\tmain.On()\n";
        answer(255, text, sizeof(text) - 1);
        (void)fflush(answers);
        exit(2);
    } else if (strcmp(deed, "close") == 0) {
        (void)fclose(answers);
        for (;;) {
            (void)pause();
        }
    } else if (strcmp(deed, "hello") == 0) {
        (void)fprintf(answers, "hello\n");
    } else if (strcmp(deed, "doze") == 0) {
        (void)usleep(200000);
    }
}

/* Answers EVENTS with a lie. */
static int
lie(const char *deed)
{
    if (strcmp(deed, "receipt") == 0) {
        now.receipt ^= 1;
    } else if (strcmp(deed, "applied") == 0) {
        now.applied++;
    } else if (strcmp(deed, "number") == 0) {
        frame_number += 100;
    } else if (strcmp(deed, "early") == 0) {
        frame_number++;
    } else if (strcmp(deed, "kind") == 0) {
        answer_course(133, 0, "{}");
        return 1;
    } else if (strcmp(deed, "unknown") == 0) {
        answer_course(200, 0, "");
        return 1;
    } else if (strcmp(deed, "status") == 0) {
        answer_course(132, 7, "");
        return 1;
    } else if (strcmp(deed, "twice") == 0) {
        answer_course(132, 0, "");
    } else if (strcmp(deed, "cut") == 0) {
        answer(132, "\0\0\0", 3);
        return 1;
    } else if (strcmp(deed, "letters") == 0) {
        unsigned char header[16] = {0};
        (void)fwrite(header, 1, sizeof(header), answers);
        return 1;
    } else if (strcmp(deed, "long") == 0) {
        unsigned char header[16] = {0xff, 0xff, 0xff, 0x7f, 132, 0, 0x52, 0x46};
        (void)fwrite(header, 1, sizeof(header), answers);
        return 1;
    }
    return 0;
}

/* ---- frames ---------------------------------------------------------------------------------- */

static void
begin(void)
{
    memset(&now, 0, sizeof(now));
    if (payload_bytes < 16) {
        die("a short BEGIN");
    }
    now.aggregate = u32(payload);
    uint32_t front = 16 + u32(payload + 8) + u32(payload + 12);
    if (u32(payload + 4) == 1) {
        const char *json = (const char *)payload + front;
        size_t bytes = payload_bytes - front;
        now.events = find_number(json, bytes, "events");
        now.sum = find_number(json, bytes, "sum");
        int bad = memmem(json, bytes, "\"sum\":", 6) == NULL;
        unsigned char status[32] = {0};
        put(status, bad ? 3 : 0, 4);
        memcpy(status + 4, "there is no sum", 15);
        answer(131, status, bad ? 19 : 4);
        now.over = bad;
    }
}

static void
apply(void)
{
    uint32_t count = u32(payload);
    const unsigned char *at = payload + 4;
    char told[32];
    char lied[32] = "";
    for (uint32_t i = 0; i < count; i++) {
        uint32_t bytes = u32(at) + 4;
        const char *data = (const char *)at + 32;
        if (bytes < 32 || at + bytes > payload + payload_bytes || names[u32(at + 4)][0] == '\0') {
            die("a bad record");
        }
        now.events++;
        int64_t by = find_number(data, bytes - 32, "By");
        now.sum += strcmp(casts[own_cast()].names[now.aggregate], "second") == 0 ? -by : by;
        if (find(data, bytes - 32, "Do", told, sizeof(told))) {
            if (strcmp(told, "refuse") == 0) {
                now.over = 1;
                answer_course(132, 1, "told to");
                return;
            }
            if (strstr("json nan broken odd bare huge environment home", told) != NULL) {
                strcpy(now.next, told);
            } else if (strstr("leave deaf linger", told) != NULL) {
                strcpy(now.last, told);
            } else {
                end_by(told);
                strcpy(lied, told);
            }
        }
        now.receipt = add_receipt(now.receipt, at, bytes);
        now.applied++;
        at += bytes;
    }
    if (!lie(lied)) {
        answer_course(132, 0, "");
    }
}

static void
give_much(void)
{
    size_t bytes = 20000000;
    char *text = malloc(bytes + 100);
    int front = sprintf(text, "{\"events\":%" PRId64 ",\"much\":\"", now.events);
    memset(text + front, 'x', bytes);
    strcpy(text + (size_t)front + bytes, "\"}");
    answer_course(133, 0, text);
    free(text);
}

static void
give_environment(void)
{
    char text[512];
    char files[64] = "";
    int count = 0;
    while (environ[count] != NULL) {
        count++;
    }
    for (int fd = 0; fd < 1024; fd++) {
        if (fcntl(fd, F_GETFD) >= 0) {
            (void)snprintf(files + strlen(files), sizeof(files) - strlen(files), "%d ", fd);
        }
    }
    (void)snprintf(text, sizeof(text), "{\"events\":%" PRId64 ",\"files\":\"%s\",\"variables\":%d}",
                   now.events, files, count);
    answer_course(133, 0, text);
}

static void
give_state(void)
{
    char text[128];
    (void)snprintf(text, sizeof(text), "{\"events\":%" PRId64 ",\"sum\":%" PRId64 "}", now.events,
                   now.sum);
    if (strcmp(now.next, "json") == 0) {
        answer_course(133, 0, "{\"events\":1,}");
    } else if (strcmp(now.next, "nan") == 0) {
        answer_course(133, 2, "/sum");
    } else if (strcmp(now.next, "broken") == 0) {
        answer_course(133, 3, "it cannot be written");
    } else if (strcmp(now.next, "odd") == 0) {
        (void)snprintf(text, sizeof(text),
                       " {\"sum\": %" PRId64 ", \"\\u0065vents\":%" PRId64 "e0}", now.sum,
                       now.events);
        answer_course(133, 0, text);
    } else if (strcmp(now.next, "huge") == 0) {
        give_much();
    } else if (strcmp(now.next, "bare") == 0) {
        (void)snprintf(text, sizeof(text), "{\"events\":%" PRId64 "}", now.events);
        answer_course(133, 0, text);
    } else if (strcmp(now.next, "home") == 0) {
        const char *home = getenv("HOME");
        (void)snprintf(text, sizeof(text), "{\"home\":\"%s\"}", home == NULL ? "" : home);
        answer_course(133, 0, text);
    } else if (strcmp(now.next, "environment") == 0) {
        give_environment();
    } else {
        answer_course(133, 0, text);
    }
}

/* "Make" makes two events; "Fail" has no answer; with "Do":"refuse" it is refused. */
static void
handle(void)
{
    char told[32] = "";
    unsigned char text[256] = {0};
    const char *name = names[u32(payload + 4)];
    (void)find((const char *)payload + 32, payload_bytes - 32, "Do", told, sizeof(told));
    if (strcmp(name, "Fail") == 0 || strcmp(told, "refuse") == 0) {
        const char *why = strcmp(name, "Fail") == 0 ? "no answer to that" : "told to";
        put(text, strcmp(name, "Fail") == 0 ? 3 : 1, 4);
        memcpy(text + 8, why, strlen(why));
        answer(135, text, 8 + strlen(why));
        now.over = strcmp(name, "Fail") == 0;
        return;
    }
    end_by(told);
    static const char one[] = "Added{\"By\":4}";
    put(text + 4, 2, 4);
    for (int i = 0; i < 2; i++) {
        unsigned char *at = text + 8 + i * 21;
        put(at, 5, 4);
        put(at + 4, 8, 4);
        memcpy(at + 8, one, 13);
    }
    answer(135, text, 8 + 2 * 21);
}

static void
end(void)
{
    answer_course(134, 0, "");
    (void)fflush(answers);
    if (strcmp(now.last, "leave") == 0 || (lingers > 0 && --lingers == 0)) {
        exit(0);
    } else if (strcmp(now.last, "deaf") == 0) {
        (void)close(STDIN_FILENO);
    } else if (strcmp(now.last, "linger") == 0) {
        lingers = 1;
    }
}

static void
take(uint16_t kind)
{
    switch (kind) {
    case 1:
        hello();
        break;
    case 2:
        if (u32(payload) < 4096) {
            (void)snprintf(names[u32(payload)], sizeof(names[0]), "%.*s", (int)payload_bytes - 4,
                           (const char *)payload + 4);
        }
        break;
    case 3:
        begin();
        break;
    case 4:
        if (!now.over) {
            apply();
        }
        break;
    case 5:
        if (!now.over) {
            give_state();
        }
        break;
    case 6:
        end();
        break;
    case 7:
        if (!now.over) {
            handle();
        }
        break;
    default:
        die("an unknown frame");
    }
}

/* Hands over what is written before it waits. */
static void
read_whole(unsigned char *bytes, size_t count)
{
    static unsigned char ahead[1 << 16];
    static size_t start, end;
    while (count > 0) {
        if (start == end) {
            (void)fflush(answers);
            ssize_t got = read(STDIN_FILENO, ahead, sizeof(ahead));
            if (got <= 0) {
                exit(0);
            }
            start = 0;
            end = (size_t)got;
        }
        size_t part = end - start < count ? end - start : count;
        memcpy(bytes, ahead + start, part);
        bytes += part;
        start += part;
        count -= part;
    }
}

int
main(int argc, char **argv)
{
    unsigned char header[16];
    const char *slash = strrchr(argv[0], '/');
    own_name = slash == NULL ? argv[0] : slash + 1;
    if (argc != 1) {
        die("it has arguments");
    }
    answers = fdopen(dup(STDOUT_FILENO), "w");
    (void)dup2(STDERR_FILENO, STDOUT_FILENO);
    for (;;) {
        read_whole(header, sizeof(header));
        if (header[6] != 'R' || header[7] != 'F') {
            die("no frame");
        }
        payload_bytes = u32(header);
        payload = realloc(payload, payload_bytes + 1);
        read_whole(payload, payload_bytes);
        frame_number = u32(header + 8) | (uint64_t)u32(header + 12) << 32;
        take((uint16_t)(header[4] | header[5] << 8));
    }
}
