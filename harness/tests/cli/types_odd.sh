# SPDX-License-Identifier: MIT
# Events without versions, without times, without data; versions from 0, or from what the config says;
# types that are called as the edges of an instance are.
. "$ROOT/harness/tests/cli/history.inc"
{
    echo '{"k":"B","id":"1"}'
    echo '{"k":"A","id":"1"}'
    echo '{"k":"A","id":"2"}'
} | into 00
status refold types -e id=/id,type=/k h
rm -r h
{ flat thing a 1 START; flat thing a 2 END; } | into 00
refold types h | grep -e before -e after
rm -r h
{ flat thing a 0 A; flat thing a 1 B; flat thing b 1 A; flat thing c 2 B; } | into 00
status refold types -q h
{ event o 7 OrderCreated; event o 8 OrderPaid; } | into 00
echo '{ "aggregates": { "order": { "first": 7 } } }' > refold.json
status refold types -q h -a "$order"
