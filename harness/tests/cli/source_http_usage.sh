# SPDX-License-Identifier: MIT
# What is no address, no list of keys, or no pair of both: 2, and nothing is asked of any server.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00 1
bless h -a "$order"
echo a > keys
try() {
    code refold run -q -a "$order" "$@" 2>&1
}
try https://history.example/
try http://history.example/ --keys keys
try 'https://user:word@history.example/?Signature=word#part' --keys keys
try https://history.example:99999/ --keys keys
try gs://bucket/prefix --keys keys
try h --keys keys
try https://a.example/ https://b.example/ --keys keys
try https://a.example/ - --keys -
try https://a.example/ --keys nowhere
: > none
try https://a.example/ --keys none
printf 'a\n../b\n' > up
try https://a.example/ --keys up
printf '\033[31m\n' > red
try https://a.example/ --keys red
printf 'a\na\n' > twice
try https://a.example/ --keys twice
REFOLD_PATIENCE=long try https://a.example/ --keys keys
