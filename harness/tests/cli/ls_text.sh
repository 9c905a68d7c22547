# SPDX-License-Identifier: MIT
# What would be read, on a screen: by hour, by day, by week; what is missing, odd, left out.
. "$ROOT/harness/tests/cli/history.inc"
object() { # DAY HOUR BYTES
    mkdir -p "h/$1/$2"
    head -c "$3" /dev/zero > "h/$1/$2/orders-1-$(echo "$1" | tr / -)-$2-00-00-00000000-0000-4000-8000-000000000000"
}
for day in 01 02 03 04 05; do
    for hour in 08 09 10 11 12; do
        case "$day $hour" in "03 10" | "04 "*) continue ;; esac
        object "2026/07/$day" $hour $((100 * (${hour#0} + 1)))
    done
done
status refold ls h
mkdir -p h/processing-failed/2026/07/01/09 h/2026/07/02/13
echo '{}' > h/processing-failed/2026/07/01/09/failed
echo 'a note' > h/2026/07/02/13/note.txt
mkfifo h/2026/07/02/13/pipe
echo top > h/x.json
status refold ls -q h
status refold ls -v h
rm h/x.json
status refold ls --since 2026-07-02T12 --until 2026-07-05T09 h
status refold ls -l -q --since 2026-07-05 h
mkdir -p d/2026/07/01 d/2026/07/03 d/2026/09/30
for day in 07/01 07/03 09/30; do echo '{}' > "d/2026/$day/one.json"; done
status refold ls d
refold ls --color=always d | sed 's/\x1b/ESC/g' | head -1
