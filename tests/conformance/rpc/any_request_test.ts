/**
 * Requests that nobody has thought of: every method of a real devnet, with parameters drawn from what
 * it says that it takes, several at a time and on both ports. None may end in a defect, end the
 * process, or never end.
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../../core/primitives/errors.ts";
import type { JsonSchema } from "../../../devnet/rpc/json_schema.ts";
import { METHODS } from "../../../devnet/rpc/methods/mod.ts";
import { isRecord } from "../../../devnet/rpc/schema.ts";
import { createRandom, type RandomChoices } from "../../simulation/random.ts";
import { openDevnet } from "./open_devnet.ts";

const SEED = 20_261_121;
const REQUEST_COUNT = 2_000;
const AT_A_TIME = 6;
const MAX_DEPTH = 6;
const ACCOUNTS: readonly string[] = [
  "0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266",
  "0x70997970c51812dc3a010c7d01b50e0d17dc79c8",
  "0x0000000000000000000000000000000000000001",
];
const QUANTITIES: readonly string[] = ["0x0", "0x1", "0x2", "0x3", "0x1e8480", "0xf4240"];
/** What fits no schema, or only some by chance. */
const STRANGE: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e308,
  9_007_199_254_740_993,
  "",
  "0x",
  "0x00",
  `0x${"f".repeat(64)}`,
  "0xffffffffffffffff",
  "latest",
  "pending",
  "\ud800",
  "x".repeat(2_000),
  [],
  {},
  [[]],
  { blockHash: "0x" },
  { to: ACCOUNTS[0] },
];

/** What was seen in answers, so that requests find what is there. */
interface Seen {
  readonly hashes: string[];
}

function draw(schema: JsonSchema, random: RandomChoices, seen: Seen, depth = 0): unknown {
  if (depth > MAX_DEPTH || random.chance(2)) return random.pick(STRANGE);
  const deeper = (inner: JsonSchema): unknown => draw(inner, random, seen, depth + 1);
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices !== undefined) return deeper(random.pick(choices));
  if (schema.enum !== undefined) return random.pick(schema.enum);
  switch (schema.type) {
    case "boolean":
      return random.chance(50);
    case "integer":
    case "number":
      return random.int(0, 3);
    case "array": {
      const items = schema.items === undefined || "length" in schema.items ? {} : schema.items;
      return Array.from({ length: random.int(0, 3) }, () => deeper(items));
    }
    case "object":
      return drawObject(schema, random, deeper);
    case "string":
      return drawText(schema.pattern ?? "", random, seen);
    default:
      return random.pick(STRANGE);
  }
}

function drawObject(
  { properties = {}, required = [], additionalProperties }: JsonSchema,
  random: RandomChoices,
  deeper: (schema: JsonSchema) => unknown,
): unknown {
  const named = Object.entries(properties)
    .filter(([name]) => required.includes(name) || random.chance(40))
    .map(([name, schema]) => [name, deeper(schema)]);
  // Objects by account, such as overrides.
  const others = typeof additionalProperties === "object"
    ? [[random.pick(ACCOUNTS), deeper(additionalProperties)]]
    : [];
  return Object.fromEntries([...named, ...others]);
}

function drawText(pattern: string, random: RandomChoices, { hashes }: Seen): string {
  const hex = (digits: number): string =>
    `0x${Array.from({ length: digits }, () => random.int(0, 15).toString(16)).join("")}`;
  if (pattern.includes("{40}")) return random.chance(80) ? random.pick(ACCOUNTS) : hex(40);
  if (pattern.includes("{64}")) {
    return hashes.length > 0 && random.chance(80) ? random.pick(hashes) : hex(64);
  }
  if (pattern.includes("[1-9")) return random.pick(QUANTITIES);
  return pattern.startsWith("^0x") ? hex(2 * random.int(0, 40)) : random.pick(["", "x", "1"]);
}

async function ask(url: string, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
  const response = await fetch(url, { method: "POST", body });
  return await response.json();
}

Deno.test(`any request is answered, and both ports work on (seed ${SEED})`, async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    await using devnet = await openDevnet(dataDir);
    const random = createRandom(SEED);
    const seen: Seen = { hashes: [] };
    // What makes folders where it is told to would make them here.
    const methods = METHODS.filter(({ name }) => name !== "varve_rebuild").flatMap((
      { name, aliases, params },
    ) => [name, ...aliases].map((each) => ({ name: each, params })));
    const codes = new Map<unknown, number>();
    let left = REQUEST_COUNT;
    const askOften = async (): Promise<void> => {
      while (left-- > 0) {
        const { name, params } = random.pick(methods);
        const drawn = params.map(({ schema }) => draw(schema.json ?? {}, random, seen));
        const given = random.chance(5) ? drawn.slice(0, random.int(0, drawn.length)) : drawn;
        const answer = await ask(random.pick([devnet.l1Url, devnet.l2Url]), name, given);
        assert(isRecord(answer), "an answer is an object");
        const { error, result } = answer;
        const code = isRecord(error) ? error["code"] : 0;
        assert(code !== -32603, `${name} ${JSON.stringify(given)}: ${JSON.stringify(error)}`);
        assert(isRecord(error) || result !== undefined, `${name} answers something`);
        codes.set(code, (codes.get(code) ?? 0) + 1);
        const found = JSON.stringify(result ?? null).matchAll(/"(0x[0-9a-f]{64})"/g);
        for (const [, hash] of found) {
          if (hash !== undefined && seen.hashes.length < 200) seen.hashes.push(hash);
        }
      }
    };
    await Promise.all(Array.from({ length: AT_A_TIME }, askOften));
    // Otherwise nothing was tried.
    assert((codes.get(0) ?? 0) > REQUEST_COUNT / 4, "many of them have a result");
    for (const url of [devnet.l1Url, devnet.l2Url]) {
      const answer = await ask(url, "eth_blockNumber", []);
      assertEquals(isRecord(answer) && typeof answer["result"], "string");
    }
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
