/**
 * The drills of `docs/DRILLS.md`, line by line: a sequencer that censors, a user who forces, a
 * stranger who proves, and a node rebuilt from L1.
 *
 * Ports and folders are replaced by free ones and nothing else. A line of another form fails the
 * test, so that whoever writes it says in `documents.ts` how it is run.
 * @module
 */
import { assertEquals } from "@std/assert";
import { assert } from "../../core/primitives/errors.ts";
import {
  readDocument,
  runRemarkedLine,
  shellBlocks,
  startDocumentedDevnet,
  taskNames,
} from "./documents.ts";
import { CAST, endProcess, temporaryFolder } from "./testing.ts";

/** Where the document's L1 listens. */
const L1_URL = "http://127.0.0.1:8545";
/** The folders of the document. */
const FOLDERS = /\bmy-(sequencer|node|copy)\b/g;
/** The blocks that run beside the devnet; it is stopped after them, and the others open its folder. */
const BLOCKS_BESIDE_DEVNET = 5;

Deno.test({
  name: "docs/DRILLS.md: a censored transaction is forced, proven by a stranger and consolidated",
  ignore: CAST === undefined,
  fn: async (t) => {
    const blocks = shellBlocks(await readDocument("docs/DRILLS.md"));
    const [start, ...drill] = blocks;
    const [devnetLine, ...others] = start ?? [];
    assert(devnetLine !== undefined, "the first block starts the devnet");
    assertEquals([others, drill.length], [[], BLOCKS_BESIDE_DEVNET + 2]);
    await using folder = await temporaryFolder();
    const placed = (line: string) => line.replace(FOLDERS, `${folder.path}/my-$1`);
    {
      await using devnet = await startDocumentedDevnet(placed(devnetLine));
      const { l1Url } = devnet;
      assert(l1Url !== undefined, "the drill's L1 is the embedded one");
      for (const line of drill.slice(0, BLOCKS_BESIDE_DEVNET).flat()) {
        await t.step(line, () => runRemarkedLine(placed(line).replace(L1_URL, l1Url)));
      }
      endProcess(devnet.child, "SIGINT");
      assertEquals((await devnet.child.status).code, 0);
    }
    for (const line of drill.slice(BLOCKS_BESIDE_DEVNET).flat()) {
      await t.step(line, () => runRemarkedLine(placed(line)));
    }
  },
});

Deno.test("docs/DRILLS.md names only tasks that exist", async () => {
  const tasks = await taskNames();
  const text = await readDocument("docs/DRILLS.md");
  const named = [...text.matchAll(/\bdeno(?:@[\d.]+)? task ([a-z][a-z:-]*)/g)];
  assertEquals(named.length > 10, true);
  for (const [words, name = ""] of named) assert(tasks.has(name), `deno.json has "${words}"`);
});
