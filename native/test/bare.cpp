// The checks of vector-checks.h and kernel-checks.h as a program for a bare processor: no operating system, no library,
// memory from a fixed arena, tasks in turn. bare.py runs it in an emulator that knows AVX512-IFMA. Ends at a `hlt` with the
// address of what failed in rax, 0 for nothing.
#include "kernel-checks.h"
#include "vector-checks.h"

extern "C" {
extern const VouchKernel vouch_kernel_ifma;
extern const VouchKernel vouch_kernel_adx;
}

namespace {

alignas(64) uint8_t arena[192u << 20];
size_t used = 0;

void runInTurn(VouchPool*, uint32_t tasks, void (*body)(void*, uint32_t, uint32_t), void* context) {
  for (uint32_t task = 0; task < tasks; task++) body(context, task, 0);
}

VouchPool pool = {runInTurn, 1, nullptr, nullptr};

}  // namespace

extern "C" {

/** Memory is given back in reverse order at best; what is not the last piece is lost. */
void* vouchAllocate(size_t bytes) {
  const size_t size = (bytes + 63) / 64 * 64;
  if (size > sizeof arena - used) return nullptr;
  used += size;
  return arena + used - size;
}

void vouchRelease(void* memory, size_t bytes) {
  const size_t size = (bytes + 63) / 64 * 64;
  if (memory != nullptr && arena + used - size == memory) used -= size;
}

void* memcpy(void* to, const void* from, size_t size) {
  void* start = to;
  __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  return start;
}

void* memset(void* memory, int value, size_t size) {
  void* start = memory;
  __asm__ volatile("rep stosb" : "+D"(memory), "+c"(size) : "a"(value) : "memory");
  return start;
}

int memcmp(const void* left, const void* right, size_t size) {
  const uint8_t* a = static_cast<const uint8_t*>(left);
  const uint8_t* b = static_cast<const uint8_t*>(right);
  for (size_t i = 0; i < size; i++) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return 0;
}

__attribute__((used)) const char* runChecks(const uint8_t* key, size_t keyBytes, const uint8_t* witness, size_t witnessBytes) {
  const char* failure = VOUCH_KERNEL::checkVectors();
  if (failure != nullptr) return failure;
  return compareKernels(&pool, vouch_kernel_adx, vouch_kernel_ifma, {key, keyBytes, witness, witnessBytes});
}

__attribute__((naked)) void _start() { __asm__("call runChecks\n\thlt"); }

}  // extern "C"
