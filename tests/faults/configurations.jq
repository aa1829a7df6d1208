# SPDX-License-Identifier: Apache-2.0
# The configurations, which together take every row, for create and for exec. Made of tests/lib/config.json: a
# line each, "NAME/VARIANT", a tab and the config.json, in which configurations.c replaces @NIC@, @TOKEN@ and @HOOK@.
# Needs $rootfs, and $mapped: the same for the root of a user namespace.

# What all have, for every row that wants no configuration of its own.
def base:
    .root.path = $rootfs | .process.args = ["/bin/probe", "pause"] |
    .process.noNewPrivileges = false |
    .process.oomScoreAdj = 500 |
    .process.user = {"uid": 1000, "gid": 1000, "umask": 18} |
    .process.cwd = "/tmp" |
    .process.ioPriority = {"class": "IOPRIO_CLASS_BE", "priority": 4} |
    .process.scheduler = {"policy": "SCHED_BATCH", "nice": 5} |
    .process.execCPUAffinity = {"initial": "0", "final": "0"} |
    .linux.personality = {"domain": "LINUX"} |
    .linux.sysctl = {"net.ipv4.ip_forward": "1"} |
    .linux.memoryPolicy = {"mode": "MPOL_LOCAL"} |
    .linux.resources += {"pids": {"limit": 100}, "memory": {"limit": 134217728}} |
    .linux.seccomp = {"defaultAction": "SCMP_ACT_ALLOW",
        "syscalls": [{"names": ["keyctl"], "action": "SCMP_ACT_ERRNO"}]} |
    .hooks = (reduce ("prestart", "createRuntime", "createContainer", "startContainer",
        "poststart", "poststop") as $kind ({}; .[$kind] = [{"path": "/bin/true"}]));

def configurations: {
    "plain": .,

    "time": (.process.noNewPrivileges = true |
        .linux.namespaces += [{"type": "time"}] |
        .linux.timeOffsets = {"monotonic": {"secs": 86400}}),

    "mapped": (.root.path = $mapped |
        .linux.namespaces += [{"type": "user"}] |
        .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
        .linux.gidMappings = .linux.uidMappings |
        .mounts += [{"destination": "/mnt", "type": "bind", "source": "/usr", "options": ["bind", "ro"]}]),

    # The end of INIT is not the end of the others: only for ZIND_FAULTS_CONFIGURATION.
    "shared": (.linux.namespaces |= map(select(.type != "pid"))),

    "terminal": (.process.terminal = true),

    # The host needs no AppArmor for a fault before the row that would ask for it.
    "lsm": (.process.apparmorProfile = "unconfined"),

    # Its mounts are the runtime's: tests/faults/run gives it a mount namespace of its own.
    "inherited": del(.linux.namespaces[] | select(.type == "mount")),

    # Neither is INIT born in its cgroup nor does it move itself.
    "disabled": (del(.linux.resources) | del(.mounts[] | select(.type == "cgroup"))),

    # A veth pair in the network namespace that tests/faults/run makes for all cases.
    "devices": (.linux.netDevices = {"@NIC@": {"name": "eth0"}}),

    # A directory that imitates resctrl, which few machines have.
    "rdt": (.linux.intelRdt = {"l3CacheSchema": "L3:0=ff", "enableMonitoring": true}),

    # exec inherits its cpus.
    "unbound": del(.process.execCPUAffinity),

    # A cgroup that becomes the container user's, which is done on v2 alone.
    "delegated": (.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)),

    # Files of the host for what hooks say.
    "outputs": (.annotations = {"run.oci.hooks.stdout": "/dev/null"}),

    # A service manager that wants to know when the program is ready.
    "notify": .
};

def variants: {
    "idle": .,
    "brief": (.process.args = ["/bin/probe", "true"]),
    "no-hooks": del(.hooks),
    "hook": (.hooks = {"@HOOK@": [{"path": "/bin/sh",
        "args": ["sh", "-c", "while :; do sleep 0.05; done", "@TOKEN@"]}]})
};

base | configurations | to_entries[] | .key as $name | .value | variants | to_entries[] |
    "\($name)/\(.key)\t\(.value | tojson)"
