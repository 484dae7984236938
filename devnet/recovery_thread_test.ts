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
    return { digest, signature: signDigest(digest, KEY), nonce: BigInt(from + index) };
  });
}

Deno.test("recover() answers one, many at once and the same twice as where it is asked", async () => {
  using thread = createRecoveryThread();
  const [alone] = questions(0, 1);
  assertEquals(alone && await thread.recover(alone.digest, alone.signature, 0n), SIGNER);
  // The first many start the thread; it takes part in those that follow, if it is there by then.
  for (let round = 0; round < 20; round++) {
    const asked = questions(100 + 50 * round, 40);
    const twice = [...asked, ...asked.slice(0, 10)];
    const found = await Promise.all(
      twice.map(({ digest, signature, nonce }) => thread.recover(digest, signature, nonce)),
    );
    assertEquals(found, twice.map(() => SIGNER));
  }
});

Deno.test("recover() finds nobody for what is no signature, alone or among others", async () => {
  using thread = createRecoveryThread();
  for (let round = 0; round < 10; round++) {
    const asked = questions(5_000 + 10 * round, 10).map(({ digest, signature, nonce }, index) => ({
      digest,
      nonce,
      // No point has these x coordinates, or they are out of range.
      signature: index % 2 === 0 ? { ...signature, r: index === 0 ? 0n : 5n } : signature,
    }));
    const found = await Promise.all(
      asked.map(({ digest, signature, nonce }) => thread.recover(digest, signature, nonce)),
    );
    assertEquals(found, asked.map((_, index) => index % 2 === 0 ? undefined : SIGNER));
  }
});

Deno.test("recover() answers what is under way when the thread ends, and all that comes later", async () => {
  const thread = createRecoveryThread();
  const ask = (from: number) =>
    Promise.all(
      questions(from, 30).map(({ digest, signature, nonce }) =>
        thread.recover(digest, signature, nonce)
      ),
    );
  await ask(10_000);
  const underWay = ask(11_000);
  thread[Symbol.dispose]();
  assertEquals(await underWay, Array(30).fill(SIGNER));
  assertEquals(await ask(12_000), Array(30).fill(SIGNER));
});

Deno.test("recover() finds each of several signers, in turn or not, again and again", async () => {
  using thread = createRecoveryThread();
  const keys = Array.from({ length: 5 }, (_, index) => new Uint8Array(32).fill(index + 20));
  const signers = keys.map(privateKeyToAddress);
  for (let round = 0; round < 60; round++) {
    const asked = keys.map((_, at) => {
      const index = round < 40 ? at : (at * 2 + round) % keys.length;
      const digest = keccak256Bytes(new TextEncoder().encode(`signer ${index} ${round}`));
      return { index, digest, signature: signDigest(digest, keys[index] ?? KEY) };
    });
    const found = [];
    for (const { digest, signature } of asked) {
      const one = thread.recover(digest, signature, BigInt(round));
      // One by one at first, then all at once.
      found.push(round < 30 ? await one : one);
    }
    assertEquals(await Promise.all(found), asked.map(({ index }) => signers[index]));
  }
});

Deno.test("serveBoard() answers in order, and ends when the board is closed", () => {
  const board = createBoard();
  const seen: number[] = [];
  for (let round = 0; round < 3; round++) {
    const expected = round === 0 ? undefined : new Uint8Array(64).fill(10 + round);
    board.ask(new Uint8Array(96).fill(round), round % 2, expected);
  }
  assertEquals(board.isServed(), false);
  serveBoard(board.memory, (question, yParity, expected, point) => {
    seen.push(question[95] ?? 0, yParity, expected?.[63] ?? 0);
    point.fill(seen.length);
    if (seen.length === 9) board.close();
    return yParity === 0;
  });
  assertEquals(seen, [0, 0, 0, 1, 1, 11, 2, 0, 12]);
  assertEquals(board.take(), new Uint8Array(64).fill(3));
  assertEquals(board.take(), null);
  assertEquals(board.take(), new Uint8Array(64).fill(9));
  assertEquals(board.take(), undefined);
});
