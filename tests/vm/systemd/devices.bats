#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.resources.devices decides what may be opened and made, and goes on to when systemd writes its own rules
# (config-linux.md, "Allowed Device list").

load ../../lib/bundle
load systemd

# fuse may be read and written, the loop device 0 made only, what else is none of the default is denied.
start_with_rules()
{
    edit_config '.linux.resources.devices = [{"allow": false, "access": "rwm"},
            {"allow": true, "type": "c", "major": 1, "minor": 11, "access": "r"},
            {"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}] |
        .linux.devices = [{"path": "/dev/kmsg", "type": "c", "major": 1, "minor": 11, "fileMode": 438},
            {"path": "/dev/tun", "type": "c", "major": 10, "minor": 200, "fileMode": 438},
            {"path": "/dev/memory", "type": "c", "major": 1, "minor": 1, "fileMode": 438}] |
        .process.capabilities |= with_entries(.value += ["CAP_MKNOD", "CAP_SYS_ADMIN"])'
    start_idle
}

# try NAME WORD...: the probe's answer.
try()
{
    exec_probe "$@"
}

rules_hold()
{
    exec_probe open-w /dev/null
    expect_line ok
    exec_probe open-w /dev/tun
    expect_no_match EPERM
    exec_probe open-w /dev/memory
    expect_match EPERM
    exec_probe open-w /dev/kmsg
    expect_match EPERM
    exec_probe mknod /tmp/node-$RANDOM c 1 3
    expect_line ok
}

@test "device rules hold, before and after daemon-reload" {
    start_with_rules
    rules_hold
    systemctl daemon-reload
    rules_hold
    systemctl set-property --runtime "$SCOPE" CPUWeight=50
    rules_hold
}

@test "the unit knows the device rules" {
    start_with_rules
    expect_property DevicePolicy strict
    [[ $(property DeviceAllow) == *"/dev/char/10:200 rw"* ]] || fail "the rule is not there"
    [[ $(property DeviceAllow) != *"1:1 "* ]] || fail "there is one too many"
}

@test "with all devices allowed the unit has no policy" {
    edit_config '.linux.resources.devices = [{"allow": true, "access": "rwm"}]'
    start_idle
    expect_property DevicePolicy auto
    expect_property DeviceAllow ""
}

# Which systemd cannot be told of.
@test "all devices but some: the rules hold, before and after daemon-reload, and update replaces them" {
    local deny='{"allow": false, "type": "c", "major": 10, "minor": 229, "access": "rw"}'

    edit_config ".linux.resources.devices = [{\"allow\": true}, $deny] | .process.capabilities[] += [\"CAP_MKNOD\"]"
    start_idle
    exec_probe mknod /tmp/fuse c 10 229
    fuse_is_denied
    systemctl daemon-reload
    fuse_is_denied
    systemctl set-property --runtime "$SCOPE" "$(host_is_cgroup2 && echo CPUWeight=50 || echo CPUShares=50)"
    fuse_is_denied
    run zind update -r - "$CONTAINER" <<<'{"devices": [{"allow": true}]}'
    expect_ok
    exec_probe open-w /tmp/fuse
    expect_no_match EPERM
    run zind update -r - "$CONTAINER" <<<"{\"devices\": [{\"allow\": true}, $deny]}"
    expect_ok
    expect_equal "$output" ""
    systemctl daemon-reload
    fuse_is_denied
    zind kill "$CONTAINER" KILL
    eventually unit_is_gone
    zind delete "$CONTAINER"
    expect_equal "$(leaked_cgroups)" ""
}

fuse_is_denied()
{
    exec_probe open-w /tmp/fuse
    expect_match EPERM
}

@test "without mknod in the rules none is made, before and after daemon-reload" {
    edit_config '.linux.resources.devices = [{"allow": true, "type": "c", "major": 10, "minor": 200, "access": "rw"}]'
    start_idle
    systemctl daemon-reload
    exec_probe open-w /dev/null
    expect_line ok
}
