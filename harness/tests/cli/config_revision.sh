# SPDX-License-Identifier: MIT
# The config's plugin may be a revision's: its relative path is the config folder's, wherever refold is called.
. "$ROOT/harness/tests/cli/history.inc"
life a 5 | into 00
top="$PWD"
mkdir -p repo/app/orders repo/other/deep
cd repo
gitten init -q .
cp "$ROOT/aggregates/order.c" app/orders
gitten add -A
gitten commit -qm first
rm app/orders/order.c
plugin() { printf '{"aggregates":{"order":{"plugin":"%s"}}}\n' "$1" > "$top/repo/app/refold.json"; }
try() {
    status refold run --no-compare -q "$top/h" -r text -r json="$top/r.json" "$@"
    pick "$top/r.json" proof.builds.*.file
}
plugin main:./orders/order.c
cd app
try
cd orders
try
cd ../../other/deep
try -C ../../app/refold.json
try -C "$top/repo/app/refold.json"
plugin main:app/orders/order.c
try -C ../../app/refold.json
plugin main:../orders/order.c
try -C ../../app/refold.json
echo "# A file of that very name goes first."
mkdir "$top/repo/app/main:."
cp "$order" "$top/repo/app/main:./order.so"
plugin main:./order.so
try -C ../../app/refold.json
echo "# Below a clone git would look into that one."
rm -r "$top/repo/app/main:."
gitten clone -q "$top/repo" "$top/repo/app/vendor"
cd "$top/repo/app/vendor"
plugin main:./orders/order.c
try -C ../refold.json
plugin main:app/orders/order.c
try -C ../refold.json
