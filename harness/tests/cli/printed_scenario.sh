# SPDX-License-Identifier: MIT
# What an aggregate prints while it handles a command stands in the report of the scenario.
# not with a sanitizer: its end takes longer than a worker gets to end, and what is not flushed is lost.
. "$ROOT/harness/tests/cli/history.inc"
cat > maker.c << 'C'
#include <refold/aggregate.h>
#include <stdio.h>
struct s { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("Made", 1)};
static const refold_type commands[] = {REFOLD_COMMAND("Make", 1)};
static const refold_field fields[] = {REFOLD_INT(struct s, n, "n")};
static int32_t apply(void *state, const refold_event *event)
{
    (void)event;
    ((struct s *)state)->n++;
    return REFOLD_OK;
}
static int32_t handle(const void *state, const refold_event *command)
{
    printf("made before: %d", (int)((const struct s *)state)->n);
    return refold_emit(command, "Made", NULL);
}
REFOLD_AGGREGATE_COMMANDS("maker", 1, struct s, types, fields, apply, commands, handle)
C
cat > a.scenario << 'S'
scenario: one
when Make
then Made
S
status refold scenario -a maker.c a.scenario
status refold scenario -q -a maker.c a.scenario
refold scenario -r json=r.json -q -a maker.c a.scenario
pick r.json conduct
