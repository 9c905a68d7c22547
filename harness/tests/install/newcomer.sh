#!/bin/sh
# SPDX-License-Identifier: MIT
# What someone does with an installed refold, outside of its tree: build an aggregate by pkg-config,
# accept the states, change the code, see red. Ends with 0 where all of it is as it should be.
#
#   newcomer.sh            refold, pkg-config and cc are on the PATH; works in a folder of its own
set -eu
unset CI
folder=$(mktemp -d "${TMPDIR:-/tmp}/refold-newcomer-XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"

say() { printf '%s\n' "newcomer: $*"; }
# ends STATUS COMMAND...: shows the command, and holds it to the exit status that it must have.
ends() {
    wanted=$1
    shift
    status=0
    "$@" >said 2>&1 || status=$?
    say "exit $status: $*"
    [ "$status" -eq "$wanted" ] || { cat said; say "wanted exit $wanted"; exit 1; }
}

say "$(command -v refold): $(refold --version | head -n 1)"
version="refold $(pkg-config --modversion refold)"
[ "$(refold --version | head -n 1)" = "$version" ] || { say "pkg-config says $version"; exit 1; }
refold --version | grep -q "ABI $(pkg-config --variable=abi refold)," || { say 'another ABI'; exit 1; }

mkdir -p history/2026/07/01/00
for id in a b c; do
    for version in 1 2 3; do
        printf '{"aggregateType":"account","aggregateId":"%s","version":%s,"type":"Deposited",' $id $version
        printf '"at":"2026-07-01T00:00:0%sZ","data":{"Cents":%s}}\n' $version $version
    done
done >history/2026/07/01/00/accounts-1-2026-07-01-00-00-00-00000000-0000-4000-8000-000000000000
cat >account.c <<'END'
#include <refold/aggregate.h>

struct account {
    int64_t cents;
};

static const refold_type types[] = {REFOLD_TYPE("Deposited", 1)};
static const refold_field fields[] = {REFOLD_INT(struct account, cents, "cents")};

static int32_t
account_apply(void *state, const refold_event *event)
{
    int64_t cents;
    if (!refold_event_int(event, "Cents", &cents)) {
        return refold_reject(event, "Cents is not an integer");
    }
    ((struct account *)state)->cents += cents;
    return REFOLD_OK;
}

REFOLD_AGGREGATE("account", struct account, types, fields, account_apply)
END
build() {
    # shellcheck disable=SC2046 # words
    cc -shared -fPIC $(pkg-config --cflags refold) account.c -o account.so
}

build
ends 2 refold run history -a account.so
ends 0 refold bless history -a account.so
ends 0 refold run history -a account.so
ends 0 refold run history -a account.c
sed -i 's/cents += cents/cents += cents + 1/' account.c
ends 0 refold run history -a account.so
ends 1 refold run history -a account.c
build
ends 1 refold run history -a account.so
grep -q '3 accounts changed: /cents 6 -> 9' said || { cat said; say 'it does not say what changed'; exit 1; }

# The aggregates that ship, and their sources.
plugins=$(pkg-config --variable=plugindir refold)
[ -d "$plugins" ] || plugins=${PKG_CONFIG_SYSROOT_DIR:-}$plugins # not every pkg-config puts it in front
printf '{"t":"OrderCreated","d":{"ID":"1","Version":1,"At":"2026-07-01T00:00:00Z"}}\n' >order
ends 0 refold run --no-compare -a "$plugins/order.so" order
ends 0 refold run --no-compare -a "$plugins/case.so" -a "$plugins/file.so" history

# A skeleton in each language that is here; Rust wants its crates, too.
languages=c
if command -v c++ >/dev/null; then languages="$languages cpp"; fi
if command -v go >/dev/null; then languages="$languages go"; fi
for language in $languages; do
    ends 0 refold new --lang "$language" invoice "invoice-$language"
    ends 0 refold run -C "invoice-$language/refold.json"
    ends 0 refold scenario -C "invoice-$language/refold.json" "invoice-$language/invoice.scenario"
done
say 'all as it should be'
