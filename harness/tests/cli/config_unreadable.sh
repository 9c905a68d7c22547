# SPDX-License-Identifier: MIT
# A config that is empty, a folder, or not there; one from a pipe is read.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
mkdir folder
: > refold.json
code refold run --no-compare h -a "$order"
printf ' \n\n' > refold.json
code refold run --no-compare h -a "$order"
code refold run --no-compare h -a "$order" -C folder
code refold run --no-compare h -a "$order" -C folder/nowhere.json
echo '{}' | code refold run --no-compare h -a "$order" -C /dev/stdin
echo "--- what is found, and cannot be read, is a config"
rm -rf refold.json
ln -s away.json refold.json
status refold run -a "$order" --no-compare history
rm refold.json
mkfifo refold.json
status refold run -a "$order" --no-compare history
rm refold.json
