import { assertEquals, assertStringIncludes } from "@std/assert";
import { type Hex, hexToBytes } from "../../core/primitives/hex.ts";
import { decodeTransaction, recoverSender } from "../../core/types/tx.ts";
import {
  ACCOUNTS,
  createFakeEngine,
  hashOf,
  HEADS,
  proofOf,
  REBUILD,
  runFake,
} from "../testing/fake_world.ts";

/** Runs once for people and once for machines; both must do it. */
async function both(argv: string[], options: Parameters<typeof runFake>[1] = {}) {
  const human = await runFake(argv, options);
  assertEquals(human.code, 0, human.err);
  const machine = await runFake([...argv, "--json"], options);
  assertEquals(machine.code, 0, machine.err);
  assertEquals(machine.out.trimEnd().split("\n").length, 1);
  const json: unknown = JSON.parse(machine.out);
  return { text: human.out, json, opened: human.opened };
}

Deno.test("seal-batch prints the batch and its seal reason", async () => {
  const { text, json } = await both(["seal-batch"]);
  assertStringIncludes(text, "Sealed batch 3: blocks 5 to 7, 1 transaction\n");
  assertStringIncludes(text, "seal reason      seal-batch command");
  assertEquals(Reflect.get(Object(json), "batchNumber"), 3);
});

Deno.test("submit prints each L1 transaction, and that nothing was ready", async () => {
  const { text, json } = await both(["submit"]);
  assertStringIncludes(text, "Sequenced batch 3: L1 transaction mined");
  assertEquals(Array.isArray(json), true);
  const idle = await both(["submit"], { engine: { submit: () => Promise.resolve([]) } });
  assertStringIncludes(idle.text, "Nothing to submit");
  assertEquals(idle.json, []);
});

Deno.test("prove prints the proof kind and what stays trusted", async () => {
  const { text } = await both(["prove"]);
  assertStringIncludes(text, "Proved batch 3");
  assertStringIncludes(text, "still trusted       everything");
});

Deno.test("prove --worker proves job after job over RPC and opens no folder", async () => {
  const jobs = [4, 5];
  const accepted: [number, string][] = [];
  const run = await runFake(["prove", "--worker", "--once", "--json"], {
    engine: {
      nextProofJob: () => {
        const batchNumber = jobs.shift();
        return Promise.resolve(
          batchNumber === undefined
            ? null
            : { batchNumber, witness: "0x", publicInputs: `0x0${batchNumber}` },
        );
      },
      acceptProof: (batchNumber, proof) => {
        accepted.push([batchNumber, proof]);
        return Promise.resolve(proofOf(batchNumber));
      },
    },
  });
  assertEquals(run.opened, [{ rpcUrl: "http://127.0.0.1:9545" }]);
  assertEquals(accepted, [[4, "0x04"], [5, "0x05"]]);
  assertEquals(JSON.parse(run.out).length, 2);
});

Deno.test("prove --worker waits for jobs until the interrupt, then answers and exits 0", async () => {
  const run = await runFake(["prove", "--worker", "--rpc", "http://x", "--json"], {
    interruptAtWait: true,
  });
  assertEquals([run.code, run.out], [0, "[]\n"]);
  assertEquals(run.opened, [{ rpcUrl: "http://x" }]);
});

Deno.test("--rpc names the devnet to use and must be an http URL", async () => {
  assertEquals((await runFake(["sync", "--rpc", "http://x:1"])).opened, [{ rpcUrl: "http://x:1" }]);
  for (const url of ["", "127.0.0.1:9545", "file:///x", "http://"]) {
    const run = await runFake(["sync", `--rpc=${url}`]);
    assertEquals([run.code, run.opened.length], [2, 0], url);
  }
});

Deno.test("sync prints what was read and a reorg when there was one", async () => {
  assertStringIncludes((await both(["sync"])).text, "Read L1 blocks 41 to 41");
  const reorg = await both(["sync"], {
    engine: {
      sync: () =>
        Promise.resolve({
          fromL1Block: 9,
          toL1Block: 9,
          sequenced: 1,
          verified: 0,
          unwoundL1Blocks: 2,
        }),
    },
  });
  assertStringIncludes(reorg.text, "Nothing new on L1 after block 9");
  assertStringIncludes(reorg.text, "2 L1 blocks unwound");
});

Deno.test("sync --from-l1 prints what was rebuilt and passes the folder on as a whole path", async () => {
  const asked: unknown[] = [];
  const { text, json } = await both(["sync", "--from-l1", "--into", "rebuilt", "--verify"], {
    engine: {
      rebuild: (options) => {
        asked.push(options);
        return createFakeEngine().rebuild(options);
      },
    },
  });
  assertEquals(asked, [{ into: "/absolute/rebuilt" }, { into: "/absolute/rebuilt" }]);
  assertStringIncludes(text, "Rebuilt 3 batches from L1: they are those of this node");
  assertEquals(Object(json).matches, true);
});

Deno.test("sync --from-l1 tells a difference, and with --verify fails by it", async () => {
  const difference = { batch: 2, field: "newStateRoot", here: "0x01", fromL1: "0x02" };
  const engine = {
    rebuild: () => Promise.resolve({ ...REBUILD, compared: 2, matches: false, difference }),
  };
  const { text, json } = await both(["sync", "--from-l1"], { engine });
  assertStringIncludes(text, "Rebuilt 3 batches from L1: batch 2 differs");
  assertStringIncludes(text, "1 batch: run sync to have them here");
  assertEquals(Object(json).difference, difference);
  const run = await runFake(["sync", "--from-l1", "--verify", "--json"], { engine });
  const { error } = JSON.parse(run.out);
  assertEquals([run.code, error.code, error.details.difference], [
    1,
    "REBUILD_DIFFERS",
    difference,
  ]);
});

Deno.test("sync takes --verify and --into with --from-l1 only", async () => {
  for (const flag of ["--verify", "--into=x"]) {
    const run = await runFake(["sync", flag, "--json"]);
    assertEquals([run.code, run.opened.length], [2, 0]);
    assertEquals(JSON.parse(run.out).error.code, "USAGE_CONFLICT");
  }
});

Deno.test("submit --forced signs the call as its payer and sends it", async () => {
  const asked: unknown[] = [];
  const sentRaw: Hex[] = [];
  const { text, json } = await both(["submit", "--forced", "--l1-from", "1"], {
    engine: {
      planL1: (call, from) => {
        asked.push([call, from]);
        return createFakeEngine().planL1(call, from);
      },
      sendL1: (raw) => {
        sentRaw.push(raw);
        return createFakeEngine().sendL1(raw);
      },
    },
  });
  const payer = ACCOUNTS[1]?.address;
  assertEquals(asked[0], [{ kind: "sequenceForceBatches" }, payer]);
  assertEquals(sentRaw.map((raw) => recoverSender(decodeTransaction(hexToBytes(raw)))), [
    payer,
    payer,
  ]);
  assertStringIncludes(text, "sync executes the batch");
  assertEquals(Object(json).l1From, payer);
});

Deno.test("submit refuses a payer without --forced, and --forced without a payer", async () => {
  const refusal = async (...argv: string[]) => {
    const run = await runFake(["submit", ...argv, "--json"]);
    assertEquals([run.code, run.opened.length], [2, 0]);
    return JSON.parse(run.out).error.code;
  };
  assertEquals(await refusal("--l1-from", "1"), "USAGE_CONFLICT");
  assertEquals(await refusal("--forced"), "USAGE_MISSING_ARGUMENT");
  assertEquals(await refusal("--forced", "--l1-from", "77"), "USAGE_INVALID_VALUE");
  assertEquals(
    await refusal("--forced", "--l1-from", "0x00000000000000000000000000000000000000ff"),
    "USAGE_INVALID_VALUE",
  );
  assertEquals(await refusal("--forced", "--l1-private-key", "0x00"), "USAGE_INVALID_VALUE");
  assertEquals(
    await refusal("--forced", "--l1-private-key", `0x${"01".repeat(32)}`, "--l1-from", "0"),
    "USAGE_CONFLICT",
  );
});

Deno.test("submit --forced fails by a call that L1 mined as a failure", async () => {
  const run = await runFake(["submit", "--forced", "--l1-from", "0", "--json"], {
    engine: {
      sendL1: () =>
        Promise.resolve({
          transactionHash: hashOf("cc"),
          status: "reverted",
          reason: "ForceBatchTimeoutNotExpired()",
        }),
    },
  });
  const { error } = JSON.parse(run.out);
  assertEquals([run.code, error.code], [1, "L1_TRANSACTION_REVERTED"]);
  assertStringIncludes(error.message, "ForceBatchTimeoutNotExpired()");
});

Deno.test("inspect-state operations prints a line for each, with its deadline", async () => {
  const operation = {
    number: 1,
    hash: hashOf("0a"),
    sender: ACCOUNTS[0]?.address ?? "",
    deadlineSec: 1_700_000_600,
    l1BlockNumber: 4,
    transactionHash: hashOf("0b"),
    status: "overdue",
  };
  const { text, json } = await both(["inspect-state", "operations"], {
    engine: { inspect: () => Promise.resolve([operation]) },
  });
  assertStringIncludes(text, "1       overdue  2023-11-14T22:23:20Z");
  assertEquals(json, [operation]);
  const empty = await both(["inspect-state", "operations"], {
    engine: { inspect: () => Promise.resolve([]) },
  });
  assertStringIncludes(empty.text, "run sync");
});

Deno.test("devnet --censor takes addresses and indices, --force-timeout seconds", async () => {
  const { opened: [options] } = await runFake(
    [
      "devnet",
      "--censor",
      "0,0x00000000000000000000000000000000000000ff",
      "--force-timeout",
      "600",
    ],
    { interrupted: true },
  );
  assertEquals(options !== undefined && "mode" in options ? [...options.censored ?? []] : [], [
    ACCOUNTS[0]?.address,
    "0x00000000000000000000000000000000000000ff",
  ]);
  assertEquals(options !== undefined && "mode" in options && options.forceTimeoutSec, 600n);
  assertEquals((await runFake(["devnet", "--censor", "0,x"])).code, 2);
  const external = ["devnet", "--l1-rpc", "http://x", "--force-timeout", "1"];
  assertEquals((await runFake(external)).code, 2);
});

Deno.test("inspect-state without a topic prints the heads and the next steps", async () => {
  const { text, json } = await both(["inspect-state"]);
  assertEquals(json, HEADS);
  assertStringIncludes(text, "sequenced  batch 2");
  assertStringIncludes(
    text,
    "Next: seal-batch (1 transaction pooled); submit (1 batch to sequence); " +
      "prove (1 batch to prove); submit (1 proof to verify)",
  );
});

Deno.test("devnet prints the banner, then Listening on as the last line, and stops in order", async () => {
  const run = await runFake(["devnet", "--l1-port", "0", "--l2-port=0"], { interrupted: true });
  assertEquals([run.code, run.devnetStops], [0, 1]);
  const titles = ["Available Accounts", "Private Keys", "Wallet", "Chain IDs", "Contracts on L1"];
  const places = titles.map((title) => run.out.indexOf(`\n${title}\n==`));
  assertEquals(places, [...places].sort((left, right) => left - right));
  assertEquals(places.every((place) => place > 0), true);
  assertEquals(run.out.trimEnd().split("\n").slice(-2), [
    "Listening on 127.0.0.1:18545 (L1)",
    "Listening on 127.0.0.1:19545 (L2)",
  ]);
});

Deno.test("devnet --json prints one line with the same facts", async () => {
  const run = await runFake(["devnet", "--json", "--manual"], { interrupted: true });
  const facts = JSON.parse(run.out);
  assertEquals(run.out.trimEnd().includes("\n"), false);
  assertEquals([facts.l2Port, facts.l2ChainId, facts.mode], [19545, 901, "manual"]);
  assertEquals(facts.l2RpcUrl, "http://127.0.0.1:19545");
});

Deno.test("devnet passes its flags on and refuses those that exclude each other", async () => {
  const optionsOf = async (...argv: string[]) => {
    const { opened: [options] } = await runFake(["devnet", ...argv], { interrupted: true });
    return options !== undefined && "mode" in options
      ? [options.mode, options.blockTimeMs, options.clock, options.l2Port]
      : [];
  };
  assertEquals(await optionsOf(), ["automine", undefined, "real", 9545]);
  assertEquals(await optionsOf("-b", "0.5", "--clock", "virtual", "-p", "1"), [
    "interval",
    500,
    "virtual",
    1,
  ]);
  assertEquals((await runFake(["devnet", "--manual", "--block-time", "1"])).code, 2);
});

Deno.test("devnet fails with exit 1 when a port is taken", async () => {
  const busy = new Error("Address already in use (os error 98)");
  busy.name = "AddrInUse";
  const run = await runFake(["devnet"], { startDevnet: () => Promise.reject(busy) });
  assertEquals([run.code, run.out], [1, ""]);
});
