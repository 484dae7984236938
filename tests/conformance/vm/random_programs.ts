/**
 * Seeded random blocks: contracts, delegations and transactions that use much of the EVM at once.
 *
 * Owns what is generated; equal seeds give equal blocks. Does not own who runs them.
 * @module
 */
import { keccak256Bytes } from "../../../core/crypto/keccak.ts";
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToAddress,
  bytesToHex,
  type Hex,
  hexToBytes,
} from "../../../core/primitives/hex.ts";
import type { GenesisAccount } from "../../../core/types/genesis.ts";
import type { Authorization, UnsignedTransaction } from "../../../core/types/tx.ts";
import { authorizationDigest, delegationCode } from "../../../core/vm/authorizations.ts";
import type { ExecutableTx } from "../../../core/vm/executor.ts";
import { assemble, deploy, OPCODES } from "./assemble.ts";
import { COINBASE, GWEI, testAddress, testKey, testTx } from "./world.ts";

/** Draws from a fixed sequence. */
export interface Draw {
  /** 0 to `bound` - 1. */
  below(bound: number): number;
  pick<Item>(items: readonly Item[]): Item;
  chance(percent: number): boolean;
}

/** A sequence that `seed` decides. */
export function createDraw(seed: number): Draw {
  // Xorshift on 32 bits; zero would stay zero.
  let state = (Math.imul(seed + 1, 0x9e3779b9) >>> 0) || 1;
  const below = (bound: number): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % bound;
  };
  return {
    below,
    pick: (items) => {
      const item = items[below(items.length)];
      assert(item !== undefined, "there is something to pick");
      return item;
    },
    chance: (percent) => below(100) < percent,
  };
}

const CONTRACT_COUNT = 6;

/** Contracts that call one another, at addresses that do not depend on the seed. */
export function contractAddress(index: number): Address {
  return bytesToAddress(keccak256Bytes(Uint8Array.of(0xc0, index)).subarray(12));
}

/** Accounts besides the funded ones of `testConfig`. */
export function randomContracts(draw: Draw): Partial<GenesisAccount>[] {
  return Array.from({ length: CONTRACT_COUNT }, (_, index) => ({
    address: contractAddress(index),
    nonce: 1n,
    balanceWei: BigInt(draw.below(3) * 1_000),
    code: index === 0
      ? bytesToHex(delegationCode(contractAddress(1)))
      : randomCode(draw, 6 + draw.below(20), 2),
    storage: Array.from({ length: draw.below(4) }, (_, slot) => ({
      slot: bigintToHash32(BigInt(slot)),
      value: bigintToHash32(BigInt(1 + draw.below(3))),
    })),
  }));
}

/** Transactions of the funded accounts with the nonces that they are likely to have. */
export function randomTransactions(draw: Draw, count: number): ExecutableTx[] {
  const nonces = new Map<number, bigint>();
  return Array.from({ length: count }, () => {
    const from = draw.below(3);
    const nonce = nonces.get(from) ?? 0n;
    nonces.set(from, nonce + 1n);
    return randomTransaction(draw, from, draw.chance(3) ? nonce + 1n : nonce);
  });
}

/** A transaction of account `from`. */
export function randomTransaction(draw: Draw, from: number, nonce: bigint): ExecutableTx {
  return testTx(from, nonce, randomFields(draw));
}

function randomFields(draw: Draw): Partial<UnsignedTransaction> {
  const type = draw.pick([0, 1, 2, 4] as const);
  const creates = type !== 4 && draw.chance(20);
  const feeWei = BigInt(1 + draw.below(5)) * GWEI;
  const accessList = type === 0 || draw.chance(50) ? [] : [{
    address: draw.pick(targets()),
    storageKeys: [0n, 1n].map(bigintToHash32),
  }];
  return {
    type,
    maxFeePerGasWei: feeWei,
    maxPriorityFeePerGasWei: type < 2 ? feeWei : BigInt(draw.below(2)) * GWEI,
    gasLimit: BigInt(draw.pick([30_000, 60_000, 100_000, 300_000, 2_000_000])),
    to: creates ? undefined : draw.pick(targets()),
    valueWei: BigInt(draw.pick([0, 0, 1, 1_000])),
    data: hexToBytes(creates ? randomInitCode(draw, 2) : randomWords(draw)),
    accessList,
    authorizations: type === 4
      ? Array.from({ length: 1 + draw.below(3) }, () => randomAuthorization(draw))
      : [],
  };
}

function randomAuthorization(draw: Draw): Authorization {
  const claim = {
    chainId: draw.pick([0n, 901n, 901n, 1n]),
    address: draw.pick([...targets(), address(`0x${"00".repeat(20)}`)]),
    nonce: BigInt(draw.below(3)),
  };
  return { ...claim, ...signDigest(authorizationDigest(claim), testKey(draw.below(5))) };
}

/** Contracts, accounts with and without funds, precompiles, the coinbase. */
function targets(): Address[] {
  const contracts = Array.from({ length: CONTRACT_COUNT }, (_, index) => contractAddress(index));
  const accounts = [0, 1, 2, 3, 4].map(testAddress);
  const nobody = [address(`0x${"e1".repeat(20)}`), address(`0x${"e2".repeat(20)}`)];
  const precompiles = [1, 2, 3, 4, 5, 6, 9, 0x0b, 0x100]
    .map((number) => address(`0x${number.toString(16).padStart(40, "0")}`));
  return [...contracts, ...contracts, ...accounts, ...nobody, ...precompiles, COINBASE];
}

function randomWords(draw: Draw): Hex {
  const words = Array.from(
    { length: draw.below(4) },
    () => bigintToHash32(BigInt(draw.below(4))).slice(2),
  );
  return `0x${words.join("")}`;
}

function randomInitCode(draw: Draw, depth: number): Hex {
  const runtime = randomCode(draw, 1 + draw.below(8), depth - 1);
  const prelude = randomCode(draw, draw.below(4), depth - 1);
  if (draw.chance(25)) return prelude;
  // The copy of the runtime code reads from behind the prelude, wherever that ends.
  const size = (runtime.length - 2) / 2;
  const offset = (prelude.length - 2) / 2 + 13;
  const copy = `61${hex16(size)}8061${hex16(offset)}5f395ff3000000`;
  return draw.chance(50) ? deploy(runtime) : `${prelude}${copy}${runtime.slice(2)}`;
}

function hex16(value: number): string {
  return value.toString(16).padStart(4, "0");
}

function randomCode(draw: Draw, snippetCount: number, depth: number): Hex {
  let digits = "";
  for (let count = 0; count < snippetCount; count++) {
    digits += randomSnippet(draw, depth).slice(2);
  }
  return `0x${digits}`;
}

/** A few opcodes that leave the stack at most one word higher. */
function randomSnippet(draw: Draw, depth: number): Hex {
  const small = () => draw.below(4);
  const target = () => BigInt(draw.pick(targets()));
  const kind = draw.below(100);
  if (kind < 18) return assemble(`${small()} ${small()} SSTORE`);
  if (kind < 26) return assemble(`${small()} SLOAD`);
  if (kind < 30) return assemble(`${small()} ${small()} TSTORE ${small()} TLOAD ${small()} SSTORE`);
  if (kind < 52) return randomCall(draw);
  if (kind < 62) return assemble(`${target()} ${draw.pick(ONE_WORD_OPS)} ${small()} SSTORE`);
  if (kind < 74) return assemble(`${draw.pick(NO_WORD_OPS)} ${small()} SSTORE`);
  if (kind < 80) return assemble(`${small()} ${small()} 32 ${small()} LOG2`);
  if (kind < 88) return depth > 0 ? randomCreate(draw, depth) : assemble("GAS POP");
  if (kind < 90) return assemble(`${target()} SELFDESTRUCT`);
  if (kind < 92) return assemble(`32 0 ${draw.pick(["REVERT", "RETURN"])}`);
  if (kind < 94) return assemble(`${small()} CALLDATALOAD ${small()} MSTORE MSIZE`);
  if (kind < 96) return assemble(`32 0 KECCAK256 ${small()} SSTORE`);
  if (kind < 98) return assemble(`0 0 64 0 ${target()} EXTCODECOPY 0 MLOAD`);
  // Whatever byte it is: undefined opcodes, stack underflow, stray pushes.
  return `0x${draw.below(256).toString(16).padStart(2, "0")}`;
}

const ONE_WORD_OPS = ["BALANCE", "EXTCODESIZE", "EXTCODEHASH", "BLOCKHASH"];
const NO_WORD_OPS = Object.keys(OPCODES).filter((name) =>
  /^(ADDRESS|ORIGIN|CALLER|CALLVALUE|GASPRICE|COINBASE|NUMBER|BASEFEE|SELFBALANCE|GAS)$/.test(
    name,
  ) ||
  /^(CHAINID|TIMESTAMP|PREVRANDAO|GASLIMIT|BLOBBASEFEE|RETURNDATASIZE|CODESIZE|PC)$/.test(name)
);

function randomCall(draw: Draw): Hex {
  const op = draw.pick(["CALL", "CALL", "CALL", "CALLCODE", "DELEGATECALL", "STATICCALL"]);
  const value = op === "CALL" || op === "CALLCODE" ? `${draw.pick([0, 0, 1, 1_000])}` : "";
  const gas = draw.pick(["GAS", "GAS", "0", "2300", "30000"]);
  const to = BigInt(draw.pick(targets()));
  return assemble(`32 0 ${draw.pick([0, 32, 128])} 0 ${value} ${to} ${gas} ${op} 3 SSTORE`);
}

/** Writes init code of at most 32 bytes to memory and creates from it. */
function randomCreate(draw: Draw, depth: number): Hex {
  const short = randomInitCode(draw, depth - 1).slice(2, 66);
  const size = short.length / 2;
  const word = BigInt(`0x0${short}`) << BigInt(8 * (32 - size));
  const salt = draw.below(2);
  const value = draw.pick([0, 0, 1]);
  const create = draw.chance(50)
    ? `${size} 0 ${value} CREATE`
    : `${salt} ${size} 0 ${value} CREATE2`;
  return assemble(`${word} 0 MSTORE ${create} ${draw.below(4)} SSTORE`);
}
