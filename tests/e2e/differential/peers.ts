/**
 * anvil and the embedded L1 from one genesis, ready for a story.
 *
 * Owns opening and closing both. Does not own what they are asked.
 * @module
 */
import { ZERO_HASH } from "../../../core/primitives/hex.ts";
import {
  type Clock,
  type ClockMark,
  createVirtualClock,
  silentLog,
} from "../../../core/primitives/ports.ts";
import { devnetGenesisAccounts } from "../../../devnet/accounts.ts";
import { GENESIS_TIMESTAMP_SEC, L1_CHAIN_ID } from "../../../devnet/chain_config.ts";
import { type EmbeddedL1, openEmbeddedL1 } from "../../../devnet/l1/embedded_l1.ts";
import type { L1Mark } from "../../../devnet/l1/marks.ts";
import type { DevnetControls } from "../../../devnet/rpc/chain.ts";
import { createDispatcher, createRpcMethods } from "../../../devnet/rpc/dispatch.ts";
import { compileSources } from "../../tools/build_contracts.ts";
import { startAnvil } from "../anvil.ts";
import type { Answer } from "./compare.ts";
import type { Node } from "./run.ts";
import type { Question, StoryOptions } from "./teller.ts";

/** Both nodes, and what a story of them starts from. */
export interface Peers extends AsyncDisposable {
  readonly ours: Node;
  readonly theirs: Node;
  readonly options: Omit<StoryOptions, "seed">;
}

/** Opens both. */
export async function openPeers(): Promise<Peers> {
  await using undo = new AsyncDisposableStack();
  const theirs = undo.use(await openTheirs());
  const ours = undo.use(await openOurs());
  const options = await readStoryOptions();
  const stack = undo.move();
  return {
    ours: ours.node,
    theirs: theirs.node,
    options,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** A node that answers until it is closed. */
export interface OpenNode extends AsyncDisposable {
  readonly node: Node;
}

/** What stories start from on both. */
export async function readStoryOptions(): Promise<Peers["options"]> {
  const source = await Deno.readTextFile(new URL("Subject.sol", import.meta.url));
  const subject = (await compileSources({ "Subject.sol": source })).get("Subject");
  if (subject === undefined) throw new Error("the compiler gives what the source holds");
  return { chainId: L1_CHAIN_ID, subject, genesisSec: GENESIS_TIMESTAMP_SEC };
}

/** anvil, which mines when it is asked to: by itself it does so some time after it has answered. */
async function openTheirs(): Promise<OpenNode> {
  const anvil = await startAnvil({
    chainId: Number(L1_CHAIN_ID),
    args: ["--no-mining", "--hardfork", "osaka", "--timestamp", `${GENESIS_TIMESTAMP_SEC}`],
  });
  // Its genesis has a base fee, yet block 1 does not follow from it by EIP-1559.
  await ask(anvil.url, { method: "anvil_setNextBlockBaseFeePerGas", params: ["0x342770c0"] });
  return {
    node: (question) => ask(anvil.url, question),
    [Symbol.asyncDispose]: () => anvil[Symbol.asyncDispose](),
  };
}

/** The embedded L1 with the devnet's genesis, on a clock that only questions move. */
export async function openOurs(): Promise<OpenNode> {
  await using undo = new AsyncDisposableStack();
  const clock = createVirtualClock(GENESIS_TIMESTAMP_SEC);
  const kv = await Deno.openKv(":memory:");
  undo.defer(() => kv.close());
  const chain = undo.use(
    await openEmbeddedL1({
      kv,
      clock,
      chainId: L1_CHAIN_ID,
      genesis: { timestampSec: GENESIS_TIMESTAMP_SEC, accounts: devnetGenesisAccounts() },
      mining: "manual",
      log: silentLog,
    }),
  );
  const devnet = createControls(chain, clock);
  const methods = createRpcMethods({ chain, devnet, log: silentLog });
  undo.defer(() => methods.close());
  const { dispatchText } = createDispatcher(methods);
  const stack = undo.move();
  return {
    node: async (question) => toAnswer(await dispatchText(envelope(question))),
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

/** Snapshots of a devnet that has only an L1. */
function createControls(chain: EmbeddedL1, clock: Clock): DevnetControls {
  const moments = new Map<bigint, { readonly l1: L1Mark; readonly clock: ClockMark }>();
  let nextId = 0n;
  return {
    snapshot: async () => {
      const id = nextId++;
      moments.set(id, { l1: await chain.mark(), clock: clock.mark() });
      return id;
    },
    revert: async (id) => {
      const moment = moments.get(id);
      if (moment === undefined) return false;
      await chain.returnTo(moment.l1);
      clock.restore(moment.clock);
      for (const other of moments.keys()) if (other >= id) moments.delete(other);
      return true;
    },
    reset: () => Promise.reject(new Error("no story starts over")),
    setLoggingEnabled: () => {},
    instanceId: () => ZERO_HASH,
    snapshots: () => [],
  };
}

async function ask(url: string, question: Question): Promise<Answer> {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: envelope(question),
  });
  return toAnswer(await response.text());
}

function envelope(
  { method, params }: { readonly method: string; readonly params: unknown },
): string {
  return JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
}

function toAnswer(text: string | undefined): Answer {
  const parsed: Answer = JSON.parse(text ?? "null");
  return "result" in parsed ? { result: parsed.result } : { error: parsed.error };
}
