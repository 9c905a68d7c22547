# SPDX-License-Identifier: MIT
# A wrong value is named after where it stands: the environment, the config.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | into 00
try() {
    variable=$1
    shift
    code env "$variable" refold "$@" --no-compare h -a "$order" 2>&1
}
try REFOLD_JOBS=x run
try REFOLD_TIMEOUT=x run
try REFOLD_MEMORY=x run
try REFOLD_COLOR=x run
try REFOLD_REPORT=x run
try REFOLD_ENVELOPE=x run
try REFOLD_AS_OF=x run
try REFOLD_UNTIL=x run
try REFOLD_SINCE=2026-07-01 run
try REFOLD_IGNORE=x run
echo '{"limits":{"timeout":"soon"}}' > refold.json
try REFOLD_JOBS=1 run
try REFOLD_TIMEOUT=5 run
echo '{"limits":{"memory":"much"}}' > refold.json
try REFOLD_JOBS=1 run
try REFOLD_JOBS=1 run --memory=1G
