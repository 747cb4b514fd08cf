pragma circom 2.1.0;

include "bits.circom";

// out = floor(in / 2^shift), from lo to lo + 2^n - 1, which is enforced.
// Constraints: n + shift, and two linear.
// Sound: in = 2^shift·out + rest with 0 <= rest < 2^shift over the integers, since out and rest are both range-checked;
// division with remainder is unique. Nothing is assumed of in.
template FloorQuotient(shift, lo, n) {
    signal input in;
    signal output out;
    out <-- ((in - lo * 2 ** shift) >> shift) + lo;
    RangeCheck(n)(out - lo);
    RangeCheck(shift)(in - 2 ** shift * out);
}

// out = ceil(in / 2^shift), likewise with in = 2^shift·out - rest.
// Constraints: n + shift, and two linear.
template CeilQuotient(shift, lo, n) {
    signal input in;
    signal output out;
    out <-- ((in - lo * 2 ** shift + 2 ** shift - 1) >> shift) + lo;
    RangeCheck(n)(out - lo);
    RangeCheck(shift)(2 ** shift * out - in);
}
