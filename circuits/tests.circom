pragma circom 2.1.0;

include "bits.circom";
include "one-hot.circom";

// at[j] = 1 if bounds[j] <= in < bounds[j+1], else 0.
// NOTE: bounds increase, and the caller has proved bounds[0] <= in < bounds[steps]. width is the bits of the widest step
// less one; even says that all steps have 2^width values.
// Constraints: steps + 2·width, or steps + width if even, and linear ones.
// Sound: the selector names a step, and the range checks prove that in lies in it; steps do not overlap.
template Ladder(steps, bounds, width, even) {
    signal input in;
    signal output at[steps];
    var least = 0;
    var most = -1;
    for (var j = 0; j < steps; j++) {
        at[j] <-- bounds[j] <= in && in < bounds[j + 1] ? 1 : 0;
        least += at[j] * bounds[j];
        most += at[j] * bounds[j + 1];
    }
    OneHot(steps)(at);
    RangeCheck(width)(in - least);
    if (even == 0) {
        component under = RangeCheck(width);
        under.in <== most - in;
    }
}
