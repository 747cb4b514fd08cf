#!/usr/bin/env bash
# Rebuilds the addon and the WebAssembly modules with the compiler that built the committed ones and compares them. Exit
# code 1 on a difference; "skipped" with the reason where that compiler is not installed.
set -euo pipefail
cd "$(dirname "$0")"
target=$(node -p 'process.platform + "-" + process.arch')
skip() { echo "native: skipped, $1"; exit 0; }
[ -d "prebuilt/$target" ] || skip "no addon is committed for $target"
command -v clang++-19 > /dev/null || skip "clang++-19 is not installed"
command -v ld.lld-19 > /dev/null || command -v lld-19 > /dev/null || skip "lld-19 is not installed"
found=$(clang++-19 --version | head -1)
pinned=$(cat "prebuilt/$target/compiler.txt")
[ "$found" = "$pinned" ] || skip "the compiler is \"$found\", the committed addon was built by \"$pinned\""
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
./build.sh --to "$fresh" > /dev/null
for file in "$target/vouch.node" wasm32/vouch-simd.wasm wasm32/vouch-fma.wasm; do
  if cmp -s "$fresh/$file" "prebuilt/$file"; then
    echo "native: the committed $file is what the sources give"
  else
    echo "native: the committed $file differs from what the sources give; run native/build.sh" >&2
    exit 1
  fi
done
