pragma circom 2.1.0;

include "bits.circom";
include "pattern.circom";

// out = min(max(in, 0), cap) for cap = 2^h or 2^h - 1, and in from -2^(w-1) to 2^(w-1) - 1, which is enforced.
// Constraints: w + 1, and those of Matches(w - h): 0, 1 or 3.
// Sound: inside = 1 if in >= 0 and no bit from h up is set, told by proved bits. Then out is the low h bits; otherwise cap
// if in >= 0, else 0. At in = 2^h = cap both say the same.
template Saturate(w, h, cap) {
    assert(w > h);
    signal input in;
    signal output out;
    signal bit[w] <== Bits(w)(in + 2 ** (w - 1));
    component inside = Matches(w - h, 1);
    var low = 0;
    for (var k = 0; k < w; k++) {
        if (k < h) {
            low += bit[k] * 2 ** k;
        } else {
            inside.bit[k - h] <== bit[k];
        }
    }
    out <== inside.out * low + (bit[w - 1] - inside.out) * cap;
}
