# SPDX-License-Identifier: MIT
# Nothing to read, no such source, what ls does not take, prices that are none; a run that is dry.
. "$ROOT/harness/tests/cli/history.inc"
status refold ls
status refold ls nowhere
mkdir empty
status refold ls empty
status refold ls --json empty
status refold ls --json nowhere
status refold ls -a x.so empty
status refold ls --since 2026-07-01 --until 2026-07-01 empty
life a 2 | into 00
life b 3 | into 05
status sh -c 'refold ls h > /dev/full'
for prices in '[]' '{"get": -1}' '{"gets": 1}' '{"currency": 1}' '{"currency": ""}' '{"currency": "U\u001b[31mX"}' '{"currency": "US dollars of 2026"}' '{"retrieval": 1}' '{"retrieval": {"GLACIER": "x"}}'; do
    echo "{ \"prices\": $prices }" > refold.json
    status refold ls h
done
rm refold.json
status refold run --dry-run --no-compare -a "$order" h
status env REFOLD_DRY_RUN=1 refold run --no-compare -a "$order" h
status refold run --dry-run -r json=r.json --no-compare -a "$order" h
status refold run --dry-run -a "$order" h
tar -cf h.tar h
head -c 600 h.tar > cut.tar
status refold ls cut.tar
