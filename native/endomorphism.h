// The endomorphism φ(x, y) = (β·x, y) of G1, where β³ = 1. It multiplies points by λ with λ² + λ + 1 = 0 modulo r, so a
// scalar s = k₁ + k₂·λ with halves of 127 bits costs half as many doublings. The halves follow from the lattice of all (a, b)
// with a + b·λ = 0, which has the short basis (a₁, −b₁), (a₂, a₁): s minus the nearest of its points.
#pragma once
#include "curve.h"

namespace VOUCH_KERNEL {

constexpr Integer kBeta{{0x5763473177fffffeu, 0xd4f263f1acdb5c4fu, 0x59e26bcea0d48bacu, 0}};
constexpr Integer kShortA1{{0x89d3256894d213e3u, 0, 0, 0}};
constexpr Integer kShortB1{{0x8211bbeb7d4f1128u, 0x6f4d8248eeb859fcu, 0, 0}};
constexpr Integer kShortA2{{0x0be4e1541221250bu, 0x6f4d8248eeb859fdu, 0, 0}};
/** ⌊2^256·a₁ / r⌋ and ⌊2^256·b₁ / r⌋. */
constexpr Integer kQuotientA1{{0xd91d232ec7e0b3d7u, 2, 0, 0}};
constexpr Integer kQuotientB1{{0x7a7bd9d4391eb18du, 0x4ccef014a773d2cfu, 2, 0}};

/** a·b, of which the upper or the lower 256 bits. */
constexpr Integer productPart(const Integer& a, const Integer& b, bool isUpper) {
  uint64_t limb[8] = {};
  for (int i = 0; i < 4; i++) {
    uint64_t carry = 0;
    for (int j = 0; j < 4; j++) {
      const unsigned __int128 part = static_cast<unsigned __int128>(a.limb[i]) * b.limb[j] + limb[i + j] + carry;
      limb[i + j] = static_cast<uint64_t>(part);
      carry = static_cast<uint64_t>(part >> 64);
    }
    limb[i + 4] = carry;
  }
  const uint64_t* from = limb + (isUpper ? 4 : 0);
  return {{from[0], from[1], from[2], from[3]}};
}

/** 2^256 times what a quotient above lacks. */
constexpr Integer lackOf(const Integer& quotient) {
  return difference(Integer{}, productPart(quotient, ScalarModulus::value, false));
}

constexpr Integer nineEighths(const Integer& a) { return sum(a, half(half(half(a)))); }

/** Bits of a half: quotients, rounded down twice, leave at most one and an eighth of each basis vector. */
constexpr uint32_t kHalfBits = 127;
static_assert(bitLength(lackOf(kQuotientA1)) <= 253 && bitLength(lackOf(kQuotientB1)) <= 253);
static_assert(bitLength(nineEighths(sum(kShortA1, kShortA2))) <= kHalfBits &&
              bitLength(nineEighths(sum(kShortA1, kShortB1))) <= kHalfBits);

/** A magnitude and its sign. */
struct Half {
  Integer value;
  bool negative;
};

/** The half that a number modulo 2^256 stands for. */
inline Half toHalf(const Integer& a) {
  const bool negative = a.limb[3] >> 63 != 0;
  return {negative ? difference(Integer{}, a) : a, negative};
}

/** Writes k₁ and k₂ with s = k₁ + k₂·λ modulo r; s is below r. */
inline void splitScalar(const Integer& s, Half (&halves)[2]) {
  const Integer c1 = productPart(s, kQuotientA1, true);
  const Integer c2 = productPart(s, kQuotientB1, true);
  const Integer multiple = sum(productPart(c1, kShortA1, false), productPart(c2, kShortA2, false));
  halves[0] = toHalf(difference(s, multiple));
  halves[1] = toHalf(difference(productPart(c1, kShortB1, false), productPart(c2, kShortA1, false)));
}

}  // namespace VOUCH_KERNEL
