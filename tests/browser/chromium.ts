/**
 * Where a Chromium is on this machine.
 *
 * Owns the search, what is said when there is none, and loading its driver. Does not own pages.
 * @module
 */
import fs from "node:fs";
import type { BrowserType } from "playwright-core";

/** Names under which systems install it. */
const NAMES: readonly string[] = ["chromium", "chromium-browser", "google-chrome"];

/** How to come by one. */
export const HOW_TO_INSTALL =
  "Install Chromium: `apt-get install chromium` on Debian, or set CHROMIUM_PATH to a browser.";

/** The path of a Chromium, or `undefined`. Needs `--allow-read` and `--allow-env`. */
export async function findChromium(): Promise<string | undefined> {
  const named = Deno.env.get("CHROMIUM_PATH");
  if (named !== undefined && named !== "") return named;
  const folders = (Deno.env.get("PATH") ?? "").split(":").filter((folder) => folder !== "");
  for (const folder of folders) {
    for (const name of NAMES) {
      const path = `${folder}/${name}`;
      if (await isFile(path)) return path;
    }
  }
  return undefined;
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isFile;
  } catch (error) {
    // Whatever cannot be seen cannot be started either.
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
      return false;
    }
    if (error instanceof Deno.errors.PermissionDenied) return false;
    throw error;
  }
}

/**
 * playwright's Chromium driver, under listed permissions.
 *
 * Loading it asks whether some files of `/proc` are there. Deno gives those to `--allow-all` only,
 * and for a test a file that may not be seen is as good as absent.
 */
export async function loadPlaywright(): Promise<BrowserType> {
  const existsSync = fs.existsSync;
  fs.existsSync = (path) => {
    try {
      return existsSync(path);
    } catch {
      return false;
    }
  };
  const { chromium } = await import("playwright-core");
  return chromium;
}
