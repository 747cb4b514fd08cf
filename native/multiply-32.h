// Montgomery product out of 32×32→64-bit multiplications, for WebAssembly. Operands are cut into nine limbs of 29 bits: a
// column then sums 18 products below 2^58 without a carry, and compilers turn neighbouring columns into vector operations.
// Eight rounds divide by 2^29 and the last by 2^24, which is 2^256 as everywhere else.
#pragma once
#include <stdint.h>

namespace VOUCH_KERNEL {

constexpr uint32_t kLimb29 = (1u << 29) - 1;

/** Nine limbs of 29 bits; the last has 24. */
inline void cut29(uint32_t* limbs, const uint64_t* a) {
  limbs[0] = static_cast<uint32_t>(a[0]) & kLimb29;
  limbs[1] = static_cast<uint32_t>(a[0] >> 29) & kLimb29;
  limbs[2] = static_cast<uint32_t>(a[0] >> 58 | a[1] << 6) & kLimb29;
  limbs[3] = static_cast<uint32_t>(a[1] >> 23) & kLimb29;
  limbs[4] = static_cast<uint32_t>(a[1] >> 52 | a[2] << 12) & kLimb29;
  limbs[5] = static_cast<uint32_t>(a[2] >> 17) & kLimb29;
  limbs[6] = static_cast<uint32_t>(a[2] >> 46 | a[3] << 18) & kLimb29;
  limbs[7] = static_cast<uint32_t>(a[3] >> 11) & kLimb29;
  limbs[8] = static_cast<uint32_t>(a[3] >> 40);
}

inline void multiplyLimbs(uint64_t* r, const uint64_t* a, const uint64_t* b, const uint64_t* m, uint64_t inverse) {
  uint32_t x[9], y[9], p[9];
  cut29(x, a);
  cut29(y, b);
  cut29(p, m);
  uint64_t t[9] = {};
#pragma clang loop unroll(full)
  for (int i = 0; i < 8; i++) {
    for (int j = 0; j < 9; j++) t[j] += static_cast<uint64_t>(x[i]) * y[j];
    const uint32_t factor = (static_cast<uint32_t>(t[0]) * static_cast<uint32_t>(inverse)) & kLimb29;
    for (int j = 0; j < 9; j++) t[j] += static_cast<uint64_t>(factor) * p[j];
    const uint64_t carry = t[0] >> 29;
    for (int j = 0; j < 8; j++) t[j] = t[j + 1];
    t[8] = 0;
    t[0] += carry;
  }
  for (int j = 0; j < 9; j++) t[j] += static_cast<uint64_t>(x[8]) * y[j];
  const uint32_t factor = (static_cast<uint32_t>(t[0]) * static_cast<uint32_t>(inverse)) & ((1u << 24) - 1);
  for (int j = 0; j < 9; j++) t[j] += static_cast<uint64_t>(factor) * p[j];
  for (int j = 0; j < 8; j++) {
    t[j + 1] += t[j] >> 29;
    t[j] &= kLimb29;
  }
  // The sum divided by 2^24: limb j stands at bit 29·j − 24.
  uint64_t s[4];
  s[0] = t[0] >> 24 | t[1] << 5 | t[2] << 34 | t[3] << 63;
  s[1] = t[3] >> 1 | t[4] << 28 | t[5] << 57;
  s[2] = t[5] >> 7 | t[6] << 22 | t[7] << 51;
  s[3] = t[7] >> 13 | t[8] << 16;
  uint64_t d[4];
  uint64_t borrow = 0;
  for (int j = 0; j < 4; j++) {
    const uint64_t partial = s[j] - borrow;
    borrow = partial > s[j];
    d[j] = partial - m[j];
    borrow += d[j] > partial;
  }
  for (int j = 0; j < 4; j++) r[j] = borrow != 0 ? s[j] : d[j];
}

}  // namespace VOUCH_KERNEL
