/** What Linux tells of a control group and its CPU time. Each method reads files, and throws where they cannot be read. */
export interface Cgroup {
  /** Answers the CPU time that the group has used, in nanoseconds. */
  usageNs(): number;
  /** Answers how many cores there are. */
  cores(): number;
  /** Answers the numbers of the CPUs that the group may run on, ascending. */
  cpus(): readonly number[];
  /** Answers how many cores' worth of time the group may use; undefined is no limit. */
  limit(): number | undefined;
}

/** Reads a whole text file; throws where it cannot. */
export type ReadText = (path: string) => string;

/** Where control groups are mounted. */
export const cgroupRoot = "/sys/fs/cgroup";
