// SPDX-License-Identifier: Apache-2.0
/* What commands print on stdout. A write that fails is an error: a full disk must not look like
 * success. */
#pragma once

#include "base/error.h"
#include "json-table.h"

#include <stdbool.h>

int output_text(const char *text, struct error *why);

/* VALUE as indented JSON. */
int output_json(const struct json_object *object, const void *value, struct error *why);

/* JSON text of VALUE on the heap; NULL on failure. */
char *output_encode(const struct json_object *object, const void *value, bool is_indented,
                    struct error *why);

/* Ends printing with stdio. */
int output_flush(struct error *why);
