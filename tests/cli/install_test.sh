#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# `cmake --install` makes a tree that works from any directory. Arguments: BUILD-DIRECTORY
set -euo pipefail
prefix=$(mktemp -d)
trap 'rm -rf "$prefix"' EXIT
cmake --install "$1" --prefix "$prefix" >"$prefix/log" || { cat "$prefix/log"; exit 1; }
cd /
"$prefix/bin/warpstep" --version
timeout 60 "$prefix/bin/warpstep" run "$prefix/share/warpstep/configs/data-parallel-sgd.yaml" --device host
if [[ -e $1/bin/warpstep_cuda.so ]]; then
    "$prefix/bin/warpstep" --version | grep -q "$prefix/.*warpstep_cuda.so" || { echo "FAILED: the installed module is not found"; exit 1; }
fi
