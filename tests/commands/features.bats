#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# features: features.md and features-linux.md, rule by rule; what it promises is what the runtime takes.
# shellcheck disable=SC2154
load ../lib/bundle

# feature PATH: the entries of a list, a line each.
feature()
{
    zind features | jq -r ".$1[]"
}

@test "features is what the source tree says, with nothing on stderr" {
    local tree=$TESTS_LIB/../../docs/features.json

    run --separate-stderr zind features
    expect_ok
    expect_equal "$stderr" ""
    expect_equal "$output" "$(cat "$tree")"
}

# features.md: the content is known when the runtime is built, not when it is run.
@test "features does not look at the host" {
    # shellcheck disable=SC2016
    local blind='mount -t tmpfs none /proc && mount -t tmpfs none /sys && exec "$@"'

    expect_equal "$(unshare --mount sh -c "$blind" - "$ZIND_OCI" --root "$ZIND_ROOT" features)" "$(zind features)"
}

# features.md, "Specification version": both MUST be accepted as ociVersion; Max MUST NOT be below Min.
@test "both versions are accepted, and in order" {
    local version

    for version in ociVersionMin ociVersionMax; do
        version=$(zind features | jq -r ".$version")
        CONTAINER=$(new_id)
        edit_config '.ociVersion = $version' --arg version "$version"
        run_container true
        expect_ok
    done
    zind features | jq -e 'def parts: split(".") | map(tonumber);
        (.ociVersionMin | parts) <= (.ociVersionMax | parts)'
}

# features.md: nothing that ociVersionMax does not define; null is not empty.
@test "nothing is null, and there is nothing that the spec does not name" {
    zind features | jq -e '[.. | select(. == null)] | length == 0'
    zind features | jq -e '(keys - ["ociVersionMin", "ociVersionMax", "hooks", "mountOptions", "linux",
            "annotations", "potentiallyUnsafeConfigAnnotations"]) == [] and
        (.linux | keys) == ["apparmor", "capabilities", "cgroup", "intelRdt", "memoryPolicy", "mountExtensions",
            "namespaces", "netDevices", "seccomp", "selinux"] and
        (.linux.cgroup | keys) == ["rdma", "systemd", "systemdUser", "v1", "v2"] and
        (.linux.seccomp | keys) == ["actions", "archs", "enabled", "knownFlags", "operators", "supportedFlags"] and
        (.linux.memoryPolicy | keys) == ["flags", "modes"] and (.linux.intelRdt | keys | index("enabled")) != null and
        .linux.mountExtensions.idmap.enabled'
}

# features.md, "Hooks": each MUST be supported.
@test "every hook in features is run" {
    local kind hooks=0 folder=$BATS_TEST_TMPDIR/ran

    mkdir -p "$folder" "$BUNDLE/rootfs$folder"
    edit_config '.mounts += [{destination: $folder, source: $folder, options: ["bind"]}]' --arg folder "$folder"
    for kind in $(feature hooks); do
        hooks=$((hooks + 1))
        edit_config '.hooks[$kind] = [{path: "/bin/touch", args: ["touch", $file]}]' \
            --arg kind "$kind" --arg file "$folder/$kind"
    done
    [ "$hooks" -eq 6 ]
    run_container true
    expect_ok
    expect_equal "$(ls "$folder")" "$(feature hooks | LC_ALL=C sort)"
}

# config.md, "Linux mount options": those that the runtime MUST support, and those that it SHOULD.
@test "every mount option that the spec demands is in features" {
    local option
    local must="async atime bind defaults dev diratime dirsync exec iversion lazytime loud noatime nodev nodiratime
        noexec noiversion nolazytime norelatime nostrictatime nosuid private rbind relatime remount ro rprivate rshared
        rslave runbindable rw shared silent slave strictatime suid sync unbindable"
    local should="nosymfollow symfollow ratime rdev rdiratime rexec rnoatime rnodiratime rnoexec rnorelatime
        rnostrictatime rnosuid rnosymfollow rrelatime rro rrw rstrictatime rsuid rsymfollow idmap ridmap"
    local may="mand nomand tmpcopyup"

    feature mountOptions >"$BATS_TEST_TMPDIR/options"
    [ "$(wc -w <<<"$must")" -eq 37 ]
    for option in $must $should $may; do
        grep -qx "$option" "$BATS_TEST_TMPDIR/options" || fail "$option is missing"
    done
    LC_ALL=C sort -uc "$BATS_TEST_TMPDIR/options"
}

# features.md, "Mount Options": each MUST be recognized in options of mounts.
@test "every mount option in features is taken by a mount" {
    local option

    # One container for all: a mount each, on a tmpfs, or on a bind of the host where the option is about that.
    mkdir "$BATS_TEST_TMPDIR/source"
    edit_config '.mounts += [$ARGS.positional[] as $option | {destination: ("/mnt/" + $option)} +
        if $option == "bind" or $option == "rbind" then {source: $source, options: [$option]}
        elif $option == "idmap" or $option == "ridmap" or $option == "remount" then empty
        else {type: "tmpfs", source: "tmpfs", options: [$option]} end] |
        .mounts += [{destination: "/mnt/again", type: "tmpfs", source: "tmpfs"},
            {destination: "/mnt/again", type: "tmpfs", source: "tmpfs", options: ["remount", "ro"]}]' \
        --arg source "$BATS_TEST_TMPDIR/source" --args $(feature mountOptions)
    run_container mounts
    expect_ok
    for option in $(feature mountOptions); do
        case $option in
            idmap | ridmap | remount) ;;
            *) expect_match "^mount /mnt/$option " ;;
        esac
    done
}

# features-linux.md, "MountExtensions".
@test "idmap and ridmap in features are taken by a mount" {
    local option

    mkdir "$BATS_TEST_TMPDIR/source"
    for option in idmap ridmap; do
        CONTAINER=$(new_id)
        edit_config '.mounts += [{destination: "/mnt", source: $source, options: ["bind", $option],
            uidMappings: [{containerID: 0, hostID: 1000, size: 10}], gidMappings: [{containerID: 0, hostID: 1000, size: 10}]}]' \
            --arg source "$BATS_TEST_TMPDIR/source" --arg option "$option"
        run_container true
        # tmpfs takes id mappings since Linux 6.3.
        [[ $output != *"may not support idmapped mounts"* || $(stat -fc %T "$BATS_TEST_TMPDIR") != tmpfs ]] ||
            skip "this kernel's tmpfs has no idmapped mounts"
        expect_ok
    done
}

# features-linux.md, "Namespaces": each MUST be recognized.
@test "every namespace in features is made" {
    [ -e /proc/self/ns/time ] || skip "this kernel has no time namespaces"
    edit_config '.linux.namespaces = [$ARGS.positional[] | {type: .}] |
        .linux.uidMappings = [{containerID: 0, hostID: 0, size: 65536}] | .linux.gidMappings = .linux.uidMappings' \
        --args $(feature linux.namespaces)
    [ "$(feature linux.namespaces | wc -l)" -eq 8 ]
    run_container ns
    expect_ok
    for name in pid net mnt ipc uts user cgroup time; do
        expect_match "^ns $name "
        ! grep -qx "ns $name $(readlink "/proc/self/ns/$name" | tr -dc 0-9)" <<<"$output" || fail "$name is the host's"
    done
}

# features-linux.md, "Capabilities": each MUST be recognized.
@test "every capability in features is recognized, and every one of this kernel is there" {
    local last

    edit_config '.process.capabilities = {bounding: $ARGS.positional, permitted: $ARGS.positional,
        effective: $ARGS.positional}' --args $(feature linux.capabilities)
    run zind validate --strict --bundle "$BUNDLE"
    expect_ok
    run_container caps
    expect_no_match 'unknown capability'
    last=$(cat /proc/sys/kernel/cap_last_cap)
    [ "$(feature linux.capabilities | wc -l)" -ge $((last < 41 ? last + 1 : 41)) ]
}

# features-linux.md, "Seccomp": actions, operators, architectures and flags MUST be recognized.
@test "every word of seccomp in features is taken" {
    local word

    for word in $(feature linux.seccomp.actions); do
        # Notify is handed to an agent: it is taken by the check, and used in tests/sections/seccomp.bats.
        [ "$word" != SCMP_ACT_NOTIFY ] || continue
        CONTAINER=$(new_id)
        edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [{names: ["acct"], action: $word}]}' \
            --arg word "$word"
        run_container true
        expect_ok
    done
    CONTAINER=$(new_id)
    edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [$ARGS.positional[] |
        {names: ["acct"], action: "SCMP_ACT_ERRNO", args: [{index: 0, value: 1, valueTwo: 1, op: .}]}]}' \
        --args $(feature linux.seccomp.operators)
    run_container true
    expect_ok
    for word in $(feature linux.seccomp.archs); do
        CONTAINER=$(new_id)
        edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", architectures: [$word],
            syscalls: [{names: ["acct"], action: "SCMP_ACT_ERRNO"}]}' --arg word "$word"
        run_container true
        expect_ok
    done
    for word in $(feature linux.seccomp.knownFlags); do
        edit_config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", flags: [$word]}' --arg word "$word"
        run zind validate --strict --bundle "$BUNDLE"
        expect_ok
    done
}

# runtime-spec 1.3, features-linux.md, "MemoryPolicy": recognized names.
@test "every word of the memory policy in features is recognized" {
    local word

    for word in $(feature linux.memoryPolicy.modes); do
        edit_config '.linux.memoryPolicy = {mode: $word} |
            if $word | IN("MPOL_DEFAULT", "MPOL_LOCAL") then . else .linux.memoryPolicy.nodes = "0" end' --arg word "$word"
        run zind validate --strict --bundle "$BUNDLE"
        expect_ok
    done
    for word in $(feature linux.memoryPolicy.flags); do
        edit_config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0", flags: [$word]}' --arg word "$word"
        run zind validate --strict --bundle "$BUNDLE"
        expect_ok
    done
}

# features.md, "Unsafe annotations in config.json".
@test "every annotation that changes what the runtime does is in features" {
    local key prefix found

    for key in $(grep -rhoE '"(run\.oci|org\.criu|org\.systemd)\.[A-Za-z0-9_.-]+"' "$TESTS_LIB/../../src" | tr -d '"' | sort -u); do
        found=no
        for prefix in $(feature potentiallyUnsafeConfigAnnotations); do
            [[ $key != "$prefix" && ($prefix != *. || $key != "$prefix"*) ]] || found=yes
        done
        [ "$found" = yes ] || fail "$key is not in features"
    done
    feature potentiallyUnsafeConfigAnnotations | grep -qx 'run\.oci\.'
}
