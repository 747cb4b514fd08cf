// Products of eight field elements. They are divided by 2^260, not by 2^256 as in memory; whoever multiplies accounts for
// the factor. A product is reduced from below: N = k·m with k = −1/m modulo 2^52 is −1 modulo 2^52, so adding q·N clears a
// low limb when q is that limb itself. Four limbs go this way; the fifth takes a multiple of m, which leaves the result
// below 2·m.
#pragma once
#include "vector-field.h"

namespace VOUCH_KERNEL {

/** An unreduced product or a sum of such: at most kBound·m². */
template <class M, uint32_t kBound>
struct Product {
  Lanes column[2 * kLimbs];
};

/** A product may be at most this many m² for its reduction to end below 2·m. */
constexpr uint32_t kMostProduct = 72;
/** What that rests on: kRadixRatio·m < 2^260 and kInverseRatio·k < 2^52. */
constexpr uint64_t kRadixRatio = 84;
constexpr uint64_t kInverseRatio = 7;

/**
 * The reduction of B·m² adds less than 2^208·k·m, then less than 2^260·m, and divides by 2^260. What is left is below
 * (B·m/2^260 + k/2^52 + 1)·m, and the first two terms must be at most 1 together.
 */
template <class M>
constexpr bool endsBelowTwice() {
  using Modulus = VectorModulus<M>;
  constexpr uint64_t limit = 1ull << kLimbBits;
  return Modulus::limbs.limb[kLimbs - 1] + 1 <= limit / kRadixRatio && Modulus::negatedInverse52 < limit / kInverseRatio &&
         kMostProduct * kInverseRatio + kRadixRatio <= kRadixRatio * kInverseRatio;
}

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Product<M, kA * kB> multiplyWide(const Vector<M, kA>& a, const Vector<M, kB>& b) {
  Product<M, kA * kB> r;
  for (int k = 0; k < 2 * kLimbs; k++) {
    Lanes sum{};
    for (int i = 0; i < kLimbs; i++) {
      if (k - 1 - i >= 0 && k - 1 - i < kLimbs) sum = addHigh(sum, a.limb[i], b.limb[k - 1 - i]);
    }
    for (int i = 0; i < kLimbs; i++) {
      if (k - i >= 0 && k - i < kLimbs) sum = addLow(sum, a.limb[i], b.limb[k - i]);
    }
    r.column[k] = sum;
  }
  return r;
}

/** Each product of two different limbs once, doubled as a column: a doubled limb would not fit 52 bits. */
template <class M, uint32_t kA>
VOUCH_INLINE Product<M, kA * kA> squareWide(const Vector<M, kA>& a) {
  Product<M, kA * kA> r;
  for (int k = 0; k < 2 * kLimbs; k++) {
    Lanes sum{};
    for (int i = 0; i < kLimbs; i++) {
      if (i < k - 1 - i && k - 1 - i < kLimbs) sum = addHigh(sum, a.limb[i], a.limb[k - 1 - i]);
    }
    for (int i = 0; i < kLimbs; i++) {
      if (i < k - i && k - i < kLimbs) sum = addLow(sum, a.limb[i], a.limb[k - i]);
    }
    sum += sum;
    if (k % 2 == 1) sum = addHigh(sum, a.limb[k / 2], a.limb[k / 2]);
    if (k % 2 == 0) sum = addLow(sum, a.limb[k / 2], a.limb[k / 2]);
    r.column[k] = sum;
  }
  return r;
}

/** a − b + kB·m² */
template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Product<M, kA + kB> subtract(const Product<M, kA>& a, const Product<M, kB>& b) {
  constexpr Columns offset = scaled(productOf(VectorModulus<M>::limbs, VectorModulus<M>::limbs), kB);
  Product<M, kA + kB> r;
  for (int i = 0; i < 2 * kLimbs; i++) r.column[i] = a.column[i] - b.column[i] + offset.column[i];
  return r;
}

/** a − b for b at most a. */
template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Product<M, kA> subtractPart(const Product<M, kA>& a, const Product<M, kB>& b) {
  Product<M, kA> r;
  for (int i = 0; i < 2 * kLimbs; i++) r.column[i] = a.column[i] - b.column[i];
  return r;
}

template <class M, uint32_t kBound>
VOUCH_INLINE Product<M, 2 * kBound> twice(const Product<M, kBound>& a) {
  Product<M, 2 * kBound> r;
  for (int i = 0; i < 2 * kLimbs; i++) r.column[i] = a.column[i] + a.column[i];
  return r;
}

/** a / 2^260 modulo m. Columns may be negative as long as the number is not. */
template <class M, uint32_t kBound>
VOUCH_INLINE Vector<M, 2> reduce(const Product<M, kBound>& a) {
  static_assert(kBound <= kMostProduct && endsBelowTwice<M>());
  using Modulus = VectorModulus<M>;
  constexpr const Limbs& n = Modulus::kReducer;
  constexpr const Limbs& m = Modulus::limbs;
  Lanes c[2 * kLimbs];
  for (int i = 0; i < 2 * kLimbs; i++) c[i] = a.column[i];
  for (int i = 0; i + 1 < kLimbs; i++) {
    c[i + 1] += shiftSigned(c[i], kLimbBits);
    for (int j = 0; j < kLimbs; j++) {
      c[i + 1 + j] = addLow(c[i + 1 + j], c[i], splat(n.limb[j]));
      c[i + 2 + j] = addHigh(c[i + 2 + j], c[i], splat(n.limb[j]));
    }
  }
  constexpr int last = kLimbs - 1;
  const Lanes q = addLow(Lanes{}, c[last], splat(Modulus::negatedInverse52));
  for (int j = 0; j < kLimbs; j++) {
    c[last + j] = addLow(c[last + j], q, splat(m.limb[j]));
    c[last + j + 1] = addHigh(c[last + j + 1], q, splat(m.limb[j]));
  }
  c[last + 1] += shiftSigned(c[last], kLimbBits);
  Vector<M, 2> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = c[kLimbs + i];
  carryLanes(r.limb);
  return r;
}

/** a·b / 2^260 */
template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Vector<M, 2> multiply(const Vector<M, kA>& a, const Vector<M, kB>& b) {
  return reduce(multiplyWide(a, b));
}

template <class M, uint32_t kA>
VOUCH_INLINE Vector<M, 2> square(const Vector<M, kA>& a) {
  return reduce(squareWide(a));
}

}  // namespace VOUCH_KERNEL
