// What the kernels need from where they run: memory and workers. The addon implements it with libc and POSIX threads,
// the WebAssembly module with its own heap and the host's threads. Nothing else is called from the kernels.
#pragma once
#include <stddef.h>
#include <stdint.h>

extern "C" {

/** Memory aligned to 64 bytes, or null. Zero bytes give a pointer that may be released. */
void* vouchAllocate(size_t bytes);
void vouchRelease(void* memory, size_t bytes);

/** Workers that share the tasks of one call at a time. */
struct VouchPool {
  /** Calls body(context, task, worker) once for each task < tasks, with worker < workers, and waits for all. */
  void (*run)(VouchPool* pool, uint32_t tasks, void (*body)(void* context, uint32_t task, uint32_t worker), void* context);
  uint32_t workers;
  /** The caller sets it from any thread to make `run` skip the tasks that have not begun. */
  const uint32_t* cancelled;
  /** Counts the work done, from 0 to 1000. Read by the caller from any thread. */
  uint32_t* progress;
};

}  // extern "C"

/** Placement new; the standard header that declares it is not there for WebAssembly. */
inline void* operator new(size_t, void* memory) noexcept { return memory; }

/** Zeroes secrets. A compiler takes away what is written just before memory is freed, unless somebody may still read it. */
inline void vouchWipe(void* memory, size_t bytes) {
  __builtin_memset(memory, 0, bytes);
  __asm__ volatile("" : : "r"(memory) : "memory");
}

namespace VOUCH_KERNEL {

inline bool isCancelled(const VouchPool& pool) {
  return pool.cancelled != nullptr && __atomic_load_n(pool.cancelled, __ATOMIC_RELAXED) != 0;
}

inline void report(VouchPool& pool, uint32_t thousandths) {
  if (pool.progress != nullptr) __atomic_store_n(pool.progress, thousandths, __ATOMIC_RELAXED);
}

/** Runs body(task, worker) for each task < tasks on the pool. */
template <class Body>
inline void forEach(VouchPool& pool, uint32_t tasks, const Body& body) {
  pool.run(
      &pool, tasks,
      [](void* context, uint32_t task, uint32_t worker) { (*static_cast<const Body*>(context))(task, worker); },
      const_cast<Body*>(&body));
}

/** Runs body(from, to, worker) on equal ranges of 0 … size, none smaller than `least` unless it is the only one. */
template <class Body>
inline void forRanges(VouchPool& pool, size_t size, size_t least, const Body& body) {
  size_t parts = size / (least == 0 ? 1 : least);
  if (parts > 4 * static_cast<size_t>(pool.workers)) parts = 4 * static_cast<size_t>(pool.workers);
  if (parts == 0) parts = 1;
  forEach(pool, static_cast<uint32_t>(parts), [&](uint32_t part, uint32_t worker) {
    body(size * part / parts, size * (part + 1) / parts, worker);
  });
}

}  // namespace VOUCH_KERNEL
