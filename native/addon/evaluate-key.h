// The scalars of a development key. The circuit's arrays are read where they lie.
#pragma once
#include "job.h"
#include "secret.h"

namespace addon {

constexpr uint32_t kMostLogDomain = 27;
constexpr size_t kSecrets = 5;

struct EvaluateKeyJob : Job {
  static constexpr const char* kName = "vouch.evaluateKey";
  VouchCircuit circuit;
  VouchKeyScalars scalars;
  Secret secrets;

  int32_t run() { return kernel->evaluateKey(pool, &circuit, secrets.bytes, &scalars); }

  /** The first of the two lists that the job owns. */
  napi_value result(napi_env env) {
    napi_value lists;
    napi_value value = nullptr;
    if (napi_get_reference_value(env, owned, &lists) == napi_ok) napi_get_element(env, lists, 0, &value);
    return value;
  }

  void clear() { freeSecret(secrets); }
};

/** The elements of a typed array of this type in a list. */
template <class T>
bool readElementsAt(napi_env env, napi_value list, uint32_t index, napi_typedarray_type wanted, T** elements, size_t* count) {
  napi_value value;
  return napi_get_element(env, list, index, &value) == napi_ok && readElements(env, value, wanted, elements, count);
}

/** A circuit: [rows, wires, signals, binary logarithm of the domain], big elements, then rows, wires and coefficients thrice. */
inline bool readCircuit(napi_env env, napi_value list, VouchCircuit* circuit) {
  uint32_t* sizes;
  uint8_t* big;
  size_t count;
  if (!readElementsAt(env, list, 0, napi_uint32_array, &sizes, &count) || count != 4) return false;
  circuit->rows = sizes[0];
  circuit->wires = sizes[1];
  circuit->publicSignals = sizes[2];
  circuit->logDomain = sizes[3];
  if (circuit->wires > kMostScalars || circuit->logDomain > kMostLogDomain) return false;
  if (!readElementsAt(env, list, 1, napi_uint8_array, &big, &count) || count % kScalarBytes != 0) return false;
  circuit->big = big;
  circuit->bigCount = static_cast<uint32_t>(count / kScalarBytes);
  for (uint32_t i = 0; i < 3; i++) {
    uint32_t *rowStart, *wire;
    double* coefficient;
    size_t terms;
    if (!readElementsAt(env, list, 2 + 3 * i, napi_uint32_array, &rowStart, &count) ||
        count != static_cast<size_t>(circuit->rows) + 1 ||
        !readElementsAt(env, list, 3 + 3 * i, napi_uint32_array, &wire, &count) ||
        !readElementsAt(env, list, 4 + 3 * i, napi_float64_array, &coefficient, &terms) || terms != count) {
      return false;
    }
    circuit->sides[i] = {rowStart, wire, coefficient, terms};
  }
  return true;
}

/** Makes the four arrays of a result; false where memory is short. */
inline bool makeScalars(napi_env env, const VouchCircuit& circuit, VouchKeyScalars& scalars, napi_value list) {
  uint8_t** const places[] = {&scalars.a, &scalars.b, &scalars.c, &scalars.h};
  for (uint32_t i = 0; i < 4; i++) {
    const size_t bytes = kScalarBytes * (i < 3 ? static_cast<size_t>(circuit.wires) : static_cast<size_t>(1) << circuit.logDomain);
    napi_value buffer, array;
    void* data;
    if (napi_create_arraybuffer(env, bytes, &data, &buffer) != napi_ok) return false;
    napi_create_typedarray(env, napi_uint8_array, bytes, buffer, 0, &array);
    napi_set_element(env, list, i, array);
    *places[i] = static_cast<uint8_t*>(data);
  }
  return true;
}

/** evaluateKey(kernel, threads, circuit, secrets, control): Promise<[A, B, C, H] | status> */
inline napi_value evaluateKey(napi_env env, napi_callback_info info) {
  const Arguments<5> arguments(env, info);
  char name[kNameLength];
  uint32_t threads;
  VouchCircuit circuit;
  uint8_t* secrets;
  size_t count;
  if (!arguments || !readText(env, arguments[0], name, sizeof name) || !readThreads(env, arguments[1], &threads) ||
      !readCircuit(env, arguments[2], &circuit) || !readScalars(env, arguments[3], &secrets, &count) || count != kSecrets) {
    return fail(env, "evaluateKey takes a kernel, threads, a circuit, five scalars and a control");
  }
  const VouchKernel* kernel = findKernel(name);
  if (kernel == nullptr) return failWithoutKernel(env);
  EvaluateKeyJob* job = makeJob<EvaluateKeyJob>(env, arguments[4], threads, kernel);
  if (job == nullptr) return failWithoutJob(env);
  job->circuit = circuit;
  napi_value lists, result;
  napi_create_array(env, &lists);
  napi_create_array(env, &result);
  if (!makeScalars(env, circuit, job->scalars, result) || !copySecret(job->secrets, secrets, count * kScalarBytes)) {
    return failJob(env, job, "out of memory");
  }
  napi_set_element(env, lists, 0, result);
  napi_set_element(env, lists, 1, arguments[2]);
  napi_create_reference(env, lists, 1, &job->owned);
  return startJob(env, job);
}

}  // namespace addon
