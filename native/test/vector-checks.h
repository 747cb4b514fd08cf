// The arithmetic of the vector kernel against the scalar fields, on values at every edge: limbs of ones and zeros, numbers
// next to the modulus and its multiples, operands grown as far as their types allow. Runs anywhere a kernel runs.
#pragma once
#include "../vector-extension.h"

namespace VOUCH_KERNEL {

constexpr uint32_t kValues = 96;

struct CheckState {
  uint64_t random = 0x9e3779b97f4a7c15u;
  const char* failure = nullptr;

  uint64_t next() {
    random ^= random << 13;
    random ^= random >> 7;
    random ^= random << 17;
    return random * 0x2545f4914f6cdd1du;
  }
  void expect(bool holds, const char* what) {
    if (!holds && failure == nullptr) failure = what;
  }
};

/** Numbers below the modulus: edges first, then random ones. */
template <class M>
void fillValues(CheckState& state, Field<M>* values) {
  uint32_t count = 0;
  const auto put = [&](Integer value) {
    while (!isBelow(value, M::value)) value = difference(value, M::value);
    if (count < kValues) values[count++] = Field<M>::raw(value);
  };
  const Integer one{{1, 0, 0, 0}};
  put(Integer{});
  put(one);
  put(difference(M::value, one));
  put(difference(M::value, Integer{{2, 0, 0, 0}}));
  put(half(M::value));
  put(Field<M>::radix);
  for (int bit = 51; bit < 254; bit++) {
    if (bit % 52 > 1 && bit % 52 != 51) continue;
    Integer power{};
    power.limb[bit / 64] = 1ull << (bit % 64);
    put(power);
    put(difference(power, one));
    put(difference(M::value, power));
  }
  // Limbs of ones only, in every combination.
  for (uint32_t set = 1; set < 32; set++) {
    Integer value{};
    for (int bit = 0; bit < 253; bit++) {
      if ((set >> (bit / 52) & 1) != 0) value.limb[bit / 64] |= 1ull << (bit % 64);
    }
    put(value);
  }
  while (count < kValues) put(Integer{{state.next(), state.next(), state.next(), state.next() >> 2}});
}

template <class M>
Canonical<M> load(const Field<M>* values) {
  const uint8_t* at[kLanes];
  for (uint32_t i = 0; i < kLanes; i++) at[i] = reinterpret_cast<const uint8_t*>(values + i);
  return cutCanonical<M>(gather(at));
}

template <class M>
void store(const Canonical<M>& a, Field<M>* values) {
  uint8_t* at[kLanes];
  for (uint32_t i = 0; i < kLanes; i++) at[i] = reinterpret_cast<uint8_t*>(values + i);
  scatter(join(a), at);
}

template <class M, uint32_t kBound>
void store(const Vector<M, kBound>& a, Field<M>* values) {
  store(canonical(a), values);
}

/** Whether limbs fit 52 bits and are not negative, as further products require. */
template <class M, uint32_t kBound>
bool isCarried(const Vector<M, kBound>& a) {
  uint32_t wrong = 0;
  for (int i = 0; i < kLimbs; i++) wrong |= bitsOf((SignedLanes)(a.limb[i] > kLimbMask));
  return wrong == 0;
}

/** a + (kBound − 1)·m, the most that its type allows but for a. */
template <uint32_t kBound, class M>
Vector<M, kBound> grown(const Canonical<M>& a) {
  const Columns multiple = productOf(VectorModulus<M>::limbs, Limbs{{kBound - 1, 0, 0, 0, 0}});
  Loose<M, kBound> r;
  for (int i = 0; i < kLimbs; i++) r.limb[i] = a.limb[i] + multiple.column[i];
  return carry(r);
}

/** The product as vectors form it: divided by 2^260. */
template <class M>
Field<M> productOf260(const Field<M>& a, const Field<M>& b) {
  constexpr Integer down = powerOfTwo(M::value, 252);
  return multiply(multiply(a, b), Field<M>::raw(down));
}

template <class M>
void checkProducts(CheckState& state, const Field<M>* values) {
  Field<M> out[kLanes];
  for (uint32_t i = 0; i < kValues; i += kLanes) {
    for (uint32_t shift = 0; shift < kValues; shift += 5) {
      Field<M> other[kLanes];
      for (uint32_t j = 0; j < kLanes; j++) other[j] = values[(i + j * 3 + shift) % kValues];
      const Canonical<M> a = load(values + i);
      const Canonical<M> b = load(other);
      const auto agree = [&](const char* what) {
        for (uint32_t j = 0; j < kLanes; j++) state.expect(isEqual(out[j], productOf260(values[i + j], other[j])), what);
      };
      store(multiply(a, b), out);
      agree("products");
      store(multiply(grown<8>(a), grown<9>(b)), out);
      agree("products of the largest factors");
      store(multiply(grown<1>(a), grown<72>(b)), out);
      agree("products with one largest factor");
      store(square(grown<8>(a)), out);
      for (uint32_t j = 0; j < kLanes; j++) {
        state.expect(isEqual(out[j], productOf260(values[i + j], values[i + j])), "squares");
      }
      const auto least = reduce(subtract(multiplyWide(grown<6>(a), grown<6>(b)), multiplyWide(grown<6>(b), grown<6>(b))));
      state.expect(isCarried(least), "the sign of differences of products");
      store(least, out);
      for (uint32_t j = 0; j < kLanes; j++) {
        const Field<M> expected = subtract(productOf260(values[i + j], other[j]), productOf260(other[j], other[j]));
        state.expect(isEqual(out[j], expected), "differences of products");
      }
      store(canonical(subtract(add(grown<2>(a), grown<2>(b)), grown<3>(b))), out);
      for (uint32_t j = 0; j < kLanes; j++) state.expect(isEqual(out[j], values[i + j]), "sums and differences");
      const uint32_t bits = static_cast<uint32_t>(state.next() & 255);
      store(canonical(negateWhere(maskOf(bits), a)), out);
      for (uint32_t j = 0; j < kLanes; j++) {
        state.expect(isEqual(out[j], (bits >> j & 1) != 0 ? negate(values[i + j]) : values[i + j]), "negation");
      }
      state.expect(bitsOf(maskOf(bits)) == bits, "masks");
    }
  }
}

/** Numbers at and next to every multiple of the modulus, in limbs that were not carried. */
template <class M>
void checkReduction(CheckState& state) {
  for (uint32_t multiple = 0; multiple < kLanes; multiple++) {
    for (int64_t near = -3; near <= 3; near++) {
      if ((multiple == 0 && near < 0) || (multiple == 7 && near > 0)) continue;
      for (uint32_t skew = 0; skew < 16; skew++) {
        Loose<M, 7> a;
        for (int i = 0; i < kLimbs; i++) a.limb[i] = splat(VectorModulus<M>::kMultiples.limb[i][multiple]);
        a.limb[0] += static_cast<uint64_t>(near);
        for (int i = 0; i + 1 < kLimbs; i++) {
          // Moves one unit between neighbours, upwards or downwards, which leaves the number alone.
          const uint64_t unit = (skew >> i & 1) != 0 ? 1 : 0 - static_cast<uint64_t>(i % 2);
          a.limb[i] += unit << kLimbBits;
          a.limb[i + 1] -= unit;
        }
        Field<M> out[kLanes];
        store(canonical(a), out);
        Integer expected{{static_cast<uint64_t>(near < 0 ? -near : near), 0, 0, 0}};
        if (near < 0) expected = difference(M::value, expected);
        for (uint32_t j = 0; j < kLanes; j++) {
          state.expect(isEqual(out[j], Field<M>::raw(expected)), "reduction next to a multiple of the modulus");
        }
      }
    }
  }
}

template <class M>
void checkWords(CheckState& state, const Field<M>* values) {
  for (uint32_t i = 0; i < kValues; i += kLanes) {
    Field<M> out[kLanes];
    store(load(values + i), out);
    for (uint32_t j = 0; j < kLanes; j++) state.expect(isEqual(out[j], values[i + j]), "loading and storing");
    const uint8_t* at[kLanes];
    for (uint32_t j = 0; j < kLanes; j++) at[j] = reinterpret_cast<const uint8_t*>(values + i + j);
    store(multiply(cut<M, 4>(gather(at)), load(values + i)), out);
    for (uint32_t j = 0; j < kLanes; j++) {
      state.expect(isEqual(out[j], square(values[i + j])), "a factor taken sixteen times");
    }
    Vector<M, 2> lanes = widen<2>(broadcast(values[i]));
    setLane(lanes, i / kLanes % kLanes, values[i + 1]);
    store(lanes, out);
    for (uint32_t j = 0; j < kLanes; j++) {
      state.expect(isEqual(out[j], values[j == i / kLanes % kLanes ? i + 1 : i]), "setting a lane");
    }
  }
}

inline void checkExtension(CheckState& state, const Fq* values) {
  const auto times = [](const Fq2& a, const Fq2& b) {
    constexpr Integer down = powerOfTwo(BaseModulus::value, 252);
    return multiply(multiply(a, b), Fq2{Fq::raw(down), Fq::zero()});
  };
  for (uint32_t i = 0; i + kLanes < kValues; i += 3) {
    for (uint32_t shift = 0; shift < kValues; shift += 17) {
      Fq other[3][kLanes];
      for (uint32_t j = 0; j < kLanes; j++) {
        for (uint32_t k = 0; k < 3; k++) other[k][j] = values[(i + j * (k + 2) + shift * (k + 1)) % kValues];
      }
      const Complex a{grown<2>(load(values + i)), grown<2>(load(other[0]))};
      const Complex b{grown<8>(load(other[1])), grown<8>(load(other[2]))};
      Fq product[2][kLanes];
      Fq squared[2][kLanes];
      const auto c = multiply(a, b);
      const auto d = square(a);
      store(c.c0, product[0]);
      store(c.c1, product[1]);
      store(d.c0, squared[0]);
      store(d.c1, squared[1]);
      for (uint32_t j = 0; j < kLanes; j++) {
        const Fq2 left{values[i + j], other[0][j]};
        const Fq2 right{other[1][j], other[2][j]};
        state.expect(isEqual(Fq2{product[0][j], product[1][j]}, times(left, right)), "products in the extension");
        state.expect(isEqual(Fq2{squared[0][j], squared[1][j]}, times(left, left)), "squares in the extension");
      }
    }
  }
}

/** What is wrong first, or null. */
inline const char* checkVectors() {
  CheckState state;
  Fq base[kValues];
  Fr scalars[kValues];
  fillValues(state, base);
  fillValues(state, scalars);
  checkWords(state, base);
  checkWords(state, scalars);
  checkReduction<BaseModulus>(state);
  checkReduction<ScalarModulus>(state);
  checkProducts(state, base);
  checkProducts(state, scalars);
  checkExtension(state, base);
  return state.failure;
}

}  // namespace VOUCH_KERNEL
