// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.37;

import {Test} from "forge-std/Test.sol";
import {PositionalTree} from "../../../src/libraries/PositionalTree.sol";
import {Hash} from "../../support/Hash.sol";

/// @dev The library takes its proof from calldata.
contract PositionalTreeHarness {
    function rootOfRun(bytes32[] memory leaves, uint256 level, uint256 index, bytes32[] calldata proof, uint256 count)
        external
        pure
        returns (bytes32)
    {
        return PositionalTree.rootOfRun(leaves, level, index, proof, count);
    }
}

/// @notice The same vectors as tests/unit/test_merkle.py reads.
contract PositionalTreeTest is Test {
    PositionalTreeHarness private tree = new PositionalTreeHarness();
    string private vectors = vm.readFile("../tests/vectors/batch_merkle.json");

    function test_Vectors() external view {
        uint256 trees;
        for (; vm.keyExistsJson(vectors, _tree(trees)); ++trees) {
            uint256 count = vm.parseJsonUint(vectors, string.concat(_tree(trees), ".count"));
            bytes32 root = vm.parseJsonBytes32(vectors, string.concat(_tree(trees), ".root"));
            for (uint256 chunk; vm.keyExistsJson(vectors, _chunk(trees, chunk)); ++chunk) {
                _checkChunk(_chunk(trees, chunk), count, root);
            }
        }
        assertEq(trees, 7, "trees in the vectors");
    }

    /// @dev Whatever run of whatever tree, the library finds the root that the slow way finds.
    function testFuzz_EveryRunProvesTheRoot(uint8 size, uint8 level, uint256 index) external view {
        uint256 count = bound(size, 1, 200);
        level = uint8(bound(level, 0, Hash.depth(count)));
        index = bound(index, 0, (count - 1) >> level);
        bytes32[] memory leaves = _leaves(0, count);

        uint256 first = index << level;
        uint256 length = first + (1 << level) > count ? count - first : 1 << level;
        bytes32 root = tree.rootOfRun(_leaves(first, length), level, index, Hash.proof(leaves, level, index), count);

        assertEq(root, Hash.level(leaves, Hash.depth(count))[0]);
    }

    /// @dev A leaf's place is part of what is proved.
    function testFuzz_NoLeafProvesAtAnotherPlace(uint8 size, uint256 from, uint256 to) external view {
        uint256 count = bound(size, 2, 200);
        from = bound(from, 0, count - 1);
        to = bound(to, 0, count - 1);
        vm.assume(from != to);
        bytes32[] memory leaves = _leaves(0, count);

        bytes32 root = tree.rootOfRun(_leaves(from, 1), 0, to, Hash.proof(leaves, 0, from), count);

        assertNotEq(root, Hash.level(leaves, Hash.depth(count))[0]);
    }

    function _checkChunk(string memory chunk, uint256 count, bytes32 root) private view {
        uint256 first = vm.parseJsonUint(vectors, string.concat(chunk, ".first"));
        uint256 size = vm.parseJsonUint(vectors, string.concat(chunk, ".size"));
        bytes32[] memory proof = vm.parseJsonBytes32Array(vectors, string.concat(chunk, ".proof"));
        bytes32 computed = tree.rootOfRun(
            _leaves(first, size),
            vm.parseJsonUint(vectors, string.concat(chunk, ".level")),
            vm.parseJsonUint(vectors, string.concat(chunk, ".index")),
            proof,
            count
        );
        assertEq(computed, root, chunk);
    }

    /// @dev Leaf i of the vectors is keccak256(uint256(i)).
    function _leaves(uint256 first, uint256 size) private pure returns (bytes32[] memory leaves) {
        leaves = new bytes32[](size);
        for (uint256 i; i < size; ++i) {
            leaves[i] = keccak256(abi.encode(first + i));
        }
    }

    function _tree(uint256 index) private pure returns (string memory) {
        return string.concat(".vectors[", vm.toString(index), "]");
    }

    function _chunk(uint256 index, uint256 chunk) private pure returns (string memory) {
        return string.concat(_tree(index), ".chunks[", vm.toString(chunk), "]");
    }
}
