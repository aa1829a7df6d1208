#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# process.selinuxLabel and linux.mountLabel, runtime-spec config.md "Linux Process" and config-linux.md
# "Mount Label", on a kernel that has SELinux with Debian's policy, which is not enforced.

load ../../lib/bundle

LABEL=system_u:system_r:svirt_t:s0
FILES=system_u:object_r:svirt_image_t:s0

@test "the program runs under its label, and so does what exec runs" {
    edit_config ".process.selinuxLabel = \"$LABEL\""
    start_idle
    run tr -d '\0' <"/proc/$(container_pid)/attr/current"
    expect_match "^$LABEL"
    exec_probe lsm
    expect_match "$LABEL"
}

@test "exec --process-label takes the place of the container's label" {
    edit_config ".process.selinuxLabel = \"$LABEL\""
    start_idle
    run zind exec --process-label "$LABEL:c1,c2" "$CONTAINER" /bin/probe lsm
    expect_match "$LABEL:c1,c2"
}

@test "a label that the policy does not know is refused" {
    edit_config '.process.selinuxLabel = "nobody:nothing:never"'
    run_container true
    expect_error process.selinuxLabel nobody:nothing:never
}

@test "mounts of the container get the mount label, those of the kernel do not" {
    edit_config ".linux.mountLabel = \"$FILES\""
    run_container mounts
    expect_ok
    expect_match "^mount /dev tmpfs .*context=\"?$FILES" "^mount /dev/shm tmpfs .*context=\"?$FILES"
    expect_no_match "^mount /(proc|sys|dev/mqueue) .*$FILES"
}

@test "an annotation chooses the kind of context" {
    edit_config ".linux.mountLabel = \"$FILES\" | .annotations = {\"run.oci.mount_context_type\": \"rootcontext\"}"
    run_container mounts
    expect_ok
    expect_match "^mount /dev tmpfs .*rootcontext=\"?$FILES"
}
