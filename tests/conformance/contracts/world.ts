/**
 * A rollup contract in a bare EVM: no blocks, no fees, time set by hand.
 *
 * Owns what every contract test needs: deploying, calling as anyone, and the client that reads
 * views. Does not own a chain; `tests/conformance/l1` runs the same contracts on the embedded L1.
 * @module
 */
import { type Block, createBlock } from "@ethereumjs/block";
import { Common, Hardfork, Mainnet } from "@ethereumjs/common";
import { createEVM, type EVM } from "@ethereumjs/evm";
import { createAddressFromString } from "@ethereumjs/util";
import { createJsonRpcL1Client } from "../../../core/l1/backends/json_rpc.ts";
import {
  encodeDeployMockVerifier,
  encodeDeployRollup,
  type RollupParameters,
} from "../../../core/l1/calls.ts";
import type { L1Client } from "../../../core/l1/l1_client.ts";
import { decodeRevert } from "../../../core/l1/revert.ts";
import { bytesToBigint } from "../../../core/primitives/bytes.ts";
import { assert } from "../../../core/primitives/errors.ts";
import {
  type Address,
  address,
  bigintToHash32,
  bytesToHex,
  type Hash32,
  hash32,
  type Hex,
  hexToBytes,
} from "../../../core/primitives/hex.ts";

/** Accounts of the tests. */
export const ADMIN: Address = address(`0x${"55".repeat(20)}`);
export const SEQUENCER: Address = address(`0x${"11".repeat(20)}`);
export const AGGREGATOR: Address = address(`0x${"22".repeat(20)}`);
export const STRANGER: Address = address(`0x${"33".repeat(20)}`);
export const COINBASE: Address = address(`0x${"44".repeat(20)}`);
/** Time at which a world starts. */
export const START_SEC = 1_800_000_000n;
/** Genesis state root: eight field elements. */
export const GENESIS_ROOT: Hash32 = hash32(`0x${"00000001".repeat(8)}`);
/** A state root that a proof may lead to. */
export const NEW_ROOT: Hash32 = hash32(`0x${"00000002".repeat(8)}`);

/** A call that succeeded. */
export interface Returned {
  readonly kind: "returned";
  readonly data: Hex;
  readonly logs: readonly { readonly topics: readonly Hash32[]; readonly data: Hex }[];
  /** Set by a deployment. */
  readonly created?: Address;
  /** Gas of execution alone: neither the transaction's 21,000 nor its calldata. */
  readonly executionGas: bigint;
}

/** What a contract said. */
export type Outcome = Returned | { readonly kind: "reverted"; readonly errorName: string };

/** A message to a contract; without `to`, a deployment. */
export interface Message {
  readonly from: Address;
  readonly to?: Address;
  readonly data: Hex;
  /** Account that signed the transaction; `from` unless a contract is between. */
  readonly origin?: Address;
}

/** One EVM with its time. */
export interface World {
  readonly client: L1Client;
  /** Runs a message; a revert changes nothing. */
  send(message: Message): Promise<Outcome>;
  /** Sends and must succeed. */
  mustSend(message: Message): Promise<Returned>;
  /** Deploys and must succeed. */
  deploy(data: Hex): Promise<Address>;
  /** Runs `body` and then forgets what it changed. */
  attempt<Value>(body: () => Promise<Value>): Promise<Value>;
  setTime(sec: bigint): void;
  now(): bigint;
  setCode(at: Address, code: Hex): Promise<void>;
  /** A word of a contract's storage. */
  storage(at: Address, slot: Hash32): Promise<Hash32>;
}

/** A world with nothing in it. */
export async function createWorld(): Promise<World> {
  const common = new Common({ chain: Mainnet, hardfork: Hardfork.Prague });
  const evm = await createEVM({ common });
  let nowSec = START_SEC;
  const block = memoizeBlock(common);
  const send: World["send"] = async (message) => {
    const result = await runMessage(evm, block(nowSec), message);
    if (result.kind === "returned") return result;
    return { kind: "reverted", errorName: decodeRevert(result.data).errorName };
  };
  const mustSend: World["mustSend"] = async (message) => {
    const outcome = await send(message);
    assert(
      outcome.kind === "returned",
      `the message must succeed: ${outcome.kind === "reverted" ? outcome.errorName : ""}`,
    );
    return outcome;
  };
  const request = async (method: string, params: readonly unknown[]): Promise<unknown> => {
    assert(method === "eth_call", "the tests read views only");
    const call = Object(params[0]);
    const message = { from: STRANGER, to: address(call.to), data: call.data };
    const { kind, data } = await runMessage(evm, block(nowSec), message);
    // What a node answers: an error object of code 3 with the contract's bytes.
    if (kind === "reverted") throw { code: 3, message: "execution reverted", data };
    return data;
  };
  return {
    client: createJsonRpcL1Client({ request }),
    send,
    mustSend,
    deploy: async (data) => {
      const { created } = await mustSend({ from: STRANGER, data });
      assert(created !== undefined, "a deployment creates a contract");
      return created;
    },
    attempt: async (body) => {
      await evm.stateManager.checkpoint();
      try {
        return await body();
      } finally {
        await evm.stateManager.revert();
      }
    },
    setTime: (sec) => {
      nowSec = sec;
    },
    now: () => nowSec,
    setCode: (at, code) => evm.stateManager.putCode(createAddressFromString(at), hexToBytes(code)),
    storage: async (at, slot) => {
      const owner = createAddressFromString(at);
      // Stored without leading zeros.
      const word = bytesToBigint(await evm.stateManager.getStorage(owner, hexToBytes(slot)));
      return bigintToHash32(word);
    },
  };
}

/** A world with a rollup and its verifier of mock proofs. */
export async function createRollupWorld(
  change: Partial<RollupParameters> = {},
): Promise<World & { readonly rollup: Address; readonly parameters: RollupParameters }> {
  const world = await createWorld();
  const verifier = await world.deploy(encodeDeployMockVerifier());
  const parameters = { ...rollupParameters(verifier), ...change };
  const rollup = await world.deploy(encodeDeployRollup(parameters));
  return { ...world, rollup, parameters };
}

/** Parameters that the contract accepts. */
export function rollupParameters(verifier: Address): RollupParameters {
  return {
    admin: ADMIN,
    trustedSequencer: SEQUENCER,
    trustedAggregator: AGGREGATOR,
    trustedAggregatorTimeoutSec: 3_600n,
    forceBatchTimeoutSec: 7_200n,
    chainId: 901n,
    genesisStateRoot: GENESIS_ROOT,
    genesisLeafCount: 25n,
    programHash: hash32(`0x${"ab".repeat(32)}`),
    verifier,
  };
}

/** Blocks are dear to make: one is made for each time. */
function memoizeBlock(common: Common): (nowSec: bigint) => Block {
  let latest: { readonly nowSec: bigint; readonly block: Block } | undefined;
  return (nowSec) => {
    if (latest?.nowSec !== nowSec) {
      const block = createBlock({ header: { timestamp: nowSec, number: 1n } }, { common });
      latest = { nowSec, block };
    }
    return latest.block;
  };
}

async function runMessage(
  evm: EVM,
  block: Block,
  { from, to, data, origin = from }: Message,
): Promise<Returned | { readonly kind: "reverted"; readonly data: Hex }> {
  const result = await evm.runCall({
    caller: createAddressFromString(from),
    origin: createAddressFromString(origin),
    ...(to === undefined ? {} : { to: createAddressFromString(to) }),
    data: hexToBytes(data),
    gasLimit: 1_000_000_000n,
    block,
  });
  evm.journal.cleanup();
  const created = result.createdAddress?.toString();
  const { exceptionError, returnValue, executionGasUsed, logs } = result.execResult;
  if (exceptionError !== undefined) {
    return { kind: "reverted", data: bytesToHex(returnValue) };
  }
  return {
    kind: "returned",
    data: bytesToHex(returnValue),
    logs: (logs ?? []).map(([, topics, logData]) => ({
      topics: topics.map((topic) => hash32(bytesToHex(topic))),
      data: bytesToHex(logData),
    })),
    executionGas: executionGasUsed,
    ...(created === undefined ? {} : { created: address(created) }),
  };
}
