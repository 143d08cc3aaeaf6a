export { type Failure, recovery, type RecoveryOptions } from "./recovery.ts";
