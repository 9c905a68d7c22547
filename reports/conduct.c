/* SPDX-License-Identifier: MIT */
/* What aggregates did besides folding, for reports. */
#include "reports/conduct.h"

#include <string.h>

#include "base/escape.h"
#include "host/ward.h"

/* Of a path in a sentence; the report has the rest. */
#define WARNING_BYTES 200

static void
add_held(const struct rf_build *build, enum rf_sandboxed *held, uint32_t *lacks)
{
    if (build != NULL) {
        struct rf_conduct_view view = rf_conduct_look(build->conduct);
        *held = view.held > *held ? view.held : *held;
        *lacks |= view.lacks;
    }
}

enum rf_sandboxed
rf_conduct_held(struct rf_build *const *builds, struct rf_build *const *rivals, size_t count,
                uint32_t *ret_lacks)
{
    enum rf_sandboxed held = RF_HELD_UNKNOWN;
    *ret_lacks = 0;
    for (size_t i = 0; i < count; i++) {
        add_held(builds[i], &held, ret_lacks);
        add_held(rivals == NULL ? NULL : rivals[i], &held, ret_lacks);
    }
    return held;
}

const char *
rf_sandboxed_name(enum rf_sandboxed held)
{
    static const char *const names[] = {"unknown", "whole", "partial", "off"};
    return names[held];
}

void
rf_conduct_put_held(enum rf_sandboxed held, uint32_t lacks, struct rf_buf *out)
{
    char text[400];
    switch (held) {
    case RF_HELD_WHOLE:
        rf_buf_string(out, "sandbox: whole");
        break;
    case RF_HELD_PARTLY:
        rf_buf_format(out, "not sandboxed: %s", rf_sandbox_describe(lacks, text, sizeof(text)));
        break;
    case RF_HELD_OFF:
        rf_buf_string(out, "not sandboxed: --sandbox=off");
        break;
    case RF_HELD_UNKNOWN:
        rf_buf_string(out, "not sandboxed: no worker told how it is held");
        break;
    }
}

bool
rf_conduct_put_warning(const char *whose, const struct rf_build *build, struct rf_buf *out)
{
    struct rf_conduct_view view = rf_conduct_look(build->conduct);
    if (view.tried_count == 0) {
        return false;
    }
    const struct rf_tried *first = &view.tried[0];
    rf_buf_format(out, "%s%s tried to %s%s%.*s", whose, build->name, rf_tried_words(first->kind),
                  first->what[0] == '\0' ? "" : ": ", WARNING_BYTES, first->what);
    if (view.tried_count > 1) {
        rf_buf_format(out, ", and %zu other thing%s", view.tried_count - 1,
                      view.tried_count == 2 ? "" : "s");
    }
    rf_buf_string(out, "; the sandbox did not let it");
    return true;
}

void
rf_conduct_put_tried(const struct rf_tried *tried, size_t limit, struct rf_buf *out)
{
    rf_buf_string(out, rf_tried_words(tried->kind));
    if (tried->what[0] != '\0') {
        rf_buf_string(out, ": ");
        rf_escape_shown(out, tried->what, strlen(tried->what), limit);
    }
}
