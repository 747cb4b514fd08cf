// The interface between a kernel, compiled once for each instruction set, and whoever loads it. Statuses are those of
// status.h. All pointers may be unaligned; scalars are canonical little-endian integers of 32 bytes; points are affine, in
// Montgomery form, (0, 0) for infinity.
#pragma once
#include "platform.h"

struct VouchKey;

/** One side of a circuit's rows: row i holds terms rowStart[i] … rowStart[i + 1] − 1. */
struct VouchSide {
  const uint32_t* rowStart;
  const uint32_t* wire;
  /** A whole number below 2^53 in magnitude, or 2^53 + 2·i for element i of `big`. */
  const double* coefficient;
  uint64_t terms;
};

struct VouchCircuit {
  uint32_t rows, wires, publicSignals, logDomain;
  VouchSide sides[3];
  const uint8_t* big;
  uint32_t bigCount;
};

/** Scalars for each wire, A_j, B_j and (βA_j + αB_j + C_j)/γ or /δ at τ, and for each point of H. */
struct VouchKeyScalars {
  uint8_t *a, *b, *c, *h;
};

/** Points of a prepared key: one of C for each wire, and 2^(256/multiples·k)·H for k < multiples. */
struct VouchPreparedPoints {
  uint8_t *c, *h;
  uint32_t multiples;
};

struct VouchKernel {
  const char* name;
  /** What the processor must have (processor.h). */
  uint32_t needs;
  /** Of a `.zkey` or a prepared key. The bytes must outlive the key. */
  int32_t (*openKey)(VouchPool* pool, const uint8_t* bytes, size_t size, VouchKey** key);
  void (*closeKey)(VouchKey* key);
  uint32_t (*wires)(const VouchKey* key);
  uint32_t (*publicSignals)(const VouchKey* key);
  bool (*isPrepared)(const VouchKey* key);
  int32_t (*prove)(VouchPool* pool, const VouchKey* key, const uint8_t* witness, size_t witnessBytes,
                   const uint8_t* blinding, uint8_t* proof);
  /** Σ scalar·point, affine in Montgomery form. `group` is 1 or 2; window 0 lets the kernel choose. */
  int32_t (*sum)(VouchPool* pool, uint32_t group, const uint8_t* points, const uint8_t* scalars, uint32_t count,
                 uint32_t window, uint8_t* out);
  /** Writes scalar·base for each scalar; `base` is one point of the group. */
  int32_t (*multiplyBase)(VouchPool* pool, uint32_t group, const uint8_t* base, const uint8_t* scalars, uint32_t count,
                          uint8_t* out);
  /** Writes scalar·point for each point of G1; `out` may be `points`. */
  int32_t (*multiplyPoints)(VouchPool* pool, const uint8_t* points, uint32_t count, const uint8_t* scalar, uint8_t* out);
  /** The scalars of a development key; `secrets` are τ, α, β, 1/γ and 1/δ. */
  int32_t (*evaluateKey)(VouchPool* pool, const VouchCircuit* circuit, const uint8_t* secrets, const VouchKeyScalars* out);
  /** The points of a prepared key, from a `.zkey` and its circuit. */
  int32_t (*preparePoints)(VouchPool* pool, const VouchCircuit* circuit, const uint8_t* bytes, size_t size,
                           const VouchPreparedPoints* out);
  /** The values of a polynomial at the powers of the root of unity of order 2^logSize, in place. */
  int32_t (*transform)(VouchPool* pool, uint8_t* values, uint32_t logSize);
};
