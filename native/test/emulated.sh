#!/usr/bin/env bash
# Runs the tests of the native kernels on the vector kernel, with portable code in place of the AVX512-IFMA instructions,
# on any processor. Arguments go to vitest. "skipped" with the reason where the compiler is not installed.
#   native/test/emulated.sh [--reporter=dot …]
set -euo pipefail
cd "$(dirname "$0")/../.."
skip() { echo "emulated ifma: skipped, $1"; exit 0; }
command -v "${CXX:-clang++-19}" > /dev/null || skip "${CXX:-clang++-19} is not installed"
command -v ld.lld-19 > /dev/null || command -v lld-19 > /dev/null || skip "lld-19 is not installed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"${CXX:-clang++-19}" -std=c++17 -O1 -Wno-psabi -DVOUCH_KERNEL=ifma_emulated -DVOUCH_EMULATE_IFMA native/test/vector.cpp -o "$work/vector"
"$work/vector"
native/build.sh --emulated "$work"
VOUCH_TEST_ADDON=$work/vouch.node npx vitest run test/kernel/{sum,multiply-base,multiply-points,transform,prove,prepared,malformed}.test.ts "$@"
