// A key made ready once and used for many proofs: the rows' terms in row order, roots of unity, the shift to the coset and
// which points are at infinity. The points and the values of the terms stay where the file has them. A file that changes after
// its check spoils a proof but cannot lead a read or a write astray, nor take away the blinding: δ₁ and the starts of rows are
// copied, and the indices of terms are copied from a `.zkey`, and bounded again where they are used.
#pragma once
#include "prepared-key.h"

namespace VOUCH_KERNEL {

/** The terms of one matrix by row; row i has terms[starts[i]] … terms[starts[i + 1] − 1]. */
struct RowTerms {
  Array<uint32_t> starts;
  /** `Term`s, in `sorted` or in the file. */
  const uint8_t* terms = nullptr;
  Array<Term> sorted;
};

struct ProvingKey {
  KeyFile file;
  /** On the curve, so that ρ·δ₁ makes A uniform whatever else the key holds. */
  Affine<Fq> delta1;
  RowTerms rows[2];
  Array<Fr> roots;
  /** By bit-reversed position j': factor of position j, −g^(−j)/n, and 1/n for j = 0, where g^n = −1. */
  Array<Fr> shift;
  const uint8_t *presentA = nullptr, *presentB = nullptr, *presentC = nullptr;
  Array<uint8_t> marked[3];
  /** Whether the points of C, one for each wire, hold what C contributes to H. */
  bool isFolded = false;
  Multiples multiples;
};

/** Checks and sorts the terms of one matrix. */
inline Status sortTerms(const Zkey& file, uint32_t matrix, RowTerms& rows) {
  const uint32_t domain = static_cast<uint32_t>(file.domain());
  Array<Term> unsorted;
  Array<uint32_t> rowOf;
  if (!rows.starts.allocate(domain + 2) || !unsorted.allocate(file.terms) || !rowOf.allocate(file.terms)) {
    return Status::kOutOfMemory;
  }
  for (uint32_t i = 0; i < domain + 2; i++) rows.starts[i] = 0;
  uint32_t count = 0;
  for (uint32_t place = 0; place < file.terms; place++) {
    const uint8_t* term = file.coefficients + kTermBytes * place;
    const uint32_t termMatrix = load<uint32_t>(term);
    const uint32_t row = load<uint32_t>(term + 4);
    const uint32_t wire = load<uint32_t>(term + 8);
    if (termMatrix > 1 || row >= domain || wire >= file.wires) return Status::kKeyBadCoefficient;
    if (termMatrix != matrix) continue;
    unsorted[count] = {place, wire};
    rowOf[count++] = row;
    rows.starts[row + 2]++;
  }
  for (uint32_t i = 2; i < domain + 2; i++) rows.starts[i] += rows.starts[i - 1];
  if (!rows.sorted.allocate(count)) return Status::kOutOfMemory;
  for (uint32_t i = 0; i < count; i++) rows.sorted[rows.starts[rowOf[i] + 1]++] = unsorted[i];
  rows.terms = reinterpret_cast<const uint8_t*>(rows.sorted.data());
  return Status::kOk;
}

/** The factors that take a polynomial, as `toValues` leaves its coefficients, to the coset. */
inline void fillShift(VouchPool& pool, uint32_t logDomain, Fr* shift) {
  const size_t domain = static_cast<size_t>(1) << logDomain;
  const Fr scale = invert(toField<ScalarModulus>(Integer{{domain, 0, 0, 0}}));
  const Fr step = invert(rootOfUnity(logDomain + 1));
  forRanges(pool, domain, 1024, [&](size_t from, size_t to, uint32_t) {
    Fr factor = multiply(negate(scale), power(step, Integer{{from, 0, 0, 0}}));
    for (size_t j = from; j < to; j++) {
      shift[reverseBits(j, logDomain)] = j == 0 ? scale : factor;
      factor = multiply(factor, step);
    }
  });
}

inline bool markPresent(VouchPool& pool, const uint8_t* points, size_t count, size_t size, Array<uint8_t>& present) {
  const size_t bytes = (count + 7) / 8;
  if (!present.allocate(bytes)) return false;
  forRanges(pool, bytes, 256, [&](size_t from, size_t to, uint32_t) {
    for (size_t byte = from; byte < to; byte++) {
      uint32_t bits = 0;
      for (size_t i = 8 * byte; i < 8 * byte + 8 && i < count; i++) {
        uint64_t any = 0;
        for (size_t at = 0; at < size; at += 8) any |= load<uint64_t>(points + size * i + at);
        bits |= (any != 0 ? 1u : 0u) << (i % 8);
      }
      present[byte] = static_cast<uint8_t>(bits);
    }
  });
  return true;
}

inline Status openZkey(VouchPool& pool, const uint8_t* bytes, size_t size, ProvingKey& key) {
  Zkey file;
  Status status = readZkey(bytes, size, file);
  if (status != Status::kOk) return status;
  key.file = file;
  for (uint32_t matrix = 0; matrix < 2; matrix++) {
    status = sortTerms(file, matrix, key.rows[matrix]);
    if (status != Status::kOk) return status;
  }
  const size_t privates = file.wires - file.publicSignals - 1;
  if (!markPresent(pool, file.a, file.wires, kG1Bytes, key.marked[0]) ||
      !markPresent(pool, file.b2, file.wires, kG2Bytes, key.marked[1]) ||
      !markPresent(pool, file.c, privates, kG1Bytes, key.marked[2])) {
    return Status::kOutOfMemory;
  }
  key.presentA = key.marked[0].data();
  key.presentB = key.marked[1].data();
  key.presentC = key.marked[2].data();
  return Status::kOk;
}

inline Status openPrepared(const uint8_t* bytes, size_t size, ProvingKey& key) {
  PreparedKey file;
  const Status status = readPrepared(bytes, size, file);
  if (status != Status::kOk) return status;
  key.file = file;
  key.isFolded = true;
  key.multiples = {file.multiples, 256 / file.multiples, static_cast<uint32_t>(file.domain())};
  key.presentA = file.presentA;
  key.presentB = file.presentB;
  key.presentC = file.presentC;
  for (uint32_t matrix = 0; matrix < 2; matrix++) {
    RowTerms& rows = key.rows[matrix];
    if (!rows.starts.allocate(file.domain() + 1)) return Status::kOutOfMemory;
    __builtin_memcpy(rows.starts.data(), file.starts[matrix], sizeof(uint32_t) * rows.starts.size());
    rows.terms = file.terms[matrix];
    // Between the check and the copy the file may have changed.
    uint32_t before = 0;
    for (size_t row = 0; row <= file.domain(); row++) {
      if (rows.starts[row] < before || rows.starts[row] > file.termCount[matrix]) return Status::kKeyBadCoefficient;
      before = rows.starts[row];
    }
  }
  return Status::kOk;
}

inline Status openKey(VouchPool& pool, const uint8_t* bytes, size_t size, ProvingKey& key) {
  const Status status = isPrepared(bytes, size) ? openPrepared(bytes, size, key) : openZkey(pool, bytes, size, key);
  if (status != Status::kOk) return status;
  const KeyFile& file = key.file;
  key.delta1 = load<Affine<Fq>>(file.delta1);
  if (!isOnCurve(key.delta1)) return Status::kKeyDoesNotBlind;
  const size_t domain = file.domain();
  if (!key.roots.allocate(domain) || !key.shift.allocate(domain)) return Status::kOutOfMemory;
  fillRoots(pool, file.logDomain, key.roots.data());
  fillShift(pool, file.logDomain, key.shift.data());
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

}  // namespace VOUCH_KERNEL
