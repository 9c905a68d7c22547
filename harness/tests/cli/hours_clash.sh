# SPDX-License-Identifier: MIT
# A date whose columns contradict is no date, and that of a copy or of the source does not stand for it.
. "$ROOT/harness/tests/cli/history.inc"
name=orders-1-2026-06-03-05-00-01-00000000-0000-4000-8000-00000000000
place() { mkdir -p "$1" && cat > "$1/$name$2"; }
one() { event "$1" 1 OrderCreated; }
two() { event "$1" 2 "$2"; }
for keys in 'year=2026/month=06/tenant=N/day=03/hour=05' 'year=2026/customer=204N/month=06/day=03' 'tenant=204N/month=06/day=03'; do
    echo "# $keys"
    rm -rf export-2026-*
    one a | place "export-2026-06-10/$(echo "$keys" | sed s/N/3/)" 1
    one b | place "export-2026-06-10/$(echo "$keys" | sed s/N/7/)" 2
    two b OrderApproved | place "export-2026-09-01/$(echo "$keys" | sed s/N/7/)" 3
    status refold bless -q export-2026-06-10 export-2026-09-01 -a "$order"
    find export-2026-09-01 -type f -exec sed -i s/OrderApproved/OrderShipped/ {} +
    status refold run -q export-2026-06-10 export-2026-09-01 -a "$order"
    status refold run -q export-2026-06-10 export-2026-09-01 -a "$order" --until 2026-08-01
done
echo '# what is named rightly is read in any copy, whatever stands behind it'
for keys in 'year=2026/month=05/day=25/exp_month=12' 'year=2026/month=05/day=25/weekday=1/due=2026-06-02' \
    'dt=2026-05-25/m=5/due=2026-06-03' 'year=2026/month=05/date=25/hour=05'; do
    rm -rf h golden
    one a | place "h/backup-2026-07-01/$keys" 1
    status refold bless -q h -a "$order"
    refold ls h -l | grep -o '^.*2026-05-25[T0-9]* ' || echo 'no hour'
    status refold run -q h -a "$order" --until 2026-06-01
done
