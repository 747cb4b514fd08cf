#!/usr/bin/env bash
# Builds the addon for this machine into native/prebuilt/<platform>-<arch>/ and records its digest. The same compiler gives
# the same bytes: no paths, no times, no build id. Node's headers are found beside the running node.
#   native/build.sh [--to folder]
set -euo pipefail
cd "$(dirname "$0")"
compiler=${CXX:-clang++-19}
target=$(node -p 'process.platform + "-" + process.arch')
to=prebuilt/$target
[ "${1:-}" = --to ] && to=$2
headers=$(node -p 'require("path").resolve(process.execPath, "../../include/node")')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$to"

flags=(-std=c++17 -O3 -fPIC -fvisibility=hidden -fno-exceptions -fno-rtti -fno-ident -Wall -Wextra -Werror
  -ffile-prefix-map="$PWD"=. -ffunction-sections -fdata-sections)
objects=()
compile() { # object, source, flags
  local object=$work/$1.o source=$2
  shift 2
  "$compiler" "${flags[@]}" "$@" -c "$source" -o "$object"
  objects+=("$object")
}
compile portable kernel.cpp -DVOUCH_KERNEL=portable
if [ "$target" = linux-x64 ]; then compile adx kernel.cpp -DVOUCH_KERNEL=adx -mbmi2 -madx; fi
compile pool thread-pool.cpp
compile addon addon.cpp -isystem "$headers"

# nodelete: the pool's threads outlive a worker that unloads the addon.
"$compiler" -shared -fuse-ld=lld -nostdlib++ -static-libgcc -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,--gc-sections \
  -Wl,--build-id=none -Wl,--strip-all -o "$work/vouch.node" "${objects[@]}" -lpthread
cp "$work/vouch.node" "$to/vouch.node"
"$compiler" --version | head -1 > "$to/compiler.txt"
(cd "$to" && sha256sum vouch.node > vouch.node.sha256)
echo "$to/vouch.node $(stat -c %s "$to/vouch.node") bytes, $(cut -c1-16 "$to/vouch.node.sha256")…"
