// The kernels that this addon holds, and what of them the processor can run.
#pragma once
#include <string.h>

#include "../kernel.h"
#include "../processor.h"

extern "C" {
#if defined(__x86_64__)
extern const VouchKernel vouch_kernel_ifma;
extern const VouchKernel vouch_kernel_adx;
#endif
extern const VouchKernel vouch_kernel_portable;
#if defined(VOUCH_WITH_EMULATED_IFMA)
extern const VouchKernel vouch_kernel_ifma_emulated;
#endif
}

namespace addon {

/** The kernels of this addon, the fastest first. */
inline const VouchKernel* const kKernels[] = {
#if defined(VOUCH_WITH_EMULATED_IFMA)
    &vouch_kernel_ifma_emulated,
#else
#if defined(__x86_64__)
    &vouch_kernel_ifma,
    &vouch_kernel_adx,
#endif
    &vouch_kernel_portable,
#endif
};

inline const uint32_t kFeatures = processorFeatures();

/** What the processor lacks for a kernel, as bits of processor.h. */
inline uint32_t lacks(const VouchKernel& kernel) { return kernel.needs & ~kFeatures; }

/** The kernel of this name; null where the addon has none. */
inline const VouchKernel* namedKernel(const char* name) {
  for (const VouchKernel* kernel : kKernels) {
    if (strcmp(kernel->name, name) == 0) return kernel;
  }
  return nullptr;
}

/** The kernel of this name, where the processor can run it. */
inline const VouchKernel* findKernel(const char* name) {
  const VouchKernel* kernel = namedKernel(name);
  return kernel != nullptr && lacks(*kernel) == 0 ? kernel : nullptr;
}

}  // namespace addon
