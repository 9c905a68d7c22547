# SPDX-License-Identifier: MIT
# The cause is looked for in 20 instances: of more that are impure alike, one that has a cause is shown.
. "$ROOT/harness/tests/cli/history.inc"
cat > clock.c << 'END'
#include <refold/aggregate.h>
#include <time.h>
struct clock { int64_t at; };
static const refold_type types[] = {REFOLD_TYPE("*", 1)};
static const refold_field fields[] = {REFOLD_INT(struct clock, at, "at")};
static int32_t look(void *state, const refold_event *event)
{
    (void)event;
    ((struct clock *)state)->at = time(NULL);
    return REFOLD_OK;
}
REFOLD_AGGREGATE("clock", struct clock, types, fields, look)
END
for n in $(seq 100 160); do flat clock c$n 1 Ticked; done | into 00
refold run h -a clock.c --no-compare --purity=all -j 1 -r text=text -r tap=tap -r markdown=markdown || true
for form in text tap markdown; do
    echo "$form: $(grep -c 'it depends on the clock (time)' $form) with the cause, $(grep -c 'looked for in' $form) without"
done
