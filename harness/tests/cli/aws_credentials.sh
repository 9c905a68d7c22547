# SPDX-License-Identifier: MIT
# Credentials that are not there, or broken: told before anything is read, without any secret.
. "$ROOT/harness/tests/cli/history.inc"
for name in $(env | sed -n 's/^\(AWS_[A-Z0-9_]*\)=.*/\1/p; s/^\(ACTIONS_ID_TOKEN[A-Z_]*\)=.*/\1/p'); do unset "$name"; done
export HOME="$PWD" AWS_EC2_METADATA_DISABLED=true REFOLD_PATIENCE=0.01
mkdir .aws
try() {
    code refold run -q --no-compare s3://bucket/orders/ -a "$order" "$@" 2> err
    sed 's/: Failed to connect.*/: Failed to connect/' err >&2
}
echo "- none"
try
echo "- half of one, and one that no header takes"
AWS_ACCESS_KEY_ID=AK try
AWS_SECRET_ACCESS_KEY=canary try
AWS_ACCESS_KEY_ID=AK AWS_SECRET_ACCESS_KEY='canary two' try
AWS_ACCESS_KEY_ID=AK AWS_SECRET_ACCESS_KEY=canary AWS_SESSION_TOKEN="$(printf 'canary\nX: y')" try
echo "- profiles"
try --profile nobody
AWS_PROFILE=nobody AWS_ACCESS_KEY_ID=AK AWS_SECRET_ACCESS_KEY=canary try
cat > .aws/config << 'END'
[profile half]
aws_access_key_id = AK
[profile role]
role_arn = arn:aws:iam::1:role/r
source_profile = half
[profile sso]
sso_session = corp
sso_account_id = 1
sso_role_name = r
[sso-session corp]
sso_region = eu-west-1
sso_start_url = https://corp.example/start
[profile late]
credential_process = /bin/sh -c "echo canary; exit 7"
[profile quoted]
credential_process = "open
[profile bare]
region = eu-west-1
[profile marsian]
region = Mars
END
for name in half role sso late quoted bare marsian; do
    try --profile $name
done
echo "- a file that is none"
printf '[default]\ncanary\n' > .aws/credentials
try
rm .aws/credentials
echo "- web identity"
AWS_WEB_IDENTITY_TOKEN_FILE=token try
AWS_WEB_IDENTITY_TOKEN_FILE=token AWS_ROLE_ARN=arn:aws:iam::1:role/r try
AWS_ROLE_ARN=arn:aws:iam::1:role/r ACTIONS_ID_TOKEN_REQUEST_URL=http://h/ ACTIONS_ID_TOKEN_REQUEST_TOKEN=canary try
echo "- container"
AWS_CONTAINER_CREDENTIALS_FULL_URI=http://h.example/ try
AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=h try
AWS_CONTAINER_CREDENTIALS_FULL_URI=http://127.0.0.1:1/ try
echo "- region and endpoint"
try --region Mars
AWS_REGION=eu-west-1.evil try
try --endpoint-url ftp://h
try --endpoint-url https://user:canary@h
try --endpoint-url http://h.example
AWS_ENDPOINT_URL_S3='https://h/?canary=canary' try
echo "- nor does a proposed command hold one"
code refold run s3://bucket/orders/ -a "$order" --endpoint-url 'https://user:canary@h/?canary'
echo "- and nothing is looked for"
try --no-sign-request --endpoint-url http://127.0.0.1:1
