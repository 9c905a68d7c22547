# SPDX-License-Identifier: MIT
# A file that is named twice, under whatever name, is played once; a copy is a file of its own.
. "$ROOT/harness/tests/cli/scenario.inc"
file << 'END'
scenario: one
when CreateOrder
then OrderCreated
END
ln -s s.scenario soft
ln s.scenario hard
ended refold scenario -q -a "$order" s.scenario ./s.scenario "$PWD/s.scenario" soft hard
cp s.scenario copy
ended refold scenario -q -a "$order" copy s.scenario copy
