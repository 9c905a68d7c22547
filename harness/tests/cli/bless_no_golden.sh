# SPDX-License-Identifier: MIT
# What has a golden's name and is none, or is history that is read, no bless overwrites.
. "$ROOT/harness/tests/cli/history.inc"
status() { code "$@"; cksum $kept | cmp - was && echo untouched; }
keep() { kept="$*"; cksum $kept > was; }
mkdir golden
life a 3 > golden/order.ndjson
keep golden/order.ndjson
echo '# the golden folder is the source'
status refold bless golden -a "$order"
status refold bless golden/order.ndjson -a "$order"
status refold bless golden -a "$order" --dry-run
status refold bless golden -a "$order" --until 2026-07-02
echo '# events where the golden should be, of another history and below the source'
life b 2 | into 00
status refold bless h -a "$order"
status refold bless h -a "$order" --digest
status refold bless . -a "$order"
code refold run . -q --no-compare -a "$order"
gzip -n golden/order.ndjson
keep golden/order.ndjson.gz
status refold bless h -a "$order"
echo '# a meta file of a bless of before makes no golden of what is read'
gunzip golden/order.ndjson.gz
refold bless -q h -g other -a "$order"
cp other/order.meta.json golden
keep golden/order.ndjson golden/order.meta.json
status refold bless golden -a "$order"
echo '# by a link'
rm -r golden
mkdir golden
ln -s "../h/$(key 00)" golden/order.ndjson
cp other/order.meta.json golden
keep "h/$(key 00)"
status refold bless h -a "$order"
echo '# a certificate that is none'
life c 1 > other/certificate.json
keep other/certificate.json
status refold bless h -g other -a "$order"
rm other/certificate.json
echo '# a golden that is damaged is written anew: one whose meta file tells of it, and one with golden lines'
keep other/order.ndjson other/order.meta.json
echo broken > other/order.ndjson
status refold bless -q h -g other -a "$order"
rm other/order.meta.json
{ echo '<<<<<<< HEAD'; cat other/order.ndjson; } > both
mv both other/order.ndjson
status refold bless -q h -g other -a "$order"
echo '# an empty file is no loss'
rm other/*
: > other/order.ndjson
status refold bless -q h -g other -a "$order"
echo '# but a file that is empty, or says something else, makes no golden of the events beside it'
rm other/*
life d 2 > other/order.ndjson
keep other/order.ndjson
: > other/order.meta.json
status refold bless -q h -g other -a "$order"
echo '{"format":"mine"}' > other/order.meta.json
status refold bless -q h -g other -a "$order"
rm other/order.meta.json
: > other/order.ndjson.gz
status refold bless -q h -g other -a "$order"
