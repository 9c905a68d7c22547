# SPDX-License-Identifier: MIT
# Above --memory events go to $TMPDIR; where that does not take them there is no verdict, and 70.
set +e
for verb in run bless types compare; do
    case $verb in
    compare) builds="$AGGREGATES/file.so $AGGREGATES/file.so" ;;
    run) builds="-a $AGGREGATES/file.so --no-compare" ;;
    bless) builds="-a $AGGREGATES/file.so -g golden" ;;
    types) builds= ;;
    esac
    # shellcheck disable=SC2086 # words
    TMPDIR=/nonexistent/folder refold $verb $builds --memory 1 -q "$FIXTURES/git-jansson/events"
    echo "$verb: exit $?"
done
ls
TMPDIR=/nonexistent/folder refold run -a "$AGGREGATES/file.so" --memory 1G --no-compare -q "$FIXTURES/git-jansson/events"
echo "in memory: exit $?"
