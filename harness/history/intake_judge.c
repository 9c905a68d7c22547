/* SPDX-License-Identifier: MIT */
/* What an object's fate is, and what of its damage is known. */
#include "history/intake_internal.h"

#include <inttypes.h>
#include <string.h>

#include "base/alloc.h"
#include "decode/base64.h"
#include "history/identity.h"
#include "history/known.h"
#include "walk/export.h"

bool
rf_intake_is_foreign(const struct rf_intake *intake, rf_code code)
{
    const struct rf_object *object = intake->object;
    if (intake->facts.events > 0 || object->packer_name || object->named || object->errors ||
        object->of_table || intake->is_aggregate) {
        return false;
    }
    const struct rf_decode_counts *counts = &intake->facts.counts;
    if (code == RF_OK) { /* records of which no one can read an event may be events all the same */
        return (!intake->is_record && counts->alien == 0) || rf_key_is_hidden(object->key);
    }
    bool is_text = intake->is_text && counts->alien == 0 && counts->unended > 0;
    return (code == RF_ERR_TRUNCATED || code == RF_ERR_MALFORMED) && is_text;
}

struct rf_damage
rf_intake_damage(const struct rf_intake *intake, enum rf_damage_kind kind, char *message)
{
    return (struct rf_damage){
        .kind = kind,
        .object = rf_strdup(intake->object->name),
        .message = message,
    };
}

void
rf_intake_judge_broken(struct rf_intake *intake, rf_code code, const struct rf_err *broken)
{
    if (rf_intake_is_foreign(intake, code)) {
        intake->facts.fate = RF_FATE_FOREIGN;
        return;
    }
    enum rf_damage_kind kind =
        code == RF_ERR_TRUNCATED ? RF_DAMAGE_TRUNCATED : RF_DAMAGE_UNREADABLE;
    struct rf_damage damage = rf_intake_damage(intake, kind, rf_strdup(broken->text));
    damage.has_offset = broken->has_offset != 0;
    damage.offset = broken->offset_bytes;
    rf_damages_add(&intake->facts.damages, damage);
    intake->facts.fate = RF_FATE_UNREADABLE;
}

void
rf_intake_judge_read(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    const struct rf_decode_counts *counts = &facts->counts;
    bool all_empty = !intake->object->errors && counts->records > 0 &&
                     counts->empty == counts->records + counts->expanded;
    bool is_read = facts->events > 0 || counts->bytes == 0 || all_empty;
    if (intake->is_litter) {
        facts->fate = RF_FATE_FOREIGN;
    } else if (is_read) {
        facts->fate = RF_FATE_READ;
    } else if (rf_intake_is_foreign(intake, RF_OK)) {
        facts->fate = RF_FATE_FOREIGN;
    } else {
        facts->fate = RF_FATE_UNREADABLE;
        rf_damages_add(&facts->damages, rf_intake_damage(intake, RF_DAMAGE_UNREADABLE,
                                                         rf_strdup(RF_DAMAGE_NO_EVENTS)));
    }
}

/** Whether a digest is what a manifest has in base64. */
static bool
is_md5(const char *hex, const char *base64)
{
    struct rf_buf bytes = {0};
    struct rf_buf text = {0};
    if (rf_base64_decode(base64, strlen(base64), &bytes)) {
        for (size_t i = 0; i < bytes.used; i++) {
            rf_buf_format(&text, "%02x", (unsigned char)bytes.bytes[i]);
        }
    }
    bool same = strcmp(rf_buf_text(&text), hex) == 0;
    rf_buf_done(&bytes);
    rf_buf_done(&text);
    return same;
}

void
rf_intake_judge_promise(struct rf_intake *intake)
{
    const struct rf_promise *promise = intake->object->promise;
    struct rf_facts *facts = &intake->facts;
    if (facts->fate != RF_FATE_UNREADABLE && facts->counts.records != promise->items) {
        facts->fate = RF_FATE_UNREADABLE;
        char *message =
            rf_format("holds %" PRIu64 " record%s, and the export's manifest tells of "
                      "%" PRIu64 ": it is not whole, or not of this export",
                      facts->counts.records, facts->counts.records == 1 ? "" : "s", promise->items);
        rf_damages_add(&facts->damages, rf_intake_damage(intake, RF_DAMAGE_UNREADABLE, message));
    }
    if (intake->md5 != NULL) {
        char hex[RF_MD5_HEX_BYTES];
        rf_md5_finish(intake->md5, hex);
        intake->md5 = NULL;
        facts->odd_md5 = facts->fate == RF_FATE_READ && !is_md5(hex, promise->md5);
    }
}

void
rf_intake_judge_damage(const struct rf_intake *intake, const char *sha256, struct rf_damage *damage)
{
    if (intake->request->known == NULL || sha256 == NULL) {
        return; /* no entry is of this object */
    }
    const struct rf_identity identity = {
        .kind = damage->kind,
        .object = intake->object->key,
        .digest = sha256,
        .has_offset = damage->has_offset,
        .offset = damage->offset,
        .part = damage->place,
        .bytes = damage->bytes,
    };
    damage->identity = rf_identity_text(&identity);
    rf_known_judge(intake->request->known, damage);
}

bool
rf_intake_is_told(const struct rf_intake *intake)
{
    return intake->object->flaw == NULL &&
           rf_known_wants(intake->request->known, intake->object->key);
}

void
rf_intake_judge_damages(struct rf_intake *intake)
{
    struct rf_facts *facts = &intake->facts;
    for (size_t i = 0; rf_intake_is_told(intake) && i < facts->damages.count; i++) {
        struct rf_damage *damage = &facts->damages.items[i];
        rf_intake_judge_damage(intake, facts->sha256, damage);
        facts->damages.known[damage->kind] += damage->known ? 1 : 0;
    }
}
