# SPDX-License-Identifier: MIT
# An archive is a source: .tar, .tar.gz, .zip, by name or by its first bytes, alone or beside others.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | member | into 00 1
life b 2 | member | into 01 2
bless h -a "$order"
(cd h && tar -cf ../h.tar . && tar -czf ../h.tar.gz . && python3 -SEm zipfile -c ../h.zip 2026)
cp h.zip history
for source in h.tar h.tar.gz h.zip history; do
    status refold run -q -r json=r.json $source -a "$order"
    sums r.json
done
status refold run -q --until 2026-07-01T01 h.zip -a "$order"
status refold run -q -r json=r.json h h.tar h.zip -a "$order"
sums r.json
# What differs is named with its archive.
golden_edit 's/approved/paid/'
status refold run h.tar -a "$order"
# A plain object in a tar has no checksum; in a zip it has.
rm -r h golden
life a 3 | into 00 1
(cd h && tar -cf ../plain.tar . && python3 -SEm zipfile -c ../plain.zip 2026)
status refold bless -q plain.tar -a "$order"
status refold run -q plain.zip -a "$order"
