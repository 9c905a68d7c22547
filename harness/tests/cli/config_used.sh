# SPDX-License-Identifier: MIT
# The config names sources, aggregates, the golden's place and limits; options win over the environment, that over the config.
. "$ROOT/harness/tests/cli/history.inc"
mkdir project
cd project
{ life a 2; life b 2; } | into 00
cp "$order" order.so
cat > refold.json << 'END'
{ "source": ["h"], "golden": "accepted", "envelope": "eventsource",
  "aggregates": { "order": { "plugin": "order.so", "ignore": ["/updatedAt"] } },
  "limits": { "memory": "64M", "timeout": "5s" } }
END
status refold bless -q
ls
sed -i 's/"updatedAt":"2026/"updatedAt":"1999/' accepted/order.ndjson
rm accepted/order.meta.json
status refold run -q -r json=r.json
tallies r.json
cd ..
status refold run -q -C project/refold.json -r json=r.json
tallies r.json
REFOLD_ID=b status refold run -q -C project/refold.json -r json=r.json
tallies r.json
REFOLD_ID=b status refold run -q -C project/refold.json --id a --id b -r json=r.json
tallies r.json
REFOLD_CONFIG=project/refold.json REFOLD_NO_COMPARE=yes status refold run -q
REFOLD_ENVELOPE=flat code refold run -C project/refold.json
REFOLD_ENVELOPE=flat code refold run -C project/refold.json -e eventsource
