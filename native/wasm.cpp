// The kernel as a WebAssembly module over shared memory: an allocator, a pool of threads, and the functions of kernel.h as
// exports. Each thread has an instance of its own with a stack of its own. The first leads: it alone makes calls, and takes
// part in the work; the others wait inside `work` for what it shares out. src/kernel/wasm-module.ts is the only caller.
#include "kernel.cpp"

/** Told how much of a call is done, in thousandths, by the thread that leads. */
extern "C" __attribute__((import_module("env"), import_name("report"))) void reportToHost(uint32_t thousandths);

namespace {

constexpr size_t kPage = 65536;
/** Of the 256 KiB that native/build.sh gives the first thread; the caller and what is below need little. */
constexpr size_t kWipedStack = 3 * kPage;

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

/** Wipes what a proof leaves of its blinding below the caller's frame. */
__attribute__((noinline)) void wipeStack() {
  uint8_t below[kWipedStack];
  __builtin_memset(below, 0, sizeof below);
  asm volatile("" : : "r"(below) : "memory");
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

struct ThreadPool {
  VouchPool shared;
  uint32_t cancelled;
  uint32_t progress;
  uint32_t reported;
  /** Counts the calls that were shared out, so that a thread takes part in each once. */
  uint32_t round;
  uint32_t busy;
  uint32_t tasks;
  uint32_t next;
  void (*body)(void*, uint32_t, uint32_t);
  void* context;
};

uint32_t read(const uint32_t* word) { return __atomic_load_n(word, __ATOMIC_SEQ_CST); }

/** Waits while the word has this value; only threads that may block get here. */
void waitWhile(uint32_t* word, uint32_t value) {
  __builtin_wasm_memory_atomic_wait32(reinterpret_cast<int*>(word), static_cast<int>(value), -1);
}

void wake(uint32_t* word) { __builtin_wasm_memory_atomic_notify(reinterpret_cast<int*>(word), UINT32_MAX); }

void takeTasks(ThreadPool* pool, uint32_t worker) {
  while (read(&pool->cancelled) == 0) {
    const uint32_t task = __atomic_fetch_add(&pool->next, 1, __ATOMIC_SEQ_CST);
    if (task >= pool->tasks) return;
    pool->body(pool->context, task, worker);
  }
}

void shareOut(VouchPool* shared, uint32_t tasks, void (*body)(void*, uint32_t, uint32_t), void* context) {
  ThreadPool* pool = reinterpret_cast<ThreadPool*>(shared);
  if (pool->progress != pool->reported) reportToHost(pool->reported = pool->progress);
  pool->tasks = tasks;
  pool->body = body;
  pool->context = context;
  pool->next = 0;
  if (tasks < 2 || shared->workers == 1) return takeTasks(pool, 0);
  __atomic_store_n(&pool->busy, shared->workers - 1, __ATOMIC_SEQ_CST);
  __atomic_fetch_add(&pool->round, 1, __ATOMIC_SEQ_CST);
  wake(&pool->round);
  takeTasks(pool, 0);
  for (uint32_t busy = read(&pool->busy); busy != 0; busy = read(&pool->busy)) waitWhile(&pool->busy, busy);
}

ThreadPool threads = {{shareOut, 1, &threads.cancelled, &threads.progress}, 0, 0, 0, 0, 0, 0, 0, nullptr, nullptr};
VouchPool& pool = threads.shared;

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

/** Wipes what it takes back: witnesses, blinding and what is computed from them pass through here. */
void vouchRelease(void* memory, size_t bytes) {
  if (memory == nullptr) return;
  __builtin_memset(memory, 0, rounded(bytes));
  insert(static_cast<uint8_t*>(memory), rounded(bytes));
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

/** Says how many threads there are, once all of them run `work`. */
VOUCH_EXPORT void setWorkers(uint32_t workers) { pool.workers = workers; }

/** What a thread other than the first does for as long as it lives. */
VOUCH_EXPORT void work(uint32_t worker) {
  uint32_t seen = 0;
  for (;;) {
    while (read(&threads.round) == seen) waitWhile(&threads.round, seen);
    seen++;
    takeTasks(&threads, worker);
    __atomic_fetch_sub(&threads.busy, 1, __ATOMIC_SEQ_CST);
    wake(&threads.busy);
  }
}

/** What a thread does whose work trapped: the call ends as cancelled. */
VOUCH_EXPORT void abandon() {
  __atomic_store_n(&threads.cancelled, 1, __ATOMIC_SEQ_CST);
  __atomic_fetch_sub(&threads.busy, 1, __ATOMIC_SEQ_CST);
  wake(&threads.busy);
}

/** The word that whoever shares the memory sets to cancel a call, and that is cleared before the next. */
VOUCH_EXPORT uint32_t* cancelWord() { return &threads.cancelled; }

VOUCH_EXPORT void* allocate(size_t bytes) { return vouchAllocate(bytes); }
VOUCH_EXPORT void release(void* memory, size_t bytes) { vouchRelease(memory, bytes); }
VOUCH_EXPORT int32_t open(const uint8_t* bytes, size_t size, VouchKey** key) { return openKey(&pool, bytes, size, key); }
VOUCH_EXPORT void closeOpened(VouchKey* key) { closeKey(key); }
VOUCH_EXPORT uint32_t wiresOf(const VouchKey* key) { return wires(key); }
VOUCH_EXPORT uint32_t publicSignalsOf(const VouchKey* key) { return publicSignals(key); }
VOUCH_EXPORT int32_t prove(const VouchKey* key, const uint8_t* witness, size_t size, const uint8_t* blinding, uint8_t* out) {
  const int32_t status = proveWith(&pool, key, witness, size, blinding, out);
  wipeStack();
  return status;
}
VOUCH_EXPORT int32_t sumPoints(uint32_t group, const uint8_t* points, const uint8_t* scalars, uint32_t count,
                               uint32_t window, uint8_t* out) {
  return sum(&pool, group, points, scalars, count, window, out);
}
VOUCH_EXPORT int32_t multiplyBase(uint32_t group, const uint8_t* base, const uint8_t* scalars, uint32_t count, uint8_t* out) {
  const int32_t status = multiplyBaseIn(&pool, group, base, scalars, count, out);
  wipeStack();
  return status;
}
VOUCH_EXPORT int32_t multiplyPoints(const uint8_t* points, uint32_t count, const uint8_t* scalar, uint8_t* out) {
  const int32_t status = multiplyPointsOf(&pool, points, count, scalar, out);
  wipeStack();
  return status;
}
VOUCH_EXPORT int32_t transformValues(uint8_t* values, uint32_t logSize) { return transform(&pool, values, logSize); }

}  // extern "C"
