#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# podman as an ordinary user: a user namespace by newuidmap, no privileges, no delegated cgroup.
# shellcheck disable=SC2034
load lib

setup_file()
{
    needs_root
    needs_command podman conmon newuidmap setpriv
    place_start
    podman_configure
    make_rootfs "$PLACE/image"
    tar -C "$PLACE/image" -cf "$PLACE/image.tar" .
    become_possible
    user_podman import --change 'CMD=["/bin/sh"]' --change 'ENV=PATH=/bin' "$PLACE/image.tar" bb
}

teardown_file()
{
    place_stop
}

teardown()
{
    user_podman rm --force --all --time 0 >/dev/null
}

# A user with ids of its own, known in the place only.
become_possible()
{
    mkdir -p "$PLACE/home" "$PLACE/etc"
    chown 1000:1000 "$PLACE/home"
    chmod 755 "$PLACE"
    { grep -v '^[^:]*:[^:]*:1000:' /etc/passwd; echo "zinduser:x:1000:1000::$PLACE/home:/bin/sh"; } >"$PLACE/etc/passwd"
    echo "zinduser:200000:65536" >"$PLACE/etc/subuid"
    cp "$PLACE/etc/subuid" "$PLACE/etc/subgid"
    # shellcheck disable=SC2016
    in_place sh -c 'for file in passwd subuid subgid; do
            [ -e /etc/$file ] || touch /etc/$file
            mount --bind "$1/etc/$file" /etc/$file
        done
        mkdir -p /run/user/1000 && chown 1000:1000 /run/user/1000 && chmod 700 /run/user/1000' _ "$PLACE"
    sed -i 's|^graphroot.*|graphroot = "'"$PLACE"'/home/storage"|; s|^runroot.*|runroot = "/run/user/1000/storage"|; s|^driver.*|driver = "vfs"|' \
        "$PLACE/storage.conf"
    chmod -R a+rX "$PLACE"/*.conf "$PLACE/image.tar"
}

user_podman()
{
    nsenter --target "$PLACE_INIT" --mount --net --pid -- \
        setpriv --reuid 1000 --regid 1000 --clear-groups --inh-caps=-all \
        env -i --chdir=/ PATH="$PATH" HOME="$PLACE/home" XDG_RUNTIME_DIR=/run/user/1000 TERM=dumb LANG=C.UTF-8 \
        CONTAINERS_CONF="$PLACE/containers.conf" CONTAINERS_STORAGE_CONF="$PLACE/storage.conf" \
        CONTAINERS_REGISTRIES_CONF="$PLACE/registries.conf" podman "$@" 3>&-
}

run_podman_as_user()
{
    status=0
    output=$(user_podman run --rm --network none "$@" 2>"$PLACE/home/errors") || status=$?
}

# bats test_tags=rootless
@test "run prints what the program prints; root inside is the user outside" {
    run_podman_as_user bb /bin/sh -c 'echo hello; id -u; cat /proc/self/uid_map'
    expect_ok
    expect_line hello 0
    expect_match '^ +0 +1000 +1$' '^ +1 +200000 +65536$'
}

# bats test_tags=rootless
@test "run -d, exec, stop, exit status" {
    user_podman run -d --name one --network none --stop-signal TERM bb /bin/probe pause
    run user_podman exec one /bin/probe each ids cwd
    expect_line "uid 0" "cwd /"
    run user_podman exec one /bin/probe exit 5
    expect_status 5
    user_podman stop --time 5 one
    run user_podman logs one
    expect_line "ready" "signal TERM"
    run_podman_as_user bb /bin/probe exit 7
    expect_status 7
}

# bats test_tags=rootless
@test "--userns keep-id, --user, --tmpfs, --read-only, a volume" {
    in_place sh -c "echo inside >$PLACE/home/file; chown 1000:1000 $PLACE/home/file"
    run_podman_as_user --userns keep-id --read-only --tmpfs /t:mode=1777 --volume "$PLACE/home/file:/file" bb \
        /bin/sh -c 'id -u; cat /file; touch /t/x && echo scratch; touch /x 2>/dev/null || echo read-only'
    expect_ok
    expect_equal "$output" $'1000\ninside\nscratch\nread-only'
}
