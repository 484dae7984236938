/**
 * The methods `txpool_*`, each in a file of its own: the pool.
 * @module
 */
import type { RpcMethod } from "../../method.ts";
import { txpoolContent } from "./txpool_content.ts";
import { txpoolContentFrom } from "./txpool_content_from.ts";
import { txpoolInspect } from "./txpool_inspect.ts";
import { txpoolStatus } from "./txpool_status.ts";

/** All methods `txpool_*`. */
export const TXPOOL_METHODS: readonly RpcMethod[] = [
  txpoolContent,
  txpoolContentFrom,
  txpoolInspect,
  txpoolStatus,
];
