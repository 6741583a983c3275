// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

/// @title The Merkle tree under a batch: a leaf's place is part of what is proved.
/// @notice depth = ceil(log2(count)); missing leaves are zero; node = keccak256(left ‖ right). A leaf is a double
/// hash
/// of its row, so no inner node can be offered as a row. Mirrors chainfin/codec/merkle.py, same vectors.
library PositionalTree {
    error ProofMalformed(uint256 level, uint256 siblings, uint256 depth);
    error ChunkMalformed(uint256 first, uint256 size, uint256 count);

    function depthOf(uint256 count) internal pure returns (uint256 depth) {
        while ((1 << depth) < count) ++depth;
    }

    /// @notice The root over an aligned run of leaves.
    /// @param leaves The leaves of the run, in order; the last run of a batch may be short.
    /// @param level The run covers 2**level places.
    /// @param index Its place among the runs of that level.
    /// @param proof Siblings from the run's own root upwards.
    /// @param count Leaves in the whole batch.
    function rootOfRun(bytes32[] memory leaves, uint256 level, uint256 index, bytes32[] calldata proof, uint256 count)
        internal
        pure
        returns (bytes32 node)
    {
        uint256 depth = depthOf(count);
        if (level + proof.length != depth) revert ProofMalformed(level, proof.length, depth);
        uint256 first = index << level;
        uint256 size = first >= count ? 0 : (count - first < 1 << level ? count - first : 1 << level);
        if (size == 0 || leaves.length != size) revert ChunkMalformed(first, leaves.length, count);
        node = _rootOf(leaves, level);
        for (uint256 i; i < proof.length; ++i) {
            node = index & 1 == 0 ? _hash(node, proof[i]) : _hash(proof[i], node);
            index >>= 1;
        }
    }

    /// @dev Folds in place: the leaves are not needed afterwards.
    function _rootOf(bytes32[] memory nodes, uint256 level) private pure returns (bytes32) {
        uint256 size = nodes.length;
        bytes32 empty = bytes32(0);
        for (uint256 height; height < level; ++height) {
            uint256 parents = (size + 1) / 2;
            for (uint256 i; i < parents; ++i) {
                bytes32 right = 2 * i + 1 < size ? nodes[2 * i + 1] : empty;
                nodes[i] = _hash(nodes[2 * i], right);
            }
            size = parents;
            // The root of an empty run one level up.
            empty = _hash(empty, empty);
        }
        return nodes[0];
    }

    function _hash(bytes32 left, bytes32 right) private pure returns (bytes32 node) {
        assembly ("memory-safe") {
            mstore(0x00, left)
            mstore(0x20, right)
            node := keccak256(0x00, 0x40)
        }
    }
}
