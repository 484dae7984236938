/**
 * The list of commands; a new one is a file beside this and a line here.
 *
 * Owns the order in which `--help` shows them: that of the main path.
 * @module
 */
import type { Command } from "../command.ts";
import { deploy } from "./deploy.ts";
import { devnet } from "./devnet.ts";
import { forceTx } from "./force_tx.ts";
import { inspectState } from "./inspect_state.ts";
import { prove } from "./prove.ts";
import { sealBatch } from "./seal_batch.ts";
import { sendTx } from "./send_tx.ts";
import { submit } from "./submit.ts";
import { sync } from "./sync.ts";

/** Every command. */
export const commands: readonly Command[] = [
  devnet,
  deploy,
  sendTx,
  forceTx,
  sealBatch,
  submit,
  prove,
  sync,
  inspectState,
];
