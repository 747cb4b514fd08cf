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
  SecretCopy witness;
  uint8_t blinding[kBlindingBytes];
  /** The caller's. */
  uint8_t* proof;

  int32_t run() { return kernel->prove(pool, open->key, witness.bytes, witness.size, blinding, proof); }

  void clear() {
    if (open != nullptr) releaseKey(open);
    freeSecret(witness);
    vouchWipe(blinding, sizeof blinding);
  }
};

/** prove(handle, threads, witness, blinding, proof, control): Promise<status> */
inline napi_value prove(napi_env env, napi_callback_info info) {
  const Arguments<6> arguments(env, info);
  uint32_t threads;
  uint8_t *witness, *blinding, *proof;
  size_t witnessBytes, blindingBytes, proofBytes;
  OpenKey* open = arguments ? readHandle(env, arguments[0]) : nullptr;
  if (open == nullptr || !readThreads(env, arguments[1], &threads) ||
      !readBytes(env, arguments[2], &witness, &witnessBytes) ||
      !readBytes(env, arguments[3], &blinding, &blindingBytes) || blindingBytes != kBlindingBytes ||
      !readBytes(env, arguments[4], &proof, &proofBytes) || proofBytes != kProofBytes) {
    return fail(env, "prove takes a key, a number of threads, a witness, 64 bytes, room for a proof and a control");
  }
  ProveJob* job = makeJob<ProveJob>(env, arguments[5], threads, open->kernel);
  if (job == nullptr) return failWithoutJob(env);
  if (!copySecret(job->witness, witness, witnessBytes)) return failJob(env, job, "out of memory");
  memcpy(job->blinding, blinding, kBlindingBytes);
  retainKey(open);
  job->open = open;
  job->proof = proof;
  keep(env, job, arguments[4]);
  return startJob(env, job);
}

}  // namespace addon
