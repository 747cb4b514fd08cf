// The scalars of a development key: what each point is a multiple of, for known secrets τ, α, β, γ and δ. With L_x the
// polynomial that is 1 at the element x of a group of roots of unity and 0 at its others,
//   L_x(τ) = x·(τ^order − 1) / (order·(τ − x))
// and A_j(τ) = Σ over rows of coefficient·L_row(τ), likewise B and C. One more row for each public signal keeps the A
// polynomials of public wires independent, else signals would be malleable.
//
// Nothing of the input is copied. Its indices are checked where they are used, so that an array that changes meanwhile spoils
// the key but cannot lead a read or a write astray.
#pragma once
#include "curve.h"
#include "kernel.h"
#include "ntt.h"

namespace VOUCH_KERNEL {

/** Secrets in the order τ, α, β, 1/γ, 1/δ, canonical. */
constexpr size_t kSecrets = 5;

/** start·step^i for i < count. */
struct Coset {
  Fr start, step;
  size_t count;
  size_t order;
};

/** Writes factor·L_x(τ) for every x of the coset. `before` is scratch of the same length. */
inline void evaluateLagrange(VouchPool& pool, const Fr& tau, const Fr& factor, const Coset& coset, Fr* before, Fr* out) {
  const Fr order = toField<ScalarModulus>(Integer{{coset.order, 0, 0, 0}});
  const Fr vanishing = subtract(power(tau, Integer{{coset.order, 0, 0, 0}}), Fr::one());
  const Fr constant = multiply(factor, multiply(vanishing, invert(order)));
  forRanges(pool, coset.count, 1024, [&](size_t from, size_t to, uint32_t) {
    Fr x = multiply(coset.start, power(coset.step, Integer{{from, 0, 0, 0}}));
    Fr product = Fr::one();
    for (size_t i = from; i < to; i++) {
      before[i] = product;
      out[i] = subtract(tau, x);
      product = multiply(product, out[i]);
      x = multiply(x, coset.step);
    }
    const Fr stepBack = invert(coset.step);
    Fr inverse = invert(product);
    for (size_t i = to; i-- > from;) {
      x = multiply(x, stepBack);
      const Fr quotient = multiply(inverse, before[i]);
      inverse = multiply(inverse, out[i]);
      out[i] = multiply(multiply(constant, x), quotient);
    }
  });
}

inline void putScalars(VouchPool& pool, const Fr* values, size_t count, uint8_t* out) {
  forRanges(pool, count, 1024, [&](size_t from, size_t to, uint32_t) {
    for (size_t i = from; i < to; i++) {
      const Integer value = toInteger(values[i]);
      __builtin_memcpy(out + sizeof value * i, &value, sizeof value);
    }
  });
}

/** The element that a coefficient stands for; false where it stands for none. */
inline bool coefficientOf(const VouchCircuit& circuit, double entry, Fr& out) {
  constexpr double kExact = 9007199254740992.0;
  if (entry >= kExact) {
    const double index = (entry - kExact) / 2;
    if (!(index < circuit.bigCount)) return false;
    const Integer value = load<Integer>(circuit.big + sizeof(Integer) * static_cast<size_t>(index));
    if (!isBelow(value, ScalarModulus::value)) return false;
    out = toField<ScalarModulus>(value);
    return true;
  }
  if (!(entry > -kExact)) return false;
  const int64_t value = static_cast<int64_t>(entry);
  const Fr magnitude = toField<ScalarModulus>(Integer{{static_cast<uint64_t>(value < 0 ? -value : value), 0, 0, 0}});
  out = value < 0 ? negate(magnitude) : magnitude;
  return true;
}

/** Adds the terms of one side that belong to wires from … to − 1; false where the input is not what it should be. */
inline bool addTerms(const VouchCircuit& circuit, const VouchSide& side, const Fr* lagrange, size_t from, size_t to, Fr* sums) {
  for (uint32_t row = 0; row < circuit.rows; row++) {
    const uint32_t begin = side.rowStart[row];
    const uint32_t end = side.rowStart[row + 1];
    if (end > side.terms) return false;
    for (uint32_t i = begin; i < end; i++) {
      const uint32_t wire = side.wire[i];
      if (wire >= circuit.wires) return false;
      if (wire < from || wire >= to) continue;
      const double coefficient = side.coefficient[i];
      Fr& sum = sums[wire];
      if (coefficient == 1) {
        sum = add(sum, lagrange[row]);
      } else if (coefficient == -1) {
        sum = subtract(sum, lagrange[row]);
      } else {
        Fr factor;
        if (!coefficientOf(circuit, coefficient, factor)) return false;
        sum = add(sum, multiply(factor, lagrange[row]));
      }
    }
  }
  return true;
}

/** Computes the scalars of a key. τ must not lie in the group of order twice the domain. */
inline Status evaluateKey(VouchPool& pool, const VouchCircuit& circuit, const uint8_t* secretBytes, const VouchKeyScalars& out) {
  const uint64_t domain = 1ull << circuit.logDomain;
  if (circuit.logDomain >= kTwoAdicity || circuit.publicSignals >= circuit.wires ||
      static_cast<uint64_t>(circuit.rows) + circuit.publicSignals + 1 > domain) {
    return Status::kBadCircuit;
  }
  Secret<Fr[kSecrets]> secrets;
  for (size_t i = 0; i < kSecrets; i++) {
    const Integer value = load<Integer>(secretBytes + sizeof(Integer) * i);
    if (!isBelow(value, ScalarModulus::value)) return Status::kBadScalar;
    secrets.value[i] = toField<ScalarModulus>(value);
  }
  const Fr& tau = secrets.value[0];
  const Fr& alpha = secrets.value[1];
  const Fr& beta = secrets.value[2];
  const Fr& overGamma = secrets.value[3];
  const Fr& overDelta = secrets.value[4];
  // With one of these and the key's points a secret could be guessed and tried.
  SecretArray<Fr> lagrange, scratch, sums;
  if (!lagrange.allocate(domain) || !scratch.allocate(domain) || !sums.allocate(3 * static_cast<uint64_t>(circuit.wires))) {
    return Status::kOutOfMemory;
  }
  const Fr step = rootOfUnity(circuit.logDomain);
  const Coset odd{rootOfUnity(circuit.logDomain + 1), step, static_cast<size_t>(domain), static_cast<size_t>(2 * domain)};
  evaluateLagrange(pool, tau, overDelta, odd, scratch.data(), lagrange.data());
  putScalars(pool, lagrange.data(), static_cast<size_t>(domain), out.h);
  const Coset group{Fr::one(), step, static_cast<size_t>(domain), static_cast<size_t>(domain)};
  evaluateLagrange(pool, tau, Fr::one(), group, scratch.data(), lagrange.data());
  if (isCancelled(pool)) return Status::kCancelled;
  report(pool, 200);

  Fr* a = sums.data();
  Fr* b = a + circuit.wires;
  Fr* c = b + circuit.wires;
  int32_t failed = 0;
  uint32_t done = 0;
  // Each task reads all terms and adds those of its wires, so that no two add to the same sum.
  const uint32_t parts = 4 * pool.workers;
  forEach(pool, parts, [&](uint32_t part, uint32_t) {
    const size_t from = static_cast<size_t>(circuit.wires) * part / parts;
    const size_t to = static_cast<size_t>(circuit.wires) * (part + 1) / parts;
    for (uint32_t side = 0; side < 3; side++) {
      Fr* values = a + static_cast<size_t>(side) * circuit.wires;
      for (size_t wire = from; wire < to; wire++) values[wire] = Fr::zero();
      if (addTerms(circuit, circuit.sides[side], lagrange.data(), from, to, values)) continue;
      __atomic_store_n(&failed, 1, __ATOMIC_RELAXED);
      return;
    }
    for (size_t wire = from; wire < to; wire++) {
      if (wire <= circuit.publicSignals) a[wire] = add(a[wire], lagrange[circuit.rows + wire]);
      const Fr total = add(add(c[wire], multiply(beta, a[wire])), multiply(alpha, b[wire]));
      c[wire] = multiply(wire <= circuit.publicSignals ? overGamma : overDelta, total);
    }
    report(pool, 200 + 700 * __atomic_add_fetch(&done, 1, __ATOMIC_RELAXED) / parts);
  });
  if (isCancelled(pool)) return Status::kCancelled;
  if (failed != 0) return Status::kBadCircuit;
  putScalars(pool, a, circuit.wires, out.a);
  putScalars(pool, b, circuit.wires, out.b);
  putScalars(pool, c, circuit.wires, out.c);
  report(pool, 1000);
  return isCancelled(pool) ? Status::kCancelled : Status::kOk;
}

}  // namespace VOUCH_KERNEL
