/**
 * The contracts that every block of Ethereum writes to.
 *
 * Owns their addresses and codes as EIP-2935 and EIP-4788 publish them. Does not own the writes
 * (`block_protocol.ts`). The queues of EIP-7002 and EIP-7251 are in imported chains only: no
 * consensus layer reads them here, and a block without them has no requests.
 * @module
 */
import { type Address, address, type Hex } from "../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../core/types/genesis.ts";

/** EIP-2935: hashes of the latest blocks. */
export const HISTORY_ADDRESS: Address = address("0x0000f90827f1c53a10cb7a02335b175320002935");
/** EIP-4788: roots of the latest beacon blocks. */
export const BEACON_ROOTS_ADDRESS: Address = address("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");
/** EIP-7002: the queue of withdrawals. */
export const WITHDRAWAL_QUEUE_ADDRESS: Address = address(
  "0x00000961ef480eb55e80d19ad83579a64c007002",
);
/** EIP-7251: the queue of consolidations. */
export const CONSOLIDATION_QUEUE_ADDRESS: Address = address(
  "0x0000bbddc7ce488642fb579f8b00f3a590007251",
);
/** Who calls them (EIP-4788). */
export const SYSTEM_ADDRESS: Address = address("0xfffffffffffffffffffffffffffffffffffffffe");
/** Slots of the rings of both contracts. */
export const RING_LENGTH = 8191n;

const HISTORY_CODE: Hex =
  `0x3373fffffffffffffffffffffffffffffffffffffffe14604657602036036042575f35600143038111604257${"611fff81430311604257611fff9006545f5260205ff35b5f5ffd5b5f35611fff60014303065500"}`;
const BEACON_ROOTS_CODE: Hex =
  `0x3373fffffffffffffffffffffffffffffffffffffffe14604d57602036146024575f5ffd5b5f358015604957${
    "62001fff810690815414603c575f5ffd5b62001fff01545f5260205ff35b5f5ffd5b62001fff42064281555f35" +
    "9062001fff015500"
  }`;

/** Both contracts as genesis accounts; nonce 1 as every contract has. */
export const SYSTEM_CONTRACTS: readonly GenesisAccount[] = [
  { address: HISTORY_ADDRESS, code: HISTORY_CODE, balanceWei: 0n, nonce: 1n, storage: [] },
  {
    address: BEACON_ROOTS_ADDRESS,
    code: BEACON_ROOTS_CODE,
    balanceWei: 0n,
    nonce: 1n,
    storage: [],
  },
];
