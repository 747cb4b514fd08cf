#!/usr/bin/env bash
# Executes the vector kernel's own instructions where the processor lacks them: the checks of bare.cpp run in bochscpu, which
# knows AVX512-IFMA, and must give what the adx kernel gives. Takes one to three minutes and one Python package. "skipped"
# with the reason where the compiler or the package cannot be had.
#   native/test/instructions.sh
set -euo pipefail
cd "$(dirname "$0")"
skip() { echo "ifma instructions: skipped, $1"; exit 0; }
compiler=${CXX:-clang++-19}
command -v "$compiler" > /dev/null || skip "$compiler is not installed"
command -v ld.lld-19 > /dev/null || skip "lld-19 is not installed"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/python" > /dev/null 2>&1 || skip "python3 cannot make environments"
"$work/python/bin/pip" install --quiet --disable-pip-version-check bochscpu-python==0.4.0 2> "$work/pip" ||
  skip "bochscpu-python 0.4.0 cannot be installed: $(tail -1 "$work/pip")"
(cd ../.. && npx tsx test/kernel/write-case.ts "$work")
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
