// SPDX-License-Identifier: Apache-2.0
// all-fields.json has every member of the schema, and survives decode, encode, decode unchanged.
#include "../tap.h"
#include "read-file.h"

#include "json-decode.h"
#include "json-encode.h"
#include "oci-spec.h"

enum { MAX_TABLES = 128 };

// Which members of which table have been seen present.
struct census {
    struct {
        const struct json_object *object;
        uint64_t seen;
    } tables[MAX_TABLES];
    size_t n;
};

static size_t table_of(struct census *census, const struct json_object *object)
{
    size_t i = 0;
    while (i < census->n && census->tables[i].object != object)
        i++;
    if (i == census->n && census->n < MAX_TABLES)
        census->tables[census->n++].object = object;
    return i;
}

// Every table that OBJECT leads to, whether anything uses it or not.
static void expect(struct census *census, const struct json_object *object)
{
    size_t before = census->n;
    if (table_of(census, object) < before)
        return;
    for (size_t i = 0; i < object->n_fields; i++)
        if ((object->fields[i].kind & JSON_KIND_MASK) == JSON_OBJECT)
            expect(census, object->fields[i].of);
}

// Presence is read off the struct, not off the encoder.
static bool is_present(const struct json_field *field, const char *at)
{
    struct json_string_list list;
    const void *pointer;
    unsigned kind = field->kind & JSON_KIND_MASK;
    if (field->has)
        return *(const bool *)(at + field->has);
    if (field->kind & (JSON_LIST | JSON_MAP)) {
        memcpy(&list, at + field->offset, sizeof list);
        return list.at != NULL;
    }
    memcpy(&pointer, at + field->offset, sizeof pointer);
    return (kind != JSON_STRING && kind != JSON_OBJECT) || pointer != NULL;
}

static void visit(struct census *census, const struct json_object *object, const char *at)
{
    size_t table = table_of(census, object);
    for (size_t i = 0; i < object->n_fields; i++) {
        const struct json_field *field = &object->fields[i];
        struct json_string_list list = { .n = 1 };
        if (!is_present(field, at))
            continue;
        census->tables[table].seen |= UINT64_C(1) << i;
        if ((field->kind & JSON_KIND_MASK) != JSON_OBJECT)
            continue;
        if (field->kind & (JSON_LIST | JSON_MAP))
            memcpy(&list, at + field->offset, sizeof list);
        else
            memcpy(&list.at, at + field->offset, sizeof list.at);
        for (size_t k = 0; k < list.n; k++)
            visit(census, field->of, (const char *)list.at + k * field->size);
    }
}

static void every_member_of_the_schema_is_present(const struct oci_config *config)
{
    struct census census = { .n = 0 };
    expect(&census, &oci_config_object);
    size_t n = census.n, members = 0, absent = 0;
    visit(&census, &oci_config_object, (const char *)config);
    for (size_t t = 0; t < n; t++) {
        const struct json_object *object = census.tables[t].object;
        for (size_t i = 0; i < object->n_fields; i++) {
            members++;
            if (census.tables[t].seen >> i & 1)
                continue;
            absent++;
            printf("# %s.%s is absent\n", object->name, object->fields[i].key);
        }
    }
    printf("# %zu tables, %zu members\n", n, members);
    is_int((intmax_t)absent, 0, "no member is absent");
    ok(n > 35 && n < MAX_TABLES, "all tables were looked at");
}

// A second decode and encode of TEXT gives TEXT again.
static void again(const char *text, size_t len, enum json_layout layout, const char *name)
{
    struct arena arena = { 0 };
    struct json_error why;
    char *copy = NULL;
    const void *config = json_decode(&oci_config_object, text, len, &arena, &why);
    if (config)
        copy = json_encode(&oci_config_object, config, layout, NULL, &why);
    if (!copy)
        printf("# %u:%u %s: %s\n", why.line, why.column, why.path, why.text);
    ok(copy && strcmp(copy, text) == 0, name);
    free(copy);
    arena_free(&arena);
}

// The file is in the order of the schema: without the blanks outside of strings, and with its one
// needless escape resolved, it is the compact form.
static char *squeeze(const char *text)
{
    char *squeezed = calloc(1, strlen(text) + 1), *out = squeezed;
    bool in_string = false;
    while (squeezed && *text) {
        size_t n = in_string && *text == '\\' ? 2 : 1;
        if (strncmp(text, "\\ud83d\\ude00", 12) == 0) {
            out = stpcpy(out, "\xf0\x9f\x98\x80");
            text += 12;
            continue;
        }
        in_string ^= n == 1 && *text == '"';
        if (in_string || (*text != ' ' && *text != '\n'))
            out = stpncpy(out, text, n);
        text += n;
    }
    return squeezed;
}

static void nothing_of_the_text_is_lost(const char *text, const struct oci_config *config)
{
    struct json_error why;
    size_t len = 0;
    char *compact = json_encode(&oci_config_object, config, JSON_COMPACT, &len, &why);
    if (ok(compact != NULL, "encode, compact"))
        again(compact, len, JSON_COMPACT, "decode and encode give the same");
    char *indented = json_encode(&oci_config_object, config, JSON_INDENTED, &len, &why);
    if (ok(indented != NULL, "encode, indented"))
        again(indented, len, JSON_INDENTED, "decode and encode give the same, indented");
    char *squeezed = squeeze(text);
    ok(squeezed && compact && strcmp(compact, squeezed) == 0, "it is the file without its blanks");
    free(squeezed);
    free(indented);
    free(compact);
}

static void values_are_where_they_belong(const struct oci_config *config)
{
    size_t n = 0;
    is_str(config->process->args.at[2],
           "Gr\xc3\xbc\xc3\x9f"
           "e \"\\\001\xf0\x9f\x98\x80",
           "escapes are resolved");
    ok(config->process->rlimits.at[0].hard == UINT64_MAX, "RLIM_INFINITY");
    is_int(config->process->oom_score_adj, -999, "negative");
    is_int(config->process->io_priority->class, OCI_IO_PRIORITY_CLASS_BE, "enum");
    is_str(config->linux->sysctl.key[1], "kernel/shmmax", "key of a map");
    is_str(config->linux->net_devices.at[0].name, "eth0", "object in a map");
    is_int(config->linux->time_offsets.at[1].secs, -1, "second object in a map");
    is_int(config->linux->seccomp->syscalls.at[1].args.at[1].op, OCI_SECCOMP_OPERATOR_NE,
           "list in a list");
    FOREACH (hook, config->hooks->poststart)
        n += hook->path[3] == '5' || hook->path[3] == '6';
    is_int((intmax_t)n, 2, "FOREACH");
    ok(config->hooks->poststart.at[1].args.at && !config->hooks->poststart.at[0].args.at,
       "empty and absent lists in a list");
}

// The other roots, each with all its members.
static void other_roots_survive(void)
{
    static const struct {
        const struct json_object *object;
        const char *text;
    } roots[] = {
        { &oci_container_process_state_object, "{\"ociVersion\":\"1.3.0\",\"fds\":[\"seccompFd\"],"
                                               "\"pid\":7,\"metadata\":\"m\",\"state\":{"
                                               "\"ociVersion\":\"1.3.0\",\"id\":\"a\",\"status\":"
                                               "\"creating\",\"pid\":7,\"bundle\":\"/b\","
                                               "\"annotations\":{\"k\":\"v\"}}}" },
        { &oci_features_object,
          "{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.3.0\",\"hooks\":[\"prestart\"],"
          "\"mountOptions\":[\"ro\"],\"linux\":{\"namespaces\":[\"pid\"],\"capabilities\":[\"CAP_"
          "CHOWN\"],\"cgroup\":{\"v1\":true,\"v2\":true,\"systemd\":true,\"systemdUser\":false,"
          "\"rdma\":true},\"seccomp\":{\"enabled\":true,\"actions\":[],\"operators\":[],\"archs\":["
          "],"
          "\"knownFlags\":[],\"supportedFlags\":[]},\"apparmor\":{\"enabled\":true},\"selinux\":{"
          "\"enabled\":true},\"intelRdt\":{\"enabled\":true,\"schemata\":true,\"monitoring\":true},"
          "\"memoryPolicy\":{\"modes\":[\"MPOL_BIND\"],\"flags\":[]},\"mountExtensions\":{"
          "\"idmap\":{"
          "\"enabled\":true}},\"netDevices\":{\"enabled\":true}},\"annotations\":{\"a\":\"b\"},"
          "\"potentiallyUnsafeConfigAnnotations\":[\"run.\"]}" },
    };
    for (size_t i = 0; i < sizeof roots / sizeof roots[0]; i++) {
        const struct json_object *object = roots[i].object;
        struct arena arena = { 0 };
        struct census census = { .n = 0 };
        struct json_error why;
        char *copy = NULL;
        size_t full = 0;
        const void *value = json_decode(object, roots[i].text, strlen(roots[i].text), &arena, &why);
        expect(&census, object);
        if (value) {
            visit(&census, object, value);
            copy = json_encode(object, value, JSON_COMPACT, NULL, &why);
        } else {
            printf("# %u:%u %s: %s\n", why.line, why.column, why.path, why.text);
        }
        for (size_t t = 0; t < census.n; t++)
            full += census.tables[t].seen == (UINT64_C(1) << census.tables[t].object->n_fields) - 1;
        is_str(copy, roots[i].text, object->name);
        is_int((intmax_t)full, (intmax_t)census.n, "with every member");
        free(copy);
        arena_free(&arena);
    }
}

int main(void)
{
    struct arena arena = { 0 };
    struct json_error why;
    size_t len = 0;
    char *text = read_file("tests/unit/libocispec/all-fields.json", &len);
    const struct oci_config *config =
        text ? json_decode(&oci_config_object, text, len, &arena, &why) : NULL;
    if (ok(config != NULL, "all-fields.json is taken")) {
        every_member_of_the_schema_is_present(config);
        nothing_of_the_text_is_lost(text, config);
        values_are_where_they_belong(config);
    } else if (text) {
        printf("# %u:%u %s: %s\n", why.line, why.column, why.path, why.text);
    }
    other_roots_survive();
    arena_free(&arena);
    free(text);
    return done_testing();
}
