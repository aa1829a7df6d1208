// SPDX-License-Identifier: Apache-2.0
// The written form of a place in a JSON text: process.rlimits[1].soft, annotations["a.b"].
#ifndef JSON_PATH_H
#define JSON_PATH_H

#include <stdbool.h>
#include <stddef.h>

// A path being written into AT, which stays NUL-terminated; what does not fit is cut.
struct json_path {
    char *at;
    size_t room, n;
};

void json_path_member(struct json_path *path, const char *name, size_t len);
void json_path_key(struct json_path *path, const char *key, size_t len);
void json_path_index(struct json_path *path, size_t index);

// Takes back all behind the first N bytes.
void json_path_cut(struct json_path *path, size_t n);

// One step of a path being read.
struct json_path_step {
    bool is_index;
    size_t index;
    const char *key; // as it is written, with its backslashes
    size_t len;
};

// Reads the step at *PATH and moves *PATH behind it; false at the end or if it is none.
bool json_path_next(const char **path, struct json_path_step *step);

// Whether STEP names KEY.
bool json_path_names(const struct json_path_step *step, const char *key, size_t len);

#endif
