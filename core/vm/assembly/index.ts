/**
 * The door of the program: what its host may call.
 *
 * A run is `begin`, then `run` once for each transaction or once for all, then `run` to its close;
 * or `begin` and one call. The page on memory is `core/vm/PROGRAM.md`.
 */
export { begin, run } from "./bootloader";
export {
  collectCodes,
  collectDiffs,
  collectTouched,
  outputPtr,
  popSnapshot,
  pubdataCostsLength,
  refundsLength,
  rollback,
  snapshot,
  txDecommitRefund,
} from "./state";
