// SPDX-License-Identifier: MIT
pragma solidity ^0.8.24;

/// @notice How one tensor is published; a row of the model's layout table.
struct Tensor {
    /// One of Encoding.
    uint8 encoding;
    uint8 laneBytes;
    uint16 signals;
    uint32 elements;
    /// Smallest value, and the distance from it to the largest.
    int64 lo;
    uint64 span;
    /// Real value of one unit: the bits of an IEEE-754 double.
    uint64 scale;
}

/// @notice Of a tensor: no signals, its elements in lanes, or one signal with a commitment.
library Encoding {
    uint8 internal constant PRIVATE = 0;
    uint8 internal constant LANES = 1;
    uint8 internal constant HASHED = 2;
}

/// @title Tensors in signals
/// @notice A lane holds v − lo in `laneBytes` bytes; 31 / laneBytes lanes fill a signal, the first in the most
/// significant place; what is left of the last signal is zero at the low end.
library TensorLib {
    /// @notice An element is out of its tensor's interval.
    error LaneOutOfInterval(uint256 element);
    /// @notice A signal has bits where it has no lanes.
    error PaddingNotZero(uint256 signal);
    /// @notice A commitment is not below the order of the scalar field.
    error CommitmentOutOfField(uint256 signal);
    error WrongLength(uint256 expected, uint256 got);
    /// @notice Not all digits fit into 256 bits.
    error TooManyDigits();
    /// @notice The scale is not a positive, finite number.
    error MalformedScale();

    uint256 private constant R = 0x30644e72e131a029b85045b68181585d2833e84879b9709143e1f593f0000001;

    /// @notice The elements of tensors that lie one after the other in signals. A hashed tensor gives one element, its
    /// commitment, a private one none.
    function unpackAll(Tensor[] memory tensors, uint256[] memory signals)
        internal
        pure
        returns (int256[] memory values)
    {
        uint256 expected;
        uint256 size;
        for (uint256 i = 0; i < tensors.length; i++) {
            Tensor memory tensor = tensors[i];
            expected += tensor.signals;
            size += tensor.encoding == Encoding.LANES ? tensor.elements : tensor.signals;
        }
        if (signals.length != expected) revert WrongLength(expected, signals.length);
        values = new int256[](size);
        uint256 from;
        uint256 to;
        for (uint256 i = 0; i < tensors.length; i++) {
            Tensor memory tensor = tensors[i];
            if (tensor.encoding == Encoding.LANES) {
                _unpack(tensor, signals, from, values, to);
                to += tensor.elements;
            } else if (tensor.encoding == Encoding.HASHED) {
                if (signals[from] >= R) revert CommitmentOutOfField(from);
                values[to++] = int256(signals[from]);
            }
            from += tensor.signals;
        }
    }

    /// @notice The elements of one tensor in lanes.
    function unpack(Tensor memory tensor, uint256[] memory signals) internal pure returns (int256[] memory values) {
        if (signals.length != tensor.signals) revert WrongLength(tensor.signals, signals.length);
        values = new int256[](tensor.elements);
        _unpack(tensor, signals, 0, values, 0);
    }

    /// @notice The signals of one tensor in lanes.
    function pack(Tensor memory tensor, int256[] memory values) internal pure returns (uint256[] memory signals) {
        if (values.length != tensor.elements) revert WrongLength(tensor.elements, values.length);
        signals = new uint256[](tensor.signals);
        uint256 bits = 8 * uint256(tensor.laneBytes);
        uint256 lanes = 31 / uint256(tensor.laneBytes);
        for (uint256 i = 0; i < values.length; i++) {
            int256 value = values[i];
            // Beyond 64 bits the difference below could wrap.
            if (value < tensor.lo || value > type(int64).max) revert LaneOutOfInterval(i);
            uint256 lane = uint256(value - tensor.lo);
            if (lane > tensor.span) revert LaneOutOfInterval(i);
            signals[i / lanes] |= lane << (bits * (lanes - 1 - i % lanes));
        }
    }

    /// @notice An element as a decimal number, exactly: value · 10^−decimals = units · scale.
    /// @dev The scale is mantissa · 2^exponent, and 2^−k = 5^k · 10^−k.
    function toDecimal(int256 units, uint64 scale) internal pure returns (int256 value, uint256 decimals) {
        (uint256 mantissa, int256 exponent) = _split(scale);
        if (exponent >= 0) {
            if (exponent > 255 || mantissa << uint256(exponent) >> uint256(exponent) != mantissa) {
                revert TooManyDigits();
            }
            return (_times(units, mantissa << uint256(exponent)), 0);
        }
        decimals = uint256(-exponent);
        // 5^110 is the last power of five below 2^256.
        if (decimals > 110) revert TooManyDigits();
        value = _times(_times(units, mantissa), 5 ** decimals);
    }

    /// @notice An element with a fixed number of decimals, rounded to the nearest, halves away from zero.
    function toFixed(int256 units, uint64 scale, uint8 decimals) internal pure returns (int256) {
        (uint256 mantissa, int256 exponent) = _split(scale);
        if (decimals > 77) revert TooManyDigits();
        int256 scaled = _times(_times(units, mantissa), 10 ** uint256(decimals));
        if (exponent >= 0) {
            if (exponent > 255) revert TooManyDigits();
            return _times(scaled, 2 ** uint256(exponent));
        }
        uint256 shift = uint256(-exponent);
        if (shift > 255) return 0;
        uint256 half = 1 << (shift - 1);
        uint256 magnitude = scaled < 0 ? uint256(-scaled) : uint256(scaled);
        uint256 rounded = (magnitude + half) >> shift;
        return scaled < 0 ? -int256(rounded) : int256(rounded);
    }

    /// @notice The element nearest to a number with `decimals` decimals, halves away from zero: what to pack where a
    /// contract makes a model's input itself.
    function toUnits(int256 value, uint8 decimals, uint64 scale) internal pure returns (int256) {
        (uint256 mantissa, int256 exponent) = _split(scale);
        if (decimals > 60 || exponent > 128 || exponent < -254) revert TooManyDigits();
        // Below 2^53 · 10^60 < 2^253.
        uint256 divisor = mantissa * 10 ** uint256(decimals);
        if (exponent < 0) value = _times(value, 2 ** uint256(-exponent));
        else divisor = uint256(_times(int256(divisor), 2 ** uint256(exponent)));
        uint256 magnitude = value < 0 ? uint256(-value) : uint256(value);
        uint256 rounded = (magnitude + divisor / 2) / divisor;
        return value < 0 ? -int256(rounded) : int256(rounded);
    }

    /// @dev The scale as an odd mantissa and a power of two.
    function _split(uint64 scale) private pure returns (uint256 mantissa, int256 exponent) {
        uint256 biased = scale >> 52;
        if (scale == 0 || biased > 2046) revert MalformedScale();
        mantissa = scale & (2 ** 52 - 1);
        if (biased != 0) mantissa |= 2 ** 52;
        exponent = int256(biased == 0 ? 1 : biased) - 1075;
        while (mantissa & 1 == 0) {
            mantissa >>= 1;
            exponent++;
        }
    }

    function _times(int256 left, uint256 right) private pure returns (int256) {
        if (left == 0) return 0;
        if (right > uint256(type(int256).max)) revert TooManyDigits();
        unchecked {
            int256 product = left * int256(right);
            if (product / int256(right) != left || product == type(int256).min) revert TooManyDigits();
            return product;
        }
    }

    function _unpack(
        Tensor memory tensor,
        uint256[] memory signals,
        uint256 from,
        int256[] memory values,
        uint256 to
    ) private pure {
        uint256 bits = 8 * uint256(tensor.laneBytes);
        uint256 lanes = 31 / uint256(tensor.laneBytes);
        uint256 span = tensor.span;
        int256 lo = tensor.lo;
        uint256 end = to + tensor.elements;
        // The first lane stands at the top of the word, so that a shift to the left brings the next one there.
        uint256 unused = 256 - bits * lanes;
        while (to < end) {
            uint256 signal = signals[from];
            if (signal >> (256 - unused) != 0) revert PaddingNotZero(from);
            signal <<= unused;
            uint256 stop = to + lanes < end ? to + lanes : end;
            for (; to < stop; to++) {
                uint256 lane = signal >> (256 - bits);
                if (lane > span) revert LaneOutOfInterval(to);
                assembly ("memory-safe") {
                    mstore(add(add(values, 32), shl(5, to)), add(lo, lane))
                }
                signal <<= bits;
            }
            if (signal != 0) revert PaddingNotZero(from);
            from++;
        }
    }
}
