# SPDX-License-Identifier: MIT
# Keys that are none, and where a key must not lie.
. "$ROOT/harness/tests/cli/private.inc"
unset REFOLD_PRIVATE_KEY
person a ann@example.org free | into 00
config '"private":["/kept/email"]'
umask 077
mkdir keys golden
try() { code refold run h --no-compare -q "$@"; }
echo "- none"
try
code refold show a h -q
code refold types h -q
code refold pack h -o h.pack
echo "- too short, too long, too plain, no file"
REFOLD_PRIVATE_KEY=changeme try
REFOLD_PRIVATE_KEY=changemechangemechangemechangeme try
REFOLD_PRIVATE_KEY= try
printf '%05000d' 7 > keys/long
try --private-key-file keys/long
try --private-key-file keys
try --private-key-file keys/none
echo "- read by others, in the golden folder, in git"
echo $key_one > keys/one
chmod 644 keys/one
try --private-key-file keys/one
chmod 600 keys/one
try --private-key-file keys/one
cp keys/one golden/.key
try --private-key-file golden/.key
ln -s ../golden/.key keys/link
try --private-key-file keys/link
git init -q .
try --private-key-file keys/one
git add keys/one
try --private-key-file keys/one
git rm -q --cached keys/one
echo "- from each place; options win over variables, these over the config"
config '"private":["/kept/email"]' '"private_key_file":"keys/one"'
refold bless h
try
printf '%s\r\n' $key_one > keys/line_end
code refold run h -q --private-key-file keys/line_end
REFOLD_PRIVATE_KEY=$key_one code refold run h -q
REFOLD_PRIVATE_KEY=$key_two code refold run h -q
REFOLD_PRIVATE_KEY=$key_two code refold run h -q --private-key-file keys/one
REFOLD_PRIVATE_KEY_FILE=keys/one code refold run h -q
REFOLD_PRIVATE_KEY_FILE=keys/one REFOLD_PRIVATE_KEY=$key_one code refold run h -q
echo $key_one | code refold run h -q --private-key-file /dev/stdin
