// Eight 64-bit lanes, the type under the vector kernel. Arithmetic, comparisons and shuffles are the compiler's vector
// extensions and mean the same everywhere. What those cannot say has two implementations: the instructions of AVX512-IFMA,
// and a portable one (VOUCH_EMULATE_IFMA) with which every test of the vector kernel runs on any processor.
#pragma once
#include <stddef.h>
#include <stdint.h>

#if defined(__AVX512IFMA__) || defined(VOUCH_EMULATE_IFMA)
#define VOUCH_VECTOR

#ifndef VOUCH_EMULATE_IFMA
#include <immintrin.h>
#endif

namespace VOUCH_KERNEL {

constexpr uint32_t kLanes = 8;

using Lanes = uint64_t __attribute__((vector_size(64)));
/** The result of a comparison too: all ones where it holds, else zero. */
using SignedLanes = int64_t __attribute__((vector_size(64)));
using HalfLanes = uint64_t __attribute__((vector_size(32)));

#define VOUCH_INLINE inline __attribute__((always_inline))

VOUCH_INLINE Lanes splat(uint64_t value) { return Lanes{} + value; }

VOUCH_INLINE Lanes shiftSigned(Lanes a, int bits) { return (Lanes)((SignedLanes)a >> bits); }

#ifndef VOUCH_EMULATE_IFMA

/** sum + the low 52 bits of the product of the low 52 bits of a and b. */
VOUCH_INLINE Lanes addLow(Lanes sum, Lanes a, Lanes b) {
  return (Lanes)_mm512_madd52lo_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

/** sum + the high 52 bits of that product. */
VOUCH_INLINE Lanes addHigh(Lanes sum, Lanes a, Lanes b) {
  return (Lanes)_mm512_madd52hi_epu64((__m512i)sum, (__m512i)a, (__m512i)b);
}

/** table[index] for each lane; only the low three bits of an index count. */
VOUCH_INLINE Lanes lookUp(Lanes table, Lanes index) {
  return (Lanes)_mm512_permutexvar_epi64((__m512i)index, (__m512i)table);
}

/** One bit per lane, lane 0 the lowest. */
VOUCH_INLINE uint32_t bitsOf(SignedLanes mask) { return _mm512_movepi64_mask((__m512i)mask); }

VOUCH_INLINE SignedLanes maskOf(uint32_t bits) {
  return (SignedLanes)_mm512_movm_epi64(static_cast<__mmask8>(bits));
}

#else

constexpr uint64_t kLow52 = (1ull << 52) - 1;

// Not inlined, and by reference: the code of a hundred such products in a row would be out of all proportion.
inline __attribute__((noinline)) void addProducts(Lanes& sum, const Lanes& a, const Lanes& b, uint32_t shift) {
  for (uint32_t i = 0; i < kLanes; i++) {
    const unsigned __int128 product = static_cast<unsigned __int128>(a[i] & kLow52) * (b[i] & kLow52);
    sum[i] += static_cast<uint64_t>(product >> shift) & kLow52;
  }
}

VOUCH_INLINE Lanes addLow(Lanes sum, Lanes a, Lanes b) {
  addProducts(sum, a, b, 0);
  return sum;
}

VOUCH_INLINE Lanes addHigh(Lanes sum, Lanes a, Lanes b) {
  addProducts(sum, a, b, 52);
  return sum;
}

VOUCH_INLINE Lanes lookUp(Lanes table, Lanes index) {
  Lanes r;
  for (uint32_t i = 0; i < kLanes; i++) r[i] = table[index[i] & 7];
  return r;
}

VOUCH_INLINE uint32_t bitsOf(SignedLanes mask) {
  uint32_t bits = 0;
  for (uint32_t i = 0; i < kLanes; i++) bits |= (mask[i] < 0 ? 1u : 0u) << i;
  return bits;
}

VOUCH_INLINE SignedLanes maskOf(uint32_t bits) {
  SignedLanes mask;
  for (uint32_t i = 0; i < kLanes; i++) mask[i] = 0 - static_cast<int64_t>(bits >> i & 1);
  return mask;
}

#endif

/** Four words of eight elements: lane i of word j is word j of element i. */
struct Words {
  Lanes word[4];
};

VOUCH_INLINE HalfLanes loadHalf(const uint8_t* at) {
  HalfLanes half;
  __builtin_memcpy(&half, at, sizeof half);
  return half;
}

/** Rows, each with elements i and i + 4 of eight, to words. It is its own inverse. */
VOUCH_INLINE Words transposed(const Lanes (&row)[4]) {
  const Lanes even01 = __builtin_shufflevector(row[0], row[1], 0, 8, 2, 10, 4, 12, 6, 14);
  const Lanes odd01 = __builtin_shufflevector(row[0], row[1], 1, 9, 3, 11, 5, 13, 7, 15);
  const Lanes even23 = __builtin_shufflevector(row[2], row[3], 0, 8, 2, 10, 4, 12, 6, 14);
  const Lanes odd23 = __builtin_shufflevector(row[2], row[3], 1, 9, 3, 11, 5, 13, 7, 15);
  return {{__builtin_shufflevector(even01, even23, 0, 1, 8, 9, 4, 5, 12, 13),
           __builtin_shufflevector(odd01, odd23, 0, 1, 8, 9, 4, 5, 12, 13),
           __builtin_shufflevector(even01, even23, 2, 3, 10, 11, 6, 7, 14, 15),
           __builtin_shufflevector(odd01, odd23, 2, 3, 10, 11, 6, 7, 14, 15)}};
}

/** Reads 32 bytes from each of eight places. */
VOUCH_INLINE Words gather(const uint8_t* const* at) {
  Lanes row[4];
  for (int i = 0; i < 4; i++) {
    row[i] = __builtin_shufflevector(loadHalf(at[i]), loadHalf(at[i + 4]), 0, 1, 2, 3, 4, 5, 6, 7);
  }
  return transposed(row);
}

/** Writes 32 bytes to each of eight places. */
VOUCH_INLINE void scatter(const Words& words, uint8_t* const* at) {
  const Words rows = transposed(words.word);
  for (int i = 0; i < 4; i++) {
    const HalfLanes low = __builtin_shufflevector(rows.word[i], rows.word[i], 0, 1, 2, 3);
    const HalfLanes high = __builtin_shufflevector(rows.word[i], rows.word[i], 4, 5, 6, 7);
    __builtin_memcpy(at[i], &low, sizeof low);
    __builtin_memcpy(at[i + 4], &high, sizeof high);
  }
}

/** Reads eight elements in a row, in the order 0, 2, 4, 6, 1, 3, 5, 7. */
VOUCH_INLINE Words gatherRow(const uint8_t* first) {
  Lanes row[4];
  __builtin_memcpy(row, first, sizeof row);
  return transposed(row);
}

/** Writes eight elements in a row out of that order. */
VOUCH_INLINE void scatterRow(const Words& words, uint8_t* first) {
  const Words rows = transposed(words.word);
  __builtin_memcpy(first, &rows, sizeof rows);
}

}  // namespace VOUCH_KERNEL

#endif
