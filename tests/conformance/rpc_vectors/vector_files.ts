/**
 * Files of execution-apis' RPC tests: what is sent, and what comes back.
 *
 * Owns their format. Does not own where they lie or how answers are compared.
 * @module
 */

/** One request and its recorded answer. */
export interface Exchange {
  readonly request: string;
  readonly answer: unknown;
}

/** A file. */
export interface VectorFile {
  /** `<method>/<file>`. */
  readonly name: string;
  readonly method: string;
  /** Only the shape of answers counts. */
  readonly isShapeOnly: boolean;
  readonly exchanges: readonly Exchange[];
}

/** The file `name` with this text. @throws Error for a line that the format does not have. */
export function parseVectorFile(name: string, text: string): VectorFile {
  const exchanges: Exchange[] = [];
  let request: string | undefined;
  let isShapeOnly = false;
  for (const line of text.split("\n").map((each) => each.trim())) {
    if (line.startsWith("//")) isShapeOnly ||= /^\/\/\s*speconly:/.test(line);
    else if (line.startsWith(">>")) request = line.slice(2).trim();
    else if (line.startsWith("<<") && request !== undefined) {
      const answer: unknown = JSON.parse(line.slice(2));
      exchanges.push({ request, answer });
      request = undefined;
    } else if (line !== "") {
      throw new Error(`${name}: a line of another kind: ${line.slice(0, 60)}`);
    }
  }
  if (exchanges.length === 0) throw new Error(`${name}: it has no request and answer`);
  return { name, method: name.split("/").at(-2) ?? "", isShapeOnly, exchanges };
}

/** Every `.io` file below `folder`, by name. */
export function readVectorFiles(folder: string): readonly VectorFile[] {
  return [...listFiles(folder, "")].sort().map((name) =>
    parseVectorFile(name, Deno.readTextFileSync(`${folder}/${name}`))
  );
}

function* listFiles(folder: string, prefix: string): Iterable<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${folder}/${prefix}`)) {
    if (isDirectory) yield* listFiles(folder, `${prefix}${name}/`);
    else if (name.endsWith(".io")) yield `${prefix}${name}`;
  }
}
