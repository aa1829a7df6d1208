// SPDX-License-Identifier: Apache-2.0
/* Writing to stdout, with every failure told. */
#include "commands/output.h"

#include "base/io.h"
#include "base/own.h"
#include "json-encode.h"

#include <stdio.h>
#include <string.h>

int output_text(const char *text, struct error *why)
{
    if (io_write_all(STDOUT_FILENO, text, strlen(text)) < 0)
        return fail(why, errno, "write to stdout");
    return 0;
}

char *output_encode(const struct json_object *object, const void *value, bool is_indented,
                    struct error *why)
{
    struct json_error wrong;
    char *text =
        json_encode(object, value, is_indented ? JSON_INDENTED : JSON_COMPACT, NULL, &wrong);

    if (!text) {
        (void)fail(why, 0, "write JSON: %s%s%s", wrong.path, wrong.path[0] ? ": " : "", wrong.text);
        (void)fail_code(why, ERROR_JSON);
    }
    return text;
}

int output_json(const struct json_object *object, const void *value, struct error *why)
{
    autofree char *text = output_encode(object, value, true, why);

    return text ? output_text(text, why) : -1;
}

int output_flush(struct error *why)
{
    if (fflush(stdout) != 0 || ferror(stdout))
        return fail(why, errno, "write to stdout");
    return 0;
}
