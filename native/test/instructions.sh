#!/usr/bin/env bash
# Executes the vector kernel's own instructions where the processor lacks them: the checks of bare.cpp run in bochscpu, which
# knows AVX512-IFMA, and must give what the adx kernel gives. Takes about a minute. Downloads one Python package.
#   native/test/instructions.sh
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd ../.. && npx tsx test/kernel/write-case.ts "$work")
python3 -m venv "$work/python"
"$work/python/bin/pip" install --quiet --disable-pip-version-check bochscpu-python==0.4.0
compiler=${CXX:-clang++-19}
flags=(-std=c++17 -O3 -fno-pic -fno-exceptions -fno-rtti -ffreestanding -fno-stack-protector -fno-asynchronous-unwind-tables)
x64=(-mbmi2 -madx)
avx512=(-mavx512f -mavx512dq -mavx512vl -mavx512ifma -mavx512vbmi2 -fno-slp-vectorize)
"$compiler" "${flags[@]}" "${x64[@]}" -DVOUCH_KERNEL=adx -c ../kernel.cpp -o "$work/adx.o"
"$compiler" "${flags[@]}" "${x64[@]}" "${avx512[@]}" -DVOUCH_KERNEL=ifma -c ../kernel.cpp -o "$work/ifma.o"
"$compiler" "${flags[@]}" "${x64[@]}" "${avx512[@]}" -DVOUCH_KERNEL=ifma -c bare.cpp -o "$work/bare.o"
"$compiler" "${flags[@]}" -c kernel-checks.cpp -o "$work/checks.o"
ld.lld-19 -static -nostdlib --image-base=0x400000 -o "$work/bare" "$work"/*.o
cc -shared -fPIC bare-shim.c -o "$work/shim.so"
LD_PRELOAD=$work/shim.so "$work/python/bin/python" bare.py "$work/bare" "$work/key.zkey" "$work/witness.values"
