// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {EmergencyState} from "./EmergencyState.sol";
import {IRollup} from "./IRollup.sol";

/// @title Who may do what, and the admin's settings
/// @notice The admin cannot move the state root, read or spend anybody's funds, or take an operation
/// out of the queue. It can stop the rollup and choose sequencer, aggregator, verifiers and
/// programs: who uses the rollup trusts it with these.
abstract contract RollupRoles is EmergencyState {
    // The order packs what one call reads into one storage slot.

    /// @notice The only account that sequences what is no forced batch.
    address public trustedSequencer;
    /// @notice The account that verifies without waiting.
    address public trustedAggregator;
    /// @notice Seconds after sequencing until anyone may verify.
    uint64 public trustedAggregatorTimeout;
    /// @notice The account that changes settings.
    address public admin;
    /// @notice Seconds that the sequencer has to consume an operation that enters the queue now.
    uint64 public forceBatchTimeout;
    /// @notice The account that may take the admin's role; zero when nobody is named.
    address public pendingAdmin;

    /// @dev Guards every owner power.
    modifier onlyAdmin() {
        if (msg.sender != admin) revert OnlyAdmin();
        _;
    }

    /// @dev Bounded timeouts keep the promise that anyone can sequence and verify in the end.
    constructor(RollupParameters memory parameters) {
        if (parameters.trustedAggregatorTimeout > HALT_AGGREGATION_TIMEOUT) {
            revert TrustedAggregatorTimeoutExceedHaltAggregationTimeout();
        }
        if (parameters.forceBatchTimeout > HALT_AGGREGATION_TIMEOUT) {
            revert InvalidRangeForceBatchTimeout();
        }
        admin = parameters.admin;
        trustedSequencer = parameters.trustedSequencer;
        trustedAggregator = parameters.trustedAggregator;
        trustedAggregatorTimeout = parameters.trustedAggregatorTimeout;
        forceBatchTimeout = parameters.forceBatchTimeout;
    }

    /// @inheritdoc IRollup
    function setTrustedSequencer(address newTrustedSequencer) external onlyAdmin {
        trustedSequencer = newTrustedSequencer;
        emit SetTrustedSequencer(newTrustedSequencer);
    }

    /// @inheritdoc IRollup
    function setTrustedAggregator(address newTrustedAggregator) external onlyAdmin {
        trustedAggregator = newTrustedAggregator;
        emit SetTrustedAggregator(newTrustedAggregator);
    }

    /// @inheritdoc IRollup
    /// @dev A timeout that could go up at any time would be no promise to other provers; an
    /// emergency is visible to all, and then they wait anyway.
    function setTrustedAggregatorTimeout(uint64 newTrustedAggregatorTimeout) external onlyAdmin {
        if (newTrustedAggregatorTimeout > HALT_AGGREGATION_TIMEOUT) {
            revert TrustedAggregatorTimeoutExceedHaltAggregationTimeout();
        }
        if (!isEmergencyState && newTrustedAggregatorTimeout >= trustedAggregatorTimeout) {
            revert NewTrustedAggregatorTimeoutMustBeLower();
        }
        trustedAggregatorTimeout = newTrustedAggregatorTimeout;
        emit SetTrustedAggregatorTimeout(newTrustedAggregatorTimeout);
    }

    /// @inheritdoc IRollup
    /// @dev Deadlines of operations that are in the queue stay as they are.
    function setForceBatchTimeout(uint64 newForceBatchTimeout) external onlyAdmin {
        if (newForceBatchTimeout > HALT_AGGREGATION_TIMEOUT) {
            revert InvalidRangeForceBatchTimeout();
        }
        if (!isEmergencyState && newForceBatchTimeout >= forceBatchTimeout) {
            revert InvalidRangeForceBatchTimeout();
        }
        forceBatchTimeout = newForceBatchTimeout;
        emit SetForceBatchTimeout(newForceBatchTimeout);
    }

    /// @inheritdoc IRollup
    function transferAdminRole(address newPendingAdmin) external onlyAdmin {
        pendingAdmin = newPendingAdmin;
        emit TransferAdminRole(newPendingAdmin);
    }

    /// @inheritdoc IRollup
    /// @dev The name is struck out, so that nobody can take the role twice.
    function acceptAdminRole() external {
        if (msg.sender != pendingAdmin) revert OnlyPendingAdmin();
        pendingAdmin = address(0);
        admin = msg.sender;
        emit AcceptAdminRole(msg.sender);
    }

    /// @inheritdoc IRollup
    function deactivateEmergencyState() external onlyAdmin {
        _deactivateEmergencyState();
    }
}
