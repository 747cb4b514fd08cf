// Butterflies and products of whole arrays, eight side by side. Memory holds x·2^256, a product divides by 2^260, and the
// missing 2^4 comes with the twiddle, whose words are cut four bits lower: that costs nothing. Every function takes as many
// elements as make whole vectors and returns how far it came; the scalar code does the rest.
#pragma once
#include "lanes.h"

#ifdef VOUCH_VECTOR
#include "vector-field.h"

namespace VOUCH_KERNEL {

using Scalars = Canonical<ScalarModulus>;
/** A factor of products whose result is again in memory's form. */
using Factors = Vector<ScalarModulus, 16>;

/** Where eight elements are. */
struct FieldPlaces {
  Fr* at[kLanes];

  const uint8_t* const* bytes() const { return reinterpret_cast<const uint8_t* const*>(at); }
};

VOUCH_INLINE FieldPlaces moved(const FieldPlaces& places, size_t elements) {
  FieldPlaces r;
  for (uint32_t i = 0; i < kLanes; i++) r.at[i] = places.at[i] + elements;
  return r;
}

VOUCH_INLINE FieldPlaces inARow(const Fr* first) {
  FieldPlaces r;
  for (uint32_t i = 0; i < kLanes; i++) r.at[i] = const_cast<Fr*>(first) + i;
  return r;
}

VOUCH_INLINE Scalars loadScalars(const FieldPlaces& places) { return cutCanonical<ScalarModulus>(gather(places.bytes())); }

VOUCH_INLINE Factors loadFactors(const FieldPlaces& places) { return cut<ScalarModulus, 4>(gather(places.bytes())); }

template <uint32_t kBound>
VOUCH_INLINE void storeScalars(const Loose<ScalarModulus, kBound>& a, const FieldPlaces& places) {
  scatter(join(canonical(a)), reinterpret_cast<uint8_t* const*>(places.at));
}

VOUCH_INLINE void storeScalars(const Vector<ScalarModulus, 2>& a, const FieldPlaces& places) {
  scatter(join(canonical(a)), reinterpret_cast<uint8_t* const*>(places.at));
}

/** The first elements of butterflies from … from + 7 of a layer, and their twiddles. */
struct Butterflies {
  FieldPlaces data, roots;
};

VOUCH_INLINE Butterflies butterfliesAt(Fr* data, const Fr* roots, size_t quarter, size_t from) {
  Butterflies r;
  for (uint32_t i = 0; i < kLanes; i++) {
    const size_t k = (from + i) & (quarter - 1);
    r.data.at[i] = data + (from + i - k) * 4 + k;
    r.roots.at[i] = const_cast<Fr*>(roots) + quarter + k;
  }
  return r;
}

/** forwardLayers */
inline size_t forwardLanes(Fr* data, size_t length, const Fr* roots, size_t from, size_t to) {
  const size_t quarter = length / 4;
  for (; from + kLanes <= to; from += kLanes) {
    const Butterflies places = butterfliesAt(data, roots, quarter, from);
    const FieldPlaces second = moved(places.data, quarter);
    const FieldPlaces third = moved(places.data, 2 * quarter);
    const FieldPlaces fourth = moved(places.data, 3 * quarter);
    const Scalars a = loadScalars(places.data);
    const Scalars b = loadScalars(second);
    const Scalars c = loadScalars(third);
    const Scalars d = loadScalars(fourth);
    const auto low = add(a, c);
    const auto high = add(b, d);
    const auto lowTurned = multiply(carry(subtract(a, c)), loadFactors(moved(places.roots, quarter)));
    const auto highTurned = multiply(carry(subtract(b, d)), loadFactors(moved(places.roots, 2 * quarter)));
    const Factors w = loadFactors(places.roots);
    storeScalars(add(low, high), places.data);
    storeScalars(multiply(carry(subtract(low, high)), w), second);
    storeScalars(add(lowTurned, highTurned), third);
    storeScalars(multiply(carry(subtract(lowTurned, highTurned)), w), fourth);
  }
  return from;
}

/** backwardLayers */
inline size_t backwardLanes(Fr* data, size_t length, const Fr* roots, size_t from, size_t to) {
  const size_t quarter = length / 4;
  for (; from + kLanes <= to; from += kLanes) {
    const Butterflies places = butterfliesAt(data, roots, quarter, from);
    const FieldPlaces second = moved(places.data, quarter);
    const FieldPlaces third = moved(places.data, 2 * quarter);
    const FieldPlaces fourth = moved(places.data, 3 * quarter);
    const Factors w = loadFactors(places.roots);
    const auto b = multiply(loadScalars(second), w);
    const auto d = multiply(loadScalars(fourth), w);
    const Scalars a = loadScalars(places.data);
    const Scalars c = loadScalars(third);
    const auto low = add(a, b);
    const auto high = subtract(a, b);
    const auto lowOther = multiply(carry(add(c, d)), loadFactors(moved(places.roots, quarter)));
    const auto highOther = multiply(carry(subtract(c, d)), loadFactors(moved(places.roots, 2 * quarter)));
    storeScalars(add(low, lowOther), places.data);
    storeScalars(subtract(low, lowOther), third);
    storeScalars(add(high, highOther), second);
    storeScalars(subtract(high, highOther), fourth);
  }
  return from;
}

/** out[i] = a[i]·b[i] */
inline size_t multiplyLanes(Fr* out, const Fr* a, const Fr* b, size_t from, size_t to) {
  for (; from + kLanes <= to; from += kLanes) {
    storeScalars(multiply(loadScalars(inARow(a + from)), loadFactors(inARow(b + from))), inARow(out + from));
  }
  return from;
}

/** out[i] = a[j]·b[j] − c[j] as integers, for j = −i modulo `size`, a power of two. */
inline size_t joinLanes(Integer* out, const Fr* a, const Fr* b, const Fr* c, size_t size, size_t from, size_t to) {
  const auto sixteen = broadcast(Fr{{16, 0, 0, 0}});
  for (; from + kLanes <= to; from += kLanes) {
    size_t at[kLanes];
    for (uint32_t i = 0; i < kLanes; i++) at[i] = (size - from - i) & (size - 1);
    const auto placesIn = [&](const Fr* array) {
      FieldPlaces r;
      for (uint32_t i = 0; i < kLanes; i++) r.at[i] = const_cast<Fr*>(array) + at[i];
      return r;
    };
    const auto product = multiply(loadScalars(placesIn(a)), loadFactors(placesIn(b)));
    const auto difference = carry(subtract(product, loadScalars(placesIn(c))));
    storeScalars(multiply(difference, sixteen), inARow(reinterpret_cast<Fr*>(out) + from));
  }
  return from;
}

}  // namespace VOUCH_KERNEL

#else

namespace VOUCH_KERNEL {

inline size_t forwardLanes(Fr*, size_t, const Fr*, size_t from, size_t) { return from; }
inline size_t backwardLanes(Fr*, size_t, const Fr*, size_t from, size_t) { return from; }
inline size_t multiplyLanes(Fr*, const Fr*, const Fr*, size_t from, size_t) { return from; }
inline size_t joinLanes(Integer*, const Fr*, const Fr*, const Fr*, size_t, size_t from, size_t) { return from; }

}  // namespace VOUCH_KERNEL

#endif
