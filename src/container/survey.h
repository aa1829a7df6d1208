// SPDX-License-Identifier: Apache-2.0
/* All that can be said of a config.json from its text alone: no privileges are needed, and nothing
 * is touched. */
#pragma once

#include "arena.h"
#include "base/error.h"
#include "oci-spec.h"

#include <stdbool.h>
#include <stddef.h>

/* Every problem of TEXT goes to ALL: wrong types and values, missing members, what the sections
   refuse; keys that the spec does not know where WITH_UNKNOWN asks for them. -1 with WHY when TEXT
   is no JSON; ALL holds nothing of use then. */
int survey_config(const char *text, size_t length, struct arena *arena, bool with_unknown,
                  const struct oci_config **ret_spec, struct problems *all, struct error *why);

/* What every section's check says of SPEC. */
void survey_sections(const struct oci_config *spec, struct problems *all);

/* What would fail on this host only: warnings. */
void survey_host(const struct oci_config *spec, struct problems *all);

/* Line and column of each problem that has none yet. */
void survey_locate(const char *text, size_t length, struct problems *all);

/* "mounts[3].options[0]" -> the property "mounts.options", as in the schema. */
void survey_property(const char *pointer, char *out, size_t room);

/* "config.md, Mounts": where the spec says what POINTER means; NULL where it has no such property.
 */
const char *survey_rule(const char *pointer);

/* Who handles PROPERTY: a path below the source tree; false where there is nobody. For
   docs/spec-map.md. */
bool survey_file(const char *property, char *out, size_t room);

/* Whether the pointers A and B name the same, or one what is within the other. */
bool survey_is_related(const char *a, const char *b);
