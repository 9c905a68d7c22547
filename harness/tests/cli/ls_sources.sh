# SPDX-License-Identifier: MIT
# Packs, archives, several sources; requests to a server and what they cost, before any is made.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 | into 00
life b 3 | into 01
refold pack -q h -o all.pack
life c 3 | into 03
status refold ls all.pack h
status refold ls --without all.pack h
tar -cf h.tar h
status refold ls -l h.tar | sed 's/  *$//'
(cd h && find . -type f | sed 's,^\./,,' | sort) > keys
status refold ls --keys keys http://localhost:1/base
echo '{ "prices": { "currency": "USD", "list": 5, "get": 0.4, "transfer": 0.09, "retrieval": { "GLACIER_IR": 0.03 } } }' > refold.json
status refold ls --keys keys http://localhost:1/base
refold ls --json -l --keys keys http://localhost:1/base > r.json
pick r.json requests estimate objects.*.hour objects.*.stream
refold ls -C refold.json --json h -l > r.json
pick r.json calendar objects.*.bytes
