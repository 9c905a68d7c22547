# SPDX-License-Identifier: MIT
# What takes more memory than it may is a crash of that instance, by whichever way it takes it; in a scenario, and as it is
# loaded, it is said too. Many that leave a little are no one's fault.
# not with a sanitizer: it has an allocator of its own.
. "$ROOT/harness/tests/cli/history.inc"
cat > grows.c <<'C'
#include <refold/aggregate.h>
#include <stdlib.h>
struct grows { int64_t events; refold_list list; };
static const refold_type types[] = {REFOLD_TYPE("Leak", 1), REFOLD_TYPE("Huge", 2), REFOLD_TYPE("State", 3)};
static const refold_field fields[] = {REFOLD_INT(struct grows, events, "events")};
static int32_t grows_apply(void *state, const refold_event *event)
{
    struct grows *grows = state;
    volatile char *volatile piece;
    if (event->kind == 2) {
        piece = malloc((size_t)100 << 30);
        piece[0] = 1;
    }
    while (event->kind == 3) {
        (void)refold_list_push(event, &grows->list, 4096);
    }
    piece = malloc(1 << 20);
    memset((char *)piece, 1, 1 << 20);
    grows->events++;
    return REFOLD_OK;
}
static int32_t grows_handle(const void *state, const refold_event *command, const refold_host *host)
{
    (void)state;
    (void)host;
    for (;;) {
        void *volatile piece = malloc(1 << 20);
        memset(piece, 1, 1 << 20);
    }
    return refold_emit(command, "Leak", NULL);
}
static const refold_type commands[] = {REFOLD_COMMAND("Grow", 1)};
#ifdef AT_LOAD
__attribute__((constructor)) static void load(void)
{
    volatile char *volatile piece = malloc((size_t)100 << 30);
    piece[0] = 1;
}
#endif
extern REFOLD_EXPORT const refold_aggregate refold_aggregate_table;
const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION, .size = sizeof(refold_aggregate), .name = "grows", .state_version = 1,
    .state_size = sizeof(struct grows), .types = types, .type_count = 3, .fields = fields, .field_count = 1,
    .apply = grows_apply, .handle = grows_handle, .commands = commands, .command_count = 1,
};
C
{
    for n in 0 1 2 3 4 5 6 7 8 9; do for id in a b c d e f g h; do event "$id$n" 1 Leak; done; done
    event huge 1 Leak
    event huge 2 Huge
    event state 1 State
    python3 -SEc 'for n in range(1, 80):
        print("{\"t\":\"Leak\",\"d\":{\"ID\":\"long\",\"Version\":%d,\"At\":1782864000}}" % n)'
} | into 00
status refold run --no-compare --aggregate-memory 32M -r text -r json=r.json h -a grows.c
sums r.json
tallies r.json
pick r.json differences.*.id differences.*.version differences.*.message
cat > grow.scenario <<'S'
scenario: it grows
when Grow
then nothing
S
status refold scenario --aggregate-memory 32M grow.scenario -a grows.c
{ echo '#define AT_LOAD'; cat grows.c; } > loads.c
status refold run --no-compare --aggregate-memory 32M h -a loads.c 2>&1
echo '{"limits":{"aggregate_memory":"15M"}}' > refold.json
status refold run --no-compare h -a grows.c 2>&1
echo '{"limits":{"aggregate_memory":"4G"}}' > refold.json
code refold run --no-compare --id long h -a grows.c
rm refold.json
for size in 1M lots 0; do
    status refold run --no-compare --aggregate-memory $size h -a grows.c 2>&1
done
REFOLD_AGGREGATE_MEMORY=none status refold run --no-compare h -a grows.c 2>&1
