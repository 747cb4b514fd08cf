// What JavaScript passes, read into C++. A reader returns false where the value is not what it should be; nothing is
// converted and nothing is copied.
#pragma once
#include <node_api.h>

#include "kernels.h"

namespace addon {

constexpr uint32_t kMostThreads = 256;
constexpr uint32_t kMostScalars = 1u << 28;
constexpr size_t kScalarBytes = 32;
/** Room for the name of a kernel. */
constexpr size_t kNameLength = 32;

/** Throws a TypeError. */
inline napi_value fail(napi_env env, const char* what) {
  napi_throw_type_error(env, nullptr, what);
  return nullptr;
}

/** The arguments of a call; false as a condition where there are not as many. */
template <size_t kCount>
struct Arguments {
  napi_value value[kCount];
  size_t count = kCount;

  Arguments(napi_env env, napi_callback_info info) { napi_get_cb_info(env, info, &count, value, nullptr, nullptr); }
  explicit operator bool() const { return count == kCount; }
  napi_value operator[](size_t index) const { return value[index]; }
};

inline bool readText(napi_env env, napi_value value, char* text, size_t capacity) {
  size_t length;
  return napi_get_value_string_utf8(env, value, text, capacity, &length) == napi_ok && length + 1 < capacity;
}

/** The elements of a typed array of this type. */
template <class T>
bool readElements(napi_env env, napi_value value, napi_typedarray_type wanted, T** elements, size_t* count) {
  bool isTyped;
  napi_typedarray_type type;
  void* data;
  if (napi_is_typedarray(env, value, &isTyped) != napi_ok || !isTyped) return false;
  if (napi_get_typedarray_info(env, value, &type, count, &data, nullptr, nullptr) != napi_ok) return false;
  *elements = static_cast<T*>(data);
  return type == wanted;
}

inline bool readBytes(napi_env env, napi_value value, uint8_t** bytes, size_t* size) {
  return readElements(env, value, napi_uint8_array, bytes, size);
}

/** Scalars, as many as their bytes say. */
inline bool readScalars(napi_env env, napi_value value, uint8_t** scalars, size_t* count) {
  size_t size;
  if (!readBytes(env, value, scalars, &size) || size % kScalarBytes != 0) return false;
  *count = size / kScalarBytes;
  return *count <= kMostScalars;
}

inline bool readThreads(napi_env env, napi_value value, uint32_t* threads) {
  return napi_get_value_uint32(env, value, threads) == napi_ok && *threads >= 1 && *threads <= kMostThreads;
}

/** 1 or 2. */
inline bool readGroup(napi_env env, napi_value value, uint32_t* group) {
  return napi_get_value_uint32(env, value, group) == napi_ok && *group >= 1 && *group <= 2;
}

/** Bytes of an affine point. */
inline size_t pointBytes(uint32_t group) { return 64 * static_cast<size_t>(group); }

}  // namespace addon
