# SPDX-License-Identifier: MIT
# What macOS leaves beside files is foreign, whatever lies behind it in the same thread; what only has its name is not.
. "$ROOT/harness/tests/cli/history.inc"
folder=h/2026/07/01/00
mkdir -p $folder
life a 2 > "$folder/b.json"
life b 2 > "$folder/d.json"
printf '\000\005\026\007\000\002\000\000Mac OS X        ' > "$folder/._a.json"
printf '\000\000\000\001Bud1\000\000' > "$folder/.DS_Store"
status refold run -j 1 --no-compare -q h -a "$order"
for text in '{}' '' '[]' '{"no":' '00000000' '{"no":"event","of":"any kind"}'; do
    echo "-- $text"
    printf '%s' "$text" > "$folder/._c.json"
    status refold run -j 1 --no-compare -q -r json=r.json h -a "$order"
    pick r.json history.foreign history.read history.unreadable history.malformed
done
echo "-- a short event of its own, read to its end"
life c 1 > "$folder/._c.json"
status refold run -j 1 --no-compare -q h -a "$order"
