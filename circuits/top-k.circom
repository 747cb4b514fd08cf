pragma circom 2.1.0;

include "bits.circom";
include "one-hot.circom";

// Indices and values of the k first of n elements in the order of value (largest first, or smallest if largest = 0), then of
// lower index. orderWidth holds n·reach + n - 2 and restWidth reach + 1, reach the widest distance of two elements.
// Constraints: 2kn + (k - 1)·orderWidth + (k < n: n·restWidth), and linear ones.
// Sound, with values negated for smallest first: neighbours p, q in the result have n·(value_p - value_q) - (index_p - index_q)
// - 1 >= 0, an order without ties, so that none is named twice. For every element j, last value - in[j] - [j < last index]
// + (2^restWidth - 1)·[j is named] lies in restWidth bits: a named one passes whatever its value, an unnamed one only if
// it stands behind the last in the order.
template TopK(n, k, largest, orderWidth, restWidth) {
    signal input in[n];
    signal output index[k];
    signal output value[k];
    signal at[k][n];
    var sign = largest == 1 ? 1 : -1;
    var used[n];
    for (var p = 0; p < k; p++) {
        var best = -1;
        for (var j = 0; j < n; j++) {
            if (used[j] == 0) {
                if (best == -1) {
                    best = j;
                } else if (sign * (in[j] - in[best]) > 0) {
                    best = j;
                }
            }
        }
        used[best] = 1;
        for (var j = 0; j < n; j++) {
            at[p][j] <-- best == j ? 1 : 0;
        }
        OneHot(n)(at[p]);
        value[p] <== Chosen(n)(at[p], in);
        var place = 0;
        for (var j = 0; j < n; j++) {
            place += j * at[p][j];
        }
        index[p] <== place;
    }
    for (var p = 0; p + 1 < k; p++) {
        RangeCheck(orderWidth)(n * sign * (value[p] - value[p + 1]) - (index[p] - index[p + 1]) - 1);
    }
    if (k < n) {
        component rest[n];
        var upTo = 0;
        for (var j = 0; j < n; j++) {
            var named = 0;
            for (var p = 0; p < k; p++) {
                named += at[p][j];
            }
            upTo += at[k - 1][j];
            rest[j] = RangeCheck(restWidth);
            rest[j].in <== sign * (value[k - 1] - in[j]) - (1 - upTo) + (2 ** restWidth - 1) * named;
        }
    }
}
