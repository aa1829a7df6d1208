// SPDX-License-Identifier: Apache-2.0
// The config.json of `zind-oci spec` is one that zind-oci reads.
#include "../tap.h"
#include "commands/default-spec.h"
#include "json-decode.h"
#include "json-encode.h"

#include <stdlib.h>

static const struct oci_config *written_and_read(bool rootless, struct arena *arena)
{
    struct json_error wrong = { 0 };
    struct default_spec spec;
    const struct oci_config *config = NULL;
    size_t length;
    char *text;

    default_spec_make(&spec, rootless, 1000, 100);
    text = json_encode(&oci_config_object, &spec.config, JSON_INDENTED, &length, &wrong);
    if (text)
        config = json_decode(&oci_config_object, text, length, arena, &wrong);
    if (!config)
        printf("# %s: %s\n", wrong.path, wrong.text);
    free(text);
    return config;
}

static bool has_namespace(const struct oci_config *config, enum oci_namespace_type type)
{
    FOREACH (namespace, config->linux->namespaces)
        if (namespace->type == type)
            return true;
    return false;
}

static bool mounts_at(const struct oci_config *config, const char *destination)
{
    FOREACH (mount, config->mounts)
        if (strcmp(mount->destination, destination) == 0)
            return true;
    return false;
}

// config.md: "Root", "Mounts", "Process"; config-linux.md: "Default Filesystems".
static void the_default_is_a_shell_in_its_own_namespaces(void)
{
    struct arena arena = { 0 };
    const struct oci_config *config = written_and_read(false, &arena);

    if (!ok(config != NULL, "it is written and read"))
        return;
    is_str(config->oci_version, "1.3.0", "ociVersion");
    is_str(config->process->args.at[0], "sh", "args");
    is_str(config->process->cwd, "/", "cwd");
    ok(config->process->terminal && config->process->no_new_privileges,
       "terminal, no new privileges");
    is_int(config->process->capabilities->bounding.n, 3, "three capabilities");
    ok(mounts_at(config, "/proc") && mounts_at(config, "/dev/pts") &&
           mounts_at(config, "/dev/shm") && mounts_at(config, "/sys"),
       "the default file systems");
    is_int(config->mounts.n, 7, "seven mounts");
    ok(has_namespace(config, OCI_NAMESPACE_TYPE_NETWORK), "a network namespace");
    ok(!has_namespace(config, OCI_NAMESPACE_TYPE_USER), "no user namespace");
    ok(!config->linux->resources->devices.at[0].allow, "devices are denied");
    arena_free(&arena);
}

static void the_rootless_one_maps_the_caller_to_root(void)
{
    struct arena arena = { 0 };
    const struct oci_config *config = written_and_read(true, &arena);

    if (!ok(config != NULL, "it is written and read"))
        return;
    ok(has_namespace(config, OCI_NAMESPACE_TYPE_USER), "a user namespace");
    ok(!has_namespace(config, OCI_NAMESPACE_TYPE_NETWORK), "no network namespace");
    is_int(config->linux->uid_mappings.at[0].host_id, 1000, "the caller's uid");
    is_int(config->linux->gid_mappings.at[0].host_id, 100, "the caller's gid");
    is_int(config->linux->gid_mappings.at[0].size, 1, "and no other");
    ok(config->linux->resources == NULL, "no limits");
    ok(!mounts_at(config, "/sys/fs/cgroup"), "no cgroup mount");
    arena_free(&arena);
}

int main(void)
{
    the_default_is_a_shell_in_its_own_namespaces();
    the_rootless_one_maps_the_caller_to_root();
    return done_testing();
}
