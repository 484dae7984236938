/**
 * What every method must do: answer a good request with plain JSON, and name the wrong parameter.
 *
 * Owns how the cases of a namespace are run. Does not own the cases: each namespace has its own
 * beside its methods.
 * @module
 */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import type { RpcMethod } from "../method.ts";
import { validateJson } from "./json_validator.ts";
import { createFixture, type Fixture, refusalOf } from "./fixture.ts";

/** A good request, what it must answer, and bad parameters with the name that is then blamed. */
export interface Case {
  /** The L2 unless the method needs the L1. */
  readonly layer?: "L1" | "L2";
  readonly params?: (fixture: Fixture) => readonly unknown[] | Promise<readonly unknown[]>;
  readonly check: (result: unknown, fixture: Fixture) => void | Promise<void>;
  readonly wrong: readonly [params: readonly unknown[], blamed: string][];
}

/** A check that the answer is `wanted`. */
export const equals = (wanted: unknown) => (result: unknown): void => assertEquals(result, wanted);
/** Parameters of a method that takes none. */
export const TOO_MANY: Case["wrong"] = [[[1], "too many arguments, want at most 0"]];
/** A hash that nothing has. */
export const UNKNOWN = `0x${"12".repeat(32)}`;

/** Field `name` of an object in an answer. */
export function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) throw new TypeError(`${value} has no ${name}`);
  return Reflect.get(value, name);
}

const NEEDS_SOCKET = ["eth_subscribe", "eth_unsubscribe"];

/** Registers the tests of `methods`, each of which has its case in `cases`. */
export function testMethods(
  methods: readonly RpcMethod[],
  cases: Readonly<Record<string, Case>>,
): void {
  const names = methods.map(({ name }) => name);
  Deno.test(`every method of this namespace has a case: ${names[0]} …`, () => {
    assertEquals(Object.keys(cases).toSorted(), names.toSorted());
  });
  for (const method of methods) {
    const testCase = cases[method.name];
    if (testCase !== undefined) testMethod(method, testCase);
  }
}

function testMethod(
  { name, needs, result: described }: RpcMethod,
  { params, check, wrong, ...given }: Case,
): void {
  const layer = given.layer ?? (needs === "controls" ? "L1" : "L2");
  const describedResult = described ?? {};
  if (!NEEDS_SOCKET.includes(name)) {
    Deno.test(`${name} answers what it is for`, async () => {
      const fixture = await createFixture({ layer });
      const values = await params?.(fixture) ?? [];
      const result = await fixture.dispatcher.request(name, values);
      // What is not plain JSON would be lost or would throw on the wire.
      assertEquals(JSON.parse(JSON.stringify(result)), result);
      // The OpenRPC document is made from this schema, so it must not lie.
      assertEquals(validateJson(describedResult, result), []);
      await check(result, fixture);
    });
  }
  Deno.test(`${name} names the wrong parameter`, async () => {
    const { dispatcher } = await createFixture({ layer });
    assert(wrong.length > 0);
    for (const [values, blamed] of wrong) {
      const error = await refusalOf(dispatcher, name, values);
      assertEquals(error.code, -32602, `${JSON.stringify(values)}: ${error.message}`);
      assertStringIncludes(error.message, blamed);
    }
  });
}
