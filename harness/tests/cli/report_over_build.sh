# SPDX-License-Identifier: MIT
# No report or certificate is written over an aggregate, nor over a source in the folder of one; also where only the config names it.
. "$ROOT/harness/tests/cli/history.inc"
life a 3 | into 00
mkdir -p go rs/src
echo 'module order' > go/go.mod
echo 'package main' > go/main.go
printf '[package]\nname = "order"\n' > rs/Cargo.toml
echo 'fn main() {}' > rs/src/main.rs
cp "$ROOT/aggregates/order.c" order.c
try() {
    object=$1
    shift
    cksum "$object" > was
    code "$@"
    cksum "$object" | cmp - was
}
echo '# the sources of a program, from elsewhere, from its folder, by a link'
try go/main.go refold run h --no-compare -a go -r json=go/main.go
try go/go.mod refold run h --no-compare -a ./go/ -r json=go/go.mod
try rs/Cargo.toml refold run h --no-compare -a rs -r json=rs/Cargo.toml
ln -s rs/src/main.rs soft
try rs/src/main.rs refold run h --no-compare -a "$PWD/rs" -r tap=soft
cd go
try main.go refold run ../h --no-compare -a . -r json=main.go
cd ..
try go/main.go refold scenario -a go "$ROOT/fixtures/scenarios/created.scenario" -r json=go/main.go
echo '# BASE and HEAD'
try go/main.go refold compare go "$order" h -r json=go/main.go
try go/main.go refold compare "$order" go h -r json=go/main.go
try order.c refold compare "$order" order.c h -r json=order.c
echo '# what the config names, and this command does not load'
plugin() { printf '{"aggregates":{"order":{"plugin":"%s"}}}\n' "$1" > refold.json; }
plugin order.c
try order.c refold run h --no-compare -a "$order" -r json=order.c
try order.c refold doctor -q h -o order.c
try order.c refold compare "$order" "$order" h -r json=order.c
plugin go
try go/main.go refold run h --no-compare -a "$order" -r json=go/main.go
try go/main.go refold doctor -q h -o go/main.go
echo '# what such a command wrote there before is replaced'
for twice in 1 2; do
    code refold run h -q --no-compare -a "$order" -r json=go/r.json -r text=go/r.txt -r markdown=go/r.md
    code refold doctor -q h -o go/c.json
    code refold pack -q h -o go/h.pack
done
try go/r.json refold doctor -q h -o go/r.json
try go/c.json refold run h -q --no-compare -a "$order" -r json=go/c.json
