// 256-bit integers as four little-endian 64-bit limbs. Everything here is constexpr, so that field constants are
// derived from the modulus by the compiler instead of being copied from a table.
#pragma once
#include <stddef.h>
#include <stdint.h>

namespace VOUCH_KERNEL {

struct Integer {
  uint64_t limb[4];
};

constexpr bool isZero(const Integer& a) { return (a.limb[0] | a.limb[1] | a.limb[2] | a.limb[3]) == 0; }

constexpr bool isBelow(const Integer& a, const Integer& b) {
  for (int i = 3; i > 0; i--) {
    if (a.limb[i] != b.limb[i]) return a.limb[i] < b.limb[i];
  }
  return a.limb[0] < b.limb[0];
}

/** a + b modulo 2^256. */
constexpr Integer sum(const Integer& a, const Integer& b) {
  Integer r{};
  uint64_t carry = 0;
  for (int i = 0; i < 4; i++) {
    const uint64_t partial = a.limb[i] + carry;
    carry = partial < carry;
    r.limb[i] = partial + b.limb[i];
    carry += r.limb[i] < partial;
  }
  return r;
}

/** a − b modulo 2^256. */
constexpr Integer difference(const Integer& a, const Integer& b) {
  Integer r{};
  uint64_t borrow = 0;
  for (int i = 0; i < 4; i++) {
    const uint64_t partial = a.limb[i] - borrow;
    borrow = partial > a.limb[i];
    r.limb[i] = partial - b.limb[i];
    borrow += r.limb[i] > partial;
  }
  return r;
}

constexpr Integer half(const Integer& a) {
  Integer r{};
  for (int i = 0; i < 4; i++) r.limb[i] = a.limb[i] >> 1 | (i < 3 ? a.limb[i + 1] << 63 : 0);
  return r;
}

constexpr uint32_t bitLength(const Integer& a) {
  for (int i = 3; i >= 0; i--) {
    if (a.limb[i] != 0) return static_cast<uint32_t>(64 * i + 64 - __builtin_clzll(a.limb[i]));
  }
  return 0;
}

/** Bits from `start` on, `count` ≤ 16 of them; bits from 256 on are zero. */
constexpr uint32_t bitsAt(const Integer& a, uint32_t start, uint32_t count) {
  const uint32_t index = start / 64;
  if (index > 3) return 0;
  const uint32_t shift = start % 64;
  uint64_t value = a.limb[index] >> shift;
  if (shift + count > 64 && index < 3) value |= a.limb[index + 1] << (64 - shift);
  return static_cast<uint32_t>(value) & ((1u << count) - 1);
}

/** 2^exponent modulo `modulus`, for a modulus of 254 bits. */
constexpr Integer powerOfTwo(const Integer& modulus, int exponent) {
  Integer r{{1, 0, 0, 0}};
  for (int i = 0; i < exponent; i++) {
    r = sum(r, r);
    if (!isBelow(r, modulus)) r = difference(r, modulus);
  }
  return r;
}

/** −1/odd modulo 2^64, by Newton's iteration: each step doubles the number of right bits, from 3. */
constexpr uint64_t negatedInverse(uint64_t odd) {
  uint64_t inverse = odd;
  for (int i = 0; i < 5; i++) inverse *= 2 - odd * inverse;
  return 0 - inverse;
}

/** (k·m + 1)/2^bits for k = −1/m modulo 2^bits: below m. */
constexpr Integer reducerOf(const Integer& m, int bits) {
  const uint64_t k = negatedInverse(m.limb[0]) & ((1ull << bits) - 1);
  unsigned __int128 carry = 1;
  uint64_t product[5] = {};
  for (int i = 0; i < 4; i++) {
    carry += static_cast<unsigned __int128>(k) * m.limb[i];
    product[i] = static_cast<uint64_t>(carry);
    carry >>= 64;
  }
  product[4] = static_cast<uint64_t>(carry);
  Integer r{};
  for (int i = 0; i < 4; i++) r.limb[i] = product[i] >> bits | product[i + 1] << (64 - bits);
  return r;
}

}  // namespace VOUCH_KERNEL
