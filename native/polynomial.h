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
inline void multiplyTerms(const Zkey& file, const Term* terms, size_t count, const uint8_t* witness, Fr* out) {
  const auto coefficient = [&](size_t i) { return file.coefficients + kTermBytes * terms[i].place + kTermValue; };
  const auto value = [&](size_t i) { return witness + kScalarBytes * terms[i].wire; };
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
          multiplyTerms(key.file, rows.terms.data() + first, ready - first, witness, products);
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

/** Writes the scalars of the H points, canonical, 32 bytes each. `work` has room for three times the domain. */
inline Status computeH(VouchPool& pool, const ProvingKey& key, const uint8_t* witness, Fr* work, Integer* out) {
  const size_t domain = key.file.domain();
  Fr* a = work;
  Fr* b = work + domain;
  Fr* c = work + 2 * domain;
  evaluateRows(pool, key, 0, witness, a);
  evaluateRows(pool, key, 1, witness, b);
  forRanges(pool, domain, 1024, [&](size_t from, size_t to, uint32_t) {
    for (size_t i = multiplyLanes(c, a, b, from, to); i < to; i++) c[i] = multiply(a[i], b[i]);
  });
  for (Fr* values = work; values < work + 3 * domain; values += domain) {
    if (isCancelled(pool)) return Status::kCancelled;
    toCoset(pool, key, values);
  }
  forRanges(pool, domain, 1024, [&](size_t from, size_t to, uint32_t) {
    for (size_t i = joinLanes(out, a, b, c, domain, from, to); i < to; i++) {
      const size_t at = (domain - i) & (domain - 1);
      out[i] = toInteger(subtract(multiply(a[at], b[at]), c[at]));
    }
  });
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

}  // namespace VOUCH_KERNEL
