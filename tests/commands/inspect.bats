#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# ps, spec, features and --version: what can be asked without changing anything.
load ../lib/bundle

@test "ps tells the processes of the container, as JSON and as a table" {
    set_args /bin/sh -c 'sleep 1000 & exec /bin/probe pause'
    start_container
    wait_for_output ready
    run zind ps --format json "$CONTAINER"
    expect_ok
    jq -e --argjson pid "$(container_pid)" 'length == 2 and index($pid) != null' <<<"$output"
    run zind ps "$CONTAINER"
    expect_ok
    expect_match "\b$(container_pid)\b"
}

@test "ps passes further arguments to ps(1), and lists a paused container" {
    host_is_cgroup2 || needs_controller freezer
    start_idle
    zind pause "$CONTAINER"
    run zind ps "$CONTAINER" -o pid,comm
    expect_ok
    expect_equal "$(head -n 1 <<<"$output" | tr -s " ")" " PID COMMAND"
    expect_match "^ *$(container_pid) probe$"
    expect_equal "${#lines[@]}" 2
    run zind ps --format table "$CONTAINER" aux
    expect_ok
    expect_match '^USER +PID' "\\b$(container_pid)\\b"
    run zind ps "$CONTAINER" -o comm
    expect_error "no column PID"
}

@test "ps of a stopped container is an empty table, and JSON null" {
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    run zind ps "$CONTAINER"
    expect_ok
    expect_equal "${#lines[@]}" 1
    expect_equal "$(zind ps -f json "$CONTAINER")" null
    run zind ps "$(new_id)"
    expect_error "does not exist"
}

# config.md: what spec writes is a whole configuration that runs as it is.
@test "spec writes a config.json that runs, and does not overwrite one" {
    rm "$BUNDLE/config.json"
    run zind spec --bundle "$BUNDLE"
    expect_ok
    expect_equal "$output" ""
    jq -e '.ociVersion and .process.args == ["sh"] and .process.terminal' "$BUNDLE/config.json"
    edit_config '.process.terminal = false'
    run_container ids
    expect_ok
    expect_line "uid 0"
    run zind spec --bundle "$BUNDLE"
    expect_error config.json
}

# features.md: ociVersionMin and ociVersionMax are REQUIRED.
@test "features is JSON with the versions, hooks, mount options and namespaces" {
    run zind features
    expect_ok
    jq -e '.ociVersionMin and .ociVersionMax and (.hooks | index("createRuntime")) and
        (.mountOptions | index("rro")) and (.linux.namespaces | index("cgroup"))' <<<"$output"
}

@test "--version names the program and the spec" {
    run zind --version
    expect_ok
    expect_match "^[a-z-]+ version [0-9]" '^spec: 1\.'
}

@test "an unknown command and an unknown option are refused" {
    run zind no-such-command
    [ "$status" -ne 0 ] || fail "taken"
    run zind state --no-such-option "$CONTAINER"
    [ "$status" -ne 0 ] || fail "taken"
}

# crun: -f, --file
@test "spec --file writes another file" {
    run zind spec --bundle "$BUNDLE" --file fresh.json
    expect_ok
    expect_equal "$output" ""
    jq -e .ociVersion "$BUNDLE/fresh.json" >/dev/null
    run zind spec -b "$BUNDLE" -f fresh.json
    expect_error "fresh.json"
}
