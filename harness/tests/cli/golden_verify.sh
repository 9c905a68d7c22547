# SPDX-License-Identifier: MIT
# A golden's files are held against themselves: every fault is named with file, line and a command.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 2; life c 2; } | into 00
bless h -a "$order"
cp -r golden good
verify() {
    echo "== $1"
    shift
    status refold golden verify "$@"
    rm -rf golden
    cp -r good golden
}
lines=golden/order.ndjson
meta=golden/order.meta.json
verify 'as it was blessed'
verify 'the same, quietly' -q golden//
sed 's/"items":1/"items":6/' good/order.ndjson > $lines; verify 'named with a slash' -q golden/
head -c -1 good/order.ndjson > $lines; verify 'no line feed at the end'
{ sed -n 1p good/order.ndjson; sed -n 3p good/order.ndjson; sed -n 2p good/order.ndjson; } > $lines; verify 'out of order'
sed -n '1p;1p;2p;3p' good/order.ndjson > $lines; verify 'an id twice'
{ sed -n 1p good/order.ndjson; echo '<<<<<<< ours'; sed -n 2p good/order.ndjson; echo '>>>>>>> theirs'; } > $lines
verify 'a merge that is not finished'
{ echo '<<<<<<< ours'; cat good/order.meta.json; echo '======='; cat good/order.meta.json; echo '>>>>>>> theirs'; } > $meta
verify 'a meta file that git could not merge'
sed 's/$/\r/' good/order.ndjson > $lines; verify 'CR LF'
sed 's/"items":1/"items":7/' good/order.ndjson > $lines; verify 'edited by hand'
sed '2d' good/order.ndjson > $lines; verify 'a line removed by hand, quietly' -q
rm $meta; verify 'no meta file'
sed 's/"format":1/"format":9/' good/order.meta.json > $meta; verify 'a newer refold'
sed 's/"lines":3/"lines":4/' good/order.meta.json > $meta; verify 'other lines in the meta file'
sed 's/"history":"./"history":"x/' good/order.meta.json > $meta; verify 'no history in the meta file'
sed 's/"rejected":0/"rejected":1/' good/order.meta.json > $meta; verify 'other refusals in the meta file'
sed 's/"history":"\(.\)[0-9a-f]\{4\}/"history":"\10000/' good/order.meta.json > $meta; verify 'other events in the meta file'
sed 's/"format":1/"closed":"2026-07-01T01:30:00Z","format":1/' good/order.meta.json > $meta; verify 'closed within an hour'
sed 's/"format":1/"closed":"2026-07-01T01:00:00+00:00","format":1/' good/order.meta.json > $meta; verify 'closed in another zone'
sed 's/"format":1/"closed":"July","format":1/' good/order.meta.json > $meta; verify 'closed at no time'
sed 's/"aggregate":"order"/"aggregate":"file"/' good/order.meta.json > $meta; verify 'the meta file of another'
sed 's/$/\r/' good/order.meta.json > $meta; verify 'CR LF in the meta file'
: > $lines; verify 'an empty file'
rm $lines; verify 'only the meta file'
gzip -c good/order.ndjson > $lines.gz; verify 'in two forms'
gzip -nc good/order.ndjson > $lines.gz; rm $lines; verify 'packed'
gzip -nc good/order.ndjson | flip 30 > $lines.gz; rm $lines; verify 'packed, one bit wrong'
cp good/order.meta.json golden/order.digest.json; verify 'in two forms, of digests too'
cp good/order.meta.json golden/order.digest.json; rm $lines; verify 'a meta file beside digests'
cp good/order.ndjson golden/order.ndjson.zst; rm $lines; verify 'a form that is not read'
echo '{}' > golden/order.pending.ndjson; verify 'pending events that no meta file tells of'
echo '{}' > golden/gone.pending.ndjson; verify 'pending events without a golden'
printf '{"cluster":"1"}\n<<<<<<< ours\n' > golden/order.reviews.jsonl; verify 'a log with a merge marker'
echo '{]' > golden/known-damage.json; verify 'known damage that is no JSON'
cp good/order.ndjson 'golden/no name.ndjson'; verify 'a name that no aggregate has'
rm $lines; mkdir $lines; verify 'a folder in its place'
: > golden/.order.ndjson.1-7.tmp; : > golden/.refold-journal; touch golden/README.md golden/.gitattributes
verify 'what a killed refold left, and what is not of a golden'
: > golden/.order.ndjson.1-7.tmp; verify 'a temporary'
: > golden/.order.ndjson.1-7.tmp; verify 'the same, repaired' --repair
CI=true verify 'not in CI' --repair
CI=true verify 'but where it should' --repair --ci
rm -r golden; mkdir golden; verify 'none' golden
rm -r golden; verify 'no folder' golden
verify 'two folders' golden good
verify 'another option' --id a
refold golden verify > /dev/full || echo "exit $?"
