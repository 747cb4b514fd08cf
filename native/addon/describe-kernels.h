// What JavaScript asks about the kernels.
#pragma once
#include "arguments.h"

namespace addon {

inline void append(napi_env env, napi_value list, const char* text) {
  uint32_t length;
  napi_value value;
  napi_get_array_length(env, list, &length);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_element(env, list, length, value);
}

/** kernels(): the names of the kernels that this processor runs, the fastest first. */
inline napi_value kernels(napi_env env, napi_callback_info) {
  napi_value list;
  napi_create_array(env, &list);
  for (const VouchKernel* kernel : kKernels) {
    if (lacks(*kernel) == 0) append(env, list, kernel->name);
  }
  return list;
}

/** lacking(kernel): what the processor lacks to run a kernel; undefined where the addon has no such kernel. */
inline napi_value lacking(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  char name[kNameLength];
  if (!arguments || !readText(env, arguments[0], name, sizeof name)) return fail(env, "lacking takes the name of a kernel");
  const VouchKernel* kernel = namedKernel(name);
  if (kernel == nullptr) return nullptr;
  napi_value list;
  napi_create_array(env, &list);
  for (uint32_t bit = 0; bit < sizeof kFeatureNames / sizeof kFeatureNames[0]; bit++) {
    if ((lacks(*kernel) >> bit & 1) != 0) append(env, list, kFeatureNames[bit]);
  }
  return list;
}

}  // namespace addon
