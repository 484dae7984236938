// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What the rollup asks of a verifier of one kind of proof
interface IVerifier {
    /// @notice Name of the kind of proof, as every record of such a proof shows it.
    function proofKind() external view returns (string memory);

    /// @notice Whether `proof` proves the statement whose public inputs hash to `publicInputsHash`.
    /// @dev Answers false to malformed bytes: the rollup turns that into `InvalidProof`.
    function verifyProof(bytes32 publicInputsHash, bytes calldata proof)
        external
        view
        returns (bool);
}
