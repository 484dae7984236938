/**
 * Seeded worlds and transactions for the fuzz: every type, with fields at and past their edges.
 *
 * Owns states and fields. Does not own code (`random_bytes.ts`) or who runs it all.
 * @module
 */
import { signDigest } from "../../../core/crypto/secp256k1.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToAddress,
  bytesToHex,
} from "../../../core/primitives/hex.ts";
import { LIMITS } from "../../../core/primitives/limits.ts";
import type { ChainConfig } from "../../../core/types/genesis.ts";
import type { Authorization, UnsignedTransaction } from "../../../core/types/tx.ts";
import { authorizationDigest, delegationCode } from "../../../core/vm/authorizations.ts";
import type { ExecutableTx } from "../../../core/vm/executor.ts";
import { randomInit, randomProgram } from "./random_bytes.ts";
import { contractAddress, type Draw } from "./random_programs.ts";
import { randomBytes, randomWord } from "./random_words.ts";
import { COINBASE, ETHER, GWEI, testAddress, testConfig, testKey, testTx } from "./world.ts";

const CONTRACT_COUNT = 6;
const SENDER_COUNT = 4;
const MAX_U64 = (1n << 64n) - 1n;
const MAX_WORD = (1n << 256n) - 1n;

/** A state and transactions for its first block. */
export interface RandomBlock {
  readonly config: ChainConfig;
  readonly transactions: readonly ExecutableTx[];
}

/** Accounts that programs and transactions name. */
const TARGETS: readonly Address[] = [
  ...Array.from({ length: CONTRACT_COUNT }, (_, index) => contractAddress(index)),
  ...Array.from({ length: CONTRACT_COUNT }, (_, index) => contractAddress(index)),
  ...[0, 1, 2, 3, 4, 5].map(testAddress),
  address(`0x${"e1".repeat(20)}`),
  COINBASE,
  ...[1, 2, 3, 4, 5, 6, 9, 0x0b, 0x11, 0x12, 0x100, 0x101].map((number) =>
    address(`0x${number.toString(16).padStart(40, "0")}`)
  ),
];
const AROUND = { accounts: TARGETS.map(BigInt) };

/** A block of `count` transactions. */
export function randomBlock(draw: Draw, count: number): RandomBlock {
  const contracts = Array.from({ length: CONTRACT_COUNT }, (_, index) => ({
    address: contractAddress(index),
    nonce: draw.chance(5) ? MAX_U64 - 1n : 1n,
    balanceWei: BigInt(draw.below(3) * 1_000),
    code: bytesToHex(randomContract(draw, index)),
    storage: Array.from({ length: draw.below(4) }, (_, slot) => ({
      slot: bigintToHash32(BigInt(slot)),
      value: bigintToHash32(1n + randomWord(draw) % MAX_WORD),
    })),
  }));
  // One whose nonce can rise only once more, and one who is nearly too rich.
  const odd = [
    { address: testAddress(10), nonce: MAX_U64 - 2n, balanceWei: ETHER },
    { address: testAddress(11), balanceWei: MAX_WORD - 20_000n * ETHER },
  ];
  const config = testConfig([...contracts, ...odd], {
    initialBaseFeePerGasWei: draw.pick([GWEI, 7n, 1n]),
  });
  const nonces = new Map<number, bigint>();
  const transactions = Array.from({ length: count }, () => {
    const from = draw.chance(6) ? draw.pick([10, 11]) : draw.below(SENDER_COUNT);
    const nonce = nonces.get(from) ?? (from === 10 ? MAX_U64 - 2n : 0n);
    // What is odd is mostly refused, so that the next one has the same nonce.
    if (draw.chance(12)) return testTx(from, nonce, oddFields(draw));
    if (nonce < MAX_U64) nonces.set(from, nonce + 1n);
    return testTx(from, nonce, fields(draw));
  });
  return { config, transactions };
}

function randomContract(draw: Draw, index: number): Uint8Array {
  if (index === 0) return delegationCode(draw.pick(TARGETS));
  if (draw.chance(5)) return Uint8Array.of(0xef, 0x01, 0x00, ...randomBytes(draw, 20));
  return randomProgram(draw, AROUND);
}

const GAS_LIMITS: readonly number[] = [150_000, 200_000, 400_000, 400_000, 1_000_000];

function fields(draw: Draw): Partial<UnsignedTransaction> {
  const type = draw.pick([0, 1, 2, 2, 4] as const);
  const creates = type !== 4 && draw.chance(25);
  const feeWei = BigInt(1 + draw.below(5)) * GWEI;
  return {
    type,
    chainId: type === 0 && draw.chance(30) ? undefined : 901n,
    maxFeePerGasWei: feeWei,
    maxPriorityFeePerGasWei: type < 2 ? feeWei : BigInt(draw.below(2)) * GWEI,
    gasLimit: draw.chance(10) ? BigInt(21_000 + draw.below(60_000)) : BigInt(draw.pick(GAS_LIMITS)),
    to: creates ? undefined : recipient(draw),
    valueWei: draw.pick([0n, 0n, 0n, 1n, 1_000n, ETHER]),
    data: creates ? randomInit(draw, AROUND, 2) : randomBytes(draw, draw.below(100)),
    accessList: type === 0 ? [] : accessList(draw),
    authorizations: type === 4
      ? Array.from({ length: 1 + draw.below(3) }, () => authorization(draw))
      : [],
  };
}

function recipient(draw: Draw): Address {
  return draw.chance(60) ? contractAddress(draw.below(CONTRACT_COUNT)) : draw.pick(TARGETS);
}

/** One field or two at an edge, or past it. */
function oddFields(draw: Draw): Partial<UnsignedTransaction> {
  const usual = fields(draw);
  const changes: readonly (() => Partial<UnsignedTransaction>)[] = [
    () => ({ nonce: draw.pick([0n, 1n, MAX_U64 - 1n, MAX_U64]) }),
    () => ({ gasLimit: draw.pick([0n, 20_999n, 21_000n, LIMITS.maxTxGas, MAX_U64]) }),
    () => ({ gasLimit: LIMITS.maxTxGas + BigInt(draw.below(2)) }),
    () => ({ valueWei: draw.pick([MAX_WORD, 1n << 255n, 2_000n * ETHER]) }),
    () => ({ maxFeePerGasWei: draw.pick([0n, 1n, 6n, MAX_U64, 1n << 200n, MAX_WORD]) }),
    () => ({ maxPriorityFeePerGasWei: draw.pick([MAX_WORD, 1n << 100n, 6n * GWEI]) }),
    () => ({ data: new Uint8Array(draw.pick([49_152, 49_153])), to: undefined }),
    () => ({ data: randomBytes(draw, 2_000 + draw.below(8_000)) }),
    () => ({ chainId: draw.pick([0n, 1n, 902n, MAX_U64]) }),
  ];
  const changed = {
    ...usual,
    ...draw.pick(changes)(),
    ...(draw.chance(30) ? draw.pick(changes)() : {}),
  };
  // The price of types 0 and 1 is one number; types 4 need a recipient to be encoded at all.
  const isPriced = changed.type === 0 || changed.type === 1;
  return {
    ...changed,
    ...(isPriced ? { maxPriorityFeePerGasWei: changed.maxFeePerGasWei ?? 0n } : {}),
    ...(changed.type === 4 ? { to: changed.to ?? draw.pick(TARGETS) } : {}),
  };
}

function accessList(draw: Draw): UnsignedTransaction["accessList"] {
  return Array.from({ length: draw.pick([0, 0, 1, 2, 4]) }, () => ({
    address: draw.chance(10) ? bytesToAddress(randomBytes(draw, 20)) : draw.pick(TARGETS),
    storageKeys: Array.from(
      { length: draw.below(4) },
      () => bigintToHash32(draw.chance(80) ? BigInt(draw.below(4)) : randomWord(draw)),
    ),
  }));
}

function authorization(draw: Draw): Authorization {
  const claim = {
    chainId: draw.pick([0n, 901n, 901n, 901n, 1n, MAX_WORD]),
    address: draw.chance(15) ? address(`0x${"00".repeat(20)}`) : draw.pick(TARGETS),
    nonce: draw.pick([0n, 0n, 1n, 2n, 3n, MAX_U64 - 1n, MAX_U64]),
  };
  const signed = { ...claim, ...signDigest(authorizationDigest(claim), testKey(draw.below(7))) };
  if (draw.chance(85)) return signed;
  const broken: readonly Partial<Authorization>[] = [
    { r: 0n },
    { s: 0n },
    { s: MAX_WORD },
    { r: randomWord(draw) },
    { yParity: 1 - signed.yParity },
    { s: (1n << 255n) + 1n },
    { chainId: 902n },
  ];
  return { ...signed, ...draw.pick(broken) };
}
