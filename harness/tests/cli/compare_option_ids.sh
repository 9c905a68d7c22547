# SPDX-License-Identifier: MIT
# An id that looks like an option has a line to see it too, which works; where the sources look like options as well.
. "$ROOT/harness/tests/cli/history.inc"
other head.c 's/order->items++/order->items += quantity/'
life -rf 5 | into 00
mkdir -- -d
cp -r h/. ./-d/
proposed() { sed -n 's/^to see one event by event:  //p'; }
for sources in h '-- -d'; do
    refold compare "$ROOT/aggregates/order.c" head.c -e eventsource $sources > told || true
    proposed < told | tee line
    sh -c "$(cat line)" | head -n 1
done
