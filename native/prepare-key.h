// What a prepared key holds in place of a key's points of C and H (prepared-key.h).
//
// Σ cᵢ·Hᵢ over the coset, where c are the values of C(X) there, is Σ v_r·T(H)_r over the domain, where v are the values of
// the rows of C for a witness and T is the transposed map from values on the domain to values on the coset. That map is its
// own transpose: it is `toCoset`, with points in place of field elements. Then C's rows give each wire its share.
#pragma once
#include "point-products.h"
#include "proving-key.h"
#include "setup.h"

namespace VOUCH_KERNEL {

/** Counts the products that are done. */
struct ProductCount {
  uint64_t total;
  uint64_t done = 0;

  void add(VouchPool& pool, uint64_t products) {
    const uint64_t now = __atomic_add_fetch(&done, products, __ATOMIC_RELAXED);
    report(pool, static_cast<uint32_t>(990 * now / total));
  }
};

/** Runs body(first, count, worker) on batches of 0 … size. */
template <class Body>
void forBatches(VouchPool& pool, size_t size, Array<ProductWorker>& workers, const Body& body) {
  size_t batch = (size + pool.workers - 1) / pool.workers;
  if (batch > kProductBatch) batch = kProductBatch;
  forEach(pool, static_cast<uint32_t>((size + batch - 1) / batch), [&](uint32_t task, uint32_t index) {
    const size_t first = task * batch;
    body(first, static_cast<uint32_t>(size - first < batch ? size - first : batch), workers[index]);
  });
}

/** One layer of the transform of points; forward turns the difference, backward the second point. */
inline void turnLayer(VouchPool& pool, Affine<Fq>* data, size_t size, size_t length, const Fr* roots, bool forward,
                      Array<ProductWorker>& workers, ProductCount& progress) {
  constexpr uint32_t kLeft = 2 * kProductBatch, kRight = 3 * kProductBatch, kSum = 4 * kProductBatch, kFactor = kProductBatch;
  const size_t half = length / 2;
  forBatches(pool, size / 2, workers, [&](size_t first, uint32_t count, ProductWorker& worker) {
    const auto at = [&](uint32_t i) { return (first + i) / half * length + (first + i) % half; };
    const auto root = [&](uint32_t i) { return roots[half + (first + i) % half]; };
    if (forward) {
      for (uint32_t i = 0; i < count; i++) {
        worker.points[kLeft + i] = data[at(i)];
        worker.points[kRight + i] = data[at(i) + half];
      }
      worker.addEach(kLeft, kRight, kNegative, kFactor, count);
      worker.addEach(kLeft, kRight, 0, kSum, count);
      for (uint32_t i = 0; i < count; i++) data[at(i)] = worker.points[kSum + i];
      if (half > 1) scalePoints(worker, count, root);
      for (uint32_t i = 0; i < count; i++) data[at(i) + half] = worker.points[(half > 1 ? 0 : kFactor) + i];
    } else {
      for (uint32_t i = 0; i < count; i++) worker.points[kFactor + i] = data[at(i) + half];
      if (half > 1) scalePoints(worker, count, root);
      const uint32_t turned = half > 1 ? 0 : kFactor;
      for (uint32_t i = 0; i < count; i++) worker.points[kLeft + i] = data[at(i)];
      worker.addEach(kLeft, turned, 0, kSum, count);
      worker.addEach(kLeft, turned, kNegative, kRight, count);
      for (uint32_t i = 0; i < count; i++) {
        data[at(i)] = worker.points[kSum + i];
        data[at(i) + half] = worker.points[kRight + i];
      }
    }
    progress.add(pool, half > 1 ? count : 0);
  });
}

/** Points as values on the coset to values on the domain, transposed: toCoset of polynomial.h. */
inline Status turnPoints(VouchPool& pool, uint32_t logDomain, Affine<Fq>* data, Array<ProductWorker>& workers,
                         ProductCount& progress) {
  const size_t domain = static_cast<size_t>(1) << logDomain;
  Array<Fr> roots, shift;
  if (!roots.allocate(domain) || !shift.allocate(domain)) return Status::kOutOfMemory;
  fillRoots(pool, logDomain, roots.data());
  fillShift(pool, logDomain, shift.data());
  for (size_t length = domain; length > 1; length /= 2) {
    turnLayer(pool, data, domain, length, roots.data(), true, workers, progress);
  }
  forBatches(pool, domain, workers, [&](size_t first, uint32_t count, ProductWorker& worker) {
    for (uint32_t i = 0; i < count; i++) worker.factors()[i] = data[first + i];
    scalePoints(worker, count, [&](uint32_t i) { return shift[first + i]; });
    for (uint32_t i = 0; i < count; i++) data[first + i] = worker.results()[i];
    progress.add(pool, count);
  });
  for (size_t length = 2; length <= domain; length *= 2) {
    turnLayer(pool, data, domain, length, roots.data(), false, workers, progress);
  }
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

/** Adds coefficient·point of its row for the terms of C that belong to wires from … to − 1; false where the input is wrong. */
inline bool addRows(const VouchCircuit& circuit, const Affine<Fq>* points, size_t from, size_t to, Jacobian<Fq>* sums) {
  const VouchSide& side = circuit.sides[2];
  for (uint32_t row = 0; row < circuit.rows; row++) {
    const uint32_t end = side.rowStart[row + 1];
    if (end > side.terms) return false;
    for (uint32_t i = side.rowStart[row]; i < end; i++) {
      const uint32_t wire = side.wire[i];
      if (wire >= circuit.wires) return false;
      if (wire < from || wire >= to) continue;
      Fr factor;
      if (!coefficientOf(circuit, side.coefficient[i], factor)) return false;
      bool negative;
      const Integer magnitude = fold(toInteger(factor), negative);
      const Jacobian<Fq> product = multiply(toJacobian(negative ? negate(points[row]) : points[row]), magnitude);
      sums[wire] = add(sums[wire], product);
    }
  }
  return true;
}

/** Affine forms with one inversion. `before` is scratch of the same length. */
inline void putPoints(const Jacobian<Fq>* points, size_t count, Fq* before, uint8_t* out) {
  Fq product = Fq::one();
  for (size_t i = 0; i < count; i++) {
    before[i] = product;
    if (!isZero(points[i].z)) product = multiply(product, points[i].z);
  }
  Fq inverse = invert(product);
  for (size_t i = count; i-- > 0;) {
    Affine<Fq> affine{Fq::zero(), Fq::zero()};
    if (!isZero(points[i].z)) {
      const Fq z = multiply(inverse, before[i]);
      const Fq square = VOUCH_KERNEL::square(z);
      inverse = multiply(inverse, points[i].z);
      affine = {multiply(points[i].x, square), multiply(points[i].y, multiply(z, square))};
    }
    __builtin_memcpy(out + sizeof affine * i, &affine, sizeof affine);
  }
}

/** Writes the points of C with their share of H. `turned` has a point for each row. */
inline Status foldRows(VouchPool& pool, const VouchCircuit& circuit, const Zkey& file, const Affine<Fq>* turned, uint8_t* out) {
  Array<Jacobian<Fq>> sums;
  Array<Fq> before;
  if (!sums.allocate(file.wires) || !before.allocate(file.wires)) return Status::kOutOfMemory;
  const uint32_t parts = 4 * pool.workers;
  int32_t failed = 0;
  forEach(pool, parts, [&](uint32_t part, uint32_t) {
    const size_t from = static_cast<size_t>(file.wires) * part / parts;
    const size_t to = static_cast<size_t>(file.wires) * (part + 1) / parts;
    for (size_t wire = from; wire < to; wire++) {
      const size_t publics = file.publicSignals + 1;
      sums[wire] = wire < publics ? Jacobian<Fq>::infinity()
                                  : toJacobian(load<Affine<Fq>>(file.c + kG1Bytes * (wire - publics)));
    }
    if (!addRows(circuit, turned, from, to, sums.data())) __atomic_store_n(&failed, 1, __ATOMIC_RELAXED);
    putPoints(sums.data() + from, to - from, before.data() + from, out + kG1Bytes * from);
  });
  if (isCancelled(pool)) return Status::kCancelled;
  return failed != 0 ? Status::kBadCircuit : Status::kOk;
}

/** Writes the points of H and their multiples. */
inline void multiplyByPowers(VouchPool& pool, const Zkey& file, uint32_t multiples, uint8_t* out,
                             Array<ProductWorker>& workers, ProductCount& progress) {
  const size_t domain = file.domain();
  forBatches(pool, domain, workers, [&](size_t first, uint32_t count, ProductWorker& worker) {
    const size_t bytes = kG1Bytes * count;
    __builtin_memcpy(worker.points, file.h + kG1Bytes * first, bytes);
    for (uint32_t multiple = 0; multiple < multiples; multiple++) {
      for (uint32_t i = 0; i < 256 / multiples && multiple > 0; i++) worker.addEach(0, 0, 0, 0, count);
      __builtin_memcpy(out + kG1Bytes * (multiple * domain + first), worker.points, bytes);
    }
    progress.add(pool, count);
  });
}

/** Computes the points of a prepared key from a `.zkey` and its circuit. */
inline Status preparePoints(VouchPool& pool, const VouchCircuit& circuit, const uint8_t* bytes, size_t size,
                            const VouchPreparedPoints& out) {
  Zkey file;
  Status status = readZkey(bytes, size, file);
  if (status != Status::kOk) return status;
  const size_t domain = file.domain();
  if (circuit.wires != file.wires || circuit.publicSignals != file.publicSignals || circuit.logDomain != file.logDomain ||
      circuit.rows > domain) {
    return Status::kBadCircuit;
  }
  if (out.multiples == 0 || (out.multiples & (out.multiples - 1)) != 0 || out.multiples > kMostMultiples ||
      out.multiples * static_cast<uint64_t>(domain) > kMostMultipliedPoints) {
    return Status::kBadSize;
  }
  Array<ProductWorker> workers;
  Array<Affine<Fq>> turned;
  if (!workers.allocate(pool.workers) || !turned.allocate(domain)) return Status::kOutOfMemory;
  // A product is 124 doublings and 71 additions, about as much as the multiples of a point.
  ProductCount progress{domain * (file.logDomain + 1) + domain + 1};
  multiplyByPowers(pool, file, out.multiples, out.h, workers, progress);
  if (isCancelled(pool)) return Status::kCancelled;
  for (size_t i = 0; i < domain; i++) {
    turned[i] = negate(load<Affine<Fq>>(file.h + kG1Bytes * ((domain - i) & (domain - 1))));
  }
  status = turnPoints(pool, file.logDomain, turned.data(), workers, progress);
  if (status != Status::kOk) return status;
  status = foldRows(pool, circuit, file, turned.data(), out.c);
  if (status != Status::kOk) return status;
  report(pool, 1000);
  return Status::kOk;
}

}  // namespace VOUCH_KERNEL
