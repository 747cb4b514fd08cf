pragma circom 2.1.0;

include "bits.circom";

// The largest y with y·y <= in and y < 2^m.
function integerRoot(in, m) {
    var y = 0;
    for (var k = m - 1; k >= 0; k--) {
        if ((y + 2 ** k) * (y + 2 ** k) <= in) {
            y += 2 ** k;
        }
    }
    return y;
}

// out = floor(sqrt(in)), of m bits; the rest has at most n bits. in >= 0 is enforced.
// Constraints: m + 1 + 2n, and linear ones.
// Sound: out^2 <= in <= out^2 + 2·out < (out + 1)^2 over the integers, for exactly one out >= 0; the other root is no number
// of m bits.
template Sqrt(m, n) {
    signal input in;
    signal output out;
    out <-- integerRoot(in, m);
    signal square <== out * out;
    RangeCheck(m)(out);
    RangeCheck(n)(in - square);
    RangeCheck(n)(2 * out - (in - square));
}
