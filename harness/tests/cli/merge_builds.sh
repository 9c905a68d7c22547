# SPDX-License-Identifier: MIT
# A source is merged with itself where it was compiled to the same bytes: wherever it lies, and with the same headers.
. "$ROOT/harness/tests/cli/history.inc"
{ for id in a b c d e f g h; do life $id 3; done; } | into 00
for place in one two; do
    mkdir $place
    other $place/agg.c 's|#include <refold/aggregate.h>|&\n#include <assert.h>\n#include "step.h"|; s/order->items++/assert(STEP > 0);\n    order->items += STEP/'
    echo '#define STEP 1' > $place/step.h
done
echo '#define STEP 2' > two/step.h
bless h -a "$order"
echo '# other headers beside the same source'
refold run -q --shard 1/2 -r json=one1.json h -a one/agg.c > /dev/null
code refold run -q --shard 2/2 -r json=two2.json h -a two/agg.c
pick one1.json proof.builds.0.sha256 > source1
pick two2.json proof.builds.0.sha256 | cmp - source1
status refold merge -q one1.json two2.json
echo '# the same headers, in another folder, named in another way'
echo '#define STEP 1' > two/step.h
refold run -q --shard 2/2 -r json=two2.json h -a two/agg.c > /dev/null
status refold merge -q one1.json two2.json
refold run -q --shard 1/2 -r json=abs1.json h -a "$PWD/one/agg.c" > /dev/null
status refold merge -q abs1.json two2.json
echo '# of a revision'
cd two
gitten init -q .
gitten add -A
gitten commit -qm first
refold run -q --shard 1/2 -r json=../rev1.json -g ../golden ../h -a HEAD:agg.c > /dev/null
cd ..
status refold merge -q rev1.json two2.json
