/**
 * Which version of Otterscan's methods this is.
 * @module
 */
import { chainMethod } from "../../method.ts";

const API_LEVEL = 8;

/** `ots_getApiLevel`: Otterscan talks to 8 and later. */
export const otsGetApiLevel = chainMethod({
  name: "ots_getApiLevel",
  summary: "Which version of Otterscan's methods this is",
  params: [],
  result: { type: "integer" },
  handler: () => API_LEVEL,
});
