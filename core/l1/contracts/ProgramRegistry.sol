// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IRollup} from "./IRollup.sol";
import {IVerifier} from "./IVerifier.sol";
import {RollupRoles} from "./RollupRoles.sol";

/// @title Which program proves, and who judges its proofs
/// @notice One verifier for each program hash. The kind of proof is read once, when the verifier is
/// added: a verifier cannot rename later what it has accepted.
abstract contract ProgramRegistry is RollupRoles {
    /// @notice Verifiers by the hash of the program whose proofs they judge.
    mapping(bytes32 programHash => VerifierData) public verifiers;
    /// @notice Hash of the program that every proof must have executed.
    bytes32 public programHash;

    constructor(bytes32 initialProgramHash, IVerifier initialVerifier) {
        _setVerifier(initialProgramHash, initialVerifier);
        programHash = initialProgramHash;
    }

    /// @inheritdoc IRollup
    function addVerifier(bytes32 ofProgramHash, IVerifier newVerifier) external onlyAdmin {
        VerifierData storage known = verifiers[ofProgramHash];
        if (address(known.verifier) != address(0) && !known.isObsolete) {
            revert VerifierAlreadyExists();
        }
        string memory proofKind = _setVerifier(ofProgramHash, newVerifier);
        emit AddVerifier(ofProgramHash, address(newVerifier), proofKind);
    }

    /// @inheritdoc IRollup
    function obsoleteVerifier(bytes32 ofProgramHash) external onlyAdmin {
        _requireVerifier(ofProgramHash).isObsolete = true;
        emit ObsoleteVerifier(ofProgramHash);
    }

    /// @notice Judge of the proofs of the current program, switched off or not.
    function verifier() external view returns (IVerifier) {
        return verifiers[programHash].verifier;
    }

    /// @dev The program's verifier, which must be there and not switched off.
    function _requireVerifier(bytes32 ofProgramHash)
        internal
        view
        returns (VerifierData storage found)
    {
        found = verifiers[ofProgramHash];
        if (address(found.verifier) == address(0)) revert VerifierDoesNotExist();
        if (found.isObsolete) revert VerifierObsolete();
    }

    /// @dev A call to an address without code would succeed and prove nothing.
    function _setVerifier(bytes32 ofProgramHash, IVerifier newVerifier)
        private
        returns (string memory proofKind)
    {
        if (address(newVerifier).code.length == 0) revert VerifierDoesNotExist();
        proofKind = newVerifier.proofKind();
        verifiers[ofProgramHash] =
            VerifierData({verifier: newVerifier, isObsolete: false, proofKind: proofKind});
    }
}
