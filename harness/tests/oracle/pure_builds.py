# SPDX-License-Identifier: MIT
"""Pure aggregates by the thousand: mutated copies of order.c, file.c and case.c, each a build of its own.

A copy has other constants, its rows and cases in another order, other names of fields, and one more field whose value
comes from things that pure code may do: scratch memory that it writes before it reads it, qsort, snprintf and strtod,
random numbers from a seed of its own, buffers that it fills anew, structs with padding, the clock for nothing."""

import os
import random
import re
import subprocess

from support import ROOT, lines_of, parallel, write_bytes

# Each gives an int64_t of the event and the state's `extra` so far.
PURE_THINGS = {
    "scratch": """
    char *copy = malloc(event->id.len + 8);
    memset(copy, 0, event->id.len + 8);
    memcpy(copy, event->id.ptr, event->id.len);
    int64_t sum = @A@;
    for (size_t i = 0; i < event->id.len + 8; i++) {
        sum = sum * 31 % 1000003 + copy[i];
    }
    free(copy);
    return sum;""",
    "sort": """
    unsigned char text[64];
    size_t count = event->id.len < sizeof(text) ? event->id.len : sizeof(text);
    memcpy(text, event->id.ptr, count);
    qsort(text, count, 1, extra_compare);
    return count == 0 ? @A@ : text[0] * 256 + text[count / 2] + extra % @B@;""",
    "print": """
    char text[64];
    (void)snprintf(text, sizeof(text), "%.4f %d", (double)event->version / @B@, (int)event->id.len);
    return (int64_t)(strtod(text, NULL) * 1e6) + @A@;""",
    "seeded": """
    srand((unsigned)(event->version * @B@ + @A@));
    return rand() % 100000;""",
    "seeded48": """
    unsigned short seed[3] = {(unsigned short)event->version, @A@, @B@};
    return nrand48(seed);""",
    "thread_buffer": """
    static _Thread_local char buffer[48];
    memset(buffer, @A@ % 100, sizeof(buffer));
    memcpy(buffer, event->type.ptr, event->type.len < sizeof(buffer) ? event->type.len : sizeof(buffer));
    return buffer[3] * 1000 + buffer[sizeof(buffer) - 1];""",
    "padding": """
    struct padded {
        char one;
        int64_t two;
        char three;
    } value, copy;
    value.one = (char)(event->version % 100);
    value.two = extra + @A@;
    value.three = 3;
    copy = value;
    return copy.two + copy.one * @B@ + copy.three;""",
    "clock_for_nothing": """
    static volatile time_t seen;
    struct timespec now;
    seen = time(NULL);
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return @A@ + event->version;""",
    "utc": """
    time_t at = event->at.seconds + @A@;
    struct tm parts;
    char text[40];
    (void)gmtime_r(&at, &parts);
    return (int64_t)strftime(text, sizeof(text), "%Y-%m-%d %H", &parts) + parts.tm_yday * 24 + parts.tm_hour;""",
    "rounding": """
    volatile double part = @B@;
    int before = fegetround();
    (void)fesetround(FE_DOWNWARD);
    int64_t value = (int64_t)((double)event->version / part * 1e9);
    (void)fesetround(before);
    return value;""",
    "mathematics": """
    return (int64_t)(sin((double)event->version) * 1e6 + log((double)(@B@ + event->version)) * 1e6);""",
    "recursion": """
    return event->version % 20 == 0 ? @A@ : extra_walk((int)(event->version % 20), @B@);""",
    "numbers": """
    struct lconv *conventions = localeconv();
    return conventions->decimal_point[0] * @A@ + atoi("@B@") + (toupper('i') == 'I');""",
    "environment_for_nothing": """
    if (getenv("DEBUG") != NULL || getenv("VERBOSE") != NULL) {
        (void)fputs("pure", stderr);
    }
    return @A@;""",
    "constants": """
    static const int64_t table[] = {@A@, @B@, 7, 11, 13};
    return table[(uint64_t)event->version % 5] ^ (extra & 0xff);""",
    "once": """
    static int64_t table[16]; /* the same whoever comes first */
    static int filled;
    if (!filled) {
        for (int i = 0; i < 16; i++) {
            table[i] = i * @A@ + @B@;
        }
        filled = 1;
    }
    return table[(uint64_t)event->version % 16];""",
}

INCLUDES = "".join("#include <%s.h>\n" % name for name in ("ctype", "fenv", "locale", "math", "stdio", "stdlib", "time"))
HELPERS = """
static __attribute__((unused)) int
extra_compare(const void *a, const void *b)
{
    return *(const unsigned char *)a - *(const unsigned char *)b;
}

static __attribute__((unused, noinline)) int64_t
extra_walk(int depth, int64_t step)
{
    volatile int64_t local[8];
    for (int i = 0; i < 8; i++) {
        local[i] = depth * step + i;
    }
    return depth == 0 ? local[7] : extra_walk(depth - 1, step) + local[3];
}
"""
CASE_TYPES = ["Opened", "Assigned", "Noted", "Closed"]
FLAGS = (["-O0"], ["-O1"], ["-O2"], ["-O3"], ["-Os"], ["-O2", "-fno-inline"], ["-O2", "-funroll-loops"],
         ["-O2", "-fstack-protector-strong", "-D_FORTIFY_SOURCE=2"])


class Build:
    def __init__(self, name, base, path):
        self.name, self.base, self.path = name, base, path


def shuffled_rows(rng, text, opening):
    """The rows of a table, in another order: those of `opening` up to `};`."""
    start = text.index(opening) + len(opening)
    end = text.index("};", start)
    rows = re.findall(r"REFOLD_\w+\((?:[^()]|\([^()]*\))*\)", text[start:end])
    rng.shuffle(rows)
    return text[:start] + "\n    " + ",\n    ".join(rows) + ",\n" + text[end:]


def shuffled_cases(rng, text):
    """The cases of order.c's switch, in another order; the last one is `default`."""
    start = text.index("    case ORDER_CREATED:\n        order->status")
    end = text.index("    default:", start)
    cases = re.findall(r"    case .*?(?=    case |\Z)", text[start:end], re.S)
    rng.shuffle(cases)
    return text[:start] + "".join(cases) + text[end:]


def renamed_fields(rng, text):
    """JSON names of fields with a suffix."""
    def rename(match):
        return match.group(0) if rng.random() < 0.5 else match.group(0)[:-1] + "_%d\"" % rng.randrange(1000)
    start = text.index("refold_field fields[]")
    end = text.index("};", start)
    return text[:start] + re.sub(r'"\w+"', rename, text[start:end]) + text[end:]


def with_extra(rng, text, state, variable):
    """One more field, and the code that fills it."""
    names = rng.sample(sorted(PURE_THINGS), rng.randrange(1, 4))
    functions = HELPERS
    calls = ""
    for number, name in enumerate(names):
        body = PURE_THINGS[name].replace("@A@", str(rng.randrange(1, 90))).replace("@B@", str(rng.randrange(2, 90)))
        functions += ("\nstatic int64_t\nextra_%d(const refold_event *event, int64_t extra)\n{\n"
                      "    (void)event, (void)extra;%s\n}\n" % (number, body))
        calls += ("    %s->extra = (%s->extra * 31 + extra_%d(event, %s->extra)) %% INT64_C(1000000007);\n"
                  % (variable, variable, number, variable))
    text = text.replace("#include <refold/aggregate.h>\n", "#include <refold/aggregate.h>\n\n" + INCLUDES, 1)
    text = text.replace("struct %s {\n" % state, "struct %s {\n    int64_t extra;\n" % state, 1)
    text = text.replace("refold_field fields[] = {\n",
                        'refold_field fields[] = {\n    REFOLD_INT(struct %s, extra, "extra"),\n' % state, 1)
    start = "    struct %s *%s = state;\n" % (state, variable)
    apply = text.index(start, text.index("_apply(void *state"))
    text = text[:apply] + start + calls + text[apply + len(start):]
    main = text.rindex("\nstatic int32_t\n", 0, text.index("_apply(void *state"))
    return text[:main] + functions + text[main:]


def mutate(rng, base, name):
    with open(os.path.join(ROOT, "aggregates", base + ".c"), encoding="utf-8") as f:
        text = f.read()
    if base == "case":
        rows = ", ".join('REFOLD_TYPE("%s", %d)' % (t, n + 1) for n, t in enumerate(CASE_TYPES))
        text = text.replace('REFOLD_TYPE("*", 1)', rows)
        text = text.replace("PATH_SHOWN_BYTES 512", "PATH_SHOWN_BYTES %d" % rng.choice([16, 40, 512, 5000]))
        text = text.replace("c->whole_len + count) * 2", "c->whole_len + count) * %d" % rng.randrange(1, 5))
        text = with_extra(rng, text, "process_case", "c")
    elif base == "file":
        text = text.replace("file->changes++", "file->changes += %d" % rng.randrange(1, 9))
        text = with_extra(rng, text, "file", "file")
    else:
        text = text.replace("order->items++", "order->items += %d" % rng.randrange(1, 9))
        text = shuffled_cases(rng, text)
        text = with_extra(rng, text, "order", "order")
    text = renamed_fields(rng, shuffled_rows(rng, shuffled_rows(rng, text, "refold_field fields[] = {"),
                                             "refold_type types[] = {"))
    return re.sub(r'(REFOLD_AGGREGATE\w*\(")%s"' % base, r'\g<1>%s"' % name, text)


def build_many(folder, count, seed):
    """`count` builds, below the folder."""
    rng = random.Random(seed)
    plans = []
    for number in range(count):
        base = ("order", "file", "case")[number % 3]
        name = "%s-%04d" % (base, number)
        plans.append((Build(name, base, os.path.join(folder, name + ".so")), mutate(rng, base, name),
                      FLAGS[rng.randrange(len(FLAGS))]))

    def compile_one(plan):
        build, text, flags = plan
        source = build.path[:-2] + "c"
        write_bytes(source, text.encode("utf-8"))
        done = subprocess.run(["cc", "-std=gnu11", "-shared", "-fPIC", "-w", *flags, "-I",
                               os.path.join(ROOT, "harness", "include"), "-o", build.path, source, "-lm"],
                              stderr=subprocess.PIPE, check=False)
        if done.returncode != 0:
            raise AssertionError("%s: %s" % (source, done.stderr.decode("utf-8", "replace")[:2000]))
        return build
    return parallel(compile_one, plans)


def events_of(rng, build, identity):
    """The life of one instance: (type, data)."""
    if build.base == "order":
        events = [("OrderCreated", {})]
        events += [("OrderItemAdded", {"Sku": "s", "Qty": rng.randrange(5), "PriceCents": rng.randrange(9999)})
                   for _ in range(rng.randrange(6))]
        events += rng.sample([("OrderApproved", {}), ("OrderPaid", {"AmountCents": 5}), ("OrderShipped", {}),
                              ("OrderPaid", {"AmountCents": "a bad one"}), ("OrderRefunded", {"AmountCents": 1})], 3)
    elif build.base == "file":
        events = [("FileAdded", {"blob": "%040x" % rng.getrandbits(160), "mode": "100644", "commit": identity})]
        events += [("FileModified", {"blob": "%040x" % rng.getrandbits(160), "commit": "c%d" % n})
                   for n in range(rng.randrange(8))]
        events += [("FileDeleted", {"commit": "d"})][:rng.randrange(2)]
    else:
        events = [(rng.choice(CASE_TYPES), {"n": n}) for n in range(rng.randrange(1, 30))]
    return events


def write_pure_history(folder, builds, instances=6):
    rng = random.Random(len(builds))
    for build in builds:
        data = []
        for number in range(instances):
            identity = "%s/%s%d" % (build.name, "i" * rng.randrange(1, 20), number)
            for version, (name, values) in enumerate(events_of(rng, build, identity), 1):
                data.append({"id": "%s/%d" % (identity, version), "aggregateType": build.name,
                             "aggregateId": identity, "version": version, "type": name,
                             "at": "2020-01-%02dT%02d:00:00Z" % (version % 28 + 1, number), "data": values})
        key = "2020/01/01/01/%s-1-2020-01-01-01-00-00-0000" % build.name
        write_bytes(os.path.join(folder, key), lines_of(data))
