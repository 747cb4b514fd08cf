// Constants of a modulus in limbs of 52 bits, derived by the compiler.
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

}  // namespace VOUCH_KERNEL
