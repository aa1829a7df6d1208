#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# state and list: what callers parse.
load ../lib/bundle

# runtime.md, "State": ociVersion, id, status, pid, bundle are REQUIRED, annotations OPTIONAL.
@test "state has every field of the spec" {
    edit_config '.annotations = {"com.example.colour": "red", "com.example.empty": ""}'
    start_idle
    run zind state "$CONTAINER"
    expect_ok
    jq -e --arg id "$CONTAINER" --arg bundle "$BUNDLE" '
        .id == $id and .status == "running" and .pid > 1 and .bundle == $bundle and
        (.ociVersion | test("^1\\.[0-9]+\\.[0-9]+")) and
        .annotations["com.example.colour"] == "red" and .annotations["com.example.empty"] == ""' \
        <<<"$output"
}

@test "state of an unknown id fails in the words that callers match" {
    run zind state "$CONTAINER"
    expect_error "does not exist"
}

@test "a stopped container has no pid" {
    set_args /bin/probe true
    start_container
    wait_for_status stopped
    expect_equal "$(zind state "$CONTAINER" | jq '.pid // 0')" 0
}

@test "list without containers is an empty table, and JSON null" {
    run zind list
    expect_ok
    expect_match '^ID +PID +STATUS +BUNDLE +CREATED +OWNER$'
    expect_equal "$(zind list --format json)" null
    expect_equal "$(zind list --quiet)" ""
}

@test "list shows each container, as table, ids or JSON" {
    local second first=$CONTAINER

    create_container
    second=$(new_id)
    CONTAINER=$second
    create_container
    run zind list
    expect_match "^$first +[0-9]+ +created +$BUNDLE +20[0-9TZ:.-]+ +root *$" "^$second +[0-9]+ +created"
    run zind list -q
    expect_equal "$(sort <<<"$output")" "$(printf '%s\n' "$first" "$second" | sort)"
    run zind list --format json
    jq -e --arg id "$first" '[.[] | select(.id == $id)] | length == 1 and
        (.[0] | has("ociVersion") and has("pid") and has("status") and has("bundle") and
        has("rootfs") and has("created") and has("owner"))' <<<"$output"
}
