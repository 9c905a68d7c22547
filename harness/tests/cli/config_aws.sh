# SPDX-License-Identifier: MIT
# What the config says of AWS is read strictly, and holds no secret.
. "$ROOT/harness/tests/cli/history.inc"
life a 1 | member | into 00 1
bless h -a "$order"
try() { printf '{"source":["h"],"aws":%s}\n' "$1" > refold.json; code refold run -q -a "$order"; }
try '{"region":"eu-west-1","endpoint_url":"https://s3.example","no_sign_request":false,"request_payer":true}'
try '"eu-west-1"'
try '{"region":1}'
try '{"profile":"ci"}'
try '{"region":""}'
try '{"request_payer":"yes"}'
try '{"endpoint-url":"https://s3.example"}'
try '{"bucket":"b"}'
try '{"secret_access_key":"x"}'
try '{"aws_session_token":"x"}'
try '{"region":"a\u0000b"}'
