/* SPDX-License-Identifier: MIT */
/* Cookies that a CDN has signed. */
#include "net/cookie.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/secret.h"

/* CloudFront takes no request whose head is longer. */
#define COOKIE_BYTES 20480

#define RECIPE                                                                                     \
    "write one line, as a Cookie header has it: CloudFront-Policy=...; "                           \
    "CloudFront-Signature=...; CloudFront-Key-Pair-Id=..."

/** Where the cookies begin in a line, or NULL: it holds none. Its end is cut off. */
static char *
trim(char *line)
{
    size_t bytes = strlen(line);
    while (bytes > 0 && strchr(" \t\r\n;", line[bytes - 1]) != NULL) {
        line[--bytes] = '\0';
    }
    line += strspn(line, " \t");
    if (line[0] == '\0' || line[0] == '#') {
        return NULL;
    }
    if (strncasecmp(line, "cookie:", 7) == 0) {
        line += 7 + strspn(line + 7, " \t");
    }
    return line;
}

/** Whether it is names and values, and nothing that would end the header. */
static bool
is_cookie(const char *text)
{
    const char *equals = strchr(text, '=');
    for (const char *at = text; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || (unsigned char)*at >= 0x7f) {
            return false;
        }
    }
    return equals != NULL && equals > text;
}

static rf_code
read_lines(FILE *file, const char *path, char **ret, struct rf_err *reterr)
{
    char *line = rf_alloc(COOKIE_BYTES + 3);
    rf_code code = RF_OK;
    while (code == RF_OK && fgets(line, COOKIE_BYTES + 3, file) != NULL) {
        bool is_long = strlen(line) > COOKIE_BYTES;
        char *text = trim(line);
        if (text != NULL && (is_long || *ret != NULL || !is_cookie(text))) {
            code = rf_fail(reterr, RF_ERR_USAGE, path,
                           *ret != NULL ? "holds more than one line of cookies; " RECIPE
                                        : "holds no cookies; " RECIPE);
        } else if (text != NULL) {
            *ret = rf_strdup(text);
        }
    }
    explicit_bzero(line, COOKIE_BYTES + 3);
    free(line);
    if (code == RF_OK && ferror(file)) {
        code = rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the cookies");
    }
    if (code == RF_OK && *ret == NULL) {
        code = rf_fail(reterr, RF_ERR_USAGE, path, "holds no cookies; " RECIPE);
    }
    return code;
}

rf_code
rf_cookie_read(const char *path, char **ret, struct rf_err *reterr)
{
    struct stat facts;
    FILE *file = fopen(path, "re");
    char *found = NULL;
    if (file == NULL) {
        return rf_fail_errno(reterr, RF_ERR_USAGE, path, "cannot read the cookies");
    }
    (void)setvbuf(file, NULL, _IONBF, 0); /* no copy stays in a buffer */
    rf_code code = RF_OK;
    if (fstat(fileno(file), &facts) == 0 && S_ISREG(facts.st_mode) &&
        (facts.st_mode & (S_IROTH | S_IWOTH)) != 0) {
        code = rf_fail(reterr, RF_ERR_USAGE, path,
                       "every user of this machine may read or write these cookies; chmod 600 it");
    } else {
        code = read_lines(file, path, &found, reterr);
    }
    (void)fclose(file);
    if (code != RF_OK) {
        rf_secret_free(found);
        return code;
    }
    *ret = found;
    return RF_OK;
}
