# SPDX-License-Identifier: MIT
# A library that is older than the source beside it is what was folded with before the change: a warning.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
cp "$order" order.so
cp "$ROOT/aggregates/order.c" order.c
touch -d 2026-07-01T00:00:01Z order.so
touch -d 2026-07-01T00:00:00Z order.c
echo 'newer' >&2
status refold bless -q h -a order.so
echo 'as old' >&2
touch -d 2026-07-01T00:00:01Z order.c
status refold run -q h -a order.so
echo 'older' >&2
touch -d 2026-07-01T00:00:01.5Z order.c
for verb in run "bless --dry-run"; do
    status refold $verb -q h -a order.so
done
status refold run -q h -a order.so -r json=r.json
pick r.json warnings
echo 'in the config, and of C++' >&2
mv order.c order.cpp
echo '{"aggregates":{"order":{"plugin":"order.so"}}}' > refold.json
status refold run -q h
echo 'compare' >&2
cp -p "$order" base.so
status refold compare -q base.so ./order.so h
echo 'the source itself, a folder of that name, and verbs that judge nothing' >&2
status refold run -q h -a "$ROOT/aggregates/order.c"
status refold show -q a h -a order.so
rm order.cpp
mkdir order.c
status refold run -q h
