pragma circom 2.1.0;

include "bits.circom";
include "pattern.circom";

// out = in / 2^shift rounded to the nearest integer, ties to even, less the half that was added:
// NOTE: in is the number to round, plus 2^(shift-1), less a multiple of 2^(shift+1), from 0 to 2^w - 1, which is enforced.
// Constraints: w, and those of Matches(shift + 1).
// Sound: the bits from shift up are floor(in / 2^shift), and bit shift is its parity, since only a multiple of
// 2^(shift+1) was taken off. A tie has zeros below; if it was rounded up to an odd number, 1 is taken back.
template RoundEven(w, shift) {
    assert(w > shift);
    signal input in;
    signal output out;
    signal bit[w] <== Bits(w)(in);
    component odd = Matches(shift + 1, 1);
    var floor = 0;
    for (var k = 0; k < w; k++) {
        if (k <= shift) {
            odd.bit[k] <== bit[k];
        }
        if (k >= shift) {
            floor += bit[k] * 2 ** (k - shift);
        }
    }
    out <== floor - odd.out;
}

// out = in / 2^shift rounded toward zero, for in from -2^(w-1) to 2^(w-1) - 1, which is enforced.
// Constraints: w + 1, and those of Matches(shift).
// Sound: floor(in / 2^shift) from proved bits, plus 1 where in < 0 (the top bit is 0) and the low bits are not all 0.
template RoundTrunc(w, shift) {
    assert(w > shift && shift >= 1);
    signal input in;
    signal output out;
    signal bit[w] <== Bits(w)(in + 2 ** (w - 1));
    component whole = Matches(shift, 0);
    var floor = -(2 ** (w - 1 - shift));
    for (var k = 0; k < w; k++) {
        if (k < shift) {
            whole.bit[k] <== bit[k];
        } else {
            floor += bit[k] * 2 ** (k - shift);
        }
    }
    signal up <== (1 - bit[w - 1]) * (1 - whole.out);
    out <== floor + up;
}
