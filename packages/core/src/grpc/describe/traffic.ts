import type { CallCounts } from "./description.ts";

/** What goes over one connection. Counted on the path of every call, so nothing but numbers. */
export class Traffic {
  started = 0;
  succeeded = 0;
  failed = 0;
  messagesSent = 0;
  messagesReceived = 0;
  /** Epoch milliseconds of the last call's start; 0 before the first. */
  lastStartedAt = 0;

  /** Adds the counts of another. */
  add(other: Traffic): void {
    this.started += other.started;
    this.succeeded += other.succeeded;
    this.failed += other.failed;
    this.messagesSent += other.messagesSent;
    this.messagesReceived += other.messagesReceived;
    this.lastStartedAt = Math.max(this.lastStartedAt, other.lastStartedAt);
  }

  /** The calls among it. */
  get calls(): CallCounts {
    const { started, succeeded, failed, lastStartedAt } = this;
    return {
      started,
      succeeded,
      failed,
      lastStartedAt: lastStartedAt === 0 ? undefined : lastStartedAt,
    };
  }
}

/** Adds up. */
export function totalOf(parts: Iterable<Traffic>): Traffic {
  const total = new Traffic();
  for (const part of parts) total.add(part);
  return total;
}
