// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What end-to-end tests deploy: state, an event, and both ways to refuse
contract Counter {
    /// @notice Above this, `set` refuses.
    uint256 public constant LIMIT = 100;

    /// @notice What was set last.
    uint256 public number;

    event NumberSet(address indexed sender, uint256 number);

    error NumberTooLarge(uint256 number, uint256 limit);

    constructor(uint256 first) payable {
        number = first;
    }

    /// @notice Refuses with a custom error.
    function set(uint256 to) external {
        if (to > LIMIT) revert NumberTooLarge(to, LIMIT);
        number = to;
        emit NumberSet(msg.sender, to);
    }

    /// @notice Refuses with a reason in words.
    function add(uint256 amount) external {
        require(amount > 0, "nothing to add");
        number += amount;
        emit NumberSet(msg.sender, number);
    }
}
