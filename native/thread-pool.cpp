#include "thread-pool.h"

#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__)
// The names these functions had before glibc 2.34 moved them, so that the addon loads with glibc 2.28 too.
__asm__(".symver pthread_create, pthread_create@GLIBC_2.2.5");
__asm__(".symver pthread_join, pthread_join@GLIBC_2.2.5");
#endif

namespace {

struct ThreadPool {
  VouchPool shared;
  pthread_mutex_t state;
  pthread_cond_t begun, finished, released;
  /** Whether a caller has the pool. */
  bool taken;
  pthread_t* threads;
  uint32_t started;
  /** Counts the calls of `run`, so that a worker takes part in each once. */
  uint64_t round;
  uint32_t busy;
  bool ending;
  uint32_t tasks;
  uint32_t next;
  void (*body)(void*, uint32_t, uint32_t);
  void* context;
};

struct Start {
  ThreadPool* pool;
  uint32_t worker;
};

bool isSet(const uint32_t* flag) { return flag != nullptr && __atomic_load_n(flag, __ATOMIC_RELAXED) != 0; }

void takeTasks(ThreadPool* pool, uint32_t worker) {
  for (;;) {
    if (isSet(pool->shared.cancelled)) return;
    const uint32_t task = __atomic_fetch_add(&pool->next, 1, __ATOMIC_RELAXED);
    if (task >= pool->tasks) return;
    pool->body(pool->context, task, worker);
  }
}

void* work(void* argument) {
  const Start start = *static_cast<Start*>(argument);
  free(argument);
  ThreadPool* pool = start.pool;
  uint64_t seen = 0;
  pthread_mutex_lock(&pool->state);
  for (;;) {
    while (!pool->ending && pool->round == seen) pthread_cond_wait(&pool->begun, &pool->state);
    if (pool->ending) break;
    seen = pool->round;
    pthread_mutex_unlock(&pool->state);
    takeTasks(pool, start.worker);
    pthread_mutex_lock(&pool->state);
    if (--pool->busy == 0) pthread_cond_signal(&pool->finished);
  }
  pthread_mutex_unlock(&pool->state);
  return nullptr;
}

void run(VouchPool* shared, uint32_t tasks, void (*body)(void*, uint32_t, uint32_t), void* context) {
  ThreadPool* pool = reinterpret_cast<ThreadPool*>(shared);
  pool->tasks = tasks;
  pool->body = body;
  pool->context = context;
  pool->next = 0;
  if (tasks < 2 || pool->started == 0) return takeTasks(pool, 0);
  pthread_mutex_lock(&pool->state);
  pool->busy = pool->started;
  pool->round++;
  pthread_cond_broadcast(&pool->begun);
  pthread_mutex_unlock(&pool->state);
  takeTasks(pool, 0);
  pthread_mutex_lock(&pool->state);
  while (pool->busy > 0) pthread_cond_wait(&pool->finished, &pool->state);
  pthread_mutex_unlock(&pool->state);
}

/** How often a caller that waits for the pool looks at its flag, which nobody signals. */
constexpr long kPollNanoseconds = 20'000'000;

/** Waits until the pool is released, or for as long as a flag may go unread. */
void waitForRelease(ThreadPool* pool, bool isCancellable) {
  if (!isCancellable) {
    pthread_cond_wait(&pool->released, &pool->state);
    return;
  }
  timespec until;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_nsec += kPollNanoseconds;
  if (until.tv_nsec >= 1'000'000'000) {
    until.tv_nsec -= 1'000'000'000;
    until.tv_sec++;
  }
  pthread_cond_timedwait(&pool->released, &pool->state, &until);
}

constexpr size_t kAlignment = 64;
constexpr size_t kHugePage = 2u << 20;
/**
 * Blocks from this size on are mapped one by one and go back to the system when they are released: libc would keep them, for
 * each of the threads that ever proved. In huge pages their first use costs few page faults.
 */
constexpr size_t kMappedBytes = 1u << 20;

/** 4096 with most processors; some systems on ARM have 16384 or 65536. */
const size_t kPage = static_cast<size_t>(sysconf(_SC_PAGESIZE));

size_t roundUp(size_t bytes, size_t unit) { return (bytes + unit - 1) / unit * unit; }

}  // namespace

VouchPool* vouchCreatePool(uint32_t workers) {
  ThreadPool* pool = static_cast<ThreadPool*>(calloc(1, sizeof(ThreadPool)));
  if (pool == nullptr) return nullptr;
  pool->shared.run = run;
  pool->shared.workers = workers;
  pthread_mutex_init(&pool->state, nullptr);
  pthread_cond_init(&pool->begun, nullptr);
  pthread_cond_init(&pool->finished, nullptr);
  pthread_cond_init(&pool->released, nullptr);
  pool->threads = static_cast<pthread_t*>(calloc(workers, sizeof(pthread_t)));
  bool failed = pool->threads == nullptr;
  for (uint32_t worker = 1; worker < workers && !failed; worker++) {
    Start* start = static_cast<Start*>(malloc(sizeof(Start)));
    failed = start == nullptr;
    if (failed) break;
    *start = {pool, worker};
    failed = pthread_create(&pool->threads[pool->started], nullptr, work, start) != 0;
    if (failed) free(start);
    else pool->started++;
  }
  if (!failed) return &pool->shared;
  vouchDestroyPool(&pool->shared);
  return nullptr;
}

void vouchDestroyPool(VouchPool* shared) {
  ThreadPool* pool = reinterpret_cast<ThreadPool*>(shared);
  pthread_mutex_lock(&pool->state);
  pool->ending = true;
  pthread_cond_broadcast(&pool->begun);
  pthread_mutex_unlock(&pool->state);
  for (uint32_t i = 0; i < pool->started; i++) pthread_join(pool->threads[i], nullptr);
  pthread_cond_destroy(&pool->released);
  pthread_cond_destroy(&pool->finished);
  pthread_cond_destroy(&pool->begun);
  pthread_mutex_destroy(&pool->state);
  free(pool->threads);
  free(pool);
}

bool vouchLockPool(VouchPool* shared, const uint32_t* cancelled, uint32_t* progress) {
  ThreadPool* pool = reinterpret_cast<ThreadPool*>(shared);
  pthread_mutex_lock(&pool->state);
  while (pool->taken && !isSet(cancelled)) waitForRelease(pool, cancelled != nullptr);
  const bool isMine = !isSet(cancelled);
  if (isMine) pool->taken = true;
  pthread_mutex_unlock(&pool->state);
  if (!isMine) return false;
  shared->cancelled = cancelled;
  shared->progress = progress;
  return true;
}

void vouchUnlockPool(VouchPool* shared) {
  ThreadPool* pool = reinterpret_cast<ThreadPool*>(shared);
  shared->cancelled = nullptr;
  shared->progress = nullptr;
  pthread_mutex_lock(&pool->state);
  pool->taken = false;
  // All: one that was cancelled meanwhile would keep the signal to itself.
  pthread_cond_broadcast(&pool->released);
  pthread_mutex_unlock(&pool->state);
}

void* vouchAllocate(size_t bytes) {
  const size_t rounded = roundUp(bytes, kAlignment);
  if (rounded < bytes) return nullptr;
  if (rounded < kMappedBytes) return aligned_alloc(kAlignment, rounded == 0 ? kAlignment : rounded);
  const size_t size = roundUp(rounded, kPage);
  if (size < rounded || size > SIZE_MAX - kHugePage) return nullptr;
  // Room to cut off both ends, so that what is left begins at a huge page.
  void* whole = mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (whole == MAP_FAILED) return nullptr;
  uint8_t* begin = static_cast<uint8_t*>(whole);
  const size_t before = (kHugePage - reinterpret_cast<uintptr_t>(whole) % kHugePage) % kHugePage;
  if (before > 0) munmap(begin, before);
  munmap(begin + before + size, kHugePage - before);
#if defined(MADV_HUGEPAGE)
  madvise(begin + before, size, MADV_HUGEPAGE);
#endif
  return begin + before;
}

void vouchRelease(void* memory, size_t bytes) {
  const size_t rounded = roundUp(bytes, kAlignment);
  if (memory != nullptr && rounded >= kMappedBytes) munmap(memory, roundUp(rounded, kPage));
  else free(memory);
}
