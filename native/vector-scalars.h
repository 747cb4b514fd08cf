// Butterflies and products of whole arrays, eight side by side. Memory holds x·2^256, a product divides by 2^260, and the
// missing 2^4 comes with the twiddle, whose words are cut four bits lower: that costs nothing. Every function takes as many
// elements as make whole vectors and returns how far it came; the scalar code does the rest.
#pragma once
#include "lanes.h"

#ifdef VOUCH_VECTOR
#include "vector-product.h"

namespace VOUCH_KERNEL {

using Scalars = Canonical<ScalarModulus>;
/** A factor of products whose result is again in memory's form. */
using Factors = Vector<ScalarModulus, 16>;

/** Eight elements anywhere. */
struct Scattered {
  Fr* at[kLanes];

  VOUCH_INLINE Scattered operator+(size_t elements) const {
    Scattered r;
    for (uint32_t i = 0; i < kLanes; i++) r.at[i] = at[i] + elements;
    return r;
  }
  VOUCH_INLINE Words words() const { return gather(reinterpret_cast<const uint8_t* const*>(at)); }
  VOUCH_INLINE void put(const Words& words) const { scatter(words, reinterpret_cast<uint8_t* const*>(at)); }
};

/** Eight elements in a row. */
struct InARow {
  Fr* first;

  VOUCH_INLINE InARow operator+(size_t elements) const { return {first + elements}; }
  VOUCH_INLINE Words words() const { return gatherRow(reinterpret_cast<const uint8_t*>(first)); }
  VOUCH_INLINE void put(const Words& words) const { scatterRow(words, reinterpret_cast<uint8_t*>(first)); }
};

template <class Places>
VOUCH_INLINE Scalars loadScalars(const Places& places) {
  return cutCanonical<ScalarModulus>(places.words());
}

template <class Places>
VOUCH_INLINE Factors loadFactors(const Places& places) {
  return cut<ScalarModulus, 4>(places.words());
}

template <class Places, class Values>
VOUCH_INLINE void storeScalars(const Values& a, const Places& places) {
  places.put(join(canonical(a)));
}

/** One step of forwardLayers. */
template <class Places>
VOUCH_INLINE void forwardStep(const Places& data, const Places& roots, size_t quarter) {
  const Scalars a = loadScalars(data);
  const Scalars b = loadScalars(data + quarter);
  const Scalars c = loadScalars(data + 2 * quarter);
  const Scalars d = loadScalars(data + 3 * quarter);
  const auto low = add(a, c);
  const auto high = add(b, d);
  const auto lowTurned = multiply(carry(subtract(a, c)), loadFactors(roots + quarter));
  const auto highTurned = multiply(carry(subtract(b, d)), loadFactors(roots + 2 * quarter));
  const Factors w = loadFactors(roots);
  storeScalars(add(low, high), data);
  storeScalars(multiply(carry(subtract(low, high)), w), data + quarter);
  storeScalars(add(lowTurned, highTurned), data + 2 * quarter);
  storeScalars(multiply(carry(subtract(lowTurned, highTurned)), w), data + 3 * quarter);
}

/** One step of backwardLayers. */
template <class Places>
VOUCH_INLINE void backwardStep(const Places& data, const Places& roots, size_t quarter) {
  const Factors w = loadFactors(roots);
  const auto b = multiply(loadScalars(data + quarter), w);
  const auto d = multiply(loadScalars(data + 3 * quarter), w);
  const Scalars a = loadScalars(data);
  const Scalars c = loadScalars(data + 2 * quarter);
  const auto low = add(a, b);
  const auto high = subtract(a, b);
  const auto lowOther = multiply(carry(add(c, d)), loadFactors(roots + quarter));
  const auto highOther = multiply(carry(subtract(c, d)), loadFactors(roots + 2 * quarter));
  storeScalars(add(low, lowOther), data);
  storeScalars(subtract(low, lowOther), data + 2 * quarter);
  storeScalars(add(high, highOther), data + quarter);
  storeScalars(subtract(high, highOther), data + 3 * quarter);
}

/** Calls step(first elements, twiddles) for each eight butterflies of a layer; in long layers they lie in a row. */
template <class Step>
VOUCH_INLINE size_t forButterflies(Fr* data, const Fr* roots, size_t quarter, size_t from, size_t to, const Step& step) {
  Fr* twiddles = const_cast<Fr*>(roots) + quarter;
  for (; from + kLanes <= to; from += kLanes) {
    if (quarter >= kLanes && from % kLanes == 0) {
      const size_t k = from & (quarter - 1);
      step(InARow{data + (from - k) * 4 + k}, InARow{twiddles + k});
      continue;
    }
    Scattered places, turns;
    for (uint32_t i = 0; i < kLanes; i++) {
      const size_t k = (from + i) & (quarter - 1);
      places.at[i] = data + (from + i - k) * 4 + k;
      turns.at[i] = twiddles + k;
    }
    step(places, turns);
  }
  return from;
}

/** forwardLayers */
inline size_t forwardLanes(Fr* data, size_t length, const Fr* roots, size_t from, size_t to) {
  return forButterflies(data, roots, length / 4, from, to, [&](const auto& places, const auto& twiddles)
                            __attribute__((always_inline)) { forwardStep(places, twiddles, length / 4); });
}

/** backwardLayers */
inline size_t backwardLanes(Fr* data, size_t length, const Fr* roots, size_t from, size_t to) {
  return forButterflies(data, roots, length / 4, from, to, [&](const auto& places, const auto& twiddles)
                            __attribute__((always_inline)) { backwardStep(places, twiddles, length / 4); });
}

/** out[i] = a[i]·b[i] */
inline size_t multiplyLanes(Fr* out, const Fr* a, const Fr* b, size_t from, size_t to) {
  for (; from + kLanes <= to; from += kLanes) {
    const Scalars left = loadScalars(InARow{const_cast<Fr*>(a) + from});
    storeScalars(multiply(left, loadFactors(InARow{const_cast<Fr*>(b) + from})), InARow{out + from});
  }
  return from;
}

/** out[i] = left(i)·right(i), which give the addresses of the factors. */
template <class Left, class Right>
inline size_t productLanes(Fr* out, size_t count, const Left& left, const Right& right) {
  size_t from = 0;
  for (; from + kLanes <= count; from += kLanes) {
    const uint8_t* lefts[kLanes];
    const uint8_t* rights[kLanes];
    Scattered places;
    for (uint32_t i = 0; i < kLanes; i++) {
      lefts[i] = left(from + i);
      rights[i] = right(from + i);
      places.at[i] = out + from + i;
    }
    const auto a = cutCanonical<ScalarModulus>(gather(lefts));
    storeScalars(multiply(a, cut<ScalarModulus, 4>(gather(rights))), places);
  }
  return from;
}

/** out[i] = a[j]·b[j] − c[j] as integers, for j = −i modulo `size`, a power of two; c may be null. */
inline size_t joinLanes(Integer* out, const Fr* a, const Fr* b, const Fr* c, size_t size, size_t from, size_t to) {
  const auto sixteen = broadcast(Fr{{16, 0, 0, 0}});
  for (; from + kLanes <= to; from += kLanes) {
    size_t at[kLanes];
    for (uint32_t i = 0; i < kLanes; i++) at[i] = (size - from - i) & (size - 1);
    const auto placesIn = [&](const Fr* array) {
      Scattered r;
      for (uint32_t i = 0; i < kLanes; i++) r.at[i] = const_cast<Fr*>(array) + at[i];
      return r;
    };
    Scattered result;
    for (uint32_t i = 0; i < kLanes; i++) result.at[i] = reinterpret_cast<Fr*>(out) + from + i;
    const auto product = multiply(loadScalars(placesIn(a)), loadFactors(placesIn(b)));
    if (c == nullptr) {
      storeScalars(multiply(product, sixteen), result);
    } else {
      storeScalars(multiply(carry(subtract(product, loadScalars(placesIn(c)))), sixteen), result);
    }
  }
  return from;
}

}  // namespace VOUCH_KERNEL

#else

namespace VOUCH_KERNEL {

inline size_t forwardLanes(Fr*, size_t, const Fr*, size_t from, size_t) { return from; }
inline size_t backwardLanes(Fr*, size_t, const Fr*, size_t from, size_t) { return from; }

#ifdef __wasm__

// Two at a time: one product alone costs as much.
inline size_t multiplyLanes(Fr* out, const Fr* a, const Fr* b, size_t from, size_t to) {
  multiplyEach(out + from, a + from, b + from, to - from);
  return to;
}

template <class Left, class Right>
inline size_t productLanes(Fr* out, size_t count, const Left& left, const Right& right) {
  size_t waiting = count;
  for (size_t i = 0; i < count; i++) {
    const Fr factor = load<Fr>(right(i));
    if (isZero(factor)) {
      out[i] = Fr::zero();
    } else if (waiting == count) {
      waiting = i;
    } else {
      multiplyTwo(out[waiting], load<Fr>(left(waiting)), load<Fr>(right(waiting)), out[i], load<Fr>(left(i)), factor);
      waiting = count;
    }
  }
  if (waiting < count) out[waiting] = multiply(load<Fr>(left(waiting)), load<Fr>(right(waiting)));
  return count;
}

inline size_t joinLanes(Integer* out, const Fr* a, const Fr* b, const Fr* c, size_t domain, size_t from, size_t to) {
  constexpr Fr kOne{{1, 0, 0, 0}};
  size_t i = from;
  for (; i + 1 < to; i += 2) {
    const size_t first = (domain - i) & (domain - 1);
    const size_t second = (domain - i - 1) & (domain - 1);
    Fr r[2];
    multiplyTwo(r[0], a[first], b[first], r[1], a[second], b[second]);
    if (c != nullptr) {
      r[0] = subtract(r[0], c[first]);
      r[1] = subtract(r[1], c[second]);
    }
    multiplyTwo(r[0], r[0], kOne, r[1], r[1], kOne);
    __builtin_memcpy(out + i, r, sizeof r);
  }
  return i;
}

#else

inline size_t multiplyLanes(Fr*, const Fr*, const Fr*, size_t from, size_t) { return from; }
template <class Left, class Right>
inline size_t productLanes(Fr*, size_t, const Left&, const Right&) {
  return 0;
}
inline size_t joinLanes(Integer*, const Fr*, const Fr*, const Fr*, size_t, size_t from, size_t) { return from; }

#endif

}  // namespace VOUCH_KERNEL

#endif
