// The kernel as a WebAssembly module with one thread: an allocator over the module's own memory, a pool that runs tasks in
// turn, and the functions of kernel.h as exports. src/kernel/wasm.ts is its only caller.
#include "kernel.cpp"

namespace {

constexpr size_t kPage = 65536;

/** A free stretch of memory, in a list by address. Sizes are multiples of 64. */
struct Free {
  size_t size;
  Free* next;
};

extern "C" uint8_t __heap_base;
Free* freeList = nullptr;
size_t heapEnd = 0;

size_t rounded(size_t bytes) { return bytes == 0 ? 64 : (bytes + 63) / 64 * 64; }

void insert(uint8_t* memory, size_t size) {
  Free** link = &freeList;
  while (*link != nullptr && reinterpret_cast<uint8_t*>(*link) < memory) {
    Free* before = *link;
    if (reinterpret_cast<uint8_t*>(before) + before->size == memory) {
      before->size += size;
      Free* after = before->next;
      if (after != nullptr && memory + size == reinterpret_cast<uint8_t*>(after)) {
        before->size += after->size;
        before->next = after->next;
      }
      return;
    }
    link = &before->next;
  }
  Free* block = reinterpret_cast<Free*>(memory);
  *block = {size, *link};
  if (block->next != nullptr && memory + size == reinterpret_cast<uint8_t*>(block->next)) {
    block->size += block->next->size;
    block->next = block->next->next;
  }
  *link = block;
}

/** Adds at least `bytes` to the heap. */
bool grow(size_t bytes) {
  if (heapEnd == 0) {
    const size_t start = (reinterpret_cast<size_t>(&__heap_base) + 63) / 64 * 64;
    heapEnd = __builtin_wasm_memory_size(0) * kPage;
    if (heapEnd > start) insert(reinterpret_cast<uint8_t*>(start), heapEnd - start);
  }
  const size_t pages = (bytes + kPage - 1) / kPage;
  const size_t before = __builtin_wasm_memory_grow(0, pages);
  if (before == static_cast<size_t>(-1)) return false;
  insert(reinterpret_cast<uint8_t*>(before * kPage), pages * kPage);
  heapEnd = (before + pages) * kPage;
  return true;
}

uint32_t progress;

void runInTurn(VouchPool*, uint32_t tasks, void (*body)(void*, uint32_t, uint32_t), void* context) {
  for (uint32_t task = 0; task < tasks; task++) body(context, task, 0);
}

VouchPool pool = {runInTurn, 1, nullptr, &progress};

}  // namespace

extern "C" {

void* vouchAllocate(size_t bytes) {
  if (bytes > SIZE_MAX - kPage) return nullptr;
  const size_t size = rounded(bytes);
  for (int attempt = 0; attempt < 2; attempt++) {
    for (Free** link = &freeList; *link != nullptr; link = &(*link)->next) {
      Free* block = *link;
      if (block->size < size) continue;
      Free* rest = block->next;
      if (block->size > size) {
        rest = reinterpret_cast<Free*>(reinterpret_cast<uint8_t*>(block) + size);
        *rest = {block->size - size, block->next};
      }
      *link = rest;
      return block;
    }
    if (!grow(size)) return nullptr;
  }
  return nullptr;
}

void vouchRelease(void* memory, size_t bytes) {
  if (memory != nullptr) insert(static_cast<uint8_t*>(memory), rounded(bytes));
}

/** The compiler's 128-bit product, which no runtime library provides here. */
__int128 __multi3(__int128 a, __int128 b) {
  const uint64_t x = static_cast<uint64_t>(a);
  const uint64_t y = static_cast<uint64_t>(b);
  const uint64_t low = (x & 0xffffffff) * (y & 0xffffffff);
  const uint64_t first = (x >> 32) * (y & 0xffffffff) + (low >> 32);
  const uint64_t second = (x & 0xffffffff) * (y >> 32) + (first & 0xffffffff);
  const uint64_t high = (x >> 32) * (y >> 32) + (first >> 32) + (second >> 32) +
                        x * static_cast<uint64_t>(b >> 64) + y * static_cast<uint64_t>(a >> 64);
  const unsigned __int128 product =
      static_cast<unsigned __int128>(high) << 64 | (second << 32 | (low & 0xffffffff));
  return static_cast<__int128>(product);
}

void* memset(void* memory, int value, size_t size) {
  uint8_t* bytes = static_cast<uint8_t*>(memory);
  for (size_t i = 0; i < size; i++) bytes[i] = static_cast<uint8_t>(value);
  return memory;
}

int memcmp(const void* left, const void* right, size_t size) {
  const uint8_t* a = static_cast<const uint8_t*>(left);
  const uint8_t* b = static_cast<const uint8_t*>(right);
  for (size_t i = 0; i < size; i++) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

#define VOUCH_EXPORT __attribute__((visibility("default")))

VOUCH_EXPORT void* allocate(size_t bytes) { return vouchAllocate(bytes); }
VOUCH_EXPORT void release(void* memory, size_t bytes) { vouchRelease(memory, bytes); }
VOUCH_EXPORT int32_t open(const uint8_t* bytes, size_t size, VouchKey** key) { return openKey(&pool, bytes, size, key); }
VOUCH_EXPORT void closeOpened(VouchKey* key) { closeKey(key); }
VOUCH_EXPORT uint32_t wiresOf(const VouchKey* key) { return wires(key); }
VOUCH_EXPORT uint32_t publicSignalsOf(const VouchKey* key) { return publicSignals(key); }
VOUCH_EXPORT int32_t prove(const VouchKey* key, const uint8_t* witness, size_t size, const uint8_t* blinding, uint8_t* out) {
  return proveWith(&pool, key, witness, size, blinding, out);
}
VOUCH_EXPORT int32_t sumPoints(uint32_t group, const uint8_t* points, const uint8_t* scalars, uint32_t count,
                               uint32_t window, uint8_t* out) {
  return sum(&pool, group, points, scalars, count, window, out);
}
VOUCH_EXPORT int32_t multiplyBase(uint32_t group, const uint8_t* base, const uint8_t* scalars, uint32_t count, uint8_t* out) {
  return multiplyBaseIn(&pool, group, base, scalars, count, out);
}
VOUCH_EXPORT int32_t transformValues(uint8_t* values, uint32_t logSize) { return transform(&pool, values, logSize); }

}  // extern "C"
