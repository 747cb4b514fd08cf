pragma circom 2.1.0;

include "bits.circom";
include "one-hot.circom";

// The index of the largest of n elements; of equal ones the first, or the last if last = 1.
// width[j] holds the bits of (largest of all upper bounds) - (lower bound of element j).
// Constraints: 2n + Σ width[j], and linear ones.
// Sound: m is the element that the one-hot selector names. m - in[j] - [j stands before the index] >= 0 for every j proves
// that m is the largest, and that no equal one stands before it ("after" for the last). A negative difference is no small
// number of the field.
template ArgMax(n, last, width) {
    signal input in[n];
    signal output out;
    signal at[n];
    var best = 0;
    for (var j = 1; j < n; j++) {
        if (in[j] > in[best] || (last == 1 && in[j] == in[best])) {
            best = j;
        }
    }
    for (var j = 0; j < n; j++) {
        at[j] <-- best == j ? 1 : 0;
    }
    OneHot(n)(at);
    signal most <== Chosen(n)(at, in);
    var before = 0;
    var index = 0;
    for (var j = 0; j < n; j++) {
        index += j * at[j];
    }
    for (var j = 0; j < n; j++) {
        // before = [index < j] here; [j < index] = 1 - before - at[j].
        RangeCheck(width[j])(most - in[j] - (last == 1 ? before : 1 - before - at[j]));
        before += at[j];
    }
    out <== index;
}
