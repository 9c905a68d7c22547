/* SPDX-License-Identifier: MIT */
/* An account at AWS, or at what speaks as AWS does: where its servers are, and how requests become
 * believed there. Credentials are found as the AWS tools find them (aws_credentials.h). */
#ifndef RF_NET_AWS_H
#define RF_NET_AWS_H

#include <stdbool.h>

#include "base/buf.h"
#include "base/error.h"
#include "net/http.h"
#include "net/settings.h"

struct rf_net;

struct rf_aws;

/**
 * Read the profile's files and settle region and endpoints. No credentials are looked for yet, and
 * no server is asked.
 * @net     for servers that give credentials; borrowed for as long as `ret` is used
 * @return  RF_OK; RF_ERR_USAGE: a named profile that is not there, a file that cannot be read, a
 *          region or an endpoint that is none (http:// only on this machine)
 */
RF_MUST_USE rf_code rf_aws_new(const struct rf_aws_settings *settings, struct rf_net *net,
                               struct rf_aws **ret, struct rf_err *reterr);
/** Overwrites all credentials. No signer is in use any more. Accepts NULL. */
void rf_aws_free(struct rf_aws *aws);

/** Where a service is: "https://s3.eu-west-1.amazonaws.com", or the one that was given; no slash at
 * its end. Owned. */
char *rf_aws_endpoint(struct rf_aws *aws, const char *service);
/** The region that requests are signed for at first. Borrowed. */
const char *rf_aws_region(const struct rf_aws *aws);
/** Whether a bucket stands in the path (endpoint/bucket/key), not in the host
 * (bucket.endpoint/key): wherever an endpoint was given, and where its name has dots, which no
 * certificate covers. */
bool rf_aws_path_style(struct rf_aws *aws, const char *bucket);

/**
 * What makes requests believed. The first signer looks for credentials, so that what is wrong with
 * them is said before anything is read.
 *
 * It signs for the region that a bucket turns out to be in, by the clock that the server turns out
 * to have, with credentials that are refreshed before they expire; an address of another host than
 * the service's is not signed: nobody else gets a token.
 *
 * @service  "s3", "dynamodb"
 * @bucket   or NULL
 * @ret      valid until rf_aws_free
 * @return   RF_OK; RF_ERR_USAGE: there are no credentials, or what was named has none (it says
 *           which places were looked at), or the service needs a region; RF_ERR_SOURCE: a server
 *           that gives them did not, or refused
 * Threads: any.
 */
RF_MUST_USE rf_code rf_aws_signer(struct rf_aws *aws, const char *service, const char *bucket,
                                  struct rf_signer *ret, struct rf_err *reterr);

/**
 * Append what is wrong with an answer that refuses credentials, a signature, a region or a clock,
 * and what to do: the end of a sentence. Of a signature it tells the line in which the server's
 * canonical request differs from ours. It holds no secret, but bytes of the server's: escape it.
 *
 * @aws      who asked; NULL: not known
 * @request  as it was sent; NULL: it is gone
 * @return   false: it is another kind of answer, nothing was appended
 */
bool rf_aws_advice(struct rf_aws *aws, const struct rf_http_request *request,
                   const struct rf_http_answer *answer, struct rf_buf *ret);

/** Take secrets out of the environment, so that no program that refold starts, and no one who looks
 * at that program's environment, finds them there. Once, before there is a second thread. */
void rf_aws_take_secrets(void);

#endif
