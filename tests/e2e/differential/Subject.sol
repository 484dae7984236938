// SPDX-License-Identifier: MIT
pragma solidity 0.8.30;

/// @title What random transactions and calls of the differential test run into
contract Subject {
    uint256 public total;
    mapping(uint256 => uint256) public cells;
    bytes public blob;

    event Put(uint256 indexed key, uint256 value, address indexed sender);
    event Anonymous(bytes data) anonymous;

    error TooMuch(uint256 got, uint256 limit);

    constructor() payable {}

    receive() external payable {
        emit Put(0, msg.value, msg.sender);
    }

    function put(uint256 key, uint256 value) external payable returns (uint256 before) {
        before = cells[key];
        cells[key] = value;
        total += value % 1000;
        emit Put(key, value, msg.sender);
    }

    function clear(uint256 from, uint256 count) external {
        for (uint256 i = 0; i < count; i++) delete cells[from + i];
    }

    function write(bytes calldata data) external {
        blob = data;
        emit Anonymous(data);
    }

    function refuse(uint256 how) external pure returns (uint256) {
        if (how == 0) revert("no");
        if (how == 1) revert TooMuch(how, 0);
        if (how == 2) return how / (how - 2);
        if (how == 3) assert(false);
        if (how == 4) revert();
        if (how == 5) assembly { invalid() }
        if (how == 6) { uint256[] memory none; return none[how]; }
        if (how == 7) assembly { mstore(0, 1) revert(0, 3) }
        return how;
    }

    function burn(uint256 rounds) external view returns (bytes32 mixed) {
        for (uint256 i = 0; i < rounds; i++) mixed = keccak256(abi.encode(mixed, i, gasleft() > 0));
    }

    function place() external view returns (uint256, uint256, uint256, address, uint256, uint256) {
        return (block.number, block.timestamp, block.basefee, block.coinbase, block.gaslimit, block.chainid);
    }

    function ask(address who) external view returns (uint256, bytes32, uint256) {
        return (who.balance, who.codehash, who.code.length);
    }

    /// @dev The child's code is CALLER SELFDESTRUCT: whoever calls it ends it.
    function spawn(bytes32 salt, uint256 value) public payable returns (address child) {
        bytes memory code = hex"6133ff6000526002601ef3";
        assembly { child := create2(value, add(code, 32), mload(code), salt) }
        emit Put(uint256(uint160(child)), value, msg.sender);
    }

    function flash(bytes32 salt, uint256 value) external payable returns (bool ok) {
        address child = spawn(salt, value);
        (ok,) = child.call("");
        ok = ok && child.balance == 0;
    }

    function relay(address to, uint256 value, uint256 gasLimit, bytes calldata data)
        external
        payable
        returns (bool ok, bytes memory answer)
    {
        (ok, answer) = to.call{value: value, gas: gasLimit}(data);
        emit Anonymous(answer);
    }

    function borrow(address code, bytes calldata data) external returns (bool ok, bytes memory answer) {
        (ok, answer) = code.delegatecall(data);
    }

    function nest(uint256 depth) external returns (uint256) {
        cells[depth] += 1;
        if (depth == 0) return total;
        return this.nest(depth - 1);
    }
}
