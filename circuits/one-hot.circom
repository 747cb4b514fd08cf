pragma circom 2.1.0;

include "boolean.circom";

// Exactly one of n signals is 1 and the others are 0. Which one is up to the caller's constraints.
// Constraints: n, and one linear.
// Sound: they are bits, and as integers add up to 1, because n is far below the field's order.
template OneHot(n) {
    signal input at[n];
    var sum = 0;
    for (var j = 0; j < n; j++) {
        Boolean()(at[j]);
        sum += at[j];
    }
    sum === 1;
}

// The element that a one-hot selector names.
// NOTE: the caller has proved that at is one-hot.
// Constraints: n.
// Sound: exactly one of the factors at[j] is 1, which makes out that in[j].
template Chosen(n) {
    signal input at[n];
    signal input in[n];
    signal output out;
    var sum = 0;
    for (var j = 0; j < n; j++) {
        sum += at[j] * in[j];
    }
    out <-- sum;
    for (var j = 0; j < n; j++) {
        at[j] * (out - in[j]) === 0;
    }
}
