pragma circom 2.1.0;

include "bits.circom";

// quotient = floor(n / d), from lo to lo + 2^a - 1, which is enforced; the remainder has at most c bits.
// NOTE: the caller has proved d >= 1, and that d < 2^c and n are small.
// Constraints: a + 2c + 1, and linear ones.
// Sound: 0 <= rest and rest <= d - 1 over the integers, and quotient·d + rest = n does not wrap, because the quotient is
// range-checked as well; division with remainder is unique.
template FloorDivide(a, lo, c) {
    signal input n;
    signal input d;
    signal output quotient;
    quotient <-- (n - lo * d) \ d + lo;
    signal product <== quotient * d;
    signal rest <== n - product;
    RangeCheck(a)(quotient - lo);
    RangeCheck(c)(rest);
    RangeCheck(c)(d - 1 - rest);
}
