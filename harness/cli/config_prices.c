/* SPDX-License-Identifier: MIT */
/* What the config says of prices. */
#include "cli/config_prices.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/escape.h"
#include "base/typo.h"

/* Characters of a currency's name: it stands behind an amount. */
#define CURRENCY_MOST 16

static const char *const KEYS[] = {"currency", "list", "get", "transfer", "retrieval", NULL};

static rf_code
fail(struct rf_err *reterr, const char *file, const char *key, const char *what)
{
    return rf_fail(reterr, RF_ERR_USAGE, file, "/prices%s%s: %s", key == NULL ? "" : "/",
                   key == NULL ? "" : key, what);
}

static rf_code
read_price(const char *file, const char *key, json_t *value, double *ret, struct rf_err *reterr)
{
    if (!json_is_number(value) || !(json_number_value(value) >= 0)) {
        return fail(reterr, file, key, "must be a price: a number that is not negative");
    }
    *ret = json_number_value(value);
    return RF_OK;
}

static rf_code
read_retrievals(const char *file, json_t *value, struct rf_prices *ret, struct rf_err *reterr)
{
    const char *key;
    json_t *item;
    if (!json_is_object(value)) {
        return fail(reterr, file, "retrieval", "must be an object: a price for each storage class");
    }
    ret->retrievals = rf_calloc(json_object_size(value) + 1, sizeof(*ret->retrievals));
    json_object_foreach (value, key, item) {
        struct rf_retrieval_price *price = &ret->retrievals[ret->retrieval_count];
        RF_TRY(read_price(file, "retrieval", item, &price->gb, reterr));
        price->storage = rf_strdup(key);
        ret->retrieval_count++;
    }
    return RF_OK;
}

/** Whether it is short, and reads the same wherever it is printed. */
static bool
is_currency(const char *name)
{
    struct rf_buf shown = {0};
    size_t characters = 0;
    rf_escape_terminal(&shown, name, strlen(name));
    for (const char *at = name; *at != '\0'; at++) {
        characters += ((unsigned char)*at & 0xC0) != 0x80; /* UTF-8's first bytes */
    }
    bool good =
        characters > 0 && characters <= CURRENCY_MOST && strcmp(rf_buf_text(&shown), name) == 0;
    rf_buf_done(&shown);
    return good;
}

static rf_code
read_member(const char *file, const char *key, json_t *value, struct rf_prices *ret,
            struct rf_err *reterr)
{
    if (strcmp(key, "currency") == 0) {
        if (!json_is_string(value) || !is_currency(json_string_value(value))) {
            return fail(reterr, file, key, "must be a short name, such as \"USD\"");
        }
        ret->currency = rf_strdup(json_string_value(value));
        return RF_OK;
    }
    if (strcmp(key, "retrieval") == 0) {
        return read_retrievals(file, value, ret, reterr);
    }
    double *price = strcmp(key, "list") == 0       ? &ret->list
                    : strcmp(key, "get") == 0      ? &ret->get
                    : strcmp(key, "transfer") == 0 ? &ret->transfer
                                                   : NULL;
    if (price != NULL) {
        return read_price(file, key, value, price, reterr);
    }
    const char *nearest = rf_typo_nearest(key, KEYS);
    char *text = nearest == NULL ? rf_strdup("unknown key")
                                 : rf_format("unknown key; did you mean \"%s\"?", nearest);
    rf_code code = fail(reterr, file, key, text);
    free(text);
    return code;
}

rf_code
rf_config_prices(const char *file, json_t *value, struct rf_prices *ret, struct rf_err *reterr)
{
    const char *key;
    json_t *item;
    if (value == NULL) {
        return RF_OK;
    }
    if (!json_is_object(value)) {
        return fail(reterr, file, NULL, "must be an object");
    }
    ret->told = true;
    json_object_foreach (value, key, item) {
        RF_TRY(read_member(file, key, item, ret, reterr));
    }
    return RF_OK;
}
