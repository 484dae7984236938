/**
 * State roots of a range of blocks.
 * @module
 */
import { resolveNumber } from "../../block_reference.ts";
import { invalidParams } from "../../errors.ts";
import { HASH_JSON, listJson } from "../../json_schema.ts";
import { rollupMethod } from "../../method.ts";
import { blockNumberOrTag, object, param } from "../../schema.ts";
import { MAX_NATIVE_HASHES } from "../../zkevm_blocks.ts";

/** `zkevm_getNativeBlockHashesInRange`. */
export const zkevmGetNativeBlockHashesInRange = rollupMethod({
  name: "zkevm_getNativeBlockHashesInRange",
  summary: "State roots of a range of blocks",
  params: [param("range", object({ fromBlock: blockNumberOrTag, toBlock: blockNumberOrTag }))],
  result: listJson(HASH_JSON),
  handler: async ({ chain }, [{ fromBlock, toBlock }]) => {
    const first = await resolveNumber(chain, fromBlock);
    const last = await resolveNumber(chain, toBlock);
    if (last < first) throw invalidParams("invalid argument 0 (range): it ends before it begins");
    if (last - first >= MAX_NATIVE_HASHES) {
      throw invalidParams(`invalid argument 0 (range): more than ${MAX_NATIVE_HASHES} blocks`);
    }
    const roots: string[] = [];
    for (let number = first; number <= last; number++) {
      const header = await chain.header(number);
      if (header !== undefined) roots.push(header.stateRoot);
    }
    return roots;
  },
});
