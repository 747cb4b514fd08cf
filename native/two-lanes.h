// Two 64-bit lanes, what WebAssembly has: two field elements side by side, and constants for both.
#pragma once
#include <stdint.h>

namespace VOUCH_KERNEL {

#define VOUCH_LANES inline __attribute__((always_inline))

using Words2 = uint64_t __attribute__((vector_size(16)));
using Signed2 = int64_t __attribute__((vector_size(16)));
using Doubles2 = double __attribute__((vector_size(16)));

VOUCH_LANES Words2 both(uint64_t value) { return Words2{value, value}; }
VOUCH_LANES Doubles2 both(double value) { return Doubles2{value, value}; }

/** All ones in lanes that are negative. */
VOUCH_LANES Words2 isNegative(Words2 a) {
  return reinterpret_cast<Words2>(reinterpret_cast<Signed2>(a) < Signed2{0, 0});
}

/** The four words of two elements. */
struct TwoElements {
  Words2 word[4];
};

VOUCH_LANES Words2 loadWords(const uint64_t* from) {
  Words2 r;
  __builtin_memcpy(&r, from, sizeof r);
  return r;
}

VOUCH_LANES TwoElements loadTwo(const uint64_t* a, const uint64_t* b) {
  const Words2 a0 = loadWords(a);
  const Words2 a1 = loadWords(a + 2);
  const Words2 b0 = loadWords(b);
  const Words2 b1 = loadWords(b + 2);
  return {{__builtin_shufflevector(a0, b0, 0, 2), __builtin_shufflevector(a0, b0, 1, 3),
           __builtin_shufflevector(a1, b1, 0, 2), __builtin_shufflevector(a1, b1, 1, 3)}};
}

VOUCH_LANES void storeTwo(uint64_t* a, uint64_t* b, const TwoElements& r) {
  const Words2 halves[4] = {__builtin_shufflevector(r.word[0], r.word[1], 0, 2),
                            __builtin_shufflevector(r.word[2], r.word[3], 0, 2),
                            __builtin_shufflevector(r.word[0], r.word[1], 1, 3),
                            __builtin_shufflevector(r.word[2], r.word[3], 1, 3)};
  __builtin_memcpy(a, halves, 32);
  __builtin_memcpy(b, halves + 2, 32);
}

}  // namespace VOUCH_KERNEL
