# SPDX-License-Identifier: MIT
# A build of a revision, with the headers that it had; the repository is left exactly as it is.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 5; life b 1; } | into 00
mkdir -p repo/orders repo/common
cd repo
gitten init -q .
echo '#define STEP 1' > common/step.h
other orders/order.c 's|#include <refold/aggregate.h>|&\n#include "../common/step.h"|; s/order->items++/order->items += STEP/'
gitten add -A
gitten commit -qm first
echo '#define STEP 2' > common/step.h
gitten commit -qam second
echo '#define STEP 3' > common/step.h
echo staged > common/staged.h
gitten add common/staged.h
gitten status > ../status.before
find . -type f | sort | xargs sha256sum > ../before
status refold compare HEAD~1:orders/order.c HEAD:orders/order.c ../h -r text -r json=../r.json
pick ../r.json proof.builds.*.role proof.builds.*.file proof.builds.*.aggregate
status refold compare -q HEAD:orders/order.c orders/order.c ../h
status refold compare -q HEAD:orders/order.c main:./orders/order.c ../h
cd orders
status refold compare HEAD~1:./order.c order.c ../../h --id a
status refold compare -q 'HEAD^{/first}:./order.c' HEAD~1:orders/order.c ../../h
cd ..
find . -type f | sort | xargs sha256sum | cmp - ../before
gitten status | cmp - ../status.before
# A file goes first, whatever its name looks like.
cp "$order" HEAD:orders.so
status refold compare -q HEAD:orders.so "$order" ../h
# A run takes a revision too.
status refold run --no-compare -q -a HEAD~1:orders/order.c ../h
