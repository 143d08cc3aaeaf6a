export type { Context, ContextKey } from "./context.ts";
export { createContextKey, createSharedContextKey } from "./context-key.ts";
export { background } from "./background.ts";
export { type Cancel, detach, withCancel } from "./with-cancel.ts";
export { type Deadline, onDeadline } from "./deadline-wheel.ts";
export { endsOnlyByDeadline, onEnd } from "./on-end.ts";
export { sleep } from "./sleep.ts";
