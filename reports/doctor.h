/* SPDX-License-Identifier: MIT */
/* What `refold doctor` found, and the forms in which it is written. */
#ifndef RF_REPORTS_DOCTOR_H
#define RF_REPORTS_DOCTOR_H

#include "base/buf.h"
#include "history/certificate.h"
#include "look/checkup.h"
#include "look/outlook.h"
#include "reports/report.h"

/** All is borrowed. Of a run that ended early all but `run` may be NULL. */
struct rf_doctor_report {
    const struct rf_report *run; /**< flags, sums, damage, warnings, looks */
    const struct rf_objects *objects;
    const struct rf_outlook *outlook;
    const struct rf_checkup *checkup;
    const struct rf_leads *leads;
    uint64_t unread_errors; /**< objects below an error prefix that were not read (--errors) */
    const struct rf_certificate *certificate;
    struct rf_certificate_twins twins;
    const char *former;                         /**< the file of an earlier certificate, or NULL */
    const struct rf_certificate_change *change; /**< since then */
    bool instances_differ;                      /**< though no object does */
};

enum rf_wholeness {
    RF_NOT_WHOLE,        /**< the exit status is not 0 */
    RF_WHOLE_BUT_WAIVED, /**< there is damage that the config's policy waives */
    RF_WHOLE_UNTOLD,     /**< no event has a version that could tell */
    RF_WHOLE_UNSEARCHED, /**< of --since: gaps are not looked for */
    RF_WHOLE,
};

enum rf_wholeness rf_doctor_wholeness(const struct rf_doctor_report *report);

/** For people. */
void rf_doctor_text(const struct rf_doctor_report *report, struct rf_buf *out);
/** For programs: schema/doctor.schema.json. */
void rf_doctor_json(const struct rf_doctor_report *report, struct rf_buf *out);

#endif
