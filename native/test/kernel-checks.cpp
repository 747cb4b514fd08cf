#include "kernel-checks.h"

namespace {

constexpr uint32_t kPoints = 40;
constexpr uint32_t kMost = 600;

uint64_t state = 88172645463325252u;

uint64_t next() {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return state * 0x2545f4914f6cdd1du;
}

/** Scalars of every length; those of the full length stay below the order, which begins with 0x30. */
void fillScalars(uint8_t* scalars, uint32_t count, uint32_t longest) {
  for (uint32_t i = 0; i < count; i++) {
    const uint32_t length = i % 3 == 0 ? longest : static_cast<uint32_t>(next() % (longest + 1));
    for (uint32_t j = 0; j < 32; j++) {
      scalars[32 * i + j] = j < length ? static_cast<uint8_t>(next()) : 0;
    }
    scalars[32 * i + 31] &= 0x1f;
  }
}

bool isSame(const uint8_t* a, const uint8_t* b, size_t size) { return __builtin_memcmp(a, b, size) == 0; }

uint8_t scalars[32 * kMost];
uint8_t multiples[2][128 * kPoints];
uint8_t points[128 * kMost];
uint8_t values[2][32 * 1024];

/** Points of a group: a few multiples of the generator, with their negatives and infinity, in any order. */
const char* compareSums(VouchPool* pool, const VouchKernel& expected, const VouchKernel& tested, uint32_t group,
                        const uint8_t* generator) {
  const uint32_t size = 64 * group;
  fillScalars(scalars, kPoints, 32);
  if (expected.multiplyBase(pool, group, generator, scalars, kPoints, multiples[0]) != 0) return "multiples: status";
  if (tested.multiplyBase(pool, group, generator, scalars, kPoints, multiples[1]) != 0) return "multiples: status";
  if (!isSame(multiples[0], multiples[1], size * kPoints)) return "multiples of a generator";
  if (group == 1) {
    // With infinity among the points.
    for (uint32_t j = 0; j < size; j++) multiples[0][size + j] = multiples[1][size + j] = 0;
    if (expected.multiplyPoints(pool, multiples[0], kPoints, scalars, points) != 0) return "products: status";
    if (tested.multiplyPoints(pool, multiples[1], kPoints, scalars, multiples[1]) != 0) return "products: status";
    if (!isSame(points, multiples[1], size * kPoints)) return "products of points";
  }
  const uint32_t counts[] = {1, 2, 7, 8, 9, 33, 64, 200, kMost};
  for (const uint32_t count : counts) {
    fillScalars(scalars, count, count % 2 == 0 ? 32 : 2);
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t choice = static_cast<uint32_t>(next() % (kPoints + 1));
      for (uint32_t j = 0; j < size; j++) points[size * i + j] = choice == kPoints ? 0 : multiples[0][size * choice + j];
    }
    uint8_t out[2][128];
    if (expected.sum(pool, group, points, scalars, count, count == 64 ? 7 : 0, out[0]) != 0) return "sums: status";
    if (tested.sum(pool, group, points, scalars, count, count == 64 ? 7 : 0, out[1]) != 0) return "sums: status";
    if (!isSame(out[0], out[1], size)) return group == 1 ? "sums in G1" : "sums in G2";
  }
  return nullptr;
}

}  // namespace

const char* compareKernels(VouchPool* pool, const VouchKernel& expected, const VouchKernel& tested, const KeyCase& file) {
  // The key begins its points with α, β (G1) and β (G2), which serve as generators.
  VouchKey* keys[2];
  const VouchKernel* kernels[2] = {&expected, &tested};
  uint8_t proofs[2][256];
  uint8_t blinding[64];
  fillScalars(blinding, 2, 32);
  for (uint32_t i = 0; i < 2; i++) {
    if (kernels[i]->openKey(pool, file.key, file.keyBytes, &keys[i]) != 0) return "a key: status";
    const int32_t status = kernels[i]->prove(pool, keys[i], file.witness, file.witnessBytes, blinding, proofs[i]);
    kernels[i]->closeKey(keys[i]);
    if (status != 0) return "a proof: status";
  }
  if (!isSame(proofs[0], proofs[1], sizeof proofs[0])) return "a proof";

  for (uint32_t bits = 0; bits <= 10; bits++) {
    fillScalars(values[0], 1u << bits, 32);
    __builtin_memcpy(values[1], values[0], 32u << bits);
    if (expected.transform(pool, values[0], bits) != 0) return "transforms: status";
    if (tested.transform(pool, values[1], bits) != 0) return "transforms: status";
    if (!isSame(values[0], values[1], 32u << bits)) return "transforms";
  }

  // After the file's header and the section's, the moduli and the counts.
  const uint8_t* alpha1 = file.key + 12 + 12 + 4 + 12 + 4 + 32 + 4 + 32 + 12;
  const char* failure = compareSums(pool, expected, tested, 1, alpha1);
  return failure != nullptr ? failure : compareSums(pool, expected, tested, 2, alpha1 + 128);
}
