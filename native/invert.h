// Inversion modulo a 254-bit prime by the binary extended Euclidean algorithm, 31 steps at a time (T. Pornin, "Optimized
// Binary GCD for Modular Inversion", 2020). The steps run on 64-bit approximations of a and b: their 31 low bits, which are
// exact, and their 33 top bits, which decide comparisons nearly always; a wrong decision only makes a value negative, which
// is mended after each round. Invariant: a ≡ u·y and b ≡ v·y modulo m, b odd. 2·254 − 1 steps end in a = 0 and b = 1.
#pragma once
#include "integer.h"

namespace VOUCH_KERNEL {

using SignedWide = __int128;

/** 33 bits of `a` from bit `start` on, start ≤ 256 − 33. */
inline uint64_t topBits(const Integer& a, uint32_t start) {
  const uint32_t index = start / 64;
  const uint32_t shift = start % 64;
  uint64_t value = a.limb[index] >> shift;
  if (shift > 31 && index < 3) value |= a.limb[index + 1] << (64 - shift);
  return value & ((1ull << 33) - 1);
}

struct Limbs5 {
  uint64_t limb[5];
};

/** a·f + b·g in two's complement, for |f|, |g| ≤ 2^31. */
inline Limbs5 combine(const Integer& a, int64_t f, const Integer& b, int64_t g) {
  Limbs5 r;
  SignedWide carry = 0;
  for (int i = 0; i < 4; i++) {
    carry += static_cast<SignedWide>(a.limb[i]) * f + static_cast<SignedWide>(b.limb[i]) * g;
    r.limb[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  r.limb[4] = static_cast<uint64_t>(carry);
  return r;
}

/** a / 2^31 for a multiple that fits 256 bits in two's complement. */
inline Integer shiftRound(const Limbs5& a) {
  Integer r;
  for (int i = 0; i < 4; i++) r.limb[i] = a.limb[i] >> 31 | a.limb[i + 1] << 33;
  return r;
}

/** |a·f + b·g| / 2^31; turns the signs of f and g where the sum is negative. */
inline Integer nextValue(const Integer& a, int64_t& f, const Integer& b, int64_t& g) {
  const Limbs5 total = combine(a, f, b, g);
  const Integer r = shiftRound(total);
  if (static_cast<int64_t>(total.limb[4]) >= 0) return r;
  f = -f;
  g = -g;
  return difference(Integer{}, r);
}

/** (u·f + v·g) / 2^31 modulo m, in [0, m), for u and v in [0, m). */
inline Integer nextFactor(const Integer& u, int64_t f, const Integer& v, int64_t g, const Integer& m, uint64_t inverse) {
  Limbs5 total = combine(u, f, v, g);
  const uint64_t multiple = (total.limb[0] * inverse) & ((1ull << 31) - 1);
  SignedWide carry = 0;
  for (int i = 0; i < 4; i++) {
    carry += static_cast<SignedWide>(m.limb[i]) * static_cast<int64_t>(multiple) + total.limb[i];
    total.limb[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  total.limb[4] += static_cast<uint64_t>(carry);
  // |u·f + v·g| ≤ 2^31·m, so what is left lies in (−m, 2·m).
  Integer r = shiftRound(total);
  if (static_cast<int64_t>(total.limb[4]) < 0) r = sum(r, m);
  return isBelow(r, m) ? r : difference(r, m);
}

/** 1/y modulo m, and 0 for 0. `inverse` is −1/m modulo 2^64. */
inline Integer invertModulo(const Integer& y, const Integer& m, uint64_t inverse) {
  constexpr uint32_t kRounds = 17;
  constexpr uint64_t kLow = (1ull << 31) - 1;
  constexpr uint64_t kBias = 0x7fffffff;
  Integer a = y;
  Integer b = m;
  Integer u{{1, 0, 0, 0}};
  Integer v{};
  for (uint32_t round = 0; round < kRounds; round++) {
    uint32_t length = bitLength(a);
    const uint32_t other = bitLength(b);
    length = length < other ? other : length;
    length = length < 64 ? 64 : length;
    uint64_t x = (a.limb[0] & kLow) | topBits(a, length - 33) << 31;
    uint64_t z = (b.limb[0] & kLow) | topBits(b, length - 33) << 31;
    // Both factors of a row in one word: f + g·2^32.
    uint64_t forA = 1;
    uint64_t forB = 1ull << 32;
    for (uint32_t step = 0; step < 31; step++) {
      const uint64_t odd = 0 - (x & 1);
      const uint64_t swap = odd & (0 - static_cast<uint64_t>(x < z));
      const uint64_t values = (x ^ z) & swap;
      const uint64_t factors = (forA ^ forB) & swap;
      x = ((x ^ values) - ((z ^ values) & odd)) >> 1;
      z ^= values;
      forA ^= factors;
      forB ^= factors;
      forA -= forB & odd;
      forB <<= 1;
    }
    forA += kBias | kBias << 32;
    forB += kBias | kBias << 32;
    int64_t fa = static_cast<int64_t>(forA & 0xffffffff) - static_cast<int64_t>(kBias);
    int64_t ga = static_cast<int64_t>(forA >> 32) - static_cast<int64_t>(kBias);
    int64_t fb = static_cast<int64_t>(forB & 0xffffffff) - static_cast<int64_t>(kBias);
    int64_t gb = static_cast<int64_t>(forB >> 32) - static_cast<int64_t>(kBias);
    const Integer nextA = nextValue(a, fa, b, ga);
    b = nextValue(a, fb, b, gb);
    a = nextA;
    const Integer nextU = nextFactor(u, fa, v, ga, m, inverse);
    v = nextFactor(u, fb, v, gb, m, inverse);
    u = nextU;
  }
  return v;
}

}  // namespace VOUCH_KERNEL
