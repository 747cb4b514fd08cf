// Two Montgomery products at once out of fused multiply-adds of doubles, for WebAssembly with relaxed SIMD (the method is
// N. Emmart's). Operands are cut into five limbs of 51 bits, each an exact double; the two products fill the two lanes.
//
// A product of limbs, below 2^103, is split without rounding: adding it to 2^103 leaves its upper part, a multiple of 2^51,
// in the sum's mantissa, and adding it to 2^103 + 3·2^51 minus that sum leaves the rest, which may be negative. Mantissas
// are added up as integers in columns of 64 bits; the bits that the exponents leave there are known beforehand and taken off
// at the start, together with a bias of 2^62 per column, so that carries are never negative.
//
// Four rounds divide by 2^51 with a multiple of the modulus that is −1 modulo 2^51, whose quotient is the low limb itself.
// The last divides by 2^52 with the modulus m: 2^256 in all, as everywhere else. The four leave less than a·b/2^204 + 2^51·m·(1 + 2^−50),
// so the result is below m/4 + 5/8·m + m before the last subtraction.
#pragma once
#include "integer.h"
#include "two-lanes.h"

namespace VOUCH_KERNEL {

constexpr int kLimbs51 = 5;
constexpr uint64_t kMask51 = (1ull << 51) - 1;

struct Limbs51 {
  uint64_t limb[kLimbs51];
};

/** a·2^shift in limbs of 51 bits, for a product below 2^255. */
constexpr Limbs51 cut51(const Integer& a, int shift) {
  Limbs51 r{};
  for (int bit = 0; bit < 51 * kLimbs51 - shift; bit++) {
    const int to = bit + shift;
    r.limb[to / 51] |= (a.limb[bit / 64] >> (bit % 64) & 1) << (to % 51);
  }
  return r;
}

struct Columns {
  uint64_t start[10];
};

/** What the columns hold at the start: a bias, less the next lower one's carry and the exponents that will be added. */
constexpr Columns startColumns() {
  constexpr uint64_t kLowerExponent = 0x4338000000000000u;
  constexpr uint64_t kUpperExponent = 0x4660000000000000u;
  Columns columns{};
  for (int k = 0; k < 10; k++) columns.start[k] = (k < 9 ? 1ull << 62 : 0) - (k > 0 ? 1ull << 11 : 0);
  for (int i = 0; i < kLimbs51; i++) {
    for (int j = 0; j < kLimbs51; j++) {
      const int reduced = i < 4 ? i + j + 1 : i + j;
      columns.start[i + j] -= kLowerExponent;
      columns.start[i + j + 1] -= kUpperExponent;
      columns.start[reduced] -= kLowerExponent;
      columns.start[reduced + 1] -= kUpperExponent;
    }
  }
  return columns;
}

/** Doubles of integers below 2^52. */
inline Doubles2 toDoubles(Words2 a) {
  return reinterpret_cast<Doubles2>(a | both(0x4330000000000000u)) - Doubles2{0x1p52, 0x1p52};
}

/** Adds the two parts of a·b to their columns. */
inline void addProduct(Words2& lower, Words2& upper, Doubles2 a, Doubles2 b) {
  constexpr double kUpper = 0x1p103;
  constexpr double kLower = 0x1p103 + 0x1.8p52;
  const Doubles2 high = __builtin_wasm_relaxed_madd_f64x2(a, b, Doubles2{kUpper, kUpper});
  const Doubles2 low = __builtin_wasm_relaxed_madd_f64x2(a, b, Doubles2{kLower, kLower} - high);
  upper += reinterpret_cast<Words2>(high);
  lower += reinterpret_cast<Words2>(low);
}

/** The limbs of a and b side by side. */
inline void cutTwo(Doubles2* limbs, const uint64_t* a, const uint64_t* b) {
  const auto [w0, w1, w2, w3] = loadTwo(a, b).word;
  const Words2 mask = both(kMask51);
  limbs[0] = toDoubles(w0 & mask);
  limbs[1] = toDoubles((w0 >> 51 | w1 << 13) & mask);
  limbs[2] = toDoubles((w1 >> 38 | w2 << 26) & mask);
  limbs[3] = toDoubles((w2 >> 25 | w3 << 39) & mask);
  limbs[4] = toDoubles(w3 >> 12);
}

/** Columns 5 to 9, which stand for the result times two, reduced and put into words. */
template <class M>
inline void finishTwo(uint64_t* a, uint64_t* b, const Words2* columns) {
  constexpr Limbs51 twiceModulus = cut51(M::value, 1);
  const Words2 mask = both(kMask51);
  Words2 limbs[kLimbs51];
  Words2 less[kLimbs51];
  Words2 borrow{};
#pragma clang loop unroll(full)
  for (int k = 0; k < kLimbs51; k++) {
    limbs[k] = k < 4 ? columns[k] & mask : columns[k];
    less[k] = limbs[k] - both(twiceModulus.limb[k]) - borrow;
    if (k == 4) break;
    borrow = less[k] >> 63;
    less[k] &= mask;
  }
  const Words2 isLess = isNegative(less[4]);
#pragma clang loop unroll(full)
  for (int k = 0; k < kLimbs51; k++) limbs[k] = (limbs[k] & isLess) | (less[k] & ~isLess);
  storeTwo(a, b,
           {{limbs[0] >> 1 | limbs[1] << 50, limbs[1] >> 14 | limbs[2] << 37, limbs[2] >> 27 | limbs[3] << 24,
             limbs[3] >> 40 | limbs[4] << 11}});
}

/** r0 = a0·b0 and r1 = a1·b1; results may lie where operands do. */
template <class M>
inline void multiplyTwoLimbs(uint64_t* r0, uint64_t* r1, const uint64_t* a0, const uint64_t* b0, const uint64_t* a1,
                             const uint64_t* b1) {
  constexpr Limbs51 reducer = cut51(reducerOf(M::value, 51), 0);
  constexpr Limbs51 modulus = cut51(M::value, 0);
  constexpr uint64_t inverse = negatedInverse(M::value.limb[0]);
  constexpr Columns columns = startColumns();
  const Words2 mask = both(kMask51);
  Doubles2 x[kLimbs51];
  Doubles2 y[kLimbs51];
  cutTwo(x, a0, a1);
  cutTwo(y, b0, b1);
  Words2 t[10];
#pragma clang loop unroll(full)
  for (int k = 0; k < 10; k++) t[k] = both(columns.start[k]);
#pragma clang loop unroll(full)
  for (int i = 0; i < kLimbs51; i++) {
#pragma clang loop unroll(full)
    for (int j = 0; j < kLimbs51; j++) addProduct(t[i + j], t[i + j + 1], x[i], y[j]);
    if (i == 4) break;
    const Doubles2 quotient = toDoubles(t[i] & mask);
    t[i + 1] += t[i] >> 51;
#pragma clang loop unroll(full)
    for (int j = 0; j < kLimbs51; j++) {
      const double limb = static_cast<double>(reducer.limb[j]);
      addProduct(t[i + j + 1], t[i + j + 2], quotient, Doubles2{limb, limb});
    }
  }
  // The product still to come into column 4 will take the exponent's bit 51 away.
  const Words2 low = t[4] + both(1ull << 51) + (t[5] << 51);
  const Doubles2 quotient = toDoubles((low * both(inverse)) & both((1ull << 52) - 1));
#pragma clang loop unroll(full)
  for (int j = 0; j < kLimbs51; j++) {
    const double limb = static_cast<double>(modulus.limb[j]);
    addProduct(t[4 + j], t[5 + j], quotient, Doubles2{limb, limb});
  }
#pragma clang loop unroll(full)
  for (int k = 4; k < 9; k++) t[k + 1] += t[k] >> 51;
  finishTwo<M>(r0, r1, t + 5);
}

}  // namespace VOUCH_KERNEL
