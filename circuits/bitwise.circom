pragma circom 2.1.0;

include "bits.circom";

// The representative of in modulo 2^n from lo up, for in from lo + 2^n·first to lo + 2^n·(first + 2^m) - 1: enforced.
// Constraints: n + m, and two linear.
// Sound: in = out + 2^n·(first + turns) with out - lo in [0, 2^n) and turns in [0, 2^m): division with remainder.
template Wrap(n, lo, first, m) {
    signal input in;
    signal output out;
    signal turns;
    turns <-- (in - lo - 2 ** n * first) >> n;
    out <== in - 2 ** n * (first + turns);
    RangeCheck(n)(out - lo);
    RangeCheck(m)(turns);
}

// The products of n pairs of bits.
// NOTE: the caller has proved that they are bits.
// Constraints: n.
template AndBits(n) {
    signal input a[n];
    signal input b[n];
    signal output out[n];
    for (var k = 0; k < n; k++) {
        out[k] <== a[k] * b[k];
    }
}
