// One kernel: this file is compiled once for each instruction set, with VOUCH_KERNEL naming it.
#include "kernel.h"

#include "fixed-base.h"
#include "groth16.h"
#include "multiply-points.h"
#include "prepare-key.h"
#include "processor.h"
#include "setup.h"

using namespace VOUCH_KERNEL;

struct VouchKey {
  ProvingKey key;
};

namespace {

int32_t openKey(VouchPool* pool, const uint8_t* bytes, size_t size, VouchKey** out) {
  void* memory = vouchAllocate(sizeof(VouchKey));
  if (memory == nullptr) return static_cast<int32_t>(Status::kOutOfMemory);
  VouchKey* key = new (memory) VouchKey();
  const Status status = VOUCH_KERNEL::openKey(*pool, bytes, size, key->key);
  if (status == Status::kOk) {
    *out = key;
  } else {
    key->~VouchKey();
    vouchRelease(memory, sizeof(VouchKey));
  }
  return static_cast<int32_t>(status);
}

void closeKey(VouchKey* key) {
  key->~VouchKey();
  vouchRelease(key, sizeof(VouchKey));
}

uint32_t wires(const VouchKey* key) { return key->key.file.wires; }

uint32_t publicSignals(const VouchKey* key) { return key->key.file.publicSignals; }

bool isPreparedKey(const VouchKey* key) { return key->key.isFolded; }

int32_t proveWith(VouchPool* pool, const VouchKey* key, const uint8_t* witness, size_t witnessBytes,
                  const uint8_t* blinding, uint8_t* proof) {
  return static_cast<int32_t>(prove(*pool, key->key, witness, witnessBytes, blinding, proof));
}

template <class F>
Status sumInGroup(VouchPool& pool, const uint8_t* points, const uint8_t* scalars, uint32_t count, uint32_t window,
                  uint8_t* out) {
  Schedule schedule;
  Status status = makeSchedule(pool, scalars, count, window, schedule);
  if (status != Status::kOk) return status;
  Jacobian<F> total;
  status = sumPoints(pool, {points, 0, nullptr}, schedule, total);
  if (status != Status::kOk) return status;
  const Affine<F> affine = toAffine(total);
  __builtin_memcpy(out, &affine, sizeof affine);
  return Status::kOk;
}

int32_t sum(VouchPool* pool, uint32_t group, const uint8_t* points, const uint8_t* scalars, uint32_t count,
            uint32_t window, uint8_t* out) {
  if (group != 1 && group != 2) return static_cast<int32_t>(Status::kBadSize);
  return static_cast<int32_t>(group == 1 ? sumInGroup<Fq>(*pool, points, scalars, count, window, out)
                                         : sumInGroup<Fq2>(*pool, points, scalars, count, window, out));
}

int32_t multiplyBaseIn(VouchPool* pool, uint32_t group, const uint8_t* base, const uint8_t* scalars, uint32_t count,
                       uint8_t* out) {
  if ((group != 1 && group != 2) || count > kMostScalars) return static_cast<int32_t>(Status::kBadSize);
  return static_cast<int32_t>(group == 1 ? multiplyBase(*pool, load<Affine<Fq>>(base), scalars, count, out)
                                         : multiplyBase(*pool, load<Affine<Fq2>>(base), scalars, count, out));
}

int32_t multiplyPointsOf(VouchPool* pool, const uint8_t* points, uint32_t count, const uint8_t* scalar, uint8_t* out) {
  if (count > kMostScalars) return static_cast<int32_t>(Status::kBadSize);
  return static_cast<int32_t>(multiplyPoints(*pool, points, count, scalar, out));
}

int32_t evaluateKeyOf(VouchPool* pool, const VouchCircuit* circuit, const uint8_t* secrets, const VouchKeyScalars* out) {
  return static_cast<int32_t>(evaluateKey(*pool, *circuit, secrets, *out));
}

int32_t preparePointsOf(VouchPool* pool, const VouchCircuit* circuit, const uint8_t* bytes, size_t size,
                        const VouchPreparedPoints* out) {
  return static_cast<int32_t>(preparePoints(*pool, *circuit, bytes, size, *out));
}

int32_t transform(VouchPool* pool, uint8_t* values, uint32_t logSize) {
  if (logSize > kTwoAdicity) return static_cast<int32_t>(Status::kBadSize);
  const size_t size = static_cast<size_t>(1) << logSize;
  Array<Fr> roots;
  Array<Fr> work;
  if (!roots.allocate(size) || !work.allocate(size)) return static_cast<int32_t>(Status::kOutOfMemory);
  fillRoots(*pool, logSize, roots.data());
  for (size_t i = 0; i < size; i++) {
    const Integer value = load<Integer>(values + kScalarBytes * i);
    if (!isBelow(value, ScalarModulus::value)) return static_cast<int32_t>(Status::kBadScalar);
    work[i] = toField<ScalarModulus>(value);
  }
  toValues(*pool, work.data(), size, roots.data());
  for (size_t i = 0; i < size; i++) {
    const Integer value = toInteger(work[reverseBits(i, logSize)]);
    __builtin_memcpy(values + kScalarBytes * i, &value, sizeof value);
  }
  return static_cast<int32_t>(Status::kOk);
}

}  // namespace

#define VOUCH_TEXT_OF(name) #name
#define VOUCH_TEXT(name) VOUCH_TEXT_OF(name)
#define VOUCH_JOIN_OF(a, b) a##b
#define VOUCH_JOIN(a, b) VOUCH_JOIN_OF(a, b)

extern "C" const VouchKernel VOUCH_JOIN(vouch_kernel_, VOUCH_KERNEL) = {
    VOUCH_TEXT(VOUCH_KERNEL), kCompiledFor, openKey, closeKey, wires, publicSignals, isPreparedKey, proveWith, sum,
    multiplyBaseIn, multiplyPointsOf, evaluateKeyOf, preparePointsOf, transform,
};
