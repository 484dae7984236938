/** Data folders that are none, and files in them that are no databases. */
import { assertEquals, assertRejects } from "@std/assert";
import { RollupError } from "../../../core/primitives/errors.ts";
import { silentLog } from "../../../core/primitives/ports.ts";
import { openEngine } from "../../../devnet/open_engine.ts";

async function codeOfOpening(dataDir: string): Promise<string> {
  const error = await assertRejects(
    () => openEngine({ dataDir, clock: "virtual", log: silentLog }),
    RollupError,
  );
  assertEquals(error.mend === "", false);
  return error.code;
}

Deno.test("openEngine() refuses a data folder that is a file", async () => {
  const file = await Deno.makeTempFile();
  try {
    assertEquals(await codeOfOpening(file), "DATA_FOLDER_UNUSABLE");
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("openEngine() refuses a database file that holds something else, and frees the folder", async () => {
  const dataDir = await Deno.makeTempDir();
  try {
    const noise = new Uint8Array(5_000).map((_, index) => index * 37);
    await Deno.writeFile(`${dataDir}/node.kv`, noise);
    assertEquals(await codeOfOpening(dataDir), "STORE_FILE_CORRUPT");
    await Deno.remove(`${dataDir}/node.kv`);
    await using engine = await openEngine({ dataDir, clock: "virtual", log: silentLog });
    assertEquals((await engine.heads()).block, 0);
  } finally {
    await Deno.remove(dataDir, { recursive: true });
  }
});
