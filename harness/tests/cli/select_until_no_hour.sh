# SPDX-License-Identifier: MIT
# With --until an object with a packer's name but no hour folder ends with 2; so does any that holds events. Others without an hour are left out.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
echo 'about these' > h/2026/notes
status refold run -q --no-compare --until 2026-07-02 -r json=r.json h -a "$order"
sums r.json
life a 2 > h/2026/notes
for verb in bless "run --no-compare" types doctor cat; do
    status refold $verb -q --until 2026-07-02 h -a "$order"
done
status refold ls -q --until 2026-07-02 h
status refold run -q --no-compare --since 2026-07-01 h -a "$order"
life a 2 > h/2026/export.json
status refold run -q --no-compare --until 2026-07-02 h -a "$order"
status refold run -q --no-compare h -a "$order"
