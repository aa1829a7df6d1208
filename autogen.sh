#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Make configure from configure.ac; needed in a git checkout, not in a release tarball.
set -eu
cd "$(dirname "$0")"
mkdir -p build-aux
exec autoreconf --install --force "$@"
