/**
 * Messages that run on the state after a block and leave nothing behind.
 *
 * Owns in what environment they run: that of the block after it. Does not own execution (`vm`) or
 * what is made of the outcome.
 * @module
 */
import { requireBlockSummary } from "../store/blocks.ts";
import { nextEnvironment } from "../vm/block_environment.ts";
import type { CallOutcome, CallRequest } from "../vm/executor.ts";
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
  const storage = isLatest ? node.state.latest() : node.state.at(number);
  return await node.executor.call(environment, storage, request);
}
