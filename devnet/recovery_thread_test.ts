import { assertEquals } from "@std/assert";
import { keccak256Bytes } from "../core/crypto/keccak.ts";
import { privateKeyToAddress, signDigest } from "../core/crypto/secp256k1.ts";
import { createBoard, serveBoard } from "./recovery_board.ts";
import { createRecoveryThread } from "./recovery_thread.ts";

const KEY = new Uint8Array(32).fill(7);
const SIGNER = privateKeyToAddress(KEY);

/** Signed digests that nobody has asked for yet. */
function questions(from: number, count: number) {
  return Array.from({ length: count }, (_, index) => {
    const digest = keccak256Bytes(new TextEncoder().encode(`thread ${from + index}`));
    return { digest, signature: signDigest(digest, KEY) };
  });
}

Deno.test("recover() answers one, many at once and the same twice as where it is asked", async () => {
  using thread = createRecoveryThread();
  const [alone] = questions(0, 1);
  assertEquals(alone && await thread.recover(alone.digest, alone.signature), SIGNER);
  // The first many start the thread; it takes part in those that follow, if it is there by then.
  for (let round = 0; round < 20; round++) {
    const asked = questions(100 + 50 * round, 40);
    const twice = [...asked, ...asked.slice(0, 10)];
    const found = await Promise.all(
      twice.map(({ digest, signature }) => thread.recover(digest, signature)),
    );
    assertEquals(found, twice.map(() => SIGNER));
  }
});

Deno.test("recover() finds nobody for what is no signature, alone or among others", async () => {
  using thread = createRecoveryThread();
  for (let round = 0; round < 10; round++) {
    const asked = questions(5_000 + 10 * round, 10).map(({ digest, signature }, index) => ({
      digest,
      // No point has these x coordinates, or they are out of range.
      signature: index % 2 === 0 ? { ...signature, r: index === 0 ? 0n : 5n } : signature,
    }));
    const found = await Promise.all(
      asked.map(({ digest, signature }) => thread.recover(digest, signature)),
    );
    assertEquals(found, asked.map((_, index) => index % 2 === 0 ? undefined : SIGNER));
  }
});

Deno.test("recover() answers what is under way when the thread ends, and all that comes later", async () => {
  const thread = createRecoveryThread();
  const ask = (from: number) =>
    Promise.all(
      questions(from, 30).map(({ digest, signature }) => thread.recover(digest, signature)),
    );
  await ask(10_000);
  const underWay = ask(11_000);
  thread[Symbol.dispose]();
  assertEquals(await underWay, Array(30).fill(SIGNER));
  assertEquals(await ask(12_000), Array(30).fill(SIGNER));
});

Deno.test("serveBoard() answers in order, and ends when the board is closed", () => {
  const board = createBoard();
  const seen: number[] = [];
  for (let round = 0; round < 3; round++) {
    board.ask(new Uint8Array(96).fill(round), round % 2);
  }
  assertEquals(board.isServed(), false);
  serveBoard(board.memory, (question, yParity, point) => {
    seen.push(question[95] ?? 0, yParity);
    point.fill(seen.length);
    if (seen.length === 6) board.close();
    return yParity === 0;
  });
  assertEquals(seen, [0, 0, 1, 1, 2, 0]);
  assertEquals(board.take(), new Uint8Array(64).fill(2));
  assertEquals(board.take(), null);
  assertEquals(board.take(), new Uint8Array(64).fill(6));
  assertEquals(board.take(), undefined);
});
