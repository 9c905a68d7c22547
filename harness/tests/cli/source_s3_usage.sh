# SPDX-License-Identifier: MIT
# What is no bucket, no inventory, or no pair of a source and its keys: 2, and nothing is asked of any server.
. "$ROOT/harness/tests/cli/history.inc"
export AWS_EC2_METADATA_DISABLED=true AWS_CONFIG_FILE=/dev/null AWS_SHARED_CREDENTIALS_FILE=/dev/null
life a 1 | into 00 1
bless h -a "$order"
echo a > keys
try() {
    code refold run -q -a "$order" --no-sign-request --region eu-west-1 "$@" 2>&1
}
try s3://
try s3://user@host.example/key
try s3://arn:aws:s3:eu-west-1:1:accesspoint/x
try gs://bucket/prefix
try s3://bucket/ --keys s3://bucket/prefix
try s3://bucket/ --keys nowhere
try s3://one/ s3://two/ --keys keys
printf 'a\n../b\n' > up
try s3://bucket/ --keys up
manifest() {
    printf '{"sourceBucket":"%s","fileFormat":"%s","fileSchema":"%s","files":[{"key":"../../x/%s","size":9,"MD5checksum":"%s"}]}' "$@" > manifest.json
}
sum=00000000000000000000000000000000
inventory() {
    manifest "$@"
    try s3://bucket/ --keys manifest.json
}
try s3://bucket/ --keys nowhere.json
echo '{}' > none.json
try s3://bucket/ --keys none.json
inventory other CSV 'Bucket, Key' list.csv.gz $sum
inventory bucket Parquet 'Bucket, Key' list.csv.gz $sum
inventory bucket CSV 'Bucket, Size' list.csv.gz $sum
inventory bucket CSV 'Bucket, Key' list.csv.gz 0
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
echo no gzip > list.csv.gz
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
printf '"bucket","a"\n' | gzip -n > list.csv.gz
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
printf '"bucket","a"\n"bucket"\n' | gzip -n > list.csv.gz
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
printf '"bucket","a' | gzip -n > list.csv.gz
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
printf '"bucket","a"b\n' | gzip -n > list.csv.gz
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
printf '"else","a"\n' | gzip -n > list.csv.gz
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
printf '"bucket","a%%"\n' | gzip -n > list.csv.gz
inventory bucket CSV 'Bucket, Key' list.csv.gz $sum
