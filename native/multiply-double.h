// Two Montgomery products at once out of multiplications and additions of doubles, for WebAssembly without relaxed SIMD.
// Operands are cut into eleven digits of 23 or 24 bits: digit i starts at bit ⌈256·i/11⌉. A double holds a digit where it
// stands, as a multiple of a power of two, so that products of digits and carries need no shifts: the product of digits i
// and j is a multiple of what column i + j counts, because ⌈x⌉ + ⌈y⌉ ≥ ⌈x + y⌉.
//
// Columns are sums of products without any rounding, since all of them stay below 2^51 of their units (checked below). To
// add and take away 1.5·2^52 units of the next column rounds to such units; what is left is the column's digit, of either
// sign. Four rounds divide by two digits each with a multiple of the modulus that is −1 modulo 2^47, whose quotient is the
// two digits themselves; one divides by the next digit. The last two divide by the modulus m: 2^256 in all, as everywhere
// else. Their quotient is at most half of what it could be in size, so the result lies between −m and m.
#pragma once
#include "integer.h"
#include "two-lanes.h"

namespace VOUCH_KERNEL {

constexpr int kDigits = 11;

/** The bit where digit i starts. */
constexpr int placeOf(int i) { return (256 * i + kDigits - 1) / kDigits; }
constexpr int sizeOf(int i) { return placeOf(i + 1) - placeOf(i); }

constexpr double powerOf2(int exponent) {
  double r = 1;
  for (int i = 0; i < exponent; i++) r *= 2;
  return r;
}

/** A constant for both lanes, as memory holds it: one load, where a literal takes three instructions. */
struct TwoDoubles {
  double lane[2];
};
struct TwoWords {
  uint64_t lane[2];
};

VOUCH_LANES Doubles2 both(const TwoDoubles& constant) {
  Doubles2 r;
  __builtin_memcpy(&r, &constant, sizeof r);
  return r;
}
VOUCH_LANES Words2 both(const TwoWords& constant) {
  Words2 r;
  __builtin_memcpy(&r, &constant, sizeof r);
  return r;
}
VOUCH_LANES Doubles2 both(Doubles2 lanes) { return lanes; }

constexpr TwoDoubles splat(double value) { return {{value, value}}; }
constexpr TwoWords splat(uint64_t value) { return {{value, value}}; }

constexpr uint64_t bitsFrom(const Integer& a, int from, int to) {
  uint64_t r = 0;
  for (int bit = from; bit < to && bit < 256; bit++) r |= (a.limb[bit / 64] >> (bit % 64) & 1) << (bit - from);
  return r;
}

struct DigitConstants {
  /** Digits of the modulus, and of the reducers for one digit and for two times 2^24 and 2^47. */
  TwoDoubles modulus[kDigits], reducer[kDigits], longReducer[kDigits];
  /** −1/m modulo 2^46 in two parts. */
  TwoDoubles inverse[2];
  /** Rounds to units of digit i + 1. */
  TwoDoubles round[kDigits];
  /** Places two digits, from digit 2·i on, into a double. */
  TwoDoubles lift[6];
  /** Turns column 11 + i into an integer, and what that adds to it, except for a bias of 2^52, less the lower one's carry. */
  TwoDoubles drop[kDigits];
  TwoWords dropped[kDigits];
  /** The modulus in pieces of two digits. */
  TwoWords pieces[6];
};

constexpr DigitConstants digitConstants(const Integer& m) {
  DigitConstants c{};
  const Integer reducer = reducerOf(m, 24);
  const Integer longReducer = reducerOf(m, 47);
  for (int i = 0; i < kDigits; i++) {
    const int from = placeOf(i);
    const int to = placeOf(i + 1);
    const auto digitOf = [&](const Integer& a) { return static_cast<double>(bitsFrom(a, from, to)) * powerOf2(from); };
    c.modulus[i] = splat(digitOf(m));
    c.reducer[i] = splat(digitOf(reducer) * powerOf2(24));
    c.longReducer[i] = splat(digitOf(longReducer) * powerOf2(47));
    c.round[i] = splat(1.5 * powerOf2(52 + to));
    c.drop[i] = splat(1.5 * powerOf2(52 + 256 + from));
    const uint64_t exponent = (1023 + 52 + 256 + static_cast<uint64_t>(from)) << 52 | 1ull << 51;
    const uint64_t bias = i + 1 < kDigits ? 1ull << 52 : 0;
    c.dropped[i] = splat(exponent - bias + (i > 0 ? 1ull << (52 - sizeOf(i - 1)) : 0));
  }
  const uint64_t inverse = negatedInverse(m.limb[0]);
  c.inverse[0] = splat(static_cast<double>(inverse & ((1u << 23) - 1)));
  c.inverse[1] = splat(static_cast<double>(inverse >> 23 & ((1u << 23) - 1)) * powerOf2(23));
  for (int i = 0; i < 6; i++) {
    c.lift[i] = splat(powerOf2(52 + placeOf(2 * i)));
    c.pieces[i] = splat(bitsFrom(m, placeOf(2 * i), i < 5 ? placeOf(2 * i + 2) : 256));
  }
  return c;
}

/** A bound on all columns, in units of each, for operands below the modulus; also for sums of parts of them. */
constexpr double largestColumn(const Integer& m) {
  const DigitConstants c = digitConstants(m);
  double operand[kDigits] = {};
  double quotient[kDigits] = {};
  for (int i = 0; i < kDigits; i++) {
    quotient[i] = powerOf2(placeOf(i + 1) - 1);
    operand[i] = i % 2 == 0 ? quotient[i] : powerOf2(placeOf(i + 1));
  }
  operand[10] = c.modulus[10].lane[0] + powerOf2(placeOf(10));
  double columns[2 * kDigits + 1] = {};
  for (int i = 0; i < kDigits; i++) {
    for (int j = 0; j < kDigits; j++) {
      columns[i + j] += operand[i] * operand[j];
      if (i < 8) columns[i + j + 2] += quotient[i] * c.longReducer[j].lane[0];
      else if (i == 8) columns[i + j + 1] += quotient[i] * c.reducer[j].lane[0];
      else columns[i + j] += quotient[i] * c.modulus[j].lane[0];
    }
  }
  double largest = 0;
  for (int k = 0; k < 2 * kDigits; k++) {
    columns[k + 1] += k < kDigits ? columns[k] : 0;
    const double units = columns[k] / powerOf2(placeOf(k));
    largest = units > largest ? units : largest;
  }
  return largest;
}

template <class M>
inline constexpr DigitConstants kDigitConstants = digitConstants(M::value);

/** The constants in memory, where the compiler does not see them. */
template <class M>
VOUCH_LANES const DigitConstants& constantsOf() {
  static_assert(largestColumn(M::value) < powerOf2(51), "columns must be exact");
  const DigitConstants* constants = &kDigitConstants<M>;
  asm("" : "+r"(constants));
  return *constants;
}

/** Rounds to multiples of the unit of `constant`, 1.5·2^52 units. */
VOUCH_LANES Doubles2 rounded(Doubles2 a, const TwoDoubles& constant) { return (a + both(constant)) - both(constant); }

/** Two operands; even digits have either sign. */
VOUCH_LANES void cutTwo(Doubles2* digits, const DigitConstants& c, const uint64_t* a, const uint64_t* b) {
  const auto [w0, w1, w2, w3] = loadTwo(a, b).word;
  const Words2 mask46 = both((1ull << 46) - 1);
  const Words2 mask47 = both((1ull << 47) - 1);
  const Words2 pieces[6] = {w0 & mask47,        (w0 >> 47 | w1 << 17) & mask47, (w1 >> 30 | w2 << 34) & mask46,
                            w2 >> 12 & mask47, (w2 >> 59 | w3 << 5) & mask46,  w3 >> 41};
#pragma clang loop unroll(full)
  for (int i = 0; i < 6; i++) {
    const Doubles2 lift = both(c.lift[i]);
    const Doubles2 whole = reinterpret_cast<Doubles2>(pieces[i] | reinterpret_cast<Words2>(lift)) - lift;
    if (i == 5) {
      digits[10] = whole;
      break;
    }
    digits[2 * i + 1] = rounded(whole, c.round[2 * i]);
    digits[2 * i] = whole - digits[2 * i + 1];
  }
}

/** Columns 11 to 20, which stand for the result, reduced and put into words. */
VOUCH_LANES void finishTwo(uint64_t* a, uint64_t* b, const DigitConstants& c, const Doubles2* columns) {
  Words2 digits[kDigits];
#pragma clang loop unroll(full)
  for (int k = 0; k < kDigits; k++) {
    const Doubles2 column = k < 10 ? columns[k] : both(-0.0);
    digits[k] = reinterpret_cast<Words2>(column + both(c.drop[k])) - both(c.dropped[k]);
    if (k > 0) {
      digits[k] += digits[k - 1] >> sizeOf(k - 1);
      digits[k - 1] &= both((1ull << sizeOf(k - 1)) - 1);
    }
  }
  const Words2 isBelowZero = isNegative(digits[10]);
  Words2 p[6];
#pragma clang loop unroll(full)
  for (int k = 0; k < 6; k++) {
    p[k] = k < 5 ? digits[2 * k] | digits[2 * k + 1] << sizeOf(2 * k) : digits[10];
    p[k] += both(c.pieces[k]) & isBelowZero;
    if (k > 0) {
      const int size = sizeOf(2 * k - 2) + sizeOf(2 * k - 1);
      p[k] += p[k - 1] >> size;
      p[k - 1] &= both((1ull << size) - 1);
    }
  }
  storeTwo(a, b,
           {{p[0] | p[1] << 47, p[1] >> 17 | p[2] << 30, p[2] >> 34 | p[3] << 12 | p[4] << 59, p[4] >> 5 | p[5] << 41}});
}

/** r0 = a0·b0 and r1 = a1·b1; results may lie where operands do. */
template <class M>
inline void multiplyTwoLimbs(uint64_t* r0, uint64_t* r1, const uint64_t* a0, const uint64_t* b0, const uint64_t* a1,
                             const uint64_t* b1) {
  const DigitConstants& c = constantsOf<M>();
  Doubles2 x[kDigits];
  Doubles2 y[kDigits];
  cutTwo(x, c, a0, a1);
  cutTwo(y, c, b0, b1);
  // t[j] is column i + j, and column 8 + j in the end. To add −0 is to add nothing.
  Doubles2 t[14];
#pragma clang loop unroll(full)
  for (int j = 0; j < 14; j++) t[j] = both(-0.0);
  const auto addProducts = [&](int from, Doubles2 factor, const auto* digits) __attribute__((always_inline)) {
#pragma clang loop unroll(full)
    for (int j = 0; j < kDigits; j++) t[from + j] += factor * both(digits[j]);
  };
  // Carries are added last: they are what the next digit waits for.
  Doubles2 carry;
  const auto takeDigit = [&](int column, const TwoDoubles& round) __attribute__((always_inline)) {
    carry = rounded(t[column], round);
    return t[column] - carry;
  };
  // Not unrolled: there are no registers for more.
#pragma clang loop unroll(disable)
  for (int i = 0; i < 8; i += 2) {
    addProducts(0, x[i], y);
    const Doubles2 first = takeDigit(0, c.round[i]);
    addProducts(1, x[i + 1], y);
    t[1] += carry;
    const Doubles2 second = takeDigit(1, c.round[i + 1]);
    addProducts(2, first, c.longReducer);
    t[2] += carry;
    addProducts(3, second, c.longReducer);
#pragma clang loop unroll(full)
    for (int j = 0; j < 14; j++) t[j] = j < 12 ? t[j + 2] : both(-0.0);
  }
  addProducts(0, x[8], y);
  const Doubles2 single = takeDigit(0, c.round[8]);
  addProducts(1, x[9], y);
  t[1] += carry;
  addProducts(1, single, c.reducer);
  const Doubles2 first = takeDigit(1, c.round[9]);
  addProducts(2, x[10], y);
  t[2] += carry;
  const Doubles2 second = takeDigit(2, c.round[10]);
  t[3] += carry;
  // (first + second)·inverse modulo what two digits count.
  const Doubles2 low = first * both(c.inverse[0]);
  carry = rounded(low, c.round[9]);
  const Doubles2 high = first * both(c.inverse[1]) + second * both(c.inverse[0]) + carry;
  t[1] = first;
  t[2] = second;
  addProducts(1, low - carry, c.modulus);
  addProducts(2, high - rounded(high, c.round[10]), c.modulus);
  t[3] += t[1] + t[2];
  finishTwo(r0, r1, c, t + 3);
}

}  // namespace VOUCH_KERNEL
