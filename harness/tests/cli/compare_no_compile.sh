# SPDX-License-Identifier: MIT
# A source that does not compile ends with 2; what the compiler says is about the file that was named.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
mkdir -p repo/orders repo/common
cd repo
other orders/bad.c 's/int64_t items;/int46_t items;/'
cp "$ROOT/aggregates/order.c" orders/order.c
other orders/beside.c 's|#include <refold/aggregate.h>|&\n#include "../common/bad.h"|'
echo 'int bad(void) { return missing; }' > common/bad.h
gitten init -q .
gitten add -A
gitten commit -qm first
try() {
    code refold compare "$@" ../h 2>&1 | sed 's/\(does not compile: [^ ]*: [a-z ]*error: \).*/\1.../'
}
try orders/bad.c orders/order.c
try orders/order.c orders/bad.c
try HEAD:orders/bad.c orders/order.c
try orders/order.c HEAD:orders/bad.c
try HEAD:./orders/bad.c orders/order.c
try HEAD:orders/beside.c orders/order.c
cd orders
code refold compare HEAD:./bad.c order.c ../../h 2>&1 | sed 's/\(does not compile: [^ ]*: [a-z ]*error: \).*/\1.../'
code refold compare HEAD:./beside.c order.c ../../h 2>&1 | sed 's/\(does not compile: [^ ]*: [a-z ]*error: \).*/\1.../'
CC=nowhere-cc code refold compare HEAD:./order.c order.c ../../h 2>&1
