/**
 * What the thread of `recovery_thread.ts` runs: it answers the questions of a board, in their order.
 *
 * Does not own recovery (`core/crypto/secp256k1/recovery.ts`) or the form of the board
 * (`recovery_board.ts`).
 * @module
 */
import { createPointRecovery } from "../core/crypto/secp256k1/recovery.ts";
import { serveBoard } from "./recovery_board.ts";

globalThis.addEventListener("message", (event) => {
  if (!(event instanceof MessageEvent) || !(event.data instanceof SharedArrayBuffer)) return;
  const recovery = createPointRecovery();
  serveBoard(event.data, (question, yParity, point) => {
    recovery.question.set(question);
    if (!recovery.recover(yParity)) return false;
    point.set(recovery.point);
    return true;
  });
  close();
});
