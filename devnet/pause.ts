/**
 * Waiting for a time that an abort cuts short.
 *
 * Owns the one timer that loops of this room wait on. Does not own what is done about an abort.
 * @module
 */

/** Resolves after `ms` milliseconds, or at once when `signal` fires. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener("abort", end);
  });
}
