/**
 * What the thread of `recovery_thread.ts` runs: it answers the questions of a board, in their order.
 *
 * Does not own recovery (`core/crypto/secp256k1/expected_key.ts`) or the form of the board
 * (`recovery_board.ts`).
 * @module
 */
import { createExpectedKeyRecovery } from "../core/crypto/secp256k1/expected_key.ts";
import { serveBoard } from "./recovery_board.ts";

globalThis.addEventListener("message", (event) => {
  if (!(event instanceof MessageEvent) || !(event.data instanceof SharedArrayBuffer)) return;
  serveBoard(event.data, createExpectedKeyRecovery());
  close();
});
