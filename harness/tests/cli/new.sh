# SPDX-License-Identifier: MIT
# A skeleton is green at once, holds together when it is compiled by hand, and overwrites nothing.
. "$ROOT/harness/tests/cli/scenario.inc"
ended refold new invoice
(
    cd invoice
    find . -type f | sort
    ended refold run
    ended refold scenario ./*.scenario
    cat golden/invoice.ndjson
    make -s REFOLD_CFLAGS="-I$ROOT/harness/include" WARNINGS='-Wall -Wextra -Wpedantic -Wconversion -Werror'
    ended refold run -q -a invoice.so
    # Its golden is what bless would write.
    cp -r golden before
    refold bless -q > /dev/null
    diff -r before golden
)
cp -r invoice before
ended refold new invoice 2>&1
diff -r invoice before
# A command that is wrong, and a fold that is: both are found.
sed -i 's/self->status != INVOICE_IS_OPEN/self->status == 77/' invoice/invoice.c
ended refold scenario -C invoice/refold.json invoice/invoice.scenario
cp before/invoice.c invoice/invoice.c
sed -i 's/self->amount, amount,/self->amount, -amount,/' invoice/invoice.c
ended refold run -q -C invoice/refold.json
# `make test` in the new folder, with refold's own header beside the program.
(cd before && make -s test | tail -n 1)
