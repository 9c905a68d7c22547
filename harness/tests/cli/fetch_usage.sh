# SPDX-License-Identifier: MIT
# What fetch refuses before it begins.
. "$ROOT/harness/tests/cli/history.inc"
. "$ROOT/harness/tests/cli/fetch.inc"
mkdir s
echo 1 > s/1
serve
keys
try() {
    ended=0
    refold fetch "$@" > out.txt 2>&1 || ended=$?
    scrub out.txt
    echo "exit $ended"
}
echo "--- the command line"
try
try "$base"
try "$base" -o m
try "$base" -o m --keys keys --delete --since 2026-07-01
try "$base" other -o m
try s -o m
try ftp://localhost/ -o m
try "$base" -o m --keys keys --dryrun
ls
echo "--- a folder that is somebody else's"
mkdir theirs
echo 1 > theirs/file
try "$base" --keys keys -o theirs
try "$base" --keys keys -o theirs/file
try "$base" --keys keys -o theirs/file/m
find theirs
echo "--- a folder of another source"
fetch -q -o m
try "${base}other/" --keys keys -o m
echo "--- a manifest that is not as it was written"
cp m/.refold-manifest.ndjson sound
edit() {
    sed "$1" sound > m/.refold-manifest.ndjson
    try "$base" --keys keys -o m
}
edit 's/"bytes":2,"etag"/"bytes":3,"etag"/'
edit 's/"bytes":2,"etag"/"bytes": 2,"etag"/'
edit '$d'
edit '1d'
edit 's/"format":1/"format":2/'
edit '2{p}'
edit 's/"objects":1/"objects":2/'
printf 'x\n' | cat sound - > m/.refold-manifest.ndjson
try "$base" --keys keys -o m
head -c 50 sound > m/.refold-manifest.ndjson
try "$base" --keys keys -o m
rm m/.refold-manifest.ndjson
mkdir m/.refold-manifest.ndjson
try "$base" --keys keys -o m
rmdir m/.refold-manifest.ndjson
cp sound m/.refold-manifest.ndjson
echo "--- while another one is at it"
(
    flock 9
    try "$base" --keys keys -o m
) 9< m
echo "--- a folder of partials that leads out"
mkdir elsewhere
ln -s ../elsewhere m/.refold-partial
try "$base" --keys keys -o m
ls -A elsewhere
rm m/.refold-partial
try "$base" --keys keys -o m -q
