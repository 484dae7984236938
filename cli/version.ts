/**
 * The version that `--version` and the banner print.
 *
 * Owns one constant; `deno.json` names the same version and `tests/e2e` compares the two. It is not
 * read from there because a command must start without file permissions.
 * @module
 */

/** Version of the tool, as in `deno.json`. */
export const VERSION = "0.1.0";
