export { type Bucket, RollingCounter, type RollingCounterOptions } from "./rolling-counter.ts";
