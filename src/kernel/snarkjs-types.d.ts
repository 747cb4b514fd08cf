// The part of snarkjs 0.7.6 that this project calls; the package ships no types.
declare module 'snarkjs' {
  interface Logger {
    info(message: string): void;
    warn(message: string): void;
    debug(message: string): void;
    error(message: string): void;
  }

  interface Proof {
    readonly pi_a: readonly string[];
    readonly pi_b: readonly (readonly string[])[];
    readonly pi_c: readonly string[];
    readonly protocol: string;
    readonly curve: string;
  }

  /** A path, or the bytes of the file. */
  type Source = string | Uint8Array;

  const groth16: {
    prove(
      zkey: Source,
      wtns: Source,
      logger?: Logger,
      options?: { singleThread?: boolean },
    ): Promise<{ proof: Proof; publicSignals: string[] }>;
    verify(verificationKey: object, publicSignals: readonly string[], proof: object, logger?: Logger): Promise<boolean>;
  };
  const r1cs: {
    info(
      r1cs: Source,
      logger?: Logger,
    ): Promise<{ nVars: number; nOutputs: number; nPubInputs: number; nPrvInputs: number; nConstraints: number }>;
  };
  const wtns: { check(r1cs: Source, wtns: Source, logger?: Logger): Promise<boolean> };
  const zKey: {
    exportVerificationKey(zkey: Source, logger?: Logger): Promise<Record<string, unknown>>;
    /** The circuit hash; -1 where the files do not fit together. */
    newZKey(r1cs: Source, ptau: Source, zkey: string, logger?: Logger): Promise<Uint8Array | -1>;
    contribute(from: string, to: string, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
    beacon(
      from: string,
      to: string,
      name: string,
      beaconHash: string,
      iterationsLog2: number,
      logger?: Logger,
    ): Promise<Uint8Array | false>;
    verifyFromR1cs(r1cs: Source, ptau: Source, zkey: Source, logger?: Logger): Promise<boolean>;
  };
  const powersOfTau: {
    newAccumulator(curve: unknown, power: number, ptau: string, logger?: Logger): Promise<Uint8Array>;
    contribute(from: string, to: string, name: string, entropy: string, logger?: Logger): Promise<Uint8Array>;
    preparePhase2(from: string, to: string, logger?: Logger): Promise<void>;
    verify(ptau: Source, logger?: Logger): Promise<boolean>;
  };
}
