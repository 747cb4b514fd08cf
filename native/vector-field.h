// Eight field elements side by side, each in five limbs of 52 bits, the width of the IFMA instructions.
//
// A limb has 12 spare bits and a product 6, so sums need not be reduced. How much they have grown is part of their type:
// `Vector<M, b>` is at most b·m in limbs below 2^52, `Loose<M, b>` is the same before carrying, with signed limbs, and only
// `Canonical<M>` is what memory holds. A sum that grew too far for the next step does not compile.
#pragma once
#include "vector-modulus.h"

namespace VOUCH_KERNEL {

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
