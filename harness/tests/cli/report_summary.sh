# SPDX-License-Identifier: MIT
# The github report adds markdown to the file that GITHUB_STEP_SUMMARY names, behind what stands there; 5 where
# it cannot, also where GitHub would drop it all.
. "$ROOT/harness/tests/cli/history.inc"
{ life a 2; life b 3; } | into 00
bless h -a "$order"
export GITHUB_STEP_SUMMARY="$PWD/summary.md"
echo 'other reports: no file'
code refold run -r markdown h -a "$order"
ls summary.md 2> /dev/null || true
echo 'twice, behind a line without an end'
printf '## before' > summary.md
status refold run -r github h -a "$order"
status refold run -q -r github=r.txt h -a "$order"
cat r.txt
grep '##' summary.md
echo 'a run that was none'
code refold run -r github h -a nowhere.so
tail -n 8 summary.md
echo 'full'
GITHUB_STEP_SUMMARY=/dev/full status refold run -q -r github -r json=r.json h -a "$order"
pick r.json exit verdict
GITHUB_STEP_SUMMARY=nowhere/summary.md code refold run -r github h -a "$order"
python3 -SEc 'print("x" * 921500)' > large.md
GITHUB_STEP_SUMMARY=large.md code refold run -r github h -a "$order"
wc -c < large.md
echo 'another report fails: said once, as it ended'
rm summary.md
code refold run -r github=r.txt -r json=nowhere/r.json h -a "$order"
grep exit summary.md
echo 'standard output fails behind it: the section is written anew, what stood there before stays'
printf '## before' > summary.md
status sh -c "refold run -r github h -a \"$order\" > /dev/full"
grep '##' summary.md
grep -c '^' summary.md
echo 'not set'
GITHUB_STEP_SUMMARY='' code refold run -r github h -a "$order"
