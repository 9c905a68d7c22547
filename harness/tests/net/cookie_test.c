/* SPDX-License-Identifier: MIT */
/* A file of cookies is one line that a header can have, and nobody else's. */
#include "net/cookie.h"

#include "base/secret.h"
#include "tests/walk/tree.h"

Test(cookie, one_line_is_a_header)
{
    static const struct {
        const char *text;
        const char *cookie; /* NULL: refused */
        const char *says;
    } rows[] = {
        {"a=b; c=d", "a=b; c=d", NULL},
        {"Cookie: a=b==; c=d;\r\n", "a=b==; c=d", NULL},
        {"# until Friday\n\n  cookie:a=b  \n", "a=b", NULL},
        {"", NULL, "holds no cookies"},
        {"# none\n", NULL, "holds no cookies"},
        {"nothing", NULL, "holds no cookies"},
        {"=b", NULL, "holds no cookies"},
        {"a=b\nc=d\n", NULL, "more than one line"},
        {"d.example\tTRUE\t/\tTRUE\t0\tCloudFront-Policy\tx=\n", NULL, "holds no cookies"},
        {"a=\x1b[31m", NULL, "holds no cookies"},
        {"a=\xc3\xa9", NULL, "holds no cookies"},
    };
    char *root = tree_new();
    char *path = rf_format("%s/cookie", root);
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        char *cookie = NULL;
        struct rf_err err = {0};
        tree_file(root, "cookie", rows[i].text);
        cr_assert_eq(chmod(path, 0600), 0);
        rf_code code = rf_cookie_read(path, &cookie, &err);
        cr_expect_eq(code, rows[i].cookie == NULL ? RF_ERR_USAGE : RF_OK, "%s", rows[i].text);
        if (code == RF_OK) {
            cr_expect_str_eq(cookie, rows[i].cookie);
        } else {
            cr_expect_not_null(strstr(err.text, rows[i].says), "%s: %s", rows[i].text, err.text);
            cr_expect_null(strstr(err.text, "x="), "what is in it is not shown");
        }
        rf_secret_free(cookie);
    }
    struct rf_err err = {0};
    char *cookie;
    cr_assert_eq(chmod(path, 0644), 0);
    cr_expect_eq(rf_cookie_read(path, &cookie, &err), RF_ERR_USAGE);
    cr_expect_not_null(strstr(err.text, "chmod 600"), "%s", err.text);
    cr_expect_eq(rf_cookie_read(root, &cookie, &err), RF_ERR_USAGE);
    free(path);
    tree_free(root);
}
