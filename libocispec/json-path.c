// SPDX-License-Identifier: Apache-2.0
// The written form of a place in a JSON text: process.rlimits[1].soft, annotations["a.b"].
#include "json-path.h"

#include <stdint.h>
#include <stdio.h>
#include <string.h>

static void add(struct json_path *path, const char *text, size_t len)
{
    if (path->room == 0)
        return;
    if (len > path->room - 1 - path->n)
        len = path->room - 1 - path->n;
    memcpy(path->at + path->n, text, len);
    path->n += len;
    path->at[path->n] = '\0';
}

void json_path_member(struct json_path *path, const char *name, size_t len)
{
    if (path->n > 0)
        add(path, ".", 1);
    add(path, name, len);
}

void json_path_key(struct json_path *path, const char *key, size_t len)
{
    add(path, "[\"", 2);
    for (size_t i = 0; i < len; i++) {
        if (key[i] == '"' || key[i] == '\\')
            add(path, "\\", 1);
        add(path, key + i, 1);
    }
    add(path, "\"]", 2);
}

void json_path_index(struct json_path *path, size_t index)
{
    char text[32];
    add(path, text, (size_t)snprintf(text, sizeof text, "[%zu]", index));
}

void json_path_cut(struct json_path *path, size_t n)
{
    path->n = n;
    path->at[n] = '\0';
}

static bool read_index(const char *at, const char **end, size_t *index)
{
    const char *first = at;
    for (*index = 0; *at >= '0' && *at <= '9' && *index < SIZE_MAX / 16; at++)
        *index = *index * 10 + (size_t)(*at - '0');
    *end = at + 1;
    return at > first && *at == ']';
}

bool json_path_next(const char **path, struct json_path_step *step)
{
    const char *at = *path;
    *step = (struct json_path_step){ 0 };
    if (at[0] == '[' && at[1] == '"') {
        step->key = at += 2;
        while (*at && *at != '"')
            at += *at == '\\' && at[1] ? 2 : 1;
        step->len = (size_t)(at - step->key);
        *path = at + 2;
        return at[0] == '"' && at[1] == ']';
    }
    if (at[0] == '[') {
        step->is_index = true;
        return read_index(at + 1, path, &step->index);
    }
    at += at[0] == '.';
    step->key = at;
    step->len = strcspn(at, ".[");
    *path = at + step->len;
    return step->len > 0;
}

bool json_path_names(const struct json_path_step *step, const char *key, size_t len)
{
    size_t at = 0, i = 0;
    if (step->is_index)
        return false;
    for (; at < step->len && i < len; at++, i++) {
        at += step->key[at] == '\\' && at + 1 < step->len;
        if (step->key[at] != key[i])
            return false;
    }
    return at == step->len && i == len;
}
