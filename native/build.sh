#!/usr/bin/env bash
# Builds the addon for this machine into native/prebuilt/<platform>-<arch>/ and the WebAssembly modules into
# native/prebuilt/wasm32/, and records their digests, for pages in src/kernel/wasm-digests.ts. The same compiler gives the
# same bytes: no paths, no times, no build id. Node's headers are found beside the running node.
#   native/build.sh [--to folder in place of native/prebuilt]
#   native/build.sh --emulated folder    an addon for tests whose only kernel is ifma with portable instructions
set -euo pipefail
cd "$(dirname "$0")"
compiler=${CXX:-clang++-19}
target=$(node -p 'process.platform + "-" + process.arch')
base=prebuilt
[ "${1:-}" = --to ] || [ "${1:-}" = --emulated ] && base=$2
to=$base/$target
headers=$(node -p 'require("path").resolve(process.execPath, "../../include/node")')
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
[ "${1:-}" = --emulated ] || mkdir -p "$to" "$base/wasm32"

flags=(-std=c++17 -O3 -fPIC -fvisibility=hidden -fno-exceptions -fno-rtti -fno-ident -Wall -Wextra -Werror
  -ffile-prefix-map="$PWD"=. -ffunction-sections -fdata-sections)
objects=()
compile() { # object, source, flags
  local object=$work/$1.o source=$2
  shift 2
  "$compiler" "${flags[@]}" "$@" -c "$source" -o "$object"
  objects+=("$object")
}
x64=(-mbmi2 -madx)
# Vectors are written by hand there; the compiler's own would gather addresses, which is slower than to compute them.
avx512=(-mavx512f -mavx512dq -mavx512vl -mavx512ifma -mavx512vbmi2 -fno-slp-vectorize)
if [ "${1:-}" = --emulated ]; then
  compile emulated kernel.cpp -DVOUCH_KERNEL=ifma_emulated -DVOUCH_EMULATE_IFMA -Wno-psabi
  compile addon addon.cpp -isystem "$headers" -DVOUCH_WITH_EMULATED_IFMA
else
  compile portable kernel.cpp -DVOUCH_KERNEL=portable
  if [ "$target" = linux-x64 ]; then
    compile adx kernel.cpp -DVOUCH_KERNEL=adx "${x64[@]}"
    compile ifma kernel.cpp -DVOUCH_KERNEL=ifma "${x64[@]}" "${avx512[@]}"
  fi
  compile addon addon.cpp -isystem "$headers"
fi
compile pool thread-pool.cpp

# nodelete: the pool's threads outlive a worker that unloads the addon.
"$compiler" -shared -fuse-ld=lld -nostdlib++ -static-libgcc -Wl,-z,nodelete -Wl,-z,relro -Wl,-z,now -Wl,--gc-sections \
  -Wl,--build-id=none -Wl,--strip-all -o "$work/vouch.node" "${objects[@]}" -lpthread
if [ "${1:-}" = --emulated ]; then
  cp "$work/vouch.node" "$base/vouch.node"
  exit
fi

build_wasm() { # file, flags
  local name=$1
  shift
  "$compiler" --target=wasm32 -std=c++17 -O3 -msimd128 -matomics -mbulk-memory -nostdlib -ffreestanding \
    -fno-builtin-memset -fno-ident -fvisibility=hidden -fno-exceptions -fno-rtti -Wall -Wextra -Werror \
    -DVOUCH_KERNEL=wasm "$@" -c wasm.cpp -o "$work/wasm.o"
  wasm-ld-19 --no-entry --export-dynamic --export=__stack_pointer --strip-all --import-memory --shared-memory \
    --initial-memory=1048576 --max-memory=4294967296 -z stack-size=262144 -o "$work/$name" "$work/wasm.o"
}
build_wasm vouch-simd.wasm
build_wasm vouch-fma.wasm -mrelaxed-simd

record() { # file, folder
  # Renamed into place: a process that has the file mapped keeps the one it loaded.
  cp "$work/$1" "$2/$1.new"
  chmod 644 "$2/$1.new"
  mv "$2/$1.new" "$2/$1"
  "$compiler" --version | head -1 > "$2/compiler.txt"
  (cd "$2" && sha256sum "$1" > "$1.sha256")
  echo "$2/$1 $(stat -c %s "$2/$1") bytes, $(cut -c1-16 "$2/$1.sha256")…"
}
record vouch.node "$to"
for build in simd fma; do record "vouch-$build.wasm" "$base/wasm32"; done

# What pages hold the modules against that they download.
[ "$base" = prebuilt ] || exit 0
digest_of() { cut -c1-64 "prebuilt/wasm32/vouch-$1.wasm.sha256"; }
cat > ../src/kernel/wasm-digests.ts << EOF
import type { WasmBuild } from './wasm-build.ts';

/** SHA-256 of the modules under native/prebuilt/wasm32. Written by native/build.sh. */
export const WASM_DIGESTS: Readonly<Record<WasmBuild, string>> = {
  fma: '$(digest_of fma)',
  simd: '$(digest_of simd)',
};
EOF
