# SPDX-License-Identifier: MIT
# What is private stands there as hashes; without a key nothing is written.
. "$ROOT/harness/tests/cli/history.inc"
{ flat order a 1 OrderCreated '{"mail":"x@y"}'; flat order a 2 OrderShipped '{"mail":"x@y","box":1}'; flat parcel p 1 Sent '{"mail":"x@y"}'; } | into 00
cat > refold.json << END
{ "aggregates": { "order": { "plugin": "$order", "private": ["/mail"], "private_data": ["/mail"] } } }
END
status refold cat h
printf '0123456789abcdef0123456789abcdef' > key
chmod 600 key
status refold cat --private-key-file key h
