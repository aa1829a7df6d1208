// SPDX-License-Identifier: Apache-2.0
/* zind-oci features: features.md and features-linux.md. What this build knows, whatever the host
 * can do. */
#include "commands/commands.h"
#include "commands/output.h"
#include "base/names.h"
#include "base/version.h"
#include "config.h"
#include "sections/capabilities.h"
#include "sections/mount-options.h"

#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIST_OF(array)      \
    {                       \
        COUNT(array), array \
    }

enum { NAMES_MAX = 128 };

static const struct oci_features_enabled yes = { .enabled = true, .has_enabled = true };

static const struct oci_features_cgroup cgroup = {
    .v1 = true,
    .has_v1 = true,
    .v2 = true,
    .has_v2 = true,
    .systemd = HAVE_SYSTEMD,
    .has_systemd = true,
    .systemd_user = HAVE_SYSTEMD,
    .has_systemd_user = true,
    .rdma = true,
    .has_rdma = true,
};

static const struct oci_features_intel_rdt intel_rdt = {
    .enabled = true,
    .has_enabled = true,
    .schemata = true,
    .has_schemata = true,
    .monitoring = true,
    .has_monitoring = true,
};

static const struct oci_features_mount_extensions mount_extensions = { .idmap = &yes };

/* Annotations of config.json that change what the runtime does: callers must not let strangers set
 * them. A point at the end: all that begin so, for those that come later too. */
static const char *const unsafe_annotations[] = { "org.criu.", "org.systemd.property.",
                                                  "run.oci." };

/* The names that libocispec decodes end with NULL. */
static struct json_string_list list_of(const char *const names[])
{
    struct json_string_list list = { .at = names };

    while (names[list.n])
        list.n++;
    return list;
}

/* Names that their tables hold in another form. */
struct gathered {
    size_t n;
    const char *at[NAMES_MAX];
};

static struct json_string_list gather_mount_options(struct gathered *names)
{
    while (names->n < NAMES_MAX && mount_option_name(names->n)) {
        names->at[names->n] = mount_option_name(names->n);
        names->n++;
    }
    return (struct json_string_list){ names->n, names->at };
}

static struct json_string_list gather_capabilities(struct gathered *names)
{
    for (; names->n < NAMES_MAX && capabilities_names[names->n].name; names->n++)
        names->at[names->n] = capabilities_names[names->n].name;
    return (struct json_string_list){ names->n, names->at };
}

/* What the decoder knows as a key of hooks, in the order in which they run. */
static struct json_string_list gather_hooks(struct gathered *names)
{
    const struct json_object *object = &oci_config_object;

    for (size_t i = 0; i < object->n_fields; i++)
        if (strcmp(object->fields[i].key, "hooks") == 0) {
            object = object->fields[i].of;
            break;
        }
    for (; names->n < object->n_fields && names->n < NAMES_MAX; names->n++)
        names->at[names->n] = object->fields[names->n].key;
    return (struct json_string_list){ names->n, names->at };
}

static struct oci_features_seccomp describe_seccomp(void)
{
    return (struct oci_features_seccomp){
        .enabled = true,
        .has_enabled = true,
        .actions = list_of(oci_seccomp_action_names),
        .operators = list_of(oci_seccomp_operator_names),
        .archs = list_of(oci_seccomp_arch_names),
        .known_flags = list_of(oci_seccomp_flag_names),
        .supported_flags = list_of(oci_seccomp_flag_names),
    };
}

int command_features(const struct runtime *runtime, const struct command_line *line,
                     struct error *why)
{
    /* The second one is where engines look before they offer checkpoint and restore. */
    static const char *const keys[] = { "io.github.zind-oci.version",
                                        "org.opencontainers.runc.checkpoint.enabled" };
    static const char *const values[] = { PACKAGE_VERSION, "true" };
    struct gathered options = { 0 }, capabilities = { 0 }, hooks = { 0 };
    struct oci_features_seccomp seccomp = describe_seccomp();
    struct oci_features_memory_policy memory_policy = {
        .modes = list_of(oci_memory_policy_mode_names),
        .flags = list_of(oci_memory_policy_flag_names),
    };
    struct oci_features_linux for_linux = {
        .namespaces = list_of(oci_namespace_type_names),
        .capabilities = gather_capabilities(&capabilities),
        .cgroup = &cgroup,
        .seccomp = &seccomp,
        .apparmor = &yes,
        .selinux = &yes,
        .intel_rdt = &intel_rdt,
        .memory_policy = &memory_policy,
        .mount_extensions = &mount_extensions,
        .net_devices = &yes,
    };
    struct oci_features features = {
        .oci_version_min = OCI_VERSION_MIN,
        .oci_version_max = OCI_VERSION_MAX,
        .hooks = gather_hooks(&hooks),
        .mount_options = gather_mount_options(&options),
        .linux = &for_linux,
        .annotations = { COUNT(keys), values, keys },
        .potentially_unsafe_config_annotations = LIST_OF(unsafe_annotations),
    };

    (void)runtime;
    (void)line;
    return output_json(&oci_features_object, &features, why);
}
