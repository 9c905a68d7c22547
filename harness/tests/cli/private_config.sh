# SPDX-License-Identifier: MIT
# What the config may say of private values, and names and pointers that would hide nothing.
. "$ROOT/harness/tests/cli/private.inc"
person a ann@example.org free | into 00
try() { config "$1"; code refold run h --no-compare -q; }
try '"private":"/kept/email"'
try '"private":["kept/email"]'
try '"private":[""]'
try '"private":["/kept/~x"]'
try '"private":[7]'
try '"private":[{"path":"/kept"},{"path":"/kept","key":"shown"}]'
try '"private":[{"path":"/kept","keys":"no"}]'
try '"private":[{"keys":"shown"}]'
try "\"private\":[$(seq -s, -f '"/%g"' 65)]"
try '"private_data":["/email"]'
try '"private":["/kept/email"],"private_data":"/email"'
try '"report_values":["plan"]'
try '"report_values":{}'
try '"privat":["/kept/email"]'
try '"private":[]'
echo "- a pointer that meets nothing, a name that no aggregate has"
try '"private":["/kept/emial","/kept/email"]'
echo '{"envelope":"flat","aggregates":{"keper":{"private":["/kept/email"]}}}' > refold.json
code refold run h --no-compare -q -a keeper.so
echo '{"envelope":"flat","aggregates":{"person":{"private":["/kept/email"]}}}' > refold.json
code refold run h --no-compare -q -a keeper.so
echo '{"envelope":"flat","aggregates":{"person":{"plugin":"person.so","private":["/kept/email"]}}}' > refold.json
code refold run h --no-compare -q -a keeper.so
