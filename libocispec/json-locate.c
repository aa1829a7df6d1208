// SPDX-License-Identifier: Apache-2.0
// From the path of a value to its place in the text: used on error paths only.
#include "json-locate.h"

#include "json-path.h"
#include "json-text.h"
#include "yajl-memory.h"

#include <yajl/yajl_parse.h>

struct locator {
    struct yajl_memory memory;
    yajl_handle yajl;
    const char *text;
    size_t len;
    bool is_complete;
    const char *path;           // what is still to be matched, behind STEP
    struct json_path_step step; // what is looked for at depth INSIDE
    size_t depth, inside, index;
    bool is_array; // what is open at depth INSIDE
    bool is_next;  // the value that comes next is on the path
    bool found;
    size_t offset; // of the innermost value on the path
};

enum kind { SCALAR, MAP, ARRAY };

// A value begins: 0 stops yajl when there is nothing more to look for.
static int value(struct locator *l, enum kind kind)
{
    if (l->depth == l->inside && l->is_array && l->step.is_index)
        l->is_next = l->index++ == l->step.index;
    if (l->is_next) {
        size_t end = l->is_complete ? l->len : yajl_get_bytes_consumed(l->yajl);
        l->offset = json_text_token(l->text, end);
        l->is_next = false;
        l->found = *l->path == '\0';
        l->inside = l->depth + 1;
        l->index = 0;
        l->is_array = kind == ARRAY;
        if (l->found || kind == SCALAR || !json_path_next(&l->path, &l->step))
            return 0;
    }
    l->depth += kind != SCALAR;
    return 1;
}

static int on_open_map(void *ctx)
{
    return value(ctx, MAP);
}

static int on_open_array(void *ctx)
{
    return value(ctx, ARRAY);
}

// The end of the bracket that was searched ends the search.
static int on_close(void *ctx)
{
    struct locator *l = ctx;
    l->depth--;
    return l->depth >= l->inside;
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
    struct locator *l = ctx;
    if (l->depth == l->inside)
        l->is_next = json_path_names(&l->step, (const char *)key, len);
    return 1;
}

static int on_null(void *ctx)
{
    return value(ctx, SCALAR);
}

static int on_bool(void *ctx, int is_true)
{
    (void)is_true;
    return value(ctx, SCALAR);
}

static int on_number(void *ctx, const char *text, size_t len)
{
    (void)text;
    (void)len;
    return value(ctx, SCALAR);
}

static int on_string(void *ctx, const unsigned char *text, size_t len)
{
    (void)text;
    (void)len;
    return value(ctx, SCALAR);
}

static const yajl_callbacks events = {
    .yajl_null = on_null,
    .yajl_boolean = on_bool,
    .yajl_number = on_number,
    .yajl_string = on_string,
    .yajl_start_map = on_open_map,
    .yajl_map_key = on_key,
    .yajl_end_map = on_close,
    .yajl_start_array = on_open_array,
    .yajl_end_array = on_close,
};

// How yajl ends does not matter: what was found before stays found.
static void run(struct locator *l)
{
    if (setjmp(l->memory.full))
        return;
    l->yajl = yajl_alloc(&events, &l->memory.functions, l);
    yajl_config(l->yajl, yajl_dont_validate_strings, 1);
    if (yajl_parse(l->yajl, (const unsigned char *)l->text, l->len) == yajl_status_ok) {
        l->is_complete = true;
        yajl_complete_parse(l->yajl);
    }
}

bool json_locate(const char *text, size_t len, const char *path, unsigned *line, unsigned *column)
{
    struct locator l = { .text = text, .len = len, .path = path, .is_next = true, .inside = 1 };
    yajl_memory_init(&l.memory);
    run(&l);
    yajl_memory_free(&l.memory);
    json_text_position(text, l.offset, line, column);
    return l.found;
}
