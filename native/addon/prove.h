// Proving with an open key. The witness is copied before the work leaves the JavaScript thread.
#pragma once
#include "job.h"
#include "open-key.h"
#include "secret.h"

namespace addon {

constexpr size_t kProofBytes = 256;
constexpr size_t kBlindingBytes = 64;

struct ProveJob : Job {
  static constexpr const char* kName = "vouch.prove";
  OpenKey* open;
  Secret witness;
  uint8_t blinding[kBlindingBytes];
  uint8_t proof[kProofBytes];

  int32_t run() { return kernel->prove(pool, open->key, witness.bytes, witness.size, blinding, proof); }

  napi_value result(napi_env env) {
    void* bytes;
    napi_value buffer;
    napi_value array;
    napi_create_arraybuffer(env, kProofBytes, &bytes, &buffer);
    memcpy(bytes, proof, kProofBytes);
    napi_create_typedarray(env, napi_uint8_array, kProofBytes, buffer, 0, &array);
    return array;
  }

  void clear() {
    if (open != nullptr) releaseKey(open);
    freeSecret(witness);
    wipe(blinding, sizeof blinding);
  }
};

/** prove(handle, threads, witness, blinding, control): Promise<Uint8Array | status> */
inline napi_value prove(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  uint32_t threads;
  uint8_t *witness, *blinding;
  size_t witnessBytes, blindingBytes;
  OpenKey* open = arguments ? readHandle(env, arguments[0]) : nullptr;
  if (open == nullptr || !readThreads(env, arguments[1], &threads) ||
      !readBytes(env, arguments[2], &witness, &witnessBytes) ||
      !readBytes(env, arguments[3], &blinding, &blindingBytes) || blindingBytes != kBlindingBytes) {
    return fail(env, "prove takes a key, a number of threads, a witness, 64 bytes and a control");
  }
  ProveJob* job = makeJob<ProveJob>(env, arguments[4], threads, open->kernel);
  if (job == nullptr) return failWithoutJob(env);
  if (!copySecret(job->witness, witness, witnessBytes)) return failJob(env, job, "out of memory");
  memcpy(job->blinding, blinding, kBlindingBytes);
  retainKey(open);
  job->open = open;
  return startJob(env, job);
}

}  // namespace addon
