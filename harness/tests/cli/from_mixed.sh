# SPDX-License-Identifier: MIT
# Lines of two versions of an aggregate cannot be gone on from together.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 1; life b 1; } | into 00
cat > one.c << 'END'
#include <refold/aggregate.h>
struct one { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("*", 1)};
static const refold_field fields[] = {REFOLD_INT(struct one, n, "n")};
static int32_t count(void *state, const refold_event *event)
{
    (void)event;
    ((struct one *)state)->n++;
    return REFOLD_OK;
}
__attribute__((visibility("default"))) const refold_aggregate refold_aggregate_table = {
    .abi_version = REFOLD_ABI_VERSION, .size = sizeof(refold_aggregate), .name = "order",
    .state_version = NUMBER, .state_size = sizeof(struct one), .types = types, .type_count = 1,
    .fields = fields, .field_count = 1, .apply = count,
};
END
sed 's/NUMBER/7/' one.c > seven.c
sed 's/NUMBER/8/' one.c > eight.c
bless h -g golden -a seven.c
status refold bless -q h -g next --from golden -a seven.c
status refold bless -q h -g next --from golden -a eight.c
bless h -g golden --id a -a eight.c
status refold bless -q h -g next --from golden -a seven.c
status refold bless -q h -g next --from golden -a eight.c
bless h -g golden -a eight.c
status refold bless -q h -g next --from golden -a eight.c
