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

# Whoever cannot look must not say that there is nothing: delete would believe it.
@test "with too few descriptors to find the process a running container is not called stopped" {
    local n seen=""

    start_idle
    for n in {4..20}; do
        run bash -c 'ulimit -n "$1"; shift; exec "$@"' _ "$n" "$ZIND_OCI" --root "$ZIND_ROOT" state "$CONTAINER" 3>&-
        if [ "$status" -eq 0 ]; then
            seen+=$(jq -r .status <<<"$output")
        else
            expect_error "Too many open files"
        fi
        run bash -c 'ulimit -n "$1"; shift; exec "$@"' _ "$n" "$ZIND_OCI" --root "$ZIND_ROOT" delete "$CONTAINER" 3>&-
        [ "$status" -ne 0 ] || fail "deleted with $n descriptors"
    done
    expect_match 'not stopped'
    [[ $seen =~ ^(running)+$ ]] || fail "it is called $seen"
    expect_equal "$(container_status)" running
}

# runtime.md, "Query State": the state as it is, or an error.
@test "a caller that may open no more files gets an error, never a wrong status" {
    local command limit right wanted

    host_is_cgroup2 || needs_controller freezer
    create_container
    expect_ok
    for wanted in created paused; do
        [ "$wanted" = created ] || zind pause "$CONTAINER"
        for command in "state $CONTAINER" "list --format json"; do
            right=0
            for limit in {3..20}; do
                # shellcheck disable=SC2086
                run bash -c "ulimit -n $limit; "'exec "$@" 2>/dev/null' _ "$ZIND_OCI" --root "$ZIND_ROOT" $command 3>&-
                [ "$status" -eq 0 ] || continue
                expect_equal "$limit $(jq -r 'if type == "array" then .[] else . end | .status' <<<"$output")" \
                    "$limit $wanted"
                right=$((right + 1))
            done
            [ "$right" -gt 0 ] || fail "$command never worked"
        done
    done
}

@test "delete --force with too few descriptors does not say that all is gone while it is not" {
    local n

    start_idle
    for n in {4..20}; do
        run bash -c 'ulimit -n "$1"; shift; exec "$@"' _ "$n" "$ZIND_OCI" --root "$ZIND_ROOT" delete --force "$CONTAINER" 3>&-
        [ "$status" -ne 0 ] || break
    done
    expect_ok
    [ ! -e "$ZIND_ROOT/$CONTAINER" ] || fail "it says so with $n descriptors"
    expect_no_leaks
}
