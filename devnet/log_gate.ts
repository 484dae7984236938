/**
 * A log that can be silenced while the devnet runs.
 *
 * Owns the switch; warnings and errors always pass. Does not own where lines go.
 * @module
 */
import { areaLog, type Log } from "../core/primitives/ports.ts";

/** A log and its switch. */
export interface LogGate {
  readonly log: Log;
  setEnabled(enabled: boolean): void;
}

/** An open gate before `log`. */
export function createLogGate(log: Log): LogGate {
  let isEnabled = true;
  const gate = (inner: Log): Log => ({
    ...inner,
    debug: (text, fields) => {
      if (isEnabled) inner.debug(text, fields);
    },
    info: (text, fields) => {
      if (isEnabled) inner.info(text, fields);
    },
  });
  return {
    log: { ...gate(log), area: (area) => gate(areaLog(log, area)) },
    setEnabled: (enabled) => {
      isEnabled = enabled;
    },
  };
}
