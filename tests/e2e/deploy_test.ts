/**
 * `deploy` against a real anvil: the file, doing it again, and what is refused.
 *
 * Owns the command from outside. Does not own what survives a crash
 * (`tests/conformance/l1/deploy_rollup_test.ts`).
 * @module
 */
import { assertEquals, assertStringIncludes } from "@std/assert";
import { ANVIL, startAnvil } from "./anvil.ts";
import {
  ACCOUNT_0,
  ACCOUNT_1,
  KEY_0,
  rpc,
  runCommand,
  runJson,
  runRefused,
  temporaryFolder,
} from "./testing.ts";

const CHAIN_ID = 4_242;
/** Nobody's on any chain. */
const POOR_KEY = `0x${"07".repeat(32)}`;
const PASSWORD = "correct horse";

const ignore = ANVIL === undefined;

Deno.test({
  name: "deploy on anvil writes a file, and the same command again does nothing",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const line = ["deploy", "--l1-rpc", anvil.url, "--l1-private-key", KEY_0];
    const place = ["--data-dir", `${folder.path}/node`];
    const first = await runJson(...line, ...place, "--admin", ACCOUNT_1);
    assertEquals([first["alreadyDeployed"], first["l1ChainId"]], [false, CHAIN_ID]);
    assertEquals([first["admin"], first["sequencer"]], [
      ACCOUNT_1.toLowerCase(),
      ACCOUNT_0.toLowerCase(),
    ]);
    const text = await Deno.readTextFile(`${folder.path}/node/deployment.json`);
    const file = JSON.parse(text);
    for (const name of ["rollup", "verifier", "deployedAtL1Block", "programHash"]) {
      assertEquals(file[name], first[name]);
    }
    assertEquals(text.includes(KEY_0.slice(2)), false);
    const code = await rpc(anvil.url, "eth_getCode", file.rollup, "latest");
    assertEquals(String(code).length > 1_000, true);

    const blocks = await rpc(anvil.url, "eth_blockNumber");
    const again = await runJson(...line, ...place);
    assertEquals(again, { ...first, alreadyDeployed: true });
    assertEquals(await rpc(anvil.url, "eth_blockNumber"), blocks);
    const differs = await runRefused(...line, ...place, "--admin", ACCOUNT_0);
    assertEquals(differs.code, "DEPLOYMENT_DIFFERS");

    const human = await runCommand(...line, "--out", `${folder.path}/second.json`);
    assertEquals(human.code, 0, human.stderr);
    assertStringIncludes(human.stderr, "Deployed the rollup at 0x");
    assertStringIncludes(human.stdout, `Deployed on L1 chain ${CHAIN_ID}`);
    assertEquals((human.stdout + human.stderr).includes(KEY_0.slice(2)), false);
  },
});

Deno.test({
  name: "deploy on anvil refuses without an answer, funds or the right chain, and says what to do",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    const file = `${folder.path}/d.json`;
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const on = (url: string, key = KEY_0) =>
      ["deploy", "--l1-rpc", url, "--l1-private-key", key, "--out", file] as const;
    // Port 1 is reserved: nothing answers there.
    const away = await runRefused(...on("http://127.0.0.1:1"));
    assertEquals(away.code, "L1_UNAVAILABLE");
    assertStringIncludes(away.message, "http://127.0.0.1:1");
    const poor = await runRefused(...on(anvil.url, POOR_KEY));
    assertEquals(poor.code, "L1_INSUFFICIENT_FUNDS");
    const denied = await runRefused(...on("http://node.example:8545/v3/secret"));
    assertEquals(denied.code, "PERMISSION_MISSING");
    assertStringIncludes(denied.mend, "--allow-net=node.example:8545");
    const badKey = await runRefused(...on(anvil.url, "0x00"));
    assertEquals(badKey.code, "L1_KEY_INVALID");
    await runJson(...on(anvil.url));
    await using other = await startAnvil({ chainId: CHAIN_ID + 1 });
    assertEquals((await runRefused(...on(other.url))).code, "L1_CHAIN_MISMATCH");
    await using fresh = await startAnvil({ chainId: CHAIN_ID });
    assertEquals((await runRefused(...on(fresh.url))).code, "DEPLOYMENT_GONE");
  },
});

Deno.test({
  name: "deploy waits for an anvil that mines by the second, and goes on after it ran out of time",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    const out = ["--out", `${folder.path}/d.json`];
    await using anvil = await startAnvil({ chainId: CHAIN_ID, args: ["--no-mining"] });
    const line = ["deploy", "--l1-rpc", anvil.url, "--l1-private-key", KEY_0, ...out];
    const pending = await runRefused(...line, "--timeout", "0.3");
    assertEquals(pending.code, "DEPLOYMENT_PENDING");
    assertEquals(JSON.parse(await Deno.readTextFile(`${folder.path}/d.json`)).rollup, undefined);
    await rpc(anvil.url, "evm_setIntervalMining", 1);
    const done = await runJson(...line);
    // One of each: nothing was sent twice.
    assertEquals(await rpc(anvil.url, "eth_getTransactionCount", ACCOUNT_0, "latest"), "0x2");
    assertEquals(typeof done["rollup"], "string");
  },
});

Deno.test({
  name: "deploy signs with a keystore, and tells a wrong password from a missing file",
  ignore,
  fn: async () => {
    await using folder = await temporaryFolder();
    await using anvil = await startAnvil({ chainId: CHAIN_ID });
    const path = (name: string) => `${folder.path}/${name}`;
    await Deno.writeTextFile(path("k.json"), JSON.stringify(await encryptKey(KEY_0, PASSWORD)));
    await Deno.writeTextFile(path("right.txt"), `${PASSWORD}\n`);
    await Deno.writeTextFile(path("wrong.txt"), "wrong");
    const line = (keystore: string, password: string) => [
      ...["deploy", "--l1-rpc", anvil.url, "--out", path("d.json")],
      ...["--l1-keystore", path(keystore), "--l1-password-file", path(password)],
    ];
    const wrong = await runRefused(...line("k.json", "wrong.txt"));
    assertEquals(wrong.code, "KEYSTORE_PASSWORD_WRONG");
    assertEquals((await runRefused(...line("none.json", "right.txt"))).code, "FILE_UNREADABLE");
    assertEquals((await runRefused(...line("right.txt", "right.txt"))).code, "KEYSTORE_INVALID");
    const done = await runJson(...line("k.json", "right.txt"));
    assertEquals(done["sequencer"], ACCOUNT_0.toLowerCase());
  },
});

/** A keystore of version 3 as wallets make them, but quick to open. */
async function encryptKey(key: string, password: string): Promise<unknown> {
  const { keccak_256 } = await import("@noble/hashes/sha3.js");
  const rounds = 1_024;
  const salt = new Uint8Array(32).fill(1);
  const iv = new Uint8Array(16).fill(2);
  const raw = new TextEncoder().encode(password);
  const base = await crypto.subtle.importKey("raw", raw, "PBKDF2", false, ["deriveBits"]);
  const kdf = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  const derived = new Uint8Array(await crypto.subtle.deriveBits(kdf, base, 256));
  const aes = await crypto.subtle.importKey("raw", derived.slice(0, 16), "AES-CTR", false, [
    "encrypt",
  ]);
  const ciphertext = new Uint8Array(
    await crypto.subtle.encrypt(
      { name: "AES-CTR", counter: iv, length: 128 },
      aes,
      Uint8Array.fromHex(key.slice(2)),
    ),
  );
  const mac = keccak_256(Uint8Array.of(...derived.subarray(16, 32), ...ciphertext));
  return {
    version: 3,
    id: "00000000-0000-4000-8000-000000000000",
    crypto: {
      cipher: "aes-128-ctr",
      cipherparams: { iv: iv.toHex() },
      ciphertext: ciphertext.toHex(),
      kdf: "pbkdf2",
      kdfparams: { c: rounds, dklen: 32, prf: "hmac-sha256", salt: salt.toHex() },
      mac: mac.toHex(),
    },
  };
}
