/**
 * What every chapter of a story tells with: its memory, its choices, and what there is to ask about.
 *
 * Owns the words that chapters share. Does not own the chapters (`transactions.ts`, `pool.ts`,
 * `reads.ts`, `calls.ts`, `controls.ts`) or how often each comes up (`story.ts`).
 * @module
 */
import { encodeFunctionData } from "viem/utils";
import { type Address, address, type Hash32, hash32 } from "../../../core/primitives/hex.ts";
import { bytesToHex, type Hex } from "../../../core/primitives/hex.ts";
import { DEV_ACCOUNTS } from "../../../devnet/accounts.ts";
import type { RandomChoices } from "../../simulation/random.ts";
import type { CompiledContract } from "../../tools/build_contracts.ts";
import { SUBJECT_ABI } from "./subject_abi.ts";

/** One thing that is said to a node. */
export interface Question {
  readonly method: string;
  /** `@block:5` stands for the hash of a block, other `@` for what was answered `as` it. */
  readonly params: readonly unknown[];
  /** The story's name for the answer, which each node makes up by itself. */
  readonly as?: string;
}

/** What the story knows of the chain so far. */
export interface Memory {
  contracts: Address[];
  readonly hashes: Hash32[];
  nonces: Map<Address, bigint>;
  /** Accounts that run somebody's code (EIP-7702). */
  delegated: Set<Address>;
  blockNumber: bigint;
  timestampSec: bigint;
  filters: string[];
  readonly snapshots: Snapshot[];
  /** How many names were given. */
  nameCount: number;
}

/** A moment that the story may go back to. */
export interface Snapshot {
  readonly name: string;
  readonly memory: Pick<
    Memory,
    "contracts" | "nonces" | "delegated" | "blockNumber" | "timestampSec"
  >;
}

/** What every story starts from. */
export interface StoryOptions {
  readonly seed: number;
  readonly chainId: bigint;
  readonly subject: CompiledContract;
  readonly genesisSec: bigint;
}

/** What a chapter is told with. */
export interface Teller {
  readonly options: StoryOptions;
  readonly random: RandomChoices;
  readonly memory: Memory;
}

/** The next part of a story. */
export type Chapter = (tell: Teller) => readonly Question[];

/** A billion wei. */
export const GWEI = 1_000_000_000n;
/** Nobody sends from it by accident: it is asked for what it must refuse. */
export const STRANGER: Address = address(`0x${"5a".repeat(20)}`);
/** Of no block and no transaction. */
export const UNKNOWN_HASH: Hash32 = hash32(`0x${"77".repeat(32)}`);
/** Contracts that every chain has. */
export const PRECOMPILES: readonly Address[] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0x100].map((
  number,
) => address(`0x${number.toString(16).padStart(40, "0")}`));
/** Accounts whose state is decreed. */
export const PUPPETS: readonly Address[] = ["1", "2", "3"].map((digit) =>
  address(`0x${digit.repeat(40)}`)
);

/** A new name for what a node makes up. */
export function nextName({ memory }: Teller, kind: string): string {
  memory.nameCount++;
  return `@${kind}:${memory.nameCount}`;
}

/** Any account: of a user, a contract, a precompile, a puppet or nobody. */
export function anyAddress({ random, memory }: Teller): Address {
  return random.pick([
    random.pick(DEV_ACCOUNTS).address,
    ...(memory.contracts.length === 0 ? [] : [random.pick(memory.contracts)]),
    random.pick(PRECOMPILES),
    address(`0x${random.int(1, 9).toString().repeat(40)}`),
  ]);
}

/** A number of a block that is there. */
export function anyNumber({ random, memory }: Teller): Hex {
  return toQuantity(random.int(0, Number(memory.blockNumber)));
}

/** A block that is there, by number or by tag. */
export function anyBlock(tell: Teller): string {
  return tell.random.pick(["latest", "latest", "earliest", anyNumber(tell)]);
}

/** A hash of a transaction that was sent. */
export function anyHash({ random, memory }: Teller): Hex {
  return memory.hashes.length === 0 ? UNKNOWN_HASH : random.pick(memory.hashes);
}

/** At most three slots. */
export function anySlots({ random }: Teller): Hex[] {
  return Array.from({ length: random.int(0, 3) }, () => toWord(random.int(0, 3)));
}

/** `number` as 32 bytes. */
export function toWord(number: number): Hash32 {
  return hash32(`0x${number.toString(16).padStart(64, "0")}`);
}

/** `number` as JSON-RPC writes it. */
export function toQuantity(number: number | bigint): Hex {
  return `0x${number.toString(16)}`;
}

/** Data of a call of `Subject.sol`. */
export function encodeSubject(functionName: string, args: readonly unknown[]): Hex {
  return encodeFunctionData({ abi: SUBJECT_ABI, functionName, args });
}

/** Data of any call of `Subject.sol`, also of one that makes no sense. */
export function subjectData(tell: Teller): Hex {
  const { random, memory } = tell;
  const small = () => BigInt(random.int(0, 9));
  const data = (): Hex => bytesToHex(Uint8Array.from({ length: random.int(0, 80) }, () => 7));
  const other = () => random.pick(memory.contracts);
  const encode = encodeSubject;
  return random.pick<() => Hex>([
    () => encode("put", [small(), BigInt(random.int(0, 5))]),
    () => encode("put", [small(), 2n ** 255n]),
    () => encode("clear", [0n, small()]),
    () => encode("write", [data()]),
    () => encode("refuse", [small()]),
    () => encode("burn", [BigInt(random.int(0, 300))]),
    () => encode("place", []),
    () => encode("ask", [anyAddress(tell)]),
    () => encode("spawn", [toWord(random.int(0, 5)), small()]),
    () => encode("relay", [anyAddress(tell), small(), BigInt(random.int(0, 90_000)), data()]),
    () => encode("relay", [other(), 0n, 100_000n, encode("refuse", [small()])]),
    () => encode("relay", [other(), 0n, 100_000n, encode("put", [small(), small()])]),
    () => encode("relay", [other(), small(), 400_000n, encode("nest", [small()])]),
    () => encode("relay", [random.pick(PRECOMPILES), 0n, 60_000n, data()]),
    () => encode("borrow", [other(), encode("put", [small(), small()])]),
    () => encode("borrow", [other(), encode("refuse", [small()])]),
    () => encode("nest", [BigInt(random.int(0, 12))]),
    () => encode("flash", [toWord(random.int(0, 5)), small()]),
    () => encode("total", []),
    () => random.pick<Hex>(["0x", "0x12", "0xdeadbeef"]),
  ])();
}

/** A message for `eth_call` and its kin. */
export function callObject(tell: Teller): Readonly<Record<string, unknown>> {
  const { random, memory } = tell;
  const from = random.pick([random.pick(DEV_ACCOUNTS).address, STRANGER]);
  return {
    ...(random.chance(70) ? { from } : {}),
    to: random.chance(85) ? random.pick(memory.contracts) : anyAddress(tell),
    [random.pick(["data", "input"])]: subjectData(tell),
    ...(random.chance(10) ? { value: "0x5" } : {}),
    ...(random.chance(15) ? { gas: toQuantity(random.int(21_000, 3_000_000)) } : {}),
  };
}

/** An override of one account's state. */
export function overrides(tell: Teller): Readonly<Record<string, unknown>> {
  const { random } = tell;
  // What overrides a precompile takes its place in geth; anvil runs it all the same.
  const any = anyAddress(tell);
  const who = PRECOMPILES.includes(any) ? STRANGER : any;
  return random.pick<Readonly<Record<string, unknown>>>([
    { [who]: { balance: "0x64" } },
    { [who]: { nonce: "0x7" } },
    { [who]: { code: "0x60425f5260205ff3" } },
    { [who]: { stateDiff: { [toWord(0)]: toWord(9) } } },
    { [who]: { state: { [toWord(0)]: toWord(9) } } },
  ]);
}
