/**
 * The functions of `Subject.sol` that the story calls.
 * @module
 */
import { type Abi, parseAbi } from "viem";

/** ABI of `Subject.sol`, functions and constructor. */
export const SUBJECT_ABI: Abi = parseAbi([
  "constructor() payable",
  "function put(uint256 key, uint256 value) payable returns (uint256)",
  "function clear(uint256 from, uint256 count)",
  "function write(bytes data)",
  "function refuse(uint256 how) pure returns (uint256)",
  "function burn(uint256 rounds) view returns (bytes32)",
  "function place() view returns (uint256, uint256, uint256, address, uint256, uint256)",
  "function ask(address who) view returns (uint256, bytes32, uint256)",
  "function spawn(bytes32 salt, uint256 value) payable returns (address)",
  "function relay(address to, uint256 value, uint256 gasLimit, bytes data) payable returns (bool, bytes)",
  "function borrow(address code, bytes data) returns (bool, bytes)",
  "function nest(uint256 depth) returns (uint256)",
  "function flash(bytes32 salt, uint256 value) payable returns (bool)",
  "function total() view returns (uint256)",
]);
