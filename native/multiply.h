// The limb arithmetic under the fields: with BMI2 and ADX, with 64×64→128-bit products, or (WebAssembly) with doubles, two
// products at a time. The first two interleave the rows of a·b with their reduction. The modulus has 254 bits, so a row's
// two carry chains end in one word that cannot overflow, and a result before the last subtraction is below 2·modulus.
#pragma once
#include <stdint.h>

#if defined(__x86_64__) && defined(__ADX__) && defined(__BMI2__)
#include "multiply-adx.h"
#elif defined(__SIZEOF_INT128__) && !defined(__wasm__)
#include "multiply-portable.h"
#elif defined(__wasm_relaxed_simd__)
#include "multiply-fma.h"
#else
#include "multiply-double.h"
#endif

namespace VOUCH_KERNEL {

using Wide = unsigned __int128;

/** r = a − m where a ≥ m, else a; for a below 2·m. */
inline void reduceOnce(uint64_t* r, const uint64_t* a, const uint64_t* m) {
  uint64_t t[4];
  uint64_t borrow = 0;
  for (int i = 0; i < 4; i++) {
    const Wide d = static_cast<Wide>(a[i]) - m[i] - borrow;
    t[i] = static_cast<uint64_t>(d);
    borrow = static_cast<uint64_t>(d >> 64) & 1;
  }
  for (int i = 0; i < 4; i++) r[i] = borrow != 0 ? a[i] : t[i];
}

inline void addLimbs(uint64_t* r, const uint64_t* a, const uint64_t* b, const uint64_t* m) {
  uint64_t t[4];
  uint64_t carry = 0;
  for (int i = 0; i < 4; i++) {
    const Wide s = static_cast<Wide>(a[i]) + b[i] + carry;
    t[i] = static_cast<uint64_t>(s);
    carry = static_cast<uint64_t>(s >> 64);
  }
  reduceOnce(r, t, m);
}

inline void subtractLimbs(uint64_t* r, const uint64_t* a, const uint64_t* b, const uint64_t* m) {
  uint64_t t[4];
  uint64_t borrow = 0;
  for (int i = 0; i < 4; i++) {
    const Wide d = static_cast<Wide>(a[i]) - b[i] - borrow;
    t[i] = static_cast<uint64_t>(d);
    borrow = static_cast<uint64_t>(d >> 64) & 1;
  }
  const uint64_t mask = 0 - borrow;
  uint64_t carry = 0;
  for (int i = 0; i < 4; i++) {
    const Wide s = static_cast<Wide>(t[i]) + (m[i] & mask) + carry;
    r[i] = static_cast<uint64_t>(s);
    carry = static_cast<uint64_t>(s >> 64);
  }
}

}  // namespace VOUCH_KERNEL
