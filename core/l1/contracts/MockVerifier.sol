// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IVerifier} from "./IVerifier.sol";

/// @title Verifier of the `mock` kind of proof
/// @notice A mock proof says "the prover executed the batches and vouches for exactly these public
/// inputs". It proves nothing to anyone who does not trust the prover, but unlike a verifier that
/// always agrees, it refuses every proof made for other public inputs.
contract MockVerifier is IVerifier {
    /// @dev First byte of every mock proof.
    bytes1 private constant MOCK_KIND = 0x00;
    /// @dev Kind byte and digest.
    uint256 private constant PROOF_SIZE_BYTES = 33;

    /// @inheritdoc IVerifier
    function proofKind() external pure returns (string memory) {
        return "mock";
    }

    /// @inheritdoc IVerifier
    /// @dev A proof is 0x00 followed by keccak256("varve/mock/1" followed by `publicInputsHash`).
    function verifyProof(bytes32 publicInputsHash, bytes calldata proof)
        external
        pure
        returns (bool)
    {
        if (proof.length != PROOF_SIZE_BYTES) return false;
        if (proof[0] != MOCK_KIND) return false;
        return bytes32(proof[1:]) == keccak256(abi.encodePacked("varve/mock/1", publicInputsHash));
    }
}
