#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The Debian package: built, installed on a clean root file system, and podman with the program out of it.
load lib

setup_file()
{
    needs_root
    needs_command debootstrap dpkg-buildpackage podman conmon
    FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/zp.XXXXXX")
    export FOLDER
}

teardown_file()
{
    [ -z "${FOLDER-}" ] || rm -rf --one-file-system "$FOLDER"
}

@test "dpkg-buildpackage builds it, with program, manual, documents and completions" {
    "$CLIENTS/../../contrib/packaging/build-deb" "$FOLDER" >"$FOLDER/build.log" 2>&1 || { tail -n 50 "$FOLDER/build.log"; false; }
    run dpkg --contents "$FOLDER"/zind-oci_*.deb
    expect_match ' ./usr/bin/zind-oci$' ' ./usr/share/man/man1/zind-oci.1.gz$' ' ./usr/share/bash-completion/completions/zind-oci' \
        ' ./usr/share/zsh/vendor-completions/_zind-oci$' ' ./usr/share/doc/zind-oci/README.md(.gz)?$' \
        ' ./usr/share/doc/zind-oci/troubleshooting.md(.gz)?$' ' ./usr/share/doc/zind-oci/changelog.gz$' \
        ' ./usr/share/doc/zind-oci/examples/podman/zind-oci.conf$'
}

@test "lintian finds no fault in it" {
    needs_command lintian
    run lintian --allow-root "$FOLDER"/zind-oci_*.deb
    expect_ok
    expect_equal "$output" ""
}

@test "it installs on a clean root file system, where it runs" {
    debootstrap --variant=minbase "$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)" "$FOLDER/root" \
        >"$FOLDER/debootstrap.log" 2>&1 || { tail -n 20 "$FOLDER/debootstrap.log"; false; }
    cp "$FOLDER"/zind-oci_*.deb "$FOLDER/root/zind-oci.deb"
    DEBIAN_FRONTEND=noninteractive chroot "$FOLDER/root" apt-get -qq install -y --no-install-recommends /zind-oci.deb
    run chroot "$FOLDER/root" zind-oci --version
    expect_match '^zind-oci version '
    chroot "$FOLDER/root" dpkg --verify zind-oci
}

@test "podman runs containers with the program out of the package" {
    ZIND_OCI=$FOLDER/root/usr/bin/zind-oci
    place_start
    podman_configure
    import_image bb
    run_podman bb echo packaged
    place_stop
    expect_ok
    expect_equal "$output" packaged
}

@test "removing it leaves nothing of it" {
    DEBIAN_FRONTEND=noninteractive chroot "$FOLDER/root" apt-get -qq purge -y zind-oci
    run find "$FOLDER/root/usr" "$FOLDER/root/etc" -name '*zind*'
    expect_equal "$output" ""
}
