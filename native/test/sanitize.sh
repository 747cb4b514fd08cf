#!/usr/bin/env bash
# Builds the fuzzer with address and undefined-behaviour sanitizers, and again with the thread sanitizer, and runs both.
#   native/test/sanitize.sh [rounds] [seed]
set -euo pipefail
cd "$(dirname "$0")"
rounds=${1:-2000}
seed=${2:-1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd ../.. && npx tsx test/kernel/write-case.ts "$work")
run() { # name, sanitizers, rounds
  local flags=(-std=c++17 -O1 -g -fno-omit-frame-pointer "-fsanitize=$2" -fno-sanitize-recover=all)
  "$compiler" "${flags[@]}" -DVOUCH_KERNEL=portable -c ../kernel.cpp -o "$work/portable.o"
  "$compiler" "${flags[@]}" -DVOUCH_KERNEL=adx -mbmi2 -madx -c ../kernel.cpp -o "$work/adx.o"
  "$compiler" "${flags[@]}" -c ../thread-pool.cpp -o "$work/pool.o"
  # The vector kernel takes part with portable code in place of its instructions, where the compiler knows its vectors.
  local emulated=()
  if [ "$2" != thread ] && "$compiler" --version | grep -q clang; then
    "$compiler" "${flags[@]}" -Wno-psabi -DVOUCH_KERNEL=ifma_emulated -DVOUCH_EMULATE_IFMA -c ../kernel.cpp -o "$work/emulated.o"
    emulated=("$work/emulated.o" -DVOUCH_WITH_EMULATED_IFMA)
  fi
  "$compiler" "${flags[@]}" fuzz.cpp "$work"/{portable,adx,pool}.o "${emulated[@]}" -o "$work/fuzz" -lpthread
  for key in key.zkey key.prepared; do
    echo "$1, $key: $("$work/fuzz" "$work/$key" "$work/witness.values" "$3" "$seed")"
  done
}
compiler=${CXX:-$(command -v clang++-19 || echo g++)}
run "address, undefined" address,undefined "$rounds"
compiler=${CXX:-g++}
run "thread" thread "$((rounds / 10 + 1))"
