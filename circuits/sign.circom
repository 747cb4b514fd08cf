pragma circom 2.1.0;

include "bits.circom";

// out = 1 if in >= 0, else 0, for in from -2^(w-1) to 2^(w-1) - 1, which is enforced.
// Constraints: w.
// Sound: the offset is exactly the weight of the top bit of in + 2^(w-1); that bit is 1 exactly for in >= 0, and the
// bits are unique. Zero counts as not negative, whoever proves.
template IsNonNegative(w) {
    signal input in;
    signal output out;
    signal bit[w] <== Bits(w)(in + 2 ** (w - 1));
    out <== bit[w - 1];
}

// out = max(0, floor(in / 2^shift)) for in from -2^(w-1) to 2^(w-1) - 1, which is enforced.
// Constraints: w + 1.
// Sound: below the top bit of in + 2^(w-1) lie the bits of in itself while in >= 0; for in < 0 the top bit is 0 and so
// is the product.
template PositivePart(w, shift) {
    assert(w > shift);
    signal input in;
    signal output out;
    signal bit[w] <== Bits(w)(in + 2 ** (w - 1));
    var part = 0;
    for (var k = shift; k < w - 1; k++) {
        part += bit[k] * 2 ** (k - shift);
    }
    out <== bit[w - 1] * part;
}
