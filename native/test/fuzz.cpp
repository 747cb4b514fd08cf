// Runs the kernels under the sanitizers (sanitize.sh): sums, products and transforms of irregular input, where all kernels
// must agree byte for byte, then proofs with damaged keys and witnesses, which must end with a status or a proof.
//   fuzz <key.zkey> <witness values> <rounds> <seed>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../kernel.h"
#include "../thread-pool.h"

extern "C" const VouchKernel vouch_kernel_adx;
extern "C" const VouchKernel vouch_kernel_portable;
#if defined(VOUCH_WITH_EMULATED_IFMA)
extern "C" const VouchKernel vouch_kernel_ifma_emulated;
#endif

namespace {

const VouchKernel* const kKernels[] = {
    &vouch_kernel_portable,
    &vouch_kernel_adx,
#if defined(VOUCH_WITH_EMULATED_IFMA)
    &vouch_kernel_ifma_emulated,
#endif
};
constexpr uint32_t kKernelCount = sizeof kKernels / sizeof kKernels[0];

uint64_t state;

uint32_t below(uint32_t bound) {
  state = state * 6364136223846793005u + 1442695040888963407u;
  return static_cast<uint32_t>((state >> 33) % bound);
}

struct Bytes {
  uint8_t* data;
  size_t size;

  explicit Bytes(size_t length) : data(static_cast<uint8_t*>(malloc(length + 1))), size(length) {}
  Bytes(const Bytes& other) : Bytes(other.size) { memcpy(data, other.data, size); }
  Bytes& operator=(const Bytes&) = delete;
  ~Bytes() { free(data); }
};

Bytes readFile(const char* path) {
  FILE* file = fopen(path, "rb");
  if (file == nullptr) abort();
  fseek(file, 0, SEEK_END);
  Bytes bytes(static_cast<size_t>(ftell(file)));
  rewind(file);
  if (fread(bytes.data, 1, bytes.size, file) != bytes.size) abort();
  fclose(file);
  return bytes;
}

/** Scalars of every length, below r because their top bits are clear. */
void fillScalars(Bytes& scalars) {
  for (size_t i = 0; i < scalars.size; i += 32) {
    const uint32_t length = below(32);
    for (uint32_t j = 0; j < 32; j++) scalars.data[i + j] = j < length ? static_cast<uint8_t>(below(256)) : 0;
  }
}

void expectSame(const Bytes& a, const Bytes& b, const char* what) {
  if (memcmp(a.data, b.data, a.size) == 0) return;
  fprintf(stderr, "the kernels disagree about %s\n", what);
  exit(1);
}

/** Points are whatever the bytes say: arithmetic must be defined, and the same in all kernels, for reduced coordinates. */
void compareKernels(VouchPool* pool, const Bytes& key) {
  const uint32_t group = 1 + below(2);
  const uint32_t count = below(600);
  const size_t size = 64 * group;
  Bytes scalars(32 * count), points(size * count + 8), values(32u << below(10));
  fillScalars(scalars);
  // Coordinates from the key, at any offset; some points equal, some infinite. The top bits keep them below the modulus.
  const size_t shift = below(8);
  for (uint32_t i = 0; i < count; i++) {
    uint8_t* point = points.data + shift + size * i;
    const uint32_t kind = below(4);
    if (kind == 0) memset(point, 0, size);
    else memcpy(point, key.data + 700 + 64 * (kind == 1 ? 3 : below(10)), size);
    for (size_t at = 31; at < size; at += 32) point[at] &= 0x1f;
  }
  const uint32_t window = below(17);
  fillScalars(values);
  const uint32_t logSize = static_cast<uint32_t>(__builtin_ctzll(values.size / 32));
  Bytes sum(size), products(size * count), transformed(values);
  for (uint32_t i = 0; i < kKernelCount; i++) {
    const VouchKernel& kernel = *kKernels[i];
    Bytes otherSum(size), otherProducts(size * count), otherValues(values);
    Bytes& toSum = i == 0 ? sum : otherSum;
    Bytes& toProducts = i == 0 ? products : otherProducts;
    Bytes& toValues = i == 0 ? transformed : otherValues;
    kernel.sum(pool, group, points.data + shift, scalars.data, count, window, toSum.data);
    if (count > 0) kernel.multiplyBase(pool, group, points.data + shift, scalars.data, count, toProducts.data);
    kernel.transform(pool, toValues.data, logSize);
    expectSame(sum, toSum, "a sum");
    expectSame(products, toProducts, "products");
    expectSame(transformed, toValues, "a transform");
  }
}

void damage(Bytes& bytes, size_t within) {
  static const uint8_t edges[] = {0, 1, 0x7f, 0x80, 0xff};
  const size_t span = within < bytes.size ? within : bytes.size;
  if (span == 0) return;
  for (uint32_t changes = below(4) + 1; changes > 0; changes--) {
    const size_t at = below(static_cast<uint32_t>(span));
    const uint8_t value = below(2) != 0 ? edges[below(5)] : static_cast<uint8_t>(below(256));
    for (size_t i = at; i < at + 1 + below(8) && i < bytes.size; i++) bytes.data[i] = value;
  }
}

void proveDamaged(VouchPool* pool, const Bytes& key, const Bytes& witness, uint32_t (&statuses)[32]) {
  Bytes damagedKey(key), damagedWitness(witness);
  const uint32_t kind = below(4);
  if (kind == 0) damage(damagedWitness, damagedWitness.size);
  if (kind == 1) damage(damagedKey, 760);
  if (kind == 2) damage(damagedKey, damagedKey.size);
  // A buffer of exactly this length, so that a read past the end is seen.
  Bytes cut(kind == 3 ? below(static_cast<uint32_t>(key.size)) : key.size);
  memcpy(cut.data, damagedKey.data, cut.size);
  const VouchKernel& kernel = *kKernels[below(kKernelCount)];
  VouchKey* opened = nullptr;
  int32_t status = kernel.openKey(pool, cut.data, cut.size, &opened);
  if (status == 0) {
    uint8_t blinding[64] = {};
    uint8_t proof[256];
    blinding[below(64)] = 1;
    status = kernel.prove(pool, opened, damagedWitness.data, damagedWitness.size, blinding, proof);
    kernel.closeKey(opened);
  }
  if (status < 0 || status > 31) abort();
  statuses[status]++;
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 5) return 2;
  const Bytes key = readFile(arguments[1]);
  const Bytes witness = readFile(arguments[2]);
  const uint32_t rounds = static_cast<uint32_t>(atoi(arguments[3]));
  state = strtoull(arguments[4], nullptr, 10);
  VouchPool* pool = vouchCreatePool(2);
  uint32_t statuses[32] = {};
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 10 == 0) compareKernels(pool, key);
    proveDamaged(pool, key, witness, statuses);
  }
  vouchDestroyPool(pool);
  printf("%u rounds;", rounds);
  for (uint32_t status = 0; status < 32; status++) {
    if (statuses[status] > 0) printf(" status %u: %u", status, statuses[status]);
  }
  printf("\n");
  // Proofs and refusals must both occur, or the damage tests nothing.
  return statuses[0] > 0 && statuses[0] < rounds ? 0 : 1;
}
