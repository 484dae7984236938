import { assert, assertEquals } from "@std/assert";
import { METHODS } from "../../devnet/rpc/methods/mod.ts";
import { openRpcFiles } from "./update_openrpc.ts";

const ROOT = new URL("../../", import.meta.url);

for (const { path, text } of openRpcFiles()) {
  Deno.test(`openRpcFiles() gives what ${path} holds`, async () => {
    const present = await Deno.readTextFile(new URL(path, ROOT));
    assert(present === text, `${path} is not what the methods say: run deno task openrpc:update`);
  });
}

Deno.test("openRpcFiles() finds in every method what it does, takes and answers", () => {
  const silent = METHODS.flatMap(({ name, summary, params, result }) => [
    ...(summary === undefined || summary === "" || summary.endsWith(".")
      ? [`${name}: summary, a sentence without a period`]
      : []),
    ...(result === undefined ? [`${name}: result`] : []),
    ...params.filter(({ schema }) => schema.json === undefined).map((each) =>
      `${name}: json of ${each.name}`
    ),
  ]);
  assertEquals(silent, []);
});

Deno.test("openRpcFiles() lets what is required come before what may be left out", () => {
  const mixed = METHODS.filter(({ params }) => {
    const optional = params.map(({ schema }) => schema.isOptional === true);
    return optional.includes(true) && optional.lastIndexOf(false) > optional.indexOf(true);
  });
  assertEquals(mixed.map(({ name }) => name), []);
});
