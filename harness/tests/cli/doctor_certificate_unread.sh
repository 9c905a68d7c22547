# SPDX-License-Identifier: MIT
# A certificate tells nothing of what was never read: a member that is a link, the rest of a cut archive. When it comes
# it was added.
. "$ROOT/harness/tests/cli/history.inc"
life a 2 > a.json
life b 2 > b.json
tarred() { # FILE LINK: with a.json, and b.json as it is or as a link
    python3 -SEc 'import io, sys, tarfile
with tarfile.open(sys.argv[1], "w", format=tarfile.USTAR_FORMAT) as archive:
    for name in ("a.json", "b.json"):
        entry = tarfile.TarInfo(name)
        if name == "b.json" and sys.argv[2] == "link":
            entry.type, entry.linkname = tarfile.SYMTYPE, "a.json"
            archive.addfile(entry)
        else:
            data = open(name, "rb").read()
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))' "$@"
}
objects() {
    grep -c '^\["' "$1"
}
for what in link cut; do
    tarred h.tar $what
    if [ $what = cut ]; then
        head -c 1200 h.tar > cut.tar
        mv cut.tar h.tar
    fi
    status refold doctor -q h.tar -o $what.json
    objects $what.json
    refold pack -q h.tar -o $what.pack || true
    status refold doctor -q $what.pack -o packed.json
    cmp $what.json packed.json
    tarred h.tar whole
    status refold doctor -q h.tar --certificate $what.json -o whole.json
    objects whole.json
    refold doctor --json h.tar --certificate $what.json > r.json || true
    pick r.json change
    rm whole.json packed.json h.tar
done

# A data file that an export's manifest names, and that is not there.
. "$ROOT/harness/tests/cli/table.inc"
{ item a 1 OrderCreated; echo; } | data h/AWSDynamoDB/01-a/data one
{ item b 1 OrderCreated; echo; } | data h/AWSDynamoDB/01-a/data two
manifests h 01-a
rm h/AWSDynamoDB/01-a/data/one.json.gz
status refold doctor -q h -o export.json
grep -o 'AWSDynamoDB[^"]*' export.json
