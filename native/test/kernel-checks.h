// Two kernels given the same work must do the same, byte for byte.
#pragma once
#include "../kernel.h"

/** A key with its witness, as files and as the values of the wires. */
struct KeyCase {
  const uint8_t* key;
  size_t keyBytes;
  const uint8_t* witness;
  size_t witnessBytes;
};

/** What the kernels disagree about first, or null. Points are multiples of the generators, so `expected` makes them too. */
const char* compareKernels(VouchPool* pool, const VouchKernel& expected, const VouchKernel& tested, const KeyCase& key);
