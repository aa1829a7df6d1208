#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# --regex: kill and delete of all containers whose ids match.
load ../lib/bundle

# Two containers that idle, ids $FIRST and $CONTAINER.
start_two()
{
    FIRST=$CONTAINER
    start_idle
    CONTAINER=$(new_id)
    start_idle
}

@test "kill --regex signals every container whose id matches, and no other" {
    local other

    start_two
    other=$CONTAINER
    zind kill --regex "^$FIRST\$" KILL
    CONTAINER=$FIRST wait_for_status stopped
    expect_equal "$(CONTAINER=$other container_status)" running
    zind kill -r "^$TOKEN-[0-9]+\$" KILL || true
    CONTAINER=$other wait_for_status stopped
}

@test "delete --force --regex removes all that match; none is no error" {
    start_two
    zind delete --force --regex "^$TOKEN-"
    expect_equal "$(zind list --quiet)" ""
    zind delete --force --regex "^$TOKEN-"
}

@test "one container that fails does not keep --regex from the others" {
    start_two
    zind kill "$CONTAINER" KILL
    wait_for_status stopped
    run zind delete --regex "^$TOKEN-"
    expect_error "$FIRST"
    expect_equal "$(zind list --quiet)" "$FIRST"
}

# A thousand containers are more than the descriptors that a process may have.
@test "--regex keeps nothing open of the containers that it is done with" {
    local n

    for n in {1..12}; do
        CONTAINER=$(new_id)
        create_container
        expect_ok
    done
    for command in "kill --regex ^$TOKEN- KILL" "delete --force --regex ^$TOKEN-"; do
        # shellcheck disable=SC2086
        run bash -c 'ulimit -n 18; exec "$@"' _ "$ZIND_OCI" --root "$ZIND_ROOT" ${ZIND_GLOBALS-} $command 3>&-
        expect_ok
    done
    expect_equal "$(zind list --quiet)" ""
}

@test "--regex with what is no regular expression, or no signal, is refused" {
    run zind kill --regex '(' KILL
    expect_error "no regular expression"
    run zind kill --regex '.' NOSUCH
    expect_error NOSUCH
}
