# SPDX-License-Identifier: MIT
# What an aggregate prints comes to the report, never to standard output or error: by puts without an end, by write,
# in colours and commands of CI systems; what it says last stands with its crash.
# not with a sanitizer: its end takes longer than a worker gets to end, and what is not flushed is lost.
. "$ROOT/harness/tests/cli/history.inc"
cat > talker.c << 'C'
#include <refold/aggregate.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Said", 1), REFOLD_TYPE("Died", 2)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
__attribute__((constructor)) static void load(void)
{
    (void)puts("hello");
}
static int32_t apply(void *state, const refold_event *event)
{
    ((struct s *)state)->n++;
    if (event->kind == 2) {
        fprintf(stderr, "what now?\n");
        abort();
    }
    printf("id %.*s\033[31m", (int)event->id.len, event->id.ptr);
    (void)!write(2, "\n::error::\n", 11);
    return REFOLD_OK;
}
REFOLD_AGGREGATE("talker", struct s, types, fields, apply)
C
{ event a 1 Said; } | into 00
status refold bless -r text -r json=r.json -j 1 -a talker.c h
pick r.json conduct
status refold run -j 1 -v -a talker.c h | grep -v '^build\|^proof\|^time'
status refold run -q -j 1 -a talker.c h
status refold show a -a talker.c h
{ event b 1 Said; event b 2 Died; } | into 01
status refold run -j 1 -r json=r.json -a talker.c h
pick r.json differences.*.message
