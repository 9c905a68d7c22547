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
echo "- a plugin that is loaded, under another name"
cp keeper.so other.so
named() { printf '{"envelope":"flat","aggregates":{"%s":{"plugin":"%s","private":["/kept/email"]}}}\n' "$1" "$2" > refold.json; }
named person keeper.so
code refold run h --no-compare -q
code refold bless h -q
code refold show a h
code refold compare ./keeper.so other.so h -q
code refold run h --no-compare -q -a "$PWD/keeper.so"
code refold types h -q
if ls golden; then echo 'it was blessed'; fi
echo "- another build, and a name that is nearly its own"
code refold run h --no-compare -q -a other.so
code refold compare other.so other.so h -q
named keper person.so
code refold run h --no-compare -q -a keeper.so
echo "- the same of values that reports may show, where CI is set"
listed() { printf '{"envelope":"flat","aggregates":{"%s":{%s"report_values":[]}}}\n' "$1" "${2:+\"plugin\":\"$2\",}" > refold.json; }
listed person keeper.so
code refold run h --no-compare -q
export CI=true
code refold run h --no-compare -q
code refold bless h -q --ci
code refold compare ./keeper.so other.so h -q
code refold show a h
code refold types h -q
listed keper
code refold run h --no-compare -q -a keeper.so
listed person
code refold run h --no-compare -q -a keeper.so
listed person person.so
code refold run h --no-compare -q -a keeper.so
listed keeper keeper.so
code refold run h --no-compare -q
if ls golden; then echo 'it was blessed'; fi
