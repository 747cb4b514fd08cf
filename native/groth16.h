// The Groth16 prover. With the blinding scalars ρ and σ:
//   A  = α + Σ wᵢ·Aᵢ + ρ·δ           B = β + Σ wᵢ·Bᵢ + σ·δ (in both groups)
//   C  = Σ wᵢ·Cᵢ + Σ hᵢ·Hᵢ + σ·A + ρ·B − ρσ·δ
// The scalars come from the caller, so that this code holds no source of randomness.
#pragma once
#include "msm.h"
#include "polynomial.h"

namespace VOUCH_KERNEL {

/** A proof as 32-byte little-endian integers: A.x, A.y, B.x.c0, B.x.c1, B.y.c0, B.y.c1, C.x, C.y. */
constexpr size_t kProofBytes = 8 * 32;

inline uint8_t* put(uint8_t* out, const Fq& value) {
  const Integer integer = toInteger(value);
  __builtin_memcpy(out, &integer, sizeof integer);
  return out + sizeof integer;
}

inline uint8_t* put(uint8_t* out, const Fq2& value) { return put(put(out, value.c0), value.c1); }

template <class F>
inline uint8_t* put(uint8_t* out, const Affine<F>& point) {
  return put(put(out, point.x), point.y);
}

template <class F>
inline Jacobian<F> loadPoint(const uint8_t* bytes) {
  return toJacobian(load<Affine<F>>(bytes));
}

/** Proves. `witness` has a canonical scalar for each wire, `blinding` is ρ and σ. */
inline Status prove(VouchPool& pool, const ProvingKey& key, const uint8_t* witness, size_t witnessBytes,
                    const uint8_t* blinding, uint8_t* proof) {
  const KeyFile& file = key.file;
  if (witnessBytes != static_cast<uint64_t>(kScalarBytes) * file.wires) return Status::kBadSize;
  const Integer rho = load<Integer>(blinding);
  const Integer sigma = load<Integer>(blinding + 32);
  if (!isBelow(rho, ScalarModulus::value) || !isBelow(sigma, ScalarModulus::value)) return Status::kBadScalar;

  Jacobian<Fq> a, b1, c, h;
  Jacobian<Fq2> b;
  {
    Schedule schedule;
    Status status = makeSchedule(pool, witness, file.wires, 0, schedule);
    if (status != Status::kOk) return status;
    report(pool, 40);
    status = sumPoints(pool, {file.a, 0, key.presentA}, schedule, a);
    if (status != Status::kOk) return status;
    report(pool, 100);
    status = sumPoints(pool, {file.b1, 0, key.presentB}, schedule, b1);
    if (status != Status::kOk) return status;
    report(pool, 160);
    status = sumPoints(pool, {file.b2, 0, key.presentB}, schedule, b);
    if (status != Status::kOk) return status;
    report(pool, 280);
    status = sumPoints(pool, {file.c, key.isFolded ? 0 : file.publicSignals + 1, key.presentC}, schedule, c);
    if (status != Status::kOk) return status;
    report(pool, 340);
  }
  {
    const size_t domain = file.domain();
    Array<Integer> scalars;
    if (!scalars.allocate(domain)) return Status::kOutOfMemory;
    {
      Array<Fr> work;
      if (!work.allocate((key.isFolded ? 2 : 3) * static_cast<uint64_t>(domain))) return Status::kOutOfMemory;
      const Status status = computeH(pool, key, witness, work.data(), scalars.data());
      if (status != Status::kOk) return status;
    }
    report(pool, 480);
    Schedule schedule;
    Status status = makeSchedule(pool, reinterpret_cast<const uint8_t*>(scalars.data()), static_cast<uint32_t>(domain), 0,
                                 schedule, key.multiples);
    if (status != Status::kOk) return status;
    status = sumPoints(pool, {file.h, 0, nullptr}, schedule, h);
    if (status != Status::kOk) return status;
    report(pool, 990);
  }

  const Jacobian<Fq> delta1 = toJacobian(key.delta1);
  a = add(add(a, loadPoint<Fq>(file.alpha1)), multiply(delta1, rho));
  b1 = add(add(b1, loadPoint<Fq>(file.beta1)), multiply(delta1, sigma));
  b = add(add(b, loadPoint<Fq2>(file.beta2)), multiply(loadPoint<Fq2>(file.delta2), sigma));
  // σ·A + ρ·B1 − ρσ·δ = σ·A + ρ·(B1 − σ·δ)
  const Jacobian<Fq> minusDelta{delta1.x, negate(delta1.y), delta1.z};
  c = add(add(c, h), add(multiply(a, sigma), multiply(add(b1, multiply(minusDelta, sigma)), rho)));
  uint8_t* end = put(proof, toAffine(a));
  end = put(end, toAffine(b));
  put(end, toAffine(c));
  report(pool, 1000);
  return Status::kOk;
}

}  // namespace VOUCH_KERNEL
