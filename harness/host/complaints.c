/* SPDX-License-Identifier: MIT */
/* What a compiler said, as one sentence. */
#include "host/complaints.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "host/compile.h"

/** The text with each `from` as `to`; owned by the caller. */
static char *
rename_all(const char *text, const char *from, const char *to)
{
    struct rf_buf out = {0};
    const char *found;
    while ((found = strstr(text, from)) != NULL) {
        rf_buf_add(&out, text, (size_t)(found - text));
        rf_buf_string(&out, to);
        text = found + strlen(from);
    }
    rf_buf_string(&out, text);
    (void)rf_buf_text(&out);
    return out.bytes;
}

/** Frees `text`. */
static char *
name_as_given(char *text, const struct rf_source *source)
{
    if (source->root == NULL) {
        return text;
    }
    char *named = rename_all(text, source->path, source->name);
    char *all = rename_all(named, source->root, source->root_name);
    free(text);
    free(named);
    return all;
}

char *
rf_complaints(struct rf_buf *output, const struct rf_source *source,
              const struct rf_complaint_manner *manner)
{
    const char *all = rf_buf_text(output);
    struct rf_buf told = {0};
    size_t count = 0;
    bool said = false; /* the line above was told */
    for (const char *line = all; *line != '\0';) {
        size_t bytes = strcspn(line, "\n");
        char *text = rf_strndup(line, bytes);
        size_t blanks = strspn(text, " \t");
        if (manner->goes_on && blanks > 0) {
            if (said && count <= manner->most && text[blanks] != '\0') {
                rf_buf_format(&told, " %s", text + blanks);
            }
        } else {
            said = manner->tells(text);
            count += said;
            if (said && count <= manner->most) {
                rf_buf_format(&told, "%s%s", count > 1 ? "; " : "", text);
            }
        }
        free(text);
        line += bytes + (line[bytes] == '\n');
    }
    if (count == 0) {
        rf_buf_add(&told, all, strcspn(all, "\n"));
    } else if (count > manner->most && manner->most > 1) {
        rf_buf_format(&told, "; and %zu more", count - manner->most);
    }
    char *text = rf_strdup(rf_buf_text(&told));
    rf_buf_done(&told);
    return name_as_given(text, source);
}
