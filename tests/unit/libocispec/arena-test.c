// SPDX-License-Identifier: Apache-2.0
// The arena; and that every malloc and realloc of libocispec and of yajl may fail.
// Linked with --wrap=malloc,--wrap=realloc, so that the test decides which one does.
#include "../tap.h"
#include "read-file.h"

#include "arena.h"
#include "json-decode.h"
#include "json-encode.h"
#include "json-locate.h"
#include "oci-spec.h"

void *__real_malloc(size_t size);
void *__real_realloc(void *at, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *at, size_t size);

static int left = -1; // calls that succeed before one fails; -1: none fails
static bool hit;      // whether it has failed

static bool fails(void)
{
    hit |= left == 0;
    return left >= 0 && left-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return fails() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *at, size_t size)
{
    return fails() ? NULL : __real_realloc(at, size);
}

static void memory_is_zeroed_and_aligned(void)
{
    struct arena arena = { 0 };
    bool zeroed = true, aligned = true;
    static const char zero[777];
    for (size_t size = 1; size < sizeof zero; size++) {
        char *at = arena_alloc(&arena, size);
        zeroed = zeroed && at && memcmp(at, zero, size) == 0;
        aligned = aligned && (uintptr_t)at % 8 == 0;
        if (at)
            memset(at, 0xaa, size);
    }
    ok(zeroed, "zeroed");
    ok(aligned, "aligned to 8 bytes");
    arena_free(&arena);
    char *again = arena_alloc(&arena, sizeof zero);
    ok(again && memcmp(again, zero, sizeof zero) == 0, "zeroed after arena_free, too");
    arena_free(&arena);
}

static void sizes_of_all_kinds_are_given(void)
{
    struct arena arena = { 0 };
    ok(arena_alloc(&arena, 0) != NULL, "0 gives a pointer");
    char *large = arena_alloc(&arena, 1 << 20);
    ok(large != NULL, "more than a block");
    if (large)
        memset(large, 1, 1 << 20);
    ok(arena_alloc(&arena, 8) != NULL, "little after that");
    ok(!arena_alloc(&arena, SIZE_MAX) && !arena_alloc(&arena, SIZE_MAX / 2), "not all there is");
    ok(arena_alloc(&arena, 8) != NULL, "little after a failure");
    arena_free(&arena);
    arena_free(&arena);
    ok(!arena.block && arena.used == 0, "free twice is fine");
}

static void strings_are_copied(void)
{
    struct arena arena = { 0 };
    is_str(arena_strdup(&arena, "abc"), "abc", "arena_strdup");
    is_str(arena_strdup(&arena, ""), "", "the empty string");
    is_str(arena_strndup(&arena, "abcdef", 3), "abc", "arena_strndup");
    is_str(arena_sprintf(&arena, "%s-%d", "a", 7), "a-7", "arena_sprintf");
    char *lengthy = arena_sprintf(&arena, "%050000d", 1);
    ok(lengthy && strlen(lengthy) == 50000, "longer than a block");
    arena_free(&arena);
}

static void running_out_of_memory_is_an_error(void)
{
    struct arena arena = { 0 };
    left = 0;
    ok(!arena_alloc(&arena, 8), "arena_alloc");
    left = 0;
    ok(!arena_strdup(&arena, "a"), "arena_strdup");
    left = 0;
    ok(!arena_sprintf(&arena, "%d", 1), "arena_sprintf");
    left = -1;
    char *kept = arena_strdup(&arena, "kept");
    left = 0;
    ok(!arena_alloc(&arena, 1 << 20), "arena_alloc of a second block");
    left = -1;
    is_str(kept, "kept", "what was given out before stays");
    arena_free(&arena);
}

// One pass over everything that allocates; 0 for success.
static int all_of(const char *text, size_t len, struct json_error *why)
{
    struct arena arena = { 0 };
    unsigned line, column;
    char *copy = NULL;
    const struct oci_config *config = json_decode(&oci_config_object, text, len, &arena, why);
    if (config)
        copy = json_encode(&oci_config_object, config, JSON_INDENTED, NULL, why);
    bool found = copy && json_locate(copy, strlen(copy), "linux.timeOffsets[\"boottime\"].secs",
                                     &line, &column);
    if (copy && !found)
        json_text_fail(why, "out of memory");
    free(copy);
    arena_free(&arena);
    return found ? 0 : -1;
}

static void decode_encode_and_locate_survive_every_failure(void)
{
    size_t len = 0;
    char *text = read_file("tests/unit/libocispec/all-fields.json", &len);
    if (!ok(text != NULL, "all-fields.json"))
        return;
    struct json_error why;
    bool all_said_so = true;
    int n = 0;
    for (;; n++) {
        left = n;
        hit = false;
        int result = all_of(text, len, &why);
        left = -1;
        if (!hit) {
            is_int(result, 0, "and without a failure all succeeds");
            break;
        }
        if (result == 0 || strcmp(why.text, "out of memory") != 0) {
            printf("# allocation %d: %d, %s\n", n, result, why.text);
            all_said_so = false;
        }
    }
    printf("# %d allocations failed, one at a time\n", n);
    ok(n > 5 && all_said_so, "each is reported as out of memory");
    free(text);
}

int main(void)
{
    memory_is_zeroed_and_aligned();
    sizes_of_all_kinds_are_given();
    strings_are_copied();
    running_out_of_memory_is_an_error();
    decode_encode_and_locate_survive_every_failure();
    return done_testing();
}
