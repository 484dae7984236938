// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {IRollup} from "./IRollup.sol";

/// @title Whether the rollup is stopped
/// @notice Knows the state and its guards, not who may change it.
abstract contract EmergencyState is IRollup {
    /// @dev A week: the longest that any timeout may be, and the time after which an unproven batch
    /// is a halt.
    uint64 internal constant HALT_AGGREGATION_TIMEOUT = 1 weeks;

    /// @notice Whether the emergency state lasts.
    bool public isEmergencyState;
    /// @notice L1 time, in seconds, at which the last emergency ended; 0 when there was none.
    uint64 public lastDeactivatedEmergencyStateTimestamp;

    /// @dev Guards what must stop in an emergency.
    modifier ifNotEmergencyState() {
        if (isEmergencyState) revert OnlyNotEmergencyState();
        _;
    }

    /// @dev A second activation is refused, so that each event tells of a change.
    function _activateEmergencyState() internal ifNotEmergencyState {
        isEmergencyState = true;
        emit EmergencyStateActivated();
    }

    /// @dev The time is kept because a week follows in which those who were stopped catch up.
    function _deactivateEmergencyState() internal {
        if (!isEmergencyState) revert OnlyEmergencyState();
        isEmergencyState = false;
        lastDeactivatedEmergencyStateTimestamp = uint64(block.timestamp);
        emit EmergencyStateDeactivated();
    }

    /// @dev Whether the last emergency ended less than a week ago. Sequencer and aggregator could do
    /// nothing about what fell due in it, so nothing is held against them yet.
    function _isWeekAfterEmergency() internal view returns (bool) {
        uint64 ended = lastDeactivatedEmergencyStateTimestamp;
        return ended != 0 && ended + HALT_AGGREGATION_TIMEOUT > block.timestamp;
    }
}
