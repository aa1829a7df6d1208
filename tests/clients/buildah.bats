#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# buildah calls the runtime itself, without conmon: builds and runs in OCI isolation.
load lib

setup_file()
{
    needs_root
    needs_command buildah podman python3
    place_start
    podman_configure
    import_image bb
    mkdir "$PLACE/context"
}

teardown_file()
{
    place_stop
}

# What comes before buildah's own command: $BUILDAH.
buildah_words()
{
    enter_words
    BUILDAH=("${ENTER[@]}" buildah --root "$PLACE/storage" --runroot /run/storage)
}

buildah()
{
    buildah_words
    "${BUILDAH[@]}" "$@" 3>&-
}

setup()
{
    WORKING=
}

teardown()
{
    [ -z "$WORKING" ] || buildah rm "$WORKING" >/dev/null
}

# Standard error is left out: buildah asks for ambient capabilities that cannot be had, which the spec wants to be warned of.
run_inside()
{
    status=0
    output=$(buildah run --isolation oci --runtime "$ZIND_OCI" "$@" 2>"$PLACE/errors") || status=$?
}

# bats test_tags=build,guest
@test "bud: RUN steps run, and what they write is in the image" {
    cat >"$PLACE/Dockerfile" <<'FILE'
FROM localhost/bb
RUN echo built >/built && /bin/probe ids >/ids
RUN --mount=type=tmpfs,target=/scratch touch /scratch/x && cat /built
USER 1000
RUN id -u >/tmp/user
FILE
    run buildah bud --isolation oci --runtime "$ZIND_OCI" --network none --pull-never -t built -f "$PLACE/Dockerfile" "$PLACE/context"
    expect_ok
    expect_line built
    WORKING=$(buildah from --pull-never localhost/built)
    run_inside "$WORKING" -- cat /built /tmp/user
    expect_equal "$output" $'built\n1000'
}

# bats test_tags=build,guest
@test "bud: a RUN step that fails fails the build with its exit status" {
    printf 'FROM localhost/bb\nRUN exit 9\n' >"$PLACE/Dockerfile"
    run buildah bud --isolation oci --runtime "$ZIND_OCI" --network none --pull-never -f "$PLACE/Dockerfile" "$PLACE/context"
    expect_error "exit status 9"
}

# bats test_tags=build
@test "run: exit status, standard input, a terminal, a volume" {
    WORKING=$(buildah from --pull-never localhost/bb)
    run_inside "$WORKING" -- /bin/probe exit 7
    expect_status 7
    run_inside "$WORKING" -- cat <<<through
    expect_equal "$output" through
    buildah_words
    run python3 "$CLIENTS/with-terminal.py" "${BUILDAH[@]}" run -t --isolation oci --runtime "$ZIND_OCI" "$WORKING" -- /bin/probe tty 3>&-
    output=${output//$'\r'/}
    expect_match '^tty 0 yes '
    mkdir -p "$PLACE/volume"
    echo inside >"$PLACE/volume/file"
    run_inside --volume "$PLACE/volume:/mnt:ro" "$WORKING" -- cat /mnt/file
    expect_equal "$output" inside
}

# bud [OPTION...]: of $PLACE/Dockerfile, as localhost/built; sets $status and $output.
bud()
{
    run buildah bud --isolation oci --runtime "$ZIND_OCI" --network none --pull-never -t built "$@" -f "$PLACE/Dockerfile" "$PLACE/context"
}

# bats test_tags=build
@test "bud: RUN --mount of a bind, a cache and a secret" {
    echo context >"$PLACE/context/file"
    printf hidden >"$PLACE/secret"
    cat >"$PLACE/Dockerfile" <<'FILE'
FROM localhost/bb
RUN --mount=type=bind,source=file,target=/mnt/file cat /mnt/file
RUN --mount=type=secret,id=one,target=/run/one cat /run/one >/dev/null && cat /run/one && echo
RUN --mount=type=cache,target=/cache echo kept >/cache/file
RUN --mount=type=cache,target=/cache cat /cache/file && test ! -e /run/one
FILE
    bud --secret "id=one,src=$PLACE/secret"
    expect_ok
    expect_line context hidden kept
}

# config.md, "Linux Process": capabilities, rlimits; config-linux.md, "Memory", "Devices".
# bats test_tags=build
@test "bud: --cap-add, --cap-drop, --ulimit, --shm-size, --device, --volume, --build-arg" {
    echo inside >"$PLACE/context/shared"
    printf 'FROM localhost/bb\nARG WORD\nRUN %s\n' \
        'echo "$WORD"; /bin/probe each caps rlimits mounts; /bin/probe stat /dev/nothing; cat /shared/shared' >"$PLACE/Dockerfile"
    bud --cap-add CAP_SYS_TIME --cap-drop CAP_CHOWN --ulimit nofile=100:200 --shm-size 2m --device /dev/null:/dev/nothing \
        --volume "$PLACE/context:/shared:ro" --build-arg WORD=arrived
    expect_ok
    expect_line arrived "RLIMIT_NOFILE 100 200" inside
    expect_match '^effective .*CAP_SYS_TIME' '^mount /dev/shm tmpfs .*size=2048k' '^stat /dev/nothing char 0[0-7]+ 1:3'
    expect_no_match '^effective .*CAP_CHOWN'
}

# config-linux.md, "Memory", "CPU": the cgroup of a RUN step is seen from inside.
# bats test_tags=limits,guest
@test "bud: --memory is the limit of the step" {
    needs_controller memory
    printf 'FROM localhost/bb\nRUN /bin/probe alloc 64\n' >"$PLACE/Dockerfile"
    bud --memory 16m
    expect_error "exited on killed"
}

# config-linux.md, "Namespaces", "User namespace mappings".
# bats test_tags=namespaces,guest
@test "bud: --userns-uid-map, --pid, --ipc and --network of the host" {
    printf 'FROM localhost/bb\nRUN cat /proc/self/uid_map; for kind in pid ipc; do /bin/busybox readlink /proc/self/ns/$kind; done\n' >"$PLACE/Dockerfile"
    bud --pid host --ipc host
    expect_ok
    expect_line "$(in_place readlink /proc/self/ns/pid)" "$(in_place readlink /proc/self/ns/ipc)"
    bud --userns-uid-map 0:100000:65536 --userns-gid-map 0:100000:65536
    expect_ok
    expect_match '^ +0 +100000 +65536$'
}

# bats test_tags=build
@test "bud: stages, COPY --from, SHELL, ENTRYPOINT, WORKDIR and what podman makes of it" {
    cat >"$PLACE/Dockerfile" <<'FILE'
FROM localhost/bb AS first
WORKDIR /build
RUN echo made >file && pwd
FROM localhost/bb
SHELL ["/bin/sh", "-ec"]
COPY --from=first /build/file /file
RUN test "$(cat /file)" = made
USER 1000:1000
WORKDIR /tmp
ENTRYPOINT ["/bin/probe"]
CMD ["each", "cwd", "ids"]
FILE
    bud
    expect_ok
    expect_line /build
    run_podman localhost/built
    expect_line "cwd /tmp" "uid 1000"
}

# bats test_tags=build
@test "run: a missing program, a user, a working folder, capabilities, an environment" {
    WORKING=$(buildah from --pull-never localhost/bb)
    run_inside "$WORKING" -- /no/such/program
    [ "$status" -ne 0 ]
    run_inside --user 1000:1000 --workingdir /tmp --env COLOUR=red "$WORKING" -- /bin/probe each ids cwd env
    expect_line "uid 1000" "gid 1000" "cwd /tmp" COLOUR=red
    run_inside --cap-drop CAP_CHOWN --cap-add CAP_SYS_TIME "$WORKING" -- /bin/probe caps
    expect_match '^bounding .*CAP_SYS_TIME'
    expect_no_match '^bounding .*CAP_CHOWN'
    run_inside --hostname web --mount type=tmpfs,dst=/t "$WORKING" -- /bin/sh -c 'hostname; grep " /t " /proc/mounts'
    expect_line web
    expect_match ' /t tmpfs '
}

# bats test_tags=left,guest
@test "nothing is left: no state or cgroup" {
    expect_equal "$(states_left /run/zind-oci /run/runc /run/crun)" ""
    expect_equal "$(find /sys/fs/cgroup -type d -name '*buildah*')" ""
}
