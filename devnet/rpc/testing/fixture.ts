/**
 * A fake chain that has seen a few transactions, behind a dispatcher.
 *
 * Owns the story that the tests of methods tell: block 1 holds a transfer, block 2 a log, block 3
 * a contract creation.
 * @module
 */
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bytesToHex,
  type Hash32,
  type Hex,
} from "../../../core/primitives/hex.ts";
import type { Log } from "../../../core/primitives/ports.ts";
import {
  encodeTransaction,
  signTransaction,
  type UnsignedTransaction,
} from "../../../core/types/tx.ts";
import type { ChainBlock } from "../chain.ts";
import {
  createDispatcher,
  createRpcMethods,
  type Dispatcher,
  type RpcMethods,
} from "../dispatch.ts";
import { RpcError } from "../errors.ts";
import { createFakeChain, type FakeChain, LOGGER } from "./fake_chain.ts";
import { createFakeDevnet, type FakeDevnet } from "./fake_devnet.ts";
import { createFakeEngine, type FakeEngine } from "./fake_engine.ts";

/** Takes the transfer of block 1. */
export const RECIPIENT: Address = address(`0x${"99".repeat(20)}`);
/** Topic 0 of the log of block 2. */
export const TOPIC: Hex = `0x${"aa".repeat(32)}`;

/** A chain with a past. */
export interface Fixture {
  readonly chain: FakeChain;
  readonly engine: FakeEngine;
  readonly devnet: FakeDevnet;
  readonly methods: RpcMethods;
  readonly dispatcher: Dispatcher;
  readonly sender: Address;
  readonly other: Address;
  /** Blocks 0 to 3. */
  readonly blocks: readonly ChainBlock[];
  /** Hashes of the transactions of blocks 1 to 3. */
  readonly hashes: readonly [transfer: Hash32, logged: Hash32, created: Hash32];
}

/** Signed bytes of a transaction of the first account. */
export function signedRaw(chain: FakeChain, fields: Partial<UnsignedTransaction>): Uint8Array {
  const [account] = chain.accounts;
  assert(account !== undefined, "the fake has accounts");
  return encodeTransaction(signTransaction({
    type: 2,
    chainId: chain.chainId,
    nonce: 0n,
    maxFeePerGasWei: 2_000_000_000n,
    maxPriorityFeePerGasWei: 1_000_000_000n,
    gasLimit: 100_000n,
    to: RECIPIENT,
    valueWei: 0n,
    data: new Uint8Array(0),
    accessList: [],
    authorizations: [],
    ...fields,
  }, account.privateKey));
}

/** The fixture; `log` gets what the dispatcher logs. */
export async function createFixture(
  options: { readonly layer?: "L1" | "L2"; readonly automine?: boolean; readonly log?: Log } = {},
): Promise<Fixture> {
  const { layer = "L2", automine = true, log } = options;
  const chain = createFakeChain({ layer, automine: automine });
  const engine = createFakeEngine();
  const devnet = createFakeDevnet();
  const methods = createRpcMethods({
    chain,
    devnet,
    ...(layer === "L2" ? { engine } : {}),
    ...(log === undefined ? {} : { log }),
  });
  const loggedData = Uint8Array.fromHex(`${TOPIC.slice(2)}beef`);
  const hashes: Fixture["hashes"] = [
    await include(chain, { nonce: 0n, valueWei: 5n }),
    await include(chain, { nonce: 1n, type: 0, to: LOGGER, data: loggedData }),
    await include(chain, { nonce: 2n, type: 1, to: undefined, data: Uint8Array.of(1) }),
  ];
  const [first, second] = chain.accounts;
  assert(first !== undefined && second !== undefined, "the fake has two accounts");
  const blocks: ChainBlock[] = [];
  for (let number = 0n; number <= 3n; number++) {
    const block = await chain.block(number);
    assert(block !== undefined, "the fixture has four blocks");
    blocks.push(block);
  }
  return {
    chain,
    engine,
    devnet,
    methods,
    dispatcher: createDispatcher(methods),
    sender: first.address,
    other: second.address,
    blocks,
    hashes,
  };
}

/** Sends through the chain itself and closes a block if the chain does not. */
async function include(chain: FakeChain, fields: Partial<UnsignedTransaction>): Promise<Hash32> {
  const hash = await chain.sendRawTransaction(signedRaw(chain, fields));
  if ((await chain.pendingTransactions()).length > 0) await chain.mine();
  return hash;
}

/** What `method` refuses these parameters with. */
export async function refusalOf(
  dispatcher: Dispatcher,
  method: string,
  params: readonly unknown[],
): Promise<RpcError> {
  try {
    const result = await dispatcher.request(method, params);
    throw new TypeError(`${method} was not refused: ${JSON.stringify(result)}`);
  } catch (error) {
    if (error instanceof RpcError) return error;
    throw error;
  }
}

/** Data of a call that reverts with `Error(text)`; at most 32 bytes of text. */
export function errorStringData(text: string): Hex {
  const bytes = new TextEncoder().encode(text);
  const word = (value: number): string => value.toString(16).padStart(64, "0");
  const padded = bytesToHex(bytes).slice(2).padEnd(64, "0");
  return `0x08c379a0${word(32)}${word(bytes.length)}${padded}`;
}
