// Eight field elements side by side, each in five limbs of 52 bits, the width of the IFMA instructions.
//
// Products are divided by 2^260, not by 2^256 as in memory; whoever multiplies accounts for the factor. A product is
// reduced from below: N = k·m with k = −1/m modulo 2^52 is −1 modulo 2^52, so adding q·N clears a low limb when q is that
// limb itself. Four limbs go this way; the fifth takes a multiple of m, which leaves the result below 2·m.
//
// A limb has 12 spare bits and a product 6, so sums need not be reduced. How much they have grown is part of their type:
// `Vector<M, b>` is at most b·m in limbs below 2^52, `Loose<M, b>` is the same before carrying, with signed limbs, and only
// `Canonical<M>` is what memory holds. A sum that grew too far for the next step does not compile.
#pragma once
#include "field.h"
#include "lanes.h"

namespace VOUCH_KERNEL {

constexpr int kLimbs = 5;
constexpr int kLimbBits = 52;
constexpr uint64_t kLimbMask = (1ull << kLimbBits) - 1;

struct Limbs {
  uint64_t limb[kLimbs];
};

constexpr Limbs toLimbs(const Integer& a) {
  Limbs r{};
  for (int i = 0; i < kLimbs; i++) {
    const int bit = kLimbBits * i;
    r.limb[i] = a.limb[bit / 64] >> (bit % 64);
    if (bit % 64 > 64 - kLimbBits && bit / 64 < 3) r.limb[i] |= a.limb[bit / 64 + 1] << (64 - bit % 64);
    r.limb[i] &= kLimbMask;
  }
  return r;
}

/** Columns of a product, each of 52 bits. */
struct Columns {
  uint64_t column[2 * kLimbs];
};

constexpr Columns productOf(const Limbs& a, const Limbs& b) {
  Columns r{};
  for (int i = 0; i < kLimbs; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < kLimbs; j++) {
      const Wide product = static_cast<Wide>(a.limb[i]) * b.limb[j] + r.column[i + j] + carry;
      r.column[i + j] = static_cast<uint64_t>(product) & kLimbMask;
      carry = static_cast<uint64_t>(product >> kLimbBits);
    }
    r.column[i + kLimbs] = carry;
  }
  return r;
}

constexpr Columns scaled(const Columns& a, uint64_t factor) {
  Columns r{};
  uint64_t carry = 0;
  for (int i = 0; i < 2 * kLimbs; i++) {
    const uint64_t sum = a.column[i] * factor + carry;
    r.column[i] = sum & kLimbMask;
    carry = sum >> kLimbBits;
  }
  return r;
}

/** What the reduction needs of a modulus. */
template <class M>
struct VectorModulus {
  static constexpr uint64_t negatedInverse52 = negatedInverse(M::value.limb[0]) & kLimbMask;
  static constexpr Limbs limbs = toLimbs(M::value);

  /** (k·m + 1) / 2^52 with k = negatedInverse52. */
  static constexpr Limbs reducer() {
    const Columns multiple = productOf(limbs, Limbs{{negatedInverse52, 0, 0, 0, 0}});
    Limbs r{};
    uint64_t carry = 1;  // The low limb of k·m is 2^52 − 1.
    for (int i = 0; i < kLimbs; i++) {
      const uint64_t sum = multiple.column[i + 1] + carry;
      r.limb[i] = sum & kLimbMask;
      carry = sum >> kLimbBits;
    }
    return r;
  }

  /** i·m for i < 8, by limb. */
  struct Multiples {
    alignas(64) uint64_t limb[kLimbs][kLanes];
  };
  static constexpr Multiples multiples() {
    Multiples r{};
    for (uint32_t i = 0; i < kLanes; i++) {
      const Columns multiple = productOf(limbs, Limbs{{i, 0, 0, 0, 0}});
      for (int j = 0; j < kLimbs; j++) r.limb[j][i] = multiple.column[j];
    }
    return r;
  }

  /** ⌊2^305 / m⌋: the top limb times this, divided by 2^97, is the quotient by m. */
  static constexpr uint64_t quotient() {
    Integer rest{{1, 0, 0, 0}};
    uint64_t r = 0;
    for (int i = 0; i < 305; i++) {
      rest = sum(rest, rest);
      r *= 2;
      if (isBelow(rest, M::value)) continue;
      rest = difference(rest, M::value);
      r++;
    }
    return r;
  }

  static constexpr Limbs kReducer = reducer();
  static constexpr Multiples kMultiples = multiples();
  static constexpr uint64_t kQuotient = quotient();
};

template <class M, uint32_t kBound>
struct Vector {
  Lanes limb[kLimbs];
};

template <class M>
struct Canonical : Vector<M, 1> {};

template <class M, uint32_t kBound>
struct Loose {
  Lanes limb[kLimbs];
};

/** An unreduced product or a sum of such: at most kBound·m². */
template <class M, uint32_t kBound>
struct Product {
  Lanes column[2 * kLimbs];
};

/** A product may be at most this many m² for its reduction to end below 2·m: m/2^260 < 1/84 and k/2^52 < 1/7. */
constexpr uint32_t kMostProduct = 72;

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Loose<M, kA + kB> add(const Vector<M, kA>& a, const Vector<M, kB>& b) {
  Loose<M, kA + kB> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a.limb[i] + b.limb[i];
  return r;
}

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Loose<M, kA + kB> add(const Loose<M, kA>& a, const Loose<M, kB>& b) {
  Loose<M, kA + kB> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a.limb[i] + b.limb[i];
  return r;
}

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Loose<M, kA + kB> add(const Loose<M, kA>& a, const Vector<M, kB>& b) {
  Loose<M, kA + kB> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a.limb[i] + b.limb[i];
  return r;
}

/** a − b + kB·m */
template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE Loose<M, kA + kB> subtractLanes(const Lanes* a, const Lanes* b) {
  static_assert(kB < kLanes);
  Loose<M, kA + kB> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a[i] - b[i] + VectorModulus<M>::kMultiples.limb[i][kB];
  return r;
}

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE auto subtract(const Vector<M, kA>& a, const Vector<M, kB>& b) {
  return subtractLanes<M, kA, kB>(a.limb, b.limb);
}

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE auto subtract(const Loose<M, kA>& a, const Vector<M, kB>& b) {
  return subtractLanes<M, kA, kB>(a.limb, b.limb);
}

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE auto subtract(const Vector<M, kA>& a, const Loose<M, kB>& b) {
  return subtractLanes<M, kA, kB>(a.limb, b.limb);
}

template <class M, uint32_t kA, uint32_t kB>
VOUCH_INLINE auto subtract(const Loose<M, kA>& a, const Loose<M, kB>& b) {
  return subtractLanes<M, kA, kB>(a.limb, b.limb);
}

/** m − a where the mask holds, else a. */
template <class M>
VOUCH_INLINE Loose<M, 1> negateWhere(SignedLanes mask, const Canonical<M>& a) {
  Loose<M, 1> r;
  for (int i = 0; i < kLimbs; i++) {
    r.limb[i] = mask ? VectorModulus<M>::limbs.limb[i] - a.limb[i] : a.limb[i];
  }
  return r;
}

template <uint32_t kShift, class M, uint32_t kBound>
VOUCH_INLINE Loose<M, (kBound << kShift)> shiftLeft(const Loose<M, kBound>& a) {
  Loose<M, (kBound << kShift)> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a.limb[i] << kShift;
  return r;
}

VOUCH_INLINE void carryLanes(Lanes* limb) {
  for (int i = 0; i + 1 < kLimbs; i++) {
    limb[i + 1] += shiftSigned(limb[i], kLimbBits);
    limb[i] &= kLimbMask;
  }
}

template <class M, uint32_t kBound>
VOUCH_INLINE Vector<M, kBound> carry(const Loose<M, kBound>& a) {
  Vector<M, kBound> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a.limb[i];
  carryLanes(r.limb);
  return r;
}

/** Mends lanes whose quotient was one too small or too large. */
template <class M>
__attribute__((noinline, cold)) void mendQuotient(Lanes* limb) {
  constexpr const Limbs& m = VectorModulus<M>::limbs;
  const SignedLanes negative = (SignedLanes)limb[kLimbs - 1] < 0;
  for (int i = 0; i < kLimbs; i++) limb[i] += negative ? splat(m.limb[i]) : Lanes{};
  carryLanes(limb);
  Lanes less[kLimbs];
  for (int i = 0; i < kLimbs; i++) less[i] = limb[i] - m.limb[i];
  carryLanes(less);
  const SignedLanes below = (SignedLanes)less[kLimbs - 1] < 0;
  for (int i = 0; i < kLimbs; i++) limb[i] = below ? limb[i] : less[i];
}

/**
 * Reduces fully. The quotient by m comes from the top limb and is right unless the number lies within 2^−40·m of a multiple
 * of m; then what is left is negative or has a top limb not below that of m.
 */
template <class M, uint32_t kBound>
VOUCH_INLINE Canonical<M> canonical(const Loose<M, kBound>& a) {
  static_assert(kBound < kLanes);
  using Modulus = VectorModulus<M>;
  const SignedLanes top = (SignedLanes)a.limb[kLimbs - 1];
  const Lanes quotient = addHigh(Lanes{}, (Lanes)(top > 0 ? top : SignedLanes{}), splat(Modulus::kQuotient)) >> 45;
  Canonical<M> r;
  for (int i = 0; i < kLimbs; i++) {
    Lanes multiples;
    __builtin_memcpy(&multiples, Modulus::kMultiples.limb[i], sizeof multiples);
    r.limb[i] = a.limb[i] - lookUp(multiples, quotient);
  }
  carryLanes(r.limb);
  const SignedLanes doubtful = r.limb[kLimbs - 1] >= Modulus::limbs.limb[kLimbs - 1];
  if (__builtin_expect(bitsOf(doubtful) != 0, 0)) mendQuotient<M>(r.limb);
  return r;
}

template <class M, uint32_t kBound>
VOUCH_INLINE Canonical<M> canonical(const Vector<M, kBound>& a) {
  Loose<M, kBound> loose;
  for (int i = 0; i < kLimbs; i++) loose.limb[i] = a.limb[i];
  return canonical(loose);
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
  static_assert(kBound <= kMostProduct);
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

/** The elements whose words these are, times 2^kShift. */
template <class M, int kShift = 0>
VOUCH_INLINE auto cut(const Words& words) {
  Vector<M, 1u << kShift> r;
  for (int i = 0; i < kLimbs; i++) {
    const int bit = kLimbBits * i - kShift;
    if (bit < 0) {
      r.limb[i] = words.word[0] << -bit & kLimbMask;
      continue;
    }
    Lanes value = words.word[bit / 64] >> bit % 64;
    if (bit % 64 > 64 - kLimbBits && bit / 64 < 3) value |= words.word[bit / 64 + 1] << (64 - bit % 64);
    r.limb[i] = i + 1 < kLimbs ? value & kLimbMask : value;
  }
  return r;
}

template <class M>
VOUCH_INLINE Canonical<M> cutCanonical(const Words& words) {
  return {cut<M>(words)};
}

template <class M>
VOUCH_INLINE Words join(const Canonical<M>& a) {
  const Lanes* l = a.limb;
  return {{l[0] | l[1] << 52, l[1] >> 12 | l[2] << 40, l[2] >> 24 | l[3] << 28, l[3] >> 36 | l[4] << 16}};
}

/** Puts one element into a lane. */
template <class M, uint32_t kBound>
inline void setLane(Vector<M, kBound>& a, uint32_t lane, const Field<M>& value) {
  const Limbs limbs = toLimbs(Integer{{value.limb[0], value.limb[1], value.limb[2], value.limb[3]}});
  for (int i = 0; i < kLimbs; i++) a.limb[i][lane] = limbs.limb[i];
}

/** The same element in every lane. */
template <class M>
inline Vector<M, 1> broadcast(const Field<M>& value) {
  const Limbs limbs = toLimbs(Integer{{value.limb[0], value.limb[1], value.limb[2], value.limb[3]}});
  Vector<M, 1> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = splat(limbs.limb[i]);
  return r;
}

/** A weaker statement about the same numbers. */
template <uint32_t kWider, class M, uint32_t kBound>
VOUCH_INLINE Vector<M, kWider> widen(const Vector<M, kBound>& a) {
  static_assert(kWider >= kBound);
  Vector<M, kWider> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a.limb[i];
  return r;
}

}  // namespace VOUCH_KERNEL
