# SPDX-License-Identifier: MIT
# A .c is compiled first; one that does not compile ends with 2 and shows the compiler's words.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
cat > good.c << 'END'
#include <refold/aggregate.h>
struct good { int64_t n; };
static const refold_type types[] = {REFOLD_TYPE("OrderCreated", 1)};
static const refold_field fields[] = {REFOLD_INT(struct good, n, "n")};
static int32_t good_apply(void *state, const refold_event *event) { (void)event; ((struct good *)state)->n++; return REFOLD_OK; }
REFOLD_AGGREGATE("good", struct good, types, fields, good_apply)
END
status refold bless -q h -a good.c
cat golden/good.ndjson
sed 's/int64_t n/int46_t n/' good.c > bad.c
code refold run --no-compare h -a bad.c 2> said
grep int46_t said | cut -d: -f1-3
ls
