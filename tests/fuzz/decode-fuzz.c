// SPDX-License-Identifier: Apache-2.0
// libFuzzer target: any text, decoded as each root of the schema.  What decodes must survive
// encode, decode, encode unchanged; the place of what does not must lie in the text.
//     clang -fsanitize=fuzzer,address,undefined ... tests/fuzz/decode-fuzz.c libocispec/*.c
#include "json-decode.h"
#include "json-encode.h"
#include "json-locate.h"
#include "oci-spec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void must(bool cond)
{
    if (!cond)
        abort();
}

static void look_at(void *ctx, const struct json_finding *finding)
{
    (void)ctx;
    must(finding->error->text[0] && finding->error->line > 0 && finding->error->column > 0);
}

// What has been decoded has a text, and that text decodes to the same text.
static void survives(const struct json_object *object, const void *value, enum json_layout layout)
{
    struct arena arena = { 0 };
    struct json_error why;
    size_t len = 0;
    char *first = json_encode(object, value, layout, &len, &why);
    // Escapes and indentation may carry a text over the cap.
    if (first && len <= JSON_MAX_SIZE) {
        const void *again = json_decode(object, first, len, &arena, &why);
        must(again);
        char *second = json_encode(object, again, layout, NULL, &why);
        must(second && strcmp(first, second) == 0);
        free(second);
    }
    must(first);
    arena_free(&arena);
    free(first);
}

static void decode(const struct json_object *object, const char *text, size_t len)
{
    static const struct json_watch watch = { .unknown = look_at };
    static const struct json_watch all = { .unknown = look_at, .wrong = look_at };
    struct arena arena = { 0 };
    struct json_error why, unused;
    unsigned line, column;
    const void *value = json_decode_watched(object, text, len, &arena, &watch, &why);
    const void *tolerated = json_decode_watched(object, text, len, &arena, &all, &unused);
    must(tolerated || !value);
    // All of it can be read, though a required list may be missing: then it has no text.
    if (tolerated)
        free(json_encode(object, tolerated, JSON_COMPACT, NULL, &unused));
    if (value) {
        survives(object, value, JSON_COMPACT);
        survives(object, value, JSON_INDENTED);
    } else {
        must(why.text[0] && strlen(why.path) < sizeof why.path);
        json_locate(text, len, why.path, &line, &column);
        must(line > 0 && column > 0 && column <= len + 1);
    }
    arena_free(&arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
    static const struct json_object *const roots[] = {
        &oci_config_object, &oci_process_object,  &oci_resources_object,
        &oci_state_object,  &oci_features_object, &oci_container_process_state_object,
    };
    char *text = malloc(len + 1);
    if (!text)
        return 0;
    if (len > 0)
        memcpy(text, data, len);
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++)
        decode(roots[i], text, len);
    free(text);
    return 0;
}
