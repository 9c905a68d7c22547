# SPDX-License-Identifier: MIT
# A table that cannot be asked: said before anything is read, or asked of a server.
. "$ROOT/harness/tests/cli/history.inc"
export HOME="$PWD" AWS_EC2_METADATA_DISABLED=true
status refold show a dynamodb://ab
status refold show a dynamodb://
status refold show a 'dynamodb://orders/a?b'
status refold show a dynamodb://orders
status refold show a dynamodb://orders --region eu-west-1
status refold run --no-compare -a "$order" --until 2026-07-01 dynamodb://orders --region eu-west-1
