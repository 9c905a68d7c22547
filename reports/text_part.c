/* SPDX-License-Identifier: MIT */
/* Parts of the text report on their own. */
#include "reports/text_internal.h"

/** A page that holds no report, only how it looks. */
static struct rf_page
make_page(const struct rf_text_look *look, struct rf_report *report, struct rf_buf *out)
{
    *report = (struct rf_report){
        .verb = "bless", .color = look->color, .verbosity = look->verbose ? 1 : 0};
    struct rf_page page = rf_page_open(report, out);
    page.value_width = look->value_width;
    return page;
}

void
rf_text_part_number(uint64_t value, struct rf_buf *out)
{
    struct rf_report report;
    const struct rf_text_look plain = {.value_width = RF_TEXT_VALUE_WIDTH};
    struct rf_page page = make_page(&plain, &report, out);
    rf_paint_number(&page, value);
}

void
rf_text_part_headline(const struct rf_text_look *look, const struct rf_cluster *cluster,
                      struct rf_buf *out)
{
    struct rf_report report;
    struct rf_page page = make_page(look, &report, out);
    rf_text_cluster(&page, cluster);
    rf_buf_byte(out, '\n');
}

void
rf_text_part_cluster(const struct rf_text_look *look, const struct rf_cluster *cluster,
                     struct rf_buf *out)
{
    struct rf_report report;
    struct rf_page page = make_page(look, &report, out);
    rf_text_cluster(&page, cluster);
    rf_buf_byte(out, '\n');
    rf_text_cluster_data(&page, cluster);
    rf_text_cluster_samples(&page, cluster);
    rf_text_cluster_key(&page, cluster);
}

void
rf_text_part_difference(const struct rf_text_look *look, const struct rf_difference *difference,
                        struct rf_buf *out)
{
    struct rf_report report;
    struct rf_page page = make_page(look, &report, out);
    rf_text_difference(&page, difference);
}
