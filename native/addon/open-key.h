// Opening a proving key, and its handle in JavaScript.
#pragma once
#include "job.h"
#include "open-keys.h"

namespace addon {

constexpr napi_type_tag kKeyTag = {0x9d1f6a3c52e84b07u, 0xb61e0c7d4f2a8835u};

/** The handle of a key; it owns one use. */
inline napi_value makeHandle(napi_env env, OpenKey* open) {
  const auto release = [](napi_env, void* data, void*) { releaseKey(static_cast<OpenKey*>(data)); };
  napi_value handle;
  if (napi_create_external(env, open, release, nullptr, &handle) != napi_ok) return nullptr;
  napi_type_tag_object(env, handle, &kKeyTag);
  return handle;
}

/** The key of a handle; null where the value is none. */
inline OpenKey* readHandle(napi_env env, napi_value value) {
  bool isKey = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(env, value, &kKeyTag, &isKey) != napi_ok || !isKey) return nullptr;
  return napi_get_value_external(env, value, &data) == napi_ok ? static_cast<OpenKey*>(data) : nullptr;
}

struct OpenKeyJob : Job {
  static constexpr const char* kName = "vouch.openKey";
  OpenKey* open;
  /** Null where the key was given as bytes. */
  char* path;

  int32_t run() {
    if (path != nullptr) {
      const int32_t mapped = mapFile(path, open->file);
      if (mapped != 0) return mapped;
      return kernel->openKey(pool, open->file.bytes, open->file.size, &open->key);
    }
    return kernel->openKey(pool, open->copy, open->copySize, &open->key);
  }

  void clear() {
    if (open != nullptr) freeKey(open);
    free(path);
  }
};

/** The handle where there is a key. */
inline napi_value resultOf(napi_env env, OpenKeyJob* job) {
  if (job->status != 0) return resultOf(env, static_cast<const Job*>(job));
  if (job->open->identity[0] != '\0') shareKey(job->open);
  napi_value handle = makeHandle(env, job->open);
  job->open = nullptr;
  return handle;
}

/** Copies the bytes or the path of a key; false where the value is neither. */
inline bool readSource(napi_env env, napi_value value, OpenKeyJob* job) {
  uint8_t* bytes;
  size_t length;
  if (readBytes(env, value, &bytes, &length)) {
    job->open->copy = static_cast<uint8_t*>(malloc(length + 1));
    job->open->copySize = length;
    if (job->open->copy == nullptr) job->status = kOutOfMemory;
    else memcpy(job->open->copy, bytes, length);
    return true;
  }
  if (napi_get_value_string_utf8(env, value, nullptr, 0, &length) != napi_ok) return false;
  job->path = static_cast<char*>(malloc(length + 1));
  if (job->path == nullptr) job->status = kOutOfMemory;
  else napi_get_value_string_utf8(env, value, job->path, length + 1, &length);
  return true;
}

/** openKey(kernel, threads, path | bytes, identity, control): Promise<handle | status> */
inline napi_value openKey(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  char name[kNameLength];
  char identity[kIdentityLength];
  uint32_t threads;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readText(env, arguments[3], identity, sizeof identity)) {
    return fail(env, "openKey takes a kernel, a number of threads, a source, an identity and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return failWithoutKernel(env);
  OpenKeyJob* job = makeJob<OpenKeyJob>(env, arguments[4], threads, kernel);
  if (job == nullptr) return failWithoutJob(env);
  OpenKey* known = identity[0] == '\0' ? nullptr : findShared(identity, kernel);
  if (known != nullptr) {
    napi_value promise;
    napi_create_promise(env, &job->deferred, &promise);
    napi_resolve_deferred(env, job->deferred, makeHandle(env, known));
    endJob(env, job);
    return promise;
  }
  job->open = static_cast<OpenKey*>(calloc(1, sizeof(OpenKey)));
  if (job->open == nullptr) return failJob(env, job, "out of memory");
  job->open->uses = 1;
  job->open->kernel = kernel;
  memcpy(job->open->identity, identity, sizeof identity);
  if (!readSource(env, arguments[2], job)) return failJob(env, job, "a key is a path or a Uint8Array");
  return startJob(env, job);
}

/** describeKey(handle): [wires, public signals, 1 for a prepared key] */
inline napi_value describeKey(napi_env env, napi_callback_info info) {
  const Arguments<1> arguments(env, info);
  const OpenKey* open = arguments ? readHandle(env, arguments[0]) : nullptr;
  if (open == nullptr) return fail(env, "describeKey takes a key");
  napi_value list;
  napi_value value;
  napi_create_array_with_length(env, 3, &list);
  napi_create_uint32(env, open->kernel->wires(open->key), &value);
  napi_set_element(env, list, 0, value);
  napi_create_uint32(env, open->kernel->publicSignals(open->key), &value);
  napi_set_element(env, list, 1, value);
  napi_create_uint32(env, open->kernel->isPrepared(open->key) ? 1 : 0, &value);
  napi_set_element(env, list, 2, value);
  return list;
}

}  // namespace addon
