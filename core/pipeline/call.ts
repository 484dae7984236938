/**
 * Messages that run on the state after a block and leave nothing behind.
 *
 * Owns in what environment they run: that of the block after it. Does not own execution (`vm`) or
 * what is made of the outcome.
 * @module
 */
import { requireBlockSummary } from "../store/blocks.ts";
import { nextEnvironment } from "../vm/block_environment.ts";
import type { CallOutcome, CallRequest, StoragePort } from "../vm/executor.ts";
import type { Node } from "./node.ts";

/** Runs `request` on the state after block `number`. */
export async function callAt(
  node: Node,
  request: CallRequest,
  number: bigint,
): Promise<CallOutcome> {
  const tip = node.tip.get();
  const isLatest = number === tip.header.number;
  const parent = isLatest ? tip : await requireBlockSummary(node.kv, number);
  const nowSec = node.clock.nowSec();
  const earliestSec = parent.header.timestampSec + 1n;
  const environment = nextEnvironment({
    parent: parent.header,
    parentHash: parent.hash,
    timestampSec: isLatest && nowSec > earliestSec ? nowSec : earliestSec,
    config: node.config,
  });
  const callOn = (storage: StoragePort) => node.executor.call(environment, storage, request);
  const past = () => callOn(node.state.at(number));
  // The tree runs ahead of the tip while a block is being committed.
  if (!isLatest || !node.state.isAt(tip.header.stateRoot)) return await past();
  const version = node.state.version();
  try {
    const outcome = await callOn(node.state.latest());
    if (node.state.version() === version) return outcome;
  } catch (error) {
    if (node.state.version() === version) throw error;
  }
  // A block came while the call waited for a code: it may have seen both states, and counts for none.
  return await past();
}
