#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.intelRdt, runtime-spec config-linux.md "IntelRdt", on a folder that imitates resctrl: a build
# with --enable-faults takes $ZIND_RESCTRL for it. There, a file holds all that was written to it.

load ../lib/bundle

setup()
{
    setup_bundle
    export ZIND_RESCTRL=$BATS_TEST_TMPDIR/resctrl
    mkdir "$ZIND_RESCTRL" "$ZIND_RESCTRL/mon_groups"
    printf 'L3:0=7ff;1=7ff\n    MB:0= 100;1= 100\n' >"$ZIND_RESCTRL/schemata"
}

# an_existing GROUP: as an administrator would make one.
an_existing()
{
    mkdir -p "$ZIND_RESCTRL/$1/mon_groups"
    printf '    L3:0=0f0;1=00f\n    MB:0= 20;1= 70\n' >"$ZIND_RESCTRL/$1/schemata"
    : >"$ZIND_RESCTRL/$1/tasks"
}

# create RDT: a created container with it.
create()
{
    edit_config ".linux.intelRdt = $1"
    create_container
}

content_of()
{
    cat "$ZIND_RESCTRL/$1"
}

@test "without a closID the group has the container's id, and goes with it" {
    create '{"l3CacheSchema": "L3:0=f;1=f"}'
    expect_ok
    expect_equal "$(content_of "$CONTAINER/schemata")" "L3:0=f;1=f"
    expect_equal "$(content_of "$CONTAINER/tasks")" "$(container_pid)"
    zind delete --force "$CONTAINER"
    [ ! -e "$ZIND_RESCTRL/$CONTAINER" ] || fail "the group is still there"
}

@test "the schemata are written in the order l3CacheSchema, memBwSchema, schemata" {
    create '{"l3CacheSchema": "L3:0=f", "memBwSchema": "MB:0=20", "schemata": ["L2:0=3", "L2:1=3"]}'
    expect_ok
    expect_equal "$(content_of "$CONTAINER/schemata" | tr '\n' ' ')" "L3:0=f MB:0=20 L2:0=3 L2:1=3 "
}

@test "a MB: line of l3CacheSchema gives way to memBwSchema" {
    create '{"l3CacheSchema": "L3:0=f\nMB:0=90", "memBwSchema": "MB:0=20"}'
    expect_equal "$(content_of "$CONTAINER/schemata" | tr '\n' ' ')" "L3:0=f MB:0=20 "
}

@test "without any schema none is written" {
    create '{}'
    expect_ok
    [ ! -e "$ZIND_RESCTRL/$CONTAINER/schemata" ] || fail "schemata was written"
    expect_equal "$(content_of "$CONTAINER/tasks")" "$(container_pid)"
}

@test "without a closID a group of the container's id that is there already is refused" {
    an_existing "$CONTAINER"
    create '{}'
    expect_error linux.intelRdt "File exists"
    [ -d "$ZIND_RESCTRL/$CONTAINER" ] || fail "a group of others is gone"
}

@test "a closID with a schema makes the group, which goes when nobody else is in it" {
    create '{"closID": "gold", "memBwSchema": "MB:0=20"}'
    expect_ok
    expect_equal "$(content_of gold/schemata)" "MB:0=20"
    : >"$ZIND_RESCTRL/gold/tasks"
    zind delete --force "$CONTAINER"
    [ ! -e "$ZIND_RESCTRL/gold" ] || fail "the group is still there"
}

@test "a group that others have joined since stays" {
    create '{"closID": "gold", "memBwSchema": "MB:0=20"}'
    expect_ok
    zind delete --force "$CONTAINER"
    [ -d "$ZIND_RESCTRL/gold" ] || fail "the group is gone"
}

@test "a closID whose group is there must match its schemata, which are left alone" {
    an_existing gold
    create '{"closID": "gold", "l3CacheSchema": "L3:1=F;0=f0", "memBwSchema": "MB:0=20"}'
    expect_ok
    expect_equal "$(content_of gold/schemata)" "$(printf '    L3:0=0f0;1=00f\n    MB:0= 20;1= 70')"
    expect_equal "$(content_of gold/tasks)" "$(container_pid)"
    zind delete --force "$CONTAINER"
    [ -d "$ZIND_RESCTRL/gold" ] || fail "a group of others is gone"
}

@test "a closID whose group is there with other schemata is refused" {
    an_existing gold
    create '{"closID": "gold", "memBwSchema": "MB:0=30"}'
    expect_error linux.intelRdt "other schemata"
    expect_equal "$(content_of gold/tasks)" ""
}

@test "a closID without a schema takes the group that is there" {
    an_existing gold
    create '{"closID": "gold"}'
    expect_ok
    expect_equal "$(content_of gold/tasks)" "$(container_pid)"
}

@test "a closID without a schema and without a group is refused" {
    create '{"closID": "gold"}'
    expect_error linux.intelRdt.closID gold
    [ ! -e "$ZIND_RESCTRL/gold" ] || fail "the group was made"
}

@test "the closID / is the root group" {
    create '{"closID": "/", "enableMonitoring": true}'
    expect_ok
    expect_equal "$(content_of tasks)" "$(container_pid)"
    expect_equal "$(content_of "mon_groups/$CONTAINER/tasks")" "$(container_pid)"
    zind delete --force "$CONTAINER"
    [ ! -e "$ZIND_RESCTRL/mon_groups/$CONTAINER" ] || fail "the monitoring group is still there"
}

@test "monitoring has a group of its own in the container's" {
    an_existing gold
    create '{"closID": "gold", "enableMonitoring": true}'
    expect_ok
    expect_equal "$(content_of "gold/mon_groups/$CONTAINER/tasks")" "$(container_pid)"
    zind delete --force "$CONTAINER"
    [ ! -e "$ZIND_RESCTRL/gold/mon_groups/$CONTAINER" ] || fail "the monitoring group is still there"
}

@test "exec joins both" {
    set_args /bin/probe pause
    create '{"enableMonitoring": true}'
    zind start "$CONTAINER"
    wait_for_output ready
    exec_probe true
    expect_ok
    expect_equal "$(content_of "$CONTAINER/tasks" | wc -l)" 2
    expect_equal "$(content_of "$CONTAINER/mon_groups/$CONTAINER/tasks" | wc -l)" 2
}

@test "a create that fails later leaves no group" {
    edit_config '.linux.intelRdt = {"schemata": ["X:0=1"]}'
    ZIND_FAULT=intel_rdt_enter:fail create_container
    expect_error intel_rdt_enter
    [ ! -e "$ZIND_RESCTRL/$CONTAINER" ] || fail "the group is still there"
}
