// The coefficients of H(X)·Z(X) = A(X)·B(X) − C(X) in the form that a `.zkey` wants: the values of A·B − C at the odd
// powers of a 2n-th root of unity g. C's values on the domain are the products of A's and B's, so C is never stored.
//
// With y = toValues(x), the coefficient at position i is y[−i mod n]/n. Its shift to the coset is g^i, and for j = −i mod n
// that is −g^(−j) except at j = 0. The second transform then gives the value at g·w^(−k) in place k.
#pragma once
#include "proving-key.h"

namespace VOUCH_KERNEL {

/** Terms that are multiplied before their rows are summed. */
constexpr uint32_t kTermBatch = 256;

/**
 * Coefficients times the values of their wires. A key stores coefficients times 2^512, so that a product with a plain scalar
 * is in Montgomery form.
 */
inline void multiplyTerms(const KeyFile& file, const uint8_t* terms, size_t count, const uint8_t* witness, Fr* out) {
  const auto within = [](uint32_t index, uint32_t bound) { return static_cast<size_t>(index < bound ? index : bound - 1); };
  const auto coefficient = [&](size_t i) {
    return file.values + file.valueStride * within(load<Term>(terms + sizeof(Term) * i).place, file.valueCount);
  };
  const auto value = [&](size_t i) {
    return witness + kScalarBytes * within(load<Term>(terms + sizeof(Term) * i).wire, file.wires);
  };
  for (size_t i = productLanes(out, count, coefficient, value); i < count; i++) {
    const Fr scalar = load<Fr>(value(i));
    out[i] = isZero(scalar) ? Fr::zero() : multiply(load<Fr>(coefficient(i)), scalar);
  }
}

/** Values of one matrix's rows for a witness. */
inline void evaluateRows(VouchPool& pool, const ProvingKey& key, uint32_t matrix, const uint8_t* witness, Fr* out) {
  const RowTerms& rows = key.rows[matrix];
  forRanges(pool, key.file.domain(), 256, [&](size_t from, size_t to, uint32_t) {
    Fr products[kTermBatch];
    uint32_t first = rows.starts[from];
    uint32_t ready = first;
    for (size_t row = from; row < to; row++) {
      Fr total = Fr::zero();
      for (uint32_t i = rows.starts[row]; i < rows.starts[row + 1]; i++) {
        if (i == ready) {
          first = ready;
          ready = rows.starts[to] - first < kTermBatch ? rows.starts[to] : first + kTermBatch;
          multiplyTerms(key.file, rows.terms + sizeof(Term) * first, ready - first, witness, products);
        }
        if (!isZero(products[i - first])) total = add(total, products[i - first]);
      }
      out[row] = total;
    }
  });
}

/** Values on the domain to values on the coset, the latter with reversed index. */
inline void toCoset(VouchPool& pool, const ProvingKey& key, Fr* values) {
  const size_t domain = key.file.domain();
  toValues(pool, values, domain, key.roots.data());
  forRanges(pool, domain, 1024, [&](size_t from, size_t to, uint32_t) {
    for (size_t i = multiplyLanes(values, values, key.shift.data(), from, to); i < to; i++) {
      values[i] = multiply(values[i], key.shift[i]);
    }
  });
  fromReversed(pool, values, domain, key.roots.data());
}

/**
 * Writes the scalars of the H points, canonical, 32 bytes each. `work` has room for three times the domain, for two where
 * the key is folded: then the products A·B alone are the scalars.
 */
inline Status computeH(VouchPool& pool, const ProvingKey& key, const uint8_t* witness, Fr* work, Integer* out) {
  const size_t domain = key.file.domain();
  Fr* a = work;
  Fr* b = work + domain;
  Fr* c = key.isFolded ? nullptr : work + 2 * domain;
  evaluateRows(pool, key, 0, witness, a);
  evaluateRows(pool, key, 1, witness, b);
  if (c != nullptr) {
    forRanges(pool, domain, 1024, [&](size_t from, size_t to, uint32_t) {
      for (size_t i = multiplyLanes(c, a, b, from, to); i < to; i++) c[i] = multiply(a[i], b[i]);
    });
  }
  Fr* const all[] = {a, b, c};
  for (Fr* values : all) {
    if (isCancelled(pool)) return Status::kCancelled;
    if (values != nullptr) toCoset(pool, key, values);
  }
  forRanges(pool, domain, 1024, [&](size_t from, size_t to, uint32_t) {
    for (size_t i = joinLanes(out, a, b, c, domain, from, to); i < to; i++) {
      const size_t at = (domain - i) & (domain - 1);
      const Fr product = multiply(a[at], b[at]);
      out[i] = toInteger(c == nullptr ? product : subtract(product, c[at]));
    }
  });
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

}  // namespace VOUCH_KERNEL
