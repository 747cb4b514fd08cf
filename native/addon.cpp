// The Node-API addon: opens keys, proves on libuv's threads, never throws for what a file contains. Promises resolve to a
// result, or to a number: a status of status.h, or −errno where the system refused. src/kernel/native.ts is its only caller
// and says in types what each function takes.
//
// Witnesses and keys given as bytes are copied before the work leaves the JavaScript thread, so that nothing that was
// checked can change. Keys given as paths are mapped, and shared in the process by an identity that the caller derives.
#define NAPI_VERSION 8
#include <errno.h>
#include <fcntl.h>
#include <node_api.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "kernel.h"
#include "processor.h"
#include "thread-pool.h"

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

namespace {

constexpr int32_t kOutOfMemory = 1;
constexpr uint32_t kMostThreads = 256;
constexpr uint32_t kMostScalars = 1u << 28;
constexpr uint32_t kMostLogDomain = 27;
constexpr size_t kIdentityLength = 256;
constexpr size_t kProofLength = 256;
constexpr napi_type_tag kKeyTag = {0x9d1f6a3c52e84b07u, 0xb61e0c7d4f2a8835u};

/** The kernels of this addon, the fastest first. */
const VouchKernel* const kKernels[] = {
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

const uint32_t kFeatures = processorFeatures();

/** What the processor lacks for a kernel, as bits of processor.h. */
uint32_t lacks(const VouchKernel& kernel) { return kernel.needs & ~kFeatures; }

/** The kernel of this name, where the processor can run it. */
const VouchKernel* findKernel(const char* name) {
  for (const VouchKernel* kernel : kKernels) {
    if (strcmp(kernel->name, name) == 0) return lacks(*kernel) == 0 ? kernel : nullptr;
  }
  return nullptr;
}

pthread_mutex_t registry = PTHREAD_MUTEX_INITIALIZER;
/** Pools by their number of workers, kept until the process ends. */
VouchPool* pools[kMostThreads + 1];

VouchPool* poolOf(uint32_t threads) {
  pthread_mutex_lock(&registry);
  if (pools[threads] == nullptr) pools[threads] = vouchCreatePool(threads);
  VouchPool* pool = pools[threads];
  pthread_mutex_unlock(&registry);
  return pool;
}

/** A key in this process; `next` links those that are shared. */
struct OpenKey {
  OpenKey* next;
  uint32_t uses;
  const VouchKernel* kernel;
  VouchKey* key;
  uint8_t* bytes;
  size_t size;
  bool mapped;
  char identity[kIdentityLength];
};

OpenKey* shared = nullptr;

void freeKey(OpenKey* open) {
  if (open->key != nullptr) open->kernel->closeKey(open->key);
  if (open->mapped) munmap(open->bytes, open->size);
  else free(open->bytes);
  free(open);
}

void releaseKey(OpenKey* open) {
  pthread_mutex_lock(&registry);
  const bool last = --open->uses == 0;
  if (last) {
    for (OpenKey** link = &shared; *link != nullptr; link = &(*link)->next) {
      if (*link != open) continue;
      *link = open->next;
      break;
    }
  }
  pthread_mutex_unlock(&registry);
  if (last) freeKey(open);
}

void retainKey(OpenKey* open) {
  pthread_mutex_lock(&registry);
  open->uses++;
  pthread_mutex_unlock(&registry);
}

/** The shared key with this identity, for one more use; null where there is none. */
OpenKey* findShared(const char* identity, const VouchKernel* kernel) {
  pthread_mutex_lock(&registry);
  OpenKey* open = shared;
  while (open != nullptr && (open->kernel != kernel || strcmp(open->identity, identity) != 0)) open = open->next;
  if (open != nullptr) open->uses++;
  pthread_mutex_unlock(&registry);
  return open;
}

void share(OpenKey* open) {
  pthread_mutex_lock(&registry);
  open->next = shared;
  shared = open;
  pthread_mutex_unlock(&registry);
}

int32_t mapFile(const char* path, OpenKey* open) {
  const int file = ::open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return -errno;
  const off_t size = lseek(file, 0, SEEK_END);
  void* bytes = size <= 0 ? MAP_FAILED : mmap(nullptr, static_cast<size_t>(size), PROT_READ, MAP_PRIVATE | MAP_POPULATE, file, 0);
  const int32_t status = size <= 0 ? -EINVAL : bytes == MAP_FAILED ? -errno : 0;
  close(file);
  if (status != 0) return status;
  open->bytes = static_cast<uint8_t*>(bytes);
  open->size = static_cast<size_t>(size);
  open->mapped = true;
  return 0;
}

/** One asynchronous call. */
struct Job {
  napi_async_work work;
  napi_deferred deferred;
  napi_ref control;
  uint32_t* flags;
  VouchPool* pool;
  const VouchKernel* kernel;
  OpenKey* open;
  char* path;
  uint8_t* witness;
  size_t witnessBytes;
  uint8_t blinding[64];
  uint8_t proof[kProofLength];
  uint32_t group;
  uint8_t base[128];
  /** The result of multiplyBase, and what must live until the end: the array that holds it, or a list of such. */
  uint8_t* points;
  napi_ref pointsOwner;
  VouchCircuit circuit;
  VouchKeyScalars scalars;
  int32_t status;
};

/** Zeroes secrets. A compiler takes away what is written just before memory is freed, unless somebody may still read it. */
void wipe(void* bytes, size_t size) {
  memset(bytes, 0, size);
  __asm__ volatile("" : : "r"(bytes) : "memory");
}

void endJob(napi_env env, Job* job) {
  if (job->control != nullptr) napi_delete_reference(env, job->control);
  if (job->work != nullptr) napi_delete_async_work(env, job->work);
  if (job->pointsOwner != nullptr) napi_delete_reference(env, job->pointsOwner);
  free(job->path);
  if (job->witness != nullptr) wipe(job->witness, job->witnessBytes);
  free(job->witness);
  wipe(job->blinding, sizeof job->blinding);
  free(job);
}

void resolve(napi_env env, Job* job, napi_value value) {
  if (value == nullptr) napi_create_int32(env, job->status, &value);
  napi_resolve_deferred(env, job->deferred, value);
}

void runOpen(napi_env, void* data) {
  Job* job = static_cast<Job*>(data);
  if (job->path != nullptr) job->status = mapFile(job->path, job->open);
  if (job->status != 0) return;
  vouchLockPool(job->pool, job->flags, job->flags + 1);
  job->status = job->kernel->openKey(job->pool, job->open->bytes, job->open->size, &job->open->key);
  vouchUnlockPool(job->pool);
}

void finalizeKey(napi_env, void* data, void*) { releaseKey(static_cast<OpenKey*>(data)); }

/** The handle of a key; it owns one use. */
napi_value makeHandle(napi_env env, OpenKey* open) {
  napi_value handle;
  if (napi_create_external(env, open, finalizeKey, nullptr, &handle) != napi_ok) return nullptr;
  napi_type_tag_object(env, handle, &kKeyTag);
  return handle;
}

void finishOpen(napi_env env, napi_status, void* data) {
  Job* job = static_cast<Job*>(data);
  napi_value handle = nullptr;
  if (job->status == 0) {
    if (job->open->identity[0] != '\0') share(job->open);
    handle = makeHandle(env, job->open);
  } else {
    freeKey(job->open);
  }
  resolve(env, job, handle);
  endJob(env, job);
}

void runProve(napi_env, void* data) {
  Job* job = static_cast<Job*>(data);
  vouchLockPool(job->pool, job->flags, job->flags + 1);
  job->status = job->kernel->prove(job->pool, job->open->key, job->witness, job->witnessBytes, job->blinding, job->proof);
  vouchUnlockPool(job->pool);
}

void finishProve(napi_env env, napi_status, void* data) {
  Job* job = static_cast<Job*>(data);
  napi_value proof = nullptr;
  if (job->status == 0) {
    void* bytes;
    napi_value buffer;
    napi_create_arraybuffer(env, kProofLength, &bytes, &buffer);
    memcpy(bytes, job->proof, kProofLength);
    napi_create_typedarray(env, napi_uint8_array, kProofLength, buffer, 0, &proof);
  }
  releaseKey(job->open);
  resolve(env, job, proof);
  endJob(env, job);
}

napi_value fail(napi_env env, const char* what) {
  napi_throw_type_error(env, nullptr, what);
  return nullptr;
}

bool readText(napi_env env, napi_value value, char* text, size_t capacity) {
  size_t length;
  return napi_get_value_string_utf8(env, value, text, capacity, &length) == napi_ok && length + 1 < capacity;
}

bool readBytes(napi_env env, napi_value value, uint8_t** bytes, size_t* size) {
  bool isTyped;
  napi_typedarray_type type;
  void* data;
  if (napi_is_typedarray(env, value, &isTyped) != napi_ok || !isTyped) return false;
  if (napi_get_typedarray_info(env, value, &type, size, &data, nullptr, nullptr) != napi_ok) return false;
  *bytes = static_cast<uint8_t*>(data);
  return type == napi_uint8_array;
}

bool readThreads(napi_env env, napi_value value, uint32_t* threads) {
  return napi_get_value_uint32(env, value, threads) == napi_ok && *threads >= 1 && *threads <= kMostThreads;
}

/** Makes a job whose flags are the two words of `control`: cancelled, and progress in thousandths. */
Job* makeJob(napi_env env, napi_value control, uint32_t threads) {
  bool isTyped;
  napi_typedarray_type type;
  size_t length;
  void* flags;
  if (napi_is_typedarray(env, control, &isTyped) != napi_ok || !isTyped) return nullptr;
  napi_get_typedarray_info(env, control, &type, &length, &flags, nullptr, nullptr);
  if (type != napi_uint32_array || length != 2) return nullptr;
  VouchPool* pool = poolOf(threads);
  Job* job = static_cast<Job*>(calloc(1, sizeof(Job)));
  if (job == nullptr || pool == nullptr) {
    free(job);
    return nullptr;
  }
  job->pool = pool;
  job->flags = static_cast<uint32_t*>(flags);
  napi_create_reference(env, control, 1, &job->control);
  return job;
}

napi_value start(napi_env env, Job* job, const char* name, napi_async_execute_callback execute,
                 napi_async_complete_callback complete) {
  napi_value promise;
  napi_value resource;
  napi_create_promise(env, &job->deferred, &promise);
  napi_create_string_utf8(env, name, NAPI_AUTO_LENGTH, &resource);
  napi_create_async_work(env, nullptr, resource, execute, complete, job, &job->work);
  napi_queue_async_work(env, job->work);
  return promise;
}

/** The elements of a typed array of this type. */
template <class T>
bool readElements(napi_env env, napi_value list, uint32_t index, napi_typedarray_type wanted, const T** elements, size_t* count) {
  bool isTyped;
  napi_typedarray_type type;
  napi_value value;
  void* data;
  if (napi_get_element(env, list, index, &value) != napi_ok) return false;
  if (napi_is_typedarray(env, value, &isTyped) != napi_ok || !isTyped) return false;
  if (napi_get_typedarray_info(env, value, &type, count, &data, nullptr, nullptr) != napi_ok) return false;
  *elements = static_cast<const T*>(data);
  return type == wanted;
}

/** A circuit: [rows, wires, signals, binary logarithm of the domain], big elements, then rows, wires and coefficients thrice. */
bool readCircuit(napi_env env, napi_value list, VouchCircuit* circuit) {
  const uint32_t* sizes;
  size_t count;
  if (!readElements(env, list, 0, napi_uint32_array, &sizes, &count) || count != 4) return false;
  circuit->rows = sizes[0];
  circuit->wires = sizes[1];
  circuit->publicSignals = sizes[2];
  circuit->logDomain = sizes[3];
  if (circuit->wires > kMostScalars || circuit->logDomain > kMostLogDomain) return false;
  if (!readElements(env, list, 1, napi_uint8_array, &circuit->big, &count) || count % 32 != 0) return false;
  circuit->bigCount = static_cast<uint32_t>(count / 32);
  for (uint32_t i = 0; i < 3; i++) {
    VouchSide& side = circuit->sides[i];
    size_t terms;
    if (!readElements(env, list, 2 + 3 * i, napi_uint32_array, &side.rowStart, &count) ||
        count != static_cast<size_t>(circuit->rows) + 1 ||
        !readElements(env, list, 3 + 3 * i, napi_uint32_array, &side.wire, &count) ||
        !readElements(env, list, 4 + 3 * i, napi_float64_array, &side.coefficient, &terms) || terms != count) {
      return false;
    }
    side.terms = terms;
  }
  return true;
}

void append(napi_env env, napi_value list, const char* text) {
  uint32_t length;
  napi_value value;
  napi_get_array_length(env, list, &length);
  napi_create_string_utf8(env, text, NAPI_AUTO_LENGTH, &value);
  napi_set_element(env, list, length, value);
}

/** kernels(): the names of the kernels that this processor runs, the fastest first. */
napi_value kernels(napi_env env, napi_callback_info) {
  napi_value list;
  napi_create_array(env, &list);
  for (const VouchKernel* kernel : kKernels) {
    if (lacks(*kernel) == 0) append(env, list, kernel->name);
  }
  return list;
}

/** lacking(kernel): what the processor lacks to run a kernel; undefined where the addon has no such kernel. */
napi_value lacking(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  char name[32];
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  if (count != 1 || !readText(env, argument, name, sizeof name)) return fail(env, "lacking takes the name of a kernel");
  for (const VouchKernel* kernel : kKernels) {
    if (strcmp(kernel->name, name) != 0) continue;
    napi_value list;
    napi_create_array(env, &list);
    for (uint32_t bit = 0; bit < sizeof kFeatureNames / sizeof kFeatureNames[0]; bit++) {
      if ((lacks(*kernel) >> bit & 1) != 0) append(env, list, kFeatureNames[bit]);
    }
    return list;
  }
  return nullptr;
}

/** openKey(kernel, threads, path | bytes, identity, control): Promise<handle | status> */
napi_value openKey(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  char name[32];
  char identity[kIdentityLength];
  uint32_t threads;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count != 5 || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readText(env, arguments[3], identity, sizeof identity)) {
    return fail(env, "openKey takes a kernel, a number of threads, a source, an identity and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return fail(env, "this processor does not run that kernel");
  Job* job = makeJob(env, arguments[4], threads);
  if (job == nullptr) return fail(env, "the control is not two words, or the threads could not be started");
  job->kernel = kernel;
  OpenKey* known = identity[0] == '\0' ? nullptr : findShared(identity, kernel);
  if (known != nullptr) {
    napi_value promise;
    napi_create_promise(env, &job->deferred, &promise);
    resolve(env, job, makeHandle(env, known));
    endJob(env, job);
    return promise;
  }
  job->open = static_cast<OpenKey*>(calloc(1, sizeof(OpenKey)));
  if (job->open == nullptr) {
    endJob(env, job);
    return fail(env, "out of memory");
  }
  job->open->uses = 1;
  job->open->kernel = kernel;
  memcpy(job->open->identity, identity, sizeof identity);
  uint8_t* bytes;
  size_t length;
  if (readBytes(env, arguments[2], &bytes, &length)) {
    job->open->bytes = static_cast<uint8_t*>(malloc(length + 1));
    job->open->size = length;
    if (job->open->bytes == nullptr) job->status = kOutOfMemory;
    else memcpy(job->open->bytes, bytes, length);
  } else if (napi_get_value_string_utf8(env, arguments[2], nullptr, 0, &length) == napi_ok) {
    job->path = static_cast<char*>(malloc(length + 1));
    if (job->path == nullptr) job->status = kOutOfMemory;
    else napi_get_value_string_utf8(env, arguments[2], job->path, length + 1, &length);
  } else {
    freeKey(job->open);
    endJob(env, job);
    return fail(env, "a key is a path or a Uint8Array");
  }
  return start(env, job, "vouch.openKey", runOpen, finishOpen);
}

OpenKey* readHandle(napi_env env, napi_value value) {
  bool isKey = false;
  void* data = nullptr;
  if (napi_check_object_type_tag(env, value, &kKeyTag, &isKey) != napi_ok || !isKey) return nullptr;
  return napi_get_value_external(env, value, &data) == napi_ok ? static_cast<OpenKey*>(data) : nullptr;
}

/** describeKey(handle): [wires, public signals] */
napi_value describeKey(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value argument;
  napi_get_cb_info(env, info, &count, &argument, nullptr, nullptr);
  OpenKey* open = count == 1 ? readHandle(env, argument) : nullptr;
  if (open == nullptr) return fail(env, "describeKey takes a key");
  napi_value list;
  napi_value value;
  napi_create_array_with_length(env, 2, &list);
  napi_create_uint32(env, open->kernel->wires(open->key), &value);
  napi_set_element(env, list, 0, value);
  napi_create_uint32(env, open->kernel->publicSignals(open->key), &value);
  napi_set_element(env, list, 1, value);
  return list;
}

/** prove(handle, threads, witness, blinding, control): Promise<Uint8Array | status> */
napi_value prove(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  uint32_t threads;
  uint8_t* witness;
  uint8_t* blinding;
  size_t witnessBytes;
  size_t blindingBytes;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  OpenKey* open = count == 5 ? readHandle(env, arguments[0]) : nullptr;
  if (open == nullptr || !readThreads(env, arguments[1], &threads) ||
      !readBytes(env, arguments[2], &witness, &witnessBytes) ||
      !readBytes(env, arguments[3], &blinding, &blindingBytes) || blindingBytes != 64) {
    return fail(env, "prove takes a key, a number of threads, a witness, 64 bytes and a control");
  }
  Job* job = makeJob(env, arguments[4], threads);
  if (job == nullptr) return fail(env, "the control is not two words, or the threads could not be started");
  job->kernel = open->kernel;
  job->witness = static_cast<uint8_t*>(malloc(witnessBytes + 1));
  if (job->witness == nullptr) {
    endJob(env, job);
    return fail(env, "out of memory");
  }
  memcpy(job->witness, witness, witnessBytes);
  job->witnessBytes = witnessBytes;
  memcpy(job->blinding, blinding, 64);
  retainKey(open);
  job->open = open;
  return start(env, job, "vouch.prove", runProve, finishProve);
}

void runMultiply(napi_env, void* data) {
  Job* job = static_cast<Job*>(data);
  vouchLockPool(job->pool, job->flags, job->flags + 1);
  job->status = job->kernel->multiplyBase(job->pool, job->group, job->base, job->witness,
                                          static_cast<uint32_t>(job->witnessBytes / 32), job->points);
  vouchUnlockPool(job->pool);
}

void finishMultiply(napi_env env, napi_status, void* data) {
  Job* job = static_cast<Job*>(data);
  napi_value points = nullptr;
  if (job->status == 0) napi_get_reference_value(env, job->pointsOwner, &points);
  resolve(env, job, points);
  endJob(env, job);
}

/** multiplyBase(kernel, threads, group, base, scalars, control): Promise<Uint8Array | status> */
napi_value multiplyBase(napi_env env, napi_callback_info info) {
  size_t count = 6;
  napi_value arguments[6];
  char name[32];
  uint32_t threads, group;
  uint8_t *base, *scalars;
  size_t baseBytes, scalarBytes;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count != 6 || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      napi_get_value_uint32(env, arguments[2], &group) != napi_ok || group < 1 || group > 2 ||
      !readBytes(env, arguments[3], &base, &baseBytes) || baseBytes != 64 * group ||
      !readBytes(env, arguments[4], &scalars, &scalarBytes) || scalarBytes % 32 != 0 || scalarBytes / 32 > kMostScalars) {
    return fail(env, "multiplyBase takes a kernel, threads, a group, a point, scalars and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return fail(env, "this processor does not run that kernel");
  Job* job = makeJob(env, arguments[5], threads);
  if (job == nullptr) return fail(env, "the control is not two words, or the threads could not be started");
  job->kernel = kernel;
  job->group = group;
  memcpy(job->base, base, baseBytes);
  job->witness = static_cast<uint8_t*>(malloc(scalarBytes + 1));
  napi_value buffer;
  napi_value points;
  void* data;
  const size_t outBytes = scalarBytes / 32 * baseBytes;
  if (job->witness == nullptr || napi_create_arraybuffer(env, outBytes, &data, &buffer) != napi_ok) {
    endJob(env, job);
    return fail(env, "out of memory");
  }
  memcpy(job->witness, scalars, scalarBytes);
  job->witnessBytes = scalarBytes;
  job->points = static_cast<uint8_t*>(data);
  napi_create_typedarray(env, napi_uint8_array, outBytes, buffer, 0, &points);
  napi_create_reference(env, points, 1, &job->pointsOwner);
  return start(env, job, "vouch.multiplyBase", runMultiply, finishMultiply);
}

void runEvaluate(napi_env, void* data) {
  Job* job = static_cast<Job*>(data);
  vouchLockPool(job->pool, job->flags, job->flags + 1);
  job->status = job->kernel->evaluateKey(job->pool, &job->circuit, job->witness, &job->scalars);
  vouchUnlockPool(job->pool);
}

void finishEvaluate(napi_env env, napi_status, void* data) {
  Job* job = static_cast<Job*>(data);
  napi_value owner = nullptr;
  napi_value result = nullptr;
  if (job->status == 0 && napi_get_reference_value(env, job->pointsOwner, &owner) == napi_ok) {
    napi_get_element(env, owner, 0, &result);
  }
  resolve(env, job, result);
  endJob(env, job);
}

/** evaluateKey(kernel, threads, circuit, secrets, control): Promise<[A, B, C, H] | status> */
napi_value evaluateKey(napi_env env, napi_callback_info info) {
  size_t count = 5;
  napi_value arguments[5];
  char name[32];
  uint32_t threads;
  VouchCircuit circuit;
  uint8_t* secrets;
  size_t secretBytes;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count != 5 || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readCircuit(env, arguments[2], &circuit) || !readBytes(env, arguments[3], &secrets, &secretBytes) ||
      secretBytes != 5 * 32) {
    return fail(env, "evaluateKey takes a kernel, threads, a circuit, five scalars and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return fail(env, "this processor does not run that kernel");
  Job* job = makeJob(env, arguments[4], threads);
  if (job == nullptr) return fail(env, "the control is not two words, or the threads could not be started");
  job->kernel = kernel;
  job->circuit = circuit;
  uint8_t** const places[] = {&job->scalars.a, &job->scalars.b, &job->scalars.c, &job->scalars.h};
  napi_value owner, result;
  napi_create_array(env, &owner);
  napi_create_array(env, &result);
  for (uint32_t i = 0; i < 4; i++) {
    const size_t bytes = 32 * (i < 3 ? static_cast<size_t>(circuit.wires) : static_cast<size_t>(1) << circuit.logDomain);
    napi_value buffer, array;
    void* data;
    if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok) {
      endJob(env, job);
      return fail(env, "out of memory");
    }
    napi_create_typedarray(env, napi_uint8_array, bytes, buffer, 0, &array);
    napi_set_element(env, result, i, array);
    *places[i] = static_cast<uint8_t*>(data);
  }
  // The circuit's arrays are read where they lie: both lists live until the end.
  napi_set_element(env, owner, 0, result);
  napi_set_element(env, owner, 1, arguments[2]);
  napi_create_reference(env, owner, 1, &job->pointsOwner);
  job->witness = static_cast<uint8_t*>(malloc(secretBytes));
  if (job->witness == nullptr) {
    endJob(env, job);
    return fail(env, "out of memory");
  }
  memcpy(job->witness, secrets, secretBytes);
  job->witnessBytes = secretBytes;
  return start(env, job, "vouch.evaluateKey", runEvaluate, finishEvaluate);
}

/** sum(kernel, threads, group, points, scalars, window, out): status. For tests; waits for the result. */
napi_value sum(napi_env env, napi_callback_info info) {
  size_t count = 7;
  napi_value arguments[7];
  char name[32];
  uint32_t threads, group, window;
  uint8_t *points, *scalars, *out;
  size_t pointBytes, scalarBytes, outBytes;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count != 7 || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      napi_get_value_uint32(env, arguments[2], &group) != napi_ok || group < 1 || group > 2 ||
      !readBytes(env, arguments[3], &points, &pointBytes) || !readBytes(env, arguments[4], &scalars, &scalarBytes) ||
      napi_get_value_uint32(env, arguments[5], &window) != napi_ok ||
      !readBytes(env, arguments[6], &out, &outBytes) || outBytes != 64 * group || scalarBytes % 32 != 0 ||
      scalarBytes / 32 > kMostScalars || pointBytes != scalarBytes / 32 * outBytes) {
    return fail(env, "sum takes a kernel, threads, a group, points, as many scalars, a window and room for a point");
  }
  const VouchKernel* kernel = findKernel(name);
  VouchPool* pool = poolOf(threads);
  if (kernel == nullptr || pool == nullptr) return fail(env, "this processor does not run that kernel");
  vouchLockPool(pool, nullptr, nullptr);
  const int32_t status =
      kernel->sum(pool, group, points, scalars, static_cast<uint32_t>(scalarBytes / 32), window, out);
  vouchUnlockPool(pool);
  napi_value value;
  napi_create_int32(env, status, &value);
  return value;
}

/** transform(kernel, threads, values): status. For tests; replaces the values in place and waits. */
napi_value transform(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value arguments[3];
  char name[32];
  uint32_t threads;
  uint8_t* values;
  size_t bytes;
  napi_get_cb_info(env, info, &count, arguments, nullptr, nullptr);
  if (count != 3 || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readBytes(env, arguments[2], &values, &bytes) || bytes < 32 || (bytes & (bytes - 1)) != 0) {
    return fail(env, "transform takes a kernel, threads and a power of two of values");
  }
  const VouchKernel* kernel = findKernel(name);
  VouchPool* pool = poolOf(threads);
  if (kernel == nullptr || pool == nullptr) return fail(env, "this processor does not run that kernel");
  vouchLockPool(pool, nullptr, nullptr);
  const int32_t status = kernel->transform(pool, values, static_cast<uint32_t>(__builtin_ctzll(bytes / 32)));
  vouchUnlockPool(pool);
  napi_value value;
  napi_create_int32(env, status, &value);
  return value;
}

void define(napi_env env, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, callback, nullptr, &function);
  napi_set_named_property(env, exports, name, function);
}

}  // namespace

NAPI_MODULE_INIT() {
  define(env, exports, "kernels", kernels);
  define(env, exports, "lacking", lacking);
  define(env, exports, "openKey", openKey);
  define(env, exports, "describeKey", describeKey);
  define(env, exports, "prove", prove);
  define(env, exports, "multiplyBase", multiplyBase);
  define(env, exports, "evaluateKey", evaluateKey);
  define(env, exports, "sum", sum);
  define(env, exports, "transform", transform);
  return exports;
}
