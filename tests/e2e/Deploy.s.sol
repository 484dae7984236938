// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

import {Counter} from "../src/Counter.sol";

/// @notice The part of Foundry's cheat codes that the script needs
interface Vm {
    function startBroadcast() external;
    function stopBroadcast() external;
}

/// @title Deploys a counter and sets it, in two transactions
contract Deploy {
    Vm private constant VM = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    // solhint-disable-next-line var-name-mixedcase
    bool public IS_SCRIPT = true;

    /// @notice Run by `forge script`.
    function run() external returns (Counter counter) {
        VM.startBroadcast();
        counter = new Counter{value: 5}(7);
        counter.set(42);
        VM.stopBroadcast();
    }
}
