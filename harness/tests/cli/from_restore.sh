# SPDX-License-Identifier: MIT
# An aggregate that writes its snapshot itself and reads none; and a state that comes back as another.
. "$ROOT/harness/tests/cli/history.inc"
cat > own.c << 'END'
#include <refold/aggregate.h>
struct own { int64_t calls; };
static const refold_type types[] = {REFOLD_TYPE("*", 1)};
static int32_t take(void *state, const refold_event *event)
{
    (void)event;
    ((struct own *)state)->calls++;
    return REFOLD_OK;
}
static int32_t write_state(const void *state, const refold_host *host)
{
    const struct own *own = state;
    char digit = (char)('0' + own->calls % 10);
    host->emit(&digit, 1);
    return REFOLD_OK;
}
#ifdef READS
static int32_t read_state(void *state, const refold_value *snapshot, const refold_host *host)
{
    (void)host;
    ((struct own *)state)->calls = snapshot->json.ptr[0] - '0' + WRONG;
    return snapshot->json.ptr[0] == '2' ? 1 : REFOLD_OK;
}
#else
#define read_state NULL
#endif
__attribute__((visibility("default"))) const refold_aggregate REFOLD_AGGREGATE_NAME = {
    .abi_version = REFOLD_ABI_VERSION,
    .size = sizeof(refold_aggregate),
    .name = "order",
    .state_size = sizeof(struct own),
    .types = types,
    .type_count = 1,
    .apply = take,
    .snapshot = write_state,
    .restore = read_state,
};
END
sed -i "s/REFOLD_AGGREGATE_NAME/$(sed -n 's/.*REFOLD_SYMBOL "\(.*\)".*/\1/p' "$ROOT/harness/include/refold/aggregate.h")/" own.c
{ printf '#define READS\n#define WRONG 0\n'; cat own.c; } > reads.c
{ printf '#define READS\n#define WRONG 1\n'; cat own.c; } > wrong.c
{ life a 1; life b 2; life c 3; } | into 00
event c 4 OrderPaid '"AmountCents":1' | into 01
bless h -g early --until 2026-07-01T01 -a own.c
status refold run --no-compare h --from early -a own.c
status refold run --no-compare h --from early --since 2026-07-01T01 -a reads.c
status refold run --no-compare h --from early --since 2026-07-01T01 -a wrong.c
