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
  Bytes sum(size), products(size * count), multiplied(64 * count), transformed(values);
  for (uint32_t i = 0; i < kKernelCount; i++) {
    const VouchKernel& kernel = *kKernels[i];
    Bytes otherSum(size), otherProducts(size * count), otherMultiplied(64 * count), otherValues(values);
    Bytes& toSum = i == 0 ? sum : otherSum;
    Bytes& toProducts = i == 0 ? products : otherProducts;
    Bytes& toMultiplied = i == 0 ? multiplied : otherMultiplied;
    Bytes& toValues = i == 0 ? transformed : otherValues;
    kernel.sum(pool, group, points.data + shift, scalars.data, count, window, toSum.data);
    if (count > 0) kernel.multiplyBase(pool, group, points.data + shift, scalars.data, count, toProducts.data);
    // Points of the other group are points of this one too, off the curve.
    if (count > 0) kernel.multiplyPoints(pool, points.data + shift, count, scalars.data, toMultiplied.data);
    kernel.transform(pool, toValues.data, logSize);
    expectSame(sum, toSum, "a sum");
    expectSame(products, toProducts, "products");
    expectSame(multiplied, toMultiplied, "products of points");
    expectSame(transformed, toValues, "a transform");
  }
}

/** An array of exactly this length, so that a read past the end is seen. */
template <class T>
struct Exact {
  T* data;
  size_t size;

  explicit Exact(size_t length) : data(static_cast<T*>(malloc(length * sizeof(T) + (length == 0)))), size(length) {}
  Exact(const Exact&) = delete;
  ~Exact() { free(data); }
};

/** The scalars of a small key: the same by every kernel, or refused by all, however the circuit is damaged. */
void compareKeyScalars(VouchPool* pool, uint32_t (&statuses)[32]) {
  const uint32_t rows = 1 + below(40), wires = 2 + below(60), bigCount = below(3);
  const uint32_t publicSignals = below(wires < 5 ? wires : 5);
  uint32_t logDomain = 0;
  while (1u << logDomain < rows + publicSignals + 1) logDomain++;
  Exact<uint32_t> starts(rows + 1);
  for (uint32_t i = 0; i <= rows; i++) starts.data[i] = i == 0 ? 0 : starts.data[i - 1] + below(4);
  const uint32_t terms = starts.data[rows];
  Exact<uint32_t> wireOf(terms);
  Exact<double> coefficients(terms);
  for (uint32_t i = 0; i < terms; i++) {
    wireOf.data[i] = below(wires);
    const double choices[] = {1, -1, static_cast<double>(below(1000)), -9007199254740991.0, 9007199254740992.0};
    coefficients.data[i] = choices[below(bigCount > 0 ? 5 : 4)];
  }
  Exact<uint8_t> big(32 * bigCount), secrets(5 * 32);
  for (size_t i = 0; i < big.size; i++) big.data[i] = i % 32 == 31 ? 0 : static_cast<uint8_t>(below(256));
  for (size_t i = 0; i < secrets.size; i++) secrets.data[i] = i % 32 == 31 ? 0 : static_cast<uint8_t>(below(256));
  const uint32_t kind = below(8);
  const double wrong[] = {9007199254740992.0 + 2 * 3, -9007199254740992.0, 1e300, -1e300, __builtin_nan(""), __builtin_inf()};
  if (kind == 0) starts.data[below(rows + 1)] = 0xffffffffu - below(3);
  if (kind == 1 && terms > 0) wireOf.data[below(terms)] = wires + below(2) * 0x7fffffffu;
  if (kind == 2 && terms > 0) coefficients.data[below(terms)] = wrong[below(6)];
  if (kind == 3) memset(secrets.data + 32 * below(5), 255, 32);
  const VouchSide side = {starts.data, wireOf.data, coefficients.data, terms};
  const VouchCircuit circuit = {rows, wires, publicSignals, logDomain, {side, side, side}, big.data, bigCount};
  Bytes first(32 * (3 * wires + (1u << logDomain)));
  int32_t expected = 0;
  for (uint32_t i = 0; i < kKernelCount; i++) {
    Bytes out(first.size);
    memset(out.data, 0, out.size);
    const VouchKeyScalars places = {out.data, out.data + 32 * wires, out.data + 64 * wires, out.data + 96 * wires};
    const int32_t status = kKernels[i]->evaluateKey(pool, &circuit, secrets.data, &places);
    if (status < 0 || status > 31) abort();
    if (i == 0) {
      expected = status;
      statuses[status]++;
      memcpy(first.data, out.data, out.size);
    } else if (status != expected) {
      fprintf(stderr, "one kernel ends with %d, another with %d\n", expected, status);
      exit(1);
    } else if (status == 0) {
      expectSame(first, out, "a key's scalars");
    }
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
  uint32_t keyStatuses[32] = {};
  for (uint32_t round = 0; round < rounds; round++) {
    if (round % 10 == 0) compareKernels(pool, key);
    if (round % 10 == 5) compareKeyScalars(pool, keyStatuses);
    proveDamaged(pool, key, witness, statuses);
  }
  vouchDestroyPool(pool);
  printf("%u rounds;", rounds);
  for (uint32_t status = 0; status < 32; status++) {
    if (statuses[status] > 0) printf(" status %u: %u", status, statuses[status]);
  }
  printf("\n");
  // Proofs, keys and refusals must all occur, or the damage tests nothing.
  const bool refused = statuses[0] < rounds && (rounds < 200 || keyStatuses[5] > 0);
  return statuses[0] > 0 && keyStatuses[0] > 0 && refused ? 0 : 1;
}
