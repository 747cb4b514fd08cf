// Number-theoretic transforms over Fr in place, without a bit reversal: `toValues` takes coefficients in natural order to
// values in bit-reversed order, `fromReversed` takes input in bit-reversed order to natural order. Both sum with powers of
// the same root w, so two in a row multiply by n and reverse the index modulo n, which the caller accounts for.
//
// Two layers are fused, so that data passes through memory half as often; blocks that fit the second-level cache do all
// their layers at once. Twiddles of a layer of length L are consecutive: roots[L/2 + k] = w_L^k for k < L/2.
#pragma once
#include "field.h"
#include "memory.h"
#include "status.h"
#include "vector-scalars.h"

namespace VOUCH_KERNEL {

/** r − 1 is divisible by 2^28. */
constexpr uint32_t kTwoAdicity = 28;
/** Elements of a block whose layers are done together: 128 KiB. */
constexpr size_t kCachedBlock = 4096;

/** The generator of the roots of unity of order 2^logSize that snarkjs uses: 5^((r − 1)/2^logSize). */
inline Fr rootOfUnity(uint32_t logSize) {
  Integer exponent = difference(ScalarModulus::value, Integer{{1, 0, 0, 0}});
  for (uint32_t i = 0; i < kTwoAdicity; i++) exponent = half(exponent);
  Fr root = power(toField<ScalarModulus>(Integer{{5, 0, 0, 0}}), exponent);
  for (uint32_t i = logSize; i < kTwoAdicity; i++) root = square(root);
  return root;
}

/** Fills roots[0 … size − 1] for transforms of up to `size` = 2^logSize elements. */
inline void fillRoots(VouchPool& pool, uint32_t logSize, Fr* roots) {
  const size_t size = static_cast<size_t>(1) << logSize;
  roots[0] = Fr::one();
  for (uint32_t layer = 1; layer <= logSize; layer++) {
    const size_t count = static_cast<size_t>(1) << (layer - 1);
    const Fr root = rootOfUnity(layer);
    forRanges(pool, count, 1024, [&](size_t from, size_t to, uint32_t) {
      Fr w = power(root, Integer{{from, 0, 0, 0}});
      for (size_t k = from; k < to; k++) {
        roots[count + k] = w;
        w = multiply(w, root);
      }
    });
  }
  (void)size;
}

/** Layers L and L/2 of the forward transform on butterflies from … to of all n/4; L is a power of two ≥ 4. */
inline void forwardLayers(Fr* data, size_t length, const Fr* roots, size_t from, size_t to) {
  const size_t quarter = length / 4;
  for (size_t t = forwardLanes(data, length, roots, from, to); t < to; t++) {
    const size_t k = t & (quarter - 1);
    Fr* a = data + (t - k) * 4 + k;
    const Fr low = add(a[0], a[2 * quarter]);
    const Fr high = add(a[quarter], a[3 * quarter]);
    Fr lowTurned, highTurned;
    multiplyTwo(lowTurned, subtract(a[0], a[2 * quarter]), roots[2 * quarter + k], highTurned,
                subtract(a[quarter], a[3 * quarter]), roots[3 * quarter + k]);
    const Fr& w = roots[quarter + k];
    a[0] = add(low, high);
    a[2 * quarter] = add(lowTurned, highTurned);
    multiplyTwo(a[quarter], subtract(low, high), w, a[3 * quarter], subtract(lowTurned, highTurned), w);
  }
}

/** Layers L/2 and L of the transform from bit-reversed input. */
inline void backwardLayers(Fr* data, size_t length, const Fr* roots, size_t from, size_t to) {
  const size_t quarter = length / 4;
  for (size_t t = backwardLanes(data, length, roots, from, to); t < to; t++) {
    const size_t k = t & (quarter - 1);
    Fr* a = data + (t - k) * 4 + k;
    const Fr& w = roots[quarter + k];
    Fr second, fourth, lowOther, highOther;
    multiplyTwo(second, a[quarter], w, fourth, a[3 * quarter], w);
    const Fr low = add(a[0], second);
    const Fr high = subtract(a[0], second);
    multiplyTwo(lowOther, add(a[2 * quarter], fourth), roots[2 * quarter + k], highOther,
                subtract(a[2 * quarter], fourth), roots[3 * quarter + k]);
    a[0] = add(low, lowOther);
    a[2 * quarter] = subtract(low, lowOther);
    a[quarter] = add(high, highOther);
    a[3 * quarter] = subtract(high, highOther);
  }
}

/** The layer of length 2, whose twiddle is 1. */
inline void shortestLayer(Fr* data, size_t count) {
  for (size_t i = 0; i + 1 < count; i += 2) {
    const Fr left = data[i];
    data[i] = add(left, data[i + 1]);
    data[i + 1] = subtract(left, data[i + 1]);
  }
}

/** Natural order to bit-reversed order. */
inline void toValues(VouchPool& pool, Fr* data, size_t size, const Fr* roots) {
  size_t length = size;
  for (; length > kCachedBlock; length /= 4) {
    forRanges(pool, size / 4, 1024, [&](size_t from, size_t to, uint32_t) {
      forwardLayers(data, length, roots, from, to);
    });
  }
  forEach(pool, static_cast<uint32_t>(size / length), [&](uint32_t block, uint32_t) {
    Fr* part = data + block * length;
    size_t layer = length;
    for (; layer >= 4; layer /= 4) forwardLayers(part, layer, roots, 0, length / 4);
    if (layer == 2) shortestLayer(part, length);
  });
}

/** Bit-reversed order to natural order. */
inline void fromReversed(VouchPool& pool, Fr* data, size_t size, const Fr* roots) {
  size_t block = size;
  while (block > kCachedBlock) block /= 4;
  forEach(pool, static_cast<uint32_t>(size / block), [&](uint32_t index, uint32_t) {
    Fr* part = data + index * block;
    size_t layer = 4;
    for (size_t rest = block; rest > 1; rest /= 4) {
      if (rest != 2) continue;
      shortestLayer(part, block);
      layer = 8;
    }
    for (; layer <= block; layer *= 4) backwardLayers(part, layer, roots, 0, block / 4);
  });
  for (size_t length = 4 * block; length <= size; length *= 4) {
    forRanges(pool, size / 4, 1024, [&](size_t from, size_t to, uint32_t) {
      backwardLayers(data, length, roots, from, to);
    });
  }
}

inline size_t reverseBits(size_t value, uint32_t bits) {
  size_t reversed = 0;
  for (uint32_t i = 0; i < bits; i++) reversed |= (value >> i & 1) << (bits - 1 - i);
  return reversed;
}

}  // namespace VOUCH_KERNEL
