/* SPDX-License-Identifier: MIT */
/* What the files of an AWS account share. */
#ifndef RF_NET_AWS_INTERNAL_H
#define RF_NET_AWS_INTERNAL_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/json.h"
#include "net/aws.h"
#include "net/aws_profiles.h"
#include "net/net.h"
#include "net/sigv4.h"

/** Longest name of a region that is taken from anyone: it becomes part of a host's name. */
#define RF_REGION_BYTES 64

struct rf_aws_signing; /* aws_signer.c: one service, one bucket */

struct rf_aws {
    struct rf_net *net; /**< borrowed */
    /* Settled when it is made, and not changed. */
    char *profile;       /**< its name */
    bool profile_named;  /**< by the user: then it must be there, and have credentials */
    bool profile_option; /**< on the command line: then it alone is looked at */
    char *region;
    bool region_known; /**< somebody said so; else it is the usual one */
    char *endpoint;    /**< --endpoint-url, or NULL */
    bool no_sign, request_payer;
    rf_code (*run)(char *const *words, struct rf_buf *ret, struct rf_err *reterr);
    char *config_path, *credentials_path; /**< or NULL: there is no home */
    struct rf_profiles profiles;
    /* Under the lock. */
    pthread_mutex_t lock;
    const struct rf_aws_provider *provider; /**< where the key is from; NULL: not looked for yet */
    struct rf_aws_key key;
    char *origin;       /**< for messages: "profile 'x' (/home/…/credentials)" */
    int64_t refresh_at; /**< seconds since 1970 */
    int64_t clock_offset;
    struct rf_aws_signing *signings; /**< a list */
};

/** One place where credentials may be. */
struct rf_aws_provider {
    const char *name; /**< for the sentence that there are none */
    /**
     * @ret     filled where *ret_found
     * @origin  set where *ret_found: what messages call it
     * @return  RF_OK, also where it has none; RF_ERR_USAGE, RF_ERR_SOURCE: it should have them, and
     *          something is wrong
     */
    rf_code (*find)(struct rf_aws *aws, struct rf_aws_key *ret, char **ret_origin, bool *ret_found,
                    struct rf_err *reterr);
};

extern const struct rf_aws_provider rf_aws_from_environment; /**< aws_environment.c */
extern const struct rf_aws_provider rf_aws_from_identity;    /**< aws_identity.c */
extern const struct rf_aws_provider rf_aws_from_profile;     /**< aws_profile.c */
extern const struct rf_aws_provider rf_aws_from_container;   /**< aws_metadata.c */
extern const struct rf_aws_provider rf_aws_from_instance;    /**< aws_metadata.c */

/** A variable of the environment, or what rf_aws_take_secrets took of it; NULL where it is empty
 * too. Borrowed. */
const char *rf_aws_variable(const char *name);
/** Whether it says true, in any case of letters. */
bool rf_aws_variable_true(const char *name);
/** ~/.aws/… below the home of the environment; owned, NULL where there is none. */
char *rf_aws_home(const char *path);

/** A setting of the profile, or NULL. */
const struct rf_profile_entry *rf_aws_setting(const struct rf_aws *aws, const char *key);

/** Whether a text can be a region's name. */
bool rf_aws_is_region(const char *text);
/** The endpoint that was given for a service: by the option (where it is of data), a variable or
 * the profile. NULL: none. Borrowed, it may end in slashes. */
const char *rf_aws_given_endpoint(const struct rf_aws *aws, const char *service);

/** A web identity: the token in a file becomes the key of a role, asked of STS. */
RF_MUST_USE rf_code rf_aws_assume(struct rf_aws *aws, const char *role, const char *session,
                                  const char *token_file, struct rf_aws_key *ret,
                                  struct rf_err *reterr);
/** The key of an SSO session of the profile. */
RF_MUST_USE rf_code rf_aws_sso(struct rf_aws *aws, struct rf_aws_key *ret, struct rf_err *reterr);

/** What the members of a JSON object with a key are called. */
struct rf_aws_key_names {
    const char *within; /**< the member of the root that has them; NULL: the root itself */
    const char *id, *secret, *token, *expires;
    bool token_needed;
};

/**
 * A key from JSON. @where  names who gave it.
 * @return  RF_OK; RF_ERR_SOURCE: it is no such JSON, or what it says can be no key
 */
RF_MUST_USE rf_code rf_aws_key_read(const char *json, size_t bytes,
                                    const struct rf_aws_key_names *names, const char *where,
                                    struct rf_aws_key *ret, struct rf_err *reterr);
/** A member that is a string; NULL where there is none. For rf_secret_free. */
char *rf_aws_json_text(const struct rf_json *doc, uint32_t object, const char *name);
/** Takes copies; `wrong` where one of them holds what no header takes, or is not there but for the
 * token, which may be NULL. */
RF_MUST_USE rf_code rf_aws_key_set(struct rf_aws_key *key, const char *id, const char *secret,
                                   const char *token, int64_t expires, rf_code wrong,
                                   const char *where, struct rf_err *reterr);
/** A text file of a token, without its line's end; to be freed by rf_secret_free. RF_ERR_USAGE. */
RF_MUST_USE rf_code rf_aws_token_file(const char *path, char **ret, struct rf_err *reterr);

/** Ask a server for what is a secret; the request is done with. Who asks stands in front of what
 * went wrong. RF_OK with any status. */
RF_MUST_USE rf_code rf_aws_ask(struct rf_aws *aws, struct rf_http_request *request,
                               const char *where, struct rf_http_answer *ret,
                               struct rf_err *reterr);

/** A key that is valid now, refreshed where need be: a copy, for rf_aws_key_done. Called without
 * the lock. */
RF_MUST_USE rf_code rf_aws_key_get(struct rf_aws *aws, struct rf_aws_key *ret,
                                   struct rf_err *reterr);
/** A server says that the key with this id has expired: whether the next one is another. */
bool rf_aws_key_expired(struct rf_aws *aws, const char *id, size_t id_bytes);

/** Seconds since 1970, by this machine. */
int64_t rf_aws_now(void);

/** Frees the list. */
void rf_aws_signings_free(struct rf_aws *aws);

#endif
