// SPDX-License-Identifier: Apache-2.0
/* What an update asks for, laid over what holds already: the tables of the schema tell how. */
#include "arena.h"
#include "cgroup/cgroup.h"
#include "cgroup/limits/conversions.h"
#include "cgroup/limits/device-rules.h"
#include "cgroup/limits/resources.h"
#include "json-table.h"

#include <string.h>

static void *merge_object(const struct json_object *object, const void *held, const void *asked,
                          struct arena *arena);

struct list {
    size_t n;
    const char *at;
    const char *const *key; /* of a map only */
};

static bool is_map(const struct json_field *field)
{
    return field->kind & JSON_MAP;
}

static struct list list_at(const struct json_field *field, const void *of)
{
    struct list list = { 0 };

    memcpy(&list, (const char *)of + field->offset,
           is_map(field) ? sizeof list : offsetof(struct list, key));
    return list;
}

/* Two items of a list speak about the same thing: these members say which. */
static bool is_same_thing(const struct json_object *object, const char *a, const char *b)
{
    static const char *const names[] = { "major", "minor", "pageSize", "name" };
    bool is_named = false;

    for (size_t i = 0; i < object->n_fields; i++) {
        const struct json_field *field = &object->fields[i];
        bool is_name = false;

        for (size_t j = 0; j < sizeof names / sizeof *names; j++)
            is_name |= strcmp(field->key, names[j]) == 0;
        if (!is_name)
            continue;
        is_named = true;
        if (field->kind == JSON_STRING) {
            const char *one, *other;

            memcpy(&one, a + field->offset, sizeof one);
            memcpy(&other, b + field->offset, sizeof other);
            if (strcmp(one, other) != 0)
                return false;
        } else if (memcmp(a + field->offset, b + field->offset, field->size) != 0) {
            return false;
        }
    }
    return is_named;
}

static size_t find_item(const struct json_field *field, const struct list *in, size_t n,
                        const struct list *asked, size_t i)
{
    for (size_t j = 0; j < n; j++)
        if (is_map(field)
                ? strcmp(in->key[j], asked->key[i]) == 0
                : is_same_thing(field->of, in->at + j * field->size, asked->at + i * field->size))
            return j;
    return n;
}

/* Items of HELD that ASKED does not name stay as they are. */
static bool merge_list(const struct json_field *field, const void *held, const void *asked,
                       void *ret, struct arena *arena)
{
    struct list old = list_at(field, held), new = list_at(field, asked), both = old;
    char *items = arena_alloc(arena, (old.n + new.n) * field->size);
    const char **keys = arena_alloc(arena, (old.n + new.n) * sizeof *keys);

    if (items == NULL || keys == NULL)
        return false;
    if (old.n)
        memcpy(items, old.at, old.n * field->size);
    if (old.n && is_map(field))
        memcpy(keys, old.key, old.n * sizeof *keys);
    both.at = items;
    both.key = keys;
    for (size_t i = 0; i < new.n; i++) {
        size_t j = find_item(field, &both, both.n, &new, i);
        const void *item = new.at + i * field->size;

        if (j < both.n && (field->kind & JSON_KIND_MASK) == JSON_OBJECT)
            item = merge_object(field->of, items + j * field->size, item, arena);
        if (item == NULL)
            return false;
        memcpy(items + j * field->size, item, field->size);
        if (is_map(field))
            keys[j] = new.key[i];
        both.n += j == both.n;
    }
    memcpy((char *)ret + field->offset, &both,
           is_map(field) ? sizeof both : offsetof(struct list, key));
    return true;
}

static bool merge_field(const struct json_field *field, const void *held, const void *asked,
                        void *ret, struct arena *arena)
{
    const char *from = (const char *)asked + field->offset;
    char *to = (char *)ret + field->offset;
    const void *old, *new;

    if (field->has) {
        if (!*((const char *)asked + field->has))
            return true;
        memcpy(to, from, field->size);
        *((char *)ret + field->has) = true;
        return true;
    }
    if (field->kind & (JSON_LIST | JSON_MAP)) {
        if (list_at(field, asked).at == NULL)
            return true;
        if (list_at(field, held).at)
            return merge_list(field, held, asked, ret, arena);
        memcpy(to, from, is_map(field) ? sizeof(struct list) : offsetof(struct list, key));
        return true;
    }
    if (field->kind != JSON_STRING && field->kind != JSON_OBJECT) {
        memcpy(to, from, field->size); /* required: it is there */
        return true;
    }
    memcpy(&old, to, sizeof old);
    memcpy(&new, from, sizeof new);
    if (new && field->kind == JSON_OBJECT)
        new = merge_object(field->of, old, new, arena);
    else if (new == NULL)
        return true;
    if (new)
        memcpy(to, &new, sizeof new);
    return new != NULL;
}

/* A copy of HELD, which may be NULL, with all that ASKED says; NULL without memory. */
static void *merge_object(const struct json_object *object, const void *held, const void *asked,
                          struct arena *arena)
{
    void *ret = arena_alloc(arena, object->size);

    if (ret && held)
        memcpy(ret, held, object->size);
    for (size_t i = 0; ret && i < object->n_fields; i++)
        if (!merge_field(&object->fields[i], held ? held : ret, asked, ret, arena))
            return NULL;
    return ret;
}

/* --- what the values mean --- */

/* What asks for nothing (a limit of 0, no cpus) leaves what is there. */
static void keep_unasked(struct oci_resources *merged, const struct oci_resources *held,
                         const struct oci_resources *asked)
{
    size_t n;
    const struct limit *rows = limit_rows(&n);

    for (size_t i = 0; i < n; i++)
        if (rows[i].convert != convert_nothing && rows[i].kind != LIMIT_LIST &&
            !limit_is_asked(&rows[i], asked))
            limit_copy(&rows[i], merged, held);
}

/* Without a limit on memory there can be none on memory and swap together. */
static void lift_swap(struct oci_resources *merged, const struct oci_memory *asked)
{
    struct oci_memory *memory = (struct oci_memory *)merged->memory; /* merge_object made it */

    if (asked->has_limit && asked->limit < 0 && !(asked->has_swap && asked->swap)) {
        memory->has_swap = true;
        memory->swap = -1;
    }
}

/* v2 limits swap alone: when memory's share of both changes, swap's does too. */
static const struct oci_memory *complete_memory(const struct oci_memory *asked,
                                                const struct oci_memory *merged,
                                                struct arena *arena)
{
    struct oci_memory *ret = arena_alloc(arena, sizeof *ret);

    if (ret == NULL)
        return NULL;
    *ret = *asked;
    if (asked->has_limit && asked->limit && merged->has_swap && merged->swap) {
        ret->has_swap = true;
        ret->swap = merged->swap;
    }
    ret->has_check_before_update = merged->has_check_before_update;
    ret->check_before_update = merged->check_before_update;
    return ret;
}

int cgroup_merge(struct cgroup_change *ret, const struct oci_resources *held,
                 const struct oci_resources *asked, struct arena *arena, struct error *why)
{
    static const struct oci_resources nothing = { 0 };
    struct oci_resources *complete = arena_alloc(arena, sizeof *complete);
    struct oci_resources *merged;

    held = held ? held : &nothing;
    merged = merge_object(&oci_resources_object, held, asked, arena);
    if (merged == NULL || complete == NULL)
        return fail(why, ENOMEM, "read the resources");
    /* Rules are an ordered whole. Engines that send all that config.json had send these too. */
    if (asked->devices.at)
        merged->devices = asked->devices;
    *complete = *asked;
    keep_unasked(merged, held, asked);
    if (asked->memory) {
        lift_swap(merged, asked->memory);
        complete->memory = complete_memory(asked->memory, merged->memory, arena);
        if (complete->memory == NULL)
            return fail(why, ENOMEM, "read the resources");
    }
    *ret = (struct cgroup_change){
        .held = held,
        .asked = complete,
        .merged = merged,
        .devices = asked->devices.at && !device_rules_are_equal(&asked->devices, &held->devices),
    };
    return 0;
}
