// SPDX-License-Identifier: Apache-2.0
/* The default config.json, as constant tables. */
#include "commands/default-spec.h"

#include "base/version.h"

/* A list member: its length and its strings or structs. */
#define ITEMS(type, ...)                                               \
    {                                                                  \
        sizeof((type[]){ __VA_ARGS__ }) / sizeof(type), (type const[]) \
        {                                                              \
            __VA_ARGS__                                                \
        }                                                              \
    }
#define STRINGS(...) ITEMS(const char *, __VA_ARGS__)

/* What a shell and small servers need: mark audit records, signal, bind ports below 1024. */
#define CAPABILITIES STRINGS("CAP_AUDIT_WRITE", "CAP_KILL", "CAP_NET_BIND_SERVICE")

static const struct oci_root root = { .path = "rootfs", .readonly = true, .has_readonly = true };

static const struct oci_capabilities capabilities = {
    .bounding = CAPABILITIES,
    .effective = CAPABILITIES,
    .permitted = CAPABILITIES,
};

static const struct oci_user user = { .has_uid = true, .has_gid = true };

static const struct oci_process process = {
    .terminal = true,
    .has_terminal = true,
    .user = &user,
    .args = STRINGS("sh"),
    .env =
        STRINGS("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "TERM=xterm"),
    .cwd = "/",
    .capabilities = &capabilities,
    .rlimits = ITEMS(struct oci_rlimit, { .type = "RLIMIT_NOFILE", .hard = 1024, .soft = 1024 }),
    .no_new_privileges = true,
    .has_no_new_privileges = true,
};

#define MOUNT(where, kind, from, ...)                                                       \
    {                                                                                       \
        .destination = where, .type = kind, .source = from, .options = STRINGS(__VA_ARGS__) \
    }
#define MOUNT_PROC                                               \
    {                                                            \
        .destination = "/proc", .type = "proc", .source = "proc" \
    }
#define MOUNT_DEV \
    MOUNT("/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k")
#define MOUNT_SHM \
    MOUNT("/dev/shm", "tmpfs", "shm", "nosuid", "noexec", "nodev", "mode=1777", "size=65536k")
#define MOUNT_MQUEUE MOUNT("/dev/mqueue", "mqueue", "mqueue", "nosuid", "noexec", "nodev")
#define MOUNT_CGROUP \
    MOUNT("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid", "noexec", "nodev", "relatime", "ro")

static const struct oci_mount mounts[] = {
    MOUNT_PROC,
    MOUNT_DEV,
    MOUNT("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666",
          "mode=0620", "gid=5"),
    MOUNT_SHM,
    MOUNT_MQUEUE,
    MOUNT("/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro"),
    MOUNT_CGROUP,
};

/* In a user namespace with one mapped group there is no gid 5, and sysfs cannot be mounted without
   an own network namespace, which without privileges would have no way out. */
static const struct oci_mount rootless_mounts[] = {
    MOUNT_PROC,
    MOUNT_DEV,
    MOUNT("/dev/pts", "devpts", "devpts", "nosuid", "noexec", "newinstance", "ptmxmode=0666",
          "mode=0620"),
    MOUNT_SHM,
    MOUNT_MQUEUE,
    MOUNT("/sys", "none", "/sys", "rbind", "nosuid", "noexec", "nodev", "ro"),
};

static const struct oci_namespace namespaces[] = {
    { .type = OCI_NAMESPACE_TYPE_PID },   { .type = OCI_NAMESPACE_TYPE_NETWORK },
    { .type = OCI_NAMESPACE_TYPE_IPC },   { .type = OCI_NAMESPACE_TYPE_UTS },
    { .type = OCI_NAMESPACE_TYPE_MOUNT }, { .type = OCI_NAMESPACE_TYPE_CGROUP },
};

static const struct oci_namespace rootless_namespaces[] = {
    { .type = OCI_NAMESPACE_TYPE_USER },  { .type = OCI_NAMESPACE_TYPE_PID },
    { .type = OCI_NAMESPACE_TYPE_IPC },   { .type = OCI_NAMESPACE_TYPE_UTS },
    { .type = OCI_NAMESPACE_TYPE_MOUNT }, { .type = OCI_NAMESPACE_TYPE_CGROUP },
};

static const struct oci_resources resources = {
    .devices = ITEMS(struct oci_device_rule, { .allow = false, .access = "rwm" }),
};

/* Files that tell about the host or change it, though the namespaces do not cover them. */
static const struct oci_linux linux_base = {
    .masked_paths =
        STRINGS("/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore", "/proc/keys",
                "/proc/latency_stats", "/proc/sched_debug", "/proc/scsi", "/proc/timer_list",
                "/proc/timer_stats", "/sys/devices/virtual/powercap", "/sys/firmware"),
    .readonly_paths =
        STRINGS("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger"),
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void make_rootless(struct default_spec *spec, uid_t uid, gid_t gid)
{
    spec->uid = (struct oci_id_mapping){ .container_id = 0, .host_id = uid, .size = 1 };
    spec->gid = (struct oci_id_mapping){ .container_id = 0, .host_id = gid, .size = 1 };
    spec->linux_part.uid_mappings.n = spec->linux_part.gid_mappings.n = 1;
    spec->linux_part.uid_mappings.at = &spec->uid;
    spec->linux_part.gid_mappings.at = &spec->gid;
    spec->linux_part.namespaces.n = COUNT(rootless_namespaces);
    spec->linux_part.namespaces.at = rootless_namespaces;
    spec->config.mounts.n = COUNT(rootless_mounts);
    spec->config.mounts.at = rootless_mounts;
}

static void make_privileged(struct default_spec *spec)
{
    spec->linux_part.resources = &resources;
    spec->linux_part.namespaces.n = COUNT(namespaces);
    spec->linux_part.namespaces.at = namespaces;
    spec->config.mounts.n = COUNT(mounts);
    spec->config.mounts.at = mounts;
}

void default_spec_make(struct default_spec *spec, bool rootless, uid_t uid, gid_t gid)
{
    *spec = (struct default_spec){ .linux_part = linux_base };
    spec->config = (struct oci_config){
        .oci_version = OCI_VERSION_MAX,
        .root = &root,
        .process = &process,
        .hostname = "zind",
        .linux = &spec->linux_part,
    };
    if (rootless)
        make_rootless(spec, uid, gid);
    else
        make_privileged(spec);
}
