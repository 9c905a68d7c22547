# SPDX-License-Identifier: MIT
# Options about servers that cannot be: 2, and nothing is asked of any server. None of a cookie is shown.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00 1
echo a > keys
try() {
    code refold run -q --no-compare -a "$order" "$@" https://history.example/ --keys keys 2>&1
}
try --connections 0
try --connections 1025
try --connections many
try --requests-per-second 0
try --requests-per-second nan
try --requests-per-second 2/s
try --bandwidth fast
try --bandwidth 0
try --max-requests 0
try --max-requests -1
try --max-bytes 1.5M
REFOLD_CONNECTIONS=none try
try --cookie-file nowhere
umask 077
echo 'nothing that is a cookie' > cookie
try --cookie-file cookie
printf 'a=b\nc=d\n' > cookie
try --cookie-file cookie
printf 'd\tTRUE\t/\tTRUE\t0\tCloudFront-Signature\tcanary=\n' > cookie
try --cookie-file cookie
chmod 644 cookie
try --cookie-file cookie
# Where there is nothing to ask a server for they mean nothing.
code refold run -q --no-compare -a "$order" --connections 3 --max-requests 1 --max-bytes 1 --cookie-file nowhere h
