import type { Context } from "../context/index.ts";
import type { Logger } from "../log/index.ts";
import type { Registrar } from "../registry/index.ts";
import type { Server } from "../transport/index.ts";

/** Runs at one point of an application's life; throwing there means what `AppOptions` says. */
export type Hook = (context: Context) => Promise<void> | void;

export interface AppOptions {
  /** Names this instance among its siblings. @default a random UUID */
  readonly id?: string;
  /** The name of the service, under which it is registered. @default {""} */
  readonly name?: string;
  /** @default {""} */
  readonly version?: string;
  /** Registered with the instance. @default {{}} */
  readonly metadata?: Readonly<Record<string, string>>;
  /** URLs to register; when given, the servers are not asked for theirs. @default the servers' */
  readonly endpoints?: readonly (string | URL)[];
  /** The root of every context of the application; its end stops the application. @default {background} */
  readonly context?: Context;
  /** Becomes the process's default logger when the App is made. @default the process's */
  readonly logger?: Logger;
  /** What to start and stop. @default {[]} */
  readonly servers?: readonly Server[];
  /** Signals that stop the application; the same signal again ends the process at once. @default {["SIGTERM", "SIGQUIT", "SIGINT"]} */
  readonly signals?: readonly NodeJS.Signals[];
  /** Where the instance is registered while it serves. @default none */
  readonly registrar?: Registrar;
  /** Milliseconds for registering, and again for deregistering; 0 is unlimited. @default {10000} */
  readonly registrarTimeoutMs?: number;
  /** Milliseconds each server may drain before it is cut; 0 is unlimited. @default {0} */
  readonly stopTimeoutMs?: number;
  /** Milliseconds to go on serving after deregistration, until callers have noticed. @default {0} */
  readonly drainDelayMs?: number;
  /** Run in order before the servers start; an error aborts. @default {[]} */
  readonly beforeStart?: readonly Hook[];
  /** Run in order once the instance is registered; an error stops the application. @default {[]} */
  readonly afterStart?: readonly Hook[];
  /** Run in order, all of them, before deregistration. @default {[]} */
  readonly beforeStop?: readonly Hook[];
  /** Run in order, all of them, after the servers have stopped. @default {[]} */
  readonly afterStop?: readonly Hook[];
}
