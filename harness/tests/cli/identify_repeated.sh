# SPDX-License-Identifier: MIT
# A key that stands twice in what an aggregate made of a payload counts as one in a record does.
. "$ROOT/harness/tests/cli/identify.inc"
. "$ROOT/harness/tests/cli/history.inc"
variant twice 'NAME "payloads"' 'DATA "{\"n\":1,\"n\":2}"'
variant once 'NAME "payloads"' 'DATA "{\"n\":1,\"m\":2}"'
{ payload 001 'a|1|Noted'; payload 001 'a|2|Noted'; } | object good.json
for name in once twice; do
    status refold run -q --no-compare -r json=r.json -a $name.c h
    pick r.json history.events history.repeated_keys
done
