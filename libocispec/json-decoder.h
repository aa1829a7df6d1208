// SPDX-License-Identifier: Apache-2.0
// The state of a decoding: what json-decode.c (begin and end) and json-events.c share.
#ifndef JSON_DECODER_H
#define JSON_DECODER_H

#include "json-decode.h"
#include "json-gather.h"
#include "json-path.h"
#include "yajl-memory.h"

#include <yajl/yajl_parse.h>

// One open bracket: a struct (OBJECT is set), a list or a map.
struct frame {
    const struct json_object *object;
    const struct json_field *field; // the member whose value is next; a list's or map's own
    char *at;                       // the struct, NULL if it is being gathered
    size_t base;     // a list or map: where it gathers; a struct being gathered: its offset
    size_t n;        // values complete
    size_t value;    // a map: offset of the value its newest key is for
    size_t begin;    // of the bracket in the text
    const char *key; // the newest key, for paths
    size_t key_len;
    uint64_t seen, set; // members named so far, and those of them that are not null
    bool is_map;
};

struct decoder {
    struct yajl_memory memory;
    yajl_handle yajl;
    const char *text;
    size_t len;
    bool is_complete; // yajl is at the end of TEXT, and counts from there
    struct arena *arena;
    struct json_gather gather;
    const struct json_object *root;
    const struct json_watch *watch;
    struct json_error *why;
    bool failed;
    void *result;
    unsigned depth;
    unsigned skipped; // open brackets below an unknown key
    bool skip_next;   // the value of an unknown key is next
    struct frame frames[JSON_MAX_DEPTH];
};

// What yajl calls; its context is the struct decoder.
extern const yajl_callbacks json_events;

// Where the token that yajl has just read begins and ends.
size_t json_decode_token(const struct decoder *d);
size_t json_decode_token_end(const struct decoder *d);

// The path of the value that is being read.
void json_decode_path(const struct decoder *d, struct json_path *path);

// The place of an error whose text has been written; returns 0, which makes yajl stop.
int json_decode_refuse(struct decoder *d, size_t offset);

// The same, but 1 where decoding can go on because a watch takes what is wrong.
int json_decode_reject(struct decoder *d, size_t offset, const char *const *names, const char *word,
                       size_t len);

// Gives each required member of the struct at AT that is empty something to read.
bool json_decode_fill(struct decoder *d, const struct json_object *object, char *at);

static inline bool json_decode_is_tolerant(const struct decoder *d)
{
    return d->watch && d->watch->wrong;
}

#endif
