// Montgomery product with 64×64→128-bit multiplication, for processors without BMI2 and ADX and for other machines.
#pragma once
#include <stdint.h>

namespace VOUCH_KERNEL {

inline void multiplyLimbs(uint64_t* r, const uint64_t* a, const uint64_t* b, const uint64_t* m, uint64_t inverse) {
  using Product = unsigned __int128;
  uint64_t t[4] = {0, 0, 0, 0};
  for (int i = 0; i < 4; i++) {
    Product product = static_cast<Product>(a[i]) * b[0] + t[0];
    uint64_t high = static_cast<uint64_t>(product >> 64);
    const uint64_t factor = static_cast<uint64_t>(product) * inverse;
    uint64_t carry = static_cast<uint64_t>((static_cast<Product>(factor) * m[0] + static_cast<uint64_t>(product)) >> 64);
    for (int j = 1; j < 4; j++) {
      product = static_cast<Product>(a[i]) * b[j] + t[j] + high;
      high = static_cast<uint64_t>(product >> 64);
      const Product reduced = static_cast<Product>(factor) * m[j] + static_cast<uint64_t>(product) + carry;
      t[j - 1] = static_cast<uint64_t>(reduced);
      carry = static_cast<uint64_t>(reduced >> 64);
    }
    t[3] = high + carry;
  }
  uint64_t d[4];
  uint64_t borrow = 0;
  for (int j = 0; j < 4; j++) {
    const Product x = static_cast<Product>(t[j]) - m[j] - borrow;
    d[j] = static_cast<uint64_t>(x);
    borrow = static_cast<uint64_t>(x >> 64) & 1;
  }
  for (int j = 0; j < 4; j++) r[j] = borrow != 0 ? t[j] : d[j];
}

}  // namespace VOUCH_KERNEL
